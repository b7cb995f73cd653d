"""The list of workflows: what the pointer and the keyboard do with its rows."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from comfydesk.gui.context import Context
from comfydesk.gui.drops import OWN_DRAG
from comfydesk.gui.library.delegate import LibraryDelegate, star_at
from comfydesk.gui.library.model import LibraryModel
from comfydesk.gui.library.sections import Heading
from comfydesk.library.model import WorkflowEntry


class LibraryView(QListView):
    """A click or Enter opens, the middle button beside what is open; Ctrl and Shift select several; F2 renames; Delete
    removes.

    `opened(entry)`, `opened_aside(entry)`, `favourite_toggled(entry)`, `delete_requested`, `duplicate_requested`,
    `copy_requested`, `menu_requested(row, global place)`, `heading_clicked(heading)`, `moved_to(names, folder)`,
    `dropped(mime data, folder or None)`: something from outside.
    """

    opened = Signal(object)
    opened_aside = Signal(object)
    favourite_toggled = Signal(object)
    delete_requested = Signal()
    duplicate_requested = Signal()
    copy_requested = Signal()
    menu_requested = Signal(int, object)
    heading_clicked = Signal(object)
    moved_to = Signal(object, str)
    dropped = Signal(object, object)

    def __init__(self, context: Context, library: LibraryModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self.delegate = LibraryDelegate(context, library, self)
        self.setItemDelegate(self.delegate)
        self.setModel(library)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalScrollBar().setSingleStep(28)
        self.setBatchSize(200)
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self.viewport().setAcceptDrops(True)
        self.setDropIndicatorShown(False)
        self.setAccessibleName(self.tr("Workflows"))
        context.theme.changed.connect(self.viewport().update)

    def lay_out_in_parts(self, in_parts: bool) -> None:
        """A long list that is seen from its top needs not be measured to its end before the next key is pressed."""
        modes = QListView.LayoutMode
        mode = modes.Batched if in_parts else modes.SinglePass
        if mode != self.layoutMode():
            self.setLayoutMode(mode)

    # what is selected

    def selected(self) -> list[WorkflowEntry]:
        """From the first to the last row."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [entry for row in rows if (entry := self._library.entry(row)) is not None]

    def current(self) -> WorkflowEntry | None:
        return self._library.entry(self.currentIndex().row())

    def select(self, names: list[str]) -> None:
        """Select these, as far as they are shown, and make the first the current one."""
        rows = [row for name in names if (row := self._library.row_of(name)) >= 0]
        flags = QItemSelectionModel.SelectionFlag
        for place, row in enumerate(rows):
            index = self._library.index(row)
            if place == 0:
                self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect)
            else:
                self.selectionModel().select(index, flags.Select)

    def rename(self, name: str) -> None:
        """Let its title be edited in its place."""
        entry = self._library.entry(self._library.row_of(name))
        if entry is not None and not entry.is_starter and not self.delegate.is_folded:
            index = self._library.index(self._library.row_of(name))
            self.select([name])  # not setCurrentIndex: a held Ctrl would take the row out of the selection
            self.scrollTo(index)
            self.edit(index)

    @property
    def is_renaming(self) -> bool:
        return self.state() == QAbstractItemView.State.EditingState

    # keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, entry = event.key(), self.current()
        keys = Qt.Key
        if key in (keys.Key_Return, keys.Key_Enter) and not event.modifiers() and not self.is_renaming:
            self._act_on_current(entry)
        elif key in (keys.Key_Left, keys.Key_Right) and self._fold_current(key == keys.Key_Right):
            pass
        elif key == keys.Key_F2 and entry is not None:
            self.rename(entry.name)
        elif key == keys.Key_Delete or (key == keys.Key_Backspace and event.modifiers()):
            self.delete_requested.emit()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy_requested.emit()
        elif key == keys.Key_D and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.duplicate_requested.emit()
        elif event.matches(QKeySequence.StandardKey.Paste):
            event.ignore()  # the window takes it
        else:
            super().keyPressEvent(event)

    def _act_on_current(self, entry: WorkflowEntry | None) -> None:
        heading = self._library.heading(self.currentIndex().row())
        if entry is not None:
            self.opened.emit(entry)
        elif heading is not None:
            self.heading_clicked.emit(heading)

    def _fold_current(self, wants_open: bool) -> bool:
        heading = self._library.heading(self.currentIndex().row())
        if heading is None or not heading.can_fold or heading.is_folded != wants_open:
            return False
        self.heading_clicked.emit(heading)
        return True

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            row, place = self.indexAt(event.pos()).row(), event.globalPos()
        else:
            row = self.currentIndex().row()
            place = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).center())
        self.menu_requested.emit(row, place)

    # pointer

    def _star_under(self, point: QPoint) -> WorkflowEntry | None:
        index = self.indexAt(point)
        entry = self._library.entry(index.row()) if index.isValid() else None
        if entry is None or self.delegate.is_folded or not star_at(self.visualRect(index)).contains(point):
            return None
        return entry

    def mousePressEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        if event.button() is Qt.MouseButton.LeftButton and (entry := self._star_under(point)) is not None:
            self.favourite_toggled.emit(entry)
            event.accept()
            return
        self._pressed = self.indexAt(point).row()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        row, pressed = self.indexAt(event.position().toPoint()).row(), getattr(self, "_pressed", -1)
        self._pressed = -1
        if event.button() is Qt.MouseButton.MiddleButton and row == pressed and self._library.entry(row) is not None:
            self.opened_aside.emit(self._library.entry(row))
        if row < 0 or row != pressed or event.button() is not Qt.MouseButton.LeftButton or event.modifiers():
            return
        entry, heading = self._library.entry(row), self._library.heading(row)
        if entry is not None:
            self.opened.emit(entry)
        elif isinstance(heading, Heading):
            self.heading_clicked.emit(heading)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        point = event.position().toPoint()
        row = self.indexAt(point).row() if self._star_under(point) is not None else -1
        if row != self.delegate.star_row:
            self.delegate.star_row = row
            shape = Qt.CursorShape.PointingHandCursor if row >= 0 else Qt.CursorShape.ArrowCursor
            self.viewport().setCursor(shape)
            self.viewport().update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.delegate.star_row = -1
        self.viewport().update()

    # dragging

    def startDrag(self, _actions: Qt.DropAction) -> None:
        self._pressed = -1
        entries = self.selected()
        if not entries:
            return
        drag = QDrag(self)
        drag.setMimeData(self._library.mime_of(entries))
        first = self.visualRect(self._library.index(self._library.row_of(entries[0].name)))
        if self.viewport().rect().intersects(first):
            drag.setPixmap(self.viewport().grab(first))
            drag.setHotSpot(QPoint(24, 24))
        drag.exec(Qt.DropAction.CopyAction | Qt.DropAction.MoveAction, Qt.DropAction.CopyAction)
        self._set_drop_row(-1)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        QAbstractItemView.dragMoveEvent(self, event)  # scrolls at the edges
        row = self._target_row(event.position().toPoint())
        self._set_drop_row(row)
        if row < 0 and event.mimeData().hasFormat(OWN_DRAG):
            event.ignore()
        else:
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        super().dragLeaveEvent(event)
        self._set_drop_row(-1)

    def dropEvent(self, event: QDropEvent) -> None:
        row = self._target_row(event.position().toPoint())
        folder = self._library.folder_at(row)
        self._set_drop_row(-1)
        self.setState(QAbstractItemView.State.NoState)
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        data = event.mimeData()
        if not data.hasFormat(OWN_DRAG):
            self.dropped.emit(data, folder)
        elif folder is not None:
            names = bytes(data.data(OWN_DRAG).data()).decode("utf-8", "replace").split("\n")
            self.moved_to.emit(names, folder)

    def _target_row(self, point: QPoint) -> int:
        """The heading of the folder that is pointed at; -1 where there is none."""
        row = self.indexAt(point).row()
        folder = self._library.folder_at(row)
        if folder is None:
            return -1
        while row >= 0:
            heading = self._library.heading(row)
            if heading is not None:
                return row if heading.folder is not None else -1
            row -= 1
        return -1

    def _set_drop_row(self, row: int) -> None:
        if row != self.delegate.drop_row:
            self.delegate.drop_row = row
            self.viewport().update()
