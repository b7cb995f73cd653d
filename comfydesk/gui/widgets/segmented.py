"""A few choices side by side, one of them chosen: Random | Fixed | +1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from .labels import set_plain_tooltip


class SegmentedControl(QFrame):
    """Choices are (value, text) or (value, text, tooltip). One Tab stop; the arrow keys choose."""

    value_changed = Signal(object)

    def __init__(self, choices: Sequence[tuple[Any, ...]], value: Any = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "segmented")
        self.setFixedHeight(34)
        self._values = [choice[0] for choice in choices]
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(1, 1, 1, 1)
        row.setSpacing(0)
        for index, choice in enumerate(choices):
            part = QPushButton(str(choice[1]).replace("&", "&&"))
            part.setCheckable(True)
            part.setProperty("kind", "segment")
            part.setProperty("place", _place(index, len(choices)))
            part.setProperty("ring", False)
            part.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            part.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Expanding)
            if len(choice) > 2:
                set_plain_tooltip(part, str(choice[2]))
            self._group.addButton(part, index)
            row.addWidget(part, 1)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty("ring", True)
        self.set_value(value if value is not None else self._values[0])
        self._group.idToggled.connect(self._on_toggled)

    @property
    def value(self) -> Any:
        return self._values[self._group.checkedId()]

    def set_value(self, value: Any) -> None:
        if value in self._values:
            self._group.button(self._values.index(value)).setChecked(True)

    def set_enabled_choice(self, value: Any, enabled: bool) -> None:
        self._group.button(self._values.index(value)).setEnabled(enabled)

    def _on_toggled(self, index: int, chosen: bool) -> None:
        if chosen:
            self.value_changed.emit(self._values[index])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}.get(event.key())
        if step is None:
            super().keyPressEvent(event)
            return
        index = self._group.checkedId() + step
        while 0 <= index < len(self._values):
            if self._group.button(index).isEnabled():
                self._group.button(index).setChecked(True)
                return
            index += step


def _place(index: int, count: int) -> str:
    if count == 1:
        return "only"
    return "first" if index == 0 else "last" if index == count - 1 else "middle"
