"""The editor for pictures, videos, sounds and files that a workflow takes in: a tile to drop, paste or choose on."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from comfydesk.form.fields import Field, Issue, Kind, LocalFile
from comfydesk.gui.context import Context
from comfydesk.gui.form.editor import RING, Editor
from comfydesk.gui.form.upload_files import Look, dotted, look_at, save_picture, size_words
from comfydesk.gui.style.tokens import RADIUS
from comfydesk.gui.widgets.buttons import button, icon_button, menu
from comfydesk.gui.widgets.labels import ElidedLabel

TILE_HEIGHT = 96
THUMB = 80
MENU_NAMES = 40
ICONS = {Kind.IMAGE: "image", Kind.VIDEO: "video", Kind.AUDIO: "sound", Kind.FILE: "file"}


class UploadEditor(Editor):
    """Holds a `LocalFile` that is uploaded on Queue, or the name of a file that the server has already."""

    def __init__(self, field: Field, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(field, context, parent)
        self._value: Any = None
        self._pixmap = QPixmap()
        self._dropping = False
        self._outline = ""
        self.pasted_folder: Path | None = None  # where a pasted picture becomes a file
        self.setFixedHeight(TILE_HEIGHT + 2 * RING)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(field.label)
        self._build()
        context.theme.changed.connect(self.update)
        self.set_value(field.value)

    @property
    def value(self) -> Any:
        return self._value

    def set_value(self, value: Any) -> None:
        self._value = value
        self._pixmap = QPixmap()
        self._set_problem("")
        self._say()
        if isinstance(value, LocalFile):
            self._look(value)
        self.update()

    def take_file(self, path: str) -> None:
        """Use a file of this computer, if its kind fits."""
        endings = self.field.upload_kinds
        if endings and not path.lower().endswith(tuple(dotted(end) for end in endings)):
            self._set_problem(
                self.tr("{name} does not fit here: {kinds} do.").format(name=Path(path).name, kinds=", ".join(endings))
            )
            self.note.set_text(self.problem)
            return
        self._take(LocalFile(path))

    def set_issue(self, issue: Issue | None) -> None:
        super().set_issue(issue)
        if isinstance(self._value, str) and self._value:
            self.note.set_text(self.tr("on the server") if issue is None else self.tr("choose a file in its place"))

    def show_severity(self, severity: str) -> None:
        self._outline = severity
        self.update()

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(RING + THUMB + 22, RING + 10, RING + 8, RING + 10)
        row.setSpacing(8)
        words = QVBoxLayout()
        words.setSpacing(3)
        self.title = ElidedLabel("")
        self.note = ElidedLabel("", "small")
        words.addStretch(1)
        words.addWidget(self.title)
        words.addWidget(self.note)
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        self.choose = button(self.tr("Choose…"), "link", clicked=self._choose)
        buttons.addWidget(self.choose)
        self.on_host = button(self.tr("On the server ▾"), "link", clicked=self._show_names)
        buttons.addWidget(self.on_host)
        if not self.field.choices:
            self.on_host.hide()
        buttons.addStretch(1)
        words.addSpacing(2)
        words.addLayout(buttons)
        words.addStretch(1)
        row.addLayout(words, 1)
        icon = self.context.icons.icon("close", "muted")
        self.clear = icon_button(icon, self.tr("Take the file out"), clicked=lambda: self._take(""))
        row.addWidget(self.clear, 0, Qt.AlignmentFlag.AlignTop)

    def _take(self, value: Any) -> None:
        self.set_value(value)
        self.value_changed.emit(value)

    def _say(self) -> None:
        value = self._value
        self.clear.setVisible(bool(value))
        if isinstance(value, LocalFile):
            self.title.set_text(Path(value.path).name)
            self.note.set_text(self.tr("on this computer · uploaded when you queue"))
        elif value:
            self.title.set_text(str(value))
            self.note.set_text(self.tr("on the server"))
        else:
            self.title.set_text(self.tr("Drop, paste or choose"))
            kinds = ", ".join(end.lstrip(".") for end in self.field.upload_kinds[:8])
            self.note.set_text(kinds or self.tr("a file"))

    def _look(self, file: LocalFile) -> None:
        """Size and thumbnail, off the GUI thread; a file that was moved meanwhile says so."""
        if not self.context.bridge.is_attached:
            return
        side = round(2 * THUMB * self.devicePixelRatioF())
        self.context.bridge.start(
            look_at,
            file.path,
            side if self.field.kind is Kind.IMAGE else 0,
            then=lambda look: self._looked(file, look),
            failed=lambda _: self._gone(file),
        )

    def _looked(self, file: LocalFile, look: Look) -> None:
        if self._value == file:
            self._pixmap = QPixmap.fromImage(look.image)
            size = f"{look.width} × {look.height}" if look.width > 0 else ""
            parts = (size, size_words(look.bytes), self.tr("uploaded when you queue"))
            self.note.set_text(" · ".join(part for part in parts if part))
            self.update()

    def _gone(self, file: LocalFile) -> None:
        if self._value == file:
            self._set_problem(self.tr("{name} is not there any more.").format(name=Path(file.path).name))
            self.note.set_text(self.tr("not there any more: choose it again"))

    def _choose(self) -> None:
        dialog = QFileDialog(self.window(), self.field.label)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        if self.field.upload_kinds:
            patterns = " ".join("*" + dotted(end) for end in self.field.upload_kinds)
            dialog.setNameFilters([f"{self.field.label} ({patterns})", self.tr("All files (*)")])
        dialog.fileSelected.connect(self.take_file)
        dialog.open()

    def _show_names(self) -> None:
        names = menu(self)
        names.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in self.field.choices[:MENU_NAMES]:
            text = str(name).replace("&", "&&")
            names.addAction(text if len(text) < 60 else "…" + text[-58:]).triggered.connect(
                lambda _=False, n=name: self._take(n)
            )
        names.popup(self.on_host.mapToGlobal(self.on_host.rect().bottomLeft()))

    def paste(self, data: QMimeData) -> bool:
        """Take a file or a picture from the clipboard. Returns whether there was one."""
        paths = [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
        if paths:
            self.take_file(paths[0])
            return True
        if data.hasImage() and self.field.kind is Kind.IMAGE:
            self._keep_picture(data.imageData())
            return True
        return False

    def _keep_picture(self, image: Any) -> None:
        picture = image.toImage() if isinstance(image, QPixmap) else QImage(image)
        if picture.isNull() or self.pasted_folder is None or not self.context.bridge.is_attached:
            return
        path = self.pasted_folder / f"pasted_{time.strftime('%Y-%m-%d_%H-%M-%S')}.png"
        self.context.bridge.start(save_picture, picture, path, then=lambda saved: self._take(LocalFile(saved)))

    # Qt

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()) or event.mimeData().hasImage():
            self._dropping = True
            self.update()
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._dropping = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        self._dropping = False
        self.update()
        if self.paste(event.mimeData()):
            event.acceptProposedAction()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Paste):
            self.paste(QGuiApplication.clipboard().mimeData())
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self._value:
            self._take("")
        elif event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return) and not event.modifiers():
            self._choose()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: Any) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: Any) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self.context.theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        box = QRectF(self.rect()).adjusted(RING + 0.5, RING + 0.5, -RING - 0.5, -RING - 0.5)
        lit = self._dropping or self.hasFocus()
        colour = {"error": tokens.error, "warning": tokens.warning}.get(self._outline) or (
            tokens.accent if lit else tokens.control
        )
        pen = QPen(QColor(colour), 2 if self._dropping else 1)
        if not self._value:
            pen.setDashPattern([4, 4])
        painter.setPen(pen)
        painter.setBrush(QColor(tokens.selection if self._dropping else tokens.field))
        painter.drawRoundedRect(box, RADIUS, RADIUS)
        place = QRectF(box.left() + 8, box.top() + 8, THUMB, box.height() - 16)
        path = QPainterPath()
        path.addRoundedRect(place, 6, 6)
        painter.setClipPath(path)
        painter.fillRect(place, QColor(tokens.raised))
        if self._pixmap.isNull():
            self.context.icons.icon(ICONS.get(self.field.kind, "file"), "muted").paint(
                painter, place.adjusted(26, 26, -26, -26).toRect()
            )
        else:
            size = self._pixmap.size().scaled(place.size().toSize(), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
            target = QRectF(0, 0, size.width(), size.height())
            target.moveCenter(place.center())
            painter.drawPixmap(target, self._pixmap, QRectF(self._pixmap.rect()))
