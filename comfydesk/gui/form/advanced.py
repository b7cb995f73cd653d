"""The fields that are not essential, folded away: one group a node, made when it is first opened."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from comfydesk.form.fields import Field, Form, Group, Kind
from comfydesk.gui.context import Context
from comfydesk.gui.form.editor import RING
from comfydesk.gui.form.field_grid import FieldGrid
from comfydesk.gui.form.field_row import FieldRow
from comfydesk.gui.queue.words import counted
from comfydesk.gui.widgets.buttons import button
from comfydesk.gui.widgets.collapsible import CollapsibleSection
from comfydesk.gui.widgets.labels import label, set_plain_tooltip

# More fields than this are not read from top to bottom: one looks for a name.
SEARCH_FROM = 13


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
        self.show_only(None)
        self._say()
        return gone

    def show_only(self, keys: set[str] | None) -> None:
        """Show what a search found (None: no search); a group without a hit goes away."""
        own = None if keys is None else keys.intersection(field.key for field in self.fields)
        self._only = own
        self.setVisible(own is None or bool(own))
        if self.grid is not None:
            self.grid.show_only(own)
        if own and self.section is not None:
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


class AdvancedSection(QWidget):
    """ "Advanced · 12 fields · 2 changed" and what is under it. `row_made` gives each row when it is made.

    `reset_requested(keys, title)`: the changed fields of one group.
    """

    row_made = Signal(object)
    reset_requested = Signal(object, str)

    def __init__(self, form: Form, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._take(form)
        self.groups: list[NodeGroup] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.section = CollapsibleSection(context.icons, self.tr("Advanced"), parent=self)
        self.section.toggled.connect(lambda is_open: self.fill() if is_open else None)
        column.addWidget(self.section)
        self.search: QLineEdit | None = None
        self._folded = False  # many groups: each opens by itself
        self._changed: set[str] = set()
        self._wrong: set[str] = set()
        self._say()
        if not self.count:
            self.hide()  # and never shown by hand: without a parent yet, it would be a window for a moment

    def _take(self, form: Form) -> None:
        self._form = form
        essential = set(form.essentials)
        self._fields = {
            group.node_id: [
                field for key in group.keys if key not in essential and (field := form.get(key)) is not None
            ]
            for group in form.groups
        }
        self.count = sum(field.kind is not Kind.LINK for fields in self._fields.values() for field in fields)
        self._own = {field.key for fields in self._fields.values() for field in fields}

    def reshape(self, form: Form) -> list[FieldRow]:
        """Show the groups of another form of the same workflow. Returns the rows that are gone."""
        self._take(form)
        gone: list[FieldRow] = []
        if self.groups:
            shown = {made.group.node_id: made for made in self.groups}
            for group in form.groups:
                made = shown.pop(group.node_id, None)
                if made is not None:
                    gone += made.set_fields(self._fields[group.node_id])
                elif self._is_shown(group):
                    self._add(group)
            for made in shown.values():
                gone += made.set_fields([])
                self.groups.remove(made)
                made.hide()
                made.deleteLater()
        self.setHidden(not self.count)
        self._say()
        return gone

    def fill(self) -> None:
        """Make the groups, once; where they are many, each is folded and makes its own rows when it is opened."""
        if self.groups:
            return
        column = QVBoxLayout(self.section.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self._folded = self.count >= SEARCH_FROM
        if self._folded:
            self.search = QLineEdit()
            self.search.setProperty("kind", "search")
            self.search.setPlaceholderText(self.tr("Find a field"))
            self.search.setClearButtonEnabled(True)
            glass = self._context.icons.icon("search", "muted")
            self.search.addAction(glass, QLineEdit.ActionPosition.LeadingPosition)
            self.search.textChanged.connect(self.find)
            holder = QVBoxLayout()
            holder.setContentsMargins(RING, 0, RING, 0)
            holder.addWidget(self.search)
            column.addLayout(holder)
        self._places = QVBoxLayout()
        self._places.setSpacing(6)
        column.addLayout(self._places)
        for group in self._form.groups:
            if self._is_shown(group):
                self._add(group)
        self.nothing = label(self.tr("No field has that name."), "muted")
        self.nothing.hide()
        column.addWidget(self.nothing)

    def _is_shown(self, group: Group) -> bool:
        return any(field.kind is not Kind.LINK for field in self._fields[group.node_id])

    def _add(self, group: Group) -> None:
        fields = self._fields[group.node_id]
        made = NodeGroup(
            group, fields, self._context, self.row_made.emit, folded=self._folded, parent=self.section.body
        )
        self.groups.append(made)
        self._places.addWidget(made)
        made.reset_requested.connect(self.reset_requested)
        made.set_changed(self._changed)
        made.set_wrong(self._wrong)
        if not self._folded:
            made.fill()

    def find(self, text: str) -> None:
        """Show the fields whose label, input or node holds all the words."""
        words = text.casefold().split()
        keys: set[str] | None = None
        if words:
            keys = {
                field.key
                for group in self.groups
                for field in group.fields
                if all(word in f"{field.label} {field.input_name} {group.group.title}".casefold() for word in words)
            }
        for group in self.groups:
            group.show_only(keys)
            if keys is None and group.section is not None:
                group.section.set_open(False)
        self.nothing.setVisible(keys is not None and not keys)

    def reveal(self, key: str) -> None:
        """Open what holds this field."""
        self.section.set_open(True)
        for group in self.groups:
            if any(field.key == key for field in group.fields):
                if self.search is not None and self.search.text():
                    self.search.clear()
                if group.section is not None:
                    group.section.set_open(True)
                group.fill()

    def set_changed(self, keys: set[str]) -> None:
        """Count the changed fields in the headings."""
        self._changed = keys & self._own
        self._say()
        for group in self.groups:
            group.set_changed(self._changed)

    def set_wrong(self, keys: set[str]) -> None:
        """Count the fields with something to mend in the headings."""
        self._wrong = keys & self._own
        self._say()
        for group in self.groups:
            group.set_wrong(self._wrong)

    def _say(self) -> None:
        self.section.set_note(count_note(self, self.count, len(self._changed), len(self._wrong)))


def count_note(widget: QWidget, fields: int, changed: int, wrong: int) -> str:
    """ "6 fields · 2 changed · 1 to mend"."""
    parts = [counted(fields, widget.tr("field"), widget.tr("fields"))]
    if changed:
        parts.append(widget.tr("{n} changed").format(n=changed))
    if wrong:
        parts.append(widget.tr("{n} to mend").format(n=wrong))
    return " · ".join(parts)
