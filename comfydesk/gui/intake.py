"""Workflow files that come in by dialog, drop, argument or a second start: into the library, and the last one opens."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QMimeData, QObject, Signal
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtWidgets import QWidget

from comfydesk.base.errors import Problem

from . import words
from .bridge import Bridge

if TYPE_CHECKING:
    from .drop_hint import DropHint

_DRAG_ENDS = (QEvent.Type.DragLeave, QEvent.Type.Drop)
EACH, NAMED = 2, 3  # files that are said one by one; names in the note for more


class Intake(QObject):
    """`opened(WorkflowEntry, count)` after all of them; `refused(str)`: what was no workflow, and what to do."""

    opened = Signal(object, int)
    refused = Signal(str)

    def __init__(self, bridge: Bridge, window: QWidget) -> None:
        super().__init__(window)
        self._bridge, self._window = bridge, window
        self._hint: DropHint | None = None
        window.installEventFilter(self)

    def take(self, files: list[str]) -> None:
        """Put files into the library and open the last that is a workflow. Nothing without an engine."""
        if files and self._bridge.is_attached:
            self._bridge.spawn(self._take(self._bridge.engine, list(files)), "import files")

    async def _take(self, engine: Any, files: list[str]) -> None:
        taken: dict[str, Any] = {}
        refused: dict[str, Problem] = {}
        for file in files:
            try:
                entry = await self._bridge.call(engine.import_workflow, file)
                taken[entry.name] = entry
            except Problem as problem:
                refused[file] = problem
        for text in self._refusals(refused):
            self.refused.emit(text)
        if taken:
            self.opened.emit(list(taken.values())[-1], len(taken))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """While files are over the window, say what letting go of them does."""
        if isinstance(event, QDragEnterEvent):
            self._say(local_files(event.mimeData()))
        elif self._hint is not None and event.type() in _DRAG_ENDS:
            self._hint.hide()
        return False

    def _say(self, files: list[str]) -> None:
        from .drop_hint import DropHint  # after the first frame

        if files:
            self._hint = self._hint or DropHint(self._window)
            self._hint.show_for(files)

    def _refusals(self, refused: dict[str, Problem]) -> list[str]:
        """A note for each file; one for all where they are many, or each would push another away."""
        if len(refused) <= EACH:
            return ["\n".join(words.says(problem)) for problem in refused.values()]
        names = ", ".join(_short(PurePath(file).name) for file in list(refused)[:NAMED])
        rest = self.tr(" and {n} more").format(n=len(refused) - NAMED) if len(refused) > NAMED else ""
        says = self.tr("{n} files could not be added: {names}{rest}.")
        _, next_step = words.says(next(iter(refused.values())))
        return [f"{says.format(n=len(refused), names=names, rest=rest)}\n{next_step}"]

    def ask(self) -> None:
        """Let a person choose files."""
        from PySide6.QtWidgets import QFileDialog

        dialog = QFileDialog(self._window, self.tr("Open a workflow"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters([self.tr("Workflows (*.json)"), self.tr("All files (*)")])
        dialog.filesSelected.connect(self.take)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def _short(name: str) -> str:
    return name if len(name) <= 40 else f"{name[:24]}…{name[-14:]}"


def local_files(mime: QMimeData) -> list[str]:
    """The paths in a drop; links into the web are none."""
    return [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
