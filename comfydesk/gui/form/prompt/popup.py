"""The list of names under the cursor. It never has the keyboard: the box beside it hands it what it is for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from comfydesk.gui.form.prompt.candidates import Candidate
from comfydesk.gui.style.theme import Theme

ROWS = 8
ROW = 28  # pixels
WIDTH = 320
GAP = 4


class _Model(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: Sequence[Candidate] = ()

    def show(self, rows: Sequence[Candidate]) -> None:
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{row.name} {row.detail}".strip()
        return None


class _Delegate(QStyledItemDelegate):
    """The name at the left, what is known of it at the right."""

    def __init__(self, model: _Model, theme: Theme) -> None:
        super().__init__(model)
        self._model = model
        self._theme = theme

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row = self._model.rows[index.row()]
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        area: QRect = option.rect.adjusted(2, 1, -2, -1)
        painter.save()
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("selection"))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawRoundedRect(area, 5, 5)
        area = area.adjusted(8, 0, -8, 0)
        metrics = option.fontMetrics
        detail = metrics.elidedText(row.detail, Qt.TextElideMode.ElideLeft, area.width() // 2)
        painter.setPen(self._theme.color("muted"))
        painter.drawText(area, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), detail)
        room = area.width() - (metrics.horizontalAdvance(detail) + 12 if detail else 0)
        painter.setPen(self._theme.color("text"))
        name = metrics.elidedText(row.name, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(area, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), name)
        painter.restore()


class CompletionPopup(QFrame):
    """Lies over the window's other widgets. `chosen(Candidate)` by mouse or by `choose`."""

    chosen = Signal(object)

    def __init__(self, window: QWidget, theme: Theme) -> None:
        super().__init__(window)
        self.setProperty("kind", "popup")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.model = _Model(self)
        self.list = QListView()
        self.list.setProperty("kind", "popup-list")
        self.list.setModel(self.model)
        self.list.setItemDelegate(_Delegate(self.model, theme))
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setMouseTracking(True)
        self.list.entered.connect(self.list.setCurrentIndex)
        self.list.clicked.connect(lambda index: self.choose(index.row()))
        self.list.setAccessibleName(self.tr("Names that fit"))
        column = QVBoxLayout(self)
        column.setContentsMargins(5, 5, 5, 5)
        column.addWidget(self.list)
        self.hide()

    def offer(self, rows: Sequence[Candidate], at: QRect, *, first: bool) -> None:
        """Show names under `at` (of the cursor, in the window's coordinates), above it where there is more room.

        `first`: the first one is chosen already.
        """
        self.model.show(rows)
        shown = min(ROWS, len(rows))
        self.list.setFixedHeight(shown * (self.list.sizeHintForRow(0) if shown else ROW) + 2)
        room = self.parentWidget().rect()
        self.setFixedWidth(min(WIDTH, room.width() - 2 * GAP))
        self.adjustSize()
        below = QPoint(at.left(), at.bottom() + GAP)
        if below.y() + self.height() > room.bottom() and at.top() - GAP - self.height() >= 0:
            below.setY(at.top() - GAP - self.height())
        below.setX(max(GAP, min(below.x(), room.right() - self.width() - GAP)))
        self.move(below)
        if first:
            self._go_to(0)
        self.raise_()
        self.show()

    @property
    def current(self) -> int:
        """The row that is chosen, −1 for none."""
        return self.list.currentIndex().row()

    def step(self, by: int) -> None:
        count = self.model.rowCount()
        if self.current < 0:
            self._go_to(0 if by > 0 else count - 1)
        else:
            self._go_to((self.current + by) % count if abs(by) == 1 else max(0, min(count - 1, self.current + by)))

    def choose(self, row: int) -> None:
        if 0 <= row < len(self.model.rows):
            candidate = self.model.rows[row]
            self.hide()
            self.chosen.emit(candidate)

    def _go_to(self, row: int) -> None:
        index = self.model.index(row)
        self.list.setCurrentIndex(index)
        self.list.scrollTo(index)
