"""Qt counts letters in UTF-16 units, Python in code points: an emoji is two there and one here."""

from __future__ import annotations

from bisect import bisect_left

from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

LAST_SINGLE = "\uffff"


class Units:
    """Places in one text, both ways."""

    def __init__(self, text: str) -> None:
        wide = () if text.isascii() or max(text, default="") <= LAST_SINGLE else enumerate(text)
        self._letters = [at for at, letter in wide if letter > LAST_SINGLE]
        self._units = [at + before for before, at in enumerate(self._letters)]

    @property
    def has_wide(self) -> bool:
        """Whether any place differs."""
        return bool(self._letters)

    def to_qt(self, letter: int) -> int:
        return letter + bisect_left(self._letters, letter) if self._letters else letter

    def to_python(self, unit: int) -> int:
        return unit - bisect_left(self._units, unit) if self._units else unit


def selection(box: QPlainTextEdit, units: Units) -> tuple[int, int]:
    """Where the selection begins and ends, in letters."""
    cursor = box.textCursor()
    return units.to_python(cursor.selectionStart()), units.to_python(cursor.selectionEnd())


def put(box: QPlainTextEdit, old: str, new: str) -> None:
    """Change the text from `old` to `new` as one step of undo; only what differs is written."""
    start, limit = 0, min(len(old), len(new))
    while start < limit and old[start] == new[start]:
        start += 1
    end = 0
    while end < limit - start and old[-1 - end] == new[-1 - end]:
        end += 1
    replace(box, Units(old), start, len(old) - end, new[start : len(new) - end])


def replace(box: QPlainTextEdit, units: Units, start: int, end: int, text: str) -> None:
    """Write `text` in place of the letters from `start` to `end`; the cursor stands behind it."""
    cursor = box.textCursor()
    cursor.setPosition(units.to_qt(start))
    cursor.setPosition(units.to_qt(end), QTextCursor.MoveMode.KeepAnchor)
    cursor.insertText(text)
    box.setTextCursor(cursor)


def select(box: QPlainTextEdit, text: str, start: int, end: int) -> None:
    """Select letters; `text` is what the box holds."""
    units, cursor = Units(text), box.textCursor()
    cursor.setPosition(units.to_qt(start))
    cursor.setPosition(units.to_qt(end), QTextCursor.MoveMode.KeepAnchor)
    box.setTextCursor(cursor)
