"""The graph as the editor holds it while a workflow is open: nodes with slots and widgets, links, subgraphs.

Names follow the editor: a *slot* is a node's input or output, a *port* an input or output of a subgraph, a *host* the
node that stands for a subgraph in the graph around it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from comfydesk.workflow.conversion.declared import Declared, NodeClass
from comfydesk.workflow.conversion.places import Path, Spot
from comfydesk.workflow.conversion.reading import FileNode

INPUT_PORTS = "-10"  # the node ids that links inside a subgraph use for its ports
OUTPUT_PORTS = "-20"
ALWAYS, MUTED, BYPASSED = 0, 2, 4


class _Unset(Enum):
    UNSET = "no value"


UNSET: Any = _Unset.UNSET


def own_copy(value: Any) -> Any:
    """A value that may be changed; only lists and dicts need a copy."""
    return copy.deepcopy(value) if isinstance(value, list | dict) else value


class Cell:
    """A widget's value, with the entry of the file that it came from. Widgets of one name on a node share a cell.

    `feeder` is the cell of the primitive node that last wrote it; `limits` are the number's options on such a node, and
    `mode` says how such a node steps the value after each run.
    """

    __slots__ = ("feeder", "limits", "mode", "spot", "value")

    def __init__(self, value: Any = UNSET) -> None:
        self.value = value
        self.spot: Spot | None = None
        self.feeder: Cell | None = None
        self.limits: Mapping[str, Any] | None = None
        self.mode = ""


@dataclass(slots=True, eq=False)
class Widget:
    """`in_file`: its value is one of the node's `widgets_values`. `in_prompt`: it is sent to the server.

    `fixed` widgets ignore what is assigned. `controls` names the widget whose value this one steps after each run.
    """

    name: str
    kind: str
    cell: Cell
    in_file: bool = True
    in_prompt: bool = True
    spec: Declared | None = None
    fixed: bool = False
    controls: str = ""
    branches: Mapping[str, Any] | None = None  # a dynamic combo's inputs, by choice
    deepest: Widget | None = None  # of a promoted widget: the node's widget that it shows
    draws: bool = False  # a text in which the editor resolves {a|b} and comments

    @property
    def value(self) -> Any:
        return self.cell.value


@dataclass(slots=True, eq=False)
class Slot:
    """An input. `widget` is the name of the widget that it stands for, `spec` that widget's declaration.

    On a host, `port` is the subgraph's port and `cell` the value of the promoted widget `source`.
    """

    name: str
    type: Any
    link: str | None = None
    widget: str | None = None
    spec: Declared | None = None
    label: str | None = None
    port: Port | None = None
    cell: Cell | None = None
    source: Widget | None = None


@dataclass(slots=True, eq=False)
class Output:
    name: str
    type: Any
    links: list[str] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Port:
    name: str
    type: Any
    links: list[str] = field(default_factory=list)
    id: str = ""


@dataclass(slots=True, eq=False)
class Wire:
    """A link between two slots of one graph."""

    id: str
    origin: str
    origin_slot: int
    target: str
    target_slot: int
    type: Any = "*"

    @property
    def from_port(self) -> bool:
        return self.origin == INPUT_PORTS


@dataclass(slots=True)
class Growth:
    """An input group that grows with its connections: what one more member looks like, and how many there may be."""

    specs: list[Declared]
    least: int
    most: int
    prefix: str
    names: list[str] | None


@dataclass(slots=True, eq=False)
class LiveNode:
    """`known` is its class on the host; None for a virtual node, a host, and a type that is missing."""

    id: str
    type: str
    graph: LiveGraph
    known: NodeClass | None = None
    title: str | None = None
    mode: int = ALWAYS
    inputs: list[Slot] = field(default_factory=list)
    outputs: list[Output] = field(default_factory=list)
    widgets: list[Widget] = field(default_factory=list)
    properties: Mapping[str, Any] = field(default_factory=dict)
    virtual: bool = False
    missing: bool = False
    subgraph: LiveGraph | None = None
    growing: dict[str, Growth] = field(default_factory=dict)
    matching: dict[str, dict[str, str]] = field(default_factory=dict)  # template id → input name → allowed types
    file: FileNode | None = None
    legacy: list[Slot | None] = field(default_factory=list)  # on a host: its inputs as an older file counts them
    replaced_by: str = ""  # on a primitive node: the subgraph's input that took its place
    attached: bool = False  # it is part of its graph, so that its widgets share cells by name

    @property
    def path(self) -> Path:
        return self.file.path if self.file else ()

    def widget(self, name: str | None) -> Widget | None:
        return next((widget for widget in self.widgets if widget.name == name), None)

    def input_index(self, name: str) -> int:
        return next((index for index, slot in enumerate(self.inputs) if slot.name == name), -1)

    def add_widget(self, widget: Widget) -> Widget:
        if self.attached:
            self._share(widget)
        self.widgets.append(widget)
        return widget

    def attach(self) -> None:
        """Widgets of one name and kind share their value from now on."""
        self.attached = True
        widgets, self.widgets = self.widgets, []
        for widget in widgets:
            self._share(widget)
            self.widgets.append(widget)

    def _share(self, widget: Widget) -> None:
        for other in reversed(self.widgets):
            if other.name == widget.name:
                if other.kind == widget.kind:
                    widget.cell = other.cell
                return


@dataclass(slots=True, eq=False)
class LiveGraph:
    """The workflow (`id` is "") or a subgraph definition, which all of its hosts share."""

    id: str
    name: str = ""
    nodes: list[LiveNode] = field(default_factory=list)
    by_id: dict[str, LiveNode] = field(default_factory=dict)
    wires: dict[str, Wire] = field(default_factory=dict)
    inputs: list[Port] = field(default_factory=list)
    outputs: list[Port] = field(default_factory=list)
    hosts: list[LiveNode] = field(default_factory=list)  # the nodes that stand for it
    made_links: int = 0

    def new_link_id(self) -> str:
        """An id that no link of a file has."""
        self.made_links += 1
        return f"new {self.made_links}"

    def target(self, wire: Wire) -> tuple[LiveNode, Slot] | None:
        """The node and the input that a link ends at, found by the link's id as the editor does."""
        node = self.by_id.get(wire.target)
        if node is None:
            return None
        slot = next((slot for slot in node.inputs if slot.link == wire.id), None)
        return (node, slot) if slot else None

    def all_nodes(self, seen: set[int] | None = None) -> Iterator[LiveNode]:
        """Every node here and in the subgraphs of hosts, once each; a subgraph's nodes come before its first host."""
        seen = set() if seen is None else seen
        seen.add(id(self))
        for node in self.nodes:
            if node.subgraph is not None and id(node.subgraph) not in seen:
                yield from node.subgraph.all_nodes(seen)
            yield node

    def disconnect(self, node: LiveNode, index: int) -> None:
        """Take the link off an input, on both of its ends."""
        slot = node.inputs[index]
        link, slot.link = slot.link, None
        wire = self.wires.pop(link, None) if link is not None else None
        if wire is None or link is None:
            return
        ends: list[list[str]] = []
        if wire.from_port:
            ends = [port.links for port in self.inputs[wire.origin_slot : wire.origin_slot + 1]]
        elif origin := self.by_id.get(wire.origin):
            ends = [output.links for output in origin.outputs[wire.origin_slot : wire.origin_slot + 1]]
        for links in ends:
            if link in links:
                links.remove(link)

    def remove_input(self, node: LiveNode, index: int) -> None:
        """Drop an input and its link; later inputs move up, and so do the ends of their links."""
        self.disconnect(node, index)
        del node.inputs[index]
        self.renumber(node, index)

    def renumber(self, node: LiveNode, start: int = 0) -> None:
        for index, slot in enumerate(node.inputs[start:], start):
            wire = self.wires.get(slot.link) if slot.link is not None else None
            if wire is not None:
                wire.target_slot = index
