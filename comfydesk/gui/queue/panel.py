"""The queue below the Create page: some rows, or one line."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QStackedLayout, QVBoxLayout, QWidget

from comfydesk.gui.context import Context
from comfydesk.gui.queue.details import JobDetails
from comfydesk.gui.queue.feed import QueueFeed
from comfydesk.gui.queue.header import QueueHeader
from comfydesk.gui.queue.view import QueueView
from comfydesk.gui.widgets.labels import label
from comfydesk.jobs.model import Job

HEADER_HEIGHT = 40


class QueuePanel(QFrame):
    """Header and rows. `page_requested(name)`, `toast_requested(text, action, callback)`, `folded(bool)` by hand."""

    page_requested = Signal(str)
    toast_requested = Signal(str, str, object)
    folded = Signal(bool)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.setProperty("kind", "panel")
        self.feed = QueueFeed(context, self)
        self.is_folded = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.header = QueueHeader(context, self.feed, foldable=True)
        self.header.setFixedHeight(HEADER_HEIGHT)
        column.addWidget(self.header)
        self.body = QWidget()
        self._stack = QStackedLayout(self.body)
        self.view = QueueView(context, self.feed)
        self._empty = label(self.tr("What you queue appears here. Ctrl+Enter queues from anywhere."), "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._empty.setContentsMargins(16, 8, 16, 8)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.view)
        column.addWidget(self.body, 1)
        self.header.fold_requested.connect(self._toggle_fold)
        self.header.set_folded(False)
        self.feed.toast_requested.connect(self.toast_requested)
        self.feed.details_requested.connect(self._show_details)
        for signal in (self.feed.model.rowsInserted, self.feed.model.rowsRemoved, self.feed.model.modelReset):
            signal.connect(self._choose)
        self._choose()

    def attach(self, engine: Any) -> None:
        self.feed.attach(engine)

    def detach(self) -> None:
        self.feed.detach()

    def set_folded(self, folded: bool) -> None:
        """One line, or header and rows."""
        if folded != self.is_folded:
            self.is_folded = folded
            self.body.setVisible(not folded)
            self.header.set_folded(folded)

    def _toggle_fold(self) -> None:
        self.set_folded(not self.is_folded)
        self.folded.emit(self.is_folded)

    def _choose(self) -> None:
        is_empty = self.feed.is_loaded and not self.feed.model.rowCount()
        self._stack.setCurrentWidget(self._empty if is_empty else self.view)

    def _show_details(self, job: Job) -> None:
        JobDetails(self.context, job, self.feed.model.host_name(job.host_id), self.window()).open()
