"""Where results go, and the way to change it; on the start page and in the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from ..context import Context
from ..widgets.buttons import button
from ..widgets.labels import ElidedLabel, label


class ResultsFolder(QWidget):
    """ "Results are saved in Pictures/ComfyDesk · Change · Open"."""

    changed = Signal(str)

    def __init__(self, context: Context, *, prefix: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._engine: Any = None
        self.folder = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        if prefix:
            row.addWidget(label(self.tr("Results are saved in"), "muted"))
        self.path = ElidedLabel("", mode=Qt.TextElideMode.ElideMiddle)
        self.change = button(self.tr("Change"), "link", clicked=self._ask)
        self.open = button(self.tr("Open"), "link", clicked=self._open)
        row.addWidget(self.path)
        row.addSpacing(4)
        row.addWidget(self.change)
        row.addWidget(self.open)
        row.addStretch(1)
        self.setVisible(False)

    def attach(self, engine: Any) -> None:
        self._engine = engine
        self.change.setVisible(not engine.home.is_demo)  # the demo's results stay in the demo
        self._read()

    def detach(self) -> None:
        self._engine = None
        self.setVisible(False)

    def set_folder(self, folder: str) -> None:
        """Use another folder from now on."""
        if self._engine is not None and folder:
            self._context.bridge.run(self._engine.set_output_root, folder, then=lambda _none: self._read())

    def _read(self) -> None:
        if self._engine is not None:
            self._context.bridge.run(self._engine.output_root, then=self._show)

    def _show(self, folder: str) -> None:
        self.folder = folder
        self.path.set_text(short(folder))
        self.path.setToolTip("")
        self.setVisible(True)
        self.changed.emit(folder)

    def _ask(self) -> None:
        dialog = QFileDialog(self.window(), self.tr("Folder for results"), self.folder)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self.set_folder)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _open(self) -> None:
        if self._engine is not None:
            self._context.bridge.start(_make, self.folder, then=_show_folder)


def short(folder: str) -> str:
    """The folder as a person says it: without the way to the own home folder."""
    try:
        return str(Path(folder).relative_to(Path.home()))
    except ValueError:
        return folder


def _make(folder: str) -> str:
    Path(folder).mkdir(parents=True, exist_ok=True)
    return folder


def _show_folder(folder: str) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(folder))
