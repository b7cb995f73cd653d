"""One file on its way from the server."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from comfydesk.base.errors import Problem
from comfydesk.server.failures import human, is_html
from comfydesk.server.transport import Reply, Transport
from comfydesk.server.types import RemoteFile


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


@contextlib.contextmanager
def open_file(transport: Transport, remote: RemoteFile, preview: str) -> Iterator[Download]:
    """Ask `/view` for a file, by the names exactly as the server gave them (S24)."""
    params = {"filename": remote.filename, "subfolder": remote.subfolder, "type": remote.type}
    if preview:
        params["preview"] = preview
    headers = {"Accept-Encoding": "identity"}  # a compressed twin would be served instead of the file (S26)
    with transport.open("GET", "/view", params=params, headers=headers) as reply:
        if reply.status != 200:
            raise _no_file(reply, remote)
        if is_html(reply.headers, b"") and not remote.filename.lower().endswith((".html", ".htm")):
            url = transport.address.url
            raise Problem("not_comfyui", address=url, detail="it sends a web page instead of the file")
        yield Download(reply, transport, remote.filename)


def _no_file(reply: Reply, remote: RemoteFile) -> Problem:
    if reply.status not in (400, 403, 404, 416):
        return reply.problem()
    text = reply.text()
    if reply.status == 403 and (text.strip() or not remote.subfolder):
        return reply.problem(text)  # ComfyUI's own refusal of a path has no body; a proxy's has
    detail = "the server does not have it any more"
    if reply.status == 400 and ".." in remote.filename:
        detail = "the server gives out no file with “..” in its name; use another file name prefix"
    elif reply.status != 404:
        detail = f"the server refuses it ({reply.status})"
    return Problem("output_missing", file=remote.filename, detail=detail, status=reply.status, details=text)
