"""The form beside its file, or beside a result: what differs, and a tick for each value to take over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QWidget

from comfydesk.form import compare
from comfydesk.form.fields import Kind
from comfydesk.gallery.model import GalleryItem
from comfydesk.gui.context import Context
from comfydesk.gui.form.actions import FormAction, FormActions, Section
from comfydesk.gui.form.edits import FormEdits
from comfydesk.gui.form.presets.putting import put
from comfydesk.gui.form.session import FormSession


class Comparing(QObject):
    """Lives with the form panel. `toast_requested(text, action, callback)`."""

    toast_requested = Signal(str, str, object)

    def __init__(
        self, context: Context, session: FormSession, edits: FormEdits, actions: FormActions, panel: QWidget
    ) -> None:
        super().__init__(panel)
        self._context, self._session, self._edits, self._panel = context, session, edits, panel
        self._engine: Any = None
        self.open_one: QDialog | None = None
        actions.add(
            Section.OUT,
            FormAction(
                lambda: self.tr("Compare with"),
                is_enabled=self._is_open,
                entries=lambda: (
                    FormAction(lambda: self.tr("The file's values…"), self.with_file, self._has_changes),
                    FormAction(lambda: self.tr("Its newest result…"), self.with_newest, self._is_open),
                ),
            ),
        )

    def attach(self, engine: Any) -> None:
        self._engine = engine

    def detach(self) -> None:
        self._engine = None
        if self.open_one is not None:
            self.open_one.reject()

    def with_file(self) -> None:
        """What was changed, to put some of it back."""
        state = self._session.state
        if state is not None:
            own = {key: value for key, value in compare.defaults(state.form).items() if key not in state.used}
            self._show(own, self.tr("The form and its file"), self.tr("In the file"), self.tr("values of the file"))

    def with_newest(self) -> None:
        """The newest result of the open workflow."""
        workflow = self._session.workflow
        if workflow is None or self._engine is None:
            return
        title = workflow.entry.title.replace('"', "")

        def found(items: list[GalleryItem]) -> None:
            if items:
                self.with_item(items[0])
            else:
                self.toast_requested.emit(self.tr("There is no result of “{0}” yet.").replace("{0}", title), "", None)

        self._context.bridge.run(self._engine.gallery.page, 0, 1, f'workflow:"{title}"', then=found)

    def with_item(self, item: GalleryItem) -> None:
        """A result of the gallery, of this workflow or of another one."""
        if self._engine is None:
            return

        def have(details: Mapping[str, Any]) -> None:
            prompt = details.get("prompt")
            if isinstance(prompt, Mapping) and prompt:
                self.with_prompt(prompt, item.name)
            else:
                self.toast_requested.emit(self.tr("{0} does not say what made it.").replace("{0}", item.name), "", None)

        self._context.bridge.run(self._engine.gallery.details, item.item_id, then=have, failed=self._say_nothing(item))

    def with_prompt(self, prompt: Mapping[str, Any], name: str) -> None:
        """What a run was frozen to. `name`: of its result."""
        workflow, state = self._session.workflow, self._session.state
        if workflow is None or state is None or self._engine is None:
            self.toast_requested.emit(self.tr("Open a workflow first."), "", None)
            return

        def found(values: dict[str, Any]) -> None:
            if state is self._session.state:
                title = self.tr("The form and {0}").replace("{0}", name)
                self._show(values, title, self.tr("In the result"), self.tr("settings of a result"))

        self._context.bridge.run(self._engine.values_of, workflow, dict(prompt), then=found)

    def _show(self, values: Mapping[str, Any], title: str, other: str, what: str) -> None:
        from comfydesk.gui.form.presets.choose import ChooseDialog, NothingDialog

        state, window = self._session.state, self._panel.window()
        found = compare.differences(state.form, state.values, values)
        if self.open_one is not None:
            self.open_one.reject()
        dialog: QDialog
        if found:
            # A seed that is taken over stays: taken by itself it would make the same picture again and again.
            ticked = [each.key for each in found if state.form.by_key[each.key].kind is not Kind.SEED]
            dialog = ChooseDialog(self._context, window, title, other, found, ticked=ticked or [found[0].key])
            dialog.chosen.connect(lambda keys: self._take(state, {key: values[key] for key in keys}, what))
        else:
            dialog = NothingDialog(self._context, window, title, self.tr("Both say the same."))
        self.open_one = dialog
        dialog.finished.connect(self._gone)
        dialog.open()

    def _take(self, state: Any, values: Mapping[str, Any], what: str) -> None:
        if state is self._session.state and put(self._session, values, what):
            self._edits.offer_undo(self.tr("The chosen values are in the form."))

    def _gone(self) -> None:
        self.open_one = None

    def _say_nothing(self, item: GalleryItem) -> Callable[[object], None]:
        text = self.tr("{0} cannot be read.").replace("{0}", item.name)
        return lambda _problem: self.toast_requested.emit(text, "", None)

    def _is_open(self) -> bool:
        return self._session.state is not None

    def _has_changes(self) -> bool:
        return self._session.state is not None and bool(self._session.state.changed())
