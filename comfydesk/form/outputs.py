"""What a run makes: the nodes that save, the noun for it, and how many files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from comfydesk.form.fields import Form
from comfydesk.form.walk import Place, Walk
from comfydesk.workflow.graph import Graph, Node
from comfydesk.workflow.specs import Specs

PREVIEW = re.compile(r"preview|compare|show|display", re.I)
SAVER = re.compile(r"^(save|preview|vhs_videocombine)|save(image|video|audio)?$", re.I)
# By the class's name, first match wins; by the type of what it takes, where the name says nothing.
NOUNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"video|webm|animated|gif", re.I), "video"),
    (re.compile(r"audio|sound|music", re.I), "sound"),
    (re.compile(r"3d|glb|mesh|splat|pointcloud|point_cloud", re.I), "model"),
    (re.compile(r"latent|text|json|string|lora|checkpoint|model|vae|clip|any", re.I), "file"),
    (re.compile(r"image|mask|picture", re.I), "picture"),
)
BY_TYPE = {"IMAGE": "picture", "MASK": "picture", "VIDEO": "video", "AUDIO": "sound", "MESH": "model", "SVG": "file"}


def output_nodes(graph: Graph, specs: Specs | None) -> list[Node]:
    """The nodes whose results come back; by the host's word, else by name, else those that nothing uses."""
    found = []
    for node in graph.nodes.values():
        spec = specs.node(node.class_type) if specs else None
        if spec.output_node if spec else bool(SAVER.search(node.class_type)):
            found.append(node)
    return found or [node for node in graph.nodes.values() if node.node_id not in graph.consumers]


def savers(nodes: list[Node]) -> list[Node]:
    """Those that save; where there are only previews, these."""
    return [node for node in nodes if not PREVIEW.search(node.class_type)] or nodes


def chosen_first(nodes: list[Node], chosen: Sequence[str]) -> list[Node]:
    """Those that the workflow's author named first, in the author's order."""
    place = {node_id: number for number, node_id in enumerate(chosen)}
    return sorted(nodes, key=lambda node: place.get(node.node_id, len(place)))


def noun(nodes: list[Node], specs: Specs | None) -> str:
    """picture | video | sound | model | file: what most of the saving nodes make."""
    counts = Counter(_noun_of(node, specs) for node in savers(nodes))
    if not counts:
        return "picture"
    most = max(counts.values())
    order = ("video", "picture", "sound", "model", "file")
    return next(word for word in order if counts.get(word) == most)


def files_per_run(graph: Graph, form: Form | None, values: Mapping[str, Any], specs: Specs | None = None) -> int:
    """How many files one run makes, as far as the graph tells: batch size × saving nodes. `values` are the form's."""
    walk = Walk(graph, specs)
    total = 0
    for node in savers(output_nodes(graph, specs)):
        is_picture = _noun_of(node, specs) == "picture"
        total += _batch(walk, node, values, form) if is_picture else 1
    return max(1, total)


def _noun_of(node: Node, specs: Specs | None) -> str:
    spec = specs.node(node.class_type) if specs else None
    for item in spec.inputs if spec else ():
        if item.type in BY_TYPE and item.name in node.inputs and not PREVIEW.search(node.class_type):
            named = next((word for pattern, word in NOUNS if pattern.search(node.class_type)), "")
            return named if named in ("video", "file") else BY_TYPE[item.type]
    return next((word for pattern, word in NOUNS if pattern.search(node.class_type)), "picture")


def _batch(walk: Walk, saver: Node, values: Mapping[str, Any], form: Form | None) -> int:
    """The batch size of the nearest latent behind a saver, 1 where it is not known."""
    seen: set[str] = set()
    waiting = [saver.node_id]
    while waiting:
        node = walk.graph.nodes[waiting.pop(0)]
        if node.node_id in seen:
            continue
        seen.add(node.node_id)
        if "batch_size" in node.inputs:
            return _count(walk.number(node, "batch_size"), walk, values)
        for name, link in node.links():
            wanted = ("image", "images", "samples", "latent", "latent_image", "pixels")
            if name in wanted or walk.type_of(node, name) in ("IMAGE", "LATENT"):
                waiting.append(link.node_id)
    return 1


def _count(place: Place | None, walk: Walk, values: Mapping[str, Any]) -> int:
    if place is None:
        return 1
    value = values.get(f"{place.node_id}.{place.name}", walk.value(place))
    return value if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 4096 else 1
