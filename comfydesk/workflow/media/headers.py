"""The texts in the headers of 3D models (GLB), tensors (safetensors, .latent), EXR pictures and SVG drawings."""

from __future__ import annotations

import json
from typing import Any, BinaryIO

from comfydesk.base.errors import Problem
from comfydesk.workflow import json_text
from comfydesk.workflow.media.texts import MAX_TOTAL, Texts

_MAX_ATTRIBUTES = 4_096
_MAX_NAME = 256
_CDATA = b"<![CDATA["


def glb(file: BinaryIO, texts: Texts) -> None:
    """`asset.extras`, where ComfyUI's SaveGLB writes, and the extras of the whole model."""
    file.seek(12)
    head = file.read(8)
    if head[4:] != b"JSON":
        return
    model = _json(file, int.from_bytes(head[:4], "little"), texts)
    asset = model.get("asset")
    for owner in (asset, model):
        if isinstance(owner, dict):
            _take(owner.get("extras"), texts)


def safetensors(file: BinaryIO, texts: Texts) -> None:
    """`__metadata__` of the header; the tensors behind it are not touched."""
    file.seek(0)
    header = _json(file, int.from_bytes(file.read(8), "little"), texts)
    _take(header.get("__metadata__"), texts)


def _json(file: BinaryIO, length: int, texts: Texts) -> dict[str, Any]:
    if length > json_text.MAX_BYTES:
        texts.note(f"the header is larger than {json_text.MAX_BYTES >> 20} MiB")
        return {}
    try:
        value = json_text.value_of(file.read(length), "", max_string=json_text.MAX_BYTES)
    except Problem as problem:
        texts.note(f"the header is not readable: {problem.facts['detail']}")
        return {}
    return value if isinstance(value, dict) else {}


def _take(extras: Any, texts: Texts) -> None:
    """Texts as they are; values that were not made a text are made one."""
    for key, value in extras.items() if isinstance(extras, dict) else ():
        text = value if isinstance(value, str) else json.dumps(value)
        texts.add(key, text.encode("utf-8", "replace"))


def exr(file: BinaryIO, texts: Texts) -> None:
    """The attributes of type string of the first header."""
    file.seek(8)
    for _ in range(_MAX_ATTRIBUTES):
        name, kind = _until_zero(file), _until_zero(file)
        length = int.from_bytes(file.read(4), "little", signed=True)
        if not name or not kind or length < 0:
            return
        if kind == b"string" and texts.fits(length):
            value = file.read(length)
            if len(value) < length:
                texts.note("the file is cut")
                return
            texts.add(name.decode("utf-8", "replace"), value)
        else:
            file.seek(length, 1)
    texts.note("the header is too long")


def _until_zero(file: BinaryIO) -> bytes:
    place = file.tell()
    name, zero, _ = file.read(_MAX_NAME).partition(b"\0")
    file.seek(place + len(name) + 1)
    return name if zero else b""


def svg(file: BinaryIO, texts: Texts) -> None:
    """The JSON object in `<metadata>`, as ComfyUI's SaveSVG writes it; nothing else of the drawing is read."""
    file.seek(0)
    data = file.read(MAX_TOTAL)
    start = data.find(_CDATA, max(data.find(b"<metadata"), 0))
    end = data.rfind(b"]]>", 0, max(data.find(b"</metadata>", start), 0))
    if start < 0 or end < start:
        return
    try:
        value = json_text.value_of(data[start + len(_CDATA) : end], "", max_string=json_text.MAX_BYTES)
    except Problem as problem:
        texts.note(f"its metadata is not readable: {problem.facts['detail']}")
        return
    _take(value, texts)
