"""The editor for combos that take several of their choices."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from comfydesk.form.fields import Field
from comfydesk.gui.context import Context
from comfydesk.gui.form.editor import RING, Editor
from comfydesk.gui.widgets.combo import MultiCombo


class ChoicesEditor(Editor):
    """`value`: a list in the order of the choices; what the host lacks stays in it, at its end."""

    def __init__(self, field: Field, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(field, context, parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(RING, RING, RING, RING)
        self.combo = MultiCombo(field.choices, _as_list(field.value), field.placeholder or self.tr("Nothing chosen"))
        self.combo.setAccessibleName(field.label)
        column.addWidget(self.combo)
        self.combo.value_changed.connect(lambda value: self.value_changed.emit(list(value)))
        self.setFocusProxy(self.combo)

    @property
    def value(self) -> list[Any]:
        return list(self.combo.value)

    def set_value(self, value: Any) -> None:
        self.combo.set_value(_as_list(value))

    def show_severity(self, severity: str) -> None:
        self.combo.set_tone(severity)


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [] if value in (None, "") else [value]
