"""What kind of medium a file is, and whether it is complete: by its bytes, never by what a server says.

A body without a length that breaks off raises nothing in any HTTP client (400 of 1,000 bytes were taken as the whole,
measured), so the end of a file is looked for in the format itself. No pixel or sample is decoded here.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from comfydesk.jobs import file_ends, naming
from comfydesk.workflow.media.formats import HEAD as HEAD
from comfydesk.workflow.media.formats import format_of as format_of

_IMAGES = frozenset({"png", "jpeg", "webp", "gif"})
# What the bytes under an extension may be. The four raster formats stand in for each other: nodes that write a WebP
# under .png exist, and every viewer looks at the bytes.
_FORMATS: dict[str, frozenset[str]] = {
    **dict.fromkeys(("png", "apng", "jpg", "jpeg", "jfif", "webp", "gif"), _IMAGES),
    **{ext: frozenset({"isobmff"}) for ext in ("mp4", "m4v", "mov", "m4a", "avif", "heic")},
    **{ext: frozenset({"matroska"}) for ext in ("webm", "mkv")},
    **{ext: frozenset({"ogg"}) for ext in ("ogg", "oga", "opus")},
    **{ext: frozenset({"tiff"}) for ext in ("tif", "tiff")},
    **{ext: frozenset({"safetensors"}) for ext in ("latent", "safetensors")},
    **{ext: frozenset({ext}) for ext in ("avi", "wav", "flac", "glb", "exr", "jxl", "bmp", "hdr")},
    "mp3": frozenset({"mp3"}),
    "aac": frozenset({"adts", "isobmff", "mp3"}),
    "usdz": frozenset({"zip"}),
}


def fits(name: str, head: bytes) -> bool:
    """Whether a file that begins with `head` may be what its name says; True for formats without a signature."""
    allowed = _FORMATS.get(naming.extension(name)[1:])
    return allowed is None or format_of(head) in allowed


def kind_of(name: str, head: bytes = b"") -> str:
    """picture | animation | video | sound | model | latent | text | file. `head`: the first few KiB, if at hand."""
    ext = naming.extension(name)[1:]
    if ext in naming.PICTURES:
        return "animation" if ext in ("gif", "apng") or _is_animated(head) else "picture"
    for kind, extensions in (
        ("video", naming.VIDEOS),
        ("sound", naming.SOUNDS),
        ("model", naming.MODELS),
        ("latent", naming.LATENTS),
        ("text", naming.TEXTS),
    ):
        if ext in extensions:
            return kind
    return "file"


def _is_animated(head: bytes) -> bool:
    found = format_of(head)
    if found == "webp":
        return head[12:16] == b"VP8X" and len(head) > 20 and bool(head[20] & 0x02)
    if found == "png":
        data = head.find(b"IDAT")
        return b"acTL" in (head if data < 0 else head[:data])
    return found == "gif"


def kind_of_file(path: Path) -> str:
    """As `kind_of`, with a look into the file: a PNG's animation chunk may lie behind long texts."""
    with path.open("rb") as file:
        return kind_of_open(file, path.name)


def kind_of_open(file: BinaryIO, name: str) -> str:
    file.seek(0)
    head = file.read(4096)
    if format_of(head) == "png" and kind_of(name) == "picture":
        return "animation" if file_ends.png_is_animated(file) else "picture"
    return kind_of(name, head)


def complete(path: Path) -> bool | None:
    """Whether the file ends where its format says. None: its format does not say, so only a length can tell."""
    with path.open("rb") as file:
        return complete_open(file, path.name)


def complete_open(file: BinaryIO, name: str) -> bool | None:
    """As `complete`, for a file that is open for reading; its position is moved.

    The name decides whether there is something to look for: a text may well begin with "BM".
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    ext = naming.extension(name)[1:]
    found = "json" if ext in ("json", "gltf") else format_of(file.read(HEAD))
    if found not in _FORMATS.get(ext, {"json"}):
        return None
    check = file_ends.CHECKS.get(found)
    if check is None:
        return None
    file.seek(0)
    return check(file, size)
