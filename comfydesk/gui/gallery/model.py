"""The rows of the gallery, newest first: all of them are there at once, their files are fetched when they are seen."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal

from comfydesk.base.errors import Problem
from comfydesk.gallery.model import GalleryAdded, GalleryChanged, GalleryItem, GalleryRemoved
from comfydesk.gui.bridge import Bridge
from comfydesk.gui.gallery.alive import is_alive, spawn
from comfydesk.gui.gallery.layout import Section
from comfydesk.gui.gallery.sections import Sections

ITEM_ROLE = Qt.ItemDataRole.UserRole + 1
CHUNK = 200  # rows that are fetched at once
_AT_ONCE = 2
_REFRESH_MS = 300
_REFRESHES = 5  # in a row, without a change that explains them

Index = QModelIndex | QPersistentModelIndex


class GalleryModel(QAbstractListModel):
    """`filled`: the answer to a question has arrived. `sections_changed`: headings may stand elsewhere."""

    filled = Signal()
    sections_changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._gallery: Any = None
        self._items: list[GalleryItem | None] = []
        self._rows: dict[int, int] = {}
        self._sections = Sections()
        self._query = ""
        self._question = 0  # answers to older ones are dropped
        self._revision = 0  # of the rows' places: pages that were asked for before a change are asked for again
        self._wanted: dict[int, None] = {}
        self._under_way: set[int] = set()
        self._refreshes = 0
        self._answering: asyncio.Task[None] | None = None
        self.is_loading = True
        self.everything = 0  # files in the gallery, whether they fit the question or not
        self._refresh_soon = QTimer(self)
        self._refresh_soon.setSingleShot(True)
        self._refresh_soon.setInterval(_REFRESH_MS)
        self._refresh_soon.timeout.connect(lambda: self.ask(self._query))
        bridge.changed.connect(self._on_changes)

    def attach(self, engine: Any) -> None:
        """Show what this engine's gallery holds."""
        self._gallery = engine.gallery
        self.ask(self._query)

    def detach(self) -> None:
        self._gallery = None
        self._question += 1
        self._refresh_soon.stop()
        self.is_loading = True
        self._replace(Sections(), [])

    def ask(self, query: str) -> None:
        """Show the files that match `query` ("" is all)."""
        self._query = query
        self._question += 1
        if self._gallery is not None:
            self._answering = spawn(self._bridge, "gallery rows", self._begin, self._gallery, self._question)
            if self._answering is not None:
                self._answering.add_done_callback(self._answered)

    @property
    def query(self) -> str:
        return self._query

    @property
    def total(self) -> int:
        return len(self._items)

    def sections(self) -> list[Section]:
        return self._sections.as_list()

    def item(self, row: int) -> GalleryItem | None:
        """The file of a row, if it was fetched already."""
        return self._items[row] if 0 <= row < len(self._items) else None

    def row_of(self, item_id: int) -> int:
        """The row of a file that was fetched, or -1."""
        return self._rows.get(item_id, -1)

    def want(self, rows: Iterable[int]) -> None:
        """Fetch these rows if they are not here."""
        for row in rows:
            chunk = row // CHUNK
            if row < len(self._items) and self._items[row] is None and chunk not in self._under_way:
                self._wanted.pop(chunk, None)
                self._wanted[chunk] = None
        self._fetch()

    def forget_wishes(self) -> None:
        """What scrolled out of view need not be fetched any more."""
        self._wanted.clear()

    async def fetch(self, rows: Sequence[int]) -> None:
        """Have these rows here, e.g. all that are selected."""
        question = self._question
        for chunk in sorted({row // CHUNK for row in rows if row < len(self._items) and self._items[row] is None}):
            if question == self._question and self._gallery is not None:
                await self._load(self._gallery, chunk)

    async def settled(self) -> None:
        """Wait until the newest question is answered."""
        while self._answering is not None:
            await asyncio.wait([self._answering])

    def _answered(self, task: asyncio.Task[None]) -> None:
        if self._answering is task:
            self._answering = None

    # -- answers -----------------------------------------------------------------------------------------------------

    async def _begin(self, gallery: Any, question: int) -> None:
        query = self._query
        runs = await self._bridge.call(gallery.sections, query)
        first = await self._bridge.call(gallery.page, 0, CHUNK, query)
        everything = await self._bridge.call(gallery.count, "") if query else sum(count for _, count in runs)
        if question != self._question or gallery is not self._gallery:
            return
        self.is_loading = False
        self.everything = everything
        self._replace(Sections(runs), first)
        self.filled.emit()

    def _fetch(self) -> None:
        if not is_alive(self._bridge):
            return
        while self._gallery is not None and self._wanted and len(self._under_way) < _AT_ONCE:
            chunk, _ = self._wanted.popitem()  # the newest wish is what is looked at now
            self._under_way.add(chunk)
            self._bridge.spawn(self._load(self._gallery, chunk), f"gallery rows {chunk}")

    async def _load(self, gallery: Any, chunk: int) -> None:
        question, revision = self._question, self._revision
        try:
            items = await self._bridge.call(gallery.page, chunk * CHUNK, CHUNK, self._query)
        except Problem:
            self._under_way.discard(chunk)
            raise
        if gallery is not self._gallery or question != self._question or revision != self._revision:
            return
        self._under_way.discard(chunk)
        first, last = chunk * CHUNK, min((chunk + 1) * CHUNK, len(self._items))
        if len(items) != last - first or not self._fit(first, items):
            self._look_again()
            return
        self._take(first, items)
        self.dataChanged.emit(self.index(first), self.index(last - 1))
        self._fetch()

    def _fit(self, first: int, items: Sequence[GalleryItem]) -> bool:
        """Whether these are what the headings promise; otherwise the index has changed, or it is tomorrow."""
        titles = self._sections.titles(first, len(items))
        return all(item.section == title for item, title in zip(items, titles, strict=True)) and all(
            self._rows.get(item.item_id, row) == row for row, item in enumerate(items, first)
        )

    def _take(self, first: int, items: Sequence[GalleryItem]) -> None:
        self._items[first : first + len(items)] = items
        self._rows.update((item.item_id, row) for row, item in enumerate(items, first))

    def _replace(self, sections: Sections, first: Sequence[GalleryItem]) -> None:
        self.beginResetModel()
        self._sections = sections
        self._items = [None] * sections.total
        self._rows = {}
        self._moved()
        is_right = len(first) == min(CHUNK, sections.total) and self._fit(0, first)
        if is_right:
            self._take(0, first)
        self.endResetModel()
        self.sections_changed.emit()
        if not is_right:
            self._look_again()

    def _look_again(self) -> None:
        """The index changed between two answers: ask anew, but not for ever."""
        if self._gallery is not None and self._refreshes < _REFRESHES:
            self._refreshes += 1
            self._refresh_soon.start()

    def _moved(self) -> None:
        """Rows have other places now."""
        self._revision += 1
        self._wanted.clear()
        self._under_way.clear()

    def _number(self) -> None:
        self._rows = {item.item_id: row for row, item in enumerate(self._items) if item is not None}
        self._moved()

    # -- changes -----------------------------------------------------------------------------------------------------

    def _on_changes(self, changes: list[object]) -> None:
        if self._gallery is None:
            return
        for change in changes:
            if isinstance(change, GalleryAdded):
                self._refreshes = 0
                self._add(change.items)
            elif isinstance(change, GalleryChanged):
                self._update(change.items)
            elif isinstance(change, GalleryRemoved):
                self._refreshes = 0
                self._remove(change.item_ids)

    def _add(self, items: Sequence[GalleryItem]) -> None:
        fresh = sorted((i for i in items if i.item_id not in self._rows), key=lambda i: (i.created_at, i.item_id))
        if not fresh:
            return
        newest = self._items[0] if self._items else fresh[0]
        if self._query or self.is_loading or newest is None or fresh[0].created_at < newest.created_at:
            self._refresh_soon.start()  # whether they match, or where older ones belong, is the index's business
            return
        self.everything += len(fresh)
        self.beginInsertRows(QModelIndex(), 0, len(fresh) - 1)
        self._items[:0] = reversed(fresh)
        for item in fresh:
            self._sections.put_first(item.section)
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
        rows = sorted((self._rows[item_id] for item_id in item_ids if item_id in self._rows), reverse=True)
        may_be_unseen = len(rows) < len(item_ids) and len(self._rows) < len(self._items)
        self.everything = max(0, self.everything - len(item_ids))
        while rows:
            last = first = rows.pop(0)
            while rows and rows[0] == first - 1:
                first = rows.pop(0)
            self.beginRemoveRows(QModelIndex(), first, last)
            del self._items[first : last + 1]
            self._sections.cut(first, last + 1 - first)
            if not rows:
                self._number()
            self.endRemoveRows()
        self.sections_changed.emit()
        if may_be_unseen:
            self._refresh_soon.start()

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

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled
