"""What a media field's tile shows of its value: thumbnail, size, length. Fetched off the GUI thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from comfydesk.base.errors import Problem
from comfydesk.form.fields import Kind, LocalFile
from comfydesk.gui.context import Context
from comfydesk.gui.form.upload_files import Look, look_at, look_at_bytes
from comfydesk.gui.gallery.alive import is_alive
from comfydesk.gui.gallery.posters import Posters


class UploadLook(QObject):
    """`arrived(Look)`: of the value that was asked for last. `gone`: its file is not there."""

    arrived = Signal(object)
    gone = Signal()

    def __init__(self, context: Context, kind: Kind, parent: QWidget) -> None:
        super().__init__(parent)
        self._context, self._kind, self._widget = context, kind, parent
        self._serial = 0

    def show(self, value: Any, host_id: str, side: int) -> None:
        """`side`: of the thumbnail, in device pixels."""
        self._serial += 1
        if not self._context.bridge.is_attached or not value:
            return
        if isinstance(value, LocalFile):
            self._look_here(value.path, side)
        elif self._kind is Kind.IMAGE and host_id and isinstance(value, str):
            self._look_there(value, host_id, side)

    def _look_here(self, path: str, side: int) -> None:
        serial = self._serial
        self._context.bridge.start(
            look_at,
            path,
            side if self._kind is Kind.IMAGE else 0,
            then=lambda look: self._tell(serial, look),
            failed=lambda _: self.gone.emit() if serial == self._serial else None,
        )
        if self._kind is Kind.VIDEO and is_alive(self._context.bridge):
            self._context.bridge.spawn(self._poster(serial, path), "poster of an input")

    def _look_there(self, name: str, host_id: str, side: int) -> None:
        serial, bridge = self._serial, self._context.bridge
        fetch = getattr(bridge.engine, "host_input_preview", None)

        def have(data: bytes) -> None:
            lane = bridge.engine.runtime.lane("decode", 2)
            bridge.when_done(lane.submit(look_at_bytes, data, side), then=lambda look: self._tell(serial, look))

        if fetch is not None:  # a host that is away, or a file that is gone: the tile stays without a picture
            bridge.run(fetch, host_id, name, then=have, failed=_without)

    async def _poster(self, serial: int, path: str) -> None:
        """The first frame of a video; nothing is played."""
        image, _ = await posters_of(self._context, self._widget).make(path)
        if not image.isNull():
            self._tell(serial, Look(0, 0, 0, image))

    def _tell(self, serial: int, look: Look) -> None:
        if serial == self._serial:
            self.arrived.emit(look)


def posters_of(context: Context, widget: QWidget) -> Posters:
    """One player for all tiles of a window: players are costly."""
    window = widget.window()
    found = window.findChild(Posters, "input-posters", Qt.FindChildOption.FindDirectChildrenOnly)
    if found is None:
        found = Posters(context.bridge, window)
        found.setObjectName("input-posters")
    return found


def _without(_problem: Problem) -> None:
    """Nothing to show."""
