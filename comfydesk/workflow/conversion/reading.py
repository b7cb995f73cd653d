"""The editor's file, typed: nodes, links and subgraphs of every version of the format. Odd entries are named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from comfydesk.base.errors import Problem
from comfydesk.workflow.conversion.model import Note
from comfydesk.workflow.conversion.places import Path

MAX_NODES = 10_000  # in the file, and in the prompt that it becomes
MAX_LINKS = 50_000
MAX_SLOTS = 100_000
MAX_DEFINITIONS = 1_000
MAX_WIDGET_VALUES = 1_000  # of one node
MAX_SLOTS_OF_NODE = 2_000
MAX_DEPTH = 50  # of subgraphs inside each other


@dataclass(slots=True)
class FileInput:
    name: str
    type: Any
    link: str | None = None
    widget: str | None = None
    label: str | None = None


@dataclass(slots=True)
class FileOutput:
    name: str
    type: Any
    links: list[str] = field(default_factory=list)


@dataclass(slots=True)
class FileNode:
    """A node of the file. `values` are its `widgets_values`: a list, a dict of names, or None."""

    id: str | None
    type: str
    title: str | None
    mode: int
    inputs: list[FileInput]
    outputs: list[FileOutput]
    values: list[Any] | dict[str, Any] | None
    properties: Mapping[str, Any]
    path: Path
    numbered: bool = True  # the id is a number, not a text


@dataclass(slots=True)
class FileLink:
    id: str
    origin: str
    origin_slot: int
    target: str
    target_slot: int
    type: Any = "*"


@dataclass(slots=True)
class FilePort:
    """An input or output of a subgraph. `links` are the links inside that begin or end at it."""

    name: str
    type: Any
    links: list[str]
    id: str = ""
    label: str | None = None


@dataclass(slots=True)
class FileGraph:
    """The workflow itself or one subgraph definition."""

    id: str
    name: str
    nodes: list[FileNode]
    links: list[FileLink]
    inputs: list[FilePort] = field(default_factory=list)
    outputs: list[FilePort] = field(default_factory=list)


@dataclass(slots=True)
class FileWorkflow:
    root: FileGraph
    subgraphs: list[FileGraph]
    groups: Mapping[str, Any]  # group nodes of older files, by name
    last_node_id: int


def is_gui(value: Any) -> bool:
    """Whether decoded JSON is a workflow as the editor saves it."""
    return isinstance(value, Mapping) and isinstance(value.get("nodes"), list)


def read(graph: Any, notes: list[Note]) -> FileWorkflow:
    """Type the file. Raises Problem workflow_not where it holds no graph, workflow_limits where it is too large."""
    if not is_gui(graph):
        raise Problem("workflow_not", file="The workflow", detail="it has no list of nodes")
    reader = _Reader(notes)
    root = reader.graph(graph, ())
    subgraphs = list(reader.definitions(graph, (), 0))
    extra = graph.get("extra")
    groups = extra.get("groupNodes") if isinstance(extra, Mapping) else None
    last = graph.get("last_node_id")
    state = graph.get("state")
    if type(last) is not int and isinstance(state, Mapping):
        last = state.get("lastNodeId")
    return FileWorkflow(
        root, subgraphs, groups if isinstance(groups, Mapping) else {}, last if type(last) is int else 0
    )


def read_group_nodes(raw: Mapping[str, Any], path: Path) -> list[FileNode]:
    """The nodes that a group node of an older file stands for; they have no links of their own."""
    return _Reader([]).group(raw, path)


class _Reader:
    def __init__(self, notes: list[Note]) -> None:
        self._notes = notes
        self._nodes = self._links = self._slots = self._definitions = 0

    def definitions(self, raw: Mapping[str, Any], path: Path, depth: int) -> Iterator[FileGraph]:
        """All subgraph definitions, those inside definitions too."""
        held = raw.get("definitions")
        listed = held.get("subgraphs") if isinstance(held, Mapping) else None
        if not isinstance(listed, list):
            return
        if depth >= MAX_DEPTH:
            raise _too_large(f"its subgraphs lie more than {MAX_DEPTH} deep inside each other")
        for index, item in enumerate(listed):
            self._definitions = _count(self._definitions, 1, MAX_DEFINITIONS, "subgraphs")
            here = (*path, "definitions", "subgraphs", index)
            if not isinstance(item, Mapping) or not isinstance(item.get("id"), str | int):
                self._odd("graph_odd", here)
                continue
            yield self.graph(item, here)
            yield from self.definitions(item, here, depth + 1)

    def group(self, raw: Mapping[str, Any], path: Path) -> list[FileNode]:
        listed = _listed(raw.get("nodes"))
        self._nodes = _count(self._nodes, len(listed), MAX_NODES, "nodes")
        nodes = [self._node(item, (*path, "nodes", i)) for i, item in enumerate(listed) if isinstance(item, Mapping)]
        for node in nodes:
            node.id = None
            for slot in node.inputs:
                slot.link = None
            for output in node.outputs:
                output.links = []
        return nodes

    def graph(self, raw: Mapping[str, Any], path: Path) -> FileGraph:
        nodes = _listed(raw.get("nodes"))
        self._nodes = _count(self._nodes, len(nodes), MAX_NODES, "nodes")
        read_nodes = []
        for index, item in enumerate(nodes):
            here = (*path, "nodes", index)
            if isinstance(item, Mapping):
                read_nodes.append(self._node(item, here))
            else:
                self._odd("node_odd", here)
        if path:
            self._count_slots(_listed(raw.get("inputs")), _listed(raw.get("outputs")))
        links = list(raw["links"].values()) if isinstance(raw.get("links"), Mapping) else _listed(raw.get("links"))
        self._links = _count(self._links, len(links), MAX_LINKS, "links")
        return FileGraph(
            _text(raw.get("id")) or str(raw.get("id", "")),
            _text(raw.get("name")),
            read_nodes,
            [link for link in map(_link, links) if link],
            [_port(item) for item in _listed(raw.get("inputs")) if isinstance(item, Mapping)] if path else [],
            [_port(item) for item in _listed(raw.get("outputs")) if isinstance(item, Mapping)] if path else [],
        )

    def _node(self, raw: Mapping[str, Any], path: Path) -> FileNode:
        values = raw.get("widgets_values")
        if isinstance(values, list | Mapping) and len(values) > MAX_WIDGET_VALUES:
            raise _too_large(f"a node has {len(values):,} values, more than {MAX_WIDGET_VALUES:,}")
        inputs, outputs = _listed(raw.get("inputs")), _listed(raw.get("outputs"))
        self._count_slots(inputs, outputs)
        mode, properties, node_id = raw.get("mode"), raw.get("properties"), raw.get("id")
        title = raw.get("title")
        return FileNode(
            _identity(node_id),
            _text(raw.get("type")),
            title if isinstance(title, str) else None,
            mode if type(mode) is int else 0,
            [_input(item) for item in inputs if isinstance(item, Mapping)],
            [_output(item) for item in outputs if isinstance(item, Mapping)],
            list(values) if isinstance(values, list) else dict(values) if isinstance(values, Mapping) else None,
            properties if isinstance(properties, Mapping) else {},
            path,
            isinstance(node_id, int),
        )

    def _count_slots(self, inputs: list[Any], outputs: list[Any]) -> None:
        most = max(len(inputs), len(outputs))
        if most > MAX_SLOTS_OF_NODE:
            raise _too_large(f"a node has {most:,} inputs or outputs, more than {MAX_SLOTS_OF_NODE:,}")
        self._slots = _count(self._slots, len(inputs) + len(outputs), MAX_SLOTS, "inputs and outputs")

    def _odd(self, code: str, path: Path) -> None:
        self._notes.append(Note(code, {"detail": "/".join(map(str, path))}))


def _input(raw: Mapping[str, Any]) -> FileInput:
    widget = raw.get("widget")
    return FileInput(
        _text(raw.get("name")),
        _slot_type(raw.get("type")),
        _identity(raw.get("link")),
        _text(widget.get("name")) if isinstance(widget, Mapping) else None,
        raw["label"] if isinstance(raw.get("label"), str) else None,
    )


def _output(raw: Mapping[str, Any]) -> FileOutput:
    return FileOutput(_text(raw.get("name")), _slot_type(raw.get("type")), _identities(raw.get("links")))


def _port(raw: Mapping[str, Any]) -> FilePort:
    return FilePort(
        _text(raw.get("name")),
        _slot_type(raw.get("type")),
        _identities(raw.get("linkIds")),
        _text(raw.get("id")),
        raw["label"] if isinstance(raw.get("label"), str) else None,
    )


def _link(raw: Any) -> FileLink | None:
    """Version 0.4 writes `[id, node, slot, node, slot, type]`, later ones a dict."""
    if isinstance(raw, list) and len(raw) >= 5:
        parts = [*raw[:5], raw[5] if len(raw) > 5 else "*"]
    elif isinstance(raw, Mapping):
        keys = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
        parts = [raw.get(key) for key in keys]
    else:
        return None
    link_id, origin, target = _identity(parts[0]), _identity(parts[1]), _identity(parts[3])
    origin_slot, target_slot = _number(parts[2]), _number(parts[4])
    if link_id is None or origin is None or target is None or origin_slot is None or target_slot is None:
        return None
    return FileLink(link_id, origin, origin_slot, target, target_slot, _slot_type(parts[5]))


def _identity(value: Any) -> str | None:
    """An id as the editor compares it: numbers and texts alike."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return value or None
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return None


def _identities(value: Any) -> list[str]:
    return [item for item in map(_identity, _listed(value)) if item is not None]


def _number(value: Any) -> int | None:
    if isinstance(value, str) and value.isdecimal() and len(value) < 7:
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if type(value) is int else None


def _slot_type(value: Any) -> Any:
    return value if isinstance(value, str | int) else "*"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _count(so_far: int, more: int, limit: int, what: str) -> int:
    if so_far + more > limit:
        raise _too_large(f"it has more than {limit:,} {what}")
    return so_far + more


def _too_large(detail: str) -> Problem:
    return Problem("workflow_limits", file="The workflow", detail=detail)


def too_deep() -> Problem:
    """For values that lie too deep inside each other."""
    return _too_large("its values lie too deep inside each other")
