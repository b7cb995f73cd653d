"""What the editor makes of a host's node classes: inputs in its order, with those that the editor itself adds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from comfydesk.workflow.conversion import page_additions


@dataclass(frozen=True, slots=True)
class Declared:
    """One input as a node class declares it: its type on links, and its options. `choices` is None for no list."""

    name: str
    type: str
    options: Mapping[str, Any] = field(default_factory=dict)
    choices: list[Any] | None = None

    @property
    def widget_type(self) -> str:
        given = self.options.get("widgetType")
        return given if isinstance(given, str) and given else self.type

    @property
    def is_forced(self) -> bool:
        return bool(self.options.get("forceInput"))

    def renamed(self, name: str) -> Declared:
        return replace(self, name=name)


@dataclass(frozen=True, slots=True)
class NodeClass:
    """A class of the host: inputs in the order of the editor's sockets, outputs as (name, type).

    `listed` has the same inputs in the order of the host's own list, which older files count their values by.
    """

    name: str
    title: str
    inputs: tuple[Declared, ...]
    listed: tuple[Declared, ...]
    outputs: tuple[tuple[str, str], ...]
    output_groups: tuple[str | None, ...] = ()

    def input(self, name: str) -> Declared | None:
        return next((item for item in self.listed if item.name == name), None)


class Classes:
    """The host's classes, each read when first asked for."""

    def __init__(self, object_info: Mapping[str, Any]) -> None:
        self._raw = object_info if isinstance(object_info, Mapping) else {}
        self._read: dict[str, NodeClass | None] = {}

    def get(self, name: str) -> NodeClass | None:
        if name not in self._read:
            raw = self._raw.get(name)
            self._read[name] = _read_class(name, raw) if isinstance(raw, Mapping) and raw else None
        return self._read[name]

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None


def declare(name: str, raw: Any) -> Declared:
    """`["INT", {…}]`, `[["a", "b"], {…}]` or `["COMBO", {"options": […]}]`."""
    parts = raw if isinstance(raw, list | tuple) else [raw]
    first = parts[0] if parts else "*"
    second = parts[1] if len(parts) > 1 else None
    options: Mapping[str, Any] = second if isinstance(second, Mapping) else {}
    if isinstance(first, list | tuple):
        return Declared(name, "COMBO", options, list(first))
    if first == "COMBO":
        listed = options.get("options")
        return Declared(name, "COMBO", options, list(listed) if isinstance(listed, list | tuple) else [])
    return Declared(name, first if isinstance(first, str) else "UNKNOWN", options)


def declare_all(sections: Any) -> Iterator[Declared]:
    """The inputs of `{"required": {…}, "optional": {…}}`."""
    if not isinstance(sections, Mapping):
        return
    for section in ("required", "optional"):
        items = sections.get(section)
        if isinstance(items, Mapping):
            for name, raw in items.items():
                yield declare(str(name), raw)


def _read_class(name: str, raw: Mapping[str, Any]) -> NodeClass:
    sections = raw.get("input")
    given = sections if isinstance(sections, Mapping) else {}
    required = given.get("required")
    required = dict(required) if isinstance(required, Mapping) else {}
    optional = given.get("optional")
    optional = optional if isinstance(optional, Mapping) else {}
    required.update(page_additions.inputs_of(name, required))
    inputs = {str(key): declare(str(key), part) for key, part in required.items()}
    inputs.update({str(key): declare(str(key), part) for key, part in optional.items()})
    order = raw.get("input_order")
    ordered = _in_order(inputs, set(map(str, optional)), order if isinstance(order, Mapping) else {})
    title = raw.get("display_name")
    matched = raw.get("output_matchtypes")
    return NodeClass(
        name,
        title if isinstance(title, str) and title else name,
        tuple(ordered),
        tuple(inputs.values()),
        tuple(_outputs(raw)),
        tuple(item if isinstance(item, str) else None for item in matched) if isinstance(matched, list) else (),
    )


def _in_order(inputs: dict[str, Declared], optional: set[str], order: Mapping[str, Any]) -> list[Declared]:
    """As `input_order` says; what it does not name comes last."""
    names: dict[str, None] = {}
    for section, wanted in (("required", False), ("optional", True)):
        listed = order.get(section)
        for name in listed if isinstance(listed, list) else ():
            if isinstance(name, str) and name in inputs and (name in optional) is wanted:
                names[name] = None
    names.update(dict.fromkeys(inputs))
    return [inputs[name] for name in names]


def _outputs(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    types, names = raw.get("output"), raw.get("output_name")
    listed = names if isinstance(names, list) else []
    for index, kind in enumerate(types if isinstance(types, list) else ()):
        name = listed[index] if index < len(listed) else ""
        text = kind if isinstance(kind, str) else "COMBO"
        yield str(name), "*" if text == "COMFY_MATCHTYPE_V3" else text
