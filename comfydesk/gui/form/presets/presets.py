"""Presets in the form's head: the button, its list, and what can be done with each preset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, QPoint, QTimer
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from comfydesk.form import compare, presets
from comfydesk.form.preset_file import ENDING
from comfydesk.form.presets import Preset, PresetKind
from comfydesk.gui.context import Context
from comfydesk.gui.form.actions import FormAction, FormActions, Section
from comfydesk.gui.form.edits import FormEdits
from comfydesk.gui.form.presets.popup import Notes, PresetPopup
from comfydesk.gui.form.presets.preset_button import PresetButton
from comfydesk.gui.form.presets.shelf import PresetShelf
from comfydesk.gui.form.session import FormSession
from comfydesk.gui.widgets.buttons import menu

REFRESH_AFTER_MS = 150


class Presets(QObject):
    """Lives with the form panel; `button` stands in its head. `open_one` is the dialog that is open, if any."""

    def __init__(
        self, context: Context, session: FormSession, edits: FormEdits, actions: FormActions, panel: QWidget
    ) -> None:
        super().__init__(panel)
        self._context, self._session, self._panel = context, session, panel
        self.shelf = PresetShelf(context, session, edits, self)
        self.button = PresetButton(context)
        self.button.clicked.connect(self.open_list)
        self.popup: PresetPopup | None = None
        self.open_one: QDialog | None = None
        self._later = QTimer(self)  # many letters are typed: the dot need not know at once
        self._later.setSingleShot(True)
        self._later.setInterval(REFRESH_AFTER_MS)
        self._later.timeout.connect(self.refresh)
        self.shelf.changed.connect(self.refresh)
        actions.add(
            Section.KEEP,
            FormAction(lambda: self.tr("Presets…"), self.open_list, self._is_open),
            FormAction(lambda: self.tr("Save as a preset…"), self.save_as, self._is_open, icon="save"),
            FormAction(lambda: self.tr("Import presets…"), self.ask_import, self._is_open, icon="import"),
            FormAction(lambda: self.tr("Export presets…"), self.ask_export, self._has_some, icon="export"),
        )
        self.refresh()

    def form_changed(self) -> None:
        """The form may differ from its preset now, or not any more."""
        if not self._later.isActive():
            self._later.start()

    def refresh(self) -> None:
        """Say on the button what is in the form."""
        self.button.setVisible(self._is_open())
        active = self.shelf.active_preset if self._is_open() else None
        name = active.name if active is not None else ""
        self.button.show_preset(name, is_edited=active is not None and not self.shelf.is_in(active))
        if self.popup is not None:
            self.popup.refill(*self._listed())

    def open_list(self) -> None:
        """The list of all presets below the button."""
        if not self._is_open() or self.popup is not None:
            return
        shelf = self.shelf
        popup = self.popup = PresetPopup(self._context, self._panel, *self._listed())
        popup.pressed.connect(shelf.press)
        popup.menu_requested.connect(self._show_menu)
        popup.edit_requested.connect(self.edit)
        popup.remove_requested.connect(shelf.remove)
        popup.save_requested.connect(self.save_as)
        popup.import_requested.connect(self.ask_import)
        popup.closed.connect(self._closed)
        popup.open_below(self.button)
        shelf.read()  # a style's file may be another one by now

    def _listed(self) -> tuple[Sequence[Preset], Sequence[Preset], Notes]:
        shelf = self.shelf
        notes = {(each.kind, each.name): "" for each in (*shelf.own, *shelf.styles) if shelf.is_in(each)}
        active = presets.find(shelf.own, shelf.active)
        if active is not None:
            notes.setdefault((active.kind, active.name), self.tr("edited"))
        return shelf.own, shelf.styles, notes

    def menu_of(self, preset: Preset) -> Any:
        """What can be done with one preset."""
        shelf, made = self.shelf, menu(self._panel)
        made.aboutToHide.connect(made.deleteLater)
        icons = self._context.icons
        if preset.is_style and shelf.is_in(preset):
            made.addAction(self.tr("Take its words out"), lambda: shelf.press(preset))
        else:
            made.addAction(icons.icon("check"), self.tr("Apply"), lambda: shelf.apply(preset))
        made.addAction(self.tr("Compare, apply some…"), lambda: self.compare(preset))
        made.addSeparator()
        if not preset.is_style:
            words = self.tr("Update with the form's values")
            made.addAction(icons.icon("save"), words, lambda: shelf.update(preset)).setEnabled(not shelf.is_in(preset))
        made.addAction(icons.icon("edit"), self.tr("Rename or change…"), lambda: self.edit(preset))
        made.addAction(icons.icon("export"), self.tr("Export…"), lambda: self.ask_export([preset]))
        made.addSeparator()
        made.addAction(icons.icon("trash", "error"), self.tr("Delete"), lambda: shelf.remove(preset))
        return made

    # Dialogs; each is imported when it is first needed

    def save_as(self) -> None:
        """Keep what the form says under a name."""
        self._show_save(None)

    def edit(self, preset: Preset) -> None:
        """Another name, other fields, other words."""
        self._show_save(preset)

    def compare(self, preset: Preset) -> None:
        """The form beside a preset, to take over only some of it."""
        from comfydesk.gui.form.presets.choose import ChooseDialog, NothingDialog

        state = self._session.state
        if state is None:
            return
        wanted = presets.wanted(state.form, preset, state.values)
        found = compare.differences(state.form, state.values, wanted)
        title = self.tr("The form and “{name}”").format(name=preset.name)
        if not found:
            self._show(NothingDialog(self._context, self._panel.window(), title, self.tr("Both say the same.")))
            return
        dialog = ChooseDialog(self._context, self._panel.window(), title, self.tr("In the preset"), found)
        dialog.chosen.connect(lambda keys: self.shelf.apply(preset, None if len(keys) == len(found) else keys))
        self._show(dialog)

    def ask_import(self) -> None:
        """Which file?"""
        dialog = self._file_dialog(self.tr("Import presets"), f"*{ENDING} *.json")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.shelf.bring_in)
        dialog.open()

    def ask_export(self, chosen: Sequence[Preset] = ()) -> None:
        """Where to? `chosen`: () for all of the workflow and all styles."""
        workflow = self._session.workflow
        if workflow is None:
            return
        everything = tuple(chosen) or (*self.shelf.own, *self.shelf.styles)
        name = everything[0].name if len(everything) == 1 else workflow.entry.title
        dialog = self._file_dialog(self.tr("Export presets"), f"*{ENDING}")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile("".join(sign if sign.isalnum() or sign in " -_" else "_" for sign in name) + ENDING)
        dialog.fileSelected.connect(lambda path: self.shelf.give_out(path, everything))
        dialog.open()

    def attach(self, engine: Any) -> None:
        self.shelf.attach(engine)

    def detach(self) -> None:
        self.close()
        self.shelf.detach()

    def close(self) -> None:
        """Close what is open."""
        if self.popup is not None:
            self.popup.close()
        if self.open_one is not None:
            self.open_one.reject()

    def _show_save(self, old: Preset | None) -> None:
        from comfydesk.gui.form.presets.save import SaveDialog

        state = self._session.state
        if state is None:
            return
        dialog = SaveDialog(
            self._context, self._panel.window(), state.form, dict(state.values), state.changed(), self._is_taken, old
        )
        dialog.saved.connect(lambda made: self.shelf.save(made, old))
        self._show(dialog)

    def _is_taken(self, kind: PresetKind, name: str) -> bool:
        listed = self.shelf.styles if kind is PresetKind.STYLE else self.shelf.own
        return presets.find(listed, name) is not None

    def _file_dialog(self, title: str, endings: str) -> QFileDialog:
        dialog = QFileDialog(self._panel.window(), title)
        dialog.setNameFilter(self.tr("Presets ({endings})").format(endings=endings))
        dialog.finished.connect(dialog.deleteLater)
        return dialog

    def _show(self, dialog: QDialog) -> None:
        self.close()
        self.open_one = dialog
        dialog.finished.connect(self._gone)
        dialog.open()

    def _gone(self) -> None:
        self.open_one = None

    def _closed(self) -> None:
        if self.popup is not None:
            self.popup.deleteLater()
            self.popup = None

    def _show_menu(self, preset: Preset, at: QPoint) -> None:
        made = self.menu_of(preset)
        if self.popup is not None:
            self.popup.close()
        made.popup(at)

    def _is_open(self) -> bool:
        return self._session.state is not None

    def _has_some(self) -> bool:
        return self._is_open() and bool(self.shelf.own or self.shelf.styles)
