"""Groups of fields that a person made, and the fields that a person hid: sections of the form beside "Advanced"."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from comfydesk.form.fields import Field, Form, Group
from comfydesk.gui.context import Context
from comfydesk.gui.form.field_row import FieldRow
from comfydesk.gui.form.node_group import NodeGroup

GroupsOf = Callable[[Form], Sequence[Group]]


def own_groups(form: Form) -> list[Group]:
    """The person's groups that have a field here."""
    return [group for group in form.groups if group.is_own and group.keys]


def hidden_group(form: Form) -> list[Group]:
    """The hidden fields as one group, so that they can be found again."""
    title = NodeGroup.tr("Hidden")
    return [Group("hidden", title, "", form.hidden, is_own=True)] if form.hidden else []


class Sections(QWidget):
    """Folded sections, one a group. `row_made(row)` when a row is made; `reset_requested(keys, title)`."""

    row_made = Signal(object)
    reset_requested = Signal(object, str)

    def __init__(self, groups_of: GroupsOf, form: Form, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._groups_of = groups_of
        self._context = context
        self._changed: set[str] = set()
        self._wrong: set[str] = set()
        self.groups: dict[str, NodeGroup] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self.reshape(form)

    def reshape(self, form: Form) -> list[FieldRow]:
        """Show the groups of this form. Returns the rows that are gone."""
        gone: list[FieldRow] = []
        before, self.groups = self.groups, {}
        for place, group in enumerate(self._groups_of(form)):
            fields = [field for key in group.keys if (field := form.get(key)) is not None]
            made = before.pop(group.node_id, None)
            if made is None:
                made = self._make(group, fields)
            else:
                gone += made.set_fields(fields)
                made.set_title(group.title)
            self._column.insertWidget(place, made)
            self.groups[group.node_id] = made
        for made in before.values():
            gone += made.set_fields([])
            made.hide()
            made.deleteLater()
        self.setHidden(not self.groups)
        return gone

    def reveal(self, key: str) -> None:
        """Open what holds this field."""
        for made in self.groups.values():
            if made.holds(key):
                made.open()

    def show_only(self, keys: set[str] | None, *, opens: bool = True) -> None:
        """Show what a search found (None: no search)."""
        for made in self.groups.values():
            made.show_only(keys, opens=opens)

    def set_changed(self, keys: set[str]) -> None:
        self._changed = keys
        for made in self.groups.values():
            made.set_changed(keys)

    def set_wrong(self, keys: set[str]) -> None:
        self._wrong = keys
        for made in self.groups.values():
            made.set_wrong(keys)

    def _make(self, group: Group, fields: list[Field]) -> NodeGroup:
        made = NodeGroup(group, fields, self._context, self.row_made.emit, folded=True, parent=self)
        made.reset_requested.connect(self.reset_requested)
        made.set_changed(self._changed)
        made.set_wrong(self._wrong)
        return made
