"""The rows of the library: headings and workflows."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QPersistentModelIndex, Qt, QUrl, Signal
from PySide6.QtGui import QPixmap

from comfydesk.gui.drops import OWN_DRAG
from comfydesk.gui.library.sections import Heading, Row
from comfydesk.gui.library.words import entry_tip, spoken
from comfydesk.gui.widgets.labels import beginning
from comfydesk.library.model import WorkflowEntry

Index = QModelIndex | QPersistentModelIndex

ENTRY_ROLE = Qt.ItemDataRole.UserRole + 1
PICTURE_ROLE = Qt.ItemDataRole.UserRole + 2
HEADING_ROLE = Qt.ItemDataRole.UserRole + 3


class LibraryModel(QAbstractListModel):
    """`ask_picture(entry)` is called when a row first needs one. `rename_requested(entry, title)`.

    `entries` are all workflows, whatever is shown of them.
    """

    rename_requested = Signal(object, str)

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.entries: Sequence[WorkflowEntry] = ()
        self._rows: Sequence[Row] = ()
        self._places: dict[str, int] = {}
        self._pictures: dict[str, QPixmap | None] = {}
        self.ask_picture: Callable[[WorkflowEntry], None] | None = None

    @property
    def rows(self) -> Sequence[Row]:
        return self._rows

    def show(self, rows: Sequence[Row]) -> bool:
        """Replace all rows; False where they are the same as before."""
        if list(rows) == list(self._rows):
            return False
        self.beginResetModel()
        self._rows = tuple(rows)
        self._places = {row.name: place for place, row in enumerate(rows) if isinstance(row, WorkflowEntry)}
        self.endResetModel()
        return True

    def row_of(self, name: str) -> int:
        return self._places.get(name, -1)

    def entry(self, row: int) -> WorkflowEntry | None:
        item = self._rows[row] if 0 <= row < len(self._rows) else None
        return item if isinstance(item, WorkflowEntry) else None

    def heading(self, row: int) -> Heading | None:
        item = self._rows[row] if 0 <= row < len(self._rows) else None
        return item if isinstance(item, Heading) else None

    def folder_at(self, row: int) -> str | None:
        """The folder that a row stands for: a heading's, or that of the workflow; None where there is none."""
        entry, heading = self.entry(row), self.heading(row)
        if entry is not None:
            return None if entry.is_starter else entry.folder
        return heading.folder if heading is not None else None

    def set_picture(self, entry: WorkflowEntry, picture: QPixmap) -> None:
        """The thumbnail arrived."""
        self._pictures[entry.thumbnail] = picture
        row = self.row_of(entry.name)
        if row >= 0:
            self.dataChanged.emit(self.index(row), self.index(row), [PICTURE_ROLE])

    def forget_pictures(self) -> None:
        """The engine goes: its pictures are asked for anew."""
        self._pictures.clear()

    # Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        entry = self.entry(index.row()) if index.isValid() else None
        if entry is None:
            return Qt.ItemFlag.ItemIsEnabled if index.isValid() else Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled
        return flags if entry.is_starter else flags | Qt.ItemFlag.ItemIsEditable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        item = self._rows[index.row()]
        if isinstance(item, Heading):
            if role == HEADING_ROLE:
                return item
            return item.text if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole) else None
        if role == ENTRY_ROLE:
            return item
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return beginning(item.title)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(item)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"<span>{html.escape(entry_tip(item))}</span>".replace("\n", "<br>")
        if role == PICTURE_ROLE and item.thumbnail:
            if item.thumbnail not in self._pictures and self.ask_picture is not None:
                self._pictures[item.thumbnail] = None
                self.ask_picture(item)
            return self._pictures.get(item.thumbnail)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """A new title was typed; the row changes when the engine has renamed it."""
        entry = self.entry(index.row()) if index.isValid() else None
        title = str(value).strip()
        if entry is None or role != Qt.ItemDataRole.EditRole or not title or title == entry.title:
            return False
        self.rename_requested.emit(entry, title)
        return True

    def mime_of(self, entries: Sequence[WorkflowEntry]) -> QMimeData:
        """What is dragged: for this list the names, for other programs the files."""
        data = QMimeData()
        data.setData(OWN_DRAG, "\n".join(entry.name for entry in entries).encode())
        data.setUrls([QUrl.fromLocalFile(entry.path) for entry in entries])
        return data
