"""websocket-client with limits: it has none of its own, and took 300 MiB in one frame and 114 MiB in fragments."""

from __future__ import annotations

import time
from typing import Any

import websocket
from websocket._abnf import ABNF, frame_buffer

MIB = 1 << 20
MAX_TEXT = 16 * MIB  # bytes of one message, summed over its fragments
MAX_BINARY = 32 * MIB
MAX_FRAGMENTS = 1_024
_MAX_CONTROL = 125


class FrameLimitError(Exception):
    """A frame or message is over the limits; the connection is of no use any more. `limit`: for a sentence."""

    def __init__(self, limit: str) -> None:
        super().__init__(f"over {limit}")
        self.limit = limit


class _Buffer(frame_buffer):
    """Refuses a frame by its header, before its payload is read."""

    def __init__(self, receive: Any) -> None:
        super().__init__(receive, True)  # UTF-8 is checked by the JSON decoder, at C speed
        self.begun: float | None = None  # when the frame that is being read began
        self.opcode = 0  # of the message that is being put together
        self.size = 0
        self.fragments = 0

    def recv_header(self) -> None:
        super().recv_header()
        self.begun = time.monotonic()

    def recv_length(self) -> None:
        super().recv_length()
        assert self.header is not None
        fin, opcode, length = self.header[0], self.header[4], self.length or 0
        if opcode >= ABNF.OPCODE_CLOSE:
            if length > _MAX_CONTROL:
                raise FrameLimitError(f"{_MAX_CONTROL} bytes")
            return
        if opcode != ABNF.OPCODE_CONT:
            self.opcode, self.size, self.fragments = opcode, 0, 0
        self.size += length
        self.fragments += 1
        cap = MAX_BINARY if self.opcode == ABNF.OPCODE_BINARY else MAX_TEXT
        if self.size > cap:
            raise FrameLimitError(f"{cap // MIB} MiB")
        if not fin and self.fragments >= MAX_FRAGMENTS:
            raise FrameLimitError(f"{MAX_FRAGMENTS} pieces")

    def recv_frame(self) -> Any:
        frame = super().recv_frame()
        self.begun = None
        return frame


class LimitedWebSocket(websocket.WebSocket):
    """A WebSocket that keeps the limits above."""

    def __init__(self) -> None:
        super().__init__(enable_multithread=False, skip_utf8_validation=True)
        self._limited = self.frame_buffer = _Buffer(self._recv)

    @property
    def frame_age(self) -> float:
        """Seconds since the frame began that is not complete yet; 0: there is none."""
        begun = self._limited.begun
        return 0.0 if begun is None else time.monotonic() - begun
