"""The stage's picture and what lies on it: pages for pictures, animations, videos and sounds, and the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QImage, QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from comfydesk.gui.context import Context
from comfydesk.gui.create.overlays import ErrorCard, PictureTag
from comfydesk.gui.style.tokens import STAGE_RADIUS
from comfydesk.gui.widgets.buttons import button
from comfydesk.gui.widgets.image_view import ImageView
from comfydesk.gui.widgets.placeholder import Placeholder

if TYPE_CHECKING:
    from comfydesk.gui.gallery.animation import AnimationView
    from comfydesk.gui.gallery.media import MediaView

INSET = 12
CARD_WIDTH = 480
PLAYED = frozenset({"animation", "video", "sound"})
# A video is drawn by the system above everything else: the tags stand over it.
TAG_ROW = 36


class StageArea(QStackedWidget):
    """`back_requested`, `keep_requested`. The card and the tags are its own; who they speak of is the stage's."""

    back_requested = Signal()
    keep_requested = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._path = ""
        self.empty = Placeholder(
            context.icons,
            "image",
            self.tr("Your pictures appear here"),
            self.tr(
                "Say what you want in the form and press Queue (Ctrl+Enter). You see each picture while it is made."
            ),
        )
        self.view = ImageView(context.theme, radius=STAGE_RADIUS)
        self.other = Placeholder(context.icons, "file", "")
        self.open_file = self.other.add_button(self.tr("Open"), self._open_outside)
        self._animation: AnimationView | None = None
        self._media: MediaView | None = None
        self._playing: AnimationView | MediaView | None = None
        for page in (self.empty, self.view, self.other):
            self.addWidget(page)
        self.tag = PictureTag("", self)
        self.demo = PictureTag(self.tr("Demo"), self)
        self.demo.setToolTip(self.tr("Painted by the built-in demo server, not by a model"))
        self.keep = button(self.tr("Keep"), "primary", clicked=self.keep_requested.emit)
        self.keep.setToolTip(self.tr("Save this preview among your results"))
        self.live = button(self.tr("Back to live"), "primary", clicked=self.back_requested.emit)
        for each in (self.keep, self.live):
            each.setParent(self)
        for each in (self.tag, self.demo, self.keep, self.live):
            each.hide()
        self.card = ErrorCard(context, self)
        self.view.scale_changed.connect(lambda _: self.place())

    def show_picture(self, image: QImage, *, keep_view: bool = False) -> None:
        """Show a decoded picture."""
        self._stop()
        self.view.set_image(image, keep_view=keep_view)
        self.setCurrentWidget(self.view)

    def show_file(self, path: str, media: str) -> None:
        """Show a file that is no still picture: play it, or name it."""
        self._path = path
        if media == "animation":
            self._stop()
            self._animation_page().show_file(path)
        elif media in PLAYED:
            self._stop()
            self._media_page().show_file(path, is_sound=media == "sound")
        else:
            self.name_file(path, self.tr("This kind of result opens in its own program."))

    def name_file(self, path: str, why: str, *, openable: bool = True) -> None:
        """Say which file it is, where it cannot be shown."""
        self._stop()
        self._path = path
        self.other.say(path.replace("\\", "/").rsplit("/", 1)[-1], why)
        self.open_file.setVisible(openable)
        self.setCurrentWidget(self.other)

    def show_empty(self) -> None:
        self._stop()
        self.view.set_image(None)
        self.setCurrentWidget(self.empty)

    def place(self) -> None:
        """Put what lies on the picture where the picture is."""
        room = self.rect()
        on_picture = self.currentWidget() is self.view and self.view.has_image
        picture = self.view.picture_rect().toRect() if on_picture else room
        inset = INSET if on_picture else 0
        start, top = max(room.left(), picture.left()) + inset, max(room.top(), picture.top()) + inset
        left = start
        for widget in (self.tag, self.demo, self.keep):
            if not widget.isHidden():
                size = widget.sizeHint()
                if left > start and left + size.width() > min(room.right(), picture.right()) - inset:
                    left, top = start, top + size.height() + 6
                widget.setGeometry(left, top, size.width(), size.height())
                widget.raise_()
                left += size.width() + 8
        if not self.live.isHidden():
            size = self.live.sizeHint()
            right = min(room.right(), picture.right()) - inset
            self.live.setGeometry(right - size.width(), top, size.width(), size.height())
            self.live.raise_()
        if not self.card.isHidden():
            width = min(CARD_WIDTH, room.width() - 2 * INSET)
            size = QSize(width, min(self.card.heightForWidth(width), room.height()))
            left, top = (room.width() - size.width()) // 2, (room.height() - size.height()) // 2
            self.card.setGeometry(left, max(0, top), size.width(), size.height())
            self.card.raise_()

    def _stop(self) -> None:
        """Let go of a file that plays."""
        if self._playing is not None:
            self._playing.show_file("")
            self._playing = None

    def _animation_page(self) -> AnimationView:
        from comfydesk.gui.gallery.animation import AnimationView

        if self._animation is None:
            self._animation = AnimationView(self._context)
            self._below_tags(self._animation)
        self._playing = self._animation
        self.setCurrentWidget(self._animation.parentWidget())
        return self._animation

    def _media_page(self) -> MediaView:
        from comfydesk.gui.gallery.media import MediaView

        if self._media is None:
            self._media = MediaView(self._context)
            self._below_tags(self._media)
        self._playing = self._media
        self.setCurrentWidget(self._media.parentWidget())
        return self._media

    def _below_tags(self, player: QWidget) -> None:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, TAG_ROW, 0, 0)
        column.addWidget(player)
        self.addWidget(holder)

    def _open_outside(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self._path))

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.place()
