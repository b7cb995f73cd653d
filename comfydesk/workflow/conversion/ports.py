"""Adding inputs to a subgraph that is open: every host of it gets the input too."""

from __future__ import annotations

from comfydesk.workflow.conversion import hosts
from comfydesk.workflow.conversion.live import INPUT_PORTS, LiveGraph, LiveNode, Port, Slot, Widget, Wire

_NUMBERS = ("min", "max", "step")


class Refused(Exception):  # noqa: N818
    """The input cannot feed this widget beside those that it feeds."""


def unique_name(graph: LiveGraph, name: str) -> str:
    taken = {port.name for port in graph.inputs}
    number, free = 0, name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free


def add_port(graph: LiveGraph, name: str, kind: str) -> Port:
    port = Port(name, kind)
    graph.inputs.append(port)
    for host in graph.hosts:
        host.inputs.append(Slot(name, kind, port=port))
    return port


def remove_port(graph: LiveGraph, port: Port) -> None:
    for link in port.links:
        wire = graph.wires.pop(link, None)
        found = graph.by_id.get(wire.target) if wire else None
        for slot in found.inputs if found else ():
            slot.link = None if slot.link == link else slot.link
    graph.inputs.remove(port)
    for host in graph.hosts:
        host.inputs[:] = [slot for slot in host.inputs if slot.port is not port]


def connect(graph: LiveGraph, port: Port, node: LiveNode, slot: Slot) -> None:
    """Link a port to an input inside; the hosts take the value of the first widget that it feeds. Raises Refused."""
    if slot.link is not None:
        graph.disconnect(node, node.inputs.index(slot))
    widget = hosts.widget_of(node, slot)
    if widget is not None:
        if port.links and not _alike(graph, port, widget):
            raise Refused
        for host in graph.hosts:
            own = next((item for item in host.inputs if item.port is port), None)
            if own is not None and (own.cell is None or (own.source and own.source.kind != widget.kind)):
                hosts.take_widget(own, slot, widget)
    link = graph.new_link_id()
    index = next(i for i, item in enumerate(graph.inputs) if item is port)
    graph.wires[link] = Wire(link, INPUT_PORTS, index, node.id, node.inputs.index(slot), slot.type)
    port.links.append(link)
    slot.link = link


def _alike(graph: LiveGraph, port: Port, widget: Widget) -> bool:
    wire = graph.wires.get(port.links[-1])
    found = graph.target(wire) if wire else None
    other = hosts.widget_of(*found) if found else None
    if other is None:
        return True
    mine, theirs = (w.spec.options if w.spec else {} for w in (widget, other))
    return widget.kind == other.kind and all(mine.get(name) == theirs.get(name) for name in _NUMBERS)
