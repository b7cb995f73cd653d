"""The workflows at the left: search, list, add, remove."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDragMoveEvent, QDropEvent, QKeyEvent, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from comfydesk.base.changes import Change
from comfydesk.gui.context import Context
from comfydesk.gui.library.delegate import THUMB, LibraryDelegate
from comfydesk.gui.library.model import ENTRY_ROLE, LibraryModel
from comfydesk.gui.widgets.buttons import icon_button, menu
from comfydesk.gui.widgets.labels import label
from comfydesk.gui.widgets.placeholder import Placeholder, Skeleton
from comfydesk.library.model import LibraryChanged, WorkflowEntry

FOLDED_WIDTH = 64


class LibraryView(QListView):
    """Enter or a click opens, Delete removes (the person's own)."""

    menu_requested = Signal(object, object)
    delete_requested = Signal(object)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        entry = self.currentIndex().data(ENTRY_ROLE)
        if event.key() == Qt.Key.Key_Delete and entry is not None:
            self.delete_requested.emit(entry)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() and entry is not None:
            self.activated.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = self.indexAt(event.pos()) if event.reason() == QContextMenuEvent.Reason.Mouse else self.currentIndex()
        entry = index.data(ENTRY_ROLE)
        if entry is not None:
            self.menu_requested.emit(entry, event.globalPos())


class LibraryPanel(QFrame):
    """`workflow_chosen(name)`, `files_dropped(list)`, `toast_requested(text, action, callback)`, `loaded`."""

    workflow_chosen = Signal(str)
    files_dropped = Signal(object)
    toast_requested = Signal(str, str, object)
    loaded = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.setProperty("kind", "panel")
        self.setAcceptDrops(True)
        self.is_folded = False
        self._engine: Any = None
        self._chosen = ""
        self.model = LibraryModel(self.tr("Starters"), self.tr("Mine"), self)
        self.model.ask_picture = self._ask_picture
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._head())
        self._pages = QStackedWidget()
        self.view = self._list()
        self._loading = Skeleton(context.theme, "rows")
        self._nothing = Placeholder(context.icons, "search", self.tr("No workflow has that name"))
        for page in (self._loading, self.view, self._nothing):
            self._pages.addWidget(page)
        column.addWidget(self._pages, 1)
        context.bridge.changed.connect(self._on_changes)
        context.theme.changed.connect(self.view.viewport().update)

    def attach(self, engine: Any) -> None:
        self._engine = engine
        self.reload()

    def detach(self) -> None:
        self._engine = None
        self.model.set_entries([])
        self._pages.setCurrentWidget(self._loading)

    def reload(self) -> None:
        """Read the list again."""
        if self._engine is not None:
            self.context.bridge.run(self._engine.workflows, then=self._show)

    def choose(self, name: str) -> None:
        """Mark a workflow as the open one."""
        self._chosen = name
        row = self.model.row_of(name)
        if row >= 0:
            self.view.setCurrentIndex(self.model.index(row))

    def set_folded(self, folded: bool) -> None:
        """Only the pictures, or the whole list."""
        self.is_folded = folded
        self._words.setVisible(not folded)
        self.search.setVisible(not folded)
        self.delegate.is_folded = folded
        if folded:
            self.search.clear()
        self.view.scheduleDelayedItemsLayout()

    def add(self) -> None:
        """Choose workflow files to add."""
        dialog = QFileDialog(self.window(), self.tr("Add workflows"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters([self.tr("Workflows (*.json)"), self.tr("All files (*)")])
        dialog.filesSelected.connect(self.files_dropped.emit)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def remove(self, entry: WorkflowEntry) -> None:
        """Put one of the person's own workflows into the trash."""
        if self._engine is None or entry.is_starter:
            return

        def gone(_: object) -> None:
            text = self.tr("Moved “{title}” to the trash; its results stay").format(title=entry.title)
            self.toast_requested.emit(text, "", None)

        self.context.bridge.run(self._engine.remove_workflow, entry.name, then=gone)

    def _head(self) -> QWidget:
        head = QWidget()
        column = QVBoxLayout(head)
        column.setContentsMargins(12, 0, 12, 0)
        column.setSpacing(8)
        row = QHBoxLayout()
        row.setContentsMargins(4, 0, 0, 0)
        self._words = label(self.tr("Workflows"), "heading")
        row.addWidget(self._words, 1)
        plus = self.context.icons.icon("plus", "muted")
        self.plus = icon_button(plus, self.tr("Add a workflow file"), clicked=self.add)
        row.addWidget(self.plus)
        column.addLayout(row)
        self.search = QLineEdit()
        self.search.setProperty("kind", "search")
        self.search.setPlaceholderText(self.tr("Search workflows"))
        self.search.setClearButtonEnabled(True)
        glass = self.context.icons.icon("search", "muted")
        self.search.addAction(glass, QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self._search)
        self.search.returnPressed.connect(self._open_first)
        column.addWidget(self.search)
        return head

    def _list(self) -> LibraryView:
        view = LibraryView()
        self.delegate = LibraryDelegate(self.context, view)
        view.setItemDelegate(self.delegate)
        view.setModel(self.model)
        view.setMouseTracking(True)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setAccessibleName(self.tr("Workflows"))
        view.clicked.connect(self._open)
        view.activated.connect(self._open)
        view.menu_requested.connect(self._show_menu)
        view.delete_requested.connect(self.remove)
        return view

    def _show(self, entries: list[WorkflowEntry]) -> None:
        self.model.set_entries(entries)
        self._choose_page()
        self.choose(self._chosen)
        self.loaded.emit()

    def _search(self, text: str) -> None:
        self.model.search(text)
        self._choose_page()
        self.choose(self._chosen)

    def _choose_page(self) -> None:
        self._pages.setCurrentWidget(self.view if self.model.rowCount() else self._nothing)

    def _open(self, index: QModelIndex) -> None:
        entry = index.data(ENTRY_ROLE)
        if entry is not None:
            self._chosen = entry.name
            self.workflow_chosen.emit(entry.name)

    def _open_first(self) -> None:
        for row in range(self.model.rowCount()):
            if self.model.index(row).data(ENTRY_ROLE) is not None:
                self.view.setCurrentIndex(self.model.index(row))
                self._open(self.model.index(row))
                return

    def _show_menu(self, entry: WorkflowEntry, place: Any) -> None:
        entries = menu(self)
        entries.aboutToHide.connect(entries.deleteLater)
        entries.addAction(self.tr("Open")).triggered.connect(lambda: self.workflow_chosen.emit(entry.name))
        remove = entries.addAction(self.tr("Move to the trash"))
        remove.setEnabled(not entry.is_starter)
        remove.triggered.connect(lambda: self.remove(entry))
        entries.popup(place)

    def _ask_picture(self, entry: WorkflowEntry) -> None:
        if self.context.bridge.is_attached:
            side = round(2 * THUMB * self.devicePixelRatioF())
            self.context.bridge.picture(
                entry.thumbnail,
                QSize(2 * side, 2 * side),
                lambda image: self.model.set_picture(entry, QPixmap.fromImage(image)),
            )

    def _on_changes(self, changes: list[Change]) -> None:
        if self._engine is not None and any(isinstance(change, LibraryChanged) for change in changes):
            self.reload()

    # Qt

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.files_dropped.emit([url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()])
