"""The help page: first steps, keys, and where things lie."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QKeySequence
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from comfydesk.base.version import __version__

from ..context import Context
from ..page_frame import ColumnPage, card
from ..widgets.buttons import button
from ..widgets.labels import label


class HelpPage(ColumnPage):
    """`page_requested(key)`."""

    page_requested = Signal(str)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._context = context
        self._logs = ""
        self.title.setText(self.tr("Help"))
        self._add_steps()
        self._add_keys()
        self._add_places()
        self.column.addStretch(1)

    def attach(self, engine: Any) -> None:
        self._logs = str(engine.home.logs)
        self.open_logs.setEnabled(True)

    def detach(self) -> None:
        self.open_logs.setEnabled(False)

    def _add_steps(self) -> None:
        frame, inside = card(self.tr("First steps"))
        for text in (
            self.tr("1.  Choose where ComfyUI runs: this computer, another machine, or the demo."),
            self.tr("2.  Pick a workflow. Your own: drop its file here, or a picture or video that was made with it."),
            self.tr("3.  Write a prompt and press Queue. Results are saved as soon as they are made."),
        ):
            inside.addWidget(label(text, wrap=True))
        row = QHBoxLayout()
        row.addWidget(button(self.tr("Start page"), clicked=lambda: self.page_requested.emit("start")))
        row.addStretch(1)
        inside.addLayout(row)
        self.column.addWidget(frame)

    def _add_keys(self) -> None:
        frame, inside = card(self.tr("Keys"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        keys = (
            ("Ctrl+Return", self.tr("Queue")),
            ("Ctrl+Shift+Return", self.tr("Queue as the next one")),
            ("Ctrl+Z", self.tr("Undo what was done to the form")),
            ("Ctrl+Shift+Z", self.tr("Redo it")),
            ("Ctrl+F", self.tr("Find a field of the form")),
            ("Alt+Return", self.tr("What can be done with this field")),
            ("Ctrl+Tab", self.tr("The next open workflow")),
            ("Ctrl+W", self.tr("Close this workflow's tab, or the window")),
            ("Esc, Esc", self.tr("Stop what runs")),
            ("Ctrl+O", self.tr("Open a workflow")),
            ("Ctrl+1", self.tr("Create")),
            ("Ctrl+2", self.tr("Queue page")),
            ("Ctrl+3", self.tr("Gallery")),
            ("Ctrl+5", self.tr("Hosts")),
            ("Ctrl+,", self.tr("Settings")),
            ("F1", self.tr("This page")),
        )
        for index, (sequence, meaning) in enumerate(keys):
            place = (index // 2, 2 * (index % 2))
            grid.addWidget(label(_native(sequence), "tag"), *place, Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(label(meaning), place[0], place[1] + 1)
        inside.addLayout(grid)
        self.column.addWidget(frame)

    def _add_places(self) -> None:
        frame, inside = card(self.tr("About"))
        inside.addWidget(label(self.tr("ComfyDesk {version}, MIT licence").format(version=__version__), "muted"))
        self.open_logs = button(self.tr("Open the log folder"), clicked=self._open_logs)
        self.open_logs.setEnabled(False)
        row = QHBoxLayout()
        row.addWidget(self.open_logs)
        row.addStretch(1)
        inside.addLayout(row)
        self.column.addWidget(frame)

    def _open_logs(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self._logs))


def _native(sequence: str) -> str:
    if sequence.startswith("Esc"):
        return sequence
    # Qt names the key “Return”; the rest of the window, and most keyboards, say Enter.
    return QKeySequence(sequence).toString(QKeySequence.SequenceFormat.NativeText).replace("Return", "Enter")
