"""Rows of fields in two columns: short ones side by side, long ones over the whole width."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from comfydesk.form.fields import Field, Kind, Role
from comfydesk.gui.context import Context
from comfydesk.gui.form.field_row import FieldRow
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
        self.rows: list[FieldRow] = []
        self._hidden: set[FieldRow] = set()  # the others come with the grid, all at once
        prompts = 0
        for group in pairs(sorted(fields, key=lambda field: field.kind is Kind.LINK)):
            # Made inside their parent: to move a finished row into the window costs as much as to make it.
            row = SizeRow(*group, context, self) if len(group) == 2 else FieldRow(group[0], context, self)
            editor = next(iter(row.editors.values()))
            if isinstance(editor, MultilineEditor):
                prompts += 1
                if prompts > OPEN_PROMPTS:
                    editor.collapse()
            made(row)
            self.rows.append(row)
        self.show_only(None)

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


def pairs(fields: Iterable[Field]) -> list[tuple[Field, ...]]:
    """Fields as rows: width and height of one node are one row, at the place of the first of them."""
    found: list[tuple[Field, ...]] = []
    for field in fields:
        last = found[-1] if found else ()
        if len(last) == 1 and _is_size(last[0], field):
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
