"""Decodes pictures for the stage off the GUI thread; of pictures that come faster than that, only the newest."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QSize, QTimer
from PySide6.QtGui import QImage

from comfydesk.gui.context import Context

# Live pictures change at most this often: more costs paint time and shows nothing new.
LIVE_INTERVAL = 1 / 15
LARGEST = QSize(4096, 4096)


class LatestPicture(QObject):
    """One picture at a time is decoded; while it is, a newer one waits and replaces an older one that waits."""

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._waiting: tuple[bytes | str | Path, Callable[[QImage], object], float] | None = None
        self._busy = False
        self._serial = 0
        self._last = float("-inf")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._next)

    def show(self, data: bytes | str | Path, then: Callable[[QImage], object], *, live: bool = False) -> None:
        """Decode and give to `then`, unless something newer comes first."""
        if not live:
            self._serial += 1  # whatever is on its way is older than what a person wants to see now
        self._waiting = (data, then, LIVE_INTERVAL if live else 0.0)
        self._next()

    def forget(self) -> None:
        """Nothing that is on its way is wanted any more."""
        self._serial += 1
        self._waiting = None
        self._timer.stop()

    def _next(self) -> None:
        if self._waiting is None or self._busy or not self._context.bridge.is_attached:
            return
        data, then, interval = self._waiting
        left = self._last + interval - time.monotonic()
        if left > 0:
            if not self._timer.isActive():
                self._timer.start(int(left * 1000) + 1)
            return
        self._waiting = None
        self._busy = True
        self._last = time.monotonic()
        serial = self._serial

        def decoded(image: QImage) -> None:
            self._busy = False
            if serial == self._serial:
                then(image)
            self._next()

        self._context.bridge.picture(data, LARGEST, decoded)
