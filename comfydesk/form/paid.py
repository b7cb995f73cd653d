"""Nodes that run on services which cost money: which of them a run would really use."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from comfydesk.base.errors import Problem
from comfydesk.form import outputs
from comfydesk.workflow.graph import Graph, Node
from comfydesk.workflow.specs import Specs

SHOWN = 4  # nodes named in a sentence
MAX_NAME = 60

# Where no host has told yet: services that ComfyUI has nodes for, as the names of their nodes begin or end.
# A wrong guess costs a question, a missed one costs money.
_BY_NAME = re.compile(
    r"^(Kling|Luma|Minimax|Pika|Pixverse|Recraft|Runway|Ideogram[VP]|OpenAI|Veo\d?Video|Veo3|Gemini|ByteDance|Tripo(?!S[A-Zp])[A-Z]|Rodin3D"
    r"|Moonvalley|Vidu|Ltxv?Api|Topaz|Stability|Bria|Claude|OpenRouter|ElevenLabs|FishAudio|HeyGen|Grok|HitPaw|Tencent"
    r"|Magnific|Meshy|Sonilo|Sync(LipSync|Talking)|Wavespeed|Quiver|Reve[A-Z]|Beeble|Krea\d|Flux(Pro|Kontext(Pro|Max))"
    r"|Flux2(Pro|Max|Image)|FluxErase|FluxVTO|FluxVideo|Flux3(Text|Image|Video))|Api(Node)?$"
)


@dataclass(frozen=True, slots=True)
class PaidNode:
    """One kind of paid node. `price` of one run where the host tells it in plain numbers, else ""."""

    class_type: str
    name: str
    price: str
    count: int

    def __str__(self) -> str:
        """ "Kling Video × 2 ($0.28 each)"."""
        if self.count == 1:
            return f"{self.name} ({self.price})" if self.price else self.name
        return f"{self.name} × {self.count}" + (f" ({self.price} each)" if self.price else "")


def paid_nodes(graph: Graph, specs: Specs | None, targets: Collection[str] = ()) -> tuple[PaidNode, ...]:
    """The paid nodes that a run of this graph uses: those that an output depends on. Muted or loose ones cost nothing.

    `specs` None: no host has told, so by the names of the services that ComfyUI has nodes for. `targets`: the output
    nodes that run, () for all.
    """
    used = graph.upstream(targets or [node.node_id for node in outputs.output_nodes(graph, specs)])
    found: dict[str, PaidNode] = {}
    for node_id in graph.nodes:
        if node_id in used and (paid := _paid(graph.nodes[node_id], specs)) is not None:
            there = found.get(paid.class_type)
            count = 1 + (there.count if there else 0)
            found[paid.class_type] = PaidNode(paid.class_type, paid.name, paid.price, count)
    return tuple(found.values())


def ask(nodes: Sequence[PaidNode], runs: int) -> Problem:
    """The question before `runs` runs that cost money, as the Problem that stands in their way."""
    times = "1 run" if runs == 1 else f"{runs:,} runs"
    return Problem("paid_nodes", nodes=listed(nodes), runs=runs, times=times)


def listed(nodes: Sequence[PaidNode]) -> str:
    """Their names and prices in a sentence."""
    more = len(nodes) - SHOWN
    return ", ".join(map(str, nodes[:SHOWN])) + (f" and {more} more" if more > 0 else "")


def _paid(node: Node, specs: Specs | None) -> PaidNode | None:
    if specs is None:
        return PaidNode(node.class_type, node.class_type, "", 1) if _BY_NAME.search(node.class_type) else None
    spec = specs.node(node.class_type)
    if spec is None or not spec.is_paid:
        return None
    name = spec.display_name or node.class_type
    return PaidNode(node.class_type, name if len(name) <= MAX_NAME else name[: MAX_NAME - 1] + "…", spec.price, 1)
