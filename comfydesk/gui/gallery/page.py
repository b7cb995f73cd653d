"""The Gallery page: search, grid, details, viewer."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QSlider, QSplitter, QStackedLayout, QVBoxLayout, QWidget

from comfydesk.gallery.model import GalleryItem
from comfydesk.gui.context import Context
from comfydesk.gui.gallery.details import DetailsPanel
from comfydesk.gui.gallery.grid import MAX_TILE, MIN_TILE, GridView
from comfydesk.gui.gallery.model import GalleryModel
from comfydesk.gui.gallery.thumbs import Thumbnails
from comfydesk.gui.gallery.viewer import Viewer
from comfydesk.gui.gallery.words import files_text
from comfydesk.gui.widgets.labels import label
from comfydesk.gui.widgets.placeholder import Placeholder


class GalleryPage(QFrame):
    """`page_requested(name)`, `toast_requested(text, action, callback)`."""

    page_requested = Signal(str)
    toast_requested = Signal(str, str, object)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._gallery: Any = None
        self.model = GalleryModel(context.bridge, self)
        self.thumbnails = Thumbnails(context.bridge, self)
        self.grid = GridView(context, self.model, self.thumbnails)
        self.details = DetailsPanel(context)
        self.viewer = Viewer(context)
        self._shown = -1
        self._build()
        self._connect()
        self._choose()

    def attach(self, engine: Any) -> None:
        """Show the results of this engine's home."""
        self._gallery = engine.gallery
        self.thumbnails.attach(engine)
        self.details.attach(engine)
        self.model.attach(engine)

    def detach(self) -> None:
        self.close_viewer()
        self._gallery = None
        self.model.detach()
        self.thumbnails.detach()
        self.details.detach()

    def show_item(self, item_id: int) -> None:
        """Select a file, e.g. one that was clicked on the Create page, and show it in full size."""
        row = self.model.row_of(item_id)
        if row >= 0:
            self.open_row(row)

    # -- construction ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._empty = Placeholder(
            self._context.icons,
            "gallery",
            self.tr("No results yet"),
            self.tr("Everything that you make is saved on this computer and shown here, newest first."),
        )
        self._empty.add_button(self.tr("Make the first picture"), lambda: self.page_requested.emit("create"), "primary")
        self._nothing = Placeholder(
            self._context.icons, "search", self.tr("Nothing matches"), self.tr("Try fewer or other words.")
        )
        self._nothing.add_button(self.tr("Show everything"), lambda: self.search.clear())
        self._middle = QStackedLayout()
        for page in (self._empty, self._nothing, self.grid):
            self._middle.addWidget(page)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(16, 12, 4, 0)
        column.setSpacing(4)
        column.addLayout(self._bar())
        column.addLayout(self._middle, 1)
        self.details.setMinimumWidth(280)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(left)
        self.splitter.addWidget(self.details)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setSizes([1000, 320])
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self.splitter)
        self._pages.addWidget(self.viewer)

    def _bar(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 12, 4)
        row.setSpacing(12)
        self.search = QLineEdit()
        self.search.setProperty("kind", "search")
        self.search.setPlaceholderText(self.tr("Search prompts, workflows, names"))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(self._context.icons.icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self._asking = QTimer(self)
        self._asking.setSingleShot(True)
        self._asking.setInterval(200)
        self._asking.timeout.connect(lambda: self.model.ask(self.search.text().strip()))
        self.search.textChanged.connect(lambda _text: self._asking.start())
        row.addWidget(self.search, 1)
        self._count = label("", "muted")
        row.addWidget(self._count)
        self._size = QSlider(Qt.Orientation.Horizontal)
        self._size.setRange(MIN_TILE, MAX_TILE)
        self._size.setValue(self.grid.tile_size())
        self._size.setFixedWidth(110)
        self._size.setAccessibleName(self.tr("Tile size"))
        self._size.valueChanged.connect(self.grid.set_tile_size)
        row.addWidget(self._size)
        return row

    def _connect(self) -> None:
        self.model.filled.connect(self._choose)
        self.model.rowsRemoved.connect(lambda _parent, first, _last: self._after_removal(first))
        self.model.sections_changed.connect(self._choose)
        self.grid.opened.connect(self.open_row)
        self.grid.selectionModel().selectionChanged.connect(lambda *_: self._show_selection())
        self.viewer.closed.connect(self.close_viewer)
        self.viewer.step_requested.connect(self._step)
        self.viewer.trash_requested.connect(lambda item_id: self._trash([item_id]))
        self.viewer.open_requested.connect(self._open_outside)
        self.details.folder_requested.connect(self._open_folder)
        self.details.trash_requested.connect(self._trash)
        self.details.toast_requested.connect(lambda text: self.toast_requested.emit(text, "", None))
        self.grid.delete_pressed.connect(lambda: self._trash([item.item_id for item in self._selected()]))
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self.search.setFocus)

    # -- behaviour ---------------------------------------------------------------------------------------------------

    def _choose(self) -> None:
        """Grid, or the reason why there is none."""
        rows = self.model.rowCount()
        if rows:
            self._middle.setCurrentWidget(self.grid)
        else:
            self._middle.setCurrentWidget(self._nothing if self.search.text().strip() else self._empty)
        self._count.setText(files_text(max(self.model.total, rows)) if rows else "")
        self._size.setVisible(bool(rows))
        if self._pages.currentWidget() is self.viewer and self._shown >= rows:
            self.close_viewer()

    def _selected(self) -> list[GalleryItem]:
        items = (self.model.item(row) for row in self.grid.selected_rows())
        return [item for item in items if item is not None]

    def _show_selection(self) -> None:
        self.details.show_items(self._selected())

    def open_row(self, row: int) -> None:
        """Show the file of that row in full size."""
        item = self.model.item(row)
        if item is None:
            return
        self._shown = row
        self.grid.select_row(row)
        self.viewer.show_item(item, f"{row + 1} / {max(self.model.total, self.model.rowCount())}")
        self._pages.setCurrentWidget(self.viewer)
        self.viewer.setFocus()

    def close_viewer(self) -> None:
        """Back to the grid, where the file that was shown is selected."""
        if self._pages.currentWidget() is self.viewer:
            self.viewer.release()
            self._pages.setCurrentWidget(self.splitter)
            self.grid.setFocus()

    def _step(self, by: int) -> None:
        current = self.grid.currentIndex().row()
        row = min(max(current + by, 0), self.model.rowCount() - 1)
        if row != current:
            self.open_row(row)

    def _trash(self, item_ids: Sequence[int]) -> None:
        if self._gallery is not None and item_ids:
            self._context.bridge.run(
                self._gallery.trash, list(item_ids), then=lambda _: self._say_trashed(len(item_ids))
            )

    def _say_trashed(self, count: int) -> None:
        words = self.tr("{0} moved to the trash of this computer. The server keeps its own copies.")
        self.toast_requested.emit(words.replace("{0}", files_text(count)), "", None)

    def _after_removal(self, first: int) -> None:
        """When what was selected is gone, its neighbour is selected, so that Del, Del, Del goes through a row."""
        if self.grid.selected_rows() or not self.model.rowCount():
            return
        row = min(first, self.model.rowCount() - 1)
        if self._pages.currentWidget() is self.viewer:
            self.open_row(row)
        else:
            self.grid.select_row(row)

    def _open_folder(self, item: GalleryItem) -> None:
        folder = Path(item.path).parent
        if folder.is_dir():
            QDesktopServices.openUrl(QUrl.fromLocalFile(os.fspath(folder)))
        else:
            self.toast_requested.emit(
                self.tr("The folder {0} is not there any more.").replace("{0}", str(folder)), "", None
            )

    def _open_outside(self, item: GalleryItem) -> None:
        if not item.path.endswith(".untrusted"):
            QDesktopServices.openUrl(QUrl.fromLocalFile(item.path))
