"""A press of Queue from the open form: the runs it asks for, the host, and the seeds that were drawn."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from comfydesk.base.errors import Problem
from comfydesk.engine.model import OpenWorkflow, Queued
from comfydesk.form import outputs
from comfydesk.gui.context import Context
from comfydesk.gui.form.state import FormState
from comfydesk.gui.form.steps import Steps


class Presses(QObject):
    """The part of a form's session that queues.

    `values_changed(keys)`: values that the engine set (mended, seeds that ran). `queued(Queued)`,
    `queue_failed(Problem)`, `host_needed`: there is none to queue for. `paid_asked(Problem, pay)`: the press would cost
    money; `pay()` queues it all the same.
    """

    values_changed = Signal(object)
    queued = Signal(object)
    queue_failed = Signal(object)
    host_needed = Signal()
    paid_asked = Signal(object, object)

    context: Context
    workflow: OpenWorkflow | None
    state: FormState | None
    history: Steps | None
    host_id: str
    _engine: Any
    _makes: tuple[outputs.Made, ...]
    _unsaved: bool
    _save_timer: QTimer

    def save_draft(self) -> None:
        raise NotImplementedError

    @property
    def makes(self) -> tuple[int, str]:
        """(files, noun) of one press, as far as the form can tell: runs × batch size × ticked outputs."""
        if self.workflow is None or self.state is None:
            return 0, "picture"
        files, noun = outputs.counted(self._makes, self.state.values, self.state.skipped)
        return files * self.state.runs, noun

    def queue(self, *, front: bool = False) -> None:
        """Queue the runs that the form asks for."""
        if self._engine is None or self.workflow is None or self.state is None:
            return
        if not self.host_id:
            self._find_host(front)
            return
        self.save_draft()
        state = self.state
        press = (self.workflow, state.to_queue(), dict(state.modes), state.runs, self.host_id)
        self._press(state, press, front=front, allow_paid=False)

    def _press(self, state: FormState, press: tuple[Any, ...], *, front: bool, allow_paid: bool) -> None:
        if self._engine is None:
            return

        def failed(problem: Problem) -> None:
            if problem.code == "paid_nodes":
                self.paid_asked.emit(problem, lambda: self._press(state, press, front=front, allow_paid=True))
            else:
                self.queue_failed.emit(problem)

        self.context.bridge.run(
            self._engine.queue_runs,
            *press,
            front=front,
            previews=bool(self.context.settings.get("previews")),
            allow_paid=allow_paid,
            targets=state.targets,
            then=lambda queued: self._queued(state, press[0].entry.name, queued),
            failed=failed,
        )

    def _find_host(self, front: bool) -> None:
        """A host that was added a moment ago may not have reached the page yet: the engine knows."""

        def found(host: Any) -> None:
            if host is None:
                self.host_needed.emit()
            elif not self.host_id:
                self.host_id = host.host_id
                self.queue(front=front)

        self.context.bridge.run(self._engine.default_host, then=found)

    def _queued(self, state: FormState, name: str, queued: Queued) -> None:
        if self._engine is None:
            return
        self.queued.emit(queued)
        if state.modes and queued.jobs:
            last = queued.jobs[-1].job_id
            self.context.bridge.run(
                self._engine.queue.prompt, last, then=lambda prompt: self._ran(state, name, dict(prompt))
            )

    def _ran(self, state: FormState, name: str, prompt: dict[str, Any]) -> None:
        """Show the seeds that the last run will use: they are frozen in its prompt."""
        seeds = {}
        for key in state.modes:
            field = state.form.get(key)
            value = prompt.get(field.node_id, {}).get("inputs", {}).get(field.input_name) if field is not None else None
            if isinstance(value, int) and not isinstance(value, bool):
                seeds[key] = value
        shown = state.ran(seeds)
        if state is self.state and self.history is not None:
            self._unsaved = True
            self.values_changed.emit(shown)
            self.history.came(state)
            self._save_timer.start()
        elif self._engine is not None and self.workflow is not None and self.workflow.entry.name != name:  # another tab
            self.context.bridge.run(self._engine.save_draft, name, state.draft())
