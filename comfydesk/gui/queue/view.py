"""The rows of the queue: drawn by the delegate, buttons by pointer, the same by keys and by a menu."""

from __future__ import annotations

import html

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QToolTip, QTreeView, QWidget

from comfydesk.gui.context import Context
from comfydesk.gui.queue.delegate import QueueDelegate
from comfydesk.gui.queue.feed import QueueFeed
from comfydesk.gui.queue.model import JOB_ROLE
from comfydesk.gui.queue.words import Action, action_word, actions_of, row_text
from comfydesk.gui.widgets.buttons import menu
from comfydesk.jobs.model import Job


class QueueView(QTreeView):
    """Shows the queue; a tree view, because a list view lays all rows out again whenever one of them changes.

    Delete stops or removes the selected rows, Enter shows details, Ctrl+Up runs them next.
    """

    def __init__(self, context: Context, feed: QueueFeed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._feed = feed
        self._delegate = QueueDelegate(context, self)
        self.setItemDelegate(self._delegate)
        self.setModel(feed.model)
        self.setUniformRowHeights(True)
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setItemsExpandable(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Queue"))
        context.theme.changed.connect(self.viewport().update)

    def selected_jobs(self) -> list[Job]:
        found = sorted(self.selectedIndexes(), key=lambda index: index.row())
        return [job for index in found if (job := index.data(JOB_ROLE)) is not None]

    def press_button(self, job: Job, action: Action) -> None:
        """What a click on a row's button does."""
        self._feed.act(action, [job])

    def _act(self, *wanted: Action) -> None:
        """Do the first of these that each selected row offers."""
        by_action: dict[Action, list[Job]] = {}
        for job in self.selected_jobs():
            action = next((a for a in wanted if a in actions_of(job)), None)
            if action is not None:
                by_action.setdefault(action, []).append(job)
        for action, jobs in by_action.items():
            self._feed.act(action, jobs)

    def _button_at(self, point: QPoint) -> tuple[Job, Action] | None:
        index = self.indexAt(point)
        job = index.data(JOB_ROLE) if index.isValid() else None
        if job is None:
            return None
        action = self._delegate.button_at(self.visualRect(index), job, point)
        return None if action is None else (job, action)

    # Qt

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        found = self._button_at(event.position().toPoint())
        hovered = None if found is None else (found[0].job_id, found[1])
        if hovered != self._delegate.hovered:
            self._delegate.hovered = hovered
            self.viewport().setCursor(
                Qt.CursorShape.PointingHandCursor if hovered is not None else Qt.CursorShape.ArrowCursor
            )
            self.viewport().update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._delegate.hovered = None
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self._button_at(event.position().toPoint())
        if found is not None and event.button() is Qt.MouseButton.LeftButton:
            self.press_button(*found)
            event.accept()
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        job = index.data(JOB_ROLE) if index.isValid() else None
        if job is not None and self._button_at(event.position().toPoint()) is None:
            self._feed.act(Action.DETAILS, [job])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._act(Action.CANCEL, Action.DISMISS)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self._feed.act(Action.DETAILS, self.selected_jobs()[:1])
        elif key == Qt.Key.Key_Up and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._act(Action.NEXT)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        jobs = self.selected_jobs()
        if not jobs:
            return
        entries = menu(self)
        entries.aboutToHide.connect(entries.deleteLater)
        offered = {action: [j for j in jobs if action in actions_of(j)] for action in Action}
        for action, able in offered.items():
            if able:
                entry = entries.addAction(action_word(action))
                entry.triggered.connect(lambda _=False, a=action, js=able: self._feed.act(a, js))
        if not offered[Action.DETAILS]:
            entries.addAction(action_word(Action.DETAILS)).triggered.connect(
                lambda: self._feed.act(Action.DETAILS, jobs[:1])
            )
        entries.popup(event.globalPos())

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            self._tip(event, self.indexAt(event.pos()))
            return True
        return super().viewportEvent(event)

    def _tip(self, event: QHelpEvent, index: QModelIndex) -> None:
        found = self._button_at(event.pos())
        job = index.data(JOB_ROLE) if index.isValid() else None
        if found is not None:
            QToolTip.showText(event.globalPos(), action_word(found[1]), self)
        elif job is not None:
            QToolTip.showText(event.globalPos(), f"<span>{html.escape(row_text(job, full=True))}</span>", self)
