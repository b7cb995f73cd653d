"""Promoted widgets as files from 2025 name them: `properties.proxyWidgets`, a list of (inner node, widget) on the host.

The editor turns each into an input of the subgraph when it opens such a file, and so does this.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from comfydesk.workflow.conversion import hosts
from comfydesk.workflow.conversion.live import UNSET, LiveGraph, LiveNode, Slot, Wire
from comfydesk.workflow.conversion.model import Note
from comfydesk.workflow.conversion.page_nodes import PRIMITIVE
from comfydesk.workflow.conversion.places import Spot
from comfydesk.workflow.conversion.ports import Refused, add_port, connect, remove_port, unique_name
from comfydesk.workflow.conversion.reading import FileNode

MAX_CHAIN = 100
MAX_ENTRIES = 1_000
_PREFIX = re.compile(r"\s*(\d+)\s*:\s*(.+)$")
_PREVIEWS = frozenset({"preview", "video", "audioUI"})


@dataclass(slots=True)
class _Entry:
    """One promoted widget; `value` is the host's value for it, UNSET for none."""

    node_id: str
    widget: str
    index: int
    value: Any
    inner: str | None = None  # the node inside an inner host that is meant, where the name alone does not say


def migrate(host: LiveNode, file: FileNode, renamed: Mapping[str, str], notes: list[Note]) -> None:
    """Give the host's subgraph an input for each widget that the file promotes in the old way."""
    graph = host.subgraph
    entries = _entries(host, file, renamed)
    if graph is None or not entries:
        return
    plans = [_plan(host, graph, entry, entries) for entry in entries]
    host.legacy = [None] * len(entries)
    failed: list[_Entry] = []
    primitives: dict[str, list[_Entry]] = {}
    for entry, plan in zip(entries, plans, strict=True):
        if isinstance(plan, Slot):
            if sum(slot.name == plan.name for slot in host.inputs) != 1 or not _set(host, plan, entry, file):
                failed.append(entry)
        elif plan is _Primitive:
            primitives.setdefault(entry.node_id, []).append(entry)
        elif plan is not _Preview and (plan is None or not _create(host, graph, entry, file)):
            failed.append(entry)
    for group in primitives.values():
        if not _replace_primitive(host, graph, group, file):
            failed += group
    for entry in failed:
        _name_failure(host, entry, file, notes)


class _Primitive:
    """The plan: the widget is that of a primitive node, which the new input takes the place of."""


class _Preview:
    """The plan: a picture that the host shows, no value."""


class _New:
    """The plan: a new input for the widget."""


def _entries(host: LiveNode, file: FileNode, renamed: Mapping[str, str]) -> list[_Entry]:
    found: list[_Entry] = []
    for index, item in enumerate(tuples_of(host.properties.get("proxyWidgets"))):
        node_id = renamed.get(item[0], item[0])
        widget, inner = item[1], item[2] if len(item) > 2 else None
        if not _resolves(host, node_id, widget):
            while match := _PREFIX.match(widget):
                inner, widget = match[1], match[2]
        found.append(_Entry(node_id, widget, index, _host_value(file, index), inner))
    return found


def tuples_of(value: Any) -> list[list[str]]:
    """Lists of two or three texts; nothing at all where one of them is something else."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    if not isinstance(value, list) or len(value) > MAX_ENTRIES:
        return []
    good = all(isinstance(i, list) and len(i) in (2, 3) and all(isinstance(p, str) for p in i) for i in value)
    return value if good else []


def _host_value(file: FileNode, index: int) -> Any:
    values = file.values
    value = values[index] if isinstance(values, list) and index < len(values) else None
    return UNSET if value is None else value


def _plan(host: LiveNode, graph: LiveGraph, entry: _Entry, entries: list[_Entry]) -> Any:
    """The input that the widget has already, or what to do; None where it cannot be found."""
    for slot in host.inputs:
        if slot.port is not None and _source(graph, slot.port.links) == (entry.node_id, entry.widget):
            return slot
    node = graph.by_id.get(entry.node_id)
    if node is None:
        return None
    if node.type == PRIMITIVE and node.virtual:
        existing = next((slot for slot in host.inputs if slot.name == node.replaced_by), None)
        if existing is not None:
            return existing
        links = node.outputs[0].links if node.outputs else []
        twice = sum(other.node_id == entry.node_id for other in entries) > 1
        return _Primitive if twice or any(link in graph.wires for link in links) else None
    found = _inner_slot(node, entry)
    if found is UNSET:
        return None
    return _Preview if entry.widget.startswith("$$") or found is None else _New


def _source(graph: LiveGraph, links: list[str]) -> tuple[str, str] | None:
    """The inner node and widget that a port feeds first."""
    for link in links:
        wire = graph.wires.get(link)
        found = graph.target(wire) if wire else None
        if found is None:
            continue
        node, slot = found
        if node.subgraph is not None:
            return node.id, slot.name
        widget = hosts.widget_of(node, slot)
        if widget is not None:
            return node.id, widget.name
    return None


def _resolves(host: LiveNode, node_id: str, widget: str) -> bool:
    for _ in range(MAX_CHAIN):
        node = host.subgraph.by_id.get(node_id) if host.subgraph else None
        if node is None:
            return False
        if node.subgraph is None:
            return node.widget(widget) is not None
        port = next((port for port in node.subgraph.inputs if port.name == widget), None)
        target = _source(node.subgraph, port.links) if port else None
        if target is None:
            return False
        host, (node_id, widget) = node, target
    return False


def _inner_slot(node: LiveNode, entry: _Entry) -> Any:
    """The input that stands for the widget; None for a widget that is only a picture, UNSET for no widget."""
    if node.subgraph is not None:
        for slot in node.inputs:
            source = _source(node.subgraph, slot.port.links) if slot.port else None
            if entry.inner is not None:
                matches = source == (entry.inner, entry.widget)
            else:
                matches = slot.name == entry.widget or (source is not None and source[1] == entry.widget)
            if matches:
                return slot if slot.cell is not None else UNSET
        return UNSET
    widget = node.widget(entry.widget)
    if widget is None:
        return UNSET
    if not (widget.in_file and widget.in_prompt) and widget.kind in _PREVIEWS:
        return None
    return next((slot for slot in node.inputs if slot.widget == widget.name), UNSET)


def _set(host: LiveNode, slot: Slot, entry: _Entry, file: FileNode) -> bool:
    if slot.cell is None:
        return False
    host.legacy[entry.index] = slot
    if entry.value is not UNSET:
        slot.cell.value = entry.value
        slot.cell.spot = Spot(file.path, entry.index, slot.name)
    return True


def _create(host: LiveNode, graph: LiveGraph, entry: _Entry, file: FileNode) -> bool:
    node = graph.by_id[entry.node_id]
    slot = _inner_slot(node, entry)
    if slot is None or slot is UNSET:
        return False
    port = add_port(graph, unique_name(graph, entry.widget), str(slot.type))
    connect(graph, port, node, slot)
    own = next(item for item in host.inputs if item.port is port)
    return _set(host, own, entry, file)


def _replace_primitive(host: LiveNode, graph: LiveGraph, group: list[_Entry], file: FileNode) -> bool:
    node = graph.by_id[group[0].node_id]
    wires = [graph.wires.get(link) for link in (node.outputs[0].links if node.outputs else ())]
    if len({entry.widget for entry in group}) > 1 or not wires:
        return False
    kind = str(node.outputs[0].type)
    targets: list[tuple[LiveNode, Slot]] = []
    for wire in wires:
        target = graph.by_id.get(wire.target) if wire else None
        if wire is None or target is None or not 0 <= wire.target_slot < len(target.inputs):
            return False
        slot = target.inputs[wire.target_slot]
        if slot.type != kind and "*" not in (slot.type, kind):
            return False
        targets.append((target, slot))
    name = node.title if node.title and node.title != PRIMITIVE else group[0].widget
    port = add_port(graph, unique_name(graph, name), kind)
    if not _reconnect(graph, port, node, targets, [wire for wire in wires if wire]):
        return False
    node.replaced_by = port.name
    own = next(item for item in host.inputs if item.port is port)
    _set(host, own, next((item for item in group if item.value is not UNSET), group[0]), file)
    return True


def _reconnect(
    graph: LiveGraph, port: Any, node: LiveNode, targets: list[tuple[LiveNode, Slot]], wires: list[Wire]
) -> bool:
    """All targets or none."""
    for target, slot in targets:
        graph.disconnect(target, target.inputs.index(slot))
    try:
        for target, slot in targets:
            connect(graph, port, target, slot)
    except Refused:
        remove_port(graph, port)
        for wire, (_, slot) in zip(wires, targets, strict=True):
            graph.wires[wire.id] = wire
            node.outputs[0].links.append(wire.id)
            slot.link = wire.id
        return False
    return True


def _name_failure(host: LiveNode, entry: _Entry, file: FileNode, notes: list[Note]) -> None:
    """Values for inputs of the host itself are taken by name; the others are lost."""
    if entry.node_id == "-1" and entry.value is not UNSET:
        for slot in host.inputs:
            if slot.name == entry.widget:
                _set(host, slot, entry, file)
                return
    facts = {"id": host.id, "node": host.title, "input": entry.widget, "detail": f"node {entry.node_id}"}
    notes.append(Note("promotion_failed", facts))
