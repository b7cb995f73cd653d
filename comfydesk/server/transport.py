"""One server's HTTP: sessions, login, deadlines, caps, and every failure as a Problem."""

from __future__ import annotations

import contextlib
import logging
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from comfydesk.base.errors import Problem
from comfydesk.server import auth, failures
from comfydesk.server.address import Address
from comfydesk.server.body import UndecodableError, loads, pieces
from comfydesk.server.dial import CONNECT, Exchange, dial
from comfydesk.server.types import Credentials, Trust

if TYPE_CHECKING:
    import requests

    from comfydesk.server.wire import Line

log = logging.getLogger(__name__)
MIB = 1 << 20
_ERROR_TEXT = 64 << 10


@dataclass(frozen=True, slots=True)
class Limits:
    """Time-outs in seconds, caps in bytes of decoded data."""

    connect: float = CONNECT
    idle: float = 30.0
    control: float = 60.0
    post: float = 120.0
    specs: float = 180.0
    upload: float = 900.0
    json: int = 16 * MIB
    history: int = 64 * MIB
    object_info: int = 128 * MIB
    output: int = 4 << 30
    slow: float = 1024.0  # bytes a second; a download slower than this over `slow_over` seconds is given up
    slow_over: float = 30.0


class Reply:
    """An answer whose body has not been read. Every failure while reading is a Problem."""

    def __init__(self, transport: Transport, response: requests.Response, exchange: Exchange, path: str) -> None:
        self._transport = transport
        self._response = response
        self._is_read = False
        self.address = transport.address
        self._exchange = exchange
        self.path = path
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers

    @property
    def length(self) -> int | None:
        """Bytes of the decoded body where the server says so."""
        text = self.headers.get("Content-Length", "")
        plain = self.headers.get("Content-Encoding", "identity").lower() in ("", "identity")
        return int(text) if plain and text.isascii() and text.isdigit() and len(text) < 20 else None

    def pieces(self) -> Iterator[bytes]:
        """The decoded body as it arrives, in pieces of at most 64 KiB."""
        self._is_read = True
        try:
            yield from pieces(self._response.raw, self.headers.get("Content-Encoding", ""))
        except UndecodableError as exc:
            raise Problem("not_comfyui", address=self.address.url, detail=str(exc)) from exc
        except Exception as exc:
            raise failures.from_exception(exc, self.address, self._exchange) from exc

    def read(self, cap: int, progress: Callable[[int, int], None] | None = None) -> bytes:
        """The whole decoded body. Raises Problem("too_large") above `cap` bytes."""
        total, parts, size = self.length or 0, [], 0
        if total > cap:
            raise self._too_large(cap)
        for piece in self.pieces():
            parts.append(piece)
            size += len(piece)
            if size > cap:
                raise self._too_large(cap)
            if progress is not None:
                progress(size, max(total, size))
        return b"".join(parts)

    def json(self, cap: int, progress: Callable[[int, int], None] | None = None) -> Any:
        """The body as JSON. A web page or something else is Problem("not_comfyui")."""
        data = self.read(cap, progress)
        if failures.is_html(self.headers, data[:100]):
            raise self._wrong("it answers with a web page")
        try:
            return loads(data)
        except UndecodableError as exc:
            raise self._wrong(f"its answer to {self.path} is not JSON: {exc}") from exc

    def text(self) -> str:
        """The beginning of the body, for the details of an error; "" where it cannot be read."""
        data = bytearray()
        try:
            for piece in self.pieces():
                data += piece
                if len(data) >= _ERROR_TEXT:
                    break
        except Problem as exc:
            log.debug("the body of an error could not be read: %s", exc)
        return bytes(data[:_ERROR_TEXT]).decode("utf-8", "replace")

    def finish(self) -> None:
        """Read what nobody wanted, if it is little: only then can the connection be used again."""
        if not self._is_read and (self.length or 0) <= _ERROR_TEXT and "Content-Length" in self.headers:
            self.text()

    def problem(self, body: str | None = None) -> Problem:
        """The Problem that this answer's status means."""
        return failures.from_status(
            self.status,
            self.headers,
            self.text() if body is None else body,
            address=self.address,
            path=self.path,
            asked=self._response.url or "",
            with_login=auth.has_login(self._transport.credentials),
        )

    def release(self, total: float | None, idle: float) -> None:
        """Give the rest of the body another deadline (a long download)."""
        self._exchange.restart(total, idle)

    def _wrong(self, detail: str) -> Problem:
        return Problem("not_comfyui", address=self.address.url, detail=detail)

    def _too_large(self, cap: int) -> Problem:
        return Problem("too_large", address=self.address.url, limit=failures.human(cap), what=self.path)


class Transport:
    """Requests to one address, with its login and its trust. Thread-safe: each thread has a session of its own."""

    def __init__(
        self,
        address: Address,
        credentials: Credentials,
        trust: Trust,
        *,
        allow_plain_auth: bool = False,
        limits: Limits | None = None,
    ) -> None:
        self.address = address
        # A host that moved keeps its settings, but a login saved for the old address stays there.
        self.credentials = credentials if credentials.origin in ("", address.origin) else Credentials()
        self.trust = trust
        self.allow_plain_auth = allow_plain_auth
        self.limits = limits or Limits()
        self._local = threading.local()
        self._lines: weakref.WeakSet[Line] = weakref.WeakSet()
        self._lock = threading.Lock()
        self.closed = False

    def headers(self) -> dict[str, str]:
        """The headers of every request and of the socket. Raises Problem("auth_plain")."""
        return auth.headers(self.address, self.credentials, allow_plain=self.allow_plain_auth)

    def dial(self, exchange: Exchange) -> Any:
        return dial(self.address, self.trust, exchange, connect=self.limits.connect)

    @contextlib.contextmanager
    def open(
        self,
        method: str,
        path: str,
        *,
        total: float | None = None,
        params: Mapping[str, str] | None = None,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        exchange: Exchange | None = None,
    ) -> Iterator[Reply]:
        """Send a request and give its answer, whatever its status. Raises Problem where there is none."""
        exchange = exchange or Exchange(total or self.limits.control, self.limits.idle)
        send = partial(self._send, method, path, params, data, headers, exchange)
        try:
            response = send()
        except Problem as exc:
            # A kept connection may have been closed at the other end; asking again changes nothing there.
            if not (method == "GET" and exc.code == "reset" and exchange.sent and not self.closed):
                raise
            response = send()
        try:
            reply = Reply(self, response, exchange, path)
            yield reply
            reply.finish()
        finally:
            response.close()

    def json(
        self,
        method: str,
        path: str,
        *,
        total: float | None = None,
        cap: int | None = None,
        params: Mapping[str, str] | None = None,
        data: Any = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Any:
        """The JSON of a successful answer; everything else is a Problem."""
        headers = {"Content-Type": "application/json"} if data is not None else None
        with self.open(method, path, total=total, params=params, data=data, headers=headers) as reply:
            if reply.status != 200:
                raise reply.problem()
            return reply.json(cap or self.limits.json, progress)

    def close(self) -> None:
        """Drop all connections. Requests that are under way end with a Problem at their next byte or time-out."""
        with self._lock:
            self.closed = True
            lines = list(self._lines)
        for line in lines:
            line.close()

    def _line(self) -> Line:
        line: Line | None = getattr(self._local, "line", None)
        if line is None:
            from comfydesk.server.wire import Line

            line = self._local.line = Line(self.dial)
            with self._lock:
                self._lines.add(line)
        return line

    def _send(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        data: Any,
        headers: Mapping[str, str] | None,
        exchange: Exchange,
    ) -> requests.Response:
        if self.closed:
            raise Problem("reset", address=self.address.url, details="the client was closed")
        sent = {"Accept": "*/*", "Accept-Encoding": "gzip, deflate", **self.headers(), **(headers or {})}
        line = self._line()
        line.exchange = exchange
        try:
            return line.session.request(
                method,
                self.address.url + path,
                params=params,
                data=data,
                headers=sent,
                stream=True,
                allow_redirects=False,
                verify=True,
                timeout=(self.limits.connect, self.limits.idle),
            )
        except Exception as exc:
            raise failures.from_exception(exc, self.address, exchange) from exc
