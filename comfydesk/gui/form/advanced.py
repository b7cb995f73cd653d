"""The fields that are not essential, folded away: one group a node, made when it is first opened."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from comfydesk.form.fields import Form, Group, Kind
from comfydesk.form.find import FROM
from comfydesk.gui.context import Context
from comfydesk.gui.form.field_row import FieldRow
from comfydesk.gui.form.node_group import NodeGroup, count_note
from comfydesk.gui.widgets.collapsible import CollapsibleSection


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
        self._places: QVBoxLayout | None = None  # once it was opened
        self._folded = False  # many groups: each opens by itself
        self._only: set[str] | None = None
        self._was_open = False  # before the search
        self._changed: set[str] = set()
        self._wrong: set[str] = set()
        self._say()
        if not self.count:
            self.hide()  # and never shown by hand: without a parent yet, it would be a window for a moment

    def _take(self, form: Form) -> None:
        self._groups = [group for group in form.groups if not group.is_own]
        essential = set(form.essentials)
        self._fields = {
            group.node_id: [
                field for key in group.keys if key not in essential and (field := form.get(key)) is not None
            ]
            for group in self._groups
        }
        self.count = sum(field.kind is not Kind.LINK for fields in self._fields.values() for field in fields)
        self._own = {field.key for fields in self._fields.values() for field in fields}

    def reshape(self, form: Form) -> list[FieldRow]:
        """Show the groups of another form of the same workflow. Returns the rows that are gone."""
        self._take(form)
        gone: list[FieldRow] = []
        if self._places is not None:
            before = {made.group.node_id: made for made in self.groups}
            self.groups = []
            for group in filter(self._is_shown, self._groups):
                made = before.pop(group.node_id, None)
                if made is None:
                    self._add(group, len(self.groups))
                else:
                    gone += made.set_fields(self._fields[group.node_id])
                    self._places.insertWidget(len(self.groups), made)
                    self.groups.append(made)
            for made in before.values():
                gone += made.set_fields([])
                made.hide()
                made.deleteLater()
        self.setHidden(not self.count)
        self._say()
        return gone

    def fill(self) -> None:
        """Make the groups, once; where they are many, each is folded and makes its own rows when it is opened."""
        if self._places is not None:
            return
        self._places = QVBoxLayout(self.section.body)
        self._places.setContentsMargins(0, 0, 0, 0)
        self._places.setSpacing(6)
        self._folded = self.count >= FROM
        for place, group in enumerate(filter(self._is_shown, self._groups)):
            self._add(group, place)

    def _is_shown(self, group: Group) -> bool:
        return any(field.kind is not Kind.LINK for field in self._fields[group.node_id])

    def _add(self, group: Group, place: int) -> None:
        fields = self._fields[group.node_id]
        made = NodeGroup(
            group, fields, self._context, self.row_made.emit, folded=self._folded, parent=self.section.body
        )
        self.groups.append(made)
        self._places.insertWidget(place, made)
        made.reset_requested.connect(self.reset_requested)
        made.set_changed(self._changed)
        made.set_wrong(self._wrong)
        if not self._folded:
            made.fill()

    def show_only(self, keys: set[str] | None, *, opens: bool = True) -> None:
        """Show what a search found (None: no search, as it was before); without a hit it goes away.

        `opens`: also unfold the nodes, which makes their rows.
        """
        own = None if keys is None else keys & self._own
        if own is not None and self._only is None:
            self._was_open = self.section.is_open
        if own is None and self._only is not None:
            self.section.set_open(self._was_open)
        self._only = own
        self.setVisible(bool(self.count) and (own is None or bool(own)))
        if own:
            self.section.set_open(True)
        for group in self.groups:
            group.show_only(own, opens=opens)

    def reveal(self, key: str) -> None:
        """Open what holds this field."""
        if key not in self._own:
            return
        self.section.set_open(True)
        for group in self.groups:
            if group.holds(key):
                group.open()

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
