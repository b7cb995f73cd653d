"""The order in which the editor goes through the nodes of one graph: sources first, by counting what is still open."""

from __future__ import annotations

from collections import deque

from comfydesk.workflow.conversion.ids import as_number
from comfydesk.workflow.conversion.live import LiveGraph, LiveNode


def in_order(graph: LiveGraph) -> list[LiveNode]:
    """Nodes in circles come last, numbered ids before others."""
    waiting: dict[str, int] = {}
    ready: deque[LiveNode] = deque()
    for node in graph.nodes:
        linked = sum(slot.link is not None for slot in node.inputs)
        if linked:
            waiting[node.id] = linked
        else:
            ready.append(node)
    done: list[LiveNode] = []
    followed: set[str] = set()
    while ready:
        node = ready.popleft()
        done.append(node)
        for link in (link for output in node.outputs for link in output.links):
            wire = graph.wires.get(link)
            if wire is None or link in followed:
                continue
            followed.add(link)
            if wire.target in waiting:
                waiting[wire.target] -= 1
                if waiting[wire.target] == 0:
                    ready.append(graph.by_id[wire.target])
    reached = {node.id for node in done}
    rest = [node for node in graph.nodes if node.id not in reached]
    numbered = [node for node in rest if (as_number(node.id) or -1) >= 0]
    named = [node for node in rest if (as_number(node.id) or -1) < 0]
    return done + sorted(numbered, key=lambda node: int(node.id)) + named
