"""The quiet line under a prompt: how many ways it can come out, one of them, and what is odd about it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from comfydesk.engine.promptdesk import PromptView
from comfydesk.form.prompt_text import MOST
from comfydesk.gui.form.editor import RING
from comfydesk.gui.widgets.labels import ElidedLabel, breakable, counted, label

MAX_NAMED = 3


class OutcomeLine(QWidget):
    """`more_asked`: a person wants further examples."""

    more_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(RING + 1, 3, RING + 1, 0)
        column.setSpacing(2)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.outcome = ElidedLabel("", "small")
        self.more = QPushButton(self.tr("More examples"))
        self.more.setProperty("kind", "link")
        self.more.setCursor(Qt.CursorShape.PointingHandCursor)
        self.more.clicked.connect(self.more_asked)
        row.addWidget(self.outcome, 1)
        row.addWidget(self.more)
        column.addLayout(row)
        self.note = label("", "small", wrap=True)
        column.addWidget(self.note)
        self._missing: tuple[str, ...] = ()
        self._unbalanced = 0
        self._problem = ""
        self.show_view(None)

    def show_view(self, view: PromptView | None, problem: str = "") -> None:
        """What the prompt comes out as; None for one that comes out in one way only."""
        self._missing, self._problem = view.missing if view is not None else (), problem
        shown = view is not None and view.combinations > 1 and bool(view.examples)
        self.outcome.setVisible(shown)
        self.more.setVisible(shown)
        if view is not None and shown:
            example = " ".join(view.examples[0][1].split())
            self.outcome.set_text(self.tr("{ways} · for example: {text}").format(ways=ways(view), text=example))
        self._say()

    def show_unbalanced(self, brackets: int) -> None:
        self._unbalanced = brackets
        self._say()

    def _say(self) -> None:
        said = [self._problem] if self._problem else []
        if self._missing:
            names = ", ".join(self._missing[:MAX_NAMED]) + (" …" if len(self._missing) > MAX_NAMED else "")
            said.append(self.tr("No wildcard file is called {names}: it stays as it is written").format(names=names))
        if self._unbalanced:
            one, many = self.tr("One bracket lacks its other half"), self.tr("{n} brackets lack their other half")
            said.append(counted(self._unbalanced, one, many))
        self.note.setText(breakable(" · ".join(said)))
        self.note.setVisible(bool(said))
        self.setVisible(bool(said) or not self.outcome.isHidden())

    def says(self) -> str:
        """All that it shows, for screen readers and tests."""
        parts = [label.text() for label in (self.outcome, self.note) if not label.isHidden()]
        return " · ".join(parts)


def ways(view: PromptView) -> str:
    """ "12 combinations"; numbers that nobody can read are rounded."""
    number = view.combinations
    if number >= MOST:
        return OutcomeLine.tr("countless combinations")
    if number >= 10**12:
        return OutcomeLine.tr("about {n} combinations").format(n=f"{float(number):.0e}".replace("e+", " × 10^"))
    return counted(number, OutcomeLine.tr("one combination"), OutcomeLine.tr("{n} combinations"))
