"""Thumbnails for what is in view: asked for newest wish first, a few at a time, kept in a bounded cache."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QImage, QPixmap

from comfydesk.base.errors import Problem
from comfydesk.gui.bridge import Bridge

SIZE = 384  # device pixels of the cached picture's longer side; tiles are drawn from it
_AT_ONCE = 6
_KEPT = 800


class Thumbnails(QObject):
    """`arrived(item_id)`: `get` has a picture now (or knows that there is none)."""

    arrived = Signal(object)

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._gallery: Any = None
        self._kept: OrderedDict[int, QPixmap | None] = OrderedDict()
        self._wanted: OrderedDict[int, None] = OrderedDict()
        self._under_way: set[int] = set()

    def attach(self, engine: Any) -> None:
        self.detach()
        self._gallery = engine.gallery

    def detach(self) -> None:
        self._gallery = None
        self._kept.clear()
        self._wanted.clear()
        self._under_way.clear()

    def get(self, item_id: int) -> QPixmap | None:
        """The picture if it is here; otherwise it is fetched and `arrived` tells."""
        if item_id in self._kept:
            self._kept.move_to_end(item_id)
            return self._kept[item_id]
        if item_id not in self._under_way:
            self._wanted[item_id] = None
            self._wanted.move_to_end(item_id)
            self._fetch()
        return None

    def is_known(self, item_id: int) -> bool:
        """Whether it was fetched, with or without a picture."""
        return item_id in self._kept

    def forget_wishes(self) -> None:
        """What scrolled out of view need not be fetched any more."""
        self._wanted.clear()

    def _fetch(self) -> None:
        while self._gallery is not None and self._wanted and len(self._under_way) < _AT_ONCE:
            item_id, _ = self._wanted.popitem(last=True)
            self._under_way.add(item_id)
            self._bridge.spawn(self._load(item_id, self._gallery), f"thumbnail {item_id}")

    async def _load(self, item_id: int, gallery: Any) -> None:
        image = QImage()
        try:
            path = await self._bridge.call(gallery.thumbnail, item_id, SIZE)
            if path:
                image = await self._bridge.decode(path, QSize(SIZE, SIZE))
        except Problem:
            pass  # shown as a tile without a picture; the details say what is wrong with the file
        if gallery is not self._gallery:
            return
        self._under_way.discard(item_id)
        self._kept[item_id] = None if image.isNull() else QPixmap.fromImage(image)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        self.arrived.emit(item_id)
        self._fetch()
