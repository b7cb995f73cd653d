"""All fields of one workflow, below each other: what the panel scrolls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from comfydesk.form import branches, find, shapes
from comfydesk.form.fields import Issue, Kind, SeedMode
from comfydesk.gui.context import Context
from comfydesk.gui.form.advanced import AdvancedSection
from comfydesk.gui.form.box_editor import BoxEditor
from comfydesk.gui.form.field_grid import FieldGrid
from comfydesk.gui.form.field_row import FieldRow
from comfydesk.gui.form.outputs_group import OUTPUTS, OutputsGroup
from comfydesk.gui.form.profile.sections import Sections, hidden_group, own_groups
from comfydesk.gui.form.result_drop import ResultDrop
from comfydesk.gui.form.seed_editor import SeedEditor
from comfydesk.gui.form.size_row import SizeRow
from comfydesk.gui.form.state import FormState
from comfydesk.gui.form.upload_editor import UploadEditor

OPENED = 16  # found fields; of more only the headings are unfolded, for every row costs time
MARGIN = 13  # 16 with the room that each editor keeps for its focus ring


class FormSheet(QWidget):
    """Shows a `FormState` and writes into it what a person does.

    `edited`: some value or mode changed. `mend_requested(Issue, value)`, `look_again_requested`.
    `reset_requested(keys, what)`: the file's values of these fields, please; `what` names the step.
    `menu_requested(keys, point)`: what can be done with a row's fields, there on the screen.
    """

    edited = Signal()
    mend_requested = Signal(object, object)
    look_again_requested = Signal()
    validity_changed = Signal()
    reset_requested = Signal(object, str)
    menu_requested = Signal(object, QPoint)

    def __init__(
        self, state: FormState, context: Context, pasted_folder: Path | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.state = state
        self.rows: dict[str, FieldRow] = {}
        self._context = context
        self._pasted_folder = pasted_folder
        self._host_id = ""
        self._issues: dict[str, Issue] = {}
        self._drop = ResultDrop(context, self)
        self._drop.found.connect(self._take)
        self._found: str | None = None  # what somebody looks for
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, 4, MARGIN, 16)
        column.setSpacing(10)
        form = state.form
        essentials = [field for key in form.essentials if (field := form.get(key)) is not None]
        self.essentials = FieldGrid(essentials, context, self._row_made, self)
        column.addWidget(self.essentials)
        self.own = Sections(own_groups, form, context, self)
        column.addWidget(self.own)
        self.outputs: OutputsGroup | None = None
        if len(form.outputs) > 1:
            self.outputs = OutputsGroup(state, context, self)
            self.outputs.toggled.connect(self._output_toggled)
            column.addWidget(self.outputs)
        self.advanced = AdvancedSection(form, context, self)
        column.addWidget(self.advanced)
        self.hidden = Sections(hidden_group, form, context, self)
        column.addWidget(self.hidden)
        self._parts = (self.own, self.advanced, self.hidden)
        for part in self._parts:
            part.row_made.connect(self._row_made)
            part.reset_requested.connect(self._ask_reset)
        column.addStretch(1)
        if not essentials and not self.own.groups:
            self.advanced.section.set_open(True)
        self.show_changed()

    def reshape(self) -> None:
        """Show the fields of the state's form, which is another one of the same workflow now."""
        form = self.state.form
        essentials = [field for key in form.essentials if (field := form.get(key)) is not None]
        gone = self.essentials.set_fields(essentials) + [row for part in self._parts for row in part.reshape(form)]
        for row in gone:
            for key in row.keys:
                if self.rows.get(key) is row:
                    del self.rows[key]
        self.refresh(list(self.rows))
        if self._found is not None:
            self.find(self._found)

    def find(self, text: str) -> list[str] | None:
        """Show only the fields that hold all words of this text, all of them without a word. Returns their keys."""
        keys = find.hits(self.state.form, self.state.values, text)
        self._found = None if keys is None else text
        only = None if keys is None else set(keys)
        self.essentials.show_only(only)
        if self.outputs is not None:
            self.outputs.setVisible(only is None)
        for part in self._parts:
            part.show_only(only, opens=len(keys or ()) <= OPENED)
        return keys

    def set_host(self, host_id: str) -> None:
        """Whose input files can be picked and seen; "" for none."""
        self._host_id = host_id
        for editor in self._uploads():
            editor.set_host(host_id)

    def set_right_margin(self, taken: int) -> None:
        """`taken`: what a scroll bar takes of the margin at the right."""
        margins = self.layout().contentsMargins()
        margins.setRight(max(0, MARGIN - taken))
        self.layout().setContentsMargins(margins)

    def refresh(self, keys: Iterable[str]) -> None:
        """Show the state's values of these fields."""
        keys = list(keys)
        self._show_pictures(keys)
        for key in keys:
            row = self.rows.get(key)
            if row is not None and key in self.state.values:
                row.set_value(key, self.state.values[key])
                self._show_mode(row, key)
        if self.outputs is not None:
            self.outputs.refresh()
        self.show_changed()

    def show_changed(self) -> None:
        """Dots and counts of what differs from the file."""
        changed = set(self.state.changed())
        for row in dict.fromkeys(self.rows.values()):
            row.set_changed(changed)
        for part in self._parts:
            part.set_changed(changed)
        self._show_off()

    def set_issues(self, issues: Iterable[Issue]) -> None:
        """Say what is wrong under the fields."""
        fresh = {issue.key: issue for issue in reversed(list(issues)) if issue.key}
        for key in self._issues.keys() - fresh.keys():
            if key in self.rows:
                self.rows[key].set_issue(key, None)
        for key, issue in fresh.items():
            if key in self.rows and self._issues.get(key) != issue:
                self.rows[key].set_issue(key, issue)
        self._issues = fresh
        for part in self._parts:
            part.set_wrong({key for key, issue in fresh.items() if issue.severity != "note"})

    def reveal(self, key: str) -> FieldRow | None:
        """Open what holds a field; the keyboard stays where it is. Returns its row."""
        if key not in self.rows:
            for part in self._parts:
                part.reveal(key)
        return self.rows.get(key)

    def jump(self, key: str) -> FieldRow | None:
        """Open what holds a field and put the keyboard there. Returns its row."""
        if key == OUTPUTS and self.outputs is not None:
            self.outputs.jump()
            return None
        row = self.reveal(key)
        if row is not None:
            # Its place is known after the layouts have run.
            QTimer.singleShot(0, row, lambda: row.jump(key))
        return row

    def broken(self) -> list[tuple[str, str]]:
        """Fields whose text is no value: (key, why)."""
        return [(row.keys[0], row.problem) for row in dict.fromkeys(self.rows.values()) if row.problem]

    def _row_made(self, row: FieldRow) -> None:
        for key, editor in row.editors.items():
            self.rows[key] = row
            if isinstance(editor, UploadEditor):
                editor.pasted_folder = self._pasted_folder
                editor.may_be_empty = key in self.state.form.branches
            if key in self.state.values:
                row.set_value(key, self.state.values[key])
            if isinstance(editor, UploadEditor):
                editor.set_host(self._host_id)
            if isinstance(editor, BoxEditor) and row.field.picture:
                editor.look_at(self.state.values.get(row.field.picture), self._host_id)
            self._show_mode(row, key)
            if key in self._issues:
                row.set_issue(key, self._issues[key])
        row.set_changed({key for key in row.editors if self.state.is_changed(key)})
        if isinstance(row, SizeRow):
            row.family_of = lambda size: shapes.family_of(self.state.form, self.state.values, size)
            row.sized.connect(self._sized)
        row.edited.connect(self._edited)
        row.mode_edited.connect(self._mode_edited)
        row.reset_requested.connect(self._reset)
        row.mend_requested.connect(self.mend_requested)
        row.look_again_requested.connect(self.look_again_requested)
        row.validity_changed.connect(self.validity_changed)
        row.menu_requested.connect(self.menu_requested)
        row.result_dropped.connect(
            lambda keys, item_id: self._drop.take(self.state.form, keys, item_id, self.rows[keys[0]])
        )

    def _take(self, values: Mapping[str, Any]) -> None:
        """Values of a result; a seed stays as it is from now on."""
        keys = [each for key, value in values.items() for each in self.state.set(key, value)]
        for key in keys:
            if key in self.state.modes:
                self.state.set_mode(key, SeedMode.FIXED)
        self.refresh(keys)
        self.edited.emit()

    def _uploads(self) -> list[UploadEditor]:
        editors = [row.editors[key] for key, row in self.rows.items()]
        return [editor for editor in editors if isinstance(editor, UploadEditor)]

    def _show_off(self) -> None:
        """Say of media fields that what they feed is left out."""
        if self.state.form.branches:
            off = branches.off(self.state.form, self.state.values)
            for editor in self._uploads():
                editor.set_off(editor.field.key in off)

    def _edited(self, key: str, value: Any) -> None:
        self._others(key, self.state.set(key, value))

    def _sized(self, values: Mapping[str, int]) -> None:
        """Width and height at once: one step."""
        for key, value in values.items():
            self.state.set(key, value)
        self.edited.emit()

    def _mode_edited(self, key: str, mode: SeedMode) -> None:
        self._others(key, self.state.set_mode(key, mode))
        for each in self.state.shared(key):
            if each in self.rows:
                self._show_mode(self.rows[each], each)

    def _output_toggled(self, node_id: str, ticked: bool) -> None:
        (self.state.skipped.discard if ticked else self.state.skipped.add)(node_id)
        self.outputs.refresh()
        self.edited.emit()

    def _show_pictures(self, keys: list[str]) -> None:
        """Boxes are drawn on the pictures that these fields hold now."""
        for row in self.rows.values():
            if row.field.picture in keys:
                for editor in row.editors.values():
                    if isinstance(editor, BoxEditor):
                        editor.look_at(self.state.values.get(row.field.picture), self._host_id)

    def _others(self, key: str, keys: list[str]) -> None:
        self.refresh(each for each in keys if each != key)
        self._show_pictures([key])
        if key in self.rows:
            self._show_mode(self.rows[key], key)
        self.edited.emit()

    def _reset(self, key: str) -> None:
        field = self.state.form.get(key)
        self._ask_reset([key], field.label if field is not None else "")

    def _ask_reset(self, keys: list[str], title: str) -> None:
        self.reset_requested.emit(keys, self.tr("reset of {what}").format(what=title))

    def _show_mode(self, row: FieldRow, key: str) -> None:
        editor = row.editors[key]
        if isinstance(editor, SeedEditor) and row.field.kind is Kind.SEED:
            editor.set_mode(self.state.modes[key])
            name = row.field.label
            row.set_caption(self.tr("{seed} · last used").format(seed=name) if key in self.state.used else name)
