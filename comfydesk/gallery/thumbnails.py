"""Small pictures of pictures, made once and kept in the cache. Blocking: for the decode lane."""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
import secrets
import threading
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from comfydesk.jobs import media_kinds
from comfydesk.workflow.media import dimensions

if TYPE_CHECKING:
    from PIL import Image

log = logging.getLogger(__name__)

SIZES = (128, 256, 512, 1024)  # pixels of the longer side
POSTER = 512  # the same, for videos
MAX_CACHE = 1 << 30  # bytes of all thumbnails together
_FORMATS = {"png": "PNG", "jpeg": "JPEG", "webp": "WEBP", "gif": "GIF"}  # pinned: other decoders are never reached
_FAILED_KEPT = 10_000
_ORIENTATION = 0x0112  # EXIF tag


class Thumbnails:
    """The thumbnails of one home. Several threads and processes may use the folder at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._failed: dict[str, None] = {}
        self._lock = threading.Lock()

    def make(self, path: Path, px: int) -> str:
        """The path of a WebP of `path` with a longer side of about `px` pixels, from the cache or made now.

        "" for what has no picture to show: another medium, too large (over 100 MP), damaged. Raises FileNotFoundError.
        """
        file = self._place(path, str(next((size for size in SIZES if size >= px), SIZES[-1])))
        name = file.stem
        with contextlib.suppress(OSError):
            if file.stat().st_size:
                return str(file)
        if name in self._failed:
            return ""
        try:
            _make(path, file, next((size for size in SIZES if size >= px), SIZES[-1]))
        except FileNotFoundError:
            raise
        except Exception as exc:
            # A stranger's file can make a decoder raise anything; the file itself is kept and gets an icon.
            log.info("no thumbnail of %s: %s: %s", path.name, type(exc).__name__, exc)
            with self._lock:
                self._failed[name] = None
                while len(self._failed) > _FAILED_KEPT:
                    self._failed.pop(next(iter(self._failed)))
            return ""
        return str(file)

    def poster(self, path: Path) -> str:
        """The picture that was kept for a video, or "". Raises FileNotFoundError if the video is gone."""
        file = self._place(path, "poster")
        return str(file) if file.is_file() else ""

    def keep_poster(self, path: Path, picture: bytes) -> str:
        """Keep an encoded picture (a frame that a player gave) for a video; the path of its WebP.

        Raises FileNotFoundError if the video is gone, ValueError for a picture that cannot be shown.
        """
        file = self._place(path, "poster")
        _shrink(io.BytesIO(picture), file, POSTER)
        return str(file)

    def _place(self, path: Path, what: str) -> Path:
        """Where a thumbnail lies. Raises FileNotFoundError if the file itself is gone."""
        found = path.stat()
        key = hashlib.sha256(f"{path}\0{found.st_mtime_ns}\0{found.st_size}\0{what}".encode("utf-8", "replace"))
        name = key.hexdigest()[:40]
        return self.folder / name[:2] / f"{name}.webp"

    def prune(self, max_bytes: int = MAX_CACHE) -> int:
        """Remove the oldest thumbnails until the cache holds at most 3/4 of `max_bytes`; returns how many went."""
        found: list[tuple[float, int, Path]] = []
        for file in self.folder.glob("??/*.webp"):
            with contextlib.suppress(FileNotFoundError):
                facts = file.stat()
                found.append((facts.st_mtime, facts.st_size, file))
        total, removed = sum(size for _, size, _ in found), 0
        if total <= max_bytes:
            return 0
        for _, size, file in sorted(found):
            if total <= max_bytes * 3 // 4:
                break
            file.unlink(missing_ok=True)
            total, removed = total - size, removed + 1
        return removed


def _make(path: Path, file: Path, px: int) -> None:
    with path.open("rb") as source:
        _shrink(source, file, px)


def _shrink(source: BinaryIO, file: Path, px: int) -> None:
    from PIL import Image, PngImagePlugin

    # Sizes are checked by the header below; these hold for what a header does not say (frames, long texts).
    Image.MAX_IMAGE_PIXELS = dimensions.MAX_PIXELS
    PngImagePlugin.MAX_TEXT_CHUNK = 16 << 20
    wanted = _FORMATS.get(media_kinds.format_of(source.read(media_kinds.HEAD)))
    if wanted is None:
        raise ValueError("not a picture that is shown")
    width, height = dimensions.size_of(source)
    if not dimensions.can_show(width, height):
        raise ValueError(f"{width}×{height} pixels are too many")
    source.seek(0)
    with Image.open(source, formats=[wanted]) as picture:
        picture.draft("RGB", (px * 2, px * 2))  # a JPEG is decoded at a fraction of its size
        small = _turned(_plain(picture, px), picture.getexif().get(_ORIENTATION))
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.stem}-{secrets.token_hex(4)}.part")
    try:
        small.save(part, "WEBP", quality=82, method=2)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _plain(picture: Image.Image, px: int) -> Image.Image:
    """The first frame, 8 bits a channel, with alpha where there is some, at most `px` × `px`."""
    if picture.mode in ("I;16", "I;16B", "I;16L", "I"):
        plain = picture.convert("I").point(lambda value: value / 256).convert("L")
    elif picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info:
        plain = picture.convert("RGBA")
    else:
        plain = picture.convert("RGB")
    plain.thumbnail((px, px), reducing_gap=3.0)
    plain.info = {}
    return plain


def _turned(picture: Image.Image, orientation: object) -> Image.Image:
    """Upright, as the camera's note says."""
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    turn = turns.get(orientation) if isinstance(orientation, int) else None
    return picture if turn is None else picture.transpose(turn)
