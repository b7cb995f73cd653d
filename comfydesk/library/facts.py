"""What the index knows of a workflow file: its kind, its nodes, the models it names. Pure.

It is read for thousands of files at once, so this looks only; whether the workflow makes sense is found when it opens.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from comfydesk.base.errors import Problem
from comfydesk.workflow import source
from comfydesk.workflow.parse import MAX_NODES

MAX_WORDS = 20_000  # letters of node classes and titles that are searched
MAX_MODELS, MAX_MODEL = 100, 300  # models of a workflow, letters of one
_MODELS = (".safetensors", ".sft", ".ckpt", ".pt", ".pth", ".gguf", ".onnx", ".bin")
_NOTES = frozenset({"Note", "MarkdownNote"})


@dataclass(frozen=True, slots=True)
class Facts:
    """`kind`: "api" | "gui" | "" (no workflow; `problem` says why). `words`: node classes and titles in folded case."""

    kind: str = ""
    node_count: int = 0
    words: str = ""
    models: tuple[str, ...] = ()
    problem: str = ""


def of_bytes(data: bytes, name: str) -> Facts:
    """Facts of a JSON file. `name` is for the sentence of `problem`."""
    try:
        value = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        value = None  # NaN, a byte order mark, …: the careful reader takes more, and says what is wrong
    found = _of_value(value)
    if found is not None:
        return found
    try:
        return of_source(source.of_bytes(data, name))
    except Problem as problem:
        return Facts(problem=problem.message)


def of_source(found: source.Source) -> Facts:
    """Facts of anything that carries a workflow: the editor's graph where there is one."""
    if found.gui is not None:
        return _of_gui(found.gui)
    return _of_prompt(found.prompt or {})


def _of_value(value: Any) -> Facts | None:
    """The two plain cases; None for everything that needs a closer look."""
    if not isinstance(value, dict):
        return None
    if source.is_gui(value):
        return _of_gui(value) if len(value["nodes"]) <= MAX_NODES else None
    if not value or len(value) > MAX_NODES:
        return None
    is_prompt = all(isinstance(node, dict) and isinstance(node.get("class_type"), str) for node in value.values())
    return _of_prompt(value) if is_prompt else None


def _of_prompt(prompt: Mapping[str, Any]) -> Facts:
    words: dict[str, None] = {}
    models: dict[str, None] = {}
    for node in prompt.values():
        meta = node.get("_meta")
        _say(words, node.get("class_type"), meta.get("title") if isinstance(meta, dict) else None)
        inputs = node.get("inputs")
        for value in inputs.values() if isinstance(inputs, dict) else ():
            _note_model(models, value)
    return _facts("api", len(prompt), words, models)


def _of_gui(graph: Mapping[str, Any]) -> Facts:
    words: dict[str, None] = {}
    models: dict[str, None] = {}
    count = 0
    subgraphs = list(_subgraphs(graph))
    own = {part.get("id") for part in subgraphs if isinstance(part.get("id"), str)}
    _note_listed(models, graph.get("models"))
    for part in (graph, *subgraphs):
        _say(words, part.get("name") if part is not graph else None)
        nodes = part.get("nodes")
        for node in nodes if isinstance(nodes, list) else ():
            if not isinstance(node, dict):
                continue
            kind = node.get("type")
            count += kind not in _NOTES if isinstance(kind, str) else 0
            # A subgraph's node has the subgraph's id as its class, which nobody searches for.
            _say(words, None if isinstance(kind, str) and kind in own else kind, node.get("title"))
            values = node.get("widgets_values")
            for value in values.values() if isinstance(values, dict) else values if isinstance(values, list) else ():
                _note_model(models, value)
            properties = node.get("properties")
            if isinstance(properties, dict):
                _note_listed(models, properties.get("models"))
    return _facts("gui", count, words, models)


def _subgraphs(graph: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    definitions, extra = graph.get("definitions"), graph.get("extra")
    parts = definitions.get("subgraphs") if isinstance(definitions, dict) else None
    yield from (part for part in parts if isinstance(part, dict)) if isinstance(parts, list) else ()
    groups = extra.get("groupNodes") if isinstance(extra, dict) else None
    yield from (part for part in groups.values() if isinstance(part, dict)) if isinstance(groups, dict) else ()


def _say(words: dict[str, None], *texts: Any) -> None:
    for text in texts:
        if isinstance(text, str) and text:
            words[text[:200]] = None


def _note_model(models: dict[str, None], value: Any) -> None:
    if isinstance(value, str):
        if len(value) <= MAX_MODEL and value.lower().endswith(_MODELS):
            models[_line(value)] = None
    elif isinstance(value, dict):  # a loader of many LoRAs keeps each as an object
        for item in value.values():
            if isinstance(item, str):
                _note_model(models, item)


def _note_listed(models: dict[str, None], listed: Any) -> None:
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, dict) and isinstance(item.get("name"), str):
            models[_line(item["name"][:MAX_MODEL])] = None


def _line(text: str) -> str:
    """One line of text that can be kept and shown."""
    return " ".join(text.split()).encode("utf-8", "replace").decode()


def _facts(kind: str, count: int, words: dict[str, None], models: dict[str, None]) -> Facts:
    text = "\n".join(words).casefold()[:MAX_WORDS]
    return Facts(
        kind, count, text.encode("utf-8", "replace").decode(), tuple(model for model in models if model)[:MAX_MODELS]
    )
