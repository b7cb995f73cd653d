"""Paints one tile of the grid."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QTextLayout, QTextOption
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from comfydesk.gallery.model import GalleryItem
from comfydesk.gui.context import Context
from comfydesk.gui.gallery.model import ITEM_ROLE, Index
from comfydesk.gui.gallery.thumbs import Look, Thumbnails
from comfydesk.gui.gallery.words import clock_text
from comfydesk.gui.style.fonts import sized
from comfydesk.gui.style.icons import render

ICONS = {
    "picture": "image",
    "animation": "play",
    "video": "video",
    "sound": "sound",
    "model": "cube",
    "latent": "latent",
    "text": "text",
}
RADIUS = 8
RING = 3  # pixels that the ring of a selected tile stands out of it
_BADGE = QColor(13, 16, 22, 190)
_WHITE = QColor("#ffffff")


class TileDelegate(QStyledItemDelegate):
    """A square cut of the picture, a badge for what plays, a ring for the selection."""

    def __init__(self, context: Context, thumbnails: Thumbnails, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._thumbnails = thumbnails

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tokens = self._context.theme.tokens
        item: GalleryItem | None = index.data(ITEM_ROLE)
        look = self._thumbnails.look(item) if item is not None else None
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(option.rect), RADIUS, RADIUS)
        has_picture = look is not None and look.picture is not None
        if item is None or not has_picture:
            painter.fillPath(shape, QColor(tokens.raised))
        if item is not None and look is not None and look.picture is not None:
            self._picture(painter, option.rect, shape, look)
            if item.missing:
                painter.fillPath(shape, QColor(0, 0, 0, 150))
                self._badge(painter, option.rect, "warning", self.tr("Moved or deleted"))
            elif item.kind != "picture":
                words = clock_text(look.seconds) if look.seconds is not None else ""
                self._badge(painter, option.rect, "play" if item.kind == "video" else ICONS[item.kind], words)
        elif item is not None and (look is not None or item.missing):
            self._card(painter, option.rect, item, look)
        self._states(painter, option, shape, is_outlined=not has_picture)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return option.rect.size()

    def _picture(self, painter: QPainter, rect: QRect, shape: QPainterPath, look: Look) -> None:
        assert look.picture is not None
        if look.picture.hasAlphaChannel():
            painter.fillPath(shape, QColor(self._context.theme.tokens.raised))
        painter.setClipPath(shape)
        painter.drawPixmap(rect, look.picture)
        painter.setClipping(False)

    def _badge(self, painter: QPainter, rect: QRect, icon: str, words: str) -> None:
        font = sized(painter.font(), 11, weight=painter.font().Weight.DemiBold)
        painter.setFont(font)
        metrics = painter.fontMetrics()
        room = rect.width() - 12 - 26
        words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, room) if room > 24 else ""
        width = 24 + (metrics.horizontalAdvance(words) + 7 if words else 0)
        box = QRect(rect.right() - width - 5, rect.bottom() - 26, width, 20)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_BADGE)
        painter.drawRoundedRect(box, 5, 5)
        painter.drawPixmap(box.left() + 6, box.top() + 4, render(icon, _WHITE, QSize(12, 12), _ratio(painter)))
        if words:
            painter.setPen(_WHITE)
            painter.drawText(
                box.adjusted(22, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words
            )

    def _card(self, painter: QPainter, rect: QRect, item: GalleryItem, look: Look | None) -> None:
        """A file that has no picture: its icon and name, or how its text begins."""
        tokens = self._context.theme.tokens
        if look is not None and look.excerpt and not item.missing:
            self._excerpt(painter, rect, look.excerpt)
            self._badge(painter, rect, "text", "")
            return
        name = "warning" if item.missing else ICONS.get(item.kind, "file")
        icon = self._context.icons.pixmap(name, 28, "muted", ratio=_ratio(painter))
        painter.drawPixmap(rect.center().x() - 14, rect.center().y() - 26, icon)
        painter.setPen(QColor(tokens.muted))
        painter.setFont(sized(painter.font(), 12))
        words = self.tr("Moved or deleted") if item.missing else item.name
        line = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideMiddle, rect.width() - 20)
        text = QRect(rect.left() + 10, rect.center().y() + 8, rect.width() - 20, 20)
        painter.drawText(text, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, line)
        if look is not None and look.seconds is not None and not item.missing:
            self._badge(painter, rect, "play", clock_text(look.seconds))

    def _excerpt(self, painter: QPainter, rect: QRect, text: str) -> None:
        """As many lines as fit; a text is drawn as it is, never as markup."""
        room = rect.adjusted(12, 10, -12, -30)
        layout = QTextLayout(" ".join(text.split()), sized(painter.font(), 12))
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.beginLayout()
        height = 0.0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(room.width())
            line.setPosition(QPointF(0, height))
            if height + line.height() > room.height():
                break  # half a line is cut off below
            height += line.height() + 1
        layout.endLayout()
        painter.save()
        painter.setClipRect(QRectF(room.left(), room.top(), room.width(), height))
        painter.setPen(QColor(self._context.theme.tokens.text))
        layout.draw(painter, QPointF(room.topLeft()))
        painter.restore()

    def _states(
        self, painter: QPainter, option: QStyleOptionViewItem, shape: QPainterPath, *, is_outlined: bool
    ) -> None:
        tokens = self._context.theme.tokens
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        rect = QRectF(option.rect)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if is_outlined:
            painter.setPen(QPen(QColor(tokens.line), 1))
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        if option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillPath(shape, QColor(255, 255, 255, 26))
            painter.setPen(QPen(QColor(tokens.control), 1))
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        if selected or option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(tokens.accent if selected else tokens.ring), 2))
            out = RING - 1
            painter.drawRoundedRect(rect.adjusted(-out, -out, out, out), RADIUS + out, RADIUS + out)


def _ratio(painter: QPainter) -> float:
    device = painter.device()
    return device.devicePixelRatioF() if device is not None else 1.0
