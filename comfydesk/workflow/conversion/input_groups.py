"""Inputs that grow with their connections (`images.image0`, `images.image1`, …) and inputs that share one type."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from comfydesk.workflow.conversion.declared import Declared, declare_all
from comfydesk.workflow.conversion.live import Cell, Growth, LiveNode, Slot, Widget

AUTOGROW = "COMFY_AUTOGROW_V3"
MATCH_TYPE = "COMFY_MATCHTYPE_V3"
MOST = 100  # members of a group that names no limit
CEILING = 1_000  # members of any group
AddInput = Callable[[LiveNode, Declared], None]


def add(node: LiveNode, spec: Declared, add_input: AddInput) -> bool:
    """Add what such an input stands for; False where it is a plain input."""
    if spec.type == AUTOGROW:
        _add_growing(node, spec, add_input)
    elif spec.type == MATCH_TYPE:
        _add_matching(node, spec, add_input)
    else:
        return False
    return True


def connected(node: LiveNode, index: int, add_input: AddInput) -> None:
    """An input has its link: its group gets one more member."""
    slot = node.inputs[index]
    group = slot.name[: slot.name.rfind(".")] if "." in slot.name else ""
    growth = node.growing.get(group)
    if growth is None or slot.link is None or slot.link not in node.graph.wires:
        return
    if slot.widget is not None:
        _ensure_widget(node, slot)
    ordinal = _ordinal(slot.name[len(group) + 1 :], growth)
    if ordinal is not None:
        _add_member(node, group, ordinal + 1, add_input)


def _add_growing(node: LiveNode, spec: Declared, add_input: AddInput) -> None:
    template = spec.options.get("template")
    if not isinstance(template, Mapping):
        return
    names = template.get("names")
    listed = [str(name) for name in names] if isinstance(names, list) else None
    most = len(listed) if listed is not None else _count(template.get("max"), MOST)
    least, prefix = _count(template.get("min"), 1), template.get("prefix")
    specs = list(declare_all(template.get("input")))
    if not specs:
        return
    node.growing[spec.name] = Growth(specs, least, most, prefix if isinstance(prefix, str) else "", listed)
    for ordinal in range(min(max(1, least + 1), CEILING)):
        _add_member(node, spec.name, ordinal, add_input)


def _count(value: Any, otherwise: int) -> int:
    return min(value, CEILING) if type(value) is int else otherwise


def _add_member(node: LiveNode, group: str, ordinal: int, add_input: AddInput) -> None:
    growth = node.growing[group]
    if ordinal >= growth.most:
        return
    new: list[Slot] = []
    for spec in growth.specs:
        before = len(node.inputs)
        add_input(node, spec.renamed(_name(group, spec, ordinal, growth)))
        if len(node.inputs) == before:
            continue
        slot = node.inputs.pop()
        if len(growth.specs) != 1:
            _ensure_widget(node, slot)
        new.append(slot)
    for slot in new:
        for other in [item for item in node.inputs if item.name == slot.name]:
            node.inputs.remove(other)
            slot.link = other.link if slot.link is None else slot.link
    before_it = _name(group, growth.specs[-1], ordinal - 1, growth) if ordinal else group + ".undefined"
    at = max((i + 1 for i, item in enumerate(node.inputs) if item.name.startswith(before_it)), default=len(node.inputs))
    node.inputs[at:at] = new
    node.graph.renumber(node)


def _name(group: str, spec: Declared, ordinal: int, growth: Growth) -> str:
    if growth.names is not None:
        return f"{group}.{growth.names[ordinal]}"
    return f"{group}.{growth.prefix if len(growth.specs) == 1 else spec.name}{ordinal}"


def _ordinal(name: str, growth: Growth) -> int | None:
    if growth.names is not None:
        return growth.names.index(name) if name in growth.names else None
    digits = re.search(r"\d{1,6}$", name)
    return int(digits[0]) if digits else None


def _ensure_widget(node: LiveNode, slot: Slot) -> None:
    """Members of groups of several inputs have a line of their own, without a value."""
    if slot.widget is not None and node.widget(slot.widget) is not None:
        return
    node.widgets.append(Widget(slot.name, "shim", Cell(), in_file=False))
    slot.widget = slot.name


def _add_matching(node: LiveNode, spec: Declared, add_input: AddInput) -> None:
    template = spec.options.get("template")
    allowed = template.get("allowed_types") if isinstance(template, Mapping) else None
    name = template.get("template_id") if isinstance(template, Mapping) else None
    if not isinstance(allowed, str) or not isinstance(name, str):
        return
    add_input(node, replace(spec, type=allowed))
    node.matching.setdefault(name, {})[spec.name] = allowed
