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
        self._places: list[QWidget] = []
        self.setFocusProxy(self.add)
        self.set_value(field.value)

    @property
    def value(self) -> list[str]:
        return list(self._value)

    def set_value(self, value: Any) -> None:
        fresh = [hex_of(item) for item in value] if isinstance(value, list) else []
        if len(fresh) != len(self.editors):
            self._fill(fresh)
        self._value = fresh
        for editor, text in zip(self.editors, fresh, strict=True):
            editor.set_value(text)
        self.add.setEnabled(len(fresh) < MOST)

    def grow(self) -> None:
        """Add a colour, like the last one."""
        if len(self._value) < MOST:
            self._take([*self._value, self._value[-1] if self._value else FIRST])
            self.editors[-1].line.setFocus()

    def remove(self, index: int) -> None:
        """Take a colour away."""
        self._take(self._value[:index] + self._value[index + 1 :])
        self.add.setFocus()

    def _fill(self, colors: list[str]) -> None:
        for place in self._places:
            self._grid.removeWidget(place)
            place.hide()
            place.deleteLater()
        self._places, self.editors = [], []
        for index, text in enumerate(colors):
            name = self.tr("{palette}, colour {n}").format(palette=self.field.label, n=index + 1)
            inner = Field(self.field.key, self.field.node_id, self.field.input_name, name, Kind.TEXT, text)
            editor = ColorEditor(inner, self.context)
            editor.value_changed.connect(lambda value, at=index: self._changed(at, str(value)))
            editor.problem_changed.connect(self._say)
            close = self.context.icons.icon("close", "muted")
            drop = icon_button(close, self.tr("Take this colour away"), clicked=lambda at=index: self.remove(at))
            drop.setProperty("kind", "tight")
            drop.setFixedSize(24, 24)
            editor.frame.hold(drop)
            self._grid.addWidget(editor, index // 2, index % 2)
            self._places.append(editor)
            self.editors.append(editor)

    def _changed(self, index: int, text: str) -> None:
        self._value[index] = text
        self.value_changed.emit(self.value)

    def _take(self, colors: list[str]) -> None:
        self.set_value(colors)
        self.value_changed.emit(self.value)

    def _say(self) -> None:
        self._set_problem(next((editor.problem for editor in self.editors if editor.problem), ""))
