"""The editor for inputs that grow: how many fields there are, with − and +."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from comfydesk.form.fields import Field
from comfydesk.gui.context import Context
from comfydesk.gui.form.editor import Editor, FieldFrame
from comfydesk.gui.widgets.buttons import icon_button
from comfydesk.gui.widgets.labels import counted, label


class GrowEditor(Editor):
    """`value`: the names of the fields, which follow below. + adds the next free one, − takes the last away."""

    def __init__(self, field: Field, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(field, context, parent)
        self._value: list[str] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        frame = FieldFrame(context, self)
        column.addWidget(frame)
        self.said = label("")
        frame.row.addWidget(self.said, 1)
        icons = context.icons
        self.less = icon_button(icons.icon("minus", "muted"), self.tr("Remove the last field"), clicked=self.shrink)
        self.more = icon_button(icons.icon("plus", "muted"), self.tr("Add a field"), clicked=self.grow)
        for button in (self.less, self.more):
            button.setProperty("kind", "tight")
            button.setFixedSize(26, 26)
            frame.hold(button)
        self.setFocusProxy(self.more)
        self.set_value(field.value)

    @property
    def value(self) -> list[str]:
        return list(self._value)

    def set_value(self, value: Any) -> None:
        self._value = [name for name in value if isinstance(name, str)] if isinstance(value, list) else []
        self.said.setText(counted(len(self._value), self.tr("{n} field"), self.tr("{n} fields")))
        self.setAccessibleName(f"{self.field.label}: {self.said.text()}")
        self.less.setEnabled(bool(self._value))
        self.more.setEnabled(self._next() is not None)

    def grow(self) -> None:
        """Add the first name that is free."""
        name = self._next()
        if name is not None:
            self._take([*self._value, name])

    def shrink(self) -> None:
        """Take the last name away."""
        if self._value:
            self._take(self._value[:-1])

    def _next(self) -> str | None:
        return next((name for name in self.field.choices if name not in self._value), None)

    def _take(self, names: list[str]) -> None:
        self.set_value([name for name in self.field.choices if name in names])
        self.value_changed.emit(self.value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Up):
            self.grow()
        elif event.key() in (Qt.Key.Key_Minus, Qt.Key.Key_Down):
            self.shrink()
        else:
            super().keyPressEvent(event)
