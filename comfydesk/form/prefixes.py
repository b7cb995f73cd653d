"""File name prefixes: what a server does with odd ones, said before it does it.

ComfyUI puts files of `a/b` into the folder `a` of its output folder, refuses what lies outside of it, and gives nothing
out again whose name has `..` in it (`folder_paths.get_save_image_path`, `server.view_image`; 0.33.0).
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from comfydesk.base.errors import Problem
from comfydesk.form.fields import Field, Form, Kind
from comfydesk.workflow.graph import Graph, Link

NAME = "filename_prefix"
MAX_PATH = 4_096  # bytes of a path on Linux
MAX_PART = 230  # bytes of a name: 255 on all usual disks, without "_00001_.safetensors"
MAX_STEPS = 20

_TOKEN = re.compile(r"%([^%\s/\\][^%\n]{0,80})%")
# What the server itself fills in; "%date:yyyy%" and "%KSampler.seed%" are filled in before it is sent.
_FILLED = frozenset("width height year month day hour minute second batch_num".split())  # noqa: SIM905
_ROOT = re.compile(r"[/\\~]|[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is odd about one prefix: a code of base.errors with facts, and whether it stops Queue."""

    code: str
    severity: str
    facts: Mapping[str, Any]


def trouble(value: Any, nodes: Container[str] = ()) -> Trouble | None:
    """What a server would make of this prefix, None where it is an ordinary one. The gravest first.

    `nodes`: the classes and titles that "%NODE.INPUT%" may name.
    """
    if not isinstance(value, str):
        return None
    if ".." in value:
        return Trouble("prefix_outside", "error", {})
    size = len(value.encode("utf-8", "replace"))
    if size > MAX_PATH:
        return Trouble("prefix_long", "error", {"length": f"{size:,}"})
    if _ROOT.match(value):
        return Trouble("prefix_absolute", "warning", {})
    if any(len(part.encode("utf-8", "replace")) > MAX_PART for part in re.split(r"[/\\]", value)):
        return Trouble("prefix_long", "warning", {"length": f"{size:,}"})
    left = [f"%{token}%" for token in _TOKEN.findall(value) if not _is_filled(token, nodes)]
    return Trouble("prefix_tokens", "note", {"tokens": ", ".join(dict.fromkeys(left))}) if left else None


def names_of(graph: Graph) -> set[str]:
    """The classes and titles of a graph's nodes."""
    return {name for node in graph.nodes.values() for name in (node.class_type, node.title) if name}


def places(graph: Graph) -> Iterator[tuple[str, str]]:
    """Where prefixes are typed, as (node id, input name): in the node that saves, or in the one text linked to it."""
    seen: set[tuple[str, str] | None] = {None}
    for node in graph.nodes.values():
        for name in node.inputs:
            place = _typed_at(graph, node.node_id, name) if name.rsplit(".", 1)[-1] == NAME else None
            if place is not None and place not in seen:
                seen.add(place)
                yield place


def fields(graph: Graph, form: Form) -> Iterator[Field]:
    """The fields in which prefixes are typed."""
    for node_id, name in places(graph):
        field = form.get(f"{node_id}.{name}")
        if field is not None and field.kind is not Kind.LINK:
            yield field


def refuse_unsafe(graph: Graph, prompt: Mapping[str, Any], labels: Mapping[str, str]) -> None:
    """Stop a frozen prompt whose files could not be fetched. `labels` by field key. Raises Problem prefix_outside or
    prefix_long.
    """
    for node_id, name in places(graph):
        value = prompt[node_id]["inputs"].get(name) if node_id in prompt else None
        found = trouble(value)
        if found is not None and found.severity == "error":
            key = f"{node_id}.{name}"
            shown = str(value)[:120]
            raise Problem(
                found.code, node_id=node_id, field=key, label=labels.get(key) or NAME, value=shown, **found.facts
            )


def _is_filled(token: str, nodes: Container[str]) -> bool:
    return token in _FILLED or token.startswith("date:") or token.partition(".")[0] in nodes


def _typed_at(graph: Graph, node_id: str, name: str) -> tuple[str, str] | None:
    """Follow links through nodes that hand one text on."""
    for _ in range(MAX_STEPS):
        value = graph.nodes[node_id].inputs.get(name)
        if not isinstance(value, Link):
            return node_id, name
        node_id = value.node_id
        texts = [key for key, item in graph.nodes[node_id].inputs.items() if isinstance(item, str | Link)]
        if len(texts) != 1:
            return None
        name = texts[0]
    return None
