"""What a host's nodes take: the typed form of `/object_info`. Never raises on odd specs; classes are read on demand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from comfydesk.workflow.prices import FREE, price_of

SECTIONS = ("required", "optional", "hidden")
DYNAMIC_COMBO = "COMFY_DYNAMICCOMBO_V3"
AUTOGROW = "COMFY_AUTOGROW_V3"
MATCH_TYPE = "COMFY_MATCHTYPE_V3"
BASIC_TYPES = frozenset({"INT", "FLOAT", "STRING", "BOOLEAN", "COMBO", "COLOR"})
# Types whose value a person makes in an editor of the page's own, with what a new node holds there (frontend 1.49.6).
MADE_TYPES: Mapping[str, Any] = {
    "BOUNDING_BOX": {"x": 0, "y": 0, "width": 512, "height": 512},
    "BOUNDING_BOXES": [],
    "COLORS": [],
    "COMPOSITOR": {},
    "CURVE": {"points": [[0, 0], [1, 1]], "interpolation": "monotone_cubic"},
    "AUDIO_RECORD": "",  # the name of a recording on the server
    "WEBCAM": "",  # the name of a picture on the server
    "COLOR": "#000000",
}
EDITABLE_TYPES = BASIC_TYPES | MADE_TYPES.keys()


@dataclass(frozen=True, slots=True)
class InputSpec:
    """One input of a node class. `type` is the server's word; a list of choices reads as COMBO in both spellings.

    `choices` is None where there are none or where they are fetched from elsewhere. `options` are the server's own.
    """

    name: str
    type: str
    section: str = "required"
    choices: tuple[Any, ...] | None = None
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def required(self) -> bool:
        return self.section == "required"

    @property
    def is_hidden(self) -> bool:
        """Filled in by the server or by the page, not by a person."""
        return self.section == "hidden" or bool(self.options.get("hidden"))

    @property
    def is_editable(self) -> bool:
        """A person may type or choose it; everything else comes by a link."""
        return self.type in EDITABLE_TYPES and not self.options.get("forceInput") and not self.is_hidden

    @property
    def has_default(self) -> bool:
        return "default" in self.options

    @property
    def default(self) -> Any:
        """The value that a new node has: the spec's, else the first choice, else the type's own; None for links."""
        given = self.options.get("default")
        if given is not None:
            return given
        if self.type in ("COMBO", DYNAMIC_COMBO):
            return self.choices[0] if self.choices else None
        if self.type in MADE_TYPES:
            return MADE_TYPES[self.type]
        return {"INT": self._least(0), "FLOAT": float(self._least(0)), "STRING": "", "BOOLEAN": False}.get(self.type)

    def _least(self, wanted: int) -> int | float:
        low = self.number("min")
        return low if low is not None and low > wanted else wanted

    def number(self, option: str) -> int | float | None:
        """A numeric option (min, max, step, round), None where it is absent or not a finite number."""
        value = self.options.get(option)
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value or value in _INFINITE:
            return None
        return value

    def text(self, option: str) -> str:
        """A text option (tooltip, placeholder, display, …), "" where it is absent or not a text."""
        value = self.options.get(option)
        return value if isinstance(value, str) else ""

    def flag(self, option: str) -> bool:
        """A yes-or-no option (multiline, advanced, image_upload, …)."""
        return self.options.get(option) is True


_INFINITE = (float("inf"), float("-inf"))


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """One node class of a host."""

    class_type: str
    inputs: tuple[InputSpec, ...]
    display_name: str = ""
    category: str = ""
    description: str = ""
    outputs: tuple[str, ...] = ()  # types by slot
    output_names: tuple[str, ...] = ()
    output_node: bool = False
    api_node: bool = False  # runs on a service outside
    price: str = ""  # of one such run, where the spec says it in plain numbers
    deprecated: bool = False
    experimental: bool = False
    by_name: Mapping[str, InputSpec] = field(default_factory=dict, repr=False, compare=False)
    is_dynamic: bool = False  # has inputs that bring others

    @property
    def is_paid(self) -> bool:
        """A run costs money."""
        return self.api_node and self.price != FREE

    def input(self, name: str) -> InputSpec | None:
        """The input of that plain name; `workflow.dynamic.expand` finds those with dots."""
        return self.by_name.get(name)


class Specs:
    """The node classes of one host, out of decoded `/object_info` (of all classes, or of some)."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw
        self._nodes: dict[str, NodeSpec | None] = {}

    @classmethod
    def from_object_info(cls, raw: Mapping[str, Any]) -> Specs:
        """Nothing is read yet; `raw` must not be changed afterwards."""
        return cls(raw if isinstance(raw, Mapping) else {})

    def node(self, class_type: str) -> NodeSpec | None:
        """The spec of a class, None where the host does not have it."""
        if class_type not in self._nodes:
            item = self._raw.get(class_type)
            known = isinstance(item, Mapping) and bool(item)
            self._nodes[class_type] = _node(class_type, item) if known else None  # type: ignore[arg-type]
        return self._nodes[class_type]

    @property
    def object_info(self) -> Mapping[str, Any]:
        """What the specs were read from; not to be changed."""
        return self._raw

    def classes(self) -> tuple[str, ...]:
        """The names of all classes."""
        return tuple(self._raw)

    def __len__(self) -> int:
        return len(self._raw)


def _node(class_type: str, raw: Mapping[str, Any]) -> NodeSpec:
    by_name: dict[str, InputSpec] = {}
    for item in read_inputs(raw.get("input")):
        by_name.setdefault(item.name, item)  # some nodes have a hidden "prompt" beside the one that a person writes
    inputs = tuple(by_name.values())
    return NodeSpec(
        class_type,
        inputs,
        display_name=_text(raw.get("display_name")),
        category=_text(raw.get("category")),
        description=_text(raw.get("description")),
        outputs=tuple(_type_name(item) for item in _list(raw.get("output"))),
        output_names=tuple(_text(item) for item in _list(raw.get("output_name"))),
        output_node=raw.get("output_node") is True,
        api_node=raw.get("api_node") is True,
        price=price_of(raw.get("price_badge")),
        deprecated=raw.get("deprecated") is True,
        experimental=raw.get("experimental") is True,
        by_name=by_name,
        is_dynamic=any(item.type in (DYNAMIC_COMBO, AUTOGROW) for item in inputs),
    )


def read_inputs(sections: Any) -> Iterable[InputSpec]:
    """The inputs of `{"required": {…}, "optional": {…}, "hidden": {…}}`, in that order."""
    if not isinstance(sections, Mapping):
        return
    for section in SECTIONS:
        items = sections.get(section)
        if isinstance(items, Mapping):
            for name, raw in items.items():
                yield read_input(str(name), raw, section)


def read_input(name: str, raw: Any, section: str = "required") -> InputSpec:
    """One input: `["INT", {…}]`, `[["a", "b"], {…}]`, `["COMBO", {"options": […]}]`, or "UNIQUE_ID"."""
    first = raw[0] if isinstance(raw, list | tuple) and raw else raw
    second = raw[1] if isinstance(raw, list | tuple) and len(raw) > 1 else None
    options: Mapping[str, Any] = second if isinstance(second, Mapping) else {}
    if isinstance(first, list | tuple):
        return InputSpec(name, "COMBO", section, tuple(first), options)
    type_name = _type_name(first)
    if type_name == "COMBO":
        listed = options.get("options")
        choices = tuple(listed) if isinstance(listed, list | tuple) else None
        return InputSpec(name, "COMBO", section, choices, options)
    if type_name == DYNAMIC_COMBO:
        keys = tuple(
            item["key"] for item in _list(options.get("options")) if isinstance(item, Mapping) and "key" in item
        )
        return InputSpec(name, type_name, section, keys, options)
    widget = options.get("widgetType")
    if "," in type_name and isinstance(widget, str) and widget in BASIC_TYPES:
        type_name = widget  # takes several types by link, and shows the editor of this one
    return InputSpec(name, type_name, section, None, options)


def _type_name(value: Any) -> str:
    return value if isinstance(value, str) else "COMBO" if isinstance(value, list | tuple) else "*"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _list(value: Any) -> list[Any] | tuple[Any, ...]:
    return value if isinstance(value, list | tuple) else ()
