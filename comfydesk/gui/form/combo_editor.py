"""The editor for COMBO: a list that is searched by typing."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from comfydesk.form.fields import Field
from comfydesk.gui.context import Context
from comfydesk.gui.form.editor import RING, Editor
from comfydesk.gui.widgets.combo import SearchableCombo


class ComboEditor(Editor):
    """One of the host's names. A value that the host lacks is shown as it is and outlined by its issue."""

    def __init__(self, field: Field, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(field, context, parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(RING, RING, RING, RING)
        self.combo = SearchableCombo(field.choices, field.value)
        self.combo.setAccessibleName(field.label)
        column.addWidget(self.combo)
        self.combo.value_changed.connect(self.value_changed)
        self.setFocusProxy(self.combo)

    @property
    def value(self) -> Any:
        return self.combo.value

    def set_value(self, value: Any) -> None:
        self.combo.set_value(value)

    def show_severity(self, severity: str) -> None:
        self.combo.set_tone(severity)
