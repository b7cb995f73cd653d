"""What is said once: where results go, that a server sends no live previews, and how the last start ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from comfydesk.base.changes import Change
from comfydesk.gui.context import Context
from comfydesk.gui.queue.feed import QueueFeed
from comfydesk.gui.queue.words import counted
from comfydesk.gui.settings.results_folder import short
from comfydesk.jobs.model import Job, JobProgress, JobState, OutputSaved, OwnerKind, Preview

# A sampler of fewer steps may be done before its first preview is on its way.
STEPS_FOR_PREVIEWS = 5


class FirstNotes(QObject):
    """Watches what a queue brings. `toast_requested(text, action, callback)`."""

    toast_requested = Signal(str, str, object)

    def __init__(self, context: Context, feed: QueueFeed, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context, self._feed = context, feed
        self._engine: Any = None
        self._watched_since = float("inf")  # previews are asked for while somebody looks at the stage
        self._sampled: set[str] = set()
        self._previewed: set[str] = set()
        context.bridge.changed.connect(self._on_changes)
        feed.job_changed.connect(self._on_job)

    def attach(self, engine: Any) -> None:
        self._engine = engine
        crash = engine.queue.crash
        runs = counted(crash.jobs, self.tr("run"), self.tr("runs"))
        if crash.again:
            says = self.tr("ComfyDesk ended unexpectedly again: the queue is paused. {runs} kept.")
            self._say(says.format(runs=runs), self.tr("Resume"), lambda: self._feed.set_paused(False))
        elif crash.jobs:
            says = self.tr("ComfyDesk ended unexpectedly last time. {runs} kept.")
            self._say(says.format(runs=runs), self.tr("Pause"), lambda: self._feed.set_paused(True))

    def _say(self, text: str, action: str, callback: Callable[[], object]) -> None:
        self.toast_requested.emit(text, action, callback)

    def detach(self) -> None:
        self._engine = None
        self._sampled.clear()
        self._previewed.clear()

    def set_watched(self, watched: bool) -> None:
        """Whether the stage is visible."""
        self._watched_since = time.time() if watched else float("inf")

    def _on_changes(self, changes: list[Change]) -> None:
        if self._engine is None:
            return
        for change in changes:
            if isinstance(change, JobProgress):
                if change.phase == "sampling" and change.node_value >= STEPS_FOR_PREVIEWS:
                    self._sampled.add(change.job_id)
            elif isinstance(change, Preview):
                self._previewed.add(change.job_id)
            elif isinstance(change, OutputSaved) and self._is_first("first_toast_done", change.job_id):
                self._context.bridge.run(self._engine.output_root, then=self._say_where)

    def _is_first(self, setting: str, job_id: str) -> bool:
        job = self._feed.model.book.jobs.get(job_id)
        if job is None or job.owner_kind is not OwnerKind.WINDOW or self._engine.home.is_demo:
            return False
        if self._context.settings.get(setting):
            return False
        self._context.settings.set(**{setting: True})
        return True

    def _say_where(self, folder: str) -> None:
        self._say(
            self.tr("Saved to {folder}. The server keeps its own copy.").format(folder=short(folder)),
            self.tr("Open folder"),
            lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(folder)),
        )

    def _on_job(self, job: Job) -> None:
        if not job.state.is_final:
            return
        sampled, previewed = job.job_id in self._sampled, job.job_id in self._previewed
        self._sampled.discard(job.job_id)
        self._previewed.discard(job.job_id)
        watched = job.created_at > self._watched_since and bool(self._context.settings.get("previews"))
        missed = job.state is JobState.DONE and sampled and watched and not previewed
        if missed and self._is_first("previews_note_shown", job.job_id):
            host = self._feed.model.host_name(job.host_id)
            says = self.tr("{host} sends no live previews: start ComfyUI there with --preview-method auto")
            self.toast_requested.emit(says.format(host=host), "", None)
