"""One open workflow between form and engine: opening, checking, mending, queueing, and the draft."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from comfydesk.base.errors import Problem
from comfydesk.engine.model import OpenWorkflow
from comfydesk.form import outputs, structure
from comfydesk.form.fields import Issue
from comfydesk.gui.context import Context
from comfydesk.gui.form.issue_line import NODES_MISSING
from comfydesk.gui.form.presses import Presses
from comfydesk.gui.form.state import FormState
from comfydesk.gui.form.steps import OpenForm, Steps
from comfydesk.jobs.model import Job, JobState

CHECK_AFTER_MS = 120
SAVE_AFTER_MS = 800
EXPECTED_FOR = 3.0  # seconds in which a change of the file is the one that was made here


class FormSession(Presses):
    """Holds what is open and talks to the engine about it; the panel shows it.

    `opened(rebuilt)`: a workflow is open; with False only its host's facts are new. `open_failed(Problem)`.
    `reshaped`: the open form has other fields, because a choice brings them.
    `left(OpenForm)`: another workflow takes the place of this one. `issues_changed`. Those of `Presses`.
    """

    opened = Signal(bool)
    reshaped = Signal()
    left = Signal(object)
    open_failed = Signal(object)
    issues_changed = Signal()

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.workflow: OpenWorkflow | None = None
        self.state: FormState | None = None
        self.history: Steps | None = None
        self.issues: list[Issue] = []
        self.host_id = ""
        self._rejections: dict[str, Issue] = {}
        self._engine: Any = None
        self._opening = self._checking = 0
        self._unsaved = False
        self._makes: tuple[outputs.Made, ...] = ()
        self._draft: Mapping[str, Any] | None = None  # what a reloaded form is to hold
        self._is_reloaded = False
        self._expected: dict[str, float] = {}
        self._check_timer = self._timer(CHECK_AFTER_MS, self._check)
        self._save_timer = self._timer(SAVE_AFTER_MS, self.save_draft)

    @property
    def is_attached(self) -> bool:
        return self._engine is not None

    def attach(self, engine: Any) -> None:
        self._engine = engine

    def detach(self) -> None:
        """Let go of the engine; what was typed is kept first."""
        self.save_draft()
        self._engine = None
        self._opening += 1
        self._checking += 1
        self.workflow = self.state = self.history = None
        self.issues, self._rejections = [], {}

    def resume(self, form: OpenForm) -> None:
        """Show a workflow that was left before, as it was; `open` looks afterwards whether it still is."""
        self._leave()
        self._opening += 1
        self._checking += 1
        self.workflow, self.state, self.history = form.workflow, form.state, form.history
        self.issues, self._rejections = form.issues, form.rejections
        self.history.came(self.state)  # a run may have drawn its seed meanwhile
        self._makes = outputs.makes(form.workflow.graph, form.workflow.specs)
        self.opened.emit(True)

    def _leave(self) -> None:
        if self.workflow is not None and self.state is not None and self.history is not None:
            self.save_draft()
            self.left.emit(OpenForm(self.workflow, self.state, self.history, self.issues, self._rejections))

    def open(self, name: str, host_id: str) -> None:
        """Open a workflow (or a file) for a host; `host_id` "" when there is none."""
        if self._engine is None:
            return
        self.save_draft()
        self.host_id = host_id
        self._opening += 1
        serial = self._opening

        def arrived(workflow: OpenWorkflow) -> None:
            if serial == self._opening:
                self._show(workflow)

        def failed(problem: Problem) -> None:
            if serial == self._opening:
                self.open_failed.emit(problem)

        self.context.bridge.run(self._engine.open_workflow, name, host_id or None, then=arrived, failed=failed)

    def reopen(self, host_id: str) -> None:
        """Ask again what the host has: it was away, or another one is used now."""
        if self.workflow is not None:
            self.open(self.workflow.entry.name, host_id)

    def reload(self, draft: Mapping[str, Any] | None = None) -> None:
        """The file is another one now. What is typed stays as far as it differs from it, or `draft` is put in."""
        if self.workflow is not None:
            self._draft = draft
            self._is_reloaded = True
            self.reopen(self.host_id)

    def expect_file(self, name: str) -> None:
        """This workflow's file is about to change by a person's own doing here."""
        self._expected[name] = time.monotonic()

    def is_expected(self, name: str) -> bool:
        """Whether a change of the file is news to the person."""
        return time.monotonic() - self._expected.get(name, -EXPECTED_FOR) < EXPECTED_FOR

    def renamed(self, old: str, new: str) -> None:
        """The open workflow has another name now: what is typed from here on is kept under that."""
        if self.workflow is not None and self.workflow.entry.name == old:
            self.workflow = replace(self.workflow, entry=replace(self.workflow.entry, name=new))

    def look_again(self) -> None:
        """Ask the host for its names now: a model may have been added there."""
        if self._engine is not None and self.host_id:
            refresh = self._engine.hosts.refresh_specs
            self.context.bridge.run(refresh, self.host_id, then=lambda _: self.reopen(self.host_id))

    def edited(self, keys: list[str] | None = None, what: str = "") -> None:
        """A person changed something: a step of its own, named `what` if several fields did. Check soon, save soon."""
        if self.state is not None and self.history is not None:
            self.history.edited(self.state, what)
        self._changed(keys)

    def moved(self, keys: list[str]) -> None:
        """Undo or redo changed these: no step."""
        if self.state is not None and self.history is not None:
            self.history.came(self.state)
        self._changed(keys)

    def _follow_structure(self) -> None:
        """A choice that brings other fields was made: the engine makes the form that has them."""
        state, workflow = self.state, self.workflow
        if state is None or workflow is None or self._engine is None or structure.is_met(workflow.form, state.values):
            return

        def made(shaped: OpenWorkflow) -> None:
            if state is self.state and workflow is self.workflow and structure.is_met(shaped.form, state.values):
                self.workflow = shaped
                state.reshape(shaped.form)
                if self.history is not None:
                    self.history.came(state)
                self.reshaped.emit()
                self._check()

        self.context.bridge.run(self._engine.reshape, workflow, dict(state.values), then=made)

    def show_arranged(self, arranged: OpenWorkflow) -> None:
        """The open workflow's form in another arrangement; one of another workflow or host comes too late."""
        workflow, state = self.workflow, self.state
        if workflow is None or state is None or self.history is None:
            return
        if (workflow.entry.name, workflow.host_id) != (arranged.entry.name, arranged.host_id):
            return
        self.workflow = replace(workflow, form=arranged.form, profile=arranged.profile)
        state.reshape(arranged.form)
        self.history.came(state)
        self.reshaped.emit()
        self._follow_structure()
        self._check()

    def _changed(self, keys: list[str] | None) -> None:
        self._follow_structure()
        for key in keys if keys is not None else list(self._rejections):
            self._rejections.pop(key, None)
        self._unsaved = True
        self._check_timer.start()
        self._save_timer.start()

    def mend(self, issue: Issue, value: Any) -> None:
        """Take a value for what is missing, everywhere in the workflow."""
        if self._engine is None or self.workflow is None or self.state is None:
            return
        state, chosen = self.state, replace(issue, suggestions=(value,))

        def mended(values: dict[str, Any]) -> None:
            if state is self.state:
                keys = [key for key, new in values.items() if key in state.values and new != state.values[key]]
                for key in keys:
                    state.set(key, values[key])
                self.values_changed.emit(keys)
                self.edited(keys)
                self._check()

        self.context.bridge.run(self._engine.mend, self.workflow, dict(state.values), [chosen], then=mended)

    def rejected(self, job: Job) -> None:
        """Show under its field what a server said against one of this workflow's values."""
        error = job.error
        if self.workflow is None or self.state is None or job.state is not JobState.FAILED or error is None:
            return
        if job.workflow != self.workflow.entry.title or error.field not in self.state.values:
            return
        # Not an error: the person may know better, and the next press must not be blocked by the last answer.
        self._rejections[error.field] = Issue(error.field, error.code, {}, "warning", message=error.message)
        self.issues_changed.emit()

    @property
    def all_issues(self) -> list[Issue]:
        """What is wrong now, and what the server said of the last press."""
        known = {issue.key for issue in self.issues}
        return [*self.issues, *(issue for key, issue in self._rejections.items() if key not in known)]

    def save_draft(self) -> None:
        """Write what was typed beside the workflow's file, if something was."""
        self._save_timer.stop()
        if self._unsaved and self._engine is not None and self.workflow is not None and self.state is not None:
            self._unsaved = False
            self.context.bridge.run(self._engine.save_draft, self.workflow.entry.name, self.state.draft())

    def _show(self, workflow: OpenWorkflow) -> None:
        old, state = self.workflow, self.state
        again = old is not None and state is not None and old.entry.name == workflow.entry.name
        if not again:
            self._leave()
        self.workflow = workflow
        self._makes = outputs.makes(workflow.graph, workflow.specs)
        draft, is_reloaded = (self._draft, self._is_reloaded) if again else (None, False)
        self._draft, self._is_reloaded = None, False
        rebuilt = not again or old.form != workflow.form or draft is not None
        if rebuilt:
            typed = draft if draft is not None else state.draft() if again else workflow.draft
            self.state = FormState(workflow.form, typed)
        if is_reloaded:
            self._unsaved = True
            self._save_timer.start()
        if again and self.history is not None:
            self.history.came(self.state)
        else:
            self.history = Steps(self.state)
        if not again:
            self._rejections = {}
        self.issues = list(workflow.issues) if not self.state.changed() else self.issues if again else []
        self.opened.emit(rebuilt)
        self._follow_structure()
        self._check()

    def _check(self) -> None:
        self._check_timer.stop()
        if self._engine is None or self.workflow is None or self.state is None:
            return
        self._checking += 1
        serial = self._checking

        def checked(issues: list[Issue]) -> None:
            if serial == self._checking:
                self.issues = self._of_what_runs(issues)
                self.issues_changed.emit()

        self.context.bridge.run(self._engine.check, self.workflow, dict(self.state.values), then=checked)

    def _of_what_runs(self, issues: list[Issue]) -> list[Issue]:
        """What is wrong with nodes that serve no ticked output stops nothing: the host does not look at them."""
        if not self.state.targets:
            return list(issues)
        runs = self.workflow.graph.upstream(self.state.targets)
        left_out = {item.key for item in self.workflow.form.fields if item.node_id not in runs}
        return [issue for issue in issues if issue.key not in left_out or issue.code in NODES_MISSING]

    def _timer(self, milliseconds: int, then: Any) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(then)
        return timer
