"""The title of the window tells how far the work is: “37 % · SDXL · 12 waiting”."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from comfydesk.base.changes import Change

from .bridge import Bridge

if TYPE_CHECKING:
    from comfydesk.jobs.model import QueueSummary

NAME = "ComfyDesk"


class Title(QObject):
    """`changed(str)`: the new title. `summary` is the newest count of the queue, None before the first."""

    changed = Signal(str)
    summary_changed = Signal(object)

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._names: dict[str, str] = {}  # of running jobs
        self._fractions: dict[str, float] = {}
        self.summary: QueueSummary | None = None
        self.text = NAME
        bridge.changed.connect(self._on_changes)

    def clear(self) -> None:
        """Forget the engine that was left."""
        self._names.clear()
        self._fractions.clear()
        self.summary = None
        self.summary_changed.emit(None)
        self._tell()

    def _on_changes(self, changes: list[Change]) -> None:
        from comfydesk.jobs.model import JobChanged, JobProgress, JobState, QueueSummary  # after the first frame

        touched = False
        for change in changes:
            if isinstance(change, JobProgress):
                self._fractions[change.job_id] = change.fraction
            elif isinstance(change, JobChanged):
                job = change.job
                if job.state in (JobState.RUNNING, JobState.SAVING):
                    self._names[job.job_id] = job.workflow
                else:
                    self._names.pop(job.job_id, None)
                    self._fractions.pop(job.job_id, None)
            elif isinstance(change, QueueSummary):
                self.summary = change
                self.summary_changed.emit(change)
            else:
                continue
            touched = True
        if touched:
            self._tell()

    def _tell(self) -> None:
        text = self._words()
        if text != self.text:
            self.text = text
            self.changed.emit(text)

    def _words(self) -> str:
        parts: list[str] = []
        if self._names:
            job_id, name = next(iter(self._names.items()))
            parts.append(f"{100 * self._fractions.get(job_id, 0.0):.0f} %")
            parts.append(name)
        if self.summary is not None and self.summary.paused:
            parts.append(self.tr("paused"))
        if self.summary is not None and self.summary.waiting:
            parts.append(self.tr("{n} waiting").format(n=self.summary.waiting))
        return " · ".join([*parts, NAME])
