"""Rows of fields in two columns: short ones side by side, long ones over the whole width."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QGridLayout, QWidget

from comfydesk.form.fields import Field, Kind, Role
from comfydesk.gui.context import Context
from comfydesk.gui.form.field_row import FieldRow
from comfydesk.gui.form.lora_row import LoraRow, members
from comfydesk.gui.form.size_row import SizeRow
from comfydesk.gui.form.text_editors import MultilineEditor

# The first two prompts stand open; the rest are one line each until they are used.
OPEN_PROMPTS = 2


class FieldGrid(QWidget):
    """Lays out the rows of some fields; `show_only` leaves those that a search found."""

    def __init__(
        self,
        fields: Iterable[Field],
        context: Context,
        made: Callable[[FieldRow], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1)
        self._context = context
        self._made = made
        self.rows: list[FieldRow] = []
        self._shown_fields: dict[tuple[str, ...], tuple[Field, ...]] = {}  # by the keys of each row
        self._hidden: set[FieldRow] = set()  # the others come with the grid, all at once
        self.set_fields(fields)

    def set_fields(self, fields: Iterable[Field]) -> list[FieldRow]:
        """Show these fields. Rows of fields that stay as they are stay too, with the keyboard and what is typed in
        them. Returns the rows that are gone, which are deleted."""
        before = {row.keys: row for row in self.rows}
        had_rows = bool(before)
        self.rows = []
        prompts = 0
        for group in pairs(sorted(fields, key=lambda field: field.kind is Kind.LINK)):
            keys = tuple(field.key for field in group)
            row = before.pop(keys) if keys in before and self._shown_fields[keys] == group else None
            is_new = row is None
            if row is None:
                # Made inside their parent: to move a finished row into the window costs as much as to make it.
                row = _row_of(group, self._context, self)
            editor = next(iter(row.editors.values()))
            if isinstance(editor, MultilineEditor):
                prompts += 1
                if prompts > OPEN_PROMPTS and is_new:
                    editor.collapse()
            self._shown_fields[keys] = group
            self.rows.append(row)
            if is_new:
                self._made(row)
                if had_rows and len(self.rows) > 1:
                    _follow(self.rows[-2], row)
        gone = list(before.values())
        self._keep_focus(gone)
        for row in gone:
            self._hidden.discard(row)
            row.hide()
            row.deleteLater()
        self.show_only(None)
        return gone

    def _keep_focus(self, gone: list[FieldRow]) -> None:
        """The keyboard goes from a row that is replaced to the one that has its first field now."""
        focus = QApplication.focusWidget()
        left = next((row for row in gone if focus is not None and row.isAncestorOf(focus)), None)
        if left is not None:
            after = next((row for row in self.rows if row.keys[0] == left.keys[0]), None)
            if after is not None:
                after.editors[after.keys[0]].focus_widget().setFocus()

    def show_only(self, keys: set[str] | None) -> int:
        """Lay out the rows with one of these keys (None: all). Returns how many that are."""
        while self._grid.count():
            self._grid.takeAt(0)
        line, column, shown = 0, 0, 0
        for row in self.rows:
            if keys is not None and not keys.intersection(row.keys):
                row.hide()
                self._hidden.add(row)
                continue
            shown += 1
            if row.is_wide and column:
                line, column = line + 1, 0
            self._grid.addWidget(row, line, column, 1, 2 if row.is_wide else 1, Qt.AlignmentFlag.AlignTop)
            if row in self._hidden:
                self._hidden.discard(row)
                row.show()
            if row.is_wide or column:
                line, column = line + 1, 0
            else:
                column = 1
        return shown


def _row_of(group: tuple[Field, ...], context: Context, grid: QWidget) -> FieldRow:
    if group[0].kind is Kind.LORAS:
        return LoraRow(group, context, grid)
    return SizeRow(*group, context, grid) if len(group) == 2 else FieldRow(group[0], context, grid)


def _follow(before: FieldRow, row: FieldRow) -> None:
    """Tab goes from one row to the one below it, also where that was made later than the rest."""
    last = next(iter(reversed(_stops(before))), None)
    for stop in _stops(row):
        if last is not None:
            QWidget.setTabOrder(last, stop)
        last = stop


def _stops(row: FieldRow) -> list[QWidget]:
    tab = Qt.FocusPolicy.TabFocus
    inside = [child for child in row.findChildren(QWidget) if child.window() is row.window()]
    return [child for child in inside if child.focusPolicy() & tab and child.focusProxy() is None]


def pairs(fields: Iterable[Field]) -> list[tuple[Field, ...]]:
    """Fields as rows: width and height of one node are one row, at the place of the first of them; a list of LoRAs is
    one with the fields of its loaders."""
    found: list[tuple[Field, ...]] = []
    for field in fields:
        last = found[-1] if found else ()
        if last and last[0].kind is Kind.LORAS and field.node_id in members(last[0]) and field.kind is not Kind.LINK:
            found[-1] = (*last, field)
        elif len(last) == 1 and _is_size(last[0], field):
            found[-1] = (last[0], field) if last[0].role is Role.WIDTH else (field, last[0])
        else:
            found.append((field,))
    return found


def _is_size(a: Field, b: Field) -> bool:
    return (
        {a.role, b.role} == {Role.WIDTH, Role.HEIGHT}
        and a.node_id == b.node_id
        and a.kind is Kind.INT
        and b.kind is Kind.INT
    )
