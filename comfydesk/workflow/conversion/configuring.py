"""A new node takes what the file says of it: links by the names of inputs, values in the order of its widgets."""

from __future__ import annotations

import json
from typing import Any

from comfydesk.workflow.conversion.assembly import assign, connected
from comfydesk.workflow.conversion.live import Cell, LiveNode, Output, Slot, Widget
from comfydesk.workflow.conversion.model import Note
from comfydesk.workflow.conversion.places import Spot
from comfydesk.workflow.conversion.reading import MAX_WIDGET_VALUES, FileInput, FileNode


def configure(node: LiveNode, file: FileNode, notes: list[Note]) -> None:
    """For every node but hosts."""
    take_facts(node, file)
    if file.id is not None and file.id != "-1":
        node.id = file.id  # also of a second node with that id
    if node.known is not None:
        _take_known_slots(node, file)
    else:
        _take_slots(node, file)
    index = 0
    while index < len(node.inputs):  # it grows meanwhile
        connected(node, index)
        index += 1
    if node.missing:
        _guess_widgets(node, file)
    elif node.known is not None:
        take_values(node, file, notes)


def take_facts(node: LiveNode, file: FileNode) -> None:
    node.mode = file.mode
    node.properties = file.properties
    if file.title:
        node.title = file.title


def _take_known_slots(node: LiveNode, file: FileNode) -> None:
    """The class's own inputs keep name and type, those that only the file has come after them."""
    given = {item.name: item for item in file.inputs}
    own = {slot.name for slot in node.inputs}
    for slot in node.inputs:
        item = given.get(slot.name)
        if item is not None:
            slot.link, slot.label = item.link, item.label
    node.inputs += [_slot(item) for item in file.inputs if item.name not in own]
    for output, saved in zip(node.outputs, file.outputs, strict=False):
        output.links = list(saved.links)
    node.outputs += [Output(item.name, item.type, list(item.links)) for item in file.outputs[len(node.outputs) :]]


def _take_slots(node: LiveNode, file: FileNode) -> None:
    node.inputs[: len(file.inputs)] = [_slot(item) for item in file.inputs]
    node.outputs[: len(file.outputs)] = [Output(item.name, item.type, list(item.links)) for item in file.outputs]


def _slot(item: FileInput) -> Slot:
    return Slot(item.name, item.type, item.link, item.widget, label=item.label)


def take_values(node: LiveNode, file: FileNode, notes: list[Note]) -> None:
    """Lists are counted off along the widgets that belong to the file, dicts name them."""
    if isinstance(file.values, dict) and not isinstance(file.values.get("length"), int):
        for widget in list(node.widgets):
            if widget.in_file and widget.name in file.values:
                assign(node, widget, file.values[widget.name])
                widget.cell.spot = Spot(file.path, widget.name, widget.name)
        return
    kept = _counted(node, file.values or [])
    index = taken = 0
    while index < len(node.widgets) and taken < len(kept):  # choices add widgets meanwhile
        widget = node.widgets[index]
        index += 1
        if not widget.in_file:
            continue
        at, value = kept[taken]
        taken += 1
        assign(node, widget, value)
        widget.cell.spot = Spot(file.path, at, widget.name)


def _counted(node: LiveNode, values: list[Any] | dict[str, Any]) -> list[tuple[int | str, Any]]:
    """The values with their places. Some packs write a dict of numbers and a length."""
    if isinstance(values, dict):
        most = min(max(values["length"], 0), MAX_WIDGET_VALUES)
        return [(str(index), values[str(index)]) for index in range(most) if str(index) in values]
    return _without_forced(node, values)


def _without_forced(node: LiveNode, values: list[Any]) -> list[tuple[int | str, Any]]:
    """Files from before 2025 hold values for inputs that are only sockets now; those are passed over."""
    names = {widget.name for widget in node.widgets}
    forced: list[bool] = []
    for spec in node.known.listed if node.known else ():
        if spec.name in names or spec.is_forced:
            forced.append(spec.is_forced)
            if spec.options.get("control_after_generate"):
                forced.append(False)
    numbered: list[tuple[int | str, Any]] = list(enumerate(values))
    if len(forced) != len(values):
        return numbered
    return [item for item, skip in zip(numbered, forced, strict=True) if not skip]


def _guess_widgets(node: LiveNode, file: FileNode) -> None:
    """A type that the host lacks shows its values without their names."""
    for index, value in enumerate(file.values if isinstance(file.values, list) else ()):
        count = len(node.widgets)
        shown = value if isinstance(value, str | int | float) else json.dumps(value, separators=(",", ":"))
        widget = Widget(f"UNKNOWN_{count}" if count else "UNKNOWN", "text", Cell(shown))
        widget.cell.spot = Spot(file.path, index, widget.name)
        node.add_widget(widget)
