"""The editor for pictures, videos, sounds and files that a workflow takes in: a tile to drop, paste or choose on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QRectF, Qt
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from comfydesk.base.errors import Problem
from comfydesk.form.fields import Field, Issue, Kind, LocalFile
from comfydesk.gui import drops, words
from comfydesk.gui.context import Context
from comfydesk.gui.form import upload_tile
from comfydesk.gui.form.editor import RING, Editor
from comfydesk.gui.form.upload_files import Look, dotted, fits, keep_pasted, length_words, pasted_picture, size_words
from comfydesk.gui.form.upload_look import UploadLook
from comfydesk.gui.form.upload_picker import Picker, Source
from comfydesk.gui.form.upload_sources import GallerySource, ServerSource
from comfydesk.gui.form.upload_tile import HEIGHT, ICONS, THUMB, Tile
from comfydesk.gui.widgets.buttons import button, icon_button
from comfydesk.gui.widgets.labels import ElidedLabel


class UploadEditor(Editor):
    """Holds a `LocalFile` that is uploaded on Queue, or the name of a file that the server has already; "" for none."""

    def __init__(self, field: Field, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(field, context, parent)
        self._value: Any = None
        self._pixmap = QPixmap()
        self._dropping = self._is_off = False
        self._outline = ""
        self._facts: list[str] = []
        self._host_id = ""
        self.may_be_empty = False  # the workflow runs without it
        self.pasted_folder: Path | None = None  # where a pasted picture becomes a file
        self._look = UploadLook(context, field.kind, self)
        self._look.arrived.connect(self._looked)
        self._look.gone.connect(self._gone)
        self.setFixedHeight(HEIGHT + 2 * RING)
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
        self._facts = []
        self._set_problem("")
        self._say()
        self._look.show(value, self._host_id, round(2 * THUMB * self.devicePixelRatioF()))
        self.update()

    def set_host(self, host_id: str) -> None:
        """Whose files are meant by names; "" for none."""
        if host_id != self._host_id:
            self._host_id = host_id
            self._show_buttons()
            if isinstance(self._value, str) and self._value:
                self._look.show(self._value, host_id, round(2 * THUMB * self.devicePixelRatioF()))

    def set_off(self, is_off: bool) -> None:
        """Whether what the field feeds is left out of the runs, because a picture that it needs is not there."""
        if is_off != self._is_off:
            self._is_off = is_off
            self._say()
            self.update()

    def take_file(self, path: str) -> None:
        """Use a file of this computer, if its kind fits."""
        if fits(path, self.field.upload_kinds):
            self._take(LocalFile(path))
            return
        kinds = ", ".join(self.field.upload_kinds)
        self._set_problem(self.tr("{name} does not fit here: {kinds} do.").format(name=Path(path).name, kinds=kinds))
        self.note.set_text(self.problem)

    def set_issue(self, issue: Issue | None) -> None:
        super().set_issue(issue)
        if isinstance(self._value, str) and self._value:
            self.note.set_text(self._said() if issue is None else self.tr("choose a file in its place"))

    def show_severity(self, severity: str) -> None:
        self._outline = severity
        self.update()

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(RING + THUMB + 20, RING + 8, RING + 6, RING + 8)
        row.setSpacing(2)
        column = QVBoxLayout()
        column.setSpacing(3)
        self.title, self.note = ElidedLabel(""), ElidedLabel("", "small")
        links = QHBoxLayout()
        links.setSpacing(10)
        self.choose = button(self.tr("Choose…"), "link", clicked=self._choose)
        self.from_gallery = button(self.tr("Gallery…"), "link", clicked=lambda: self._pick(self.from_gallery))
        self.from_gallery.setToolTip(self.tr("From the gallery: the newest results"))
        self.from_server = button(self.tr("Server…"), "link", clicked=lambda: self._pick(self.from_server))
        self.from_server.setToolTip(self.tr("From the server: the files in its input folder"))
        for each in (self.choose, self.from_gallery, self.from_server):
            links.addWidget(each)
        links.addStretch(1)
        column.addStretch(1)
        column.addWidget(self.title)
        column.addWidget(self.note)
        column.addSpacing(2)
        column.addLayout(links)
        column.addStretch(1)
        row.addLayout(column, 1)
        icons = self.context.icons
        self.mask = icon_button(icons.icon("edit", "muted"), self.tr("Paint a mask…"), clicked=self._paint_mask)
        self.clear = icon_button(
            icons.icon("close", "muted"), self.tr("Take the file out"), clicked=lambda: self._take("")
        )
        row.addWidget(self.mask, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.clear, 0, Qt.AlignmentFlag.AlignTop)

    def _take(self, value: Any) -> None:
        self.set_value(value)
        self.value_changed.emit(value)

    def _show_buttons(self) -> None:
        attached = self.context.bridge.is_attached
        self.clear.setVisible(bool(self._value))
        is_here = isinstance(self._value, LocalFile) or bool(self._host_id)
        self.mask.setVisible(bool(self._value) and is_here and attached and self.field.kind is Kind.IMAGE)
        self.from_gallery.setVisible(attached)
        self.from_server.setVisible(attached and bool(self._host_id or self.field.choices))

    def _say(self) -> None:
        value = self._value
        self._show_buttons()
        if isinstance(value, LocalFile):
            self.title.set_text(Path(value.path).name)
        else:
            self.title.set_text(str(value) if value else self.tr("Drop, paste or choose"))
        self.note.set_text(self._said())

    def _said(self) -> str:
        """The line under the name."""
        if not self._value:
            if self.may_be_empty:
                return self.tr("off: the workflow runs without it")
            return ", ".join(end.lstrip(".") for end in self.field.upload_kinds[:8]) or self.tr("a file")
        if self._is_off:
            return self.tr("off: what it is for needs another file")
        if isinstance(self._value, LocalFile):
            return " · ".join(self._facts) or self.tr("on this computer")
        return " · ".join([*self._facts, self.tr("on the server")])

    def _looked(self, look: Look) -> None:
        if not look.image.isNull():
            self._pixmap = QPixmap.fromImage(look.image)
        facts = (
            f"{look.width} × {look.height}" if look.width > 0 else "",
            length_words(look.seconds) if look.seconds is not None else "",
            size_words(look.bytes) if look.bytes else "",
        )
        if any(facts):  # a poster has none
            self._facts = [fact for fact in facts if fact]
        if not self.problem:
            self.note.set_text(self._said())
        self.update()

    def _gone(self) -> None:
        self._set_problem(self.tr("{name} is not there any more.").format(name=Path(self._value.path).name))
        self.note.set_text(self.tr("not there any more: choose it again"))

    # -- where a value comes from

    def _choose(self) -> None:
        dialog = QFileDialog(self.window(), self.field.label)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        if self.field.upload_kinds:
            patterns = " ".join("*" + dotted(end) for end in self.field.upload_kinds)
            dialog.setNameFilters([f"{self.field.label} ({patterns})", self.tr("All files (*)")])
        dialog.fileSelected.connect(self.take_file)
        dialog.open()

    def _pick(self, owner: QWidget) -> None:
        """Open the gallery's or the server's files to pick from."""
        if not self.context.bridge.is_attached:
            return
        source: Source = GallerySource(self.context, self.field)
        title = self.tr("Search the newest results")
        if owner is self.from_server:
            source = ServerSource(self.context, self.field, self._host_id)
            title = self.tr("Search the server's inputs")
        picker = Picker(self.context, source, ICONS.get(self.field.kind, "file"), title, owner)
        picker.chosen.connect(self._take)
        picker.open_below(owner)

    def paste(self, data: QMimeData) -> bool:
        """Take a file or a picture from the clipboard or a drop. Returns whether there was one."""
        if paths := drops.local_files(data):
            self.take_file(paths[0])
            return True
        picture = pasted_picture(data) if self.field.kind is Kind.IMAGE else None
        if picture is not None and self.pasted_folder is not None and self.context.bridge.is_attached:
            self.context.bridge.start(
                keep_pasted,
                picture,
                self.pasted_folder,
                then=lambda saved: self._take(LocalFile(saved)),
                failed=self._say_problem,
            )
        return picture is not None

    def _say_problem(self, problem: Problem) -> None:
        self._set_problem(words.says(problem)[0])

    # -- the mask

    def _paint_mask(self) -> None:
        """Open the mask editor; a picture of the server is copied here first."""
        if isinstance(self._value, LocalFile):
            self._open_mask(self._value.path)
        elif self._value and self._host_id:
            copy = self.context.bridge.engine.copy_host_input
            self.context.bridge.run(copy, self._host_id, self._value, then=self._open_mask, failed=self._say_problem)

    def _open_mask(self, path: str) -> None:
        from comfydesk.gui.form.mask.editor import MaskEditor  # Pillow comes with it

        folder = self.pasted_folder or Path(path).parent
        editor = MaskEditor(self.context, path, folder, self.window())
        editor.saved.connect(self.take_file)
        editor.show()

    # Qt

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if drops.local_files(event.mimeData()) or event.mimeData().hasImage():
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
        tile = Tile(
            self.field.kind,
            self._pixmap,
            not self._value,
            self.hasFocus(),
            self._dropping,
            self._is_off or (self.may_be_empty and not self._value),
            self._outline,
        )
        upload_tile.paint(QPainter(self), QRectF(self.rect()), tile, self.context)
