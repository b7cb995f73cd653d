"""What a person brings to the library: chosen files, the clipboard, a link, something dropped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from comfydesk.gui import drops


class Incoming(QObject):
    """`brought(Drop)`: for the window's intake. `folder()`: where new things go unless they are dropped on another.

    `toast_requested(text, action, callback)`.
    """

    brought = Signal(object)
    toast_requested = Signal(str, str, object)

    def __init__(self, panel: Any, folder: Callable[[], str]) -> None:
        super().__init__(panel)
        self._panel = panel
        self._folder = folder

    def choose_files(self) -> None:
        """Choose files to add."""
        dialog = QFileDialog(self._panel.window(), self.tr("Add workflows"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters(drops.name_filters())
        dialog.filesSelected.connect(
            lambda files: self.brought.emit(drops.Drop(files=tuple(files), folder=self._folder()))
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def paste(self) -> None:
        """Take what the clipboard holds."""
        found = drops.from_mime(QGuiApplication.clipboard().mimeData(), self._folder())
        if found is None:
            text = self.tr("The clipboard holds no workflow: no file, picture, JSON or link.")
            self.toast_requested.emit(text, "", None)
        else:
            self.brought.emit(found)

    def fetch(self, url: str) -> None:
        """Fetch what a link leads to."""
        self.brought.emit(drops.Drop(url=url, folder=self._folder()))

    def drop(self, data: QMimeData, folder: str | None) -> None:
        """Let go of over a folder, or anywhere (None)."""
        found = drops.from_mime(data, self._folder() if folder is None else folder)
        if found is not None:
            self.brought.emit(found)
