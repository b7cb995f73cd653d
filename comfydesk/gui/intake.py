"""Workflow files that come in by dialog, drop, argument or a second start: into the library, and the last one opens."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtWidgets import QWidget

from comfydesk.base.errors import Problem

from .bridge import Bridge


class Intake(QObject):
    """`opened(WorkflowEntry)` after all of them; `refused(Problem)` for each file that is no workflow."""

    opened = Signal(object)
    refused = Signal(object)

    def __init__(self, bridge: Bridge, window: QWidget) -> None:
        super().__init__(window)
        self._bridge, self._window = bridge, window

    def take(self, files: list[str]) -> None:
        """Put files into the library and open the last that is a workflow. Nothing without an engine."""
        if files and self._bridge.is_attached:
            self._bridge.spawn(self._take(self._bridge.engine, list(files)), "import files")

    async def _take(self, engine: Any, files: list[str]) -> None:
        last = None
        for file in files:
            try:
                last = await self._bridge.call(engine.import_workflow, file)
            except Problem as problem:
                self.refused.emit(problem)
        if last is not None:
            self.opened.emit(last)

    def ask(self) -> None:
        """Let a person choose files."""
        from PySide6.QtWidgets import QFileDialog

        dialog = QFileDialog(self._window, self.tr("Open a workflow"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters([self.tr("Workflows (*.json)"), self.tr("All files (*)")])
        dialog.filesSelected.connect(self.take)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def local_files(mime: QMimeData) -> list[str]:
    """The paths in a drop; links into the web are none."""
    return [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
