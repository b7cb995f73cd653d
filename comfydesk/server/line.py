"""A connected socket that one thread reads, and that any thread can wake."""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import time
from typing import Any

_PIECE = 1 << 16


class LineClosedError(ConnectionError):
    """Closed from our side while somebody was waiting."""


class WakeableLine:
    """What websocket-client reads and writes instead of a socket.

    `deadline` (monotonic) bounds every wait, whatever the other side drips; `budget` bounds the bytes of the
    handshake. Only one thread may read and write (an SSL connection allows no more); `wake` may be called from any.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.deadline = time.monotonic() + 10.0
        self.budget: int | None = None
        self.last_received = time.monotonic()
        self._sock = sock
        self._buffer = memoryview(b"")
        self._woken = False
        sock.setblocking(False)
        self._wake_here, self._wake_there = socket.socketpair()
        self._wake_here.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._wake_here, selectors.EVENT_READ)
        self._selector.register(sock, selectors.EVENT_READ)

    def recv(self, size: int) -> bytes:
        """Up to `size` bytes; b"" at the end. Raises TimeoutError at the deadline, LineClosedError when woken."""
        if not self._buffer:
            data = self._read()
            if self.budget is not None:
                self.budget -= len(data)
                if self.budget < 0:
                    raise ConnectionError("the answer to the handshake is too long")
            self._buffer = memoryview(data)
        piece, self._buffer = bytes(self._buffer[:size]), self._buffer[size:]
        return piece

    def send(self, data: bytes) -> int:
        while True:
            try:
                return self._sock.send(data)
            except (BlockingIOError, ssl.SSLWantWriteError):
                self._wait(selectors.EVENT_WRITE)
            except ssl.SSLWantReadError:
                self._wait(selectors.EVENT_READ)

    def wake(self) -> None:
        """Let the reading thread find LineClosedError at once. From any thread."""
        self._woken = True
        with contextlib.suppress(OSError):
            self._wake_there.send(b"x")

    def close(self) -> None:
        """Close everything; on the reading thread, or when there is none."""
        self._selector.close()
        for one in (self._sock, self._wake_here, self._wake_there):
            with contextlib.suppress(OSError):
                one.close()

    # what websocket-client asks of a socket

    def gettimeout(self) -> float:
        return 0.0  # never waits by itself; recv and send do

    def settimeout(self, timeout: Any) -> None:
        """Nothing: the deadline counts."""

    def shutdown(self, how: int) -> None:
        """Nothing: close() follows."""

    @property
    def _closed(self) -> bool:
        return self._sock.fileno() < 0

    def fileno(self) -> int:
        return self._sock.fileno()

    def _read(self) -> bytes:
        while True:
            if self._woken:
                raise LineClosedError
            try:
                data = self._sock.recv(_PIECE)
            except (BlockingIOError, ssl.SSLWantReadError):
                self._wait(selectors.EVENT_READ)
            except ssl.SSLWantWriteError:
                self._wait(selectors.EVENT_WRITE)
            except ssl.SSLEOFError:
                return b""
            else:
                self.last_received = time.monotonic()
                return data

    def _wait(self, event: int) -> None:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("deadline")
        self._selector.modify(self._sock, event)
        self._selector.select(left)
        if self._woken:
            raise LineClosedError
