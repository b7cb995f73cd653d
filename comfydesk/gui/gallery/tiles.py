"""Paints one tile of the grid."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from comfydesk.gallery.model import GalleryItem
from comfydesk.gui.context import Context
from comfydesk.gui.gallery.model import ITEM_ROLE, Index
from comfydesk.gui.gallery.thumbs import Thumbnails
from comfydesk.gui.style.fonts import sized
from comfydesk.gui.style.icons import render

ICONS = {
    "picture": "image",
    "animation": "video",
    "video": "video",
    "sound": "sound",
    "model": "cube",
    "latent": "latent",
    "text": "text",
}
_RADIUS = 6


class TileDelegate(QStyledItemDelegate):
    """A square cut of the picture, a badge for what is no still picture, a ring for the selection."""

    def __init__(self, context: Context, thumbnails: Thumbnails, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._thumbnails = thumbnails

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        item: GalleryItem | None = index.data(ITEM_ROLE)
        if item is None:
            return
        tokens = self._context.theme.tokens
        rect = option.rect
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(rect), _RADIUS, _RADIUS)
        picture = self._thumbnails.get(item.item_id)
        painter.fillPath(shape, QColor(tokens.raised))
        if picture is not None:
            painter.setClipPath(shape)
            painter.drawPixmap(rect, picture, square_cut(picture.size()))
            painter.setClipping(False)
            if item.kind != "picture":
                self._badge(painter, rect, item.kind)
        elif self._thumbnails.is_known(item.item_id) or item.missing:
            self._file_card(painter, rect, item)
        self._rings(painter, option, rect)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return option.rect.size()

    def _badge(self, painter: QPainter, rect: QRect, kind: str) -> None:
        box = QRect(rect.right() - 31, rect.bottom() - 27, 26, 22)
        back = QColor("#0d1016")
        back.setAlphaF(0.72)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(back)
        painter.drawRoundedRect(box, 5, 5)
        icon = render(ICONS.get(kind, "file"), QColor("#ffffff"), QSize(14, 14), _ratio(painter))
        painter.drawPixmap(box.center().x() - 6, box.center().y() - 6, icon)

    def _file_card(self, painter: QPainter, rect: QRect, item: GalleryItem) -> None:
        tokens = self._context.theme.tokens
        name = "warning" if item.missing else ICONS.get(item.kind, "file")
        icon = self._context.icons.pixmap(name, 28, "muted", ratio=_ratio(painter))
        painter.drawPixmap(rect.center().x() - 14, rect.center().y() - 26, icon)
        painter.setPen(QColor(tokens.muted))
        painter.setFont(sized(painter.font(), 12))
        words = self.tr("Moved or deleted") if item.missing else item.name
        line = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideMiddle, rect.width() - 16)
        text = QRect(rect.left() + 8, rect.center().y() + 8, rect.width() - 16, 20)
        painter.drawText(text, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, line)

    def _rings(self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect) -> None:
        tokens = self._context.theme.tokens
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        if not selected and not focused:
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if selected:
            painter.setPen(QPen(QColor(tokens.background), 2))
            painter.drawRoundedRect(QRectF(rect).adjusted(3, 3, -3, -3), _RADIUS - 2, _RADIUS - 2)
        painter.setPen(QPen(QColor(tokens.accent if selected else tokens.ring), 2))
        painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), _RADIUS, _RADIUS)


def square_cut(size: QSize) -> QRect:
    """The middle square of a picture."""
    side = min(size.width(), size.height())
    return QRect((size.width() - side) // 2, (size.height() - side) // 2, side, side)


def _ratio(painter: QPainter) -> float:
    device = painter.device()
    return device.devicePixelRatioF() if device is not None else 1.0
