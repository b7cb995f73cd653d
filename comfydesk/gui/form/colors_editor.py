"""The editor for palettes: colours in a row, each with its swatch; + adds one, ✕ takes one away."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from comfydesk.form.fields import Field, Kind
from comfydesk.gui.context import Context
from comfydesk.gui.form.color_editor import ColorEditor, hex_of
from comfydesk.gui.form.editor import RING, Editor
from comfydesk.gui.widgets.buttons import button, icon_button

MOST = 16  # as the page's own palette (frontend 1.49.6)
FIRST = "#ffffff"


class ColorsEditor(Editor):
    """`value`: a list of `#rrggbb`."""

    def __init__(self, field: Field, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(field, context, parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self._grid = QGridLayout()
        self._grid.setSpacing(2)
        column.addLayout(self._grid)
        self.add = button(self.tr("Add a colour"), "link", icon=context.icons.icon("plus", "accent"), clicked=self.grow)
        self.add.setAccessibleName(self.tr("Add a colour to {palette}").format(palette=field.label))
        column.addWidget(self.add)
        column.setContentsMargins(0, 0, 0, RING)
        self._value: list[str] = []
        self.editors: list[ColorEditor] = []
        self.setFocusProxy(self.add)
        self.set_value(field.value)

    @property
    def value(self) -> list[str]:
        return list(self._value)

    def set_value(self, value: Any) -> None:
        self._value = [hex_of(item) for item in value] if isinstance(value, list) else []
        while len(self.editors) < len(self._value):
            self._add_editor()
        for index, editor in enumerate(self.editors):  # those that are not needed wait for the next colour
            editor.setVisible(index < len(self._value))
            if index < len(self._value):
                editor.set_value(self._value[index])
        self.add.setEnabled(len(self._value) < MOST)

    def grow(self) -> None:
        """Add a colour, like the last one."""
        if len(self._value) < MOST:
            self._take([*self._value, self._value[-1] if self._value else FIRST])
            self.editors[len(self._value) - 1].line.setFocus()

    def remove(self, index: int) -> None:
        """Take a colour away."""
        self._take(self._value[:index] + self._value[index + 1 :])
        self.add.setFocus()

    def _add_editor(self) -> None:
        index = len(self.editors)
        name = self.tr("{palette}, colour {n}").format(palette=self.field.label, n=index + 1)
        inner = Field(self.field.key, self.field.node_id, self.field.input_name, name, Kind.TEXT, FIRST)
        editor = ColorEditor(inner, self.context, self)
        editor.value_changed.connect(lambda value: self._changed(index, str(value)))
        editor.problem_changed.connect(self._say)
        close = self.context.icons.icon("close", "muted")
        drop = icon_button(close, self.tr("Take this colour away"), clicked=lambda: self.remove(index), kind="tight")
        drop.setFixedSize(24, 24)
        editor.frame.hold(drop)
        self._grid.addWidget(editor, index // 2, index % 2)
        self.editors.append(editor)

    def _changed(self, index: int, text: str) -> None:
        self._value[index] = text
        self.value_changed.emit(self.value)

    def _take(self, colors: list[str]) -> None:
        self.set_value(colors)
        self.value_changed.emit(self.value)

    def _say(self) -> None:
        self._set_problem(next((editor.problem for editor in self.editors if editor.problem), ""))
