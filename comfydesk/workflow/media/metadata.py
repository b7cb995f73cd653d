"""What made a file, as the file itself tells: prompt, workflow, parameters. A stranger's file is only ever data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from comfydesk.base.errors import Problem
from comfydesk.workflow import json_text
from comfydesk.workflow.media import containers, dimensions, exif, formats, png_text

MAX_NODES = 10_000


CARRIERS = frozenset({"png", "webp", "jpeg", *containers.READERS})  # formats that may carry a workflow


@dataclass(frozen=True, slots=True)
class Metadata:
    """`prompt`: the API graph; `workflow`: the editor's graph; `parameters`: AUTOMATIC1111's text.

    `texts`: everything else that was written into the file; `width` and `height` in pixels, 0 where unknown; `notes`:
    what was left out and why.
    """

    prompt: Mapping[str, Any] | None = None
    workflow: Mapping[str, Any] | None = None
    parameters: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    width: int = 0
    height: int = 0
    notes: tuple[str, ...] = ()


def read(path: Path) -> Metadata:
    """Read a file's metadata; pixels are never decoded. Raises Problem("file_missing" | "file_unreadable")."""
    try:
        with path.open("rb") as file:
            return read_open(file)
    except FileNotFoundError as exc:
        raise Problem("file_missing", file=path) from exc
    except OSError as exc:
        raise Problem("file_unreadable", file=path, detail=exc.strerror or str(exc)) from exc


def read_open(file: BinaryIO) -> Metadata:
    """As `read`, for an open file; its format is told by its bytes."""
    file.seek(0)
    found = formats.format_of(file.read(formats.HEAD))
    notes: list[str] = []
    pairs: list[tuple[str, str]] = []
    if found == "png":
        texts = png_text.read(file)
        pairs, notes = texts.found, texts.notes
    elif found in ("webp", "jpeg"):
        block = exif.webp_block(file) if found == "webp" else exif.jpeg_block(file)
        pairs = list(_from_exif(exif.texts(block)))
    elif found in containers.READERS:
        pairs = containers.READERS[found](file)
    width, height = dimensions.size_of(file)
    return _gather(pairs, notes, width, height)


def _from_exif(entries: Iterable[tuple[int, str]]) -> Iterable[tuple[str, str]]:
    """ComfyUI writes "prompt:{…}" and "workflow:{…}" into whatever tags are free (Model, Make, …)."""
    for tag, text in entries:
        key, colon, value = text.partition(":")
        if colon and key.strip().lower() in ("prompt", "workflow") and value.lstrip()[:1] in ("{", "["):
            yield key.strip().lower(), value
        elif tag == exif.USER_COMMENT:
            yield "parameters", text
        else:
            yield f"exif 0x{tag:04x}", text


def _gather(pairs: Iterable[tuple[str, str]], notes: list[str], width: int, height: int) -> Metadata:
    graphs: dict[str, Mapping[str, Any]] = {}
    texts: dict[str, str] = {}
    for key, text in pairs:
        if key in ("prompt", "workflow") and key not in graphs:
            graph = _graph(text, key, notes)
            if graph is not None:
                graphs[key] = graph
                continue
        texts.setdefault(key[:200], text)
    parameters = texts.pop("parameters", "")
    return Metadata(graphs.get("prompt"), graphs.get("workflow"), parameters, texts, width, height, tuple(notes))


def _graph(text: str, key: str, notes: list[str]) -> Mapping[str, Any] | None:
    if not text.lstrip().startswith("{"):
        return None  # a prompt in words, as other programs write it
    try:
        # A text may be longer than in a workflow file: some programs put whole pictures into the prompt that they send.
        graph = json_text.value_of(text.encode("utf-8", "replace"), key, max_string=json_text.MAX_BYTES)
    except Problem as problem:
        notes.append(f"the {key} is not readable: {problem.facts['detail']}")
        return None
    if not isinstance(graph, dict) or len(graph) > MAX_NODES:
        notes.append(f"the {key} is no graph")
        return None
    return graph
