"""One file in full size on a dark backdrop: zoom, arrows to the neighbours, Esc back to the grid."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QToolButton, QVBoxLayout, QWidget

from comfydesk.gallery.model import GalleryItem
from comfydesk.gui.context import Context
from comfydesk.gui.gallery import backdrop
from comfydesk.gui.gallery.alive import spawn
from comfydesk.gui.gallery.animation import AnimationView
from comfydesk.gui.gallery.media import MediaView
from comfydesk.gui.gallery.outside import can_open
from comfydesk.gui.gallery.stage import ViewerStage
from comfydesk.gui.gallery.tiles import ICONS
from comfydesk.gui.widgets.buttons import icon_button
from comfydesk.gui.widgets.icon_label import IconLabel
from comfydesk.gui.widgets.image_view import ImageView
from comfydesk.gui.widgets.labels import ElidedLabel, label
from comfydesk.gui.widgets.placeholder import Placeholder

_TEXT_LIMIT = 1 << 20
_TEXT_WIDTH = 760
_FIRST = 1600  # pixels: a small version is shown at once, the whole picture follows


class Viewer(QFrame):
    """`closed`, `step_requested(±1)`, `asked(what, item)`: open, folder, trash."""

    closed = Signal()
    step_requested = Signal(int)
    asked = Signal(str, object)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("viewer")
        self.setStyleSheet(backdrop.sheet("viewer"))
        self._context = context = backdrop.darkened(context, self)
        self._item: GalleryItem | None = None
        self.image = ImageView(context.theme)
        self.image.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.image.scale_changed.connect(self._show_scale)
        self.animation = AnimationView(context)
        self.animation.failed.connect(self._damaged)
        self._media: MediaView | None = None
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setProperty("kind", "bare")
        self._other = Placeholder(context.icons, "file", "")
        self._outside = self._other.add_button(
            self.tr("Open with another program"), lambda: self._ask("open"), "primary"
        )
        self._other.add_button(self.tr("Open folder"), lambda: self._ask("folder"))
        self._text.setMaximumWidth(_TEXT_WIDTH)
        self._text.setStyleSheet("font-size: 15px;")
        self._paper = QWidget()
        middle = QHBoxLayout(self._paper)
        middle.setContentsMargins(0, 24, 0, 0)
        middle.addWidget(self._text)
        self.stage = ViewerStage(context, (self.image, self.animation, self._paper, self._other))
        self.stage.step_requested.connect(self.step_requested)
        self._keys = label("", "small")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(8)
        column.addLayout(self._bar())
        column.addWidget(self.stage, 1)
        column.addWidget(self._keys, 0, Qt.AlignmentFlag.AlignHCenter)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("ring", False)

    def _bar(self) -> QHBoxLayout:
        icons = self._context.icons
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(
            icon_button(icons.icon("arrow-left"), self.tr("Back to the grid (Esc)"), clicked=self.closed.emit)
        )
        self.name = ElidedLabel("", "heading", mode=Qt.TextElideMode.ElideMiddle)
        row.addSpacing(8)
        row.addWidget(self.name, 1)
        self.place = label("", "muted")
        self.scale = label("", "muted")
        self.scale.setMinimumWidth(44)
        self.scale.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._zoom: list[QToolButton] = [
            icon_button(icons.icon(name), tip, clicked=action)
            for name, tip, action in (
                ("zoom-out", self.tr("Smaller (−)"), lambda: self.image.zoom_by(0.8)),
                ("zoom-in", self.tr("Larger (+)"), lambda: self.image.zoom_by(1.25)),
                ("fit", self.tr("Fit (0)"), self.image.fit),
            )
        ]
        row.addWidget(self.place)
        row.addSpacing(16)
        row.addWidget(self.scale)
        for widget in self._zoom:
            row.addWidget(widget)
        row.addSpacing(8)
        for name, tip, what in (
            ("folder-open", self.tr("Open folder"), "folder"),
            ("trash", self.tr("Move to the trash (Del)"), "trash"),
        ):
            row.addWidget(icon_button(icons.icon(name), tip, clicked=lambda what=what: self._ask(what)))
        return row

    def show_item(self, item: GalleryItem, row: int, total: int) -> None:
        """Show the file of a row among so many."""
        self._item = item
        self.name.set_text(item.name)
        self.place.setText(f"{row + 1:,} / {total:,}")
        self.stage.set_ends(row > 0, row < total - 1)
        self._release()
        is_picture = item.kind == "picture" and not item.missing
        for widget in (self.scale, *self._zoom):
            widget.setVisible(is_picture)
        self._keys.setText(self._key_hints(item))
        if item.missing:
            self._show_other(item, self.tr("This file was moved or deleted."), item.path)
        elif item.kind == "picture":
            self.stage.show_page(self.image)
            spawn(self._context.bridge, f"view {item.item_id}", self._load_picture, item)
        elif item.kind == "animation":
            self.stage.show_page(self.animation)
            self.animation.show_file(item.path)
        elif item.kind in ("video", "sound"):
            self.stage.show_page(self._player())
            self._player().show_file(item.path, is_sound=item.kind == "sound")
        elif item.kind == "text":
            self.stage.show_page(self._paper)
            spawn(self._context.bridge, f"text {item.item_id}", self._load_text, item)
        elif item.kind == "latent":
            self._show_other(item, item.name, self.tr("A latent is for other workflows: they take it by LoadLatent."))
        elif can_open(item):
            self._show_other(item, item.name, self.tr("This kind of file opens in its own program."))
        else:
            why = self.tr("The server sent a kind of file that is not opened here: it could be a program.")
            self._show_other(item, item.name, why)

    def _key_hints(self, item: GalleryItem) -> str:
        hints = [self.tr("← → step")]
        if item.kind == "picture" and not item.missing:
            hints += [self.tr("+ − zoom"), self.tr("0 fit"), self.tr("1 actual size")]
        elif item.kind in ("video", "sound"):
            hints.append(self.tr("Space play"))
        return "   ".join([*hints, self.tr("Del trash"), self.tr("Esc close")])

    def release(self) -> None:
        """Let go of the file that is shown."""
        self._item = None
        self._release()

    def _release(self) -> None:
        self.image.set_image(None)
        self.animation.show_file("")
        self._text.clear()
        if self._media is not None:
            self._media.show_file("")

    def _player(self) -> MediaView:
        if self._media is None:
            self._media = MediaView(self._context)
            self.stage.add_page(self._media)
        return self._media

    async def _load_picture(self, item: GalleryItem) -> None:
        # A small version first, so that stepping through a hundred files shows something at once.
        first = await self._context.bridge.decode(item.path, QSize(_FIRST, _FIRST))
        if self._item is not item:
            return
        if first.isNull():
            self._damaged()
            return
        size = QSize(item.width, item.height) if item.width and item.height else first.size()
        self.image.set_image(first, full_size=size)
        if max(size.width(), size.height()) > _FIRST:
            full = await self._context.bridge.decode(item.path)
            levels = await self._context.bridge.levels(full) if self._item is item else []
            if self._item is item and not full.isNull():
                self.image.set_image(full, levels=levels, keep_view=True)

    async def _load_text(self, item: GalleryItem) -> None:
        text = await self._context.bridge.work(_read_text, item.path)
        if self._item is not item:
            return
        if text is None:
            self._show_other(item, self.tr("This file cannot be read."), item.path)
        else:
            self._text.setPlainText(text)

    def _damaged(self) -> None:
        if self._item is not None:
            words = self.tr("This picture is damaged or too large to show.")
            self._show_other(self._item, words, self._item.path)

    def _show_other(self, item: GalleryItem, title: str, text: str) -> None:
        self._other.say(title, text)
        icon = self._other.findChild(IconLabel)
        icon.set_icon("warning" if item.missing else ICONS.get(item.kind, "file"), "faint")
        self._outside.setVisible(can_open(item) and item.kind != "latent")
        for widget in (self.scale, *self._zoom):
            widget.hide()
        self.stage.show_page(self._other)

    def _show_scale(self, scale: float) -> None:
        self.scale.setText(f"{scale:.0%}" if scale else "")

    def _ask(self, what: str) -> None:
        if self._item is not None:
            self.asked.emit(what, self._item)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Backspace):
            self.closed.emit()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_PageUp) and self._steps():
            self.step_requested.emit(-1)
        elif key in (Qt.Key.Key_Right, Qt.Key.Key_PageDown) and self._steps():
            self.step_requested.emit(1)
        elif key == Qt.Key.Key_Space:
            self._space()
        elif key == Qt.Key.Key_Delete:
            self._ask("trash")
        elif self.stage.page is self.image:
            self.image.keyPressEvent(event)
        else:
            super().keyPressEvent(event)

    def _steps(self) -> bool:
        """Whether the arrows go to the neighbours: they move a picture that is zoomed."""
        return self.stage.page is not self.image or self.image.is_fitted

    def _space(self) -> None:
        if self._media is not None and self.stage.page is self._media:
            self._media.toggle()
        else:
            self.closed.emit()


def _read_text(path: str) -> str | None:
    try:
        with Path(path).open("rb") as file:
            return file.read(_TEXT_LIMIT).decode("utf-8", "replace")
    except OSError:
        return None
