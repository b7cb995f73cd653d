"""The fields that are not essential, folded away: one group a node, made when it is first opened."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from comfydesk.form.fields import Field, Form, Group, Kind
from comfydesk.gui.context import Context
from comfydesk.gui.form.editor import RING
from comfydesk.gui.form.field_grid import FieldGrid
from comfydesk.gui.form.field_row import FieldRow
from comfydesk.gui.queue.words import counted
from comfydesk.gui.widgets.collapsible import CollapsibleSection
from comfydesk.gui.widgets.labels import label

# More fields than this are not read from top to bottom: one looks for a name.
SEARCH_FROM = 13


class NodeGroup(QWidget):
    """The fields of one node. Folded, or below a plain heading where there are few groups."""

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
            column.addWidget(heading)
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
        self._say()

    def set_wrong(self, keys: set[str]) -> None:
        """Fields with something to mend: a folded group must not hide them."""
        self._wrong = len(keys.intersection(field.key for field in self.fields))
        self._say()

    def _say(self) -> None:
        if self.section is not None:
            editable = sum(field.kind is not Kind.LINK for field in self.fields)
            self.section.set_note(count_note(self, editable, self._changed, self._wrong))


class AdvancedSection(QWidget):
    """ "Advanced · 12 fields · 2 changed" and what is under it. `row_made` gives each row when it is made."""

    row_made = Signal(object)

    def __init__(self, form: Form, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._form = form
        self._context = context
        essential = set(form.essentials)
        self._fields = {
            group.node_id: [
                field for key in group.keys if key not in essential and (field := form.get(key)) is not None
            ]
            for group in form.groups
        }
        self.count = sum(field.kind is not Kind.LINK for fields in self._fields.values() for field in fields)
        self._own = {field.key for fields in self._fields.values() for field in fields}
        self.groups: list[NodeGroup] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.section = CollapsibleSection(context.icons, self.tr("Advanced"), parent=self)
        self.section.toggled.connect(lambda is_open: self.fill() if is_open else None)
        column.addWidget(self.section)
        self.search: QLineEdit | None = None
        self._changed: set[str] = set()
        self._wrong: set[str] = set()
        self._say()
        if not self.count:
            self.hide()  # and never shown by hand: without a parent yet, it would be a window for a moment

    def fill(self) -> None:
        """Make the groups, once; where they are many, each is folded and makes its own rows when it is opened."""
        if self.groups:
            return
        column = QVBoxLayout(self.section.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        many = self.count >= SEARCH_FROM
        if many:
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
        for group in self._form.groups:
            fields = self._fields[group.node_id]
            if any(field.kind is not Kind.LINK for field in fields):
                made = NodeGroup(
                    group, fields, self._context, self.row_made.emit, folded=many, parent=self.section.body
                )
                self.groups.append(made)
                column.addWidget(made)
                made.set_changed(self._changed)
                made.set_wrong(self._wrong)
                if not many:
                    made.fill()
        self.nothing = label(self.tr("No field has that name."), "muted")
        self.nothing.hide()
        column.addWidget(self.nothing)

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
