"""What every request passes: login, origin, latency, and the faults that the script has for it."""

from __future__ import annotations

import asyncio
import base64
import hmac
import ipaddress
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aiohttp import web

from comfydesk.demo import fault_answers

if TYPE_CHECKING:
    from comfydesk.demo.server import DemoServer

Middleware = Any  # aiohttp keeps its own type of this private
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
CONTROL = "/__demo__"


class Gate:
    """An aiohttp middleware of one server."""

    def __init__(self, server: DemoServer) -> None:
        self._server = server

    def middleware(self) -> Middleware:
        @web.middleware
        async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self.passed(request, handler)

        return gate

    async def passed(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(CONTROL):
            return await handler(request)
        if not self._may_enter(request):
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="ComfyDesk demo"'})
        if is_cross_site(request):
            return web.Response(status=403)
        if self._server.options.latency_ms:
            await asyncio.sleep(self._server.options.latency_ms / 1000)
        path = request.path
        names = [f"{request.method} {path}"]
        if path.startswith("/api/"):
            names.append(f"{request.method} {path[4:]}")
        rules = self._server.faults.firing(*names)
        if not rules:
            return await handler(request)
        return await fault_answers.answer(self._server, request, handler, rules)

    def _may_enter(self, request: web.Request) -> bool:
        """`auth` is "user:password" for Basic or "bearer:token"."""
        wanted = self._server.options.auth
        if not wanted:
            return True
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        kind, _, secret = wanted.partition(":")
        if kind == "bearer":
            return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), secret.encode())
        try:
            plain = base64.b64decode(given, validate=True)
        except ValueError:
            return False
        return scheme.lower() == "basic" and hmac.compare_digest(plain, wanted.removeprefix("basic:").encode())


def is_cross_site(request: web.Request) -> bool:
    """Would the real server take this for another page's script (S31)?"""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return True
    origin, host = request.headers.get("Origin"), request.headers.get("Host")
    if not origin or not host:
        return False
    here, there = urlsplit("//" + host.lower()), urlsplit(origin.lower())
    if not _is_loopback(here.hostname) or not there.netloc:
        return False
    same = here.netloc if there.port is not None else here.hostname
    return same != there.netloc


def _is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False
