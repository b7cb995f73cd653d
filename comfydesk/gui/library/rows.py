"""Rows of two lines for the dialogs' lists, with an optional picture: thousands cost nothing, each is only painted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from comfydesk.gui.context import Context
from comfydesk.gui.library.landscape import landscape, middle
from comfydesk.gui.style.fonts import CAPTION, LABEL, sized

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole + 1
_HEADING = 32


@dataclass(frozen=True, slots=True)
class TwoLines:
    """`item` is what the row stands for; None: a heading. `side`: at the right of the title; `mark`: a small tag in the
    colour `tone`.

    `face`: from which a landscape is made where no picture has come.
    """

    title: str
    line: str = ""
    side: str = ""
    mark: str = ""
    tone: str = "accent"
    item: Any = None
    face: str = ""


class RowsModel(QAbstractListModel):
    """`ask_picture(row)` is called when a row is first painted that has a face."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.rows: Sequence[TwoLines] = ()
        self.pictures: dict[str, QPixmap] = {}
        self.ask_picture: Callable[[TwoLines], None] | None = None
        self._asked: set[str] = set()

    def show(self, rows: Sequence[TwoLines]) -> None:
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def set_picture(self, face: str, picture: QPixmap) -> None:
        self.pictures[face] = picture
        for place, row in enumerate(self.rows):
            if row.face == face:
                self.dataChanged.emit(self.index(place), self.index(place))

    def picture(self, row: TwoLines) -> QPixmap | None:
        if row.face not in self._asked and self.ask_picture is not None:
            self._asked.add(row.face)
            self.ask_picture(row)
        return self.pictures.get(row.face)

    # Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        return 0 if parent.isValid() else len(self.rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if index.isValid() and self.rows[index.row()].item is not None:
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return Qt.ItemFlag.NoItemFlags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row = self.rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (row.title, row.mark, row.line, row.side) if part)
        return None


class _Delegate(QStyledItemDelegate):
    def __init__(self, context: Context, model: RowsModel, height: int, thumb: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._context, self._model = context, model
        self._size, self._heading = QSize(80, height), QSize(80, _HEADING)
        self._thumb = thumb
        self._faces: dict[str, QPixmap] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return self._heading if self._model.rows[index.row()].item is None else self._size

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = self._model.rows[index.row()]
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        if row.item is None:
            self._paint_heading(painter, option, row)
        else:
            self._paint_row(painter, option, row)
        painter.restore()

    def _paint_heading(self, painter: QPainter, option: QStyleOptionViewItem, row: TwoLines) -> None:
        font = sized(option.font, CAPTION, weight=QFont.Weight.DemiBold)
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.8)
        painter.setFont(font)
        painter.setPen(self._context.theme.color("muted"))
        area = option.rect.adjusted(12, 8, -12, 0)
        text = QFontMetrics(font).elidedText(row.title.upper(), Qt.TextElideMode.ElideMiddle, area.width())
        painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter), text)

    def _paint_row(self, painter: QPainter, option: QStyleOptionViewItem, row: TwoLines) -> None:
        tokens = self._context.theme.tokens
        state, area = option.state, QRect(option.rect)
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.selection if chosen else tokens.hover))
            painter.drawRoundedRect(QRectF(area).adjusted(2, 1, -2, -1), 6, 6)
        left = area.left() + 12
        if self._thumb:
            self._paint_face(painter, QRectF(left, area.center().y() - self._thumb / 2, self._thumb, self._thumb), row)
            left += self._thumb + 12
        text = QRect(left, area.top(), area.right() - 12 - left, area.height())
        top = text.center().y() - (19 if row.line else 9)
        small = sized(option.font, LABEL)
        title = sized(option.font, 13, weight=QFont.Weight.Medium)
        room = text.width()
        if row.side:
            painter.setFont(small)
            painter.setPen(QColor(tokens.muted))
            right = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
            painter.drawText(QRect(text.left(), top, text.width(), 18), right, row.side)
            room -= QFontMetrics(small).horizontalAdvance(row.side) + 12
        if row.mark:
            room -= self._paint_mark(painter, text, top, title, small, row, room)
        self._line(painter, title, tokens.text, row.title, QRect(text.left(), top, room, 18))
        self._line(painter, small, tokens.muted, row.line, QRect(text.left(), top + 20, text.width(), 18))

    def _paint_mark(
        self, painter: QPainter, text: QRect, top: int, title: QFont, small: QFont, row: TwoLines, room: int
    ) -> int:
        """A tag right after the title; returns the room that it takes."""
        tokens = self._context.theme.tokens
        width = QFontMetrics(small).horizontalAdvance(row.mark) + 12
        at = text.left() + min(QFontMetrics(title).horizontalAdvance(row.title), room - width - 8) + 8
        place = QRect(at, top, width, 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.tint(row.tone)))
        painter.drawRoundedRect(place, 4, 4)
        painter.setFont(small)
        painter.setPen(QColor(tokens.color(row.tone)))
        painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), row.mark)
        return width + 8

    def _paint_face(self, painter: QPainter, place: QRectF, row: TwoLines) -> None:
        picture = self._model.picture(row)
        if picture is None or picture.isNull():
            picture = self._faces.get(row.face)
            if picture is None:
                picture = self._faces[row.face] = landscape(row.face, 2 * self._thumb)
        path = QPainterPath()
        path.addRoundedRect(place, 6, 6)
        painter.setClipPath(path)
        painter.drawPixmap(place, picture, middle(picture))
        painter.setClipping(False)

    @staticmethod
    def _line(painter: QPainter, font: QFont, colour: str, text: str, area: QRect) -> None:
        painter.setFont(font)
        painter.setPen(QColor(colour))
        words = QFontMetrics(font).elidedText(text[:400], Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine), words)


def rows_view(context: Context, model: RowsModel, name: str, *, height: int = 52, thumb: int = 0) -> QListView:
    """A list of such rows; `name` is for screen readers."""
    view = QListView()
    view.setModel(model)
    view.setItemDelegate(_Delegate(context, model, height, thumb, view))
    view.setAccessibleName(name)
    view.setMouseTracking(True)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    return view
