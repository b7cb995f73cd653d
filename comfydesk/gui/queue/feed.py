"""Keeps a queue model filled from the engine, and carries out what its rows offer."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import QObject, Signal

from comfydesk.base.changes import Change
from comfydesk.engine.model import Queued
from comfydesk.gui.context import Context
from comfydesk.gui.queue.book import TROUBLE_STATES, WAITING_STATES
from comfydesk.gui.queue.model import QueueModel
from comfydesk.gui.queue.words import Action, counted
from comfydesk.gui.widgets.toast import Undo
from comfydesk.jobs.model import HostChanged, Job, JobChanged, JobProgress, QueueSummary
from comfydesk.server.types import Connection

PAGE = 200
ANSWERING = frozenset({Connection.LIVE, Connection.POLLING})
AWAY = frozenset(Connection) - ANSWERING - {Connection.UNKNOWN, Connection.CONNECTING}


class QueueFeed(QObject):
    """The queue of the attached engine.

    `summary_changed`: the header's figures. `host_changed`: one answers again, or no longer.
    `job_changed(Job)`, `progressed(JobProgress)`: what just happened, after
    the model has it. `details_requested(Job)`. `toast_requested(text, action, callback)`.
    """

    summary_changed = Signal()
    job_changed = Signal(object)
    progressed = Signal(object)
    host_changed = Signal()
    details_requested = Signal(object)
    toast_requested = Signal(str, str, object)

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.model = QueueModel(self)
        self.summary = QueueSummary(0, 0, 0, 0, paused=False)
        self._engine: Any = None
        self._is_told = False
        self.is_loaded = False  # until then nobody knows whether the queue is empty
        context.bridge.changed.connect(self._take)
        self.model.older_requested.connect(self._fetch_older)
        self.model.open_changed.connect(self.summary_changed)

    @property
    def is_attached(self) -> bool:
        return self._engine is not None

    def attach(self, engine: Any) -> None:
        """Show the queue of this engine."""
        self._engine = engine
        run = self.context.bridge.run
        run(engine.queue.jobs, PAGE, midnight(time.time()), then=self._loaded)
        self._is_told = False
        run(engine.queue.summary, then=lambda summary: None if self._is_told else self._summarise(summary))
        run(host_names, engine, then=self.model.set_host_names)

    def detach(self) -> None:
        self._engine = None
        self.is_loaded = False
        self.model.clear()
        self._summarise(QueueSummary(0, 0, 0, 0, paused=False))

    def act(self, action: Action, jobs: list[Job]) -> None:
        """Do what a row offers, for these rows."""
        if not jobs or self._engine is None:
            return
        ids = [job.job_id for job in jobs]
        run, queue = self.context.bridge.run, self._engine.queue
        match action:
            case Action.NEXT:
                run(queue.next, ids)
            case Action.CANCEL:
                run(queue.cancel, ids)
                self._offer_back([job.job_id for job in jobs if job.state in WAITING_STATES])
            case Action.RETRY:
                run(queue.retry, ids, then=self._queued_again)
            case Action.FREE_RETRY:
                run(free_and_retry, self._engine, jobs, then=self._queued_again)
            case Action.FETCH:
                run(queue.retry_downloads, ids)
            case Action.DETAILS:
                self.details_requested.emit(jobs[0])
            case Action.DISMISS:
                for job_id in ids:
                    self.model.dismiss(job_id)
                self.summary_changed.emit()

    def stop_running(self) -> None:
        """Stop what runs now; what waits goes on."""
        if self._engine is not None:
            self.context.bridge.run(self._engine.queue.stop_running)

    def stop_press(self, press: str) -> None:
        """Stop what is left of one press of Queue."""
        jobs = [job for job in self.model.book if job.press == press and not job.state.is_final]
        self.act(Action.CANCEL, jobs)

    def offer_undo(self, queued: Queued) -> None:
        """Say what was queued, with a way back for as long as some of it waits."""
        if self._engine is None or not queued.jobs:
            return
        undo = self._engine.queue.undo
        self.toast_requested.emit(
            self.tr("Queued {runs}").format(runs=self._runs(len(queued.jobs))),
            self.tr("Undo"),
            Undo(
                lambda: self.context.bridge.run(undo, queued.press, then=self._undone),
                lambda: self.model.book.waits(queued.press),
                "queued",
            ),
        )

    def _undone(self, count: int) -> None:
        says = self.tr("Took back {runs}") if count else self.tr("Nothing was left to take back")
        self.toast_requested.emit(says.format(runs=self._runs(count)), "", None)

    def _runs(self, count: int) -> str:
        return counted(count, self.tr("run"), self.tr("runs"))

    def set_paused(self, paused: bool) -> None:
        if self._engine is not None:
            queue = self._engine.queue
            self.context.bridge.run(queue.pause if paused else queue.resume)

    def clear_waiting(self) -> None:
        """Take all waiting jobs out, with a way back."""
        if self._engine is None:
            return
        ids = [job.job_id for job in self.model.book.waiting()]
        queue = self._engine.queue

        self.context.bridge.run(queue.clear_waiting, then=lambda count: self._offer_back(ids[:count]))

    def _offer_back(self, ids: list[str]) -> None:
        """Say that waiting runs were taken out, and put them back in if that was a slip."""
        if ids and self._engine is not None:
            runs = counted(len(ids), self.tr("waiting run"), self.tr("waiting runs"))
            retry = self._engine.queue.retry
            put_back = Undo(lambda: self.context.bridge.run(retry, ids), lambda: True, "cleared")
            self.toast_requested.emit(self.tr("Took out {runs}").format(runs=runs), self.tr("Undo"), put_back)

    @property
    def end_of_all(self) -> float | None:
        """When all will be done: never earlier than one of the rows says; None where something holds them up."""
        if self.summary.paused or self.only_saves or (self.model.away and self.model.end_of_all is None):
            return None
        ends = [end for end in (self.summary.eta, self.model.end_of_all) if end is not None]
        return max(ends) if ends else None

    @property
    def only_saves(self) -> bool:
        """Whether files on their way are all that is left; nobody knows how long they take."""
        book = self.model.book
        return 0 < book.saving_count == book.running_count + book.waiting_count and not self.summary.waiting

    @property
    def trouble(self) -> int:
        """Rows in the list that failed."""
        return sum(self.model.book.counts[state] for state in TROUBLE_STATES)

    @property
    def done_today(self) -> int:
        """Runs of today that gave results."""
        return self.summary.done_today

    def _take(self, changes: list[Change]) -> None:
        if self._engine is None:
            return
        jobs = [change.job for change in changes if isinstance(change, JobChanged)]
        progress = [change for change in changes if isinstance(change, JobProgress)]
        if jobs or progress:
            self.model.take(jobs, progress)
        for change in changes:
            if isinstance(change, QueueSummary):
                self._is_told = True  # newer than the answer that may still be on its way
                self._summarise(change)
            elif isinstance(change, HostChanged):
                self.model.set_away(change.host_id, change.connection in AWAY)
                self.host_changed.emit()
                self.context.bridge.run(host_names, self._engine, then=self.model.set_host_names)
        for job in jobs:
            self.job_changed.emit(job)
        for each in progress:
            self.progressed.emit(each)

    def _loaded(self, jobs: list[Job]) -> None:
        self.is_loaded = True
        # Changes may have come in while the list was on its way: they are newer than it.
        self.model.load(jobs, keep=True)
        self.model.has_older = True
        self.summary_changed.emit()

    def _fetch_older(self) -> None:
        if self._engine is None:
            return
        oldest = min((job.created_at for job in self.model.book if job.state.is_final), default=time.time())

        def arrived(jobs: list[Job]) -> None:
            fresh = [job for job in jobs if job.job_id not in self.model.book.jobs]
            if fresh:
                self.model.load(fresh, keep=True)
            self.model.has_older = sum(job.state.is_final for job in fresh) >= PAGE

        self.context.bridge.run(self._engine.queue.jobs, PAGE, None, oldest, then=arrived)

    def _summarise(self, summary: QueueSummary) -> None:
        self.summary = summary
        self.model.set_paused(summary.paused)
        self.summary_changed.emit()

    def _queued_again(self, jobs: list[Job]) -> None:
        if jobs:
            text = self.tr("Queued {runs} again").format(runs=self._runs(len(jobs)))
            self.toast_requested.emit(text, "", None)


async def host_names(engine: Any) -> dict[str, str]:
    """The names of all hosts that a row may name. Runs on the engine's loop."""
    known = [*await engine.saved_hosts(), *(link.host for link in engine.hosts.links())]
    return {host.host_id: host.name for host in known if host.name}


async def free_and_retry(engine: Any, jobs: list[Job]) -> list[Job]:
    """Free the memory of the jobs' hosts, then queue the jobs again. Runs on the engine's loop."""
    for host_id in {job.host_id for job in jobs}:
        link = engine.hosts.link(host_id)
        if link is not None:
            await link.control(link.client.free)
    again: list[Job] = await engine.queue.retry([job.job_id for job in jobs])
    return again


def midnight(now: float) -> float:
    """The begin of the local day."""
    then = time.localtime(now)
    return time.mktime((*then[:3], 0, 0, 0, 0, 0, -1))
