"""The rows of the queue as a Qt model: one column, whole jobs by role, the smallest possible change signals."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, QTimer, Signal

from comfydesk.gui.queue.book import JobBook, Step
from comfydesk.gui.queue.words import row_text, state_word, when_text
from comfydesk.jobs.model import Job, JobProgress

Index = QModelIndex | QPersistentModelIndex

JOB_ROLE = Qt.ItemDataRole.UserRole + 1
FRACTION_ROLE = Qt.ItemDataRole.UserRole + 2
WHEN_ROLE = Qt.ItemDataRole.UserRole + 3
HOST_ROLE = Qt.ItemDataRole.UserRole + 4

# More changes than this in one batch are shown as a new list: moving each row would cost more.
MANY_STEPS = 80
# Above this, the times of all rows are reckoned once a second and not with every change.
MANY_ROWS = 400


class QueueModel(QAbstractListModel):
    """Shows a `JobBook`. `open_changed`: what runs or waits changed, or its times."""

    open_changed = Signal()
    older_requested = Signal()

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.book = JobBook()
        self.has_older = False
        self._ends: dict[str, float] = {}
        self._end_of_all: float | None = None
        self._paused = False
        self.away: set[str] = set()
        self._host_names: dict[str, str] = {}
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self._tick)

    def load(self, jobs: Iterable[Job], *, keep: bool = False) -> None:
        """Show these jobs (a page of older ones with `keep`)."""
        self.beginResetModel()
        self.book.load(jobs, keep=keep)
        self.endResetModel()
        self._times_changed()

    def clear(self) -> None:
        self.beginResetModel()
        self.book = JobBook()
        self._ends, self._end_of_all = {}, None
        self.has_older = False
        self.endResetModel()
        self._clock.stop()
        self.open_changed.emit()

    def take(self, jobs: list[Job], progress: list[JobProgress]) -> None:
        """Show a batch of changes."""
        if len(jobs) > MANY_STEPS and not all(map(self.book.takes, jobs)):
            self.beginResetModel()
            for job in jobs:
                self.book.put(job)
            self.endResetModel()
        elif len(jobs) > MANY_STEPS:
            self.layoutAboutToBeChanged.emit()
            kept = [(index, self.job_at(index)) for index in self.persistentIndexList()]
            for job in jobs:
                self.book.put(job)
            for index, old in kept:
                row = self.book.row_of(old.job_id) if old is not None else -1
                self.changePersistentIndex(index, self.index(row) if row >= 0 else QModelIndex())
            self.layoutChanged.emit()
        else:
            for job in jobs:
                self._put(job)
        for each in progress:
            row = self.book.advance(each)
            if row >= 0:
                index = self.index(row)
                self.dataChanged.emit(index, index, [FRACTION_ROLE])
        if not jobs:
            return
        if len(self.book) > MANY_ROWS:
            if not self._clock.isActive():  # the times follow within a second
                self._clock.start()
            self.open_changed.emit()
        else:
            self._times_changed()

    def dismiss(self, job_id: str) -> None:
        row = self.book.row_of(job_id)
        if row >= 0:
            self.beginRemoveRows(QModelIndex(), row, row)
            self.book.remove(job_id)
            self.endRemoveRows()
            self.open_changed.emit()

    def set_paused(self, paused: bool) -> None:
        """Whether what waits is held back: then no row says when it will be done."""
        if paused != self._paused:
            self._paused = paused
            self._tick()

    def set_away(self, host_id: str, away: bool) -> None:
        """Whether a host does not answer: nobody knows when its jobs will be done."""
        if away != (host_id in self.away):
            self.away ^= {host_id}
            self._tick()

    def set_host_names(self, names: dict[str, str]) -> None:
        if names != self._host_names:
            self._host_names = names
            if self.book.rows:
                self.dataChanged.emit(self.index(0), self.index(len(self.book) - 1), [HOST_ROLE])

    def host_name(self, host_id: str) -> str:
        return self._host_names.get(host_id) or host_id.removeprefix("http://").removeprefix("https://")

    def job_at(self, index: Index) -> Job | None:
        return self.book.at(index.row()) if index.isValid() and index.row() < len(self.book) else None

    def end_of(self, job_id: str) -> float | None:
        return self._ends.get(job_id)

    @property
    def end_of_all(self) -> float | None:
        """When the last open job will be done; None while one of them is unknown."""
        return self._end_of_all

    def _put(self, job: Job) -> None:
        old_row = self.book.row_of(job.job_id)
        if old_row < 0:
            # The row is not known before the book took it: find it on the way, as the signals must enclose the change.
            self._insert(job)
            return
        if not self.book.takes(job):
            self.beginRemoveRows(QModelIndex(), old_row, old_row)
            self.book.put(job)
            self.endRemoveRows()
            return
        steps = self._plan(job, old_row)
        for step in steps:
            if step.kind == "change":
                index = self.index(step.row)
                self.dataChanged.emit(index, index)

    def _insert(self, job: Job) -> None:
        row = self.book.place_of(job)
        if row < 0:
            return
        self.beginInsertRows(QModelIndex(), row, row)
        self.book.put(job)
        self.endInsertRows()

    def _plan(self, job: Job, old_row: int) -> list[Step]:
        target = self.book.place_of(job)
        # `place_of` counts the old row too: a later place moves down by one once it is gone.
        moves = target not in (old_row, old_row + 1)
        if moves:
            self.beginMoveRows(QModelIndex(), old_row, old_row, QModelIndex(), target)
        steps = self.book.put(job)
        if moves:
            self.endMoveRows()
        return [Step("change", self.book.row_of(job.job_id))] if steps else []

    def _times_changed(self) -> None:
        self._ends = self.book.ends(paused=self._paused, away=self.away)
        waiting = () if self._paused else self.book.waiting()
        due = sum(not job.hold for job in [*self.book.running, *waiting])
        self._end_of_all = max(self._ends.values()) if due and len(self._ends) == due else None
        is_open = self.book.running_count + self.book.waiting_count > 0
        if is_open and not self._clock.isActive():
            self._clock.start()
        elif not is_open:
            self._clock.stop()
        self.open_changed.emit()

    def _tick(self) -> None:
        self._times_changed()
        last = self.book.running_count + self.book.waiting_count - 1
        if last >= 0:
            self.dataChanged.emit(self.index(0), self.index(last), [WHEN_ROLE])

    # Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        return 0 if parent.isValid() else len(self.book)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        job = self.job_at(index)
        if job is None:
            return None
        if role == JOB_ROLE:
            return job
        if role == FRACTION_ROLE:
            progress = self.book.progress.get(job.job_id)
            return progress.fraction if progress is not None else 0.0
        if role == WHEN_ROLE:
            return when_text(job, self._ends.get(job.job_id), time.time())
        if role == HOST_ROLE:
            return self.host_name(job.host_id)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{state_word(job)[0]}: {job.workflow}, {row_text(job)}"
        return None

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and self.has_older

    def fetchMore(self, parent: Index) -> None:
        self.has_older = False  # until the answer says that there is more
        self.older_requested.emit()
