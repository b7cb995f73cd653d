"""How a media field's tile is drawn: frame, thumbnail or icon, and the tag of a branch that is off."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap

from comfydesk.form.fields import Kind
from comfydesk.gui.context import Context
from comfydesk.gui.form.editor import RING
from comfydesk.gui.style.tokens import RADIUS

HEIGHT = 96
THUMB = 80
ICONS = {Kind.IMAGE: "image", Kind.VIDEO: "video", Kind.AUDIO: "sound", Kind.FILE: "cube"}
_FAINT = 0.35  # opacity of the picture of a branch that is off


@dataclass(frozen=True, slots=True)
class Tile:
    """What is drawn; `severity`: "", "warning" or "error"."""

    kind: Kind
    pixmap: QPixmap
    is_empty: bool
    is_lit: bool
    is_dropping: bool
    is_off: bool
    severity: str


def paint(painter: QPainter, room: QRectF, tile: Tile, context: Context) -> None:
    """Draw the tile into `room`, which has the ring's width to spare on every side."""
    tokens = context.theme.tokens
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    box = room.adjusted(RING + 0.5, RING + 0.5, -RING - 0.5, -RING - 0.5)
    told = {"error": tokens.error, "warning": tokens.warning}.get(tile.severity)
    pen = QPen(QColor(told or (tokens.accent if tile.is_lit or tile.is_dropping else tokens.control)))
    pen.setWidthF(2 if tile.is_dropping else 1)
    if tile.is_empty:
        pen.setDashPattern([4, 4])
    painter.setPen(pen)
    painter.setBrush(QColor(tokens.selection if tile.is_dropping else tokens.field))
    painter.drawRoundedRect(box, RADIUS, RADIUS)
    place = QRectF(box.left() + 8, box.top() + 8, THUMB, box.height() - 16)
    path = QPainterPath()
    path.addRoundedRect(place, 6, 6)
    painter.save()
    painter.setClipPath(path)
    painter.fillRect(place, QColor(tokens.raised))
    if tile.is_off:
        painter.setOpacity(_FAINT)
    _paint_thumb(painter, place, tile, context)
    painter.restore()


def _paint_thumb(painter: QPainter, place: QRectF, tile: Tile, context: Context) -> None:
    if tile.pixmap.isNull():
        icon = context.icons.icon(ICONS.get(tile.kind, "file"), "muted")
        icon.paint(painter, place.adjusted(26, 26, -26, -26).toRect())
        return
    size = tile.pixmap.size().scaled(place.size().toSize(), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
    target = QRectF(0, 0, size.width(), size.height())
    target.moveCenter(place.center())
    painter.drawPixmap(target, tile.pixmap, QRectF(tile.pixmap.rect()))
    if tile.kind is Kind.VIDEO:  # a poster: told from a picture by its sign
        centre = place.center()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 150))
        painter.drawEllipse(centre, 14, 14)
        icon = context.icons.pixmap("play", 16, "on_accent" if not context.theme.tokens.is_dark else "text")
        painter.drawPixmap(QRectF(centre.x() - 7, centre.y() - 8, 16, 16), icon, QRectF(icon.rect()))
