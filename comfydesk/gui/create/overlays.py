"""What lies on the picture of the stage: small tags, and the card that says what failed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from comfydesk.gui.context import Context
from comfydesk.gui.queue.details import report
from comfydesk.gui.queue.words import Action, action_word, actions_of
from comfydesk.gui.widgets.buttons import button, icon_button
from comfydesk.gui.widgets.flow import FlowLayout
from comfydesk.gui.widgets.labels import label
from comfydesk.jobs.model import Job


class PictureTag(QLabel):
    """Words on a picture: readable on any picture, in both themes."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        self.setStyleSheet(
            "QLabel { background: rgba(12, 15, 22, 190); color: #ffffff; border-radius: 5px; padding: 3px 9px;"
            " font-size: 12px; font-weight: 600; }"
        )
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)


class ErrorCard(QFrame):
    """Says what failed and offers one action first. `action_requested(Action, Job)`, `closed`."""

    action_requested = Signal(object, object)
    closed = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._job: Job | None = None
        self._host = ""
        self.setProperty("kind", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMaximumWidth(480)
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 16, 12, 16)
        row.setSpacing(12)
        sign = label()
        sign.setPixmap(context.icons.pixmap("error", 20, "error", ratio=self.devicePixelRatioF()))
        row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(6)
        self.sentence = label("", "strong", wrap=True)
        self.next_step = label("", "muted", wrap=True)
        column.addWidget(self.sentence)
        column.addWidget(self.next_step)
        column.addSpacing(6)
        holder = QWidget()
        self._buttons = FlowLayout(holder, spacing=8, line_spacing=8)
        self.primary = button("", "primary", clicked=self._do_primary)
        self.details = button(self.tr("Details"), clicked=lambda: self._emit(Action.DETAILS))
        self.copy = button(self.tr("Copy report"), "quiet", clicked=self._copy)
        for each in (self.primary, self.details, self.copy):
            self._buttons.addWidget(each)
        column.addWidget(holder)
        row.addLayout(column, 1)
        close = icon_button(context.icons.icon("close", "muted"), self.tr("Close"), clicked=self.closed.emit)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    @property
    def job(self) -> Job | None:
        return self._job

    def show_job(self, job: Job, host: str) -> None:
        """Say why this job failed."""
        self._job, self._host = job, host
        error = job.error
        self.sentence.setText(
            error.message if error is not None else self.tr("{name} failed.").format(name=job.workflow)
        )
        self.next_step.setText(error.next if error is not None else "")
        self.next_step.setVisible(bool(self.next_step.text()))
        self.primary.setText(action_word(actions_of(job)[0]))
        self.show()
        self.adjustSize()

    def _do_primary(self) -> None:
        if self._job is not None:
            self._emit(actions_of(self._job)[0])
            self.closed.emit()

    def _emit(self, action: Action) -> None:
        if self._job is not None:
            self.action_requested.emit(action, self._job)

    def _copy(self) -> None:
        if self._job is not None:
            QGuiApplication.clipboard().setText(report(self._job, self._host))
            self.copy.setText(self.tr("Copied"))
