"""A reverse proxy for tests: TLS, a login, a sub-path, HTTP and WebSocket, in front of any server.

proxy = start(demo.url, user="ann", password="secret")
proxy.url             "https://127.0.0.1:41234/comfy"
proxy.cert_pem_path   the CA to trust (Trust(ca_file=…), --ca)
proxy.fingerprint     the certificate's SHA-256 (Trust(pin=…), --pin)
proxy.stop()
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import ssl
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import aiohttp
from aiohttp import web

from tests.server.serving import Serving

_HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade", "host", "content-length"}


@dataclass(frozen=True)
class Seen:
    """One request as it came in, whether it was let through or not."""

    method: str
    path: str
    headers: dict[str, str] = field(repr=False)
    status: int


class Proxy:
    def __init__(self, backend: str, *, user: str, password: str, token: str, prefix: str, tls: bool) -> None:
        self.requests_seen: list[Seen] = []
        self.websocket = True  # False: a proxy that does not pass upgrades on
        self.max_body = 0  # bytes; 0: no limit. Like nginx's client_max_body_size
        self.fingerprint = ""
        self.cert_pem_path = ""
        self._backend = backend.rstrip("/")
        self._prefix = "/" + prefix.strip("/") if prefix.strip("/") else ""
        self._wanted = _authorization(user, password, token)
        self._folder = tempfile.TemporaryDirectory(prefix="proxy-")
        self._serving = Serving()
        context = self._certificate() if tls else None
        self._session: aiohttp.ClientSession = self._serving.run(_session())
        app = web.Application(client_max_size=1 << 30)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self.port = self._serving.app(app, tls=context)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}{self._prefix}"

    def stop(self) -> None:
        self._serving.run(self._session.close())
        self._serving.stop()
        self._folder.cleanup()

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    def _certificate(self) -> ssl.SSLContext:
        import trustme

        authority = trustme.CA()
        certificate = authority.issue_cert("localhost", "127.0.0.1", "::1")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        pem = Path(self._folder.name) / "ca.pem"
        authority.cert_pem.write_to_path(str(pem))
        self.cert_pem_path = str(pem)
        der = ssl.PEM_cert_to_DER_cert(certificate.cert_chain_pems[0].bytes().decode())
        digest = hashlib.sha256(der).hexdigest().upper()
        self.fingerprint = ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))
        return context

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        answer = self._refusal(request)
        self.requests_seen.append(
            Seen(request.method, request.path_qs, dict(request.headers), answer.status if answer else 200)
        )
        if answer is not None:
            return answer
        target = self._backend + request.raw_path.removeprefix(self._prefix)
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._relay_socket(request, target)
        return await self._relay(request, target)

    def _refusal(self, request: web.Request) -> web.Response | None:
        if self._wanted and request.headers.get("Authorization") != self._wanted:
            kind = self._wanted.split()[0]
            page = "<html><h1>401 Authorization Required</h1></html>"
            return web.Response(
                status=401, text=page, content_type="text/html", headers={"WWW-Authenticate": f'{kind} realm="gpu"'}
            )
        if self._prefix and not request.path.startswith(self._prefix + "/"):
            return web.Response(status=404, text="<html><h1>404 Not Found</h1></html>", content_type="text/html")
        if not self.websocket and "Upgrade" in request.headers:
            return web.Response(status=400, text="no upgrade here")
        if self.max_body and (request.content_length or 0) > self.max_body:
            page = "<html><h1>413 Request Entity Too Large</h1></html>"
            return web.Response(status=413, text=page, content_type="text/html")
        return None

    async def _relay(self, request: web.Request, target: str) -> web.StreamResponse:
        headers = {k: v for k, v in request.headers.items() if k.lower() not in _HOP}
        headers.pop("Authorization", None)
        body = await request.read()
        async with self._session.request(
            request.method, target, headers=headers, data=body or None, allow_redirects=False
        ) as got:
            kept = {k: v for k, v in got.headers.items() if k.lower() not in _HOP}
            answer = web.StreamResponse(status=got.status, headers=kept)
            if got.content_length is not None:
                answer.content_length = got.content_length
            await answer.prepare(request)
            async for piece in got.content.iter_any():
                await answer.write(piece)
            await answer.write_eof()
            return answer

    async def _relay_socket(self, request: web.Request, target: str) -> web.StreamResponse:
        front = web.WebSocketResponse(max_msg_size=0, autoping=True)
        await front.prepare(request)
        async with self._session.ws_connect(target, max_msg_size=0) as back:
            pumps = [asyncio.ensure_future(_pump(a, b)) for a, b in ((front, back), (back, front))]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            await front.close()
        return front


def start(
    backend_url: str, *, user: str = "", password: str = "", token: str = "", prefix: str = "/comfy", tls: bool = True
) -> Proxy:
    """Start a proxy in front of `backend_url`. With `user` or `token` it asks for that login."""
    return Proxy(backend_url, user=user, password=password, token=token, prefix=prefix, tls=tls)


async def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar(), timeout=aiohttp.ClientTimeout(total=60)
    )


async def _pump(source: Any, target: Any) -> None:
    async for message in source:
        if message.type is aiohttp.WSMsgType.TEXT:
            await target.send_str(message.data)
        elif message.type is aiohttp.WSMsgType.BINARY:
            await target.send_bytes(message.data)


def _authorization(user: str, password: str, token: str) -> str:
    if token:
        return f"Bearer {token}"
    if user:
        return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    return ""
