"""The workflows as a list with headings, filtered by what is searched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QPixmap

from comfydesk.library.model import WorkflowEntry

Index = QModelIndex | QPersistentModelIndex

ENTRY_ROLE = Qt.ItemDataRole.UserRole + 1
PICTURE_ROLE = Qt.ItemDataRole.UserRole + 2


class LibraryModel(QAbstractListModel):
    """Rows are headings (str) or `WorkflowEntry`s. `ask_picture(entry)` is called when a row first needs one."""

    def __init__(self, starters: str, mine: str, parent: Any = None) -> None:
        super().__init__(parent)
        self._words = (starters, mine)
        self._entries: list[WorkflowEntry] = []
        self._rows: list[str | WorkflowEntry] = []
        self._query = ""
        self._pictures: dict[str, QPixmap | None] = {}
        self.ask_picture: Callable[[WorkflowEntry], None] | None = None

    @property
    def entries(self) -> Sequence[WorkflowEntry]:
        return self._entries

    def set_entries(self, entries: Sequence[WorkflowEntry]) -> None:
        self._entries = list(entries)
        self._rebuild()

    def search(self, query: str) -> None:
        """Show the workflows whose title holds all the words."""
        self._query = query
        self._rebuild()

    def row_of(self, name: str) -> int:
        for row, item in enumerate(self._rows):
            if isinstance(item, WorkflowEntry) and item.name == name:
                return row
        return -1

    def set_picture(self, entry: WorkflowEntry, picture: QPixmap) -> None:
        """The thumbnail arrived."""
        self._pictures[entry.thumbnail] = picture
        row = self.row_of(entry.name)
        if row >= 0:
            self.dataChanged.emit(self.index(row), self.index(row), [PICTURE_ROLE])

    def _rebuild(self) -> None:
        words = self._query.casefold().split()
        found = [e for e in self._entries if all(word in f"{e.title} {e.name}".casefold() for word in words)]
        starters, mine = [e for e in found if e.is_starter], [e for e in found if not e.is_starter]
        self.beginResetModel()
        self._rows = []
        for word, part in ((self._words[1], mine), (self._words[0], starters)):
            if part:
                self._rows += [word, *part]
        self.endResetModel()

    # Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if index.isValid() and isinstance(self._rows[index.row()], WorkflowEntry):
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return Qt.ItemFlag.NoItemFlags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        item = self._rows[index.row()]
        if role == ENTRY_ROLE:
            return item if isinstance(item, WorkflowEntry) else None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return item.title if isinstance(item, WorkflowEntry) else item
        if role == PICTURE_ROLE and isinstance(item, WorkflowEntry) and item.thumbnail:
            if item.thumbnail not in self._pictures and self.ask_picture is not None:
                self._pictures[item.thumbnail] = None
                self.ask_picture(item)
            return self._pictures.get(item.thumbnail)
        return None
