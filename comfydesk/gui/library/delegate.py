"""Paints a workflow: its newest result (or a landscape made from its name), title, and a line of facts."""

from __future__ import annotations

import math
import zlib

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QLinearGradient, QPainter, QPainterPath, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from comfydesk.gui.context import Context
from comfydesk.gui.library.model import ENTRY_ROLE, PICTURE_ROLE
from comfydesk.gui.queue.words import counted
from comfydesk.gui.style.fonts import CAPTION, LABEL, sized
from comfydesk.library.model import WorkflowEntry

ROW, HEADING, THUMB = 56, 34, 40


class LibraryDelegate(QStyledItemDelegate):
    """`is_folded`: only the pictures, for a narrow column."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.is_folded = False
        self._drawn: dict[str, QPixmap] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        is_entry = index.data(ENTRY_ROLE) is not None
        return QSize(60, ROW if is_entry else (14 if self.is_folded else HEADING))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        entry = index.data(ENTRY_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if entry is None:
            self._paint_heading(painter, option.rect, str(index.data() or ""))
        else:
            self._paint_entry(painter, option, entry, index.data(PICTURE_ROLE))
        painter.restore()

    def _font(self) -> QFont:
        parent = self.parent()
        return parent.font() if isinstance(parent, QWidget) else QFont()

    def _paint_heading(self, painter: QPainter, row: QRect, text: str) -> None:
        if self.is_folded:
            return
        font = sized(self._font(), CAPTION, weight=QFont.Weight.DemiBold)
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.8)
        painter.setFont(font)
        painter.setPen(self._context.theme.color("muted"))
        painter.drawText(row.adjusted(16, 8, -8, 0), int(Qt.AlignmentFlag.AlignVCenter), text.upper())

    def _paint_entry(
        self, painter: QPainter, option: QStyleOptionViewItem, entry: WorkflowEntry, picture: QPixmap | None
    ) -> None:
        tokens = self._context.theme.tokens
        row = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(row, QColor(tokens.selection))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(row, QColor(tokens.hover))
        left = row.center().x() - THUMB // 2 + 1 if self.is_folded else row.left() + 14
        place = QRectF(left, row.top() + (ROW - THUMB) / 2, THUMB, THUMB)
        path = QPainterPath()
        path.addRoundedRect(place, 6, 6)
        painter.setClipPath(path)
        shown = picture if picture is not None and not picture.isNull() else self._landscape(entry.name)
        painter.drawPixmap(place, shown, _middle(shown))
        painter.setClipping(False)
        if self.is_folded:
            return
        text = QRect(row.left() + 14 + THUMB + 11, row.top(), 0, ROW)
        text.setRight(row.right() - 10)
        title = sized(self._font(), 13, weight=QFont.Weight.Medium)
        small = sized(self._font(), LABEL)
        for font, colour, words, top in (
            (title, tokens.text, entry.title, 10),
            (small, tokens.muted, self.facts(entry), 29),
        ):
            painter.setFont(font)
            painter.setPen(QColor(colour))
            line = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, text.width())
            area = QRect(text.left(), text.top() + top, text.width(), 18)
            painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine), line)

    def facts(self, entry: WorkflowEntry) -> str:
        """ "7 nodes · 214 results"."""
        parts = [counted(entry.node_count, self.tr("node"), self.tr("nodes"))]
        if entry.results:
            parts.append(counted(entry.results, self.tr("result"), self.tr("results")))
        return " · ".join(parts)

    def _landscape(self, name: str) -> QPixmap:
        found = self._drawn.get(name)
        if found is None:
            found = self._drawn[name] = landscape(name, 2 * THUMB)
        return found


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


def _middle(picture: QPixmap) -> QRectF:
    """The largest square in the middle."""
    side = min(picture.width(), picture.height())
    return QRectF((picture.width() - side) / 2, (picture.height() - side) / 2, side, side)
