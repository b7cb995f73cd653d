"""A combo box whose list is searched by typing; for names by the thousand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from .combo_popup import ComboPopup
from .labels import beginning, restyle, set_plain_tooltip


class SearchableCombo(QComboBox):
    """Choices of any type, shown by `str`. The value may be none of them: it is shown all the same.

    `value_changed(object)` only when a person chooses. The wheel scrolls the form, never the value.
    Down, Space, Enter or F4 open the list; any letter opens it with a search.
    """

    value_changed = Signal(object)

    def __init__(self, choices: Sequence[Any] = (), value: Any = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices: tuple[Any, ...] = tuple(choices)
        self._value: Any = value
        self._popup: ComboPopup | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._show_value()

    @property
    def value(self) -> Any:
        return self._value

    @property
    def choices(self) -> tuple[Any, ...]:
        return self._choices

    def set_value(self, value: Any) -> None:
        """Show a value without announcing it."""
        self._value = value
        self._show_value()

    def set_choices(self, choices: Sequence[Any]) -> None:
        """Change what can be chosen; the value stays."""
        self._choices = tuple(choices)

    def set_tone(self, tone: str) -> None:
        """ "warning" or "error" colours the border; "" takes it away."""
        restyle(self, tone=tone)

    def choose(self, value: Any) -> None:
        """As if a person chose it."""
        if value != self._value or type(value) is not type(self._value):
            self.set_value(value)
            self.value_changed.emit(value)

    def showPopup(self) -> None:
        self.open_list("")

    def open_list(self, query: str) -> None:
        """Open the list with this search."""
        if self._popup is not None:
            return
        self._popup = self._make_popup(query)
        self._popup.chosen.connect(self._on_chosen)
        self._popup.closed.connect(self._on_closed)
        self._popup.open_below(self)

    def hidePopup(self) -> None:
        if self._popup is not None:
            self._popup.close()

    @property
    def popup(self) -> ComboPopup | None:
        """The list while it is open."""
        return self._popup

    def _make_popup(self, query: str) -> ComboPopup:
        current = next((i for i, choice in enumerate(self._choices) if choice == self._value), -1)
        return ComboPopup(self, [str(choice) for choice in self._choices], current, query)

    def _on_chosen(self, index: int) -> None:
        self.choose(self._choices[index])

    def _on_closed(self) -> None:
        if self._popup is not None:
            self._popup.deleteLater()
            self._popup = None
        self.update()

    def _show_value(self) -> None:
        # One item in Qt's own model: screen readers find the value there.
        text = self._text()
        self.clear()
        self.addItem(beginning(text))
        set_plain_tooltip(self, text if len(text) > 24 else "")

    def _text(self) -> str:
        return "" if self._value is None else str(self._value)

    def sizeHint(self) -> QSize:
        return QSize(160, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(80, super().minimumSizeHint().height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, text = event.key(), event.text()
        opening = (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F4)
        plain = not event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.MetaModifier)
        if key in opening and plain:
            self.open_list("")
        elif plain and text.isprintable() and text.strip():
            self.open_list(text)
        else:
            event.ignore()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        if self._popup is not None:
            option.state |= QStyle.StateFlag.State_On
        room = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        option.currentText = self.fontMetrics().elidedText(
            option.currentText, Qt.TextElideMode.ElideMiddle, max(0, room.width() - 4)
        )
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)


class MultiCombo(SearchableCombo):
    """Takes several choices: the value is a list in the order of the choices, what is none of them at its end."""

    def __init__(
        self, choices: Sequence[Any], value: Sequence[Any], nothing: str, parent: QWidget | None = None
    ) -> None:
        self._nothing = nothing
        super().__init__(choices, list(value), parent)

    def _make_popup(self, query: str) -> ComboPopup:
        checked = {i for i, choice in enumerate(self._choices) if choice in self._value}
        return ComboPopup(self, [str(choice) for choice in self._choices], -1, query, checked)

    def _on_chosen(self, index: int) -> None:
        choice, value = self._choices[index], list(self._value)
        if choice in value:
            value.remove(choice)
        else:
            value.append(choice)
        known = [each for each in self._choices if each in value]
        self.choose(known + [each for each in value if each not in self._choices])

    def _text(self) -> str:
        return ", ".join(map(str, self._value)) or self._nothing
