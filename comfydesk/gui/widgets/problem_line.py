"""What is wrong and what to do, in the place where it went wrong."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from comfydesk.base.errors import Problem

from .. import words
from ..style.icons import Icons
from .buttons import button
from .icon_label import IconLabel
from .labels import breakable, label, restyle

_ICON = {"error": "error", "warning": "warning", "good": "good", "accent": "info"}


class ProblemLine(QFrame):
    """Sentence, next step, links, and details behind a link. Hidden while there is nothing to say."""

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "note")
        self._picture = IconLabel(icons, "error", 18, "error")
        self.sentence = label(wrap=True)
        self.next_step = label("", "muted", wrap=True)
        for said in (self.sentence, self.next_step):
            said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._links = QHBoxLayout()
        self._links.setSpacing(16)
        self._links.setContentsMargins(0, 2, 0, 0)
        self._details = QPlainTextEdit()
        self._details.setReadOnly(True)
        self._details.setMaximumHeight(160)
        self._details.hide()
        text = QVBoxLayout()
        text.setSpacing(3)
        text.addWidget(self.sentence)
        text.addWidget(self.next_step)
        text.addLayout(self._links)
        text.addWidget(self._details)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 12, 10)
        row.setSpacing(10)
        row.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(text, 1)
        self.hide()

    def show_problem(
        self, problem: Problem, *links: tuple[str, Callable[[], object]], tone: str = "error", details: bool = True
    ) -> None:
        """Say a Problem in the window's words; `links` are (text, what it does), the first the most useful."""
        sentence, next_step = words.says(problem)
        self.show_text(sentence, next_step, *links, tone=tone, details=problem.details if details else "")

    def show_text(
        self,
        sentence: str,
        next_step: str = "",
        *links: tuple[str, Callable[[], object]],
        tone: str = "error",
        details: str = "",
    ) -> None:
        """Say anything; `tone`: error | warning | good | accent."""
        restyle(self, tone=tone)
        self._picture.set_icon(_ICON[tone], tone)
        self.sentence.setText(breakable(sentence))
        self.next_step.setText(breakable(next_step))
        self.next_step.setVisible(bool(next_step))
        self._set_links(links, details)
        self.show()

    def clear(self) -> None:
        self.hide()

    def _set_links(self, links: tuple[tuple[str, Callable[[], object]], ...], details: str) -> None:
        while self._links.count():
            item = self._links.takeAt(0)
            if item.widget() is not None:
                item.widget().deleteLater()
        self._details.hide()
        for text, act in links:
            self._links.addWidget(button(text, "link", clicked=act))
        if details:
            self._details.setPlainText(details)
            self._links.addWidget(button(self.tr("Details"), "link", clicked=self._toggle_details))
        self._links.addStretch(1)

    def _toggle_details(self) -> None:
        self._details.setVisible(not self._details.isVisible())
