"""What a file holds, whatever its wrapping: the editor's graph, an API prompt, another program's parameters text."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comfydesk.base.errors import Problem
from comfydesk.workflow import json_text
from comfydesk.workflow.media import formats, metadata
from comfydesk.workflow.media.parameters import Parameters
from comfydesk.workflow.media.parameters import parse as parse_parameters
from comfydesk.workflow.parse import MAX_LINKS, MAX_NODES, nodes_of, other_kind, why_not

_DEPTH = 6  # wrappings inside each other
_WRAPPINGS = ("prompt", "output", "workflow", "extra_data", "extra_pnginfo", "data")
_TEXT_START = 4096  # letters in which a text must show that it is not JSON


@dataclass(frozen=True, slots=True)
class Source:
    """One workflow as a file carries it. At least one of `gui`, `prompt` and `parameters` is there.

    `carrier`: what it was in ("json", "text", "png", "webp", "mp4", …, as `formats.name_of` says it); `gui`: the
    editor's graph; `prompt`: {node id: node} of the API format, nothing else in it; `warnings`: sentences on what was
    odd or left out; `data`: the bytes of a JSON file as they are, None for everything else.
    """

    name: str
    carrier: str
    gui: Mapping[str, Any] | None = None
    prompt: Mapping[str, Any] | None = None
    parameters: Parameters | None = None
    warnings: tuple[str, ...] = ()
    data: bytes | None = None


def read(path: Path) -> Source:
    """What the file `path` holds; pixels and samples are never decoded.

    Raises Problem file_missing, file_unreadable, and workflow_json, workflow_limits, workflow_not or workflow_none
    where there is nothing to open in it.
    """
    try:
        if not path.is_file() and path.exists():  # a pipe would be waited for, perhaps for ever
            raise Problem("file_unreadable", file=path, detail="it is a folder" if path.is_dir() else "it is no file")
        with path.open("rb") as file:
            head = file.read(formats.HEAD)
            if formats.format_of(head) in metadata.CARRIERS:
                return _of_metadata(metadata.read_open(file), formats.name_of(head), path.name)
            file.seek(0)
            return _of_text(file.read(json_text.MAX_BYTES + 1), path.name)
    except FileNotFoundError as exc:
        raise Problem("file_missing", file=path) from exc
    except OSError as exc:
        raise Problem("file_unreadable", file=path, detail=exc.strerror or str(exc)) from exc


def of_bytes(data: bytes, name: str) -> Source:
    """As `read`, for bytes that were dropped, pasted or fetched; `name` is for messages."""
    head = data[: formats.HEAD]
    if formats.format_of(head) in metadata.CARRIERS:
        return _of_metadata(metadata.read_open(io.BytesIO(data)), formats.name_of(head), name)
    return _of_text(data, name)


def _of_metadata(found: metadata.Metadata, carrier: str, name: str) -> Source:
    warnings = [f"{note[:1].upper()}{note[1:]}." for note in found.notes]
    gui = found.workflow
    prompt = None
    if found.prompt is not None:
        prompt, dropped = nodes_of(found.prompt)
        warnings += dropped if prompt else ["The prompt in it has no nodes."]
    if gui is not None and not is_gui(gui):
        gui = None
        warnings.append("The workflow in it has no nodes.")
    _check_size(gui, prompt, name)
    parameters = parse_parameters(found.parameters) if found.parameters else None
    if gui is None and not prompt and parameters is None:
        raise Problem("workflow_none", file=name, details="\n".join(warnings))
    return Source(name, carrier, gui, prompt or None, parameters, tuple(warnings))


def _of_text(data: bytes, name: str) -> Source:
    kind = other_kind(data)
    if kind:
        raise Problem("workflow_not", file=name, detail=kind)
    try:
        document = json_text.read(data, name)
    except Problem as problem:
        parameters = _parameters(data) if problem.code == "workflow_json" else None
        if parameters is None:
            raise
        return Source(name, "text", parameters=parameters)
    found = _Found()
    found.look(document.value, _DEPTH)
    if found.gui is None and not found.prompt:
        raise Problem("workflow_not", file=name, detail=why_not(document.value))
    _check_size(found.gui, found.prompt, name)
    warnings = (*document.warnings, *found.dropped)
    return Source(name, "json", found.gui, found.prompt or None, None, warnings, data)


class _Found:
    """Looks through the wrappings that tools put around graphs."""

    def __init__(self) -> None:
        self.gui: Mapping[str, Any] | None = None
        self.prompt: dict[str, dict[str, Any]] = {}
        self.dropped: list[str] = []

    def look(self, value: Any, depth: int) -> None:
        """Plain graphs; `{"prompt", "output", "workflow": …}`; the body of a POST to /prompt; an entry of /history."""
        if isinstance(value, str) and value.lstrip()[:1] == "{":
            value = _decoded(value)
        if isinstance(value, list) and len(value) >= 4 and isinstance(value[2], dict):
            value = {"prompt": value[2], "extra_data": value[3]}  # [number, id, prompt, extra data, outputs]
        if not isinstance(value, dict):
            return
        if is_gui(value):
            self.gui = self.gui if self.gui is not None else value
            return
        wrapped = [value[key] for key in _WRAPPINGS if isinstance(value.get(key), dict | list | str)]
        nodes, dropped = nodes_of(value)
        if nodes:
            if not self.prompt:
                self.prompt, self.dropped = nodes, dropped
            return
        if depth > 0:
            entries = wrapped or [item for item in list(value.values())[:1] if isinstance(item, dict)]
            for item in entries:
                self.look(item, depth - 1)


def _decoded(text: str) -> Any:
    try:
        return json_text.value_of(text.encode("utf-8", "replace"), "")
    except Problem:
        return None  # a prompt in words


def is_gui(value: Any) -> bool:
    """The editor's own format: a list of nodes."""
    return isinstance(value, dict) and isinstance(value.get("nodes"), list)


def _check_size(gui: Mapping[str, Any] | None, prompt: Mapping[str, Any] | None, name: str) -> None:
    nodes = max(len(prompt or ()), _count(gui, "nodes"))
    if nodes > MAX_NODES:
        raise Problem("workflow_limits", file=name, detail=f"it has {nodes:,} nodes, more than {MAX_NODES:,}")
    links = _count(gui, "links")
    if links > MAX_LINKS:
        raise Problem("workflow_limits", file=name, detail=f"it has {links:,} links, more than {MAX_LINKS:,}")


def _count(gui: Mapping[str, Any] | None, key: str) -> int:
    """Of the graph and of the subgraphs that it defines."""
    if gui is None:
        return 0
    definitions = gui.get("definitions")
    subgraphs = definitions.get("subgraphs") if isinstance(definitions, dict) else None
    graphs = [gui, *(part for part in subgraphs if isinstance(part, dict))] if isinstance(subgraphs, list) else [gui]
    return sum(len(graph[key]) for graph in graphs if isinstance(graph.get(key), list | dict))


def _parameters(data: bytes) -> Parameters | None:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    found = parse_parameters(text)
    if text[:_TEXT_START].lstrip()[:1] in ("{", "[", "<") and "Steps" not in found.settings:
        return None  # meant as JSON, or a web page
    return found if found.settings else None
