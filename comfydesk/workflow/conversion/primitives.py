"""The node PrimitiveNode: one value that is written into the widgets it is linked to, when the workflow is sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from comfydesk.workflow.conversion import hosts
from comfydesk.workflow.conversion.assembly import DYNAMIC_COMBO, assign
from comfydesk.workflow.conversion.declared import Declared
from comfydesk.workflow.conversion.live import Cell, LiveNode, Slot, Widget
from comfydesk.workflow.conversion.places import Spot
from comfydesk.workflow.conversion.rounding import as_number, common_range, rounded
from comfydesk.workflow.conversion.texts import fill_names
from comfydesk.workflow.conversion.widgets import MAKERS, add_combo_filter, add_control

REPLACES = "Run widget replace on values"


def connect(node: LiveNode) -> None:
    """Give it the widget of the first input that it is linked to, with the value of the file."""
    if node.widgets or not node.outputs:
        return
    first = next(_targets(node), None)
    spec = _spec(first[1]) if first else None
    if first is None or spec is None:
        return
    _make(node, spec, *first)
    saved = node.file.values if node.file and isinstance(node.file.values, list) else []
    for index, (widget, value) in enumerate(zip(list(node.widgets), saved, strict=False)):
        assign(node, widget, value)
        widget.cell.spot = Spot(node.path, index, widget.name)
    _suit_all(node, spec)


def apply(node: LiveNode, *, as_written: bool = False) -> None:
    """Write the value into the linked widgets; `as_written` without anything filled in."""
    if not node.widgets:
        return
    source = node.widgets[0]
    value = source.value
    control = next((widget for widget in node.widgets if widget.controls == source.name), None)
    source.cell.mode = control.value if control is not None and isinstance(control.value, str) else ""
    if value and isinstance(value, str) and node.properties.get(REPLACES) and not as_written:
        value = fill_names(value, node.graph, datetime.now())
    for target, slot in _targets(node):
        widget = hosts.widget_of(target, slot)
        if widget is None or widget.fixed:
            continue
        assign(target, widget, value)
        widget.cell.feeder = source.cell
        if widget.spec is not None:
            widget.cell.value = rounded(widget.spec.widget_type, widget.spec.options, widget.cell.value)


def _targets(node: LiveNode) -> Iterator[tuple[LiveNode, Slot]]:
    for link in node.outputs[0].links if node.outputs else ():
        wire = node.graph.wires.get(link)
        target = node.graph.by_id.get(wire.target) if wire else None
        if wire is not None and target is not None and 0 <= wire.target_slot < len(target.inputs):
            yield target, target.inputs[wire.target_slot]


def _spec(slot: Slot) -> Declared | None:
    if slot.widget is not None:
        return slot.spec
    kind = str(slot.type)
    return Declared(slot.name, kind, {}, [] if kind == "COMBO" else None) if kind in MAKERS else None


def _make(node: LiveNode, spec: Declared, target: LiveNode, slot: Slot) -> None:
    own = replace(spec, name="value")
    if spec.type in MAKERS:
        widget = MAKERS[spec.type](node, own)
    else:
        kind = "combo" if spec.type == DYNAMIC_COMBO else spec.type.lower()
        widget = node.add_widget(Widget("value", kind, Cell(None), spec=own))
    theirs = hosts.widget_of(target, slot)
    if theirs is not None:
        assign(node, widget, theirs.value)
    if not spec.options.get("control_after_generate") and widget.kind in ("number", "combo"):
        add_control(node, widget, "fixed")
        if widget.kind == "combo":
            add_combo_filter(node)


def _suit_all(node: LiveNode, spec: Declared) -> None:
    """A number keeps to what all its targets allow."""
    if spec.widget_type not in ("INT", "FLOAT") or not node.widgets:
        return
    merged: dict[str, Any] = dict(spec.options)
    cell = node.widgets[0].cell
    for _, slot in _targets(node):
        if slot.spec is None or slot.widget is None or slot.spec.type != spec.type:
            continue
        common = common_range(merged, slot.spec.options)
        if common is None:
            continue
        merged = cell.limits = common
        number = as_number(cell.value)
        if number is not None and number < merged["min"]:
            cell.value = merged["min"]
        elif number is not None and number > merged["max"]:
            cell.value = merged["max"]
        cell.value = rounded(spec.type, merged, cell.value)
