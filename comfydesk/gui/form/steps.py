"""The history of one form: names its steps for the menu, and knows when a text box takes back its own letters."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QCoreApplication

from comfydesk.engine.model import OpenWorkflow
from comfydesk.form.fields import Form, Issue
from comfydesk.form.history import History, Part
from comfydesk.gui.form.state import FormState
from comfydesk.gui.queue.words import counted


class Steps(History):
    """Lives as long as the workflow is open, also through forms that are made anew for another host."""

    def __init__(self, state: FormState) -> None:
        super().__init__(state.parts())
        self._is_rewinding = False

    def edited(self, state: FormState, what: str = "") -> None:
        """A person changed something; with `what` it is a step of its own that is called so."""
        if self._is_rewinding:
            self.rewind(state.parts())
            return
        if what:
            self.close()
        self.note(state.parts(), what or (lambda parts: named(state.form, parts)), time.monotonic())

    def came(self, state: FormState) -> None:
        """The form changed by itself, or by a step back or forth."""
        self.absorb(state.parts())

    @contextmanager
    def rewinding(self) -> Iterator[None]:
        """An editor takes back its own letters meanwhile."""
        self._is_rewinding = True
        try:
            yield
        finally:
            self._is_rewinding = False


def named(form: Form, parts: Collection[Part]) -> str:
    """A step by what differs: the field's label, or how many fields."""
    names = dict.fromkeys(part[1] if isinstance(part, tuple) else "" for part in parts)
    labels = dict.fromkeys(item.label for name in names if (item := form.get(name)) is not None)
    if len(labels) > 1:
        one, many = QCoreApplication.translate("Steps", "field"), QCoreApplication.translate("Steps", "fields")
        return counted(len(labels), one, many)
    if labels:
        return next(iter(labels))
    return QCoreApplication.translate("Steps", "Outputs") if any(names) else QCoreApplication.translate("Steps", "Runs")


@dataclass(slots=True)
class OpenForm:
    """One workflow as a person left it: what a tab keeps while another one is shown."""

    workflow: OpenWorkflow
    state: FormState
    history: Steps
    issues: list[Issue] = field(default_factory=list)
    rejections: dict[str, Issue] = field(default_factory=dict)

    def renamed(self, name: str) -> OpenForm:
        """The same with another name of the workflow."""
        return replace(self, workflow=replace(self.workflow, entry=replace(self.workflow.entry, name=name)))
