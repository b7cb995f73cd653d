"""Subgraphs opened out: every node gets the id it has in the prompt, "57:8" for node 8 inside host 57."""

from __future__ import annotations

from dataclasses import dataclass, field

from comfydesk.base.errors import Problem
from comfydesk.workflow.conversion.live import BYPASSED, MUTED, LiveGraph, LiveNode
from comfydesk.workflow.conversion.model import Note
from comfydesk.workflow.conversion.order import in_order
from comfydesk.workflow.conversion.reading import MAX_DEPTH, MAX_NODES

MAX_ID = 1_000  # letters


@dataclass(slots=True, eq=False)
class Flat:
    """One node in one place: a node of a subgraph comes once for every host around it."""

    id: str
    node: LiveNode
    host: Flat | None = None

    def hosts(self) -> list[Flat]:
        """The hosts around it, outermost first."""
        around, found = self.host, []
        while around is not None:
            found.append(around)
            around = around.host
        return found[::-1]


@dataclass(slots=True)
class Flattened:
    nodes: dict[str, Flat] = field(default_factory=dict)

    def beside(self, flat: Flat, node_id: str) -> Flat | None:
        """The node of that id in the same place."""
        return self.nodes.get(f"{flat.host.id}:{node_id}" if flat.host else node_id)

    def inside(self, host: Flat, node_id: str) -> Flat | None:
        return self.nodes.get(f"{host.id}:{node_id}")


def flatten(root: LiveGraph, notes: list[Note]) -> Flattened:
    """Raises Problem workflow_limits where the nodes inside nodes become too many."""
    flattened = Flattened()
    for node in in_order(root):
        flat = _add(flattened, node, None)
        if node.mode not in (MUTED, BYPASSED):
            _open(flattened, flat, notes)
    return flattened


def _add(flattened: Flattened, node: LiveNode, host: Flat | None) -> Flat:
    flat = Flat(f"{host.id}:{node.id}" if host else node.id, node, host)
    flattened.nodes[flat.id] = flat
    if len(flattened.nodes) > MAX_NODES or len(flat.id) > MAX_ID:
        detail = f"its subgraphs open out to more than {MAX_NODES:,} nodes"
        raise Problem("workflow_limits", file="The workflow", detail=detail)
    return flat


def _open(flattened: Flattened, flat: Flat, notes: list[Note]) -> None:
    graph = flat.node.subgraph
    if graph is None:
        return
    above = flat.hosts()
    if len(above) >= MAX_DEPTH:
        detail = f"its subgraphs lie more than {MAX_DEPTH} deep inside each other"
        raise Problem("workflow_limits", file="The workflow", detail=detail)
    if any(host.node.subgraph is graph for host in above):
        notes.append(Note("subgraph_recursive", {"id": flat.id, "node": flat.node.title}))
        return
    for node in graph.nodes:
        _open(flattened, _add(flattened, node, flat), notes)
