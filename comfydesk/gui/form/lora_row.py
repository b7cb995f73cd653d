"""The LoRAs of one chain as a list: each on or off, with its strengths; more can be added, and the order changed."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from comfydesk.form import loras
from comfydesk.form.fields import Field, Kind
from comfydesk.gui.context import Context
from comfydesk.gui.form.editor import RING
from comfydesk.gui.form.field_row import FieldRow
from comfydesk.gui.form.lora_list import LoraList
from comfydesk.gui.form.number_editor import NumberEditor
from comfydesk.gui.form.registry import make_editor
from comfydesk.gui.form.switch_editor import Switch
from comfydesk.gui.widgets.buttons import icon_button


class LoraLine(QWidget):
    """One loader of the list: Alt with up and down moves it."""

    def __init__(self, listed: LoraList, node_id: str, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.node_id = node_id
        self._list = listed
        icons = listed.context.icons
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(0)
        self.first, self.second = QHBoxLayout(), QHBoxLayout()
        for row in (self.first, self.second):
            row.setContentsMargins(RING, 0, 0, 0)
            row.setSpacing(2)
            column.addLayout(row)
        self.switch = Switch(listed.context)
        self.switch.setAccessibleName(self.tr("{lora} on").format(lora=name))
        self.switch.clicked.connect(lambda on: listed.turn(node_id, bool(on)))
        self.first.addWidget(self.switch)
        remove = self.tr("Take {lora} out").format(lora=name)
        self.drop = icon_button(icons.icon("close", "muted"), remove, clicked=lambda: listed.remove(node_id))
        earlier, later = self.tr("Move {lora} up").format(lora=name), self.tr("Move {lora} down").format(lora=name)
        self.up = icon_button(icons.icon("arrow-up", "muted"), earlier, clicked=lambda: listed.move(node_id, -1))
        self.down = icon_button(icons.icon("arrow-down", "muted"), later, clicked=lambda: listed.move(node_id, 1))
        for made in (self.up, self.down, self.drop):
            made.setProperty("kind", "tight")
            made.setFixedSize(24, 26)

    def close_up(self) -> None:
        """All editors are in: the buttons come after them."""
        self.first.addWidget(self.drop)
        self.second.addWidget(self.up)
        self.second.addWidget(self.down)

    def show_entry(self, at: int, count: int, is_on: bool) -> None:
        self.switch.setChecked(is_on)
        self.up.setEnabled(at > 0)
        self.down.setEnabled(at < count - 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if steps is not None and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self._list.move(self.node_id, steps)
        else:
            super().keyPressEvent(event)


class LoraRow(FieldRow):
    """The list field and the fields of its loaders, in the list's order."""

    def __init__(self, fields: tuple[Field, ...], context: Context, parent: QWidget | None = None) -> None:
        self._fields = fields
        self.lines: dict[str, LoraLine] = {}
        super().__init__(fields[0], context, parent)

    @property
    def is_wide(self) -> bool:
        return True

    def set_value(self, key: str, value: Any) -> None:
        super().set_value(key, value)
        if key == self.field.key:
            self._show_entries()

    def _fill(self, column: QVBoxLayout) -> None:
        self.list = LoraList(self.field, self.context, self)
        self._hold(self.field, self.list)
        self.list.value_changed.connect(self._show_entries)
        by_node: dict[str, list[Field]] = {}
        for field in self._fields[1:]:
            by_node.setdefault(field.node_id, []).append(field)
        for number, (node_id, own) in enumerate(by_node.items(), start=1):
            line = LoraLine(self.list, node_id, self.tr("LoRA {n}").format(n=number), self)
            for field in sorted(own, key=lambda field: field.input_name != loras.FILE):
                self._add(line, field)
            line.close_up()
            self.lines[node_id] = line
            column.addWidget(line)
        column.addWidget(self.list)
        self._show_entries()

    def _add(self, line: LoraLine, field: Field) -> None:
        if field.input_name == loras.FILE or field.kind is not Kind.FLOAT:
            editor = make_editor(field, self.context, line)
            line.first.addWidget(editor, 1)
        else:
            caption = field.input_name.removeprefix("strength_").removeprefix("strength") or self.tr("strength")
            alone = sum(each.node_id == field.node_id and each.kind is Kind.FLOAT for each in self._fields) == 1
            editor = NumberEditor(field, self.context, line, caption=caption, slider=alone)
            editor.line.setAccessibleName(field.label)
            line.second.addWidget(editor, 1)
        self._hold(field, editor)

    def _show_entries(self) -> None:
        for at, (node_id, is_on) in enumerate(self.list.entries):
            if node_id in self.lines:
                self.lines[node_id].show_entry(at, len(self.list.entries), is_on)


def members(field: Field) -> set[str]:
    """The nodes that may be in the list of a field."""
    return {node_id for node_id, _ in loras.entries_of(field.value) or ()} | set(field.choices)
