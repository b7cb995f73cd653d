"""What the editor changes right after opening: links go that reroutes carry to inputs of another type."""

from __future__ import annotations

from typing import Any

from comfydesk.workflow.conversion.live import LiveGraph, LiveNode
from comfydesk.workflow.conversion.page_nodes import REROUTE
from comfydesk.workflow.conversion.resolving import connects


def settle(graph: LiveGraph) -> None:
    """For one graph; subgraphs are settled on their own."""
    carried: dict[str, Any] = {}
    for node in graph.nodes:
        kind = _carried(graph, node, carried) if _is_reroute(node) else None
        for link in list(node.outputs[0].links) if kind is not None and node.outputs else ():
            wire = graph.wires.get(link)
            target = graph.by_id.get(wire.target) if wire else None
            if wire is None or target is None or _is_reroute(target) or wire.target_slot >= len(target.inputs):
                continue
            if wire.target_slot >= 0 and not connects(kind, target.inputs[wire.target_slot].type):
                graph.disconnect(target, wire.target_slot)


def _is_reroute(node: LiveNode) -> bool:
    return node.virtual and node.type == REROUTE


def _carried(graph: LiveGraph, node: LiveNode, known: dict[str, Any]) -> Any:
    """The type that comes in, through other reroutes; None where nothing does."""
    passed: list[str] = []
    kind: Any = None
    while node.id not in known:
        known[node.id] = None
        passed.append(node.id)
        link = node.inputs[0].link if node.inputs else None
        wire = graph.wires.get(link) if link is not None else None
        origin = graph.by_id.get(wire.origin) if wire else None
        if wire is None or origin is None:
            break
        if not _is_reroute(origin):
            kind = next((output.type for output in origin.outputs[wire.origin_slot : wire.origin_slot + 1]), None)
            break
        node = origin
    else:
        kind = known[node.id]
    known.update(dict.fromkeys(passed, kind))
    return kind
