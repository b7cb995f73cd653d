"""The frame of the library's dialogs: heading, what it is about, buttons at the foot. Never a nested event loop."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from comfydesk.gui.context import Context
from comfydesk.gui.widgets.buttons import Button, button
from comfydesk.gui.widgets.labels import breakable, label
from comfydesk.gui.widgets.problem_line import ProblemLine


class Dialog(QDialog):
    """Made, filled by `body`, shown by `open`; gone when it is closed. `problem` says what went wrong, in its place."""

    def __init__(self, context: Context, parent: QWidget, title: str, text: str = "") -> None:
        super().__init__(parent)
        self.context = context
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle(title)
        self.finished.connect(self.deleteLater)
        self.heading = label(breakable(title), "heading", wrap=True)
        self.text = label(breakable(text), "muted", wrap=True)
        self.text.setVisible(bool(text))
        self.problem = ProblemLine(context.icons)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(12)
        self.foot = QHBoxLayout()
        self.foot.setSpacing(8)
        self.foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 20)
        column.setSpacing(12)
        column.addWidget(self.heading)
        column.addWidget(self.text)
        column.addLayout(self.body, 1)
        column.addWidget(self.problem)
        column.addSpacing(2)
        column.addLayout(self.foot)

    def add_button(self, words: str, clicked: Callable[[], object], kind: str = "") -> Button:
        """At the foot, from left to right; the primary one answers Enter."""
        made = button(words, kind, clicked=clicked)
        made.setAutoDefault(kind == "primary")
        made.setDefault(kind == "primary")
        self.foot.addWidget(made)
        return made
