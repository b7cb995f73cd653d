"""WebSocket frames by hand, for what no well-behaved server sends."""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import struct
from collections.abc import Callable, Iterator
from typing import Any

TEXT, BINARY, CONT, PING, PONG = 1, 2, 0, 9, 10


def frame(opcode: int, data: bytes = b"", *, fin: bool = True, length: int | None = None) -> bytes:
    size = len(data) if length is None else length
    head = bytes([(0x80 if fin else 0) | opcode])
    if size < 126:
        return head + bytes([size]) + data
    if size < 65536:
        return head + b"\x7e" + struct.pack(">H", size) + data
    return head + b"\x7f" + struct.pack(">Q", size) + data


def upgraded(then: Callable[[socket.socket], Any]) -> Callable[[socket.socket, bytes], None]:
    """A handler that accepts the upgrade and goes on with `then`."""

    def handle(connection: socket.socket, head: bytes) -> None:
        key = re.search(rb"Sec-WebSocket-Key: (\S+)", head)
        assert key
        digest = hashlib.sha1(key[1] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
        connection.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n\r\n"
        )
        then(connection)

    return handle


def read_frames(connection: socket.socket) -> Iterator[int]:
    """The opcodes of what the client sends (short frames, masked)."""
    with connection.makefile("rb") as stream:
        while head := stream.read(2):
            stream.read(4 + (head[1] & 0x7F))
            yield head[0] & 0x0F
