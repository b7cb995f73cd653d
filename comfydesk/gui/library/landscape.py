"""A face for a workflow that has no result yet: a small landscape made from its name."""

from __future__ import annotations

import math
import zlib

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPainterPath, QPixmap


def landscape(name: str, side: int) -> QPixmap:
    """A small landscape whose colours and hills follow from the name: a workflow without results still has a face."""
    seed = zlib.crc32(name.encode())
    hue = seed % 360
    picture = QPixmap(side, side)
    picture.fill(QColor.fromHsl(hue, 110, 120))
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    sky = QLinearGradient(0, 0, 0, side)
    sky.setColorAt(0, QColor.fromHsl(hue, 120, 105))
    sky.setColorAt(1, QColor.fromHsl((hue + 40) % 360, 110, 165))
    painter.fillRect(0, 0, side, side, sky)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor.fromHsl((hue + 50) % 360, 150, 215))
    painter.drawEllipse(QPointF(side * (0.2 + (seed >> 9) % 60 / 100), side * 0.28), side * 0.11, side * 0.11)
    for layer in range(3):
        painter.setBrush(QColor.fromHsl((hue + 150 + 25 * layer) % 360, 70, 120 - 28 * layer))
        path = QPainterPath(QPointF(0, side))
        phase = (seed >> (3 * layer + 4)) % 628 / 100
        for x in range(0, side + 4, 4):
            wave = math.sin(x / side * (5 + 2 * layer) + phase) * side * (0.10 - 0.015 * layer)
            path.lineTo(x, side * (0.52 + 0.16 * layer) + wave)
        path.lineTo(side, side)
        painter.drawPath(path)
    painter.end()
    return picture


def middle(picture: QPixmap) -> QRectF:
    """The largest square in the middle."""
    side = min(picture.width(), picture.height())
    return QRectF((picture.width() - side) / 2, (picture.height() - side) / 2, side, side)
