"""How a request goes wrong when the script says so: resets, lies about length, hanging, redirects, ..."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from comfydesk.demo.faults import SERVER_ACTIONS, Rule

if TYPE_CHECKING:
    from comfydesk.demo.server import DemoServer

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
BOMB = 200 * 1024 * 1024  # bytes that the gzip bomb grows to
LOGIN_PAGE = "<!doctype html><html><body><form>Please log in to the guest network.</form></body></html>"


@dataclass(frozen=True, slots=True)
class Answer:
    """A handler's answer taken apart, so that it can be sent wrongly."""

    status: int
    content_type: str
    body: bytes


async def answer(server: DemoServer, request: web.Request, handler: Handler, rules: list[Rule]) -> web.StreamResponse:
    """Let the rules happen, in their order; the first one that answers ends it."""
    for rule in rules:
        if rule.action == "delay":
            await asyncio.sleep(rule.number(1000) / 1000)
        elif rule.action in SERVER_ACTIONS:
            await server.perform(rule, "")
    for rule in rules:
        given = await _act(request, handler, rule)
        if given is not None:
            return given
    return await handler(request)


async def _act(request: web.Request, handler: Handler, rule: Rule) -> web.StreamResponse | None:
    plain = _plain(rule)
    if plain is not None:
        return plain
    match rule.action:
        case "rst_before":
            return _reset(request)
        case "rst_after_enqueue" | "rst_after":
            await handler(request)
            return _reset(request)
        case "hang":
            await asyncio.sleep(rule.number(86_400_000) / 1000)
            return web.Response(status=504)
        case "drip" | "trunc" | "nolen" | "wrong_len" | "reset_body":
            return await _spoilt(request, await taken_apart(request, await handler(request)), rule)
        case _:
            return None


def _plain(rule: Rule) -> web.Response | None:
    """The answers that need no connection tricks."""
    match rule.action:
        case "status":
            status, _, wait = rule.argument.partition(":")
            headers = {"Retry-After": wait} if wait else {}
            return web.Response(status=int(status or 500), text="the demo was asked to fail\n", headers=headers)
        case "html":
            return web.Response(text=LOGIN_PAGE, content_type="text/html")
        case "redirect":
            return web.Response(status=307, headers={"Location": rule.argument})
        case "gzip_bomb":
            headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
            return web.Response(body=_bomb(), headers=headers)
        case "bad_json":
            return web.Response(text='{"half": ', content_type="application/json")
        case "no_upgrade" | "no-upgrade":
            return web.Response(status=404)
        case "reply":
            facts = rule.facts
            text = facts.get("text")
            if text is None:
                text = json.dumps(facts.get("json"))
            content_type = "text/plain" if "text" in facts else "application/json"
            headers = {str(k): str(v) for k, v in facts.get("headers", {}).items()}
            return web.Response(
                status=int(facts.get("status", 200)), text=text, content_type=content_type, headers=headers
            )
        case _:
            return None


async def taken_apart(request: web.Request, response: web.StreamResponse) -> Answer:
    if isinstance(response, web.FileResponse):
        return _file(response["file"], response.headers.get("Content-Type", "application/octet-stream"))
    body = response.body if isinstance(response, web.Response) else b""
    return Answer(response.status, response.headers.get("Content-Type", ""), body if isinstance(body, bytes) else b"")


def _file(path: Path, content_type: str) -> Answer:
    return Answer(200, content_type, path.read_bytes())


async def _spoilt(request: web.Request, good: Answer, rule: Rule) -> web.StreamResponse:
    """Write the answer by hand. `trunc[:share]`: full length promised, part sent; `nolen[:share]`: no length, part
    sent, closed as if complete; `wrong_len`: a shorter length promised than the file has; `drip:bps`: slowly."""
    share = rule.number(0.5) if rule.action != "drip" else 1.0
    body = good.body[: int(len(good.body) * share)]
    lines = [f"HTTP/1.1 {good.status} OK", f"Content-Type: {good.content_type}", "Connection: close"]
    if rule.action == "wrong_len":
        lines.append(f"Content-Length: {len(body)}")
    elif rule.action != "nolen":
        lines.append(f"Content-Length: {len(good.body)}")
    transport = request.transport
    if transport is None:
        return web.Response()
    transport.write("\r\n".join([*lines, "", ""]).encode())
    if rule.action == "drip":
        await _drip(transport, body, max(1.0, rule.number(1000)))
    else:
        transport.write(body)
        await asyncio.sleep(0.02)
    if rule.action == "reset_body":
        return _reset(request)
    transport.close()
    return web.Response()


async def _drip(transport: asyncio.Transport, body: bytes, bytes_a_second: float) -> None:
    piece = max(1, int(bytes_a_second / 20))
    for start in range(0, len(body), piece):
        if transport.is_closing():
            return
        transport.write(body[start : start + piece])
        await asyncio.sleep(piece / bytes_a_second)


def _reset(request: web.Request) -> web.StreamResponse:
    """Cut the connection with RST: the other side sees `connection reset`, no answer."""
    if request.transport is not None:
        reset(request.transport)
    return web.Response()


def reset(transport: asyncio.BaseTransport) -> None:
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if isinstance(transport, asyncio.Transport):
        transport.abort()


@lru_cache(maxsize=1)
def _bomb() -> bytes:
    """Many small gzip members after each other: quick to make, and read as one file."""
    member = 1 << 20
    return gzip.compress(bytes(member), 9) * (BOMB // member)
