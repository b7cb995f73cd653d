"""The box in which a prompt is written: its keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from comfydesk.form.prompt_text.weights import STEP, reweigh
from comfydesk.gui.context import Context
from comfydesk.gui.form.prompt.completion import Completion
from comfydesk.gui.form.prompt.highlight import PromptHighlighter
from comfydesk.gui.form.prompt.units import Units, put, select, selection
from comfydesk.gui.form.prompt.words import PromptWords
from comfydesk.gui.form.text_editors import GrowingBox

_CONTROL = Qt.KeyboardModifier.ControlModifier
_ALT = Qt.KeyboardModifier.AltModifier
_KEPT = _CONTROL | _ALT | Qt.KeyboardModifier.MetaModifier | Qt.KeyboardModifier.ShiftModifier


class PromptBox(GrowingBox):
    """Ctrl+Up and Ctrl+Down weigh, Alt+Up and Alt+Down look through earlier prompts (`past_asked(±1)`), Ctrl+Space
    offers names, which typing does too."""

    past_asked = Signal(int)

    def __init__(self, least: int, context: Context, page: bool, parent: QWidget | None = None) -> None:
        super().__init__(least, parent)
        self.words = PromptWords.of(context)
        self.highlighter = PromptHighlighter(self, context.theme, page)
        self.completion = Completion(self, self.words, context.theme)
        self.setAccessibleDescription(
            self.tr("Ctrl+Up and Ctrl+Down change the weight of a word, Alt+Up and Alt+Down show earlier prompts.")
        )
        self.verticalScrollBar().valueChanged.connect(self._in_view)

    def weigh(self, by: float) -> None:
        """More or less weight for what is selected, or for the word at the cursor."""
        old = self.toPlainText()
        new, start, end = reweigh(old, *selection(self, Units(old)), by)
        if new != old:
            put(self, old, new)
            select(self, new, start, end)

    def event(self, event: QEvent) -> bool:
        # Escape closes the list first; elsewhere in the window it means something else.
        if isinstance(event, QKeyEvent) and self.completion.is_open:
            kind = event.type()
            if kind == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
                event.accept()
                return True
            # Qt moves the focus by Tab before a box hears of the key.
            if kind == QEvent.Type.KeyPress and self.completion.takes(event):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, pressed = event.key(), event.modifiers() & _KEPT
        up_down = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(key))
        if up_down and pressed == _CONTROL and not self.isReadOnly():
            self.weigh(STEP * up_down)
        elif up_down and pressed == _ALT and not self.isReadOnly():
            self.past_asked.emit(up_down)
        elif key == Qt.Key.Key_Space and pressed == _CONTROL and not self.isReadOnly():
            self.completion.look()
        else:
            before = self.document().revision()
            super().keyPressEvent(event)
            if self.document().revision() == before:
                return
            typed = event.text()
            if (typed and typed.isprintable()) or (key == Qt.Key.Key_Backspace and self.completion.is_open):
                self.completion.look()
            return
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.words.wake()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.completion.close()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.completion.close()
        super().mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.completion.close()
        super().wheelEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._in_view)

    def _in_view(self) -> None:
        area = self.viewport().rect()
        begin = self.cursorForPosition(area.topLeft()).position()
        self.highlighter.look_at(begin, self.cursorForPosition(area.bottomRight()).position())
