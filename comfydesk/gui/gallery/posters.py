"""First frames of videos, for their tiles: a player gives the frame, it is converted off the GUI thread."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QBuffer, QIODevice, QObject, QSize, Qt, QTimer, QUrl
from PySide6.QtGui import QImage

from comfydesk.gui.bridge import Bridge
from comfydesk.gui.gallery import multimedia

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QMediaPlayer, QVideoFrame, QVideoSink

PATIENCE_MS = 4000
LARGEST = QSize(512, 512)


class Posters(QObject):
    """One video at a time: players are costly, and the tiles in view wait for their turn."""

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._turn = asyncio.Lock()
        self._player: QMediaPlayer | None = None
        self._sink: QVideoSink | None = None
        self._arrived: asyncio.Future[QVideoFrame | None] | None = None
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(lambda: self._give(None))

    async def make(self, path: str) -> tuple[QImage, bytes]:
        """The first frame, at most 512 pixels, and the same as PNG; a null image and b"" where there is none."""
        if not multimedia.is_there():
            return QImage(), b""
        async with self._turn:
            frame = await self._first_frame(path)
        if frame is None or self._bridge.engine is None:
            return QImage(), b""
        lane = self._bridge.engine.runtime.lane("decode", 2)
        return await self._bridge.wait_for(lane.submit(_small, frame))

    async def _first_frame(self, path: str) -> QVideoFrame | None:
        player = self._player or self._make_player()
        self._arrived = asyncio.get_running_loop().create_future()
        self._patience.start()
        try:
            player.setSource(QUrl.fromLocalFile(path))
            player.pause()  # shows the first frame without a sound
            return await self._arrived
        finally:
            self._patience.stop()
            self._arrived = None
            player.stop()
            player.setSource(QUrl())

    def _make_player(self) -> QMediaPlayer:
        from PySide6.QtMultimedia import QMediaPlayer, QVideoSink

        self._player = QMediaPlayer(self)
        self._sink = QVideoSink(self)
        multimedia.settle(self._player, self._sink)
        self._player.setVideoSink(self._sink)
        self._sink.videoFrameChanged.connect(self._give_valid)
        self._player.errorOccurred.connect(lambda *_: self._give(None))
        return self._player

    def _give_valid(self, frame: QVideoFrame) -> None:
        if frame.isValid():
            self._give(frame)

    def _give(self, frame: Any) -> None:
        if self._arrived is not None and not self._arrived.done():
            self._arrived.set_result(frame)


def _small(frame: QVideoFrame) -> tuple[QImage, bytes]:
    """Runs on the decode lane: a frame holds what its codec gave until it is converted."""
    image = frame.toImage()
    if image.isNull():
        return image, b""
    small = image.scaled(LARGEST, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    small.save(buffer, "PNG")  # type: ignore[call-overload]
    return small, bytes(buffer.data().data())
