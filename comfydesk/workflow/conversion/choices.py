"""What the choices of a dynamic combo put into a node's list of values, so that another choice can be written back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comfydesk.workflow.conversion.assembly import assign
from comfydesk.workflow.conversion.live import UNSET, Cell, LiveGraph, LiveNode, Slot, Widget, own_copy
from comfydesk.workflow.conversion.places import Entry

MAX_ENTRIES = 2_000  # of all choices of one combo
MAX_DEPTH = 8


class _TooMany(Exception):  # noqa: N818
    """The choices bring more than is worth keeping."""


def entries_by_choice(widget: Widget) -> Mapping[str, list[Entry]] | None:
    """For each choice the entries that follow the combo's own; None for a widget without choices, or for too many."""
    try:
        return _by_choice(widget, [0], 0)
    except _TooMany:
        return None


def _by_choice(widget: Widget, counted: list[int], depth: int) -> dict[str, list[Entry]] | None:
    if widget.branches is None:
        return None
    if depth > MAX_DEPTH:
        raise _TooMany
    return {key: _entries(widget, key, counted, depth) for key in widget.branches}


def _entries(widget: Widget, key: str, counted: list[int], depth: int) -> list[Entry]:
    """As a node has them that is made with this choice."""
    node = LiveNode("", "", LiveGraph(""))
    combo = Widget(widget.name, "combo", Cell(), spec=widget.spec, branches=widget.branches)
    node.widgets.append(combo)
    node.inputs.append(Slot(widget.name, "*", widget=widget.name))
    assign(node, combo, key)
    entries: list[Entry] = []
    inside = ""
    for item in node.widgets[1:]:
        if not item.in_file or (inside and item.name.startswith(inside)):
            continue
        counted[0] += 1
        if counted[0] > MAX_ENTRIES:
            raise _TooMany
        value = None if item.value is UNSET else own_copy(item.value)
        entries.append(Entry(item.name, value, _by_choice(item, counted, depth + 1)))
        inside = item.name + "." if item.branches is not None else ""
    return entries


def count_brought(node: LiveNode, choices: Mapping[str, list[Entry]] | None, key: Any) -> int:
    """How many entries a choice brings on a node, with what is chosen further in."""
    entries = (choices or {}).get(key, []) if isinstance(key, str) else []
    inner = ((entry, node.widget(entry.name)) for entry in entries)
    return len(entries) + sum(count_brought(node, entry.choices, w.value) for entry, w in inner if w and entry.choices)
