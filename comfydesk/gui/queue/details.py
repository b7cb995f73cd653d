"""All that is known about one job, and the report that a person can pass on."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from comfydesk.base.log import scrub
from comfydesk.base.version import __version__
from comfydesk.gui.context import Context
from comfydesk.gui.queue.words import clock, grouped, row_text, span, state_word
from comfydesk.gui.widgets.buttons import Button
from comfydesk.gui.widgets.labels import label
from comfydesk.jobs.model import Job


class JobDetails(QDialog):
    """Shows one job as it was when it was asked for. Open it with `open()`: it never blocks."""

    def __init__(self, context: Context, job: Job, host: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Details"))
        self.setMinimumWidth(560)
        self._report = report(job, host)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        head = QHBoxLayout()
        word, tone = state_word(job)
        tag = label(word, "tag")
        tag.setProperty("tone", tone)
        head.addWidget(tag)
        head.addWidget(label(job.workflow, "heading"), 1)
        column.addLayout(head)
        if job.error is not None:
            for text, kind in ((job.error.message, ""), (job.error.next, "muted")):
                shown = label(text, kind, wrap=True)
                shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                column.addWidget(shown)
        column.addLayout(self._facts(job, host))
        if job.error is not None and job.error.details:
            column.addWidget(self._technical(job.error.details), 1)
        column.addLayout(self._buttons())

    def _facts(self, job: Job, host: str) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for row, (name, value) in enumerate(self._rows(job, host)):
            grid.addWidget(label(name, "muted"), row, 0, Qt.AlignmentFlag.AlignTop)
            shown = label(value, wrap=True)
            shown.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            grid.addWidget(shown, row, 1)
        return grid

    def _rows(self, job: Job, host: str) -> list[tuple[str, str]]:
        rows = [(self.tr("Host"), host)]
        if job.differs:
            rows.append((self.tr("What differs"), job.differs))
        if job.seed is not None:
            rows.append((self.tr("Seed"), grouped(job.seed)))
        rows.append((self.tr("Queued"), clock(job.created_at)))
        if job.started_at is not None:
            rows.append((self.tr("Started"), clock(job.started_at)))
            if job.finished_at is not None:
                rows.append((self.tr("Took"), span(job.finished_at - job.started_at)))
        if job.error is not None and job.error.node_title:
            rows.append((self.tr("Node"), job.error.node_title))
        if job.files:
            rows.append((self.tr("Files"), "\n".join(file.path for file in job.files[:20])))
        if job.prompt_id:
            rows.append((self.tr("Prompt id"), job.prompt_id))
        return rows

    def _technical(self, text: str) -> QFrame:
        box = QFrame()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(6)
        column.addWidget(label(self.tr("What the server said"), "section"))
        shown = QPlainTextEdit()
        shown.setReadOnly(True)
        shown.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        shown.setPlainText(text)
        shown.setMinimumHeight(160)
        column.addWidget(shown)
        return box

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addStretch(1)
        copy = Button(self.tr("Copy report"))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._report))
        close = Button(self.tr("Close"))
        close.setDefault(True)
        close.clicked.connect(self.close)
        row.addWidget(copy)
        row.addWidget(close)
        return row


def report(job: Job, host: str) -> str:
    """What to paste into a question or a bug report: plain text without secrets."""
    lines = [
        f"ComfyDesk {__version__} · {time.strftime('%Y-%m-%d %H:%M', time.localtime(job.created_at))}",
        f"{job.workflow} · {state_word(job)[0]} · {host}",
        row_text(job),
    ]
    if job.error is not None:
        where = f" (node {job.error.node_id} {job.error.node_title})" if job.error.node_id else ""
        lines += [f"{job.error.code}: {job.error.message}{where}", job.error.details]
    return scrub("\n".join(line for line in lines if line))
