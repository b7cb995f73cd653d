"""The editor for which LoRAs a chain has: adds, removes, moves and turns off; the lines themselves are the row's."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QWidget

from comfydesk.form import loras
from comfydesk.form.fields import Field
from comfydesk.gui.context import Context
from comfydesk.gui.form.editor import RING, Editor
from comfydesk.gui.widgets.buttons import button

Entries = list[tuple[str, bool]]


class LoraList(Editor):
    """The list itself: `value` is [[node id, is on], …]. Shows what adds to it; its lines are the row's."""

    def __init__(self, field: Field, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(field, context, parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(RING, 0, RING, 0)
        plus = context.icons.icon("plus", "accent")
        self.add = button(self.tr("Add a LoRA"), "link", icon=plus, clicked=self.grow)
        row.addWidget(self.add)
        row.addStretch(1)
        self.entries: Entries = []
        self.setFocusProxy(self.add)
        self.set_value(field.value)

    @property
    def value(self) -> list[list[Any]]:
        return [list(entry) for entry in self.entries]

    def set_value(self, value: Any) -> None:
        self.entries = loras.entries_of(value) or []
        self.add.setEnabled(self._free() is not None)

    def grow(self) -> None:
        """A further loader at the end of the chain."""
        node_id = self._free()
        if node_id is not None:
            self._take([*self.entries, (node_id, True)])

    def remove(self, node_id: str) -> None:
        self._take([entry for entry in self.entries if entry[0] != node_id])

    def turn(self, node_id: str, is_on: bool) -> None:
        self._take([(each, is_on if each == node_id else was) for each, was in self.entries])

    def move(self, node_id: str, steps: int) -> None:
        """Earlier or later in the chain."""
        at = [each for each, _ in self.entries].index(node_id)
        moved = list(self.entries)
        moved.insert(min(max(at + steps, 0), len(moved) - 1), moved.pop(at))
        self._take(moved)

    def _free(self) -> str | None:
        taken = {node_id for node_id, _ in self.entries}
        if len(taken) >= loras.MAX_LORAS:
            return None
        return next((node_id for node_id in self.field.choices if node_id not in taken), None)

    def _take(self, entries: Entries) -> None:
        if entries != self.entries:
            self.entries = entries
            self.add.setEnabled(self._free() is not None)
            self.value_changed.emit(self.value)
