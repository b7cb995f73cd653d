"""Plays animated pictures in a loop; every frame is decoded off the GUI thread."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import Any

from PySide6.QtCore import QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QHideEvent, QImage, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from comfydesk.gui.context import Context
from comfydesk.gui.gallery.alive import spawn

log = logging.getLogger(__name__)
_LARGEST = 4.0  # small pictures are shown at most this much enlarged


class AnimationView(QWidget):
    """An animated WebP, GIF or APNG, fitted to the room there is. `failed`: the file cannot be shown."""

    failed = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._image = QImage()
        self._task: asyncio.Task[Any] | None = None
        self._seen = asyncio.Event()  # nothing moves that nobody sees
        self.setMinimumSize(80, 80)
        self.setAccessibleName(self.tr("Animation"))

    @property
    def has_image(self) -> bool:
        return not self._image.isNull()

    def show_file(self, path: str) -> None:
        """Play the file; "" stops and lets go of it."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
            self._seen = asyncio.Event()  # the old one may hold on to its loop
            if self.isVisible():
                self._seen.set()
        self._image = QImage()
        self.update()
        if path:
            self._task = spawn(self._context.bridge, "animation", self._play, path)

    async def _play(self, path: str) -> None:
        from comfydesk.gui.gallery.frames import Frames

        bridge = self._context.bridge
        lane = bridge.engine.runtime.lane("decode", 2)
        frames = None
        try:
            frames = await bridge.wait_for(lane.submit(Frames.open, path))
            due = time.monotonic()
            while frames is not None:
                image, delay = await bridge.wait_for(lane.submit(frames.next))
                self._image = image
                self.update()
                due = max(due + delay / 1000, time.monotonic())
                await asyncio.sleep(due - time.monotonic())
                await self._seen.wait()
        except Exception as exc:
            # A stranger's file can make a decoder raise anything; what was fine of it stays.
            log.info("an animation ends: %s: %s", type(exc).__name__, exc)
            if not self.has_image:
                self.failed.emit()
        else:
            self.failed.emit()
        finally:
            if frames is not None:
                with contextlib.suppress(RuntimeError):  # the lanes end before the window
                    lane.submit(frames.close)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._seen.set()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._seen.clear()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._image.isNull():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        natural = QSizeF(self._image.size())
        room = QSizeF(self.size()).boundedTo(natural * _LARGEST)
        size = natural.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
        painter.drawImage(
            QRectF((self.width() - size.width()) / 2, (self.height() - size.height()) / 2, size.width(), size.height()),
            self._image,
        )
