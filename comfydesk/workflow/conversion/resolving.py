"""Where an input's value really comes from: through reroutes, bypassed nodes and the ports of subgraphs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from comfydesk.workflow.conversion.flattening import Flat, Flattened
from comfydesk.workflow.conversion.live import BYPASSED, MUTED, LiveNode, Slot
from comfydesk.workflow.conversion.page_nodes import GETTER, SETTER


@dataclass(frozen=True, slots=True)
class FromNode:
    """The output `slot` of the node with that id."""

    node_id: str
    slot: int


@dataclass(frozen=True, slots=True)
class FromHost:
    """The value that a host has for the input `slot`."""

    host: Flat
    slot: Slot


Source = FromNode | FromHost | None


class BrokenLink(Exception):  # noqa: N818
    """A link that leads nowhere; the text says why."""


class Circle(BrokenLink):
    """A link that leads back to itself."""


class Resolver:
    def __init__(self, flattened: Flattened) -> None:
        self._flat = flattened
        self._setters: dict[tuple[str, str], Flat] | None = None

    def source(self, flat: Flat, index: int) -> Source:
        """What feeds an input; None for nothing. Raises BrokenLink."""
        if flat.node.inputs[index].link is None:
            return None
        walk = _Walk()
        try:
            return self._input(flat, index, None, walk)
        except RecursionError:
            raise BrokenLink("it goes through too many nodes") from None

    def _input(self, flat: Flat, index: int, kind: Any, walk: _Walk) -> Source:
        walk.enter("in", flat, index)
        node = flat.node
        if index >= len(node.inputs):
            raise BrokenLink(f"“{node.title or node.id}” has no input {index}")
        slot = node.inputs[index]
        if slot.link is None:
            return None
        wire = node.graph.wires.get(slot.link)
        if wire is None:
            raise BrokenLink(f"link {slot.link} is not in the file")
        if flat.host is not None and wire.from_port:
            return self._from_host(flat.host, wire.origin_slot, walk)
        origin = self._flat.beside(flat, wire.origin)
        if origin is None:
            raise BrokenLink(f"node {wire.origin} is not there")
        return self._output(origin, wire.origin_slot, slot.type if kind is None else kind, walk)

    def _from_host(self, host: Flat, port: int, walk: _Walk) -> Source:
        """Up and out of a subgraph."""
        inputs = host.node.inputs
        if not -len(inputs) <= port < len(inputs):
            raise BrokenLink(f"“{host.node.title or host.id}” has no input {port}")
        slot = inputs[port]
        if slot.link is None:
            return FromHost(host, slot) if slot.cell is not None else None
        wire = host.node.graph.wires.get(slot.link)
        if wire is None:
            raise BrokenLink(f"link {slot.link} is not in the file")
        return self._input(host, wire.target_slot, None, walk)

    def _output(self, flat: Flat, index: int, kind: Any, walk: _Walk) -> Source:
        walk.enter("out", flat, index)
        node = flat.node
        if node.mode == MUTED:
            return None
        if node.mode == BYPASSED:
            passing = _bypass(node, index, kind)
            return None if passing is None else self._input(flat, passing, None, walk)
        if node.subgraph is not None:
            return self._from_inside(flat, index, kind, walk)
        if node.virtual:
            return self._through(flat, index, kind, walk)
        return FromNode(flat.id, index)

    def _from_inside(self, flat: Flat, index: int, kind: Any, walk: _Walk) -> Source:
        """Down into a subgraph, to what its port shows."""
        graph = flat.node.subgraph
        assert graph is not None
        if not 0 <= index < len(graph.outputs):
            raise BrokenLink(f"“{flat.node.title or flat.id}” has no output {index}")
        links = graph.outputs[index].links
        wire = next((graph.wires[link] for link in links if link in graph.wires), None)
        if wire is None:
            return None
        if wire.from_port:
            return self._from_host(flat, wire.origin_slot, walk)
        inner = self._flat.inside(flat, wire.origin)
        if inner is None:
            raise BrokenLink(f"node {wire.origin} is not there")
        return self._output(inner, wire.origin_slot, kind, walk)

    def _through(self, flat: Flat, index: int, kind: Any, walk: _Walk) -> Source:
        """Reroutes pass on what comes in; so do getters, from the setter of their name."""
        node = flat.node
        if node.type == GETTER:
            setter = self._setter(flat)
            return self._input(setter, 0, kind, walk) if setter else None
        if index >= len(node.inputs) or node.inputs[index].link is None:
            return None
        return self._input(flat, index, kind, walk)

    def _setter(self, getter: Flat) -> Flat | None:
        """The first setter of that name beside the getter, else around it."""
        if self._setters is None:
            self._setters = {}
            for flat in self._flat.nodes.values():
                if flat.node.type == SETTER and flat.node.virtual:
                    self._setters.setdefault((flat.host.id if flat.host else "", _constant(flat.node)), flat)
        name, host = _constant(getter.node), getter.host
        while name:
            found = self._setters.get((host.id if host else "", name))
            if found is not None or host is None:
                return found
            host = host.host
        return None


class _Walk:
    """What was passed on the way, so that a circle ends."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str, int]] = set()

    def enter(self, side: str, flat: Flat, index: int) -> None:
        step = (side, flat.id, index)
        if step in self._seen:
            raise Circle("it leads back to itself")
        self._seen.add(step)


def _constant(node: LiveNode) -> str:
    """The name by which setters and getters find each other."""
    values = node.file.values if node.file else None
    first = values[0] if isinstance(values, list) and values else None
    return first if isinstance(first, str) else ""


def _bypass(node: LiveNode, index: int, kind: Any) -> int | None:
    """The input that a bypassed node passes on to an output: that of the same number, else of the same type."""
    inputs = node.inputs
    if kind in ("*", ""):
        return index if index < len(inputs) else 0
    shown = node.outputs[index].type if 0 <= index < len(node.outputs) else "*"
    opposite = inputs[index] if 0 <= index < len(inputs) else None
    if opposite and connects(opposite.type, shown) and connects(opposite.type, kind):
        return index
    same = next((i for i, slot in enumerate(inputs) if slot.type == kind), None)
    if same is not None:
        return same
    return next((i for i, slot in enumerate(inputs) if connects(slot.type, shown) and connects(slot.type, kind)), None)


def connects(one: Any, other: Any) -> bool:
    """Whether slots of these types may be linked: equal, one of a list, or either takes anything."""
    if one in ("", "*", 0) or other in ("", "*", 0) or one == other:
        return True
    mine, theirs = str(one).lower().split(","), str(other).lower().split(",")
    return any(a == b or a in ("", "*") or b in ("", "*") for a in mine for b in theirs)
