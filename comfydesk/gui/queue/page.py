"""The Queue page: all rows, with filters and a search."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from comfydesk.gui.context import Context
from comfydesk.gui.queue.details import JobDetails
from comfydesk.gui.queue.feed import QueueFeed
from comfydesk.gui.queue.header import QueueHeader
from comfydesk.gui.queue.model import JOB_ROLE
from comfydesk.gui.queue.view import QueueView
from comfydesk.gui.queue.words import row_text
from comfydesk.gui.widgets.buttons import Button
from comfydesk.gui.widgets.labels import label
from comfydesk.jobs.model import Job, JobState

FILTERS: dict[str, frozenset[JobState]] = {
    "all": frozenset(JobState),
    "waiting": frozenset({JobState.WAITING, JobState.DRAFT}),
    "running": frozenset({JobState.RUNNING, JobState.SAVING}),
    "failed": frozenset({JobState.FAILED, JobState.LOST, JobState.PARTIAL}),
    "done": frozenset({JobState.DONE}),
}


class RowFilter(QSortFilterProxyModel):
    """Rows of some states whose texts hold all the words that were typed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._states = FILTERS["all"]
        self._words: list[str] = []

    def show_states(self, name: str) -> None:
        self._filter_by(FILTERS[name], self._words)

    def search(self, text: str) -> None:
        self._filter_by(self._states, text.casefold().split())

    def _filter_by(self, states: frozenset[JobState], words: list[str]) -> None:
        # Qt 6.10 replaced the one way by the other and warns of the old one.
        announces = hasattr(self, "endFilterChange")
        if announces:
            self.beginFilterChange()
        self._states, self._words = states, words
        if announces:
            self.endFilterChange()
        else:
            self.invalidateFilter()

    def filterAcceptsRow(self, row: int, parent: QModelIndex | QPersistentModelIndex) -> bool:
        job: Job | None = self.sourceModel().index(row, 0, parent).data(JOB_ROLE)
        if job is None or job.state not in self._states:
            return False
        if not self._words:
            return True
        text = f"{job.workflow} {row_text(job)} {job.seed or ''} {job.host_id} {job.prompt_id}".casefold()
        return all(word in text for word in self._words)


class QueuePage(QFrame):
    """`page_requested(name)`, `toast_requested(text, action, callback)`."""

    page_requested = Signal(str)
    toast_requested = Signal(str, str, object)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.feed = QueueFeed(context, self)
        self.filter = RowFilter(self)
        self.filter.setSourceModel(self.feed.model)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 12, 8, 0)
        column.setSpacing(8)
        self.header = QueueHeader(context, self.feed)
        column.addWidget(self.header)
        column.addLayout(self._bar())
        self.view = QueueView(context, self.feed)
        self.view.setModel(self.filter)
        self._empty = self._empty_state()
        self._stack = QStackedLayout()
        column.addLayout(self._stack, 1)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.view)
        for model in (self.feed.model, self.filter):
            for signal in (model.rowsInserted, model.rowsRemoved, model.modelReset):
                signal.connect(self._choose)
        self.feed.summary_changed.connect(self._count)
        self.feed.toast_requested.connect(self.toast_requested)
        self.feed.details_requested.connect(self._show_details)
        self._count()
        self._choose()

    def attach(self, engine: Any) -> None:
        self.feed.attach(engine)

    def detach(self) -> None:
        self.feed.detach()

    def show_filter(self, name: str) -> None:
        """Show the rows of one chip: all, waiting, running, failed or done."""
        self.chips[name].setChecked(True)
        self.filter.show_states(name)
        self._choose()

    def _bar(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(6)
        self.chips: dict[str, Button] = {}
        group = QButtonGroup(self)
        for name in FILTERS:
            chip = Button()
            chip.setCheckable(True)
            chip.clicked.connect(lambda _=False, n=name: self.show_filter(n))
            group.addButton(chip)
            row.addWidget(chip)
            self.chips[name] = chip
        self.chips["all"].setChecked(True)
        row.addStretch(1)
        self.search = QLineEdit()
        self.search.setProperty("kind", "search")
        self.search.setPlaceholderText(self.tr("Search workflow, prompt, seed, host"))
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(140)
        self.search.setMaximumWidth(280)
        self.search.addAction(self.context.icons.icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self._searched)
        row.addWidget(self.search, 1)
        return row

    def _empty_state(self) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setSpacing(8)
        column.addStretch(2)
        self.empty_title = label("", "heading")
        self.empty_text = label("", "muted")
        for line in (self.empty_title, self.empty_text):
            line.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(line)
        self.empty_button = Button(self.tr("Go to Create"))
        self.empty_button.clicked.connect(lambda: self.page_requested.emit("create"))
        column.addSpacing(8)
        column.addWidget(self.empty_button, 0, Qt.AlignmentFlag.AlignCenter)
        column.addStretch(3)
        return box

    def _searched(self, text: str) -> None:
        self.filter.search(text)
        self._choose()

    def _count(self) -> None:
        by_state = self.feed.model.book.counts
        counts = {name: sum(by_state[state] for state in states) for name, states in FILTERS.items()}
        words = {
            "all": self.tr("All"),
            "waiting": self.tr("Waiting"),
            "running": self.tr("Running"),
            "failed": self.tr("Failed"),
            "done": self.tr("Done"),
        }
        for name, chip in self.chips.items():
            chip.setText(words[name] + (f"  {counts[name]:,}" if counts[name] and name != "all" else ""))
        done = self.feed.done_today
        self._today = self.tr("Results of today: {n}").format(n=f"{done:,}") if done else ""
        self._say_empty()

    def _say_empty(self) -> None:
        filtered = self.feed.model.rowCount() > 0
        self.empty_title.setText(self.tr("No row fits") if filtered else self.tr("Nothing waits"))
        text = self.tr("Choose another filter, or empty the search.") if filtered else self._today
        self.empty_text.setText(text or self.tr("What you queue on the Create page appears here."))
        self.empty_button.setVisible(not filtered)

    def _choose(self) -> None:
        self._say_empty()
        self._stack.setCurrentWidget(self.view if self.filter.rowCount() else self._empty)

    def _show_details(self, job: Job) -> None:
        JobDetails(self.context, job, self.feed.model.host_name(job.host_id), self.window()).open()
