"""Where the size and the length of a result are set: in the latent's node, or far behind it, where the author put them.

A latent's width may be a sum over a number that is titled "Width", the size of a scaled picture, or come from a node
that works it out of an aspect ratio.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from comfydesk.form.fields import Role
from comfydesk.form.walk import Place, Walk, is_sampler
from comfydesk.workflow.graph import Link, Node

OF_INPUT: dict[str, Role] = {
    "width": Role.WIDTH,
    "height": Role.HEIGHT,
    "batch_size": Role.BATCH_SIZE,
    "length": Role.LENGTH,
    "num_frames": Role.LENGTH,
    "video_frames": Role.LENGTH,
    "seconds": Role.LENGTH,
    "frames_number": Role.LENGTH,
}
# What authors write over the number that others work with.
TITLES: dict[Role, re.Pattern[str]] = {
    Role.WIDTH: re.compile(r"(\b|_)width\b", re.I),
    Role.HEIGHT: re.compile(r"(\b|_)height\b", re.I),
    Role.LENGTH: re.compile(r"\b(length|duration|seconds|frames|frame count|num_frames|frame_count)\b", re.I),
}
SCALE = re.compile(
    r"(^|[._])(megapixels|(longer|shorter|longest|shortest)_(edge|side|size)|largest_size|smallest_size|max_dimension)$"
)
RATIO = re.compile(r"(^|[._])(aspect_ratio|ratio)$")
NOT_BEHIND = re.compile(
    r"^(model|clip|vae|audio_vae|positive|negative|conditioning|cond\d*|guider|sampler|sigmas|noise)$"
)
MAX_NODES = 300


@dataclass(slots=True)
class Sizes:
    """`roles`: the numbers. `choices`: what else the size depends on (aspect ratio, megapixels), nearest first."""

    roles: dict[Place, Role] = field(default_factory=dict)
    choices: list[Place] = field(default_factory=list)


def of_node(walk: Walk, node: Node) -> Sizes:
    """The size that a latent's node has, or takes from others."""
    found = Sizes()
    for name, role in OF_INPUT.items():
        if name not in node.inputs:
            continue
        place = walk.number(node, name)
        if place is not None:
            found.roles.setdefault(place, role)
        elif role in TITLES and (link := node.link(name)) is not None:
            _look_behind(walk, link, [role], found)
    return found


def behind(walk: Walk, link: Link | None) -> Sizes:
    """The size of what comes through a link that no latent's node decides: a picture that is scaled before."""
    found = Sizes()
    if link is not None:
        _look_behind(walk, link, [Role.WIDTH, Role.HEIGHT], found)
    return found


def scaling(walk: Walk, node: Node) -> Sizes:
    """The width and height that a node scales pictures to, named "resize_type.width" and the like."""
    found = Sizes()
    for name in node.inputs:
        role = OF_INPUT.get(name.rsplit(".", 1)[-1]) if "." in name else None
        place = walk.number(node, name) if role in (Role.WIDTH, Role.HEIGHT) else None
        if place is not None and role is not None:
            found.roles[place] = role
    return found


def _look_behind(walk: Walk, link: Link, wanted: Iterable[Role], found: Sizes) -> None:
    nodes = list(_nodes_behind(walk, link))
    for role in wanted:
        place = next((place for node in nodes for place in _titled(walk, node, role)), None)
        if place is not None:
            found.roles.setdefault(place, role)
    if not found.roles and Role.LENGTH not in wanted:
        choices = next(filter(None, map(_choices, nodes)), [])
        found.choices += [choice for choice in choices if choice not in found.choices]


def _nodes_behind(walk: Walk, link: Link) -> Iterator[Node]:
    """All nodes that a value is made from, the nearest first; not through a sampler, for that has its own size."""
    seen: set[str] = set()
    waiting = [link]
    while waiting and len(seen) < MAX_NODES:
        node = walk.graph.nodes.get(waiting.pop(0).node_id)
        if node is None or node.node_id in seen or is_sampler(node):
            continue
        seen.add(node.node_id)
        yield node
        waiting += [found for name, found in node.links() if not NOT_BEHIND.match(name)]


def _titled(walk: Walk, node: Node, role: Role) -> Iterator[Place]:
    """The number of a node that is named so, by its title or its input."""
    typed = [name for name in node.inputs if walk.number(node, name) == Place(node.node_id, name)]
    for name in typed:
        if TITLES[role].search(name.rsplit(".", 1)[-1]):
            yield Place(node.node_id, name)
    if len(typed) == 1 and typed[0] == "value" and TITLES[role].search(node.title):
        yield Place(node.node_id, typed[0])


def _choices(node: Node) -> list[Place]:
    """What a person chooses in a node that works out a size, or scales to one."""
    typed = [name for name, value in node.inputs.items() if not isinstance(value, Link)]
    if any(RATIO.search(name) for name in typed):
        return [Place(node.node_id, name) for name in typed]
    return [Place(node.node_id, name) for name in typed if SCALE.search(name)]
