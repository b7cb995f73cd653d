"""The strip under the stage: a thin bar for the whole job, words for the rest, and Stop."""

from __future__ import annotations

import time

from PySide6.QtCore import QCoreApplication, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from comfydesk.gui.context import Context
from comfydesk.gui.queue.feed import QueueFeed
from comfydesk.gui.queue.words import Action, clock, span
from comfydesk.gui.widgets.buttons import button, icon_button, menu
from comfydesk.gui.widgets.labels import ElidedLabel
from comfydesk.jobs.model import Job, JobProgress, JobState

# A node that runs this long without progress says how long already.
SAY_SECONDS_AFTER = 3.0
HEIGHT = 36
ROOMY = 560  # narrower, only the end of all is said

translate = QCoreApplication.translate


class ThinBar(QWidget):
    """`fraction` 0..1 of the whole job."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.fraction = 0.0
        self.setFixedHeight(4)
        context.theme.changed.connect(self.update)

    def set_fraction(self, fraction: float) -> None:
        if abs(fraction - self.fraction) * self.width() >= 0.5 or fraction in (0.0, 1.0):
            self.fraction = fraction
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._context.theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.line))
        painter.drawRoundedRect(QRectF(self.rect()), 2, 2)
        if self.fraction > 0:
            painter.setBrush(QColor(tokens.accent))
            painter.drawRoundedRect(QRectF(0, 0, max(4.0, self.width() * min(self.fraction, 1.0)), 4), 2, 2)


class ProgressStrip(QWidget):
    """Follows the job that runs. Hides nothing when nothing runs: the stage keeps its size."""

    stopped = Signal()

    def __init__(self, context: Context, feed: QueueFeed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._feed = feed
        self._hint = ""
        self.setFixedHeight(HEIGHT)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        column = QVBoxLayout()
        column.setSpacing(6)
        words = QHBoxLayout()
        words.setSpacing(8)
        self.node = ElidedLabel("", "strong")
        self.step = ElidedLabel("")
        self.rest = ElidedLabel("", "muted")
        self.when = ElidedLabel("", "muted")
        words.addWidget(self.node)
        words.addWidget(self.step)
        words.addWidget(self.rest, 1)
        words.addWidget(self.when)
        self.bar = ThinBar(context)
        column.addStretch(1)
        column.addLayout(words)
        column.addWidget(self.bar)
        column.addStretch(1)
        row.addLayout(column, 1)
        self.stop = button(self.tr("Stop"), "danger", icon=context.icons.icon("stop", "error"), clicked=self.stop_this)
        self.stop.setToolTip(self.tr("Stop this run (Esc twice)"))
        row.addWidget(self.stop)
        self.more = icon_button(
            context.icons.icon("chevron-down", "muted"), self.tr("Stop more"), clicked=self._menu, kind="plain"
        )
        self.more.setFixedSize(28, 34)
        row.addWidget(self.more)
        row.setSpacing(6)
        self._clock = QTimer(self)
        self._clock.setInterval(500)
        self._clock.timeout.connect(self.show_now)
        feed.summary_changed.connect(self.show_now)
        feed.progressed.connect(lambda _: self.show_now())
        self.show_now()

    @property
    def job(self) -> Job | None:
        """The job that the strip is about."""
        return next(iter(self._feed.model.book.running), None)

    def stop_this(self) -> None:
        """Stop the run that is shown."""
        job = self.job
        if job is not None and not job.cancelling:
            self._feed.act(Action.CANCEL, [job])
            self.stopped.emit()

    def stop_all(self) -> None:
        """Stop what is left of the press that the shown run belongs to."""
        job = self.job
        if job is not None:
            self._feed.stop_press(job.press)
            self.stopped.emit()

    def hint(self, text: str) -> None:
        """Say something for a moment in place of the times ("" ends it)."""
        self._hint = text
        self.show_now()

    def show_now(self) -> None:
        """Say where the running job is."""
        job = self.job
        book = self._feed.model.book
        is_open = job is not None
        self.stop.setVisible(is_open)
        self.stop.setEnabled(is_open and not job.cancelling)
        # It stays beside Stop to the last run, or Stop would come under a pointer that aims at it.
        self.more.setVisible(is_open and bool(job.press) and book.runs_of(job.press) > 1)
        self.more.setEnabled(is_open and self._left(job) > 1)
        if job is None:
            self._clock.stop()
            waiting = book.waiting_count
            self.node.hide()
            self.step.hide()
            self.rest.set_text(self._idle(waiting))
            self.when.set_text("")
            self.bar.set_fraction(0.0)
            self.bar.setVisible(waiting > 0)
            return
        if not self._clock.isActive():
            self._clock.start()
        progress = book.progress.get(job.job_id)
        now = time.time()
        node, step = said(job, progress, now)
        for shown, text in ((self.node, node), (self.step, step)):
            shown.set_text(text)
            shown.setVisible(bool(text))
            shown.setMinimumWidth(min(shown.sizeHint().width(), 180))  # the rest is cut before these are
        self.rest.set_text(" · ".join(filter(None, (self._run(job), job.workflow))))
        self.when.set_text(self._hint or self._times(job, now))
        self.bar.show()
        self.bar.set_fraction(1.0 if job.state is JobState.SAVING else progress.fraction if progress else 0.0)

    def _left(self, job: Job) -> int:
        return self._feed.model.book.left_of(job.press)

    def _run(self, job: Job) -> str:
        runs = self._feed.model.book.runs_of(job.press) if job.press else 1
        return self.tr("run {n} of {all}").format(n=job.index + 1, all=runs) if runs > 1 else ""

    def _times(self, job: Job, now: float) -> str:
        model = self._feed.model
        if job.host_id in model.away:
            return self.tr("waits for {host}").format(host=model.host_name(job.host_id))
        if job.state is JobState.SAVING:
            return ""  # a network or a disk does not say how long
        parts = []
        end = self._feed.model.end_of(job.job_id)
        last = self._feed.end_of_all if self._feed.model.book.waiting_count else None
        if end is not None and (last is None or self.width() >= ROOMY):
            left = max(1, round(end - now))
            if left < 60:
                parts.append(self.tr("this one in {n} s").format(n=left))
            else:
                parts.append(self.tr("this one about {time}").format(time=clock(end, now)))
        if last is not None:
            parts.append(self.tr("all done about {time}").format(time=clock(last, now)))
        return " · ".join(parts)

    def _idle(self, waiting: int) -> str:
        if self._feed.summary.paused and waiting:
            return self.tr("Paused · {n} waiting").format(n=waiting)
        if waiting:
            return self.tr("{n} waiting").format(n=waiting)
        return self.tr("Nothing runs") if self._feed.is_loaded else ""

    def _menu(self) -> None:
        job = self.job
        if job is None:
            return
        entries = menu(self)
        entries.aboutToHide.connect(entries.deleteLater)
        entries.addAction(self.tr("Stop this run")).triggered.connect(self.stop_this)
        entries.addAction(self.tr("Stop all {n}").format(n=self._left(job))).triggered.connect(self.stop_all)
        entries.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))


def said(job: Job, progress: JobProgress | None, now: float) -> tuple[str, str]:
    """What runs and how far: ("KSampler", "13 of 20"), ("Load Checkpoint", "loading · 12 s")."""
    if job.cancelling:
        return translate("ProgressStrip", "Stopping"), ""
    if job.state is JobState.SAVING:
        return translate("ProgressStrip", "Saving"), ""
    if progress is None:
        return translate("ProgressStrip", "Starting"), ""
    node = progress.node_title or translate("ProgressStrip", "Working")
    passed = now - progress.since
    seconds = "" if passed < SAY_SECONDS_AFTER else f"{int(passed)} s" if passed < 60 else span(passed)
    if progress.phase == "loading":
        return node, " · ".join(filter(None, (translate("ProgressStrip", "loading"), seconds)))
    if progress.phase == "cached":
        return node, translate("ProgressStrip", "as before")
    if progress.node_max > 1:
        done = translate("ProgressStrip", "{n} of {all}")
        return node, done.format(n=f"{progress.node_value:g}", all=f"{progress.node_max:g}")
    return node, seconds
