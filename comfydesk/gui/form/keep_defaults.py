""" "Save as defaults": the form's values become those of the workflow's own file, and a note can take that back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal

from comfydesk.base.errors import Problem
from comfydesk.gui.form.actions import FormAction, FormActions, Section
from comfydesk.gui.form.session import FormSession


class KeepDefaults(QObject):
    """`toast_requested(text, action, callback)`, `failed(Problem)`."""

    toast_requested = Signal(str, str, object)
    failed = Signal(object)

    def __init__(self, session: FormSession, actions: FormActions, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._engine: Any = None
        save = FormAction(lambda: self.tr("Save as defaults"), self.save, lambda: self.can_save, icon="save")
        actions.add(Section.KEEP, save)

    def attach(self, engine: Any) -> None:
        self._engine = engine

    def detach(self) -> None:
        self._engine = None

    @property
    def can_save(self) -> bool:
        """Something differs from the file, and there is a form that knows its file."""
        session = self._session
        if self._engine is None or session.state is None or session.workflow.needs_host:
            return False
        draft = session.state.draft()
        return bool(draft["values"] or draft["modes"])

    def save(self) -> None:
        """Write the values into the workflow's file."""
        session, workflow, state = self._session, self._session.workflow, self._session.state
        if self._engine is None or workflow is None or state is None:
            return
        name, before = workflow.entry.name, state.draft()

        def saved(done: Any) -> None:
            self._show(name, None)
            self.toast_requested.emit(
                self.tr("Saved as the defaults of “{title}”").format(title=workflow.entry.title),
                self.tr("Undo"),
                lambda: self._undo(name, done, before),
            )

        session.expect_file(name)
        self._run("save_defaults", workflow, dict(state.values), dict(state.modes), then=saved)

    def _undo(self, name: str, done: Any, before: Mapping[str, Any]) -> None:
        self._session.expect_file(name)
        self._run("undo_defaults", done, then=lambda _: self._show(name, before))

    def _show(self, name: str, draft: Mapping[str, Any] | None) -> None:
        """Show the file as it is now, with what was typed before in it, if that is given."""
        workflow = self._session.workflow
        if workflow is not None and workflow.entry.name == name:
            self._session.reload(draft)
        elif draft is not None and self._engine is not None:
            self._run("save_draft", name, dict(draft), then=lambda _: None)

    def _run(self, method: str, *args: Any, then: Any) -> None:
        if self._engine is not None:
            bridge = self._session.context.bridge
            bridge.run(getattr(self._engine, method), *args, then=then, failed=self._say)

    def _say(self, problem: Problem) -> None:
        self.failed.emit(problem)
