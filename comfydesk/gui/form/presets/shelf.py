"""The presets of the open workflow and the styles of the home: what there is, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from comfydesk.base.errors import Problem
from comfydesk.engine.presetdesk import Shelf
from comfydesk.form import preset_file, presets, structure
from comfydesk.form.presets import Preset
from comfydesk.gui import words
from comfydesk.gui.context import Context
from comfydesk.gui.form.edits import FormEdits
from comfydesk.gui.form.presets.putting import put
from comfydesk.gui.form.session import FormSession


class PresetShelf(QObject):
    """`changed`: other presets, another active one, or the form differs from it now. `toast_requested(text, action,
    callback)`."""

    changed = Signal()
    toast_requested = Signal(str, str, object)

    def __init__(self, context: Context, session: FormSession, edits: FormEdits, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context, self._session, self._edits = context, session, edits
        self._engine: Any = None
        self._writes = 0
        self._name = ""  # of the workflow that `own` belongs to
        self._unmet: tuple[Preset, Collection[str] | None] | None = None  # waits for the fields that it brings
        self.own: tuple[Preset, ...] = ()
        self.styles: tuple[Preset, ...] = ()
        self.active = ""
        session.opened.connect(lambda _rebuilt: self._opened())
        session.reshaped.connect(self._reshaped)

    def attach(self, engine: Any) -> None:
        self._engine = engine

    def detach(self) -> None:
        self._engine = None
        self._forget()

    def renamed(self, old: str, new: str) -> None:
        """A workflow has another name now; what is kept with it went along."""
        if self._name == old:
            self._name = new

    @property
    def active_preset(self) -> Preset | None:
        """The one that was applied last, or that the form happens to be."""
        found = presets.find(self.own, self.active)
        return found or next((each for each in self.own if self.is_in(each)), None)

    def is_in(self, preset: Preset) -> bool:
        """Whether the form has all of it now."""
        state = self._session.state
        return state is not None and presets.is_in(state.form, preset, state.values)

    def read(self) -> None:
        """Look again what there is: styles are files that people may edit."""
        if self._engine is not None and self._session.workflow is not None:
            name, writes = self._session.workflow.entry.name, self._writes
            self._context.bridge.run(self._engine.presets, name, then=lambda shelf: self._take(name, writes, shelf))

    # What is done with the form

    def press(self, preset: Preset) -> None:
        """Apply a preset; a style that is there is taken out."""
        state = self._session.state
        if state is not None and preset.is_style and self.is_in(preset):
            left = presets.without_style(state.form, preset, state.values)
            if left:
                put(self._session, left, preset.name)
                said = self.tr("The words of “{name}” are out of the prompts.").format(name=preset.name)
                self._edits.offer_undo(said)
                return
        self.apply(preset)

    def apply(self, preset: Preset, only: Collection[str] | None = None) -> None:
        """Put all of it into the form, or `only` these fields; one step, which can be undone."""
        state = self._session.state
        if state is None:
            return
        changed = put(self._session, presets.apply(state.form, preset, state.values, only), preset.name)
        if not structure.is_met(state.form, state.values):
            self._unmet = preset, only
        if not preset.is_style and only is None:
            self._set_active(preset.name)
        self.changed.emit()
        if changed:
            self._edits.offer_undo(self.tr("“{name}” is in the form.").format(name=preset.name))

    # What is done with presets

    def save(self, preset: Preset, instead_of: Preset | None = None) -> None:
        """Keep a preset, in the place of another one or of that with its name."""
        before = instead_of.name if instead_of is not None and instead_of.kind is preset.kind else ""
        if preset.is_style:
            self._run("save_style", preset, before)
        else:
            self._keep(lambda own: presets.put(own, preset, before), preset.name)
        if instead_of is not None and instead_of.kind is not preset.kind:
            self.remove(instead_of, quietly=True)

    def update(self, preset: Preset) -> None:
        """Let it hold what the form says now in its fields."""
        state = self._session.state
        if state is None:
            return
        made = presets.of_form(state.form, state.values, preset.name, preset.values)
        kept = {key: value for key, value in preset.values.items() if state.form.get(key) is None}
        self.save(replace(made, values={**kept, **made.values}))
        self._say_undo(self.tr("“{name}” holds what the form says now.").format(name=preset.name), preset)

    def remove(self, preset: Preset, *, quietly: bool = False) -> None:
        """Delete it; a note can bring it back."""
        if preset.is_style:
            self._run("remove_style", preset.name)
        else:
            self._keep(lambda own: presets.without(own, preset.name), "" if self.active == preset.name else self.active)
        if not quietly:
            self._say_undo(self.tr("“{name}” is deleted.").format(name=preset.name), preset)

    def bring_in(self, path: str) -> None:
        """Take the presets of a file; a name that is taken gets a number."""

        def found(made: tuple[Preset, ...]) -> None:
            own, styles = self.own, self.styles
            for each in made:
                if each.is_style:
                    free = presets.with_free_name(styles, each)
                    styles = (*styles, free)
                    self._run("save_style", free)
                else:
                    own = presets.put(own, presets.with_free_name(own, each))
            if own != self.own:
                self._keep(lambda _: own, self.active)
            names = ", ".join(f"“{each.name}”" for each in made[:3]) + (" …" if len(made) > 3 else "")
            self.toast_requested.emit(self.tr("Imported {names}.").format(names=names), "", None)

        if self._engine is not None:
            self._context.bridge.run(self._engine.read_presets, path, then=found, failed=self.say)

    def give_out(self, path: str, chosen: Sequence[Preset]) -> None:
        """Write presets into a file."""
        if self._engine is None or self._session.workflow is None:
            return
        if not path.casefold().endswith(".json"):
            path += preset_file.ENDING
        title = self._session.workflow.entry.title if any(not each.is_style for each in chosen) else ""
        said = self.tr("Exported to {file}.").format(file=Path(path).name)
        self._context.bridge.run(
            self._engine.write_presets,
            path,
            tuple(chosen),
            title,
            then=lambda _: self.toast_requested.emit(said, "", None),
            failed=self.say,
        )

    def say(self, problem: Problem) -> None:
        """What went wrong, as a note."""
        self.toast_requested.emit(" ".join(words.says(problem)), "", None)

    def _say_undo(self, said: str, preset: Preset) -> None:
        name = self._name
        self.toast_requested.emit(said, self.tr("Undo"), lambda: self._put_back(name, preset))

    def _put_back(self, name: str, preset: Preset) -> None:
        if name == self._name or preset.is_style:
            self.save(preset)

    def _keep(self, change: Callable[[tuple[Preset, ...]], tuple[Preset, ...]], active: str) -> None:
        try:
            self.own = change(self.own)
        except Problem as problem:
            self.say(problem)
            return
        self.active = active
        self._write()

    def _set_active(self, name: str) -> None:
        if name != self.active:
            self.active = name
            self._write()

    def _write(self) -> None:
        self.changed.emit()
        self._run("keep_presets", self._name, self.own, self.active)

    def _run(self, what: str, *args: Any) -> None:
        if self._engine is not None and self._name:
            self._writes += 1
            method = getattr(self._engine, what)
            self._context.bridge.run(method, *args, then=lambda _: self.read(), failed=self._failed)

    def _failed(self, problem: Problem) -> None:
        self.say(problem)
        self.read()

    def _opened(self) -> None:
        name = self._session.workflow.entry.name
        if name != self._name:
            self._forget()
            self._name = name
        self.read()

    def _take(self, name: str, writes: int, shelf: Shelf) -> None:
        if name == self._name and writes == self._writes:  # else something newer is on its way to the disk
            self.own, self.active, self.styles = shelf.own, shelf.active, shelf.styles
            self.changed.emit()

    def _forget(self) -> None:
        self._name, self.own, self.active, self._unmet = "", (), "", None
        self.changed.emit()

    def _reshaped(self) -> None:
        """A choice of the preset brought fields: now they can have their values."""
        unmet, self._unmet = self._unmet, None
        if unmet is not None:
            self.apply(*unmet)
        self.changed.emit()
