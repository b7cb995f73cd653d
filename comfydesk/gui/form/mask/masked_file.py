"""Pictures with a mask, as files: read for painting, and written as `LoadImage` expects them. Blocking.

`LoadImage` (ComfyUI's nodes.py) gives the colours without alpha as IMAGE, upright by EXIF, and 1 - alpha as MASK. So
the file that is written holds the picture's own colours everywhere, also where it is transparent: it can be opened and
painted on again, and nothing is lost. What it was made from is told by a small file beside it.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import re
import struct
import sys
import zlib
from array import array
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops, ImageOps
from PySide6.QtGui import QImage, QImageReader

from comfydesk.base.errors import Problem
from comfydesk.gui.pictures import decode, levels
from comfydesk.jobs import media_kinds
from comfydesk.jobs.naming import leaf
from comfydesk.library import files
from comfydesk.workflow.media import dimensions

MAX_PIXELS = 64_000_000
FORMATS = {"png": "PNG", "jpeg": "JPEG", "webp": "WEBP", "isobmff": "AVIF", "gif": "GIF", "bmp": "BMP"}
_OURS = re.compile(r"_mask_[0-9a-f]{8}$")
_BESIDE = ".from.json"
_PACKED = 3  # zlib's level: a third of the usual time for a twentieth more bytes
_DEPTH_AT = 24  # in a PNG: bits of a sample


@dataclass(frozen=True, slots=True)
class Paintable:
    """A picture to paint on: `shown` upright, with its smaller `levels`; the mask that it has; where it came from."""

    path: str
    shown: tuple[QImage, ...]
    mask: Image.Image
    original: str  # the file without our mask, "" where there is none


def read(path: str) -> Paintable:
    """Raises Problem file_missing, file_unreadable or input_unusable."""
    file = Path(path)
    files.check(file)
    with _open(file) as picture:
        mask = _mask_of(picture)
    image = decode(path)
    if image.isNull() or (image.width(), image.height()) != mask.size:
        raise Problem("input_unusable", file=path, detail="it is no picture that can be painted on")
    shown = image.convertToFormat(QImage.Format.Format_RGB32)  # its colours everywhere, also under a mask
    return Paintable(path, (shown, *levels(shown)), mask, _original_of(file))


def write(path: str, mask: Image.Image, folder: Path) -> str:
    """The picture with this mask as a new file in `folder`; its path. The same content gets the same name.

    Raises Problem file_missing, input_unusable, disk_full or disk_write.
    """
    file = Path(path)
    files.check(file)
    alpha = ImageChops.invert(mask)
    data = _deep(path, alpha) if _is_deep(file) else _usual(file, alpha)
    stem = leaf(_OURS.sub("", file.stem), limit=120, fallback="picture")
    made = folder / f"{stem}_mask_{hashlib.sha256(data).hexdigest()[:8]}.png"
    if not made.is_file():
        files.write(made, data)
        origin = _original_of(file) or str(file.absolute())
        files.write(made.with_name(made.name + _BESIDE), json.dumps({"original": origin}).encode())
    return str(made)


def _open(file: Path) -> Image.Image:
    """Its size is looked at before any decoder, and only decoders of the kind that it begins like are tried."""
    try:
        with file.open("rb") as opened:
            kind = FORMATS.get(media_kinds.format_of(opened.read(media_kinds.HEAD)) or "")
            width, height = dimensions.size_of(opened)
        if kind is None:
            raise Problem("input_unusable", file=file, detail="a mask needs a PNG, JPEG, WebP, AVIF, GIF or BMP")
        if not dimensions.can_show(width, height) or width * height > MAX_PIXELS:
            raise Problem("input_unusable", file=file, detail="it is too large to be painted on")
        return Image.open(file, formats=[kind])
    except (OSError, ValueError, SyntaxError, struct.error, Image.DecompressionBombError) as error:
        raise Problem("input_unusable", file=file, detail="it is damaged") from error


def _upright(picture: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(picture)
    except (OSError, ValueError, SyntaxError, struct.error, zlib.error, EOFError) as error:
        raise Problem("input_unusable", file=str(getattr(picture, "filename", "")), detail="it is damaged") from error


def _mask_of(picture: Image.Image) -> Image.Image:
    upright = _upright(picture)
    if upright.mode == "P" and "transparency" in upright.info:
        upright = upright.convert("RGBA")
    if "A" in upright.getbands():
        return ImageChops.invert(upright.getchannel("A"))
    return Image.new("L", upright.size, 0)


def _usual(file: Path, alpha: Image.Image) -> bytes:
    with _open(file) as picture:
        profile = picture.info.get("icc_profile")
        made = _upright(picture).convert("RGB")
    _check_size(file, made.size, alpha)
    made.putalpha(alpha)
    out = io.BytesIO()
    made.save(out, "PNG", compress_level=_PACKED, **({"icc_profile": profile} if isinstance(profile, bytes) else {}))
    return out.getvalue()


def _is_deep(file: Path) -> bool:
    with file.open("rb") as opened:
        head = opened.read(_DEPTH_AT + 1)
    return head.startswith(b"\x89PNG") and head[_DEPTH_AT:] == b"\x10"


def _deep(path: str, alpha: Image.Image) -> bytes:
    """A PNG of 16 bits a colour, which Pillow would make one of 8."""
    reader = QImageReader(path)
    reader.setAutoTransform(True)
    image = reader.read().convertToFormat(QImage.Format.Format_RGBA64)
    width, height = image.width(), image.height()
    _check_size(Path(path), (width, height), alpha)
    samples = array("H")
    samples.frombytes(bytes(image.constBits()))  # lines of 8 bytes a pixel have no gaps between them
    wide = bytearray(2 * width * height)
    wide[0::2] = wide[1::2] = alpha.tobytes()
    values = array("H")
    values.frombytes(bytes(wide))
    samples[3::4] = values
    if sys.byteorder == "little":
        samples.byteswap()
    lines, pitch = samples.tobytes(), 8 * width
    packer = zlib.compressobj(_PACKED)
    packed = [packer.compress(b"\0" + lines[at : at + pitch]) for at in range(0, len(lines), pitch)]
    header = struct.pack(">IIBBBBB", width, height, 16, 6, 0, 0, 0)
    body = b"".join((*packed, packer.flush()))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _check_size(file: Path, size: tuple[int, int], alpha: Image.Image) -> None:
    if size != alpha.size:
        raise Problem("input_unusable", file=file, detail="it changed while it was painted on")


def _original_of(file: Path) -> str:
    """The picture that one of our masked files was made from, if it is still there."""
    with contextlib.suppress(Problem, OSError, ValueError, AttributeError):
        told = json.loads(files.read(file.with_name(file.name + _BESIDE), 8192)).get("original")
        if isinstance(told, str) and Path(told).is_file():
            return told
    return ""
