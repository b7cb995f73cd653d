"""The fields of one node, or those that a person put together, under a heading that folds."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from comfydesk.form.fields import Field, Group, Kind
from comfydesk.gui.context import Context
from comfydesk.gui.form.editor import RING
from comfydesk.gui.form.field_grid import FieldGrid
from comfydesk.gui.form.field_row import FieldRow
from comfydesk.gui.queue.words import counted
from comfydesk.gui.widgets.buttons import button
from comfydesk.gui.widgets.collapsible import CollapsibleSection
from comfydesk.gui.widgets.labels import label, set_plain_tooltip


class NodeGroup(QWidget):
    """The fields of one node. Folded, or below a plain heading where there are few groups.

    `reset_requested(keys, title)`: put the file's values of these fields back.
    """

    reset_requested = Signal(object, str)

    def __init__(
        self,
        group: Group,
        fields: list[Field],
        context: Context,
        made: Callable[[FieldRow], None],
        *,
        folded: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.group = group
        self.fields = fields
        self._context = context
        self._made = made
        self._only: set[str] | None = None
        self._was_open = False  # before the search
        self.grid: FieldGrid | None = None
        self._changed = self._wrong = 0
        self.reset: QWidget | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self.section: CollapsibleSection | None = None
        if folded:
            self.section = CollapsibleSection(context.icons, group.title, parent=self)
            self.section.toggled.connect(lambda is_open: self.fill() if is_open else None)
            self._inside = self.section.body
            self._home = QVBoxLayout(self._inside)
            self._home.setContentsMargins(0, 0, 0, 6)
            column.addWidget(self.section)
        else:
            heading = label(group.title.upper(), "section")
            heading.setContentsMargins(RING + 1, 6, 0, 0)
            self._heading = QHBoxLayout()
            self._heading.addWidget(heading, 1)
            column.addLayout(self._heading)
            self._inside: QWidget = self
            self._home = column
        self._say()

    def fill(self) -> FieldGrid:
        """Make the rows, once."""
        if self.grid is None:
            self.grid = FieldGrid(self.fields, self._context, self._made, self._inside)
            self.grid.show_only(self._only)
            self._home.addWidget(self.grid)
        return self.grid

    def set_fields(self, fields: list[Field]) -> list[FieldRow]:
        """Show these fields. Returns the rows that are gone."""
        if fields == self.fields:
            return []
        self.fields = fields
        gone = self.grid.set_fields(fields) if self.grid is not None else []
        if self._only is None and self.grid is not None:
            self.grid.show_only(None)
        self._say()
        return gone

    def set_title(self, title: str) -> None:
        """A person gave the group another name."""
        if self.section is not None:
            self.section.set_title(title)

    def holds(self, key: str) -> bool:
        return any(field.key == key for field in self.fields)

    def open(self) -> None:
        """Show its fields."""
        if self.section is not None:
            self.section.set_open(True)
        self.fill()

    def show_only(self, keys: set[str] | None, *, opens: bool = True) -> None:
        """Show what a search found (None: no search, as it was before); a group without a hit goes away.

        `opens`: also unfold it, which makes its rows.
        """
        own = None if keys is None else keys.intersection(field.key for field in self.fields)
        if own is not None and self._only is None:
            self._was_open = self.section is not None and self.section.is_open
        if own is None and self._only is not None and self.section is not None:
            self.section.set_open(self._was_open)
        self._only = own
        self.setVisible(own is None or bool(own))
        if self.grid is not None:
            self.grid.show_only(own)
        if own and opens and self.section is not None:
            self.section.set_open(True)

    def set_changed(self, keys: set[str]) -> None:
        self._changed = len(keys.intersection(field.key for field in self.fields))
        if self._changed and self.reset is None:
            self.reset = self._make_reset()
        if self.reset is not None:
            self.reset.setVisible(self._changed > 0)
        self._say()

    def _make_reset(self) -> QWidget:
        """Most groups are never changed: made when it is first needed."""
        made = button(self.tr("Reset"), "link", clicked=self._ask_reset)
        words = self.tr("Put the file's values of {node} back").format(node=self.group.title)
        set_plain_tooltip(made, words)
        made.setAccessibleName(words)
        if self.section is not None:
            self.section.add_action(made)
        else:
            self._heading.addWidget(made)
        return made

    def _ask_reset(self) -> None:
        self.reset_requested.emit([field.key for field in self.fields], self.group.title)

    def set_wrong(self, keys: set[str]) -> None:
        """Fields with something to mend: a folded group must not hide them."""
        self._wrong = len(keys.intersection(field.key for field in self.fields))
        self._say()

    def _say(self) -> None:
        if self.section is not None:
            editable = sum(field.kind is not Kind.LINK for field in self.fields)
            self.section.set_note(count_note(self, editable, self._changed, self._wrong))


def count_note(widget: QWidget, fields: int, changed: int, wrong: int) -> str:
    """ "6 fields · 2 changed · 1 to mend"."""
    parts = [counted(fields, widget.tr("field"), widget.tr("fields"))]
    if changed:
        parts.append(widget.tr("{n} changed").format(n=changed))
    if wrong:
        parts.append(widget.tr("{n} to mend").format(n=wrong))
    return " · ".join(parts)
