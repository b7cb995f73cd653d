"""The Gallery page: search, grid, details, viewer."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QSplitter, QStackedLayout, QVBoxLayout, QWidget

from comfydesk.base.changes import Change
from comfydesk.gallery.model import GalleryChanged, GalleryItem
from comfydesk.gui.context import Context
from comfydesk.gui.gallery import outside
from comfydesk.gui.gallery.actions import Actions
from comfydesk.gui.gallery.alive import spawn
from comfydesk.gui.gallery.details import DetailsPanel
from comfydesk.gui.gallery.grid import GridView
from comfydesk.gui.gallery.model import GalleryModel
from comfydesk.gui.gallery.room import Room
from comfydesk.gui.gallery.search_bar import SearchBar
from comfydesk.gui.gallery.thumbs import Thumbnails
from comfydesk.gui.gallery.viewer import Viewer
from comfydesk.gui.widgets.placeholder import Placeholder, Skeleton
from comfydesk.library.model import LibraryChanged

_TRIES = 5


class GalleryPage(QFrame):
    """`page_requested(name)`, `toast_requested(text, action, callback)`, `settings_requested(workflow, prompt)`.

    `files_dropped(paths)`: the workflows in these results are to be opened. `compare_requested(GalleryItem)`: with the
    form that is open.
    """

    page_requested = Signal(str)
    toast_requested = Signal(str, str, object)
    settings_requested = Signal(str, object)
    compare_requested = Signal(object)
    files_dropped = Signal(object)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._engine: Any = None
        self.model = GalleryModel(context.bridge, self)
        self.thumbnails = Thumbnails(context.bridge, self)
        self.grid = GridView(context, self.model, self.thumbnails)
        self.details = DetailsPanel(context, self.thumbnails)
        self.viewer = Viewer(context)
        self.bar = SearchBar(context)
        self.commands = Actions(context, self)
        self._build()
        self.room = Room(context, self)
        self._connect()
        self._choose()

    def attach(self, engine: Any) -> None:
        """Show the results of this engine's home."""
        self._engine = engine
        self.thumbnails.attach(engine)
        self.details.attach(engine)
        self.commands.attach(engine)
        self.room.attach()
        self.model.attach(engine)
        self._read_workflows()

    def detach(self) -> None:
        self.close_viewer()
        self._engine = None
        self.model.detach()
        self.thumbnails.detach()
        self.details.detach()
        self.commands.detach()

    def show_item(self, item_id: int) -> None:
        """Show a file in full size, e.g. one that was picked on the Create page."""
        if self._engine is not None:
            spawn(self._context.bridge, f"show {item_id}", self._show_item, item_id)

    async def _show_item(self, item_id: int) -> None:
        for _ in range(_TRIES):  # rows may move meanwhile: results come in while this asks
            await self.model.settled()
            if self._engine is None:
                return
            row = await self._context.bridge.call(self._engine.gallery.place, item_id, self.model.query)
            if row < 0 and not self.model.query:
                return
            if row < 0:
                self.bar.clear()
                continue
            await self.model.fetch([row])
            item = self.model.item(row)
            if item is not None and item.item_id == item_id:
                self.open_row(row)
                return

    # -- construction ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        icons = self._context.icons
        self._empty = Placeholder(
            icons,
            "gallery",
            self.tr("No results yet"),
            self.tr("Everything that you make is saved on this computer and shown here, newest first."),
        )
        self._empty.add_button(self.tr("Make the first picture"), lambda: self.page_requested.emit("create"), "primary")
        self._nothing = Placeholder(icons, "search", self.tr("Nothing matches"), self.tr("Try fewer or other words."))
        self._nothing.add_button(self.tr("Show everything"), self.bar.clear)
        self._loading = Skeleton(self._context.theme, "tiles")
        self._middle = QStackedLayout()
        for page in (self._loading, self._empty, self._nothing, self.grid):
            self._middle.addWidget(page)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(12, 12, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.bar)
        column.addLayout(self._middle, 1)
        left.setMinimumWidth(380)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        for panel in (left, self.details):
            self.splitter.addWidget(panel)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self.splitter)
        self._pages.addWidget(self.viewer)
        self.setAcceptDrops(True)

    def _connect(self) -> None:
        self.model.filled.connect(self._choose)
        self.model.modelReset.connect(self._show_selection)
        self.model.rowsRemoved.connect(lambda _parent, first, _last: self._after_removal(first))
        self.model.sections_changed.connect(self._choose)
        self.model.dataChanged.connect(lambda *_: self._show_selection())
        self.bar.query_changed.connect(self._ask)
        self.grid.opened.connect(self.open_row)
        self.grid.delete_pressed.connect(self.commands.trash_selected)
        self.grid.menu_requested.connect(self._show_menu)
        self.grid.drag_started.connect(self._drag)
        self.grid.selectionModel().selectionChanged.connect(lambda *_: self._show_selection())
        self.viewer.closed.connect(self.close_viewer)
        self.viewer.step_requested.connect(self._step)
        self.viewer.asked.connect(self.commands.do)
        self.details.asked.connect(self._on_asked)
        self.details.trash_requested.connect(self.commands.trash_selected)
        self._context.bridge.changed.connect(self._on_changes)
        for keys, act in ((QKeySequence.StandardKey.Find, self._find), ("Ctrl+I", self.bar.details.toggle)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    # -- what is shown -----------------------------------------------------------------------------------------------

    def _ask(self, query: str) -> None:
        self.grid.verticalScrollBar().setValue(0)
        self.model.ask(query)

    def _find(self) -> None:
        self.close_viewer()
        self.bar.search.setFocus()
        self.bar.search.selectAll()

    def _choose(self) -> None:
        """Grid, or the reason why there is none."""
        rows = self.model.rowCount()
        if rows:
            page: QWidget = self.grid
        elif self.model.is_loading:
            page = self._loading
        else:
            page = self._nothing if self.model.query else self._empty
        self._middle.setCurrentWidget(page)
        self.bar.say_count(rows, self.model.everything)
        is_empty = page is self._empty
        self.bar.setVisible(not is_empty)
        self.room.set_empty(is_empty)
        self.room.fit_bar()
        if not rows and self._pages.currentWidget() is self.viewer:
            self.close_viewer()

    def _on_changes(self, changes: list[Change]) -> None:
        for change in changes:
            if isinstance(change, LibraryChanged):
                self._read_workflows()
            elif isinstance(change, GalleryChanged):
                for item in change.items:
                    self.thumbnails.forget(item.item_id)

    def _read_workflows(self) -> None:
        if self._engine is not None:
            self._context.bridge.run(
                self._engine.workflows,
                then=lambda found: self.details.set_workflows(frozenset(entry.title for entry in found)),
            )

    def selected(self) -> list[GalleryItem]:
        """The selected files that are at hand."""
        items = (self.model.item(row) for row in self.grid.selected_rows())
        return [item for item in items if item is not None]

    def _show_selection(self) -> None:
        self.details.show_items(self.selected(), len(self.grid.selected_rows()))

    # -- viewer ------------------------------------------------------------------------------------------------------

    def open_row(self, row: int) -> None:
        """Show the file of that row in full size."""
        item = self.model.item(row)
        if item is None:
            return
        self.grid.select_row(row)
        self.viewer.show_item(item, row, self.model.total)
        self._pages.setCurrentWidget(self.viewer)
        self.viewer.setFocus()
        self.model.want(range(max(0, row - 2), min(row + 3, self.model.total)))

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

    def _after_removal(self, first: int) -> None:
        """When what was selected is gone, its neighbour is selected, so that Del, Del, Del goes through a row."""
        if self.grid.selected_rows() or not self.model.rowCount():
            return
        row = min(first, self.model.rowCount() - 1)
        if self._pages.currentWidget() is self.viewer:
            self.open_row(row)
        else:
            self.grid.select_row(row)

    # -- what is done with files -------------------------------------------------------------------------------------

    def _on_asked(self, what: str, item: GalleryItem) -> None:
        if what == "view":
            self.open_row(self.model.row_of(item.item_id))
        else:
            self.commands.do(what, item)

    def _show_menu(self, point: QPoint) -> None:
        self.commands.menu(self.selected(), len(self.grid.selected_rows())).popup(point)

    def _drag(self) -> None:
        items = self.selected()
        current = self.model.item(self.grid.currentIndex().row())
        outside.drag(self.grid, items, self.thumbnails.picture(current.item_id) if current is not None else None)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files that are dragged out of the grid are not workflows to be opened by the window below it."""
        if event.source() is self.grid:
            event.setDropAction(Qt.DropAction.IgnoreAction)
            event.accept()
        else:
            event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.room.fit(event.size().width())
