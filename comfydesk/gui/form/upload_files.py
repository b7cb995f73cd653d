"""Looking at picked files and keeping pasted pictures: blocking, off the GUI thread."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, QSize
from PySide6.QtGui import QImage, QImageReader, QPixmap

from comfydesk.base.errors import Problem
from comfydesk.gui import drops
from comfydesk.gui.pictures import decode
from comfydesk.library import files
from comfydesk.workflow.media.lengths import length_of

MAX_PASTED = 256 << 20


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at a file found: its bytes, of a picture its size in pixels (upright) and a thumbnail, of a video or
    sound how long it plays."""

    bytes: int
    width: int
    height: int
    image: QImage
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Pasted:
    """A picture from another program: its bytes, or what Qt made of them."""

    content: bytes | QImage
    ending: str


def look_at(path: str, side: int) -> Look:
    """`side` is that of the thumbnail in pixels, 0 for files that are no picture."""
    size = Path(path).stat().st_size
    if not side:
        return Look(size, 0, 0, QImage(), length_of(path))
    width, height = _upright_size(QImageReader(path))
    return Look(size, width, height, decode(path, QSize(side, side)))


def look_at_bytes(data: bytes, side: int) -> Look:
    """The same of a picture that a server sent; how many bytes the file there has is not known."""
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    width, height = _upright_size(QImageReader(buffer))
    return Look(0, width, height, decode(data, QSize(side, side)))


def pasted_picture(data: QMimeData) -> Pasted | None:
    """A picture of the clipboard or of a drop, best as the other program encoded it; None where there is none."""
    encoded = drops.picture_bytes(data)
    if encoded is not None:
        return Pasted(*encoded)
    picture = data.imageData() if data.hasImage() else None
    image = picture.toImage() if isinstance(picture, QPixmap) else QImage(picture) if picture is not None else QImage()
    return None if image.isNull() else Pasted(image, "png")


def keep_pasted(pasted: Pasted, folder: Path) -> str:
    """Make a file of a pasted picture; its path. Raises Problem input_unusable, disk_full or disk_write."""
    now = time.strftime("%Y-%m-%d_%H-%M-%S")
    path = folder / f"pasted_{now}_{time.time_ns() % 10**6:06}.{pasted.ending}"
    if isinstance(pasted.content, bytes):
        if len(pasted.content) > MAX_PASTED or decode(pasted.content, QSize(16, 16)).isNull():
            raise Problem("input_unusable", file=path.name, detail="it is no picture that can be read")
        files.write(path, pasted.content)
        return str(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not pasted.content.save(str(path)):
        raise Problem("disk_write", folder=str(path.parent), detail="the picture could not be saved")
    return str(path)


def dotted(ending: str) -> str:
    return "." + ending.lower().lstrip("*.")


def fits(name: str, endings: tuple[str, ...]) -> bool:
    """Whether a file of that name has one of the endings; without endings all do."""
    return not endings or name.lower().endswith(tuple(dotted(end) for end in endings))


def size_words(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{max(1, size // 1000)} kB"


def length_words(seconds: float) -> str:
    """As people read it: 7.5 s, 3:12, 1:02:03."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _upright_size(reader: QImageReader) -> tuple[int, int]:
    size = reader.size()
    if reader.transformation().value & 4:  # Rotate90 swaps the sides
        size.transpose()
    return size.width(), size.height()
