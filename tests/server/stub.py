"""A ComfyUI whose answers a test sets, route by route. It records what was asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web

from tests.server.serving import Serving

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

STATS = {
    "system": {"comfyui_version": "0.33.0", "argv": ["main.py", "--listen"]},
    "devices": [{"name": "cuda:0 NVIDIA GeForce RTX 4090 : cudaMallocAsync", "vram_total": 24, "vram_free": 20}],
}


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


class Stub:
    """`routes[(method, path)]` is JSON to answer with, a (status, text) pair, a web.Response factory or a handler."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.connections: set[Any] = set()  # the ports at the other end
        self.frames: list[str | bytes] = []  # sent to each socket that connects
        self.received: list[Any] = []  # what sockets sent
        self.sockets: list[web.WebSocketResponse] = []
        self.routes: dict[tuple[str, str], Any] = {
            ("GET", "/system_stats"): STATS,
            ("GET", "/features"): {"supports_preview_metadata": True, "max_upload_size": 1000},
            ("GET", "/prompt"): {"exec_info": {"queue_remaining": 3}},
            ("GET", "/api/jobs"): {"jobs": [], "pagination": {"offset": 0, "total": 0, "has_more": False}},
            ("GET", "/queue"): {"queue_running": [], "queue_pending": []},
            ("GET", "/ws"): self._socket,
        }
        self._serving = Serving()
        app = web.Application(client_max_size=1 << 28)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self.port = self._serving.app(app)
        self.url = f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self._serving.stop()

    def say(self, frame: str | bytes) -> None:
        """Send a frame on the newest socket."""
        socket = self.sockets[-1]
        self._serving.run(socket.send_str(frame) if isinstance(frame, str) else socket.send_bytes(frame))

    def hang_up(self) -> None:
        """Close the newest socket from the server's side."""
        self._serving.run(self.sockets[-1].close())

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if request.transport is not None:
            self.connections.add(request.transport.get_extra_info("peername")[1])
        self.asked.append(Asked(request.method, request.path, dict(request.query), dict(request.headers), body))
        found = self.routes.get((request.method, request.path))
        if found is None:
            return web.Response(status=404, content_type="application/octet-stream")  # as ComfyUI does
        if callable(found):
            answer: web.StreamResponse = await found(request)
            return answer
        if isinstance(found, tuple):
            status, text = found
            kind = "text/html" if text.startswith("<") else "application/json" if text[:1] in "{[" else "text/plain"
            return web.Response(status=status, text=text, content_type=kind)
        return web.json_response(found)

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        for frame in self.frames:
            await (socket.send_str(frame) if isinstance(frame, str) else socket.send_bytes(frame))
        async for message in socket:
            if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                self.received.append(message.data)
        return socket
