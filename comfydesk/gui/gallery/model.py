"""The rows of the gallery, newest first, fetched page by page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from comfydesk.gallery.model import GalleryAdded, GalleryChanged, GalleryItem, GalleryRemoved
from comfydesk.gui.bridge import Bridge

ITEM_ROLE = Qt.ItemDataRole.UserRole + 1
PAGE = 400

Index = QModelIndex | QPersistentModelIndex


class GalleryModel(QAbstractListModel):
    """`filled`: the first page of a question has arrived. `sections_changed`: headings may stand elsewhere."""

    filled = Signal()
    sections_changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._gallery: Any = None
        self._items: list[GalleryItem] = []
        self._rows: dict[int, int] = {}
        self._query = ""
        self._complete = True
        self._loading = False
        self._question = 0
        self.total = 0
        bridge.changed.connect(self._on_changes)

    def attach(self, engine: Any) -> None:
        """Show what this engine's gallery holds."""
        self._gallery = engine.gallery
        self.ask(self._query)

    def detach(self) -> None:
        self._gallery = None
        self._replace([], complete=True)

    def ask(self, query: str) -> None:
        """Show the files that match `query` ("" is all)."""
        self._query = query
        self._question += 1
        if self._gallery is None:
            return
        question = self._question
        self._loading = True
        self._bridge.run(self._gallery.count, query, then=lambda n: self._counted(question, n))
        self._bridge.run(self._gallery.page, 0, PAGE, query, then=lambda items: self._first(question, items))

    def items(self) -> Sequence[GalleryItem]:
        return self._items

    def item(self, row: int) -> GalleryItem | None:
        return self._items[row] if 0 <= row < len(self._items) else None

    def row_of(self, item_id: int) -> int:
        """The row of a file, or -1."""
        return self._rows.get(item_id, -1)

    # -- answers -----------------------------------------------------------------------------------------------------

    def _counted(self, question: int, count: int) -> None:
        if question == self._question:
            self.total = count
            self.sections_changed.emit()

    def _first(self, question: int, items: list[GalleryItem]) -> None:
        if question == self._question:
            self._loading = False
            self._replace(list(items), complete=len(items) < PAGE)
            self.filled.emit()

    def _more(self, question: int, items: list[GalleryItem]) -> None:
        if question != self._question:
            return
        self._loading = False
        fresh = [item for item in items if item.item_id not in self._rows]
        self._complete = len(items) < PAGE
        if fresh:
            self.beginInsertRows(QModelIndex(), len(self._items), len(self._items) + len(fresh) - 1)
            self._items += fresh
            self._number()
            self.endInsertRows()
            self.sections_changed.emit()

    def _replace(self, items: list[GalleryItem], *, complete: bool) -> None:
        self.beginResetModel()
        self._items = items
        self._complete = complete
        self._number()
        self.endResetModel()
        self.sections_changed.emit()

    def _number(self) -> None:
        self._rows = {item.item_id: row for row, item in enumerate(self._items)}

    def _on_changes(self, changes: list[object]) -> None:
        if self._gallery is None:
            return
        for change in changes:
            if isinstance(change, GalleryAdded):
                if self._query:
                    self.ask(self._query)  # whether it matches is the index's business
                else:
                    self._add(change.items)
            elif isinstance(change, GalleryChanged):
                self._update(change.items)
            elif isinstance(change, GalleryRemoved):
                self._remove(change.item_ids)

    def _add(self, items: Sequence[GalleryItem]) -> None:
        fresh = [item for item in reversed(items) if item.item_id not in self._rows]
        if not fresh:
            return
        self.total += len(fresh)
        self.beginInsertRows(QModelIndex(), 0, len(fresh) - 1)
        self._items[:0] = fresh
        self._number()
        self.endInsertRows()
        self.sections_changed.emit()

    def _update(self, items: Sequence[GalleryItem]) -> None:
        for item in items:
            row = self._rows.get(item.item_id, -1)
            if row >= 0:
                self._items[row] = item
                self.dataChanged.emit(self.index(row), self.index(row))

    def _remove(self, item_ids: Sequence[int]) -> None:
        for item_id in item_ids:
            row = self._rows.get(item_id, -1)
            if row >= 0:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self._items[row]
                self._number()
                self.endRemoveRows()
                self.total = max(0, self.total - 1)
        self.sections_changed.emit()

    # -- Qt ----------------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        item = self.item(index.row())
        if item is None:
            return None
        if role == ITEM_ROLE:
            return item
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return item.name
        return None

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and not self._complete and not self._loading and self._gallery is not None

    def fetchMore(self, parent: Index) -> None:
        if self.canFetchMore(parent):
            self._loading = True
            question = self._question
            self._bridge.run(
                self._gallery.page,
                len(self._items),
                PAGE,
                self._query,
                then=lambda items: self._more(question, items),
            )
