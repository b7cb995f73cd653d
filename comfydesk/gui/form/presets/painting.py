"""How the rows of the preset list are drawn: a tick, the name, a note, and ⋯ for what else can be done."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from comfydesk.gui.context import Context
from comfydesk.gui.style.fonts import CAPTION, LABEL, sized
from comfydesk.gui.style.icons import render

ROW, MORE_WIDTH = 32, 30
PRESET, TICKED, NOTE = (Qt.ItemDataRole.UserRole + number for number in (1, 2, 3))
Index = QModelIndex | QPersistentModelIndex


class PresetPainter(QStyledItemDelegate):
    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.data(PRESET) is None:
            self._heading(painter, option, str(index.data()))
        else:
            self._row(painter, option, index)
        painter.restore()

    def _heading(self, painter: QPainter, option: QStyleOptionViewItem, text: str) -> None:
        font = sized(option.font, CAPTION, weight=QFont.Weight.DemiBold)
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.8)
        painter.setFont(font)
        painter.setPen(QColor(self._context.theme.tokens.muted))
        painter.drawText(option.rect.adjusted(8, 6, -8, 0), int(Qt.AlignmentFlag.AlignVCenter), text.upper())

    def _row(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tokens, row = self._context.theme.tokens, QRect(option.rect)
        ratio = painter.device().devicePixelRatioF()
        is_current = bool(option.state & QStyle.StateFlag.State_Selected)
        is_over = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if is_current or is_over:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.selection if is_current else tokens.hover))
            painter.drawRoundedRect(row.adjusted(1, 1, -1, -1), 5, 5)
        if index.data(TICKED):
            tick = render("check", QColor(tokens.accent), QSize(16, 16), ratio)
            painter.drawPixmap(row.left() + 8, row.center().y() - 7, tick)
        if is_current or is_over:
            dots = render("more", QColor(tokens.muted), QSize(16, 16), ratio)
            painter.drawPixmap(row.right() - 22, row.center().y() - 7, dots)
        room = row.adjusted(32, 0, -MORE_WIDTH, 0)
        small = sized(option.font, LABEL)
        note = str(index.data(NOTE))
        painter.setFont(small)
        painter.setPen(QColor(tokens.muted))
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), note)
        if note:
            room.setRight(room.right() - QFontMetrics(small).horizontalAdvance(note) - 8)
        painter.setFont(option.font)
        painter.setPen(QColor(tokens.text))
        text = QFontMetrics(option.font).elidedText(str(index.data()), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), text)
