"""Decoding pictures within limits; runs on the decode lane, never on the GUI thread."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

MAX_PIXELS = 268_435_456  # 16384 × 16384, ComfyUI's own largest side
_MAX_MEGABYTES = 1024


def decode(data: bytes | str | Path, max_size: QSize | None = None) -> QImage:
    """The picture in `data` (bytes or a path), upright, at most `max_size`; a null image if it cannot be shown.

    The size is read from the header first, so that a small file that claims a huge picture is never unpacked.
    """
    if isinstance(data, bytes):
        buffer = QBuffer()
        buffer.setData(QByteArray(data))
        buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        reader = QImageReader(buffer)
    else:
        reader = QImageReader(str(data))
    reader.setDecideFormatFromContent(True)
    reader.setAutoTransform(True)
    size = reader.size()
    if not reader.canRead() or size.width() * size.height() > MAX_PIXELS:
        return QImage()
    if bytes(reader.format().data()) in (b"svg", b"svgz", b"pdf"):  # text that draws: not for strangers' files
        return QImage()
    QImageReader.setAllocationLimit(_MAX_MEGABYTES)
    if max_size is not None and size.isValid():
        turned = bool(reader.transformation().value & 4)  # Rotate90 swaps the sides
        room = max_size.transposed() if turned else max_size
        if size.width() > room.width() or size.height() > room.height():
            reader.setScaledSize(size.scaled(room, Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()


def levels(image: QImage, smallest: int = 1024) -> list[QImage]:
    """The picture at half, quarter… size, down to `smallest` pixels wide; for smooth zooming out of large pictures."""
    made: list[QImage] = []
    while image.width() > 2 * smallest and image.height() > 2:
        image = image.scaled(
            image.size() / 2, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        made.append(image)
    return made
