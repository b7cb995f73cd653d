"""The editor for seeds: any number of 64 bits, and what becomes of it with each run."""

from __future__ import annotations

import secrets
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from comfydesk.form.fields import Field, SeedMode
from comfydesk.gui.context import Context
from comfydesk.gui.form.editor import RING, Editor, FieldFrame
from comfydesk.gui.form.state import MAX_SEED
from comfydesk.gui.queue.words import grouped
from comfydesk.gui.widgets.buttons import icon_button
from comfydesk.gui.widgets.labels import label
from comfydesk.gui.widgets.plain_line import PlainLine
from comfydesk.gui.widgets.segmented import SegmentedControl

# ComfyUI's own page draws below this; its numbers are JavaScript's, which lose digits above 2^53.
MAX_DRAWN = 2**50 - 1
EXACT_IN_BROWSERS = 2**53


class SeedLine(PlainLine):
    """A bare line; groups of digits while nobody types in it, plain digits while someone does."""

    entered = Signal()
    left = Signal()

    def focusInEvent(self, event: Any) -> None:
        super().focusInEvent(event)
        self.entered.emit()
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.selectAll()  # as Qt did, before the digits lost their groups

    def focusOutEvent(self, event: Any) -> None:
        super().focusOutEvent(event)
        self.left.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class SeedEditor(Editor):
    """`value` is the seed. `mode_changed(SeedMode)`: what a person chose; `set_mode` shows one."""

    mode_changed = Signal(object)

    def __init__(self, field: Field, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(field, context, parent)
        self._value = 0
        self._max = int(field.max) if field.max is not None else MAX_SEED
        self._min = int(field.min) if field.min is not None else 0
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, RING, 0)
        row.setSpacing(3)
        self.frame = FieldFrame(context)
        self.line = SeedLine()
        self.line.setProperty("kind", "bare")
        self.line.setAccessibleName(field.label)
        self.line.setToolTip(self.tr("Type a seed to keep it: Random becomes Fixed"))
        self.frame.hold(self.line, 1)
        dice = context.icons.icon("dice", "accent")
        self.dice = icon_button(dice, self.tr("Draw a seed and keep it"), clicked=self.draw, kind="tight")
        self.dice.setFixedSize(26, 26)
        self.frame.row.setContentsMargins(RING + 9, RING + 1, RING + 4, RING + 1)
        self.frame.row.setSpacing(2)
        self.frame.hold(self.dice)
        row.addWidget(self.frame, 1)
        self.mode_choice = SegmentedControl(
            [
                (
                    SeedMode.RANDOM,
                    self.tr("Random"),
                    self.tr("Each press draws a seed; further runs count on from it. Typing a seed switches to Fixed"),
                ),
                (SeedMode.FIXED, self.tr("Fixed"), self.tr("Every run uses exactly this seed")),
                (SeedMode.INCREMENT, self.tr("+1"), self.tr("Each run counts up by one")),
                (SeedMode.DECREMENT, self.tr("−1"), self.tr("Each run counts down by one")),
            ],
            field.seed_mode or SeedMode.RANDOM,
        )
        self.mode_choice.value_changed.connect(self._mode_chosen)
        row.addWidget(self.mode_choice)
        column.addLayout(row)
        self.hint = label(
            self.tr("Above 9 007 199 254 740 992, ComfyUI's own page loses the last digits; the server keeps them."),
            "small",
            wrap=True,
        )
        self.hint.setContentsMargins(RING, 0, RING, 2)
        self.hint.hide()
        column.addWidget(self.hint)
        self.line.textEdited.connect(self._typed)
        self.line.entered.connect(self._show)
        self.line.left.connect(self._finish)
        self.line.returnPressed.connect(self._finish)
        self.setFocusProxy(self.line)
        self.set_value(field.value)

    @property
    def value(self) -> int:
        return self._value

    @property
    def mode(self) -> SeedMode:
        return SeedMode(self.mode_choice.value)

    def set_value(self, value: object) -> None:
        self._value = value if isinstance(value, int) and not isinstance(value, bool) else 0
        self._show()

    def set_mode(self, mode: SeedMode) -> None:
        with QSignalBlocker(self.mode_choice):
            self.mode_choice.set_value(mode)

    def draw(self) -> None:
        """Draw a seed now and keep it: the mode becomes Fixed, or the next press would draw over it."""
        low, high = max(self._min, 0), min(self._max, MAX_DRAWN)
        self._set_problem("")
        self._take(low + secrets.randbelow(high - low + 1))
        if self.mode is SeedMode.RANDOM:
            self.set_mode(SeedMode.FIXED)
            self.mode_changed.emit(SeedMode.FIXED)

    def _typed(self, text: str) -> None:
        digits = "".join(text.replace("_", "").split())
        try:
            number = int(digits)
        except ValueError:
            self._set_problem(self.tr("A seed is a whole number."))
            return
        if not self._min <= number <= self._max:
            limits = self.tr("A seed is between {low} and {high}.")
            self._set_problem(limits.format(low=grouped(self._min), high=grouped(self._max)))
            return
        self._set_problem("")
        self._take(number, show=False)
        if self.mode is SeedMode.RANDOM:
            self.set_mode(SeedMode.FIXED)  # who types a seed wants that seed
            self.mode_changed.emit(SeedMode.FIXED)

    def _take(self, number: int, *, show: bool = True) -> None:
        changed, self._value = number != self._value, number
        if show:
            self._show()
        self.hint.setVisible(number > EXACT_IN_BROWSERS)
        if changed:
            self.value_changed.emit(number)

    def _finish(self) -> None:
        self._set_problem("")
        self._show()

    def _mode_chosen(self, mode: object) -> None:
        self.mode_changed.emit(SeedMode(mode))

    def _show(self) -> None:
        text = str(self._value) if self.line.hasFocus() else grouped(self._value)
        if text != self.line.text():
            self.line.setText(text)
            self.line.setCursorPosition(0)
        self.hint.setVisible(self._value > EXACT_IN_BROWSERS)
