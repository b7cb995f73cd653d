"""A line for text: files that are dropped on it are not its text."""

from __future__ import annotations

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtWidgets import QLineEdit


def holds_files(mime: QMimeData) -> bool:
    """Whether files of this computer are dragged: the window takes them, wherever they are let go."""
    return any(url.isLocalFile() for url in mime.urls())


class PlainLine(QLineEdit):
    """Takes dropped text as it is, and leaves dropped files to the window."""

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if holds_files(event.mimeData()):
            event.ignore()
        else:
            super().dragEnterEvent(event)
