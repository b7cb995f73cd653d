"""Group nodes of older files: several nodes under one title, described in `extra.groupNodes`.

The editor turns each into a subgraph when it opens the file: the inner nodes get new ids, then the subgraph's node. Its
values are those of the inner nodes' widgets in order; its inputs and outputs are what is not linked inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from comfydesk.workflow.conversion.assembly import assign, has_widget, new_node
from comfydesk.workflow.conversion.configuring import configure, take_facts, take_values
from comfydesk.workflow.conversion.declared import Classes, Declared, NodeClass
from comfydesk.workflow.conversion.ids import Numbers
from comfydesk.workflow.conversion.live import (
    INPUT_PORTS,
    OUTPUT_PORTS,
    LiveGraph,
    LiveNode,
    Output,
    Port,
    Slot,
    Wire,
)
from comfydesk.workflow.conversion.model import Note
from comfydesk.workflow.conversion.reading import FileNode, read_group_nodes

PREFIX = "workflow>"


@dataclass(slots=True)
class _Exposed:
    """An input or output of the group: `inner` is the number of the node, `name` or `slot` says which of its own."""

    shown: str
    inner: int
    name: str = ""
    slot: int = 0
    type: Any = "*"


@dataclass(slots=True)
class Group:
    """One kind of group node."""

    name: str
    nodes: list[FileNode]
    links: list[tuple[int, int, int, int]]
    known: list[NodeClass]
    values: list[tuple[Declared, _Exposed]] = field(default_factory=list)
    inputs: list[_Exposed] = field(default_factory=list)
    outputs: list[_Exposed] = field(default_factory=list)


def group_of(name: str, groups: Mapping[str, Any], classes: Classes) -> Group | None:
    """The group that a node type names; None where the file does not hold it or the host lacks one of its classes."""
    raw = groups.get(name.removeprefix(PREFIX)) if name.startswith(PREFIX) else None
    if not isinstance(raw, Mapping):
        return None
    nodes = read_group_nodes(raw, ("extra", "groupNodes", name.removeprefix(PREFIX)))
    known = [item for item in (classes.get(node.type) for node in nodes) if item is not None]
    if not nodes or len(known) != len(nodes):
        return None
    group = Group(name.removeprefix(PREFIX), nodes, _links(raw, len(nodes)), known)
    config = raw.get("config")
    _expose(group, _outside(raw), config if isinstance(config, Mapping) else {})
    return group


def unpack(group: Group, file: FileNode, graph: LiveGraph, numbers: Numbers, notes: list[Note]) -> LiveNode:
    """The group node as a host with a subgraph of its own."""
    inside = LiveGraph(f"{PREFIX}{group.name} {file.path}", group.name)
    for inner, known in zip(group.nodes, group.known, strict=True):
        node = new_node(known, numbers.next(), inside)
        node.file = inner
        inside.nodes.append(node)
        inside.by_id[node.id] = node
        node.attach()
        inner.id = node.id
        configure(node, inner, notes)
    host = LiveNode(numbers.next(), file.type, graph, virtual=True, subgraph=inside, title=group.name, file=file)
    _take_group_values(group, inside, file, graph, notes)
    _link_inside(group, inside)
    _link_ports(group, inside, host, file)
    title = host.title
    take_facts(host, file)
    host.mode, host.title = 0, file.title or title  # the editor forgets that a group was muted
    inside.hosts.append(host)
    return host


def _links(raw: Mapping[str, Any], count: int) -> list[tuple[int, int, int, int]]:
    links = raw.get("links")
    found = []
    for item in links if isinstance(links, list) else ():
        ends = item[:4] if isinstance(item, list) else []
        if len(ends) == 4 and all(type(end) is int for end in ends) and 0 <= ends[0] < count and 0 <= ends[2] < count:
            found.append((ends[0], ends[1], ends[2], ends[3]))
    return found


def _outside(raw: Mapping[str, Any]) -> set[tuple[int, int]]:
    """Outputs that are linked outside too."""
    external = raw.get("external")
    listed = external if isinstance(external, list) else []
    good = (item for item in listed if isinstance(item, list) and len(item) > 1)
    return {(item[0], item[1]) for item in good if type(item[0]) is int and type(item[1]) is int}


def _input_name(group: Group, number: int, slot: int) -> str:
    """The name of an inner node's input by the number that the group's links use."""
    saved = group.nodes[number].inputs
    if 0 <= slot < len(saved):
        return saved[slot].name
    sockets = [spec.name for spec in group.known[number].listed if not has_widget(spec)]
    return sockets[slot] if 0 <= slot < len(sockets) else ""


def _expose(group: Group, outside: set[tuple[int, int]], config: Mapping[str, Any]) -> None:
    fed = {(target, _input_name(group, target, slot)) for _, _, target, slot in group.links}
    taken = {(source, slot) for source, slot, _, _ in group.links}
    inputs: set[str] = set()
    outputs: set[str] = set()
    late: list[_Exposed] = []
    for number, (node, known) in enumerate(zip(group.nodes, group.known, strict=True)):
        own = config.get(str(number))
        converted = {slot.name for slot in node.inputs if slot.widget == slot.name}
        for spec in sorted(known.listed, key=lambda spec: not has_widget(spec)):
            if (number, spec.name) in fed:
                continue
            item = _Exposed(_unique(node, _custom(own, "input", spec.name), inputs), number, spec.name, type=spec.type)
            if has_widget(spec) and spec.name not in converted:
                group.values.append((spec.renamed(item.shown), item))
            else:
                (late if has_widget(spec) else group.inputs).append(item)
        for slot, (name, kind) in enumerate(known.outputs):
            if (number, slot) not in taken or (number, slot) in outside:
                shown = _unique(node, _custom(own, "output", str(slot), name), outputs)
                group.outputs.append(_Exposed(shown, number, name, slot, kind))
    group.inputs += late


def _custom(config: Any, side: str, key: str, otherwise: str | None = None) -> str:
    """The name that a person gave."""
    named = config.get(side) if isinstance(config, Mapping) else None
    item = named.get(key) if isinstance(named, Mapping) else None
    name = item.get("name") if isinstance(item, Mapping) else None
    return name if isinstance(name, str) else otherwise or key


def _unique(node: FileNode, name: str, taken: set[str]) -> str:
    shown, number = name, 1
    while shown in taken:
        shown = f"{node.title or node.type} {name}" if number == 1 else f"{node.title or node.type} {number} {name}"
        number += 1
    taken.add(shown)
    return shown


def _take_group_values(group: Group, inside: LiveGraph, file: FileNode, graph: LiveGraph, notes: list[Note]) -> None:
    """Count the values off along widgets like those of the inner nodes, then hand them on."""
    specs = tuple(spec for spec, _ in group.values)
    counting = new_node(NodeClass(file.type, group.name, specs, specs, ()), "", graph)
    counting.attach()
    take_values(counting, file, notes)
    for spec, item in group.values:
        inner = inside.nodes[item.inner]
        for theirs, name in ((spec.name, item.name), *_controls(counting, inner, spec.name, item.name)):
            source, target = counting.widget(theirs), inner.widget(name)
            if source is not None and target is not None and source.cell.spot is not None:
                assign(inner, target, source.value)
                target.cell.spot = source.cell.spot


def _controls(counting: LiveNode, inner: LiveNode, shown: str, name: str) -> list[tuple[str, str]]:
    mine = next((widget.name for widget in counting.widgets if widget.controls == shown), None)
    theirs = next((widget.name for widget in inner.widgets if widget.controls == name), None)
    return [(mine, theirs)] if mine is not None and theirs is not None else []


def _link_inside(group: Group, inside: LiveGraph) -> None:
    for source, slot, target, target_slot in group.links:
        _wire(inside, inside.nodes[source].id, slot, inside.nodes[target], _input_name(group, target, target_slot))
        for output in inside.nodes[source].outputs[slot : slot + 1]:
            output.links.append(f"new {inside.made_links}")


def _wire(inside: LiveGraph, origin: str, slot: int, node: LiveNode, name: str) -> str | None:
    at = node.input_index(name)
    if at < 0:
        return None
    link = inside.new_link_id()
    inside.wires[link] = Wire(link, origin, slot, node.id, at)
    node.inputs[at].link = link
    return link


def _link_ports(group: Group, inside: LiveGraph, host: LiveNode, file: FileNode) -> None:
    given = {slot.name: slot.link for slot in file.inputs}
    for item in group.inputs:
        link = _wire(inside, INPUT_PORTS, len(inside.inputs), inside.nodes[item.inner], item.name)
        port = Port(item.shown, item.type, [link] if link is not None else [])
        inside.inputs.append(port)
        host.inputs.append(Slot(item.shown, item.type, given.get(item.shown), port=port))
    for index, item in enumerate(group.outputs):
        link = inside.new_link_id()
        inside.wires[link] = Wire(link, inside.nodes[item.inner].id, item.slot, OUTPUT_PORTS, index)
        inside.outputs.append(Port(item.shown, item.type, [link]))
        saved = file.outputs[index].links if index < len(file.outputs) else []
        host.outputs.append(Output(item.shown, item.type, list(saved)))
