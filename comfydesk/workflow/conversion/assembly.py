"""From a node class to a new node: sockets first, then widgets, as the editor adds them; and setting a widget."""

from __future__ import annotations

from typing import Any

from comfydesk.workflow.conversion import custom_combo, dynamic_combo, input_groups
from comfydesk.workflow.conversion.declared import Declared, NodeClass
from comfydesk.workflow.conversion.live import Cell, LiveGraph, LiveNode, Output, Slot, Widget
from comfydesk.workflow.conversion.page_additions import CUSTOM_COMBO, TEXT_PREVIEWS
from comfydesk.workflow.conversion.widgets import MAKERS

DYNAMIC_COMBO = "COMFY_DYNAMICCOMBO_V3"


def new_node(known: NodeClass, node_id: str, graph: LiveGraph) -> LiveNode:
    """A node of that class with the values that a new one shows."""
    node = LiveNode(node_id, known.name, graph, known, known.title)
    for spec in known.inputs:
        add_socket(node, spec)
    for spec in known.inputs:
        add_widget(node, spec)
    for widget in node.widgets:  # those that a choice brings later are sent as they are
        widget.draws = widget.spec is not None and widget.spec.options.get("dynamicPrompts") is True
    node.outputs = [Output(name, kind) for name, kind in known.outputs]
    if known.name in TEXT_PREVIEWS:
        node.add_widget(Widget("preview_text", "textPreview", Cell(""), in_file=False, in_prompt=False))
        node.add_widget(Widget("preview_mode", "toggle", Cell(False), in_file=False, in_prompt=False))
    if known.name == CUSTOM_COMBO:
        custom_combo.extend(node)
    return node


def add_input(node: LiveNode, spec: Declared) -> None:
    """One input as the editor adds it to a node that is there: its socket, and its widget if it has one."""
    add_socket(node, spec)
    add_widget(node, spec)


def add_socket(node: LiveNode, spec: Declared) -> None:
    if has_widget(spec) or input_groups.add(node, spec, add_input):
        return
    node.inputs.append(Slot(spec.name, spec.type or 0))


def add_widget(node: LiveNode, spec: Declared) -> None:
    if not has_widget(spec):
        return
    if spec.widget_type == DYNAMIC_COMBO:
        dynamic_combo.add(node, spec, add_input, connected)
    else:
        MAKERS[spec.widget_type](node, spec)
    if not spec.options.get("socketless"):
        node.inputs.append(Slot(spec.name, spec.type, widget=spec.name, spec=spec))


def has_widget(spec: Declared) -> bool:
    return (spec.widget_type in MAKERS or spec.widget_type == DYNAMIC_COMBO) and not spec.is_forced


def connected(node: LiveNode, index: int) -> None:
    """An input of the node has its link."""
    input_groups.connected(node, index, add_input)


def assign(node: LiveNode, widget: Widget, value: Any) -> None:
    """Set a widget, with what that changes about the node."""
    if widget.fixed:
        return
    if widget.branches is not None:
        dynamic_combo.choose(node, widget, value, add_input, connected)
    elif widget.kind == custom_combo.OPTION:
        custom_combo.assigned(node, widget, value)
    else:
        widget.cell.value = value
