"""Nodes that stand for a subgraph. Their inputs are the subgraph's ports, and a port that feeds a widget inside is a
*promoted* widget: the host has a value of its own for it, which counts as long as nothing is connected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comfydesk.workflow.conversion.configuring import take_facts
from comfydesk.workflow.conversion.live import UNSET, Cell, LiveGraph, LiveNode, Output, Port, Slot, Widget, own_copy
from comfydesk.workflow.conversion.places import SET_ASIDE, Spot
from comfydesk.workflow.conversion.reading import FileNode

MAX_DEPTH = 100


def configure(node: LiveNode, file: FileNode) -> None:
    """Take links and promoted values from the file."""
    assert node.subgraph is not None
    take_facts(node, file)
    _take_slots(node, node.subgraph, file)
    for slot in node.inputs:
        promote(node, slot)
    named = _set_aside(node)
    for index, slot in enumerate(promoted(node)):
        value = named.get(slot.name, _at(file, index, slot.name))
        if slot.cell is not None and value is not UNSET:
            slot.cell.value = value
            slot.cell.spot = Spot(file.path, SET_ASIDE if slot.name in named else index, slot.name)


def _set_aside(node: LiveNode) -> dict[str, Any]:
    """Values that the editor could not place when it opened an older file, kept by name."""
    kept = node.properties.get("proxyWidgetErrorQuarantine")
    named: dict[str, Any] = {}
    for item in reversed(kept) if isinstance(kept, list) else ():
        entry = item.get("originalEntry") if isinstance(item, Mapping) else None
        if not isinstance(item, Mapping) or not isinstance(entry, list) or len(entry) < 2:
            continue
        if entry[0] == "-1" and isinstance(entry[1], str) and item.get("hostValue") is not None:
            named[entry[1]] = item["hostValue"]
    return named


def _at(file: FileNode, index: int, name: str) -> Any:
    values = file.values
    if isinstance(values, dict):
        return values.get(name, UNSET)
    return values[index] if isinstance(values, list) and index < len(values) else UNSET


def promoted(node: LiveNode) -> list[Slot]:
    """The inputs with a value of their own, in the order of the file's values."""
    return [slot for slot in node.inputs if slot.cell is not None]


def promote(node: LiveNode, slot: Slot) -> None:
    """Give an input the value of the first widget inside that its port feeds."""
    graph = node.subgraph
    if graph is None or slot.port is None:
        return
    slot.cell = slot.source = slot.widget = None
    for link in slot.port.links:
        wire = graph.wires.get(link)
        found = graph.target(wire) if wire else None
        if found is None:
            continue
        inner, target = found
        widget = widget_of(inner, target)
        if widget is not None:
            take_widget(slot, target, widget)
            return


def take_widget(slot: Slot, target: Slot, widget: Widget) -> None:
    """The host's input shows this widget, with a value of its own that begins as the widget's."""
    slot.widget, slot.spec = slot.name, target.spec
    slot.cell, slot.source = Cell(own_copy(widget.value)), widget


def widget_of(node: LiveNode, slot: Slot) -> Widget | None:
    """The widget that an input stands for; on a host, the promoted one with the host's value."""
    if slot.cell is not None and slot.source is not None:
        source = slot.source
        deepest = source.deepest or source
        return Widget(slot.name, source.kind, slot.cell, source.in_file, source.in_prompt, source.spec, deepest=deepest)
    return node.widget(slot.widget) if slot.widget is not None else None


def _take_slots(node: LiveNode, graph: LiveGraph, file: FileNode) -> None:
    given = {item.name: item for item in file.inputs}
    slots = []
    for port in graph.inputs:
        slot = Slot(port.name, port.type)
        item = given.get(port.name)
        if item is not None:
            slot.link, slot.label = item.link, item.label
        slots.append(slot)
    own = {port.name for port in graph.inputs}
    slots += [Slot(i.name, i.type, i.link, label=i.label) for i in file.inputs if i.name not in own]
    node.inputs = _bound(slots, graph.inputs)
    node.outputs = [Output(port.name, port.type) for port in graph.outputs]
    for output, saved in zip(node.outputs, file.outputs, strict=False):
        output.links = list(saved.links)


def _bound(slots: list[Slot], ports: list[Port]) -> list[Slot]:
    """Each input takes a free port of its name and type, else of its name; inputs without a port go."""
    free = list(ports)
    for slot in slots:
        slot.port = next((p for p in free if (p.name, p.type) == (slot.name, slot.type)), None) or next(
            (p for p in free if p.name == slot.name), None
        )
        if slot.port is not None:
            free = [port for port in free if port is not slot.port]
    return [slot for slot in slots if slot.port is not None]
