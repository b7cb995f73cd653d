"""Says above the pages that results cannot be saved: a full disk concerns them all and does not pass by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QVBoxLayout, QWidget

from comfydesk.base.changes import Change

from . import words
from .context import Context
from .widgets.problem_line import ProblemLine

if TYPE_CHECKING:
    from comfydesk.jobs.model import DiskTrouble


class DiskNotice(QWidget):
    """Shown from the first file that the disk refuses until it takes one again. `settings_requested`."""

    settings_requested = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._troubles: dict[str, DiskTrouble] = {}  # by folder
        self.line: ProblemLine | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 10, 16, 10)
        context.bridge.changed.connect(self._on_changes)
        self.hide()

    def clear(self) -> None:
        """Forget the engine that was left."""
        self._troubles.clear()
        self._show()

    def _on_changes(self, changes: list[Change]) -> None:
        from comfydesk.jobs.model import DiskTrouble  # after the first frame

        news = [change for change in changes if isinstance(change, DiskTrouble)]
        for trouble in news:
            if trouble.problem is not None:
                self._troubles[trouble.folder] = trouble
            else:
                self._troubles.pop(trouble.folder, None)
        if news:
            self._show()

    def _show(self) -> None:
        trouble = next(reversed(self._troubles.values()), None)
        self.setVisible(trouble is not None)
        if trouble is None or trouble.problem is None:
            return
        if self.line is None:
            self.line = ProblemLine(self._context.icons)
            self._column.addWidget(self.line)
        sentence, next_step = words.says(trouble.problem)
        links = [(self.tr("Open the folder"), lambda: self._open(trouble.folder))]
        if not self._is_home(trouble.folder):
            next_step = f"{next_step} {self.tr('Until then finished results wait on the server; nothing is lost.')}"
            links.insert(0, (self.tr("Choose another folder"), self.settings_requested.emit))
        self.line.show_text(sentence, next_step, *links, details=trouble.problem.details)

    def _is_home(self, folder: str) -> bool:
        engine = self._context.bridge.engine
        return engine is not None and folder == str(engine.home.root)

    def _open(self, folder: str) -> None:
        self._context.bridge.start(nearest, folder, then=lambda found: QDesktopServices.openUrl(_url(found)))


def nearest(folder: str) -> str:
    """The folder, or the innermost one around it that is there. Looks on the disk."""
    from pathlib import Path

    path = Path(folder)
    return str(next((each for each in (path, *path.parents) if each.is_dir()), path))


def _url(folder: str) -> QUrl:
    return QUrl.fromLocalFile(folder)
