"""The editor of a prompt: the box, and under it what its choices come out as."""

from __future__ import annotations

import itertools

from PySide6.QtCore import QTimer
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QWidget

from comfydesk.base.errors import Problem
from comfydesk.engine.promptdesk import PromptView
from comfydesk.form.fields import Field
from comfydesk.form.prompt_text import may_vary
from comfydesk.form.prompt_text.fields import as_page
from comfydesk.gui import words
from comfydesk.gui.context import Context
from comfydesk.gui.form.prompt.box import PromptBox
from comfydesk.gui.form.prompt.examples import Examples
from comfydesk.gui.form.prompt.outcome_line import OutcomeLine
from comfydesk.gui.form.text_editors import GrowingBox, MultilineEditor

LOOK_AFTER_MS = 250
SHOWN = 12  # examples in the list


class PromptEditor(MultilineEditor):
    """A prompt with colours, completion, history and a look at what it may come out as."""

    def __init__(self, field: Field, context: Context, parent: QWidget | None = None) -> None:
        self._page = as_page(field)
        self._line: OutcomeLine | None = None
        self._asked = 0
        self._past_at, self._written = -1, ""  # which earlier prompt is shown; what was written before
        self._look_timer: QTimer | None = None
        super().__init__(field, context, parent)
        self._look_timer = QTimer(self)
        self._look_timer.setSingleShot(True)
        self._look_timer.setInterval(LOOK_AFTER_MS)
        self._look_timer.timeout.connect(self._look)
        self.box.textChanged.connect(self._edited)
        self.box.past_asked.connect(self._show_past)
        self.box.highlighter.read_through.connect(self._show_unbalanced)
        self._edited()

    def _make_box(self, least: int) -> GrowingBox:
        return PromptBox(least, self.context, self._page)

    @property
    def line(self) -> OutcomeLine:
        """The line under the box; made when there is something to say."""
        if self._line is None:
            self._line = OutcomeLine(self)
            self._line.more_asked.connect(self._show_examples)
            self.layout().addWidget(self._line)
        return self._line

    def set_value(self, value: object) -> None:
        before = self.value
        super().set_value(value)
        if self.value != before:
            self._past_at = -1
            self._edited()

    # what it comes out as

    def _edited(self) -> None:
        if self._look_timer is not None and (may_vary(self.value) or self._line is not None):
            self._look_timer.start()

    def _look(self) -> None:
        self._asked += 1
        bridge, text = self.context.bridge, self.value
        if not bridge.is_attached or not may_vary(text):
            if self._line is not None:
                self._line.show_view(None)
            return
        asked = self._asked
        bridge.run(
            bridge.engine.prompt_view,
            text,
            self._page,
            (1,),
            then=lambda view: self._show_view(asked, view),
            failed=lambda problem: self._show_problem(asked, problem),
        )

    def _show_view(self, asked: int, view: PromptView) -> None:
        if asked == self._asked:
            self.line.show_view(view)
            self.updateGeometry()

    def _show_problem(self, asked: int, problem: Problem) -> None:
        if asked == self._asked:
            self.line.show_view(None, words.says(problem)[0])

    def _show_unbalanced(self) -> None:
        brackets = self.box.highlighter.unbalanced
        if brackets or self._line is not None:
            self.line.show_unbalanced(brackets)

    def _show_examples(self) -> None:
        shown = Examples(self.box)
        seeds = itertools.count(1, SHOWN)
        bridge = self.context.bridge

        def ask() -> None:
            first = next(seeds)
            numbers = tuple(range(first, first + SHOWN))
            bridge.run(bridge.engine.prompt_view, self.value, self._page, numbers, then=arrived)

        def arrived(view: PromptView) -> None:
            if alive:
                shown.show_view(view)

        alive = [True]
        shown.destroyed.connect(alive.clear)
        shown.others_asked.connect(ask)
        if bridge.is_attached:
            ask()

    # earlier prompts

    def _show_past(self, by: int) -> None:
        if self._past_at < 0:
            self._written = self.value
        past = [text for text in self.box.words.past(self.field.role.value) if text != self._written]
        at = self._past_at + by
        if at < -1 or at >= len(past) or at == self._past_at:
            return
        text = self._written if at < 0 else past[at]
        cursor = self.box.textCursor()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)
        self.box.moveCursor(QTextCursor.MoveOperation.End)
        self._past_at = at

    def _changed(self) -> None:
        self._past_at = -1
        super()._changed()
