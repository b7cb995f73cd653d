"""Small pictures of workflows. Blocking; the only place of the library that decodes a picture."""

from __future__ import annotations

import contextlib
import io
import time
from pathlib import Path

from comfydesk.base.errors import Problem
from comfydesk.workflow.media import dimensions, formats

IN_SIDECAR, SHOWN = 128, 256  # pixels of the longer side
_FORMATS = {"png": "PNG", "apng": "PNG", "jpeg": "JPEG", "webp": "WEBP"}  # pinned: other decoders are never reached
_YOUNG = 3600.0  # seconds: another process may be about to name it


def small(picture: Path, pixels: int) -> bytes:
    """A WebP of a PNG, JPEG or WebP file (the gallery's thumbnail, or any picture). Raises Problem input_unusable."""
    from PIL import Image

    try:
        with picture.open("rb") as file:
            wanted = _FORMATS.get(formats.format_of(file.read(formats.HEAD)))
            width, height = dimensions.size_of(file)
            if wanted is None or not dimensions.can_show(width, height):
                raise ValueError("it is not a picture that can be shown")
            file.seek(0)
            with Image.open(file, formats=[wanted]) as opened:
                opened.draft("RGB", (pixels * 2, pixels * 2))
                made = opened.convert("RGBA" if "A" in opened.getbands() or "transparency" in opened.info else "RGB")
        made.thumbnail((pixels, pixels), reducing_gap=3.0)
        made.info = {}
        data = io.BytesIO()
        made.save(data, "WEBP", quality=78, method=4)
    except Exception as error:  # a stranger's file can make a decoder raise anything
        raise Problem("input_unusable", file=picture.name, detail=str(error) or type(error).__name__) from error
    return data.getvalue()


def sweep(folder: Path, used: set[str]) -> None:
    """Remove the pictures that no workflow has any more."""
    for file in folder.glob("*.webp"):
        with contextlib.suppress(OSError):
            if file.name not in used and time.time() - file.stat().st_mtime > _YOUNG:
                file.unlink()
