"""The editor for COMBO: a list that is searched by typing."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from comfydesk.form.fields import Field
from comfydesk.gui.context import Context
from comfydesk.gui.form.editor import RING, Editor
from comfydesk.gui.widgets.buttons import icon_button
from comfydesk.gui.widgets.combo import SearchableCombo


class ComboEditor(Editor):
    """One of the host's names. A value that the host lacks is shown as it is and outlined by its issue.

    `look_again_requested`: the host lists the names at a place of its own and shall be asked anew.
    """

    look_again_requested = Signal()

    def __init__(self, field: Field, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(field, context, parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(RING, RING, RING, RING)
        row.setSpacing(2)
        self.combo = SearchableCombo(field.choices, field.value)
        self.combo.setAccessibleName(field.label)
        row.addWidget(self.combo, 1)
        if field.remote:
            again = context.icons.icon("retry", "muted")
            self.again = icon_button(again, self.tr("Look again"), clicked=self.look_again_requested.emit, kind="tight")
            self.again.setFixedSize(30, 30)
            row.addWidget(self.again)
        self.combo.value_changed.connect(self.value_changed)
        self.setFocusProxy(self.combo)

    @property
    def value(self) -> Any:
        return self.combo.value

    def set_value(self, value: Any) -> None:
        self.combo.set_value(value)

    def show_severity(self, severity: str) -> None:
        self.combo.set_tone(severity)
