"""Looking at picked files and keeping pasted pictures: blocking, off the GUI thread."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage, QImageReader

from comfydesk.base.errors import Problem
from comfydesk.gui.pictures import decode


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at a file found: its bytes, and of a picture its size in pixels and a thumbnail."""

    bytes: int
    width: int
    height: int
    image: QImage


def look_at(path: str, side: int) -> Look:
    """Blocking; runs off the GUI thread. `side` is that of the thumbnail in pixels, 0 for files that are no picture."""
    size = Path(path).stat().st_size
    if not side:
        return Look(size, 0, 0, QImage())
    pixels = QImageReader(path).size()
    return Look(size, pixels.width(), pixels.height(), decode(path, QSize(side, side)))


def save_picture(picture: QImage, path: Path) -> str:
    """Blocking; runs off the GUI thread."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not picture.save(str(path)):
        raise Problem("disk_write", folder=str(path.parent), detail="the picture could not be saved")
    return str(path)


def dotted(ending: str) -> str:
    return "." + ending.lower().lstrip("*.")


def size_words(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{max(1, size // 1000)} kB"
