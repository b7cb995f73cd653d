"""The event socket of a ComfyUI server: a hint, never the truth (S6-S9); every wait has a poll behind it elsewhere."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from comfydesk.base.errors import Problem
from comfydesk.server import auth, failures
from comfydesk.server.dial import Exchange
from comfydesk.server.line import LineClosedError, WakeableLine
from comfydesk.server.messages import Message, Unknown, decode, decode_text

if TYPE_CHECKING:
    from comfydesk.server.client import ServerClient
    from comfydesk.server.frames import LimitedWebSocket

log = logging.getLogger(__name__)
HANDSHAKE = 10.0  # seconds for TCP, TLS and the upgrade together
PING_AFTER = 30.0  # seconds of silence
PONG_WITHIN = 20.0  # a node that holds Python's lock delayed a pong by 4.2 s
MAX_FRAME_AGE = 120.0  # seconds that one frame may take to arrive
_HANDSHAKE_BYTES = 256 << 10
# Must be the first message that is sent, else the server ignores it (S15).
_FLAGS = {"type": "feature_flags", "data": {"supports_preview_metadata": True}}


class EventSocket:
    """One connection for one client id. Make a new one for each attempt; after a half-open loss with a fresh id (S7).

    One thread calls `connect` and then iterates `messages`; `close` may be called from any thread and wakes it at
    once. `ignored` counts frames that were broken or of an unknown type.
    """

    def __init__(
        self,
        client: ServerClient,
        client_id: str,
        *,
        ping_after: float = PING_AFTER,
        pong_within: float = PONG_WITHIN,
        handshake: float = HANDSHAKE,
    ) -> None:
        self.client_id = client_id
        self.ignored: Counter[str] = Counter()
        self._client = client
        self._ping_after, self._pong_within, self._handshake = ping_after, pong_within, handshake
        self._lock = threading.Lock()
        self._line: WakeableLine | None = None
        self._ws: LimitedWebSocket | None = None
        self._reading = False
        self._closed = False

    @property
    def closed(self) -> bool:
        return self._closed

    def connect(self) -> None:
        """Open the socket and send our feature flags. Raises Problem; "live_off": a server without WebSocket."""
        address, transport = self._client.address, self._client.transport
        headers = transport.headers()
        exchange = Exchange(self._handshake, self._handshake)
        line = WakeableLine(transport.dial(exchange))
        with self._lock:
            if self._closed:
                line.close()
                raise Problem("reset", address=address.url, details="closed while connecting")
            self._line, self._reading = line, True
        try:
            line.deadline = exchange.deadline or line.deadline
            line.budget = _HANDSHAKE_BYTES
            self._ws = _upgrade(line, address.ws_url(self.client_id), address.netloc, headers)
            line.budget = None
            self._ws.send(json.dumps(_FLAGS))
        except Exception as exc:
            self._shut()
            raise self._problem(exc, exchange) from exc
        with self._lock:
            self._reading = False
        if self.closed:
            self._shut()
            raise Problem("reset", address=address.url, details="closed while connecting")

    def messages(self) -> Iterator[Message]:
        """The typed messages as they come. Ends when `close` is called; raises Problem when the connection breaks."""
        with self._lock:
            ws, line = self._ws, self._line
            if self._closed or ws is None or line is None:
                return
            self._reading = True
        try:
            while True:
                frame = self._receive(ws, line)
                if frame is None:
                    return
                message = decode_text(frame[1]) if frame[0] == 1 else decode(frame[1])
                if message is None:
                    self.ignored["broken"] += 1
                elif isinstance(message, Unknown):
                    self.ignored[message.type if len(self.ignored) < 100 else "other"] += 1
                    yield message
                else:
                    yield message
        finally:
            self._goodbye(ws, line)
            self._shut()

    def close(self) -> None:
        """End the connection. From any thread; a thread inside `messages` or `connect` comes out of it at once."""
        with self._lock:
            self._closed = True
            if self._reading and self._line is not None:
                self._line.wake()
                return
            ws, line = self._ws, self._line
        if ws is not None and line is not None:
            self._goodbye(ws, line)
        self._shut()

    def _receive(self, ws: LimitedWebSocket, line: WakeableLine) -> tuple[int, bytes] | None:
        """The next text (1) or binary (2) message; None: closed by us."""
        pinged = False
        line.deadline = time.monotonic() + self._ping_after
        while True:
            try:
                opcode, data = ws.recv_data(control_frame=True)
            except LineClosedError:
                return None
            except Exception as exc:
                if not _is_timeout(exc):
                    if self._closed:
                        return None
                    raise self._broken(exc) from exc
                pinged = self._silence(ws, line, pinged)
                continue
            if opcode in (1, 2):
                return opcode, data
            if opcode == 8:
                raise Problem("reset", address=self._client.url, details="the server closed the socket")
            pinged = False  # a ping or pong: the other side lives
            line.deadline = time.monotonic() + self._ping_after

    def _silence(self, ws: LimitedWebSocket, line: WakeableLine, pinged: bool) -> bool:
        """The deadline passed: ask whether the other side is still there, or give it up. Returns whether we asked."""
        now = time.monotonic()
        quiet = now - line.last_received
        if ws.frame_age > MAX_FRAME_AGE or (pinged and quiet >= self._pong_within):
            raise Problem("timeout", address=self._client.url, seconds=round(max(quiet, ws.frame_age)))
        if quiet < self._ping_after / 2 and not pinged:  # in the middle of a large frame on a slow line
            line.deadline = now + self._ping_after
            return False
        line.deadline = now + self._pong_within
        ws.ping()
        return True

    def _goodbye(self, ws: LimitedWebSocket, line: WakeableLine) -> None:
        """Tell the server, as far as that goes without waiting: it should forget this client id soon (S7)."""
        line.deadline = 0.0
        try:
            if ws.connected:
                ws.send_close()
        except Exception as exc:
            log.debug("no close frame: %s", exc)

    def _shut(self) -> None:
        with self._lock:
            self._closed = True
            line, self._line, self._ws, self._reading = self._line, None, None, False
        if line is not None:
            line.close()

    def _broken(self, exc: Exception) -> Problem:
        """The Problem for what ended a connection that had worked."""
        from comfydesk.server.frames import FrameLimitError

        if isinstance(exc, FrameLimitError):
            return Problem("too_large", address=self._client.url, limit=exc.limit, what="one event", details=str(exc))
        return Problem("reset", address=self._client.url, details=repr(exc)[:2000])

    def _problem(self, exc: Exception, exchange: Exchange) -> Problem:
        """The Problem for a connection that did not come about."""
        import websocket

        address = self._client.address
        if _is_timeout(exc):
            return Problem("timeout", address=address.url, seconds=exchange.seconds)
        if isinstance(exc, websocket.WebSocketConnectionClosedException | LineClosedError):
            return Problem("reset", address=address.url, details=str(exc))
        status = getattr(exc, "status_code", None)
        if status is not None:
            return self._refused(status, getattr(exc, "resp_headers", None) or {}, getattr(exc, "resp_body", b""))
        if isinstance(exc, websocket.WebSocketException):
            return Problem("live_off", address=address.url, detail="what answers is no WebSocket", details=str(exc))
        return failures.from_exception(exc, address, exchange)

    def _refused(self, status: int, headers: dict[str, str], body: bytes | None) -> Problem:
        """The upgrade was answered by something else than 101."""
        address = self._client.address
        named = {key.title(): value for key, value in headers.items()}
        if status in (301, 302, 303, 307, 308, 401, 403) or status in failures.BUSY:
            return failures.from_status(
                status,
                named,
                (body or b"")[:2000].decode("utf-8", "replace"),
                address=address,
                path="/ws",
                asked=f"{address.url}/ws",
                with_login=auth.has_login(self._client.transport.credentials),
            )
        return Problem("live_off", address=address.url, detail=f"it answers the upgrade with {status}", status=status)


def _upgrade(line: WakeableLine, url: str, host: str, headers: dict[str, str]) -> LimitedWebSocket:
    """The WebSocket handshake over our own connection: no proxy of the environment, no redirects, no Origin (S31)."""
    import websocket
    from websocket import _handshake

    from comfydesk.server.frames import LimitedWebSocket

    _forget_cookies(_handshake)
    ws = LimitedWebSocket()
    connect: Any = ws.connect  # untyped
    try:
        connect(
            url,
            socket=line,
            host=host,
            header=[f"{name}: {value}".encode("latin-1").decode("utf-8") for name, value in headers.items()],
            suppress_origin=True,
            redirect_limit=0,
        )
    except websocket.WebSocketException as exc:
        answer = ws.handshake_response
        if answer is not None and getattr(exc, "status_code", None) is None:
            raise websocket.WebSocketBadStatusException(
                "redirect", answer.status, "", resp_headers=answer.headers, resp_body=b""
            ) from exc
        raise
    return ws


def _forget_cookies(module: Any) -> None:
    """websocket-client keeps cookies of all hosts in one jar for the whole process."""
    jar = getattr(getattr(module, "CookieJar", None), "jar", None)
    if isinstance(jar, dict):
        jar.clear()


def _is_timeout(exc: BaseException) -> bool:
    import websocket

    return isinstance(exc, TimeoutError | websocket.WebSocketTimeoutException)
