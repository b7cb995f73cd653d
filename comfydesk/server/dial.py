"""Open a connection to an address: names, TCP, TLS. The same for HTTP and the socket, so both follow the same rules."""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import time
from collections.abc import Iterator
from typing import Any

from comfydesk.base.errors import Problem
from comfydesk.server import tls
from comfydesk.server.address import Address
from comfydesk.server.types import Trust

log = logging.getLogger(__name__)
CONNECT = 5.0  # seconds for one TCP connection


class Exchange:
    """How long one request and its answer may take, and how far it came.

    Each socket operation waits at most `idle` seconds, all of them together `total` (None: no end). A time-out of each
    operation alone would let a server that drips one byte now and then hold us for ever.
    """

    __slots__ = ("deadline", "idle", "sent", "total")

    def __init__(self, total: float | None, idle: float = 30.0) -> None:
        self.sent = False  # whether any byte of the request left us
        self.restart(total, idle)

    def restart(self, total: float | None, idle: float) -> None:
        """Count from now on, with other limits."""
        self.total = total
        self.idle = idle
        self.deadline = None if total is None else time.monotonic() + total

    def wait(self) -> float:
        """Seconds that the next socket operation may take. Raises TimeoutError when the time is over."""
        if self.deadline is None:
            return self.idle
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("deadline")
        return min(self.idle, left)

    @property
    def seconds(self) -> int:
        """What a time-out message names."""
        return round(self.total or self.idle)


def dial(address: Address, trust: Trust, exchange: Exchange, *, connect: float = CONNECT) -> socket.socket:
    """A connected socket, with TLS where the address is https. Raises Problem for everything that can go wrong."""
    if address.scheme != "https":
        return _tcp(address, exchange, connect)
    context = tls.context_for(trust)
    try:
        secure = _handshake(_tcp(address, exchange, connect), context, address, exchange)
    except ssl.SSLCertVerificationError as exc:
        raise Problem(
            "tls_untrusted",
            address=address.url,
            detail=exc.verify_message or "it cannot be verified",
            fingerprint=_try_fingerprint(address),
        ) from exc
    if trust.pin and not tls.matches(secure, trust.pin):
        shown = tls.show_pin(tls.digest_of(secure))
        secure.close()
        raise Problem("tls_pin", address=address.url, fingerprint=shown)
    return secure


def fingerprint(address: Address) -> str:
    """The SHA-256 fingerprint of the certificate that the server shows now, for a person to compare. Raises Problem."""
    exchange = Exchange(10.0, 5.0)
    sock = _tcp(address, exchange, CONNECT)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # nothing is sent over this connection but the handshake
    with _handshake(sock, context, address, exchange) as secure:
        return tls.show_pin(tls.digest_of(secure))


def _try_fingerprint(address: Address) -> str:
    try:
        return fingerprint(address)
    except Problem as exc:
        log.info("no fingerprint of %s: %s", address.origin, exc)
        return "unknown"


def _tcp(address: Address, exchange: Exchange, connect: float) -> socket.socket:
    problems: list[OSError] = []
    for family, kind, proto, target in _resolve(address):
        try:
            sock = socket.socket(family, kind, proto)
        except OSError as exc:  # a family that this machine does not have
            problems.append(exc)
            continue
        try:
            sock.settimeout(min(connect, exchange.wait()))
            sock.connect(target)
            _keep_alive(sock)
        except OSError as exc:
            sock.close()
            problems.append(exc)
        else:
            return sock
    raise _unreached(address, problems, connect)


def _resolve(address: Address) -> Iterator[tuple[int, int, int, Any]]:
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as exc:
        raise Problem("dns", host=address.host, details=str(exc)) from exc
    for family, kind, proto, _, target in found:
        yield family, kind, proto, target


def _unreached(address: Address, problems: list[OSError], connect: float) -> Problem:
    if any(isinstance(p, ConnectionRefusedError) for p in problems):
        return Problem("refused", address=address.url)
    if any(isinstance(p, TimeoutError) for p in problems):
        return Problem("timeout", address=address.url, seconds=round(connect))
    last = problems[-1] if problems else OSError("it has no network address")
    return Problem("unreachable", address=address.url, detail=last.strerror or str(last), details=repr(problems))


def _keep_alive(sock: socket.socket) -> None:
    """Small writes at once; probes after 30 s of silence, so that a pulled cable is noticed."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    # The names differ: TCP_KEEPALIVE is macOS's word for TCP_KEEPIDLE.
    for names, value in ((("TCP_KEEPIDLE", "TCP_KEEPALIVE"), 30), (("TCP_KEEPINTVL",), 10), (("TCP_KEEPCNT",), 3)):
        option = next((getattr(socket, n) for n in names if hasattr(socket, n)), None)
        if option is not None:
            with contextlib.suppress(OSError):  # an old Windows; the pings still find out
                sock.setsockopt(socket.IPPROTO_TCP, option, value)


def _handshake(sock: socket.socket, context: ssl.SSLContext, address: Address, exchange: Exchange) -> ssl.SSLSocket:
    host = address.host.partition("%")[0]
    try:
        sock.settimeout(exchange.wait())  # bounds the whole handshake, not only each step
        return context.wrap_socket(sock, server_hostname=host)
    except ssl.SSLCertVerificationError:
        sock.close()
        raise
    except TimeoutError as exc:
        sock.close()
        raise Problem("timeout", address=address.url, seconds=exchange.seconds) from exc
    except ssl.SSLError as exc:
        sock.close()
        raise Problem("tls_failed", address=address.url, detail=_tls_detail(exc), details=str(exc)) from exc
    except OSError as exc:
        sock.close()
        raise Problem("reset", address=address.url, details=str(exc)) from exc


def _tls_detail(exc: ssl.SSLError) -> str:
    if exc.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"):
        return "it does not speak TLS there; try http:// instead of https://"
    return (exc.reason or str(exc)).replace("_", " ").lower()
