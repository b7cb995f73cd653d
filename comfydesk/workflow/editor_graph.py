"""From the API format back to a graph for ComfyUI's editor, laid out in columns.

The editor opens the API format only when such a file is dropped on it; what is saved for it on a server must be a graph
of its own (frontend 1.49.6: `openWorkflow` calls `loadGraphData`). What is made here is what dropping would make.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comfydesk.workflow.conversion import assembly
from comfydesk.workflow.conversion.declared import Classes
from comfydesk.workflow.conversion.encoding import plain_text
from comfydesk.workflow.conversion.live import UNSET, LiveGraph, LiveNode, Slot, Wire
from comfydesk.workflow.graph import Graph, Link, Node

COLUMN, GAP, MARGIN = 400, 60, 60  # pixels of the editor
WIDTH, LINE, TEXT_HEIGHT, TITLE = 320, 24, 180, 70
PASSES = 8  # a choice may bring inputs that are choices themselves


def of_graph(graph: Graph, object_info: Mapping[str, Any], *, as_written: bool = False) -> dict[str, Any]:
    """A graph of the editor with the same nodes, ids, titles, values and links.

    Converted again it gives the same prompt, where the host has all classes; inputs that the file lacks get the values
    that a new node shows. A class that `object_info` lacks becomes a node of that type with its values in a list.
    `as_written`: texts go in with their {a|b}, which the editor draws from then.
    """
    return _Builder(graph, Classes(object_info), as_written).made()


class _Builder:
    def __init__(self, graph: Graph, classes: Classes, as_written: bool) -> None:
        self._graph = graph
        self._as_written = as_written
        self._live = LiveGraph("")
        self._nodes = {node_id: self._new(node, classes) for node_id, node in graph.nodes.items()}
        self._live.by_id = dict(self._nodes)
        self._live.nodes = list(self._nodes.values())
        for node_id, node in graph.nodes.items():
            self._fill(node, self._nodes[node_id])

    def _new(self, node: Node, classes: Classes) -> LiveNode:
        known = classes.get(node.class_type)
        if known is None:
            return LiveNode(node.node_id, node.class_type, self._live, title=node.class_type, missing=True)
        return assembly.new_node(known, node.node_id, self._live)

    # -- values and links

    def _fill(self, node: Node, live: LiveNode) -> None:
        """Set what there is a place for; some places come only when others were set."""
        left = dict(node.inputs)
        for _ in range(PASSES):
            done = [name for name, value in left.items() if self._set(live, name, value)]
            if not done:
                break
            for name in done:
                del left[name]
        for name, value in left.items():
            if isinstance(value, Link):  # an input that the host does not know: its connection is kept
                live.inputs.append(Slot(name, "*"))
                self._connect(live, len(live.inputs) - 1, value)

    def _set(self, live: LiveNode, name: str, value: Any) -> bool:
        if isinstance(value, Link):
            index = live.input_index(name)
            if index < 0:
                return False
            self._connect(live, index, value)
            return True
        widget = live.widget(name)
        if widget is None:
            return False
        if isinstance(value, Mapping) and set(value) == {"__value__"}:
            value = value["__value__"]
        elif widget.draws and isinstance(value, str) and not self._as_written:
            value = plain_text(value)
        assembly.assign(live, widget, value)
        return True

    def _connect(self, live: LiveNode, index: int, link: Link) -> None:
        origin, slot = self._nodes[link.node_id], live.inputs[index]
        outputs = origin.outputs
        kind = outputs[link.slot].type if 0 <= link.slot < len(outputs) else slot.type
        number = str(len(self._live.wires) + 1)
        self._live.wires[number] = Wire(number, origin.id, link.slot, live.id, index, kind)
        slot.link = number
        assembly.connected(live, index)

    # -- writing

    def made(self) -> dict[str, Any]:
        places = self._places()
        order = {node_id: number for number, node_id in enumerate(self._graph.order)}
        nodes = [self._node(live, places[node_id], order[node_id]) for node_id, live in self._nodes.items()]
        numbers = [live.id for live in self._live.nodes if live.id.isascii() and live.id.isdigit()]
        return {
            "last_node_id": max((int(number) for number in numbers), default=0),
            "last_link_id": len(self._live.wires),
            "nodes": nodes,
            "links": self._links(),
            "groups": [],
            "config": {},
            "extra": {},
            "version": 0.4,
        }

    def _links(self) -> list[list[Any]]:
        """Slots may have moved up while inputs grew: their numbers are looked up at the end."""
        found: list[list[Any]] = []
        for wire in self._live.wires.values():
            target = self._live.target(wire)
            if target is not None:
                node, slot = target
                ends = [_id(wire.origin), wire.origin_slot, _id(node.id), node.inputs.index(slot)]
                found.append([int(wire.id), *ends, wire.type])
        return found

    def _node(self, live: LiveNode, place: tuple[int, int], order: int) -> dict[str, Any]:
        node = self._graph.nodes[live.id]
        leaving: dict[int, list[int]] = {}
        for wire in self._live.wires.values():
            if wire.origin == live.id:
                leaving.setdefault(wire.origin_slot, []).append(int(wire.id))
        made: dict[str, Any] = {
            "id": _id(live.id),
            "type": live.type,
            "pos": list(place),
            "size": [WIDTH, _height(live)],
            "flags": {},
            "order": order,
            "mode": 0,
            "inputs": [_input(slot) for slot in live.inputs],
            "outputs": [
                {"name": output.name, "type": output.type, "links": leaving.get(number)}
                for number, output in enumerate(live.outputs)
            ],
            "properties": {"Node name for S&R": live.type},
            "widgets_values": self._values(live),
        }
        if node.title and node.title != live.title:
            made["title"] = node.title
        return made

    def _values(self, live: LiveNode) -> list[Any]:
        if live.missing:
            return [value for value in self._graph.nodes[live.id].inputs.values() if not isinstance(value, Link)]
        return [None if widget.value is UNSET else widget.value for widget in live.widgets if widget.in_file]

    def _places(self) -> dict[str, tuple[int, int]]:
        """A column for each step from the sources, in each as many as there are, one below the other."""
        column: dict[str, int] = {}
        for node_id in self._graph.order:
            links = (link.node_id for _, link in self._graph.nodes[node_id].links())
            column[node_id] = 1 + max((column.get(source, -1) for source in links), default=-1)
        below: dict[int, int] = {}
        places: dict[str, tuple[int, int]] = {}
        for node_id in self._nodes:
            at = column[node_id]
            top = below.get(at, MARGIN)
            places[node_id] = (MARGIN + at * COLUMN, top)
            below[at] = top + _height(self._nodes[node_id]) + GAP
        return places


def _id(node_id: str) -> int | str:
    """The editor's ids are numbers where they can be (loadApiJson)."""
    return int(node_id) if node_id.isascii() and node_id.isdigit() and len(node_id) < 16 else node_id


def _input(slot: Slot) -> dict[str, Any]:
    made: dict[str, Any] = {"name": slot.name, "type": slot.type, "link": None if slot.link is None else int(slot.link)}
    return made | ({"widget": {"name": slot.widget}} if slot.widget is not None else {})


def _height(live: LiveNode) -> int:
    lines = sum(widget.kind == "customtext" for widget in live.widgets)
    return TITLE + LINE * (len(live.inputs) + len(live.outputs)) + TEXT_HEIGHT * lines
