"""The back door for tests: what happened, and what is to go wrong next. Only with --control, only from this machine."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from aiohttp import web

from comfydesk.demo.faults import parse

if TYPE_CHECKING:
    from comfydesk.demo.server import DemoServer


class ControlRoutes:
    def __init__(self, server: DemoServer) -> None:
        self._server = server
        self._acting: set[asyncio.Task[None]] = set()

    def routes(self) -> list[tuple[str, str, Any]]:
        routes = [
            ("GET", "/log", self.log),
            ("GET", "/executions", self.executions),
            ("GET", "/stats", self.stats),
            ("GET", "/script", self.script),
            ("POST", "/script", self.load_script),
            ("POST", "/do", self.do),
        ]
        return [(method, path, self._local(handler)) for method, path, handler in routes]

    def _local(self, handler: Any) -> Any:
        async def guarded(request: web.Request) -> web.StreamResponse:
            if request.remote not in ("127.0.0.1", "::1") or request.headers.get("Sec-Fetch-Site"):
                return web.Response(status=403)
            return await handler(request)  # type: ignore[no-any-return]

        return guarded

    async def log(self, request: web.Request) -> web.Response:
        first = int(request.query.get("from", 0))
        return web.json_response(self._server.journal.log[first:])

    async def executions(self, request: web.Request) -> web.Response:
        return web.json_response(self._server.journal.executions)

    async def stats(self, request: web.Request) -> web.Response:
        server = self._server
        return web.json_response(
            {
                "boots": server.journal.boots,
                "bytes_sent": server.journal.bytes_sent,
                "socket_bytes_sent": server.boot.hub.sent_bytes,
                "sockets": len(server.boot.hub.all_open()),
                "executions": len(server.journal.executions),
                "requests": server.journal.counts,
                "output": str(server.folders.output),
            }
        )

    async def script(self, request: web.Request) -> web.Response:
        rules = self._server.faults.rules
        return web.json_response([{"match": r.match, "do": r.do, "seen": r.seen, "fired": r.fired} for r in rules])

    async def load_script(self, request: web.Request) -> web.Response:
        """Replace the rules: a list, or {"rules": […], "seed": n}."""
        body = await request.json()
        rules, seed = (body, 0) if isinstance(body, list) else (body["rules"], int(body.get("seed", 0)))
        try:
            self._server.faults.load(rules, seed)
        except (ValueError, TypeError) as exc:
            return web.json_response({"error": str(exc)}, status=400)
        return web.json_response({"rules": len(rules)})

    async def do(self, request: web.Request) -> web.Response:
        """Perform one action of the whole server now; answered before it begins."""
        body = await request.json()
        rule = parse([{"match": "now", **body}])[0]
        task = asyncio.get_running_loop().create_task(self._server.act(rule))
        self._acting.add(task)
        task.add_done_callback(self._acting.discard)
        return web.json_response({"doing": rule.do})
