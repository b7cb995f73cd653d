"""Changes the open form's arrangement, one step after the other, and takes them back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from comfydesk.base.errors import Problem
from comfydesk.engine.model import OpenWorkflow
from comfydesk.form.fields import Form
from comfydesk.form.profile import NO_PROFILE, Profile
from comfydesk.gui.form.session import FormSession

Step = Callable[[Profile, Form], Profile]
MOST = 200  # steps that can be undone


class Arranger(QObject):
    """`arranged`: the form shows another arrangement, or another workflow is open. `failed(Problem)`.

    A step is a function of the profile and the form that was made with it. Steps wait for each other: each works on the
    form that the last one made, however fast a person is.
    """

    arranged = Signal()
    failed = Signal(object)

    def __init__(self, session: FormSession, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._engine: Any = None
        self._waiting: deque[Callable[[], Profile | None]] = deque()
        self._is_busy = False
        self._name = ""
        self._done: list[Profile] = []
        self._undone: list[Profile] = []
        session.opened.connect(self._opened)

    def attach(self, engine: Any) -> None:
        self._engine = engine

    def detach(self) -> None:
        self._engine = None
        self._waiting.clear()
        self._is_busy = False

    @property
    def workflow(self) -> OpenWorkflow | None:
        return self._session.workflow

    @property
    def can_undo(self) -> bool:
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        return bool(self._undone)

    @property
    def is_usual(self) -> bool:
        """Is the form arranged as its author or the graph says?"""
        return self.workflow is None or self.workflow.profile == self.workflow.author

    def change(self, step: Step) -> None:
        """Do one step; one that changes nothing is none."""

        def made() -> Profile | None:
            workflow = self.workflow
            if workflow is None:
                return None
            after = step(workflow.profile, workflow.form)
            if after == workflow.profile:
                return None
            self._done = [*self._done, workflow.profile][-MOST:]
            self._undone.clear()
            return after

        self._enqueue(made)

    def undo(self) -> None:
        self._enqueue(lambda: self._moved(self._done, self._undone))

    def redo(self) -> None:
        self._enqueue(lambda: self._moved(self._undone, self._done))

    def back_to_usual(self) -> None:
        """As the author or the graph has it; one step, which can be undone too."""
        self.change(lambda _profile, _form: self.workflow.author if self.workflow is not None else NO_PROFILE)

    def _moved(self, source: list[Profile], target: list[Profile]) -> Profile | None:
        if not source or self.workflow is None:
            return None
        target.append(self.workflow.profile)
        return source.pop()

    def _enqueue(self, make: Callable[[], Profile | None]) -> None:
        self._waiting.append(make)
        self._go_on()

    def _go_on(self) -> None:
        while self._waiting and not self._is_busy and self._engine is not None:
            chosen = self._waiting.popleft()()
            if chosen is not None and self.workflow is not None:
                self._is_busy = True
                wanted = NO_PROFILE if chosen == self.workflow.author else chosen
                self._session.context.bridge.run(
                    self._engine.arrange_form, self.workflow, wanted, then=self._arrived, failed=self._failed
                )

    def _arrived(self, made: OpenWorkflow) -> None:
        self._is_busy = False
        self._session.show_arranged(made)
        self._go_on()

    def _failed(self, problem: Problem) -> None:
        self._is_busy = False
        self._waiting.clear()
        self.failed.emit(problem)

    def _opened(self, _rebuilt: bool) -> None:
        name = self.workflow.entry.name if self.workflow is not None else ""
        if name != self._name:
            self._name = name
            self._done, self._undone = [], []
            self._waiting.clear()
        self.arranged.emit()
