"""A question in a dialog, asked without a nested event loop (one inside a coroutine kills other tasks of qasync)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QVBoxLayout, QWidget

from .buttons import button
from .labels import label


class Question(QDialog):
    """Heading, a sentence, and answers as (key, text, kind); the first is the default, Escape answers `escape`.

    `tick`: the text of a tick box under the sentence.
    """

    def __init__(
        self,
        parent: QWidget,
        title: str,
        text: str,
        answers: Sequence[tuple[str, str, str]],
        *,
        escape: str = "",
        tick: str = "",
    ) -> None:
        super().__init__(parent)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle(title)
        self.answer = escape
        self.buttons: dict[str, QWidget] = {}
        self.tick = QCheckBox(tick)
        self.tick.setVisible(bool(tick))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        for key, words, kind in reversed(answers):
            made = button(words, kind, clicked=lambda key=key: self._on_answer(key))
            made.setAutoDefault(key == answers[0][0])
            made.setDefault(key == answers[0][0])
            self.buttons[key] = made
            row.addWidget(made)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(label(title, "heading", wrap=True))
        said = label(text, wrap=True)
        said.setMinimumWidth(420)
        layout.addWidget(said)
        layout.addWidget(self.tick)
        layout.addSpacing(4)
        layout.addLayout(row)
        self.buttons[answers[0][0]].setFocus()

    def _on_answer(self, key: str) -> None:
        self.answer = key
        self.accept()

    async def ask(self) -> tuple[str, bool]:
        """Show it and wait; (the key of the answer, whether the tick was set). The dialog is gone afterwards."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.finished.connect(lambda _code: None if done.done() else done.set_result(None))
        self.open()
        try:
            await done
        finally:
            self.hide()
            self.deleteLater()
        return self.answer, self.tick.isChecked()
