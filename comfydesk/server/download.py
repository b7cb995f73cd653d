"""One file on its way from the server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from comfydesk.base.errors import Problem
from comfydesk.server.failures import human

if TYPE_CHECKING:
    from comfydesk.server.transport import Reply, Transport


class Download:
    """The bytes of `/view`. `length` is None where the server does not say; then only the file's end marker tells.

    Use it inside `with client.view(…)`, on the thread that opened it.
    """

    def __init__(self, reply: Reply, transport: Transport, name: str) -> None:
        self._reply = reply
        self._transport = transport
        self._name = name
        self.length = reply.length
        self.etag = reply.headers.get("ETag", "")
        self.content_type = reply.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def chunks(self) -> Iterator[bytes]:
        """The bytes as they arrive, at most 64 KiB at once.

        Raises Problem: "too_large" above the cap, "timeout" when hardly anything comes, "reset" when the connection
        breaks or ends before `length`.
        """
        limits, address = self._transport.limits, self._transport.address
        if self.length is not None and self.length > limits.output:
            raise Problem("too_large", address=address.url, limit=human(limits.output), what=self._name)
        self._reply.release(None, limits.idle)
        size, mark, marked_at = 0, 0, time.monotonic()
        for piece in self._reply.pieces():
            size += len(piece)
            if size > limits.output:
                raise Problem("too_large", address=address.url, limit=human(limits.output), what=self._name)
            if self._transport.closed:
                raise Problem("reset", address=address.url, details="the client was closed")
            yield piece
            now = time.monotonic()
            if now - marked_at >= limits.slow_over:
                if (size - mark) / (now - marked_at) < limits.slow:
                    raise Problem("timeout", address=address.url, seconds=round(limits.slow_over))
                mark, marked_at = size, now
        if self.length is not None and size != self.length:
            raise Problem("reset", address=address.url, details=f"{size} of {self.length} bytes came")
