""" "Arrange the form": all fields beside the form itself, which shows each change at once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from comfydesk.base.errors import Problem
from comfydesk.form import rearrange
from comfydesk.form.fields import Form
from comfydesk.form.profile import Profile
from comfydesk.form.profile_file import ENDING
from comfydesk.form.rearrange import FIRST, HIDDEN, Section, Spot
from comfydesk.gui.context import Context
from comfydesk.gui.form.profile.arranger import Arranger
from comfydesk.gui.form.profile.details import FieldDetails, Said, taken
from comfydesk.gui.form.profile.tree import ArrangeTree
from comfydesk.gui.widgets.buttons import Button, button
from comfydesk.gui.widgets.labels import label
from comfydesk.gui.widgets.problem_line import ProblemLine

DETAILS = 260  # pixels beside the tree


class ArrangeDialog(QDialog):
    """Stays open beside the form; gone when it is closed."""

    def __init__(self, context: Context, arranger: Arranger, engine: object, parent: QWidget) -> None:
        super().__init__(parent)
        self._context, self._arranger, self._engine = context, arranger, engine
        self._to_name = -1  # the group that was just made
        self.setWindowTitle(self.tr("Arrange the form"))
        self.finished.connect(self.deleteLater)
        self.resize(920, 620)
        self.heading = label("", "heading")
        self.tree = ArrangeTree()
        self.details = FieldDetails()
        self.problem = ProblemLine(context.icons)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(10)
        column.addWidget(self.heading)
        hint = self.tr(
            "Drag fields where they shall be. Space: shown first · Delete: hidden · F2: name · Alt+↑ ↓: up and down"
        )
        column.addWidget(label(hint, "small", wrap=True))
        middle = QHBoxLayout()
        middle.setSpacing(20)
        left = QVBoxLayout()
        left.setSpacing(10)
        left.addWidget(self.tree, 1)
        left.addLayout(self._moves())
        middle.addLayout(left, 1)
        self.details.setFixedWidth(DETAILS)
        middle.addWidget(self.details, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(middle, 1)
        column.addWidget(self.problem)
        column.addLayout(self._foot())
        self._connect()
        self._refresh()

    def select(self, key: str) -> None:
        self.tree.select(key)

    def _moves(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        icons = self._context.icons
        self.up = button("", "quiet", icon=icons.icon("arrow-up", "muted"), clicked=lambda: self.tree.step(-1))
        self.down = button("", "quiet", icon=icons.icon("arrow-down", "muted"), clicked=lambda: self.tree.step(1))
        for made, words in ((self.up, self.tr("Move up")), (self.down, self.tr("Move down"))):
            made.setAccessibleName(words)
            made.setToolTip(words)
        self.first = button(self.tr("Show first"), "quiet", clicked=lambda: self.tree.toggle(FIRST))
        self.hide_it = button(self.tr("Hide"), "quiet", clicked=lambda: self.tree.toggle(HIDDEN))
        self.group = button(self.tr("New group"), "quiet", clicked=self._new_group)
        self.ungroup = button(self.tr("Remove group"), "quiet", clicked=self._remove_group)
        for made in (self.up, self.down, self.first, self.hide_it, self.group, self.ungroup):
            row.addWidget(made)
        row.addStretch(1)
        return row

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self.usual = self._button(self.tr("Back to the default"), self._arranger.back_to_usual)
        self.undo = self._button(self.tr("Undo"), self._arranger.undo)
        self.redo = self._button(self.tr("Redo"), self._arranger.redo)
        self.importing = self._button(self.tr("Import…"), self._import)
        self.exporting = self._button(self.tr("Export…"), self._export)
        for made in (self.usual, self.undo, self.redo, self.importing, self.exporting):
            row.addWidget(made)
        row.addStretch(1)
        close = button(self.tr("Done"), "primary", clicked=self.accept)
        close.setAutoDefault(False)
        row.addWidget(close)
        return row

    def _button(self, words: str, clicked: Callable[[], object]) -> Button:
        made = button(words, "quiet", clicked=clicked)
        made.setAutoDefault(False)
        return made

    def _connect(self) -> None:
        tree, change = self.tree, self._arranger.change
        tree.placed.connect(lambda keys, spot, before: change(lambda p, f: rearrange.place(p, f, keys, spot, before)))
        tree.stepped.connect(lambda key, by: change(lambda p, f: rearrange.step(p, f, key, by)))
        tree.group_stepped.connect(lambda number, by: change(lambda p, _: rearrange.step_group(p, number, by)))
        tree.renamed.connect(lambda key, text: change(lambda p, _: rearrange.relabel(p, key, text)))
        tree.group_renamed.connect(lambda number, text: change(lambda p, _: rearrange.rename_group(p, number, text)))
        tree.chosen.connect(self._chosen)
        self.details.edited.connect(self._take_details)
        self._arranger.arranged.connect(self._refresh)
        self._arranger.failed.connect(self._failed)
        for keys, act in (
            (QKeySequence.StandardKey.Undo, self._arranger.undo),
            (QKeySequence("Ctrl+Shift+Z"), self._arranger.redo),
            (QKeySequence("Ctrl+G"), self._new_group),
        ):
            QShortcut(keys, self).activated.connect(act)

    def _refresh(self) -> None:
        workflow = self._arranger.workflow
        if workflow is None:
            self.close()
            return
        self.heading.setText(self.tr("Arrange the form of {workflow}").format(workflow=workflow.entry.title))
        self.tree.show_form(workflow.form)
        if self._to_name >= 0:
            self.tree.edit_group(self._to_name)
            self._to_name = -1
        self.undo.setEnabled(self._arranger.can_undo)
        self.redo.setEnabled(self._arranger.can_redo)
        self.usual.setEnabled(not self._arranger.is_usual)

    def _chosen(self, key: str) -> None:
        workflow = self._arranger.workflow
        if self.details.is_changed:
            self._take_details()
        if workflow is not None:
            self.details.show_field(workflow.form.get(key), workflow.profile)
        line = self.tree.current_line()
        is_group = line is not None and not line.key and line.spot.section is Section.GROUP
        self.ungroup.setEnabled(is_group)
        for made in (self.up, self.down):
            made.setEnabled(is_group or bool(key))
        for made in (self.first, self.hide_it):
            made.setEnabled(bool(key))

    def _take_details(self) -> None:
        field, said = self.details.field, self.details.said()
        if field is not None:
            key: str = field.key

            def step(profile: Profile, _form: object, key: str = key, said: Said = said) -> Profile:
                return taken(profile, key, said)

            self._arranger.change(step)

    def _new_group(self) -> None:
        """A group with the selected fields in it, its name ready to be typed."""
        keys, title = self.tree.selected_keys(), self.tr("New group")

        def made(profile: Profile, form: Form) -> Profile:
            number = self._to_name = len(profile.groups)
            after = rearrange.add_group(profile, title)
            return rearrange.place(after, form, keys, Spot(Section.GROUP, number)) if keys else after

        self._arranger.change(made)

    def _remove_group(self) -> None:
        line = self.tree.current_line()
        if line is not None and line.spot.section is Section.GROUP and not line.key:
            self._arranger.change(lambda profile, _: rearrange.remove_group(profile, line.spot.group))

    def _import(self) -> None:
        files = QFileDialog(self, self.tr("Import an arrangement"))
        files.setFileMode(QFileDialog.FileMode.ExistingFile)
        files.setNameFilter(self.tr("Arrangements of forms ({ending})").format(ending=f"*{ENDING} *.json"))
        files.fileSelected.connect(self.import_file)
        files.finished.connect(files.deleteLater)
        files.open()

    def import_file(self, path: str) -> None:
        """Take the arrangement in a file; one step, which can be undone."""
        self.problem.clear()
        self._context.bridge.run(
            self._engine.read_profile,
            path,
            then=lambda found: self._arranger.change(lambda _profile, _form: found),
            failed=self._failed,
        )

    def _export(self) -> None:
        workflow = self._arranger.workflow
        if workflow is None:
            return
        files = QFileDialog(self, self.tr("Export the arrangement"))
        files.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        files.setNameFilter(self.tr("Arrangements of forms ({ending})").format(ending=f"*{ENDING}"))
        files.selectFile(f"{workflow.entry.title}{ENDING}")
        files.fileSelected.connect(self.export_file)
        files.finished.connect(files.deleteLater)
        files.open()

    def export_file(self, path: str) -> None:
        """Write the arrangement that the form has now."""
        workflow = self._arranger.workflow
        if workflow is None:
            return
        self.problem.clear()
        if not path.endswith(".json"):
            path += ENDING
        self._context.bridge.run(
            self._engine.write_profile, path, workflow.profile, workflow.entry.title, failed=self._failed
        )

    def _failed(self, problem: Problem) -> None:
        self.problem.show_problem(problem, (self.tr("Close"), self.problem.clear))

    # Qt

    def keyPressEvent(self, event: object) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()  # ends a line's text, not the dialog
        else:
            super().keyPressEvent(event)
