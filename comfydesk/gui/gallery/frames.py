"""The frames of an animated WebP, GIF or PNG, one after the other and round again. Blocking: for the decode lane."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from PySide6.QtGui import QImage

from comfydesk.jobs import media_kinds
from comfydesk.workflow.media import dimensions

if TYPE_CHECKING:
    from PIL import Image

MAX_PIXELS = 33_000_000  # of one frame; they are drawn many times a second
_FORMATS = {"png": "PNG", "webp": "WEBP", "gif": "GIF"}  # pinned: other decoders are never reached
_SHORTEST, _USUAL, _LONGEST = 20, 100, 10_000  # milliseconds of a frame


class Frames:
    """An open animation. Qt's own reader knows no animated PNG, so Pillow reads."""

    def __init__(self, file: BinaryIO, picture: Image.Image) -> None:
        self._file, self._picture = file, picture
        self._next = 0

    @classmethod
    def open(cls, path: str) -> Frames | None:
        """None for what is no picture, or too large."""
        file: BinaryIO = Path(path).open("rb")  # noqa: SIM115 - it stays open while it is shown
        try:
            picture = _open(file)
        except BaseException:
            file.close()
            raise
        if picture is None:
            file.close()
            return None
        return cls(file, picture)

    def next(self) -> tuple[QImage, int]:
        """The next frame and how long it stays, in milliseconds. Raises what a damaged file makes a decoder raise."""
        count = int(getattr(self._picture, "n_frames", 1))
        self._picture.seek(self._next % max(1, count))
        self._next += 1
        data = self._picture.convert("RGBA")
        image = QImage(data.tobytes(), data.width, data.height, data.width * 4, QImage.Format.Format_RGBA8888)
        delay = self._picture.info.get("duration", _USUAL)
        milliseconds = round(delay) if isinstance(delay, (int, float)) and delay > 0 else _USUAL
        if count == 1:
            milliseconds = _LONGEST
        shown = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)  # a copy: the bytes are Pillow's
        return shown, min(max(milliseconds, _SHORTEST), _LONGEST)

    def close(self) -> None:
        self._picture.close()
        self._file.close()


def _open(file: BinaryIO) -> Image.Image | None:
    from PIL import Image

    wanted = _FORMATS.get(media_kinds.format_of(file.read(media_kinds.HEAD)))
    width, height = dimensions.size_of(file)
    if wanted is None or not dimensions.can_show(width, height) or width * height > MAX_PIXELS:
        return None
    file.seek(0)
    return Image.open(file, formats=[wanted])
