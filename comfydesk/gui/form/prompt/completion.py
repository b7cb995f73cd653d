"""Completion while a prompt is typed: when the list opens, and which keys it takes while it is open."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit

from comfydesk.form.prompt_text.completing import NameKind
from comfydesk.gui.form.prompt.candidates import Candidate, candidates
from comfydesk.gui.form.prompt.popup import ROWS, CompletionPopup
from comfydesk.gui.form.prompt.units import Units, replace
from comfydesk.gui.form.prompt.words import PromptWords
from comfydesk.gui.style.theme import Theme

_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: ROWS, Qt.Key.Key_PageUp: -ROWS}
_MODIFIERS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


class Completion(QObject):
    """Of one box. The list is made when it is first needed."""

    def __init__(self, box: QPlainTextEdit, words: PromptWords, theme: Theme) -> None:
        super().__init__(box)
        self._box = box
        self._words = words
        self._theme = theme
        self.popup: CompletionPopup | None = None
        words.names_changed.connect(self._look_again)

    @property
    def is_open(self) -> bool:
        return self.popup is not None and self.popup.isVisible()

    def look(self) -> None:
        """Something was typed: open, renew or close the list."""
        text = self._box.toPlainText()
        units = Units(text)
        cursor = self._box.textCursor()
        found = [] if cursor.hasSelection() else candidates(self._words, text, units.to_python(cursor.position()))
        if not found:
            self.close()
            return
        if self.popup is None or self.popup.parentWidget() is not self._box.window():
            self._make()
        place = self._box.cursorRect()
        window = self._box.window()
        corner = self._box.viewport().mapTo(window, place.topLeft())
        # Enter must stay a new line while one writes plain words: a tag is taken by Tab, or after Down.
        is_asked_for = found[0].kind is not NameKind.TAG
        self.popup.offer(found, QRect(corner, place.size()), first=is_asked_for)

    def close(self) -> None:
        if self.popup is not None:
            self.popup.hide()

    def takes(self, event: QKeyEvent) -> bool:
        """Whether a key was for the list."""
        if not self.is_open or event.modifiers() & _MODIFIERS:
            self.close()
            return False
        key, popup = Qt.Key(event.key()), self.popup
        if key in _STEPS:
            popup.step(_STEPS[key])
        elif key == Qt.Key.Key_Escape:
            self.close()
        elif key == Qt.Key.Key_Tab:
            popup.choose(max(0, popup.current))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and popup.current >= 0:
            popup.choose(popup.current)
        else:
            return False
        return True

    def _make(self) -> None:
        if self.popup is not None:
            self.popup.deleteLater()
        self.popup = CompletionPopup(self._box.window(), self._theme)
        self.popup.chosen.connect(self._put_in)
        self.destroyed.connect(self.popup.deleteLater)

    def _put_in(self, chosen: Candidate) -> None:
        text = self._box.toPlainText()
        replace(self._box, Units(text), chosen.start, chosen.end, chosen.text)
        self.close()

    def _look_again(self) -> None:
        if self.is_open:
            self.look()
