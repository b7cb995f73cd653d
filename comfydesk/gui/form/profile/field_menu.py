"""What can be done with one field's place, name, range and help, from its label in the form."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QDialog, QMenu, QWidget

from comfydesk.form import rearrange
from comfydesk.form.fields import Field, Form, Kind
from comfydesk.form.rearrange import ADVANCED, FIRST, HIDDEN, USUAL, Section
from comfydesk.gui.context import Context
from comfydesk.gui.form.profile.arranger import Arranger
from comfydesk.gui.form.profile.details import FieldDetails, Part
from comfydesk.gui.library.dialog import Dialog
from comfydesk.gui.widgets.buttons import menu

Done = Callable[[str], object]


class FieldDialog(Dialog):
    """Name, range and help of one field."""

    def __init__(self, context: Context, arranger: Arranger, field: Field, part: Part, parent: QWidget) -> None:
        super().__init__(context, parent, field.label)
        self._arranger = arranger
        self.setMinimumWidth(400)
        self.details = FieldDetails()
        workflow = arranger.workflow
        if workflow is not None:
            self.details.show_field(field, workflow.profile)
        self.body.addWidget(self.details)
        self.add_button(self.tr("Cancel"), self.reject)
        self.add_button(self.tr("Save"), self._save, "primary")
        self.details.begin(part)

    def _save(self) -> None:
        if self.details.said().problem:
            return
        self._arranger.change(self.details.applied)
        self.accept()


class FieldMenu:
    """Opens the menu of a field; `done(sentence)` tells what was done, so that it can be taken back."""

    def __init__(
        self, context: Context, arranger: Arranger, parent: QWidget, arrange: Callable[[str], object], done: Done
    ) -> None:
        self._context, self._arranger, self._parent = context, arranger, parent
        self._arrange, self._done = arrange, done

    def open(self, keys: Sequence[str], point: QPoint) -> QMenu | None:
        """`keys`: the fields of the row; width and height share one. `point`: on the screen."""
        workflow = self._arranger.workflow
        fields = rearrange.editable(workflow.form, keys) if workflow is not None else []
        if workflow is None or not fields:
            return None
        made = menu(self._parent)
        made.aboutToHide.connect(made.deleteLater)
        self._edits(made, fields)
        made.addSeparator()
        self._places(made, workflow.form, fields)
        made.addSeparator()
        made.addAction(made.tr("Arrange the form…")).triggered.connect(lambda: self._arrange(fields[0].key))
        made.popup(point)
        return made

    def _edits(self, made: QMenu, fields: Sequence[Field]) -> None:
        for field in fields:
            inner = made
            if len(fields) > 1:
                inner = menu(made)
                inner.setTitle(_plain(field.label))
                made.addMenu(inner)
            parts = [(Part.NAME, made.tr("Rename…")), (Part.HELP, made.tr("Help…"))]
            if field.kind in (Kind.INT, Kind.FLOAT):
                parts.insert(1, (Part.RANGE, made.tr("Range…")))
            for part, words in parts:
                inner.addAction(words).triggered.connect(lambda _=False, field=field, part=part: self.edit(field, part))

    def _places(self, made: QMenu, form: Form, fields: Sequence[Field]) -> None:
        keys, name = [field.key for field in fields], _names(fields)
        spot = rearrange.spot_of(form, keys[0])

        def add(words: str, to: rearrange.Spot, said: str) -> None:
            made.addAction(words).triggered.connect(lambda: self._place(keys, to, said.format(field=name)))

        if spot == HIDDEN:
            add(made.tr("Show again"), USUAL, made.tr("{field} is shown again"))
            return
        if spot == FIRST:
            add(made.tr("Move to Advanced"), ADVANCED, made.tr("{field} is in Advanced now"))
        else:
            add(made.tr("Make essential"), FIRST, made.tr("{field} is shown first now"))
        if spot.section is Section.GROUP:
            add(made.tr("Take out of this group"), USUAL, made.tr("{field} is in no group now"))
        for number, group in enumerate(group for group in form.groups if group.is_own):
            if spot.group != number:
                words = made.tr("Move to {group}").format(group=_plain(group.title))
                add(words, rearrange.Spot(Section.GROUP, number), made.tr("{field} is in another group now"))
        add(made.tr("Hide"), HIDDEN, made.tr("{field} is hidden"))

    def edit(self, field: Field, part: Part) -> QDialog:
        """Ask for one field's name, range or help."""
        dialog = FieldDialog(self._context, self._arranger, field, part, self._parent.window())
        dialog.open()
        return dialog

    def _place(self, keys: Sequence[str], spot: rearrange.Spot, said: str) -> None:
        self._arranger.change(lambda profile, form: rearrange.place(profile, form, keys, spot))
        self._done(said)


def _names(fields: Sequence[Field]) -> str:
    return ", ".join(field.label for field in fields)


def _plain(text: str) -> str:
    return text.replace("&", "&&")
