"""What made a file, as the file itself tells: prompt, workflow, parameters. A stranger's file is only ever data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from comfydesk.base.errors import Problem
from comfydesk.workflow import json_text
from comfydesk.workflow.media import (
    dimensions,
    exif,
    foreign,
    formats,
    headers,
    id3,
    isobmff,
    matroska,
    png_text,
    vorbis,
)
from comfydesk.workflow.media.texts import Texts

MAX_NODES = 10_000
_MAX_GRAPHS = 6  # texts that are looked into for a graph; a file of many could keep a reader busy
_GRAPHS = ("prompt", "workflow")
# Where tools put an object that holds both: VideoHelperSuite in the comment of a film, others in a picture's.
_COMMENTS = frozenset({"comment", "description", "usercomment", "parameters"})


@dataclass(frozen=True, slots=True)
class Metadata:
    """`prompt`: the API graph; `workflow`: the editor's graph; `parameters`: the text of AUTOMATIC1111 and relatives.

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
    reader = _READERS.get(formats.format_of(file.read(formats.HEAD)))
    texts = Texts()
    if reader is not None:
        reader(file, texts)
    width, height = dimensions.size_of(file)
    return _gather(texts, width, height)


def _png(file: BinaryIO, texts: Texts) -> None:
    png_text.read(file, texts)
    if not any(key in _GRAPHS for key, _ in texts.found):
        _exif(png_text.exif_block(file), texts)


def _jpeg(file: BinaryIO, texts: Texts) -> None:
    _exif(exif.jpeg_block(file), texts)
    comment = exif.jpeg_comment(file)
    if comment:
        texts.add("comment", comment)


def _webp(file: BinaryIO, texts: Texts) -> None:
    _exif(exif.webp_block(file), texts)


def _isobmff(file: BinaryIO, texts: Texts) -> None:
    isobmff.read(file, texts)
    _exif(isobmff.exif_block(file), texts)


def _exif(block: bytes, texts: Texts) -> None:
    """ComfyUI writes "prompt:{…}" and "workflow:{…}" into whatever tags are free (Model, Make, …)."""
    for tag, text in exif.texts(block):
        key, colon, value = text.partition(":")
        if colon and key.strip().lower() in _GRAPHS and value.lstrip()[:1] in ("{", "["):
            texts.take(key.strip().lower(), value)
        elif tag == exif.USER_COMMENT:
            texts.take("parameters", text)
        else:
            texts.take(f"exif 0x{tag:04x}", text)


Reader = Callable[[BinaryIO, Texts], None]
_READERS: dict[str, Reader] = {
    "png": _png,
    "jpeg": _jpeg,
    "webp": _webp,
    "isobmff": _isobmff,
    "matroska": matroska.read,
    "flac": vorbis.flac,
    "ogg": vorbis.ogg,
    "mp3": id3.read,
    "glb": headers.glb,
    "safetensors": headers.safetensors,
    "exr": headers.exr,
    "svg": headers.svg,
}
CARRIERS = frozenset(_READERS)  # formats that may carry a workflow


def _gather(found: Texts, width: int, height: int) -> Metadata:
    graphs = _Graphs(found)
    texts: dict[str, str] = {}
    for key, text in found.found:
        if not graphs.take(key.lower(), text):
            texts.setdefault(key, text)
    for key, text in list(texts.items()):
        if key.lower() in _COMMENTS and graphs.take_both(text):
            del texts[key]
    parameters = foreign.pick(texts)
    return Metadata(
        graphs.found.get("prompt"), graphs.found.get("workflow"), parameters, texts, width, height, tuple(found.notes)
    )


class _Graphs:
    """The graphs among the texts: the first of each kind that can be read."""

    def __init__(self, texts: Texts) -> None:
        self.found: dict[str, Mapping[str, Any]] = {}
        self._texts = texts
        self._looks = 0

    def take(self, key: str, text: str) -> bool:
        """Whether the text is a graph of that name."""
        if key not in _GRAPHS or key in self.found or not text.lstrip().startswith("{"):
            return False  # not one, or a prompt in words, as other programs write it
        graph = self._decoded(text, key)
        if graph is None:
            return False
        self.found[key] = graph
        return True

    def take_both(self, text: str) -> bool:
        """Whether the text is an object with graphs in it, as objects or as texts again."""
        missing = [key for key in _GRAPHS if key not in self.found]
        if not text.lstrip().startswith("{") or not any(f'"{key}"' in text for key in missing):
            return False
        value = self._decoded(text, "comment")
        if value is None:
            return False
        for key in missing:
            part = value.get(key)
            if isinstance(part, str):
                self.take(key, part)
            elif isinstance(part, dict) and len(part) <= MAX_NODES:
                self.found[key] = part
        return any(key in self.found for key in missing)

    def _decoded(self, text: str, key: str) -> Mapping[str, Any] | None:
        self._looks += 1
        if self._looks > _MAX_GRAPHS:
            self._texts.note("there are too many graphs")
            return None
        try:
            # A text may be longer than in a workflow file: some programs put whole pictures into the prompt they send.
            graph = json_text.value_of(text.encode("utf-8", "replace"), key, max_string=json_text.MAX_BYTES)
        except Problem as problem:
            self._texts.note(f"the {key} is not readable: {problem.facts['detail']}")
            return None
        if not isinstance(graph, dict) or len(graph) > MAX_NODES:
            self._texts.note(f"the {key} is no graph")
            return None
        return graph
