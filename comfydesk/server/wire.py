"""requests, with connections of our own: opened by `dial`, and with a deadline over each whole exchange.

Imported late: requests costs more than everything else in this room together.
"""

from __future__ import annotations

import io
import socket
from collections.abc import Callable
from typing import Any, cast

import requests
import requests.adapters
import requests.cookies
import urllib3
import urllib3.connection
import urllib3.connectionpool

from comfydesk.server.dial import Exchange


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """None is ever followed. Without this requests prepares the next request, and reads the whole body for it."""


class Line:
    """One thread's session, and the exchange that its next request belongs to."""

    def __init__(self, dial: Callable[[Exchange], socket.socket]) -> None:
        self.dial = dial
        self.exchange = Exchange(0.0)
        self.session = _Session()
        self.session.trust_env = False  # no proxy, .netrc or CA bundle out of the environment
        self.session.auth = None
        self.session.headers.clear()
        self.session.adapters.clear()
        adapter = _Adapter(self)
        self.session.mount("http://", adapter)
        self.session.mount("https://", adapter)

    def close(self) -> None:
        self.session.close()


def keep_to(session: requests.Session, exchange: Exchange) -> None:
    """Hold a session of its own kind (usual dialling, trust and proxies) to one deadline, heads of answers included."""
    session.mount("http://", _LimitedAdapter(exchange))
    session.mount("https://", _LimitedAdapter(exchange))


class _TimedSocket:
    """A socket whose every operation asks the connection's exchange how long it may wait."""

    def __init__(self, sock: socket.socket, connection: _Timed | _Limited) -> None:
        self._sock = sock
        self._connection = connection

    def recv_into(self, buffer: Any, *args: Any) -> int:
        self._sock.settimeout(self._connection.exchange.wait())
        return self._sock.recv_into(buffer, *args)

    def sendall(self, data: Any, *args: Any) -> None:
        exchange = self._connection.exchange
        self._sock.settimeout(exchange.wait())
        exchange.sent = True
        self._sock.sendall(data, *args)

    def makefile(self, mode: str, *args: Any, **kwargs: Any) -> io.BufferedReader:
        """What http.client reads through; as socket.makefile("rb"), but over this object."""
        raw = socket.SocketIO(cast(socket.socket, self), "r")
        self._sock._io_refs += 1  # type: ignore[attr-defined]  # undone by SocketIO.close
        return io.BufferedReader(raw)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


class _Timed:
    """Mixed into urllib3's connections."""

    line: Line
    exchange: Exchange
    sock: Any
    is_verified: bool

    def connect(self) -> None:
        self.exchange = self.line.exchange
        self.sock = _TimedSocket(self.line.dial(self.exchange), self)
        self.is_verified = True  # `dial` has checked; urllib3 must not warn

    def request(self, *args: Any, **kwargs: Any) -> None:
        self.exchange = self.line.exchange
        super().request(*args, **kwargs)  # type: ignore[misc]


class _Connection(_Timed, urllib3.connection.HTTPConnection):
    pass


class _SecureConnection(_Timed, urllib3.connection.HTTPSConnection):
    pass


class _Adapter(requests.adapters.HTTPAdapter):
    def __init__(self, line: Line) -> None:
        self._line = line
        super().__init__(pool_connections=1, pool_maxsize=4, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        own = {"line": self._line}
        plain = type(
            "Pool", (urllib3.connectionpool.HTTPConnectionPool,), {"ConnectionCls": type("C", (_Connection,), own)}
        )
        secure = type(
            "SecurePool",
            (urllib3.connectionpool.HTTPSConnectionPool,),
            {"ConnectionCls": type("C", (_SecureConnection,), own)},
        )
        self.poolmanager.pool_classes_by_scheme = {"http": plain, "https": secure}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Nothing: certificates are checked by `dial`, the same for HTTP and socket."""


class _Limited:
    """Mixed into urllib3's connections, which dial by themselves."""

    exchange: Exchange
    sock: Any

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]
        self.sock = _TimedSocket(self.sock, self)


class _LimitedConnection(_Limited, urllib3.connection.HTTPConnection):
    pass


class _LimitedSecureConnection(_Limited, urllib3.connection.HTTPSConnection):
    pass


class _LimitedAdapter(requests.adapters.HTTPAdapter):
    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        own = {"exchange": self._exchange}
        plain = type("C", (_LimitedConnection,), own)
        secure = type("C", (_LimitedSecureConnection,), own)
        self.poolmanager.pool_classes_by_scheme = {
            "http": type("Pool", (urllib3.connectionpool.HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("SecurePool", (urllib3.connectionpool.HTTPSConnectionPool,), {"ConnectionCls": secure}),
        }
