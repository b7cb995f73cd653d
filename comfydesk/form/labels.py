"""Readable names for nodes and fields, each unique where a person could confuse two."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from comfydesk.form.fields import Field, Kind, Role
from comfydesk.workflow.graph import Graph, Link
from comfydesk.workflow.specs import Specs

ROLE_LABELS: dict[Role, str] = {
    Role.PROMPT: "Prompt",
    Role.NEGATIVE: "Negative prompt",
    Role.SEED: "Seed",
    Role.WIDTH: "Width",
    Role.HEIGHT: "Height",
    Role.BATCH_SIZE: "Batch size",
    Role.LENGTH: "Length",
    Role.STEPS: "Steps",
    Role.CFG: "CFG",
    Role.GUIDANCE: "Guidance",
    Role.SAMPLER: "Sampler",
    Role.SCHEDULER: "Scheduler",
    Role.DENOISE: "Denoise",
    Role.MODEL: "Model",
    Role.LORA: "LoRA",
    Role.VAE: "VAE",
    Role.PREFIX: "File name",
}
# The node's own words are better than the role's for these.
INPUT_LABELS: dict[str, str] = {
    "ckpt_name": "Checkpoint",
    "loras": "LoRAs",
    "seconds": "Seconds",
    "lyrics": "Lyrics",
    "tags": "Tags",
    "clip_name": "Text encoder",
    "clip_name1": "Text encoder 1",
    "clip_name2": "Text encoder 2",
    "fps": "Frames per second",
    "frame_rate": "Frames per second",
}
MEDIA_LABELS: dict[Kind, str] = {Kind.IMAGE: "Image", Kind.VIDEO: "Video", Kind.AUDIO: "Sound", Kind.FILE: "3D model"}
_UPPER = {
    "cfg": "CFG",
    "vae": "VAE",
    "lora": "LoRA",
    "clip": "CLIP",
    "fps": "FPS",
    "id": "ID",
    "url": "URL",
    "rgb": "RGB",
}
_LOADER = re.compile(r"load[ _]?(image|video|audio|3d)", re.IGNORECASE)  # a title that says no more than the class
_WORD = re.compile(r"[\W_]+")
_MAX = 80  # characters of a title; it comes from a file or a server


def node_titles(graph: Graph, specs: Specs | None) -> dict[str, str]:
    """A unique readable title for each node: the file's, else the host's name for the class, else the class.

    Nodes that share a title are told apart by their id, as the editor shows it: "Load LoRA #12".
    """
    plain = {node_id: plain_title(graph, node_id, specs) for node_id in graph.nodes}
    counts = Counter(title.casefold() for title in plain.values())
    return {
        node_id: title if counts[title.casefold()] == 1 else f"{title} #{node_id}" for node_id, title in plain.items()
    }


def plain_title(graph: Graph, node_id: str, specs: Specs | None) -> str:
    """The title before it is made unique."""
    node = graph.nodes[node_id]
    spec = specs.node(node.class_type) if specs else None
    title = node.title or (spec.display_name if spec else "") or _split_camel(node.class_type) or f"Node {node_id}"
    return " ".join(title.split())[:_MAX]


def name_fields(fields: Iterable[Field], titles: Mapping[str, str], raw_titles: Mapping[str, str]) -> list[Field]:
    """Give each field its label. Labels of roles are unique in the form, others in their group."""
    fields = list(fields)
    named: list[Field] = []
    used: Counter[str] = Counter()
    several = Counter(
        _base_label(item, raw_titles.get(item.node_id, "")).casefold() for item in fields if item.role is not Role.NONE
    )
    in_group: Counter[tuple[str, str]] = Counter()
    for item in fields:
        base = _base_label(item, raw_titles.get(item.node_id, ""))
        if item.role is Role.NONE:
            key = (item.node_id, base.casefold())
            in_group[key] += 1
            label = base if in_group[key] == 1 else f"{base} {in_group[key]}"
        else:
            used[base.casefold()] += 1
            number = used[base.casefold()]
            title = titles[item.node_id]
            says_more = title.startswith(base) and title.casefold() != base.casefold()
            is_plain = number == 1 and not (says_more and several[base.casefold()] > 1)
            label = base if is_plain else title if says_more else f"{base} {number} · {title}"
        named.append(replace(item, label=label))
    return named


def tell_apart(fields: Iterable[Field], titles: Mapping[str, str]) -> list[Field]:
    """Essentials stand together, outside their groups: equal labels there get the node's title."""
    fields = list(fields)
    counts = Counter(item.label.casefold() for item in fields if item.essential)
    return [
        replace(item, label=f"{item.label} · {titles[item.node_id]}")
        if item.essential and item.role is Role.NONE and counts[item.label.casefold()] > 1
        else item
        for item in fields
    ]


def link_text(link: Link, titles: Mapping[str, str], graph: Graph, specs: Specs | None) -> str:
    """Where a linked input comes from, in words; the output's name where the source has several."""
    title = titles.get(link.node_id, link.node_id)
    node = graph.nodes.get(link.node_id)
    spec = specs.node(node.class_type) if specs and node else None
    if spec and len(spec.output_names) > 1 and 0 <= link.slot < len(spec.output_names):
        return f"{title} · {spec.output_names[link.slot][:_MAX]}"
    return title


def readable(name: str) -> str:
    """An input's name as a label: "filename_prefix" → "Filename prefix"."""
    if name in INPUT_LABELS:
        return INPUT_LABELS[name]
    last = name.rsplit(".", 1)[-1]
    words = [word for word in _WORD.split(last) if word]
    shown = [_UPPER.get(word.lower(), word if word.isupper() else word.lower()) for word in words]
    text = " ".join(shown)[:_MAX]
    return text[:1].upper() + text[1:] if text else name[:_MAX] or "Value"


def _base_label(item: Field, raw_title: str) -> str:
    if item.role is Role.MEDIA:
        own_title = "" if _LOADER.match(raw_title) else raw_title
        return own_title or MEDIA_LABELS.get(item.kind, "File")
    if item.role in (Role.MODEL, Role.LENGTH, Role.PROMPT) and item.input_name in INPUT_LABELS:
        return INPUT_LABELS[item.input_name]
    return ROLE_LABELS.get(item.role) or readable(item.input_name)


def _split_camel(text: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
