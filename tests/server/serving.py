"""Small servers in threads: an aiohttp app, or raw bytes for what no well-behaved server sends."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from aiohttp import web


class Serving:
    """An asyncio loop in a thread, with aiohttp apps on it. `stop` ends everything."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._runners: list[web.AppRunner] = []
        self._thread = threading.Thread(target=self.loop.run_forever, name="test-server", daemon=True)
        self._thread.start()

    def app(self, app: web.Application, *, tls: ssl.SSLContext | None = None) -> int:
        """Serve an app on a free port of 127.0.0.1; gives the port."""
        port: int = self.run(self._start(app, tls))
        return port

    def run(self, coro: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coro, self.loop).result(10)

    def stop(self) -> None:
        for runner in self._runners:
            self.run(runner.cleanup())
        self.run(self._finish())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()

    async def _start(self, app: web.Application, tls: ssl.SSLContext | None) -> int:
        runner = web.AppRunner(app, shutdown_timeout=0.2)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        self._runners.append(runner)
        port: int = runner.addresses[0][1]
        return port

    async def _finish(self) -> None:
        tasks = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # A TLS connection waits half a minute for the other side's goodbye.
        for transport in list(self.loop._transports.values()):  # type: ignore[attr-defined]
            transport.abort()
        for _ in range(5):
            await asyncio.sleep(0)


class RawServer:
    """A TCP server whose every connection is answered by `handle(connection, head)` in a thread of its own.

    `head` is what the client sent up to the end of its headers; `heads` keeps them all.
    """

    def __init__(
        self,
        handle: Callable[[socket.socket, bytes], None],
        *,
        tls: ssl.SSLContext | None = None,
        listener: socket.socket | None = None,
    ) -> None:
        self.heads: list[bytes] = []
        self.done = threading.Event()  # set at stop: handlers that wait for it end
        self._handle = handle
        self._tls = tls
        self._listener = listener or socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self.done.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while not self.done.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(10)
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection:
                head = b""
                while b"\r\n\r\n" not in head and (data := connection.recv(65536)):
                    head += data
                self.heads.append(head)
                if head:
                    self._handle(connection, head)


@contextlib.contextmanager
def raw(handle: Callable[[socket.socket, bytes], None], *, tls: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    server = RawServer(handle, tls=tls)
    try:
        yield server
    finally:
        server.stop()


def answer(body: bytes, *, status: str = "200 OK", kind: str = "application/json", more: str = "") -> bytes:
    """A complete HTTP answer that closes the connection."""
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{more}\r\n"
    )
    return head.encode() + body


def say(data: bytes) -> Callable[[socket.socket, bytes], None]:
    """A handler that always sends the same bytes."""
    return lambda connection, head: connection.sendall(data)


def reset(connection: socket.socket) -> None:
    """Close with RST instead of FIN."""
    import struct

    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
