"""The form as text in the clipboard: commands, a script, a request, the prompt in API format."""

from __future__ import annotations

import sys
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from comfydesk.base.errors import Problem
from comfydesk.engine.presetdesk import API, CURL, PYTHON, Press
from comfydesk.form.fields import LocalFile
from comfydesk.form.shells import Shell
from comfydesk.gui import words
from comfydesk.gui.context import Context
from comfydesk.gui.form.actions import FormAction, FormActions, Section
from comfydesk.gui.form.session import FormSession


class Copying(QObject):
    """Lives with the form panel. `toast_requested(text, action, callback)`."""

    toast_requested = Signal(str, str, object)

    def __init__(self, context: Context, session: FormSession, actions: FormActions, panel: QWidget) -> None:
        super().__init__(panel)
        self._context, self._session = context, session
        self._engine: Any = None
        actions.add(
            Section.OUT,
            FormAction(
                lambda: self.tr("Copy as"), is_enabled=self._can, icon="copy", entries=lambda: tuple(self._entries())
            ),
        )

    def attach(self, engine: Any) -> None:
        self._engine = engine

    def detach(self) -> None:
        self._engine = None

    def copy(self, way: str) -> None:
        """Put the form into the clipboard: a Shell's value, "python", "curl" or "api"."""
        workflow, state = self._session.workflow, self._session.state
        if workflow is None or state is None or self._engine is None:
            return
        press = Press(dict(state.values), dict(state.modes), state.runs, self._session.host_id, tuple(state.targets))
        has_files = any(isinstance(value, LocalFile) for value in state.values.values())

        def have(text: str) -> None:
            QGuiApplication.clipboard().setText(text)
            self.toast_requested.emit(self._said(way, has_files, bool(press.targets)), "", None)

        self._context.bridge.run(self._engine.copy_as, workflow, press, way, then=have, failed=self._failed)

    def names(self) -> dict[str, str]:
        """Each way with its words; this system's own shell comes first."""
        shells = {
            Shell.POSIX.value: self.tr("Command line"),
            Shell.POWERSHELL.value: self.tr("Command line for PowerShell"),
            Shell.CMD.value: self.tr("Command line for Windows' cmd"),
        }
        if sys.platform == "win32":
            shells = {key: shells[key] for key in (Shell.POWERSHELL.value, Shell.CMD.value, Shell.POSIX.value)}
            shells[Shell.POSIX.value] = self.tr("Command line for Linux and macOS")
        return shells | {PYTHON: self.tr("Python script"), CURL: self.tr("curl"), API: self.tr("API JSON")}

    def _entries(self) -> list[FormAction]:
        return [
            FormAction(lambda text=text: text, lambda way=way: self.copy(way)) for way, text in self.names().items()
        ]

    def _said(self, way: str, has_files: bool, has_targets: bool) -> str:
        said = [self.tr("{what} is in the clipboard.").format(what=self.names()[way])]
        if has_files and way == API:
            said.append(self.tr("Files of this computer must be uploaded before it can run."))
        elif has_files and way == CURL:
            said.append(self.tr("It uploads the files of this computer first."))
        if has_targets and way != CURL:
            said.append(self.tr("It runs all outputs, also those without a tick."))
        return " ".join(said)

    def _failed(self, problem: Problem) -> None:
        self.toast_requested.emit(" ".join(words.says(problem)), "", None)

    def _can(self) -> bool:
        workflow = self._session.workflow
        return workflow is not None and not workflow.needs_host
