"""What the tiles in view show: asked for newest wish first, a few at a time, kept in a bounded cache."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap

from comfydesk.base.errors import Problem
from comfydesk.gallery.model import GalleryItem
from comfydesk.gui.bridge import Bridge
from comfydesk.gui.gallery.alive import is_alive
from comfydesk.gui.gallery.posters import Posters
from comfydesk.gui.pictures import decode
from comfydesk.workflow.media.lengths import length_of

_AT_ONCE = 6
_MAX_BYTES = 96 << 20  # of pixels that are kept
_RESIZE_MS = 150
_EXCERPT = 600  # characters of a text
_ENOUGH = 0.94  # a kept picture of this much of the wanted size is good enough


@dataclass(frozen=True, slots=True)
class Look:
    """What a tile shows: a square picture of `side` device pixels or none; how long it plays; how a text begins."""

    picture: QPixmap | None = None
    side: int = 0
    seconds: float | None = None
    excerpt: str = ""


class Thumbnails(QObject):
    """`arrived(item_id)`: `look` has something now (or knows that there is nothing)."""

    arrived = Signal(object)

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._gallery: Any = None
        self._posters: Posters | None = None
        self._side = self._next_side = 168
        self._kept: OrderedDict[int, Look] = OrderedDict()
        self._bytes = 0
        self._wanted: OrderedDict[int, GalleryItem] = OrderedDict()
        self._under_way: set[int] = set()
        self._resize = QTimer(self)
        self._resize.setSingleShot(True)
        self._resize.setInterval(_RESIZE_MS)
        self._resize.timeout.connect(self._on_resized)

    def attach(self, engine: Any) -> None:
        self.detach()
        self._gallery = engine.gallery

    def detach(self) -> None:
        self._gallery = None
        self._kept.clear()
        self._bytes = 0
        self._wanted.clear()
        self._under_way.clear()
        if self._posters is not None:
            self._posters.deleteLater()
            self._posters = None

    def set_side(self, side: int) -> None:
        """How large tiles are now, in device pixels; pictures follow when it stays so."""
        if side != self._next_side:
            self._next_side = side
            self._resize.start()

    def look(self, item: GalleryItem) -> Look | None:
        """What is known of a file's tile; what is missing is fetched, and `arrived` tells."""
        kept = self._kept.get(item.item_id)
        if kept is not None:
            self._kept.move_to_end(item.item_id)
        too_small = kept is not None and kept.picture is not None and kept.side < self._side * _ENOUGH
        if (kept is None or too_small) and item.item_id not in self._under_way:
            self._wanted[item.item_id] = item
            self._wanted.move_to_end(item.item_id)
            self._fetch()
        return kept

    def picture(self, item_id: int) -> QPixmap | None:
        """The picture of a file if it is at hand, e.g. to drag it."""
        kept = self._kept.get(item_id)
        return kept.picture if kept is not None else None

    def forget_wishes(self) -> None:
        """What scrolled out of view need not be fetched any more."""
        self._wanted.clear()

    def forget(self, item_id: int) -> None:
        """The file changed: look at it anew."""
        kept = self._kept.pop(item_id, None)
        if kept is not None:
            self._bytes -= _weight(kept)

    # -- fetching ----------------------------------------------------------------------------------------------------

    def _on_resized(self) -> None:
        self._side = self._next_side
        self.arrived.emit(None)

    def _fetch(self) -> None:
        if not is_alive(self._bridge):
            return
        while self._gallery is not None and self._wanted and len(self._under_way) < _AT_ONCE:
            item_id, item = self._wanted.popitem(last=True)
            self._under_way.add(item_id)
            self._bridge.spawn(self._load(item, self._gallery), f"thumbnail {item_id}")

    async def _load(self, item: GalleryItem, gallery: Any) -> None:
        look = Look(side=self._side)
        try:
            look = await self._look_of(item, gallery, self._side)
        except Problem:
            pass  # shown as a tile without a picture; the details say what is wrong with the file
        finally:
            if gallery is self._gallery:
                self._under_way.discard(item.item_id)
        if gallery is self._gallery:
            self._keep(item.item_id, look)
            self.arrived.emit(item.item_id)
            self._fetch()

    async def _look_of(self, item: GalleryItem, gallery: Any, side: int) -> Look:
        bridge = self._bridge
        if item.kind == "text":
            return Look(side=side, excerpt=await bridge.work(_beginning, item.path))
        seconds = await bridge.work(length_of, item.path) if item.kind in ("video", "sound") else None
        if item.kind not in ("picture", "animation", "video"):
            return Look(side=side, seconds=seconds)
        short, long = sorted((item.width or 1, item.height or 1))
        path = await bridge.call(gallery.thumbnail, item.item_id, min(1024, side * long // short))
        source: str | QImage | None = path or None
        if source is None and item.kind == "video" and not item.missing:
            source = await self._poster(item, gallery)
        if source is None or bridge.engine is None:
            return Look(side=side, seconds=seconds)
        image = await bridge.wait_for(bridge.engine.runtime.lane("decode", 2).submit(square, source, side))
        return Look(None if image.isNull() else QPixmap.fromImage(image), side, seconds)

    async def _poster(self, item: GalleryItem, gallery: Any) -> QImage | None:
        if self._posters is None:
            self._posters = Posters(self._bridge, self)
        image, png = await self._posters.make(item.path)
        if png and self._bridge.engine is not None:
            self._bridge.run(gallery.keep_poster, item.item_id, png)
        return None if image.isNull() else image

    def _keep(self, item_id: int, look: Look) -> None:
        self.forget(item_id)
        self._kept[item_id] = look
        self._bytes += _weight(look)
        while self._bytes > _MAX_BYTES and len(self._kept) > 1:
            self._bytes -= _weight(self._kept.popitem(last=False)[1])


def _weight(look: Look) -> int:
    return 200 if look.picture is None else look.picture.width() * look.picture.height() * 4


def square(source: str | QImage, side: int) -> QImage:
    """The middle square of a picture at exactly that size, ready to be put on the screen. For the decode lane."""
    image = source if isinstance(source, QImage) else decode(source)
    if image.isNull():
        return image
    short = min(image.width(), image.height())
    cut = image.copy(QRect((image.width() - short) // 2, (image.height() - short) // 2, short, short))
    cut = cut.scaled(QSize(side, side), mode=Qt.TransformationMode.SmoothTransformation)
    has_alpha = cut.hasAlphaChannel()
    return cut.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied if has_alpha else QImage.Format.Format_RGB32)


def _beginning(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            return file.read(_EXCERPT * 4).decode("utf-8", "replace")[:_EXCERPT]
    except OSError:
        return ""
