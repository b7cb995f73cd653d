"""The editor for INT and FLOAT: a slider over the useful range and a line where any value may be typed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QSlider, QToolButton, QVBoxLayout, QWidget

from comfydesk.form.fields import Field
from comfydesk.gui.context import Context
from comfydesk.gui.form.editor import Editor, FieldFrame
from comfydesk.gui.form.numbers import Number, Scale
from comfydesk.gui.widgets.labels import label
from comfydesk.gui.widgets.plain_line import PlainLine

USUAL_DIGITS = 5  # limits that long always have room beside the slider
MOST_DIGITS = 11  # the slider yields to values up to this long
LEAST_SLIDER = 48  # pixels
EDGES = 8  # pixels that the line needs beside its digits


class NumberLine(PlainLine):
    """A line that holds a number; arrow keys, page keys and (with focus) the wheel step it.

    A number that is too long for it ends in "…" while nobody works in it.
    """

    stepped = Signal(int)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrame(False)
        self.setProperty("kind", "bare")
        self.setMinimumWidth(36)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Up: 1,
            Qt.Key.Key_Down: -1,
            Qt.Key.Key_PageUp: 10,
            Qt.Key.Key_PageDown: -10,
        }.get(Qt.Key(event.key()))
        if steps is None:
            super().keyPressEvent(event)
        else:
            self.stepped.emit(steps)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus() and event.angleDelta().y():
            self.stepped.emit(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            event.ignore()  # the form scrolls

    def focusOutEvent(self, event: QEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()

    def is_cut(self) -> bool:
        """Whether the number is longer than the line."""
        return self.fontMetrics().horizontalAdvance(self.text()) > self._room().width()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.hasFocus() or not self.is_cut():
            super().paintEvent(event)
            return
        room = self._room()
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        QPainter(self).drawText(room, self.alignment() | Qt.AlignmentFlag.AlignVCenter, shown)

    def _room(self) -> QRect:
        return self.rect().adjusted(2, 0, -2, 0)  # Qt's own margins beside the text


class CalmSlider(QSlider):
    """A slider that leaves the wheel to the form unless it has the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class NumberEditor(Editor):
    """A whole number or a fraction of any size. The slider spans the soft range; typing may leave it."""

    def __init__(
        self,
        field: Field,
        context: Context,
        parent: QWidget | None = None,
        *,
        caption: str = "",
        unit: str = "",
        slider: bool = True,
    ) -> None:
        super().__init__(field, context, parent)
        self.scale = Scale.of(field)
        self._value: Number = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.frame = FieldFrame(context, self)
        column.addWidget(self.frame)
        if caption:
            self.frame.row.addWidget(label(caption, "muted"))
        self.slider: CalmSlider | None = None
        self._usual = ""  # text as long as any that is likely
        self.line = NumberLine()
        self.line.setAccessibleName(field.label)
        if slider and self.scale.slider_steps:
            self._add_slider()
        self.frame.hold(self.line, 0 if self.slider else 1)
        if unit:
            self.frame.row.addWidget(label(unit, "muted"))
        if self.slider is None and not unit:
            self.frame.row.addWidget(self._buttons())
        self.line.textEdited.connect(self._typed)
        self.line.stepped.connect(self._step)
        self.line.left.connect(self._finish)
        self.line.returnPressed.connect(self._finish)
        self.setFocusProxy(self.line)
        self.set_value(field.value)

    @property
    def value(self) -> Number:
        return self._value

    def set_value(self, value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            value = self.scale.parse(str(value)) or 0
        self._value = int(value) if self.scale.whole else value
        self._show()

    def set_range(self, low: Number, high: Number) -> None:
        """Change the limits (the number of runs shrinks to one while the seed is fixed)."""
        self.scale = Scale(self.scale.whole, low, high, None, None, self.scale.step, self.scale.rounding)

    def _add_slider(self) -> None:
        slider = self.slider = CalmSlider()
        slider.setRange(0, self.scale.slider_steps)
        slider.setPageStep(max(1, self.scale.slider_steps // 10))
        slider.valueChanged.connect(self._slid)
        slider.setAccessibleName(self.field.label)
        self.frame.hold(slider, 1)
        slider.setMinimumWidth(LEAST_SLIDER)
        scale = self.scale
        soft = [scale.text(limit) + "00" for limit in (scale.soft_low, scale.soft_high) if limit is not None]
        hard = [scale.text(limit) for limit in (scale.low, scale.high) if limit is not None]
        self._usual = max((*soft, *(text for text in hard if len(text) <= USUAL_DIGITS)), key=len)
        self.line.setAlignment(Qt.AlignmentFlag.AlignRight)

    def _make_room(self) -> None:
        """The line beside a slider grows with its number; the slider has what is left."""
        if self.slider is not None:
            text = max(self._usual, self.line.text()[:MOST_DIGITS], key=len)
            self.line.setFixedWidth(QFontMetrics(self.line.font()).horizontalAdvance("0" * len(text)) + EDGES)

    def _buttons(self) -> QWidget:
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for steps, icon, word in ((-1, "minus", self.tr("Less")), (1, "plus", self.tr("More"))):
            button = QToolButton()
            button.setIcon(self.context.icons.icon(icon, "muted"))
            button.setAutoRaise(True)
            button.setAutoRepeat(True)
            button.setFixedSize(20, 24)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setAccessibleName(word)
            button.clicked.connect(lambda _=False, s=steps: self._step(s))
            row.addWidget(button)
        return box

    def _typed(self, text: str) -> None:
        self._make_room()
        number = self.scale.parse(text)
        if number is None:
            self._set_problem(self.tr("“%1” is not a number.").replace("%1", text.strip()))
            return
        self._set_problem("")
        self._take(number, show=False)

    def _step(self, steps: int) -> None:
        self._set_problem("")
        self._take(self.scale.stepped(self._value, steps))
        self.line.selectAll()

    def _slid(self, place: int) -> None:
        self._set_problem("")
        self._take(self.scale.at_slider(place))

    def _finish(self) -> None:
        """Leaving the line: round as the input wants it, and put the last good number back over a broken one."""
        self._set_problem("")
        self._take(self.scale.rounded(self._value))

    def _take(self, number: Number, *, show: bool = True) -> None:
        changed = number != self._value
        self._value = number
        if show:
            self._show()
        elif self.slider is not None:
            self._place_slider()
        if changed:
            self.value_changed.emit(number)

    def _show(self) -> None:
        text = self.scale.text(self._value)
        if text != self.line.text():
            self.line.setText(text)
            self.line.setCursorPosition(0)
        self._make_room()
        self.line.setToolTip(text if len(text) > MOST_DIGITS else "")
        self._place_slider()

    def _place_slider(self) -> None:
        if self.slider is not None:
            with QSignalBlocker(self.slider):
                self.slider.setValue(self.scale.slider_place(self._value))
