"""What the editor changes right after opening: links go that reroutes carry to inputs of another type."""

from __future__ import annotations

from comfydesk.workflow.conversion.live import LiveGraph, LiveNode, Slot
from comfydesk.workflow.conversion.page_nodes import REROUTE
from comfydesk.workflow.conversion.resolving import connects


def settle(graph: LiveGraph) -> None:
    """For one graph; subgraphs are settled on their own."""
    for node in graph.nodes:
        if _is_reroute(node):
            kind = _carried(graph, node)
            for target, slot in _ends(graph, node) if kind is not None else ():
                if not connects(kind, slot.type):
                    graph.disconnect(target, target.inputs.index(slot))


def _is_reroute(node: LiveNode) -> bool:
    return node.virtual and node.type == REROUTE


def _carried(graph: LiveGraph, node: LiveNode) -> object | None:
    """The type that comes in, through other reroutes; None where nothing does."""
    seen: set[str] = set()
    while node.id not in seen:
        seen.add(node.id)
        link = node.inputs[0].link if node.inputs else None
        wire = graph.wires.get(link) if link is not None else None
        origin = graph.by_id.get(wire.origin) if wire else None
        if wire is None or origin is None:
            return None
        if not _is_reroute(origin):
            outputs = origin.outputs[wire.origin_slot : wire.origin_slot + 1]
            return outputs[0].type if outputs else None
        node = origin
    return None


def _ends(graph: LiveGraph, node: LiveNode) -> list[tuple[LiveNode, Slot]]:
    """The inputs behind a reroute that are not reroutes themselves."""
    found: list[tuple[LiveNode, Slot]] = []
    waiting, seen = [node], {node.id}
    while waiting:
        outputs = waiting.pop().outputs
        for link in outputs[0].links if outputs else ():
            wire = graph.wires.get(link)
            target = graph.by_id.get(wire.target) if wire else None
            if wire is None or target is None or not 0 <= wire.target_slot < len(target.inputs):
                continue
            if not _is_reroute(target):
                found.append((target, target.inputs[wire.target_slot]))
            elif target.id not in seen:
                seen.add(target.id)
                waiting.append(target)
    return found
