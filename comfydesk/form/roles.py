"""What each input is for, found by the graph's structure: samplers first, then names where there is no sampler."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from comfydesk.form import sizes
from comfydesk.form.fields import Role
from comfydesk.form.kinds import SEED_NAME
from comfydesk.form.walk import NEGATIVE_NAME, Place, Walk
from comfydesk.workflow.graph import Graph, Link, Node
from comfydesk.workflow.specs import Specs

# Of services:
SIZE_NAME = re.compile(
    r"(^|\.)(aspect_ratio|ratio|resolution|(target|upscaler|output|max)_resolution|output_(width|height)|size|size_preset"
    r"|image_size|duration(_seconds)?)$"
)
PROMPT_NAME = re.compile(r"(^|[._])(prompt|text|tags|lyrics)(_?\d+|_text)?$", re.I)
BY_NAME: dict[str, Role] = {
    "steps": Role.STEPS,
    "cfg": Role.CFG,
    "cfg_scale": Role.CFG,
    "guidance": Role.GUIDANCE,
    "sampler_name": Role.SAMPLER,
    "scheduler": Role.SCHEDULER,
    "denoise": Role.DENOISE,
    "batch_size": Role.BATCH_SIZE,
    "length": Role.LENGTH,
    "num_frames": Role.LENGTH,
    "video_frames": Role.LENGTH,
    "frames_number": Role.LENGTH,
    "seconds": Role.LENGTH,
    "ckpt_name": Role.MODEL,
    "unet_name": Role.MODEL,
    "lora_name": Role.LORA,
    "vae_name": Role.VAE,
    "filename_prefix": Role.PREFIX,
}
SAMPLING = (Role.STEPS, Role.CFG, Role.GUIDANCE, Role.SAMPLER, Role.SCHEDULER, Role.DENOISE)


@dataclass
class Roles:
    """`by_place` in the order found, first stage first. `quiet`: has its role, but is of no use at first sight."""

    by_place: dict[Place, Role] = field(default_factory=dict)
    quiet: set[Place] = field(default_factory=set)
    dead_seeds: set[Place] = field(default_factory=set)  # of samplers that add no noise
    size_nodes: list[str] = field(default_factory=list)
    size_choices: list[Place] = field(
        default_factory=list
    )  # of a node that works the size out: aspect ratio, megapixels

    def give(self, place: Place | None, role: Role) -> None:
        """The first role that a place gets stays."""
        if place is not None:
            self.by_place.setdefault(place, role)

    def has(self, role: Role) -> bool:
        return role in self.by_place.values()


def find(graph: Graph, specs: Specs | None) -> Roles:
    """The role of every input that has one."""
    walk = Walk(graph, specs)
    roles = Roles()
    # Those with a prompt first: a graph may sample a depth map before it makes the picture.
    samplers = sorted(walk.samplers(), key=lambda node: not _has_prompt(walk, node))
    for node in samplers:
        _conditioning(walk, roles, node)
    for node in samplers:
        _sampling(walk, roles, node)
    _by_name(walk, roles)
    return roles


def _has_prompt(walk: Walk, sampler: Node) -> bool:
    holder = _source(walk, sampler.link("guider")) or sampler
    return any(walk.texts(link) for name, link in holder.links() if name == "positive" or name.startswith("cond"))


def _conditioning(walk: Walk, roles: Roles, sampler: Node) -> None:
    """Prompt and negative of one sampler, through its guider where it has one."""
    guider = _source(walk, sampler.link("guider"))
    holder = guider or sampler
    positives = [name for name, _ in holder.links() if name == "positive" or name.startswith("cond")]
    # Of a guider with several conditionings the first is the prompt; others may hold the negative with a picture.
    first = [place for name in positives[:1] for place in walk.texts(holder.link(name))]
    negative = [place for place in walk.texts(holder.link("negative")) if place not in first]
    others = [place for name in positives[1:] for place in walk.texts(holder.link(name)) if place not in negative]
    prompt = list(dict.fromkeys(first + others))
    for place in prompt:
        roles.give(place, Role.PROMPT)
    cfg = walk.value(walk.number(holder, "cfg"))
    for place in negative:
        roles.give(place, Role.NEGATIVE)
        if cfg == 1:
            roles.quiet.add(place)  # at cfg 1 the negative prompt has no effect
    for name in positives:
        _guidance(walk, roles, holder.link(name))


def _guidance(walk: Walk, roles: Roles, link: Link | None) -> None:
    """FluxGuidance and its like, on the way from the sampler to the text."""
    for _ in range(20):
        node = _source(walk, link)
        if node is None:
            return
        if "guidance" in node.inputs:
            roles.give(walk.number(node, "guidance"), Role.GUIDANCE)
        link = node.link("conditioning") or node.link("positive")


def _sampling(walk: Walk, roles: Roles, sampler: Node) -> None:
    """Seed, steps, cfg, sampler, size and models of one sampler and the nodes that serve it."""
    parts = [sampler]
    for name in ("guider", "noise", "sampler", "sigmas"):
        node = _source(walk, sampler.link(name))
        if node is not None:
            parts.append(node)
    adds_noise = sampler.inputs.get("add_noise") not in ("disable", False)
    for part in parts:
        for name in part.inputs:
            if SEED_NAME.search(name):
                _seed(walk, roles, walk.number(part, name), alive=adds_noise)
            elif BY_NAME.get(name) in SAMPLING:
                value = part.inputs[name]
                place = Place(part.node_id, name) if isinstance(value, str) else walk.number(part, name)
                roles.give(place, BY_NAME[name])
        for name, link in part.links():
            if walk.type_of(part, name) == "MODEL" or name.startswith("model"):
                _models(walk, roles, link)
    _size(walk, roles, sampler)


def _seed(walk: Walk, roles: Roles, place: Place | None, *, alive: bool = True) -> None:
    if place is None:
        return
    if alive:
        roles.give(place, Role.SEED)
        roles.dead_seeds.discard(place)
    elif place not in roles.by_place:
        roles.dead_seeds.add(place)


def _models(walk: Walk, roles: Roles, link: Link) -> None:
    for place in walk.model_files(link):
        roles.give(place, Role.LORA if "lora" in place.name else Role.MODEL)


def _size(walk: Walk, roles: Roles, sampler: Node) -> None:
    for name in ("latent_image", "latent", "samples"):
        node = walk.size_node(sampler.link(name))
        if node is not None:
            _sizes_of(walk, roles, node)
            return
    for name in ("latent_image", "latent", "samples"):
        _take_sizes(roles, sizes.behind(walk, sampler.link(name)))


def _sizes_of(walk: Walk, roles: Roles, node: Node) -> None:
    if node.node_id not in roles.size_nodes:
        roles.size_nodes.append(node.node_id)
    _take_sizes(roles, sizes.of_node(walk, node))


def _take_sizes(roles: Roles, found: sizes.Sizes) -> None:
    for place, role in found.roles.items():
        roles.give(place, role)
    if not roles.has(Role.WIDTH):
        roles.size_choices += [place for place in found.choices if place not in roles.size_choices]


def _by_name(walk: Walk, roles: Roles) -> None:
    """What structure did not find: nodes of services, unknown samplers, and the plain helpers."""
    nodes = [walk.graph.nodes[node_id] for node_id in walk.graph.order]
    if not roles.has(Role.PROMPT):
        _prompts_by_name(walk, roles, nodes)
    for node in nodes:  # what is looked for in a picture, and other texts that no sampler reads
        if walk.is_encoder(node):
            for place in walk.own_texts(node):
                roles.give(place, Role.NEGATIVE if NEGATIVE_NAME.search(place.name) else Role.PROMPT)
    for node in nodes:
        for name in node.inputs:
            if SEED_NAME.search(name) and Place(node.node_id, name) not in roles.dead_seeds:
                _seed(walk, roles, walk.number(node, name))
    if not roles.has(Role.WIDTH) and not roles.size_choices:
        for node in nodes:
            if "width" in node.inputs and "height" in node.inputs and walk.number(node, "width"):
                _sizes_of(walk, roles, node)
                break
        else:
            if not walk.samplers():  # pictures are only changed: the last scaling makes their size
                scaled = (sizes.scaling(walk, node) for node in reversed(nodes))
                _take_sizes(roles, next((found for found in scaled if found.roles), sizes.Sizes()))
    found = {role for role in roles.by_place.values() if role in SAMPLING}
    has_model = roles.has(Role.MODEL)
    for node in nodes:
        for name, value in node.inputs.items():
            role = BY_NAME.get(name)
            if role is None or isinstance(value, Link) or role in found:
                continue
            place = Place(node.node_id, name)
            if role is Role.MODEL and has_model and place not in roles.by_place:
                roles.quiet.add(place)  # a loader of something else out of a checkpoint
            if role not in (Role.BATCH_SIZE, Role.LENGTH) or node.node_id in roles.size_nodes:
                roles.give(place, role)
    writers = {place.node_id for place, role in roles.by_place.items() if role is Role.PROMPT}
    for node in nodes:
        if node.node_id in writers or walk.is_service(node):
            roles.size_choices += [
                Place(node.node_id, name)
                for name, value in node.inputs.items()
                if SIZE_NAME.search(name) and not isinstance(value, Link)
            ]
    if not roles.has(Role.MODEL):
        for node in nodes:
            if isinstance(node.inputs.get("model"), str):
                roles.give(Place(node.node_id, "model"), Role.MODEL)


def _prompts_by_name(walk: Walk, roles: Roles, nodes: Iterable[Node]) -> None:
    for node in nodes:
        texts = walk.own_texts(node)
        for place in texts:
            if NEGATIVE_NAME.search(place.name):
                roles.give(place, Role.NEGATIVE)
            elif PROMPT_NAME.search(place.name) or place.node_id != node.node_id:
                roles.give(place, Role.PROMPT)


def _source(walk: Walk, link: Link | None) -> Node | None:
    return walk.graph.nodes.get(link.node_id) if link else None
