"""One file in full size: zoom, arrows to the neighbours, Esc back to the grid."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QStackedLayout, QVBoxLayout

from comfydesk.gallery.model import GalleryItem
from comfydesk.gui.context import Context
from comfydesk.gui.gallery.media import AnimationView, MediaView
from comfydesk.gui.widgets.buttons import icon_button
from comfydesk.gui.widgets.image_view import ImageView
from comfydesk.gui.widgets.labels import ElidedLabel, label
from comfydesk.gui.widgets.placeholder import Placeholder

_TEXT_LIMIT = 1 << 20


class Viewer(QFrame):
    """`closed`, `step_requested(±1)`, `trash_requested(item_id)`."""

    closed = Signal()
    step_requested = Signal(int)
    trash_requested = Signal(object)
    open_requested = Signal(object)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._item: GalleryItem | None = None
        self.image = ImageView(context.theme)
        self.image.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.image.scale_changed.connect(self._show_scale)
        self._animation = AnimationView()
        self._media: MediaView | None = None
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._other = Placeholder(context.icons, "file", "")
        self._other.add_button(self.tr("Open with another program"), self._open)
        self._stack = QStackedLayout()
        for page in (self.image, self._animation, self._text, self._other):
            self._stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 16)
        column.setSpacing(8)
        column.addLayout(self._bar())
        column.addLayout(self._stack, 1)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def _bar(self) -> QHBoxLayout:
        icons = self._context.icons
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(
            icon_button(icons.icon("arrow-left"), self.tr("Back to the grid (Esc)"), clicked=self.closed.emit)
        )
        self._name = ElidedLabel("", "heading", mode=Qt.TextElideMode.ElideMiddle)
        row.addSpacing(8)
        row.addWidget(self._name, 1)
        self._place = label("", "muted")
        self._scale = label("", "muted")
        row.addWidget(self._scale)
        row.addSpacing(8)
        for name, tip, action in (
            ("zoom-out", self.tr("Smaller (−)"), lambda: self.image.zoom_by(0.8)),
            ("zoom-in", self.tr("Larger (+)"), lambda: self.image.zoom_by(1.25)),
            ("fit", self.tr("Fit (0)"), self.image.fit),
        ):
            row.addWidget(icon_button(icons.icon(name), tip, clicked=action))
        row.addSpacing(8)
        row.addWidget(self._place)
        row.addWidget(
            icon_button(icons.icon("chevron-left"), self.tr("Newer (←)"), clicked=lambda: self.step_requested.emit(-1))
        )
        row.addWidget(
            icon_button(icons.icon("chevron-right"), self.tr("Older (→)"), clicked=lambda: self.step_requested.emit(1))
        )
        return row

    def show_item(self, item: GalleryItem, place: str) -> None:
        """Show a file; `place` says which of how many it is."""
        self._item = item
        self._name.set_text(item.name)
        self._place.setText(place)
        self._release()
        if item.missing:
            self._show_other(self.tr("This file was moved or deleted."), item.path)
        elif item.kind == "picture":
            self._stack.setCurrentWidget(self.image)
            self._context.bridge.spawn(self._load_picture(item), f"view {item.item_id}")
        elif item.kind == "animation":
            self._stack.setCurrentWidget(self._animation)
            self._animation.show_file(item.path)
        elif item.kind in ("video", "sound"):
            self._player().show_file(item.path, is_sound=item.kind == "sound")
            self._stack.setCurrentWidget(self._player())
        elif item.kind == "text":
            self._stack.setCurrentWidget(self._text)
            self._context.bridge.spawn(self._load_text(item), f"text {item.item_id}")
        else:
            self._show_other(item.name, self.tr("ComfyDesk cannot show this kind of file."))
        self._scale.setVisible(item.kind == "picture" and not item.missing)

    def release(self) -> None:
        """Let go of the file that is shown."""
        self._item = None
        self._release()

    def _release(self) -> None:
        self.image.set_image(None)
        self._animation.show_file("")
        self._text.clear()
        if self._media is not None:
            self._media.show_file("")

    def _player(self) -> MediaView:
        if self._media is None:
            self._media = MediaView(self._context)
            self._stack.addWidget(self._media)
        return self._media

    async def _load_picture(self, item: GalleryItem) -> None:
        # A small version first, so that stepping through a hundred files shows something at once.
        first = await self._context.bridge.decode(item.path, QSize(1600, 1600))
        if self._item is not item:
            return
        if first.isNull():
            self._show_other(self.tr("This picture is damaged or too large to show."), item.path)
            return
        size = QSize(item.width, item.height) if item.width and item.height else first.size()
        self.image.set_image(first, full_size=size)
        if max(size.width(), size.height()) > 1600:
            full = await self._context.bridge.decode(item.path)
            if self._item is item and not full.isNull():
                self.image.set_image(full, keep_view=True)

    async def _load_text(self, item: GalleryItem) -> None:
        text = await self._context.bridge.work(_read_text, item.path)
        if self._item is item:
            self._text.setPlainText(text)

    def _show_other(self, title: str, text: str) -> None:
        self._other.say(title, text)
        self._stack.setCurrentWidget(self._other)

    def _show_scale(self, scale: float) -> None:
        self._scale.setText(f"{scale:.0%}" if scale else "")

    def _open(self) -> None:
        if self._item is not None:
            self.open_requested.emit(self._item)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Backspace):
            self.closed.emit()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_PageUp) and self.image.is_fitted:
            self.step_requested.emit(-1)
        elif key in (Qt.Key.Key_Right, Qt.Key.Key_PageDown) and self.image.is_fitted:
            self.step_requested.emit(1)
        elif key == Qt.Key.Key_Space:
            self._space()
        elif key == Qt.Key.Key_Delete and self._item is not None:
            self.trash_requested.emit(self._item.item_id)
        elif self._stack.currentWidget() is self.image:
            self.image.keyPressEvent(event)
        else:
            super().keyPressEvent(event)

    def _space(self) -> None:
        if self._media is not None and self._stack.currentWidget() is self._media:
            self._media.toggle()
        else:
            self.closed.emit()


def _read_text(path: str) -> str:
    with Path(path).open("rb") as file:
        return file.read(_TEXT_LIMIT).decode("utf-8", "replace")
