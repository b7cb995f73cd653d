"""What leaves the window: files that are shown in their folder, opened by their program, or dragged away."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QRect, Qt, QUrl
from PySide6.QtGui import QColor, QDesktopServices, QDrag, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from comfydesk.gallery.model import GalleryItem
from comfydesk.gui.drops import RESULT_DRAG
from comfydesk.jobs.naming import UNTRUSTED

_PATIENCE = 4.0  # seconds for a file manager to answer
_DRAGGED = 96  # pixels of the picture under the pointer


def can_open(item: GalleryItem) -> bool:
    """Whether the file may be handed to its program: not what a server could have made to be run."""
    return not item.missing and not item.path.lower().endswith(UNTRUSTED)


def open_file(item: GalleryItem) -> None:
    """Open a file with the program that the system has for it."""
    if can_open(item):
        QDesktopServices.openUrl(QUrl.fromLocalFile(item.path))


def reveal(path: str) -> str:
    """Show a file in its folder, selected. Blocking: it asks other programs.

    "shown"; "folder": it is still to be opened, without a selection; "gone": it is not there any more.
    """
    if not Path(path).parent.is_dir():
        return "gone"
    if Path(path).is_file():
        try:
            done = subprocess.run(
                select_command(path, sys.platform), capture_output=True, timeout=_PATIENCE, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return "folder"
        if done.returncode == 0 or sys.platform == "win32":  # Explorer answers 1 when all is well
            return "shown"
    return "folder"


def select_command(path: str, platform: str) -> list[str]:
    """What selects a file in the file manager: Explorer, Finder, or whichever answers on a freedesktop's bus."""
    if platform == "win32":
        return ["explorer", "/select,", os.path.normpath(path)]
    if platform == "darwin":
        return ["open", "-R", path]
    url = QUrl.fromLocalFile(path).toString(QUrl.ComponentFormattingOption.FullyEncoded).replace(",", "%2C")
    return [
        *("dbus-send", "--session", "--print-reply", "--reply-timeout=2000", "--dest=org.freedesktop.FileManager1"),
        *("/org/freedesktop/FileManager1", "org.freedesktop.FileManager1.ShowItems"),
        *(f"array:string:{url}", "string:"),
    ]


def open_folder(path: str) -> None:
    """Open the folder of a file with the system's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(os.fspath(Path(path).parent)))


def drag(source: QWidget, items: Sequence[GalleryItem], picture: QPixmap | None) -> None:
    """Drag files as copies: into a folder, a chat, another program, or onto a field of the form."""
    paths = [item.path for item in items if not item.missing]
    if not paths:
        return
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(path) for path in paths])
    data.setText("\n".join(paths))
    data.setData(RESULT_DRAG, str(items[0].item_id).encode())
    dragging = QDrag(source)
    dragging.setMimeData(data)
    dragging.setPixmap(_dragged(picture, len(paths), source))
    dragging.setHotSpot(QPoint(_DRAGGED // 2, _DRAGGED // 2))
    dragging.exec(Qt.DropAction.CopyAction)


def _dragged(picture: QPixmap | None, count: int, source: QWidget) -> QPixmap:
    """The tile in small, with the number of files."""
    ratio = source.devicePixelRatioF()
    made = QPixmap(round(_DRAGGED * ratio), round(_DRAGGED * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(QColor("#2c313c"))
    painter = QPainter(made)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    if picture is not None:
        painter.drawPixmap(QRect(0, 0, _DRAGGED, _DRAGGED), picture)
    if count > 1 or picture is None:
        painter.setPen(QColor("#ffffff"))
        box = QRect(_DRAGGED - 40, _DRAGGED - 26, 36, 22) if picture is not None else made.rect()
        if picture is not None:
            painter.setBrush(QColor(13, 16, 22, 210))
            painter.drawRoundedRect(box, 6, 6)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, f"{count:,}")
    painter.end()
    return made
