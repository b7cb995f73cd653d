"""What differs between two states of a workflow: which node, which input, before, after. Pure.

Both formats are looked at as they are, without a host: in the editor's format, values have the names that the file
itself gives them, else a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from comfydesk.workflow.source import Source

MAX_DIFFERENCES = 2_000
_MODES = {0: "active", 1: "active", 2: "muted", 4: "bypassed"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs. `before` and `after` are JSON values, None where there was or is none.

    `kind`: "added" | "removed" (a node), "value" | "link" (of `input`), "mode" (active, muted, bypassed), "title",
    "class", "format" (API against the editor's). A link is written as "node title (id), output n".
    """

    kind: Literal["added", "removed", "value", "link", "mode", "title", "class", "format"]
    node_id: str = ""
    node: str = ""  # its title, else its class
    input: str = ""
    before: Any = None
    after: Any = None


@dataclass(slots=True)
class _Node:
    class_type: str
    title: str
    mode: str
    values: dict[str, Any] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        return self.title or self.class_type


def differences(before: Source, after: Source) -> list[Difference]:
    """At most MAX_DIFFERENCES, in the order of the nodes: those of `before` first, then the new ones."""
    old, new = _nodes(before), _nodes(after)
    found: list[Difference] = []
    if (before.gui is None) != (after.gui is None):
        found.append(Difference("format", before=_format(before), after=_format(after)))
    for node_id, node in old.items():
        other = new.get(node_id)
        if other is None:
            found.append(Difference("removed", node_id, node.label, before=node.class_type))
        else:
            found.extend(_in_node(node_id, node, other))
    found.extend(
        Difference("added", node_id, node.label, after=node.class_type)
        for node_id, node in new.items()
        if node_id not in old
    )
    return found[:MAX_DIFFERENCES]


def _in_node(node_id: str, old: _Node, new: _Node) -> Iterator[Difference]:
    label = new.label
    if old.class_type != new.class_type:
        yield Difference("class", node_id, label, before=old.class_type, after=new.class_type)
    if old.title != new.title:
        yield Difference("title", node_id, label, before=old.title or None, after=new.title or None)
    if old.mode != new.mode:
        yield Difference("mode", node_id, label, before=old.mode, after=new.mode)
    for name in [*old.values, *(name for name in new.values if name not in old.values)]:
        before, after = old.values.get(name), new.values.get(name)
        if not _same(before, after):
            yield Difference("value", node_id, label, name, before, after)
    for name in [*old.links, *(name for name in new.links if name not in old.links)]:
        if old.links.get(name) != new.links.get(name):
            yield Difference("link", node_id, label, name, old.links.get(name), new.links.get(name))


def _same(a: Any, b: Any) -> bool:
    """1 and True are two things to a node, 1 and 1.0 are not to a person; NaN is NaN."""
    return (a == b and isinstance(a, bool) == isinstance(b, bool)) or (a != a and b != b)


def _format(source: Source) -> str:
    return "api" if source.gui is None else "gui"


def _nodes(source: Source) -> dict[str, _Node]:
    if source.gui is None:
        return _of_prompt(source.prompt or {})
    found: dict[str, _Node] = {}
    _of_graph(source.gui, "", found)
    definitions = source.gui.get("definitions")
    parts = definitions.get("subgraphs") if isinstance(definitions, dict) else None
    for part in parts if isinstance(parts, list) else ():
        if isinstance(part, dict):
            _of_graph(part, f"{part.get('name') or part.get('id')}: ", found)
    return found


def _of_prompt(prompt: Mapping[str, Any]) -> dict[str, _Node]:
    labels = {node_id: _title(node) or str(node.get("class_type", "")) for node_id, node in prompt.items()}
    found: dict[str, _Node] = {}
    for node_id, node in prompt.items():
        made = found[node_id] = _Node(str(node.get("class_type", "")), _title(node), "active")
        inputs = node.get("inputs")
        for name, value in inputs.items() if isinstance(inputs, dict) else ():
            is_link = isinstance(value, list) and len(value) == 2 and str(value[0]) in prompt and type(value[1]) is int
            if is_link:
                made.links[name] = _link(labels.get(str(value[0]), ""), value[0], value[1])
            else:
                made.values[name] = value
    return found


def _title(node: Mapping[str, Any]) -> str:
    meta = node.get("_meta")
    title = meta.get("title") if isinstance(meta, dict) else None
    return title if isinstance(title, str) else ""


def _of_graph(graph: Mapping[str, Any], prefix: str, found: dict[str, _Node]) -> None:
    listed = graph.get("nodes")
    nodes = [node for node in listed if isinstance(node, dict)] if isinstance(listed, list) else []
    origins = dict(_origins(graph.get("links")))
    labels = {str(node.get("id")): str(node.get("title") or node.get("type") or "") for node in nodes}
    for node in nodes:
        mode = node.get("mode")
        shown = _MODES.get(mode, "active") if type(mode) is int else "active"
        title = node.get("title")
        key = f"{prefix}{node.get('id')}"
        made = _Node(str(node.get("type", "")), title if isinstance(title, str) else "", shown)
        found[key] = made
        slots = node.get("inputs")
        inputs = [slot for slot in slots if isinstance(slot, dict)] if isinstance(slots, list) else []
        _name_values(made, node.get("widgets_values"), inputs)
        for slot in inputs:
            origin = origins.get(str(slot.get("link"))) if slot.get("link") is not None else None
            if origin is not None:
                made.links[str(slot.get("name", ""))] = _link(labels.get(origin[0], ""), *origin)


def _name_values(made: _Node, values: Any, inputs: list[dict[str, Any]]) -> None:
    if isinstance(values, dict):
        made.values.update((str(name), value) for name, value in values.items())
        return
    names = [slot["widget"].get("name") for slot in inputs if isinstance(slot.get("widget"), dict)]
    listed = values if isinstance(values, list) else []
    # Names stand beside the values only where the page wrote one for each; a seed has a second value without a name.
    places = iter(names)
    name: Any = None
    for index, value in enumerate(listed):
        follows_seed = name in ("seed", "noise_seed") and value in ("fixed", "increment", "decrement", "randomize")
        name = f"{name} after" if follows_seed else next(places, None)
        made.values[str(name) if isinstance(name, str) else f"value {index + 1}"] = value


def _origins(links: Any) -> Iterator[tuple[str, tuple[str, Any]]]:
    """Link id → (node id, slot) that it comes from; the page writes links as lists, inside subgraphs as objects."""
    for link in links if isinstance(links, list) else ():
        if isinstance(link, list) and len(link) >= 3:
            yield str(link[0]), (str(link[1]), link[2])
        elif isinstance(link, dict):
            yield str(link.get("id")), (str(link.get("origin_id")), link.get("origin_slot"))


def _link(label: str, node_id: Any, slot: Any) -> str:
    return f"{label} ({node_id}), output {slot}"
