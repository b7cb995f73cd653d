"""Combos whose choice decides which further inputs a node has: `model` brings `model.steps`, `model.image`, …"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from comfydesk.workflow.conversion.declared import Declared, declare_all
from comfydesk.workflow.conversion.live import UNSET, Cell, LiveNode, Slot, Widget

AddInput = Callable[[LiveNode, Declared], None]
Connected = Callable[[LiveNode, int], None]


def add(node: LiveNode, spec: Declared, add_input: AddInput, connected: Connected) -> None:
    """The combo itself and what its first choice brings."""
    branches = _branches(spec)
    first = next(iter(branches), UNSET)
    kept = Declared(spec.name, spec.type, spec.options, list(branches))
    widget = node.add_widget(Widget(spec.name, "combo", Cell(first), spec=kept, branches=branches))
    choose(node, widget, first, add_input, connected)


def choose(node: LiveNode, widget: Widget, key: Any, add_input: AddInput, connected: Connected) -> None:
    """Take a choice: inputs of the former one go, those of the new one come after the combo, links stay by name."""
    widget.cell.value = key
    prefix = widget.name + "."
    removed = [slot for slot in node.inputs if slot.name.startswith(prefix)]
    node.inputs[:] = [slot for slot in node.inputs if not slot.name.startswith(prefix)]
    node.widgets[:] = [item for item in node.widgets if not item.name.startswith(prefix)]
    branch = (widget.branches or {}).get(key) if isinstance(key, str) and key else None
    if branch is None:
        return
    at_widget, widget_count, slot_count = node.widgets.index(widget) + 1, len(node.widgets), len(node.inputs)
    for spec in declare_all(branch):
        add_input(node, spec.renamed(prefix + spec.name))
    node.widgets[at_widget:at_widget] = _cut(node.widgets, widget_count)
    at_slot = node.input_index(widget.name) + 1
    if at_slot == 0:  # a new node: the combo's own input comes last
        return
    node.inputs[at_slot:at_slot] = [_kept(node, slot) for slot in _cut(node.inputs, slot_count)]
    node.graph.renumber(node)
    _relink(node, removed, connected)


def _branches(spec: Declared) -> Mapping[str, Any]:
    options = spec.options.get("options")
    listed = options if isinstance(options, list) else []
    return {
        item["key"]: item.get("inputs") if isinstance(item.get("inputs"), Mapping) else {}
        for item in listed
        if isinstance(item, Mapping) and isinstance(item.get("key"), str)
    }


def _cut(items: list[Any], start: int) -> list[Any]:
    tail = items[start:]
    del items[start:]
    return tail


def _kept(node: LiveNode, slot: Slot) -> Slot:
    """The input of that name that the node already has, else the new one."""
    index = node.input_index(slot.name)
    return slot if index < 0 else node.inputs.pop(index)


def _relink(node: LiveNode, removed: list[Slot], connected: Connected) -> None:
    for slot in removed:
        index = node.input_index(slot.name)
        if index < 0:
            node.inputs.append(slot)
            node.graph.remove_input(node, len(node.inputs) - 1)
            continue
        node.inputs[index].link = slot.link
        wire = node.graph.wires.get(slot.link) if slot.link is not None else None
        if wire is not None:
            wire.target_slot = index
            connected(node, index)
