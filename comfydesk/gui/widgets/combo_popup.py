"""The list of the searchable combo: a search line and the names that match."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QLineEdit, QListView, QVBoxLayout, QWidget

from comfydesk.base.fuzzy import rank

from .labels import counted, label
from .name_tree import NameTree, Row

_ROWS = 11
_ROW_HEIGHT = 30


class _Names(QAbstractListModel):
    """The names as a tree of their folders, or those that match a search, best first. `checked`: places of the names
    that are chosen where several may be; None where it is one."""

    def __init__(self, names: Sequence[str], checked: set[int] | None, parent: QObject) -> None:
        super().__init__(parent)
        self._names = names
        self._checked = checked
        self._tree = NameTree(names)
        self._query = ""
        self._rows: list[Row] = []

    def search(self, query: str) -> None:
        self._query = query
        self._refill()

    def source(self, row: int) -> int:
        """The place of a row's name among all; -1 for a folder."""
        return self._rows[row].source

    def row_of(self, source: int) -> int:
        """The row of a name, -1 where it is not shown; its folders are opened for it."""
        if not self._query.strip():
            self._tree.open_to(source)
            self._refill()
        return next((at for at, row in enumerate(self._rows) if row.source == source), -1)

    def toggle(self, row: int, is_open: bool | None = None) -> int:
        """Open or close the folder of a row (None: the other way). Returns the row to go on at."""
        folder, opened = self._rows[row].folder, self._tree.open_folders
        if self._rows[row].source >= 0:  # of a name: the folder that it is in
            row = next((at for at, item in enumerate(self._rows) if item.source < 0 and item.folder == folder), row)
        if folder and (folder in opened) is not is_open:
            (opened.discard if folder in opened else opened.add)(folder)
            self._refill()
        return row

    def check(self, source: int) -> None:
        """Choose a name, or no longer."""
        if self._checked is not None:
            self._checked ^= {source}
            self.dataChanged.emit(self.index(0), self.index(self.rowCount() - 1))

    def is_folder(self, row: int) -> bool:
        return 0 <= row < len(self._rows) and self._rows[row].source < 0

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return "\u2003" * row.depth + self._tick(row) + row.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row.text if row.source < 0 else self._names[row.source]
        return None

    def _tick(self, row: Row) -> str:
        if self._checked is None or row.source < 0:
            return ""
        return "✓ " if row.source in self._checked else "\u2003 "

    def _refill(self) -> None:
        self.beginResetModel()
        if self._query.strip() or not self._tree.has_folders:
            self._rows = [Row(self._names[at], 0, at, "") for at in rank(self._query, self._names)]
        else:
            self._rows = self._tree.rows()
        self.endResetModel()


class ComboPopup(QWidget):
    """`chosen(int)`: the place of the name among all; `closed` after it went away in whatever way.

    With `checked` several names may be chosen: each press chooses one or lets it go, and the list stays open.
    Right opens a folder, Left closes it; a search looks through all of them.
    """

    chosen = Signal(int)
    closed = Signal()

    def __init__(
        self, owner: QWidget, names: Sequence[str], current: int, query: str, checked: set[int] | None = None
    ) -> None:
        super().__init__(owner, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        surface = QFrame()  # a translucent window paints no background of its own
        surface.setProperty("kind", "popup")
        self.search = QLineEdit(query)
        self.search.setProperty("kind", "search")
        self.search.setProperty("ring", False)
        self.search.setPlaceholderText(counted(len(names), self.tr("Search one name"), self.tr("Search {n} names")))
        self.search.textChanged.connect(self._on_query)
        self.search.installEventFilter(self)
        self._nothing = label(self.tr("No name matches."), "muted")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setFixedHeight(_ROW_HEIGHT + 10)
        self._stays = checked is not None
        self.model = _Names(names, checked, self)
        self.list = QListView()
        self.list.setProperty("kind", "popup-list")
        self.list.setModel(self.model)
        self.list.setUniformItemSizes(True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.clicked.connect(lambda index: self._choose(index.row()))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(surface)
        layout = QVBoxLayout(surface)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.setSpacing(6)
        layout.addWidget(self.search)
        layout.addWidget(self.list)
        layout.addWidget(self._nothing)
        self.search.setVisible(len(names) > 7 or bool(query))
        self._on_query(query)
        if not query and current >= 0:
            self._go_to(self.model.row_of(current))

    def open_below(self, owner: QWidget) -> None:
        """Show it under the owner, or above where there is more room."""
        rows = max(1, min(_ROWS, self.model.rowCount()))
        self.list.setFixedHeight(rows * _ROW_HEIGHT + 4)
        self.setFixedWidth(max(owner.width(), 220))
        self.adjustSize()
        at = owner.mapToGlobal(QPoint(0, owner.height() + 4))
        screen = owner.screen().availableGeometry()
        if at.y() + self.height() > screen.bottom():
            at.setY(max(screen.top(), owner.mapToGlobal(QPoint(0, -4)).y() - self.height()))
        at.setX(max(screen.left(), min(at.x(), screen.right() - self.width())))
        self.move(at)
        self.show()
        (self.search if self.search.isVisible() else self).setFocus(Qt.FocusReason.PopupFocusReason)
        index = self.list.currentIndex()
        self.list.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)

    def _on_query(self, query: str) -> None:
        self.model.search(query)
        found = self.model.rowCount() > 0
        self.list.setVisible(found)
        self._nothing.setVisible(not found)
        if found:
            self._go_to(0)

    def _go_to(self, row: int) -> None:
        index = self.model.index(max(0, min(row, self.model.rowCount() - 1)))
        self.list.setCurrentIndex(index)
        self.list.scrollTo(index)

    def _choose(self, row: int) -> None:
        if self.model.is_folder(row):
            self._go_to(self.model.toggle(row))
            return
        if 0 <= row < self.model.rowCount():
            source = self.model.source(row)
            self.model.check(source)
            self.chosen.emit(source)
        if not self._stays:
            self.close()

    def _fold(self, is_open: bool) -> bool:
        """Open or close the folder at the current row; False where there is none, so that the search gets the key."""
        row = self.list.currentIndex().row()
        if self.search.text() or row < 0 or (is_open and not self.model.is_folder(row)):
            return False
        self._go_to(self.model.toggle(row, is_open))
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.search and event.type() == QEvent.Type.KeyPress:
            return self._handle_key(event)
        return False

    def _handle_key(self, event: QKeyEvent) -> bool:
        steps = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: _ROWS - 1,
            Qt.Key.Key_PageUp: 1 - _ROWS,
        }
        if event.key() in steps:
            self._go_to(self.list.currentIndex().row() + steps[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
            self._choose(self.list.currentIndex().row() if self.model.rowCount() else -1)
        elif event.key() == Qt.Key.Key_Escape:
            self.close()
        elif event.key() in (Qt.Key.Key_Right, Qt.Key.Key_Left):
            return self._fold(event.key() == Qt.Key.Key_Right)
        else:
            return False
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._handle_key(event):
            return
        if event.text().isprintable() and event.text().strip():  # a short list has no search line until one types
            self.search.setVisible(True)
            self.adjustSize()
            self.search.setFocus(Qt.FocusReason.PopupFocusReason)
            self.search.setText(event.text())

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.closed.emit()
