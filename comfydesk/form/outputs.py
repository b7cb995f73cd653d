"""What a run makes: the nodes that save, the noun for it, and how many files."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
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
    """picture | video | sound | model: what the saving nodes make; "file" where they make different things."""
    words = {_noun_of(node, specs) for node in savers(nodes)}
    if not words:
        return "picture"
    return words.pop() if len(words) == 1 else "file"


@dataclass(frozen=True, slots=True)
class Made:
    """What one output node makes in a run: files of one noun, as many as `batch` or the number `each` says."""

    node_id: str
    noun: str
    saves: bool  # False: a preview
    batch: str = ""  # the key of the batch size behind it, "" where there is none
    each: int = 1  # the number in the file


def makes(graph: Graph, specs: Specs | None) -> tuple[Made, ...]:
    """What each output node makes, as far as the graph tells. Asked once a workflow; `counted` is for every key."""
    walk = Walk(graph, specs)
    found = []
    for node in output_nodes(graph, specs):
        word, saves = _noun_of(node, specs), not PREVIEW.search(node.class_type)
        place = _batch(walk, node) if word == "picture" else None
        each = walk.value(place) if place is not None else 1
        key = f"{place.node_id}.{place.name}" if place is not None else ""
        found.append(Made(node.node_id, word, saves, key, _number(each)))
    return tuple(found)


def counted(made: Iterable[Made], values: Mapping[str, Any], skipped: Collection[str] = ()) -> tuple[int, str]:
    """(files, noun) of one run that leaves the `skipped` output nodes out: batch size × saving nodes.

    Previews count where nothing is saved. The noun is "file" where several kinds are made.
    """
    left = [item for item in made if item.node_id not in skipped]
    left = [item for item in left if item.saves] or left
    nouns = {item.noun for item in left}
    files = sum(_number(values.get(item.batch, item.each)) for item in left)
    return max(1, files), nouns.pop() if len(nouns) == 1 else "file" if nouns else "picture"


def files_per_run(graph: Graph, form: Form | None, values: Mapping[str, Any], specs: Specs | None = None) -> int:
    """How many files one run makes, as far as the graph tells: batch size × saving nodes. `values` are the form's."""
    return counted(makes(graph, specs), values)[0]


def _noun_of(node: Node, specs: Specs | None) -> str:
    spec = specs.node(node.class_type) if specs else None
    for item in spec.inputs if spec else ():
        if item.type in BY_TYPE and item.name in node.inputs and not PREVIEW.search(node.class_type):
            named = next((word for pattern, word in NOUNS if pattern.search(node.class_type)), "")
            return named if named in ("video", "file") else BY_TYPE[item.type]
    return next((word for pattern, word in NOUNS if pattern.search(node.class_type)), "picture")


def _batch(walk: Walk, saver: Node) -> Place | None:
    """Where the batch size of the nearest latent behind a saver is typed."""
    seen: set[str] = set()
    waiting = [saver.node_id]
    while waiting:
        node = walk.graph.nodes.get(waiting.pop(0))
        if node is None or node.node_id in seen:
            continue
        seen.add(node.node_id)
        if "batch_size" in node.inputs:
            return walk.number(node, "batch_size")
        for name, link in node.links():
            wanted = ("image", "images", "samples", "latent", "latent_image", "pixels")
            if name in wanted or walk.type_of(node, name) in ("IMAGE", "LATENT"):
                waiting.append(link.node_id)
    return None


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 4096 else 1
