"""Saves what the form says as a preset of the workflow, or as a style for all; also changes one that there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QVBoxLayout, QWidget

from comfydesk.form import compare, presets
from comfydesk.form.fields import Field, Form, Kind, Role
from comfydesk.form.presets import PLACE, Preset, PresetKind
from comfydesk.gui.context import Context
from comfydesk.gui.form.presets.tick_table import Line, TickTable
from comfydesk.gui.library.dialog import Dialog
from comfydesk.gui.widgets.labels import label
from comfydesk.gui.widgets.plain_line import PlainLine
from comfydesk.gui.widgets.segmented import SegmentedControl


class SaveDialog(Dialog):
    """`saved(Preset)`. `old`: the preset that is changed; None makes a new one. `is_taken(kind, name)`."""

    saved = Signal(object)

    def __init__(
        self,
        context: Context,
        parent: QWidget,
        form: Form,
        values: Mapping[str, Any],
        changed: list[str],
        is_taken: Callable[[PresetKind, str], bool],
        old: Preset | None = None,
    ) -> None:
        title = self.tr("Save as a preset") if old is None else self.tr("Change “{name}”").format(name=old.name)
        super().__init__(context, parent, title)
        self._form, self._old, self._is_taken = form, old, is_taken
        self._values = {**values, **_held(form, old)}  # what it holds stays, what is ticked anew comes from the form
        kinds = [(PresetKind.WORKFLOW, self.tr("For this workflow")), (PresetKind.STYLE, self.tr("Style for all"))]
        self.kind = SegmentedControl(kinds, old.kind if old else PresetKind.WORKFLOW)
        self.kind.setAccessibleName(self.tr("What it is for"))
        self.kind.setVisible(old is None)
        self.name = PlainLine()
        self.name.setMaxLength(presets.MAX_NAME)
        self.name.setText(old.name if old else "")
        self.name.setAccessibleName(self.tr("Name"))
        self.name.setPlaceholderText(self.tr("Name"))
        self.prompt = self._fragment(self.tr("Added to the prompt"), old.prompt if old else "")
        self.negative = self._fragment(self.tr("Added to the negative prompt"), old.negative if old else "")
        fields = compare.in_order(form)
        self.fields = self._table(fields, self._first_ticks(fields, changed))
        able = [item for item in fields if presets.can_be_in_style(form, item)]
        self.settings = self._table(able, self._style_ticks(able))
        self._lay_out()
        self.name.textChanged.connect(lambda _: self._say())
        self.kind.value_changed.connect(lambda _: self._show_kind())
        for line in (self.prompt, self.negative):
            line.textChanged.connect(lambda _: self._say())
        for table in (self.fields, self.settings):
            table.ticked_changed.connect(self._say)
        self.resize(600, 600)
        self._show_kind()
        self.name.selectAll()
        self.name.setFocus()

    def _lay_out(self) -> None:
        self.body.addWidget(self.kind)
        self.body.addWidget(self.name)
        self.style_part = QWidget()
        rows = QFormLayout(self.style_part)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setVerticalSpacing(8)
        rows.addRow(label(self.tr("Prompt"), "field"), self.prompt)
        rows.addRow(label(self.tr("Negative"), "field"), self.negative)
        hint = self.tr(
            "{place} stands for your own words: “{place}, oil painting”. Without it the words come after them."
        )
        rows.addRow("", label(hint.replace("{place}", PLACE), "small", wrap=True))
        self.body.addWidget(self.style_part)
        tables = QVBoxLayout()
        tables.setSpacing(6)
        self._caption = label("", "field")
        tables.addWidget(self._caption)
        tables.addWidget(self.fields, 1)
        tables.addWidget(self.settings, 1)
        self.body.addLayout(tables, 1)
        self.add_button(self.tr("Cancel"), self.reject)
        self.save = self.add_button(self.tr("Save"), self._save, "primary")

    def _fragment(self, name: str, text: str) -> PlainLine:
        made = PlainLine()
        made.setMaxLength(presets.MAX_FRAGMENT)
        made.setText(text)
        made.setAccessibleName(name)
        return made

    def _table(self, fields: list[Field], ticked: set[str]) -> TickTable:
        lines = [
            Line(item.key, item.label, compare.place_of(self._form, item), (self._values.get(item.key, item.value),))
            for item in fields
        ]
        return TickTable(self.tr("What it holds"), lines, (self.tr("Field"), self.tr("Value")), ticked)

    def _first_ticks(self, fields: list[Field], changed: list[str]) -> set[str]:
        """What a person sees first and what they changed; not the seed, or each run of it would be the same."""
        if self._old is not None and not self._old.is_style:
            return set(self._old_values())
        return {item.key for item in fields if item.kind is not Kind.SEED and (item.essential or item.key in changed)}

    def _style_ticks(self, able: list[Field]) -> set[str]:
        held = self._old.values if self._old is not None and self._old.is_style else {}
        return {item.key for item in able if item.role.value in held}

    def _show_kind(self) -> None:
        is_style = self.kind.value is PresetKind.STYLE
        self.style_part.setVisible(is_style)
        self.settings.setVisible(is_style)
        self.fields.setVisible(not is_style)
        self._caption.setText(self.tr("And these settings") if is_style else self.tr("What it holds"))
        self._say()

    def _made(self) -> Preset:
        name, kind = self.name.text(), self.kind.value
        if kind is PresetKind.STYLE:
            ticked = self.settings.ticked
            prompt, negative = self.prompt.text(), self.negative.text()
            return presets.style_of(self._form, self._values, name, ticked, prompt, negative)
        made = presets.of_form(self._form, self._values, name, self.fields.ticked)
        elsewhere = {key: value for key, value in self._old_values().items() if self._form.get(key) is None}
        return replace(made, values={**made.values, **elsewhere})

    def _old_values(self) -> Mapping[str, Any]:
        """What a workflow's preset held; some of it may be of fields that another choice brings."""
        return self._old.values if self._old is not None and not self._old.is_style else {}

    def _say(self) -> None:
        made = self._made()
        is_own = self._old is not None and self._old.name.casefold() == made.name.casefold()
        taken = bool(made.name) and not is_own and self._is_taken(made.kind, made.name)
        self.save.setText(self.tr("Replace “{name}”").format(name=made.name) if taken else self.tr("Save"))
        self.save.setEnabled(bool(made.name) and bool(made.values or made.prompt.strip() or made.negative.strip()))

    def _save(self) -> None:
        made = self._made()
        self.accept()
        self.saved.emit(made)


def _held(form: Form, old: Preset | None) -> dict[str, Any]:
    """What a preset holds, by field key."""
    if old is None or not old.is_style:
        return dict(old.values) if old is not None else {}
    fields = {role: presets.field_of_role(form, Role(role)) for role in old.values}
    return {item.key: old.values[role] for role, item in fields.items() if item is not None}
