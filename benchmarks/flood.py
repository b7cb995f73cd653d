"""A proxy in front of a ComfyUI server that floods its sockets with progress and previews while a job runs.

`python -m benchmarks.flood URL` prints its own address as one line of JSON and ends when its standard input closes.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import struct
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from PIL import Image, ImageDraw

RATE = 1000  # messages a second
PREVIEW_EVERY = 10  # so a hundred previews a second: far more than any sampler draws
TICK = 0.01  # seconds between bursts
PREVIEW_WITH_METADATA = 4  # binary event of ComfyUI (protocol.py)
HOP_BY_HOP = {"host", "connection", "transfer-encoding", "content-length", "keep-alive", "upgrade"}


@dataclass
class Flood:
    """What the proxy knows of the job that runs, and what it has sent."""

    upstream: str
    session: aiohttp.ClientSession
    pictures: list[bytes]
    running: str = ""
    sent: int = 0
    seconds: float = 0.0
    sockets: set[web.WebSocketResponse] = field(default_factory=set)

    def see(self, text: str) -> None:
        """Learn from a message of the server which prompt runs now."""
        message = json.loads(text)
        prompt_id = message["data"].get("prompt_id", "")
        if message["type"] in {"execution_success", "execution_error", "execution_interrupted"}:
            self.running = ""
        elif prompt_id:  # any message of a job: the window may have opened its socket after the start
            self.running = prompt_id

    def messages(self) -> Iterator[str | bytes]:
        """One message after the other, as a server with ten busy nodes would send them."""
        number = 0
        while True:
            number += 1
            value, prompt_id = number % 1000, self.running
            if number % PREVIEW_EVERY == 0:
                facts = {"node_id": "3", "display_node_id": "3", "prompt_id": prompt_id, "image_type": "image/jpeg"}
                metadata = json.dumps(facts).encode()
                head = struct.pack(">II", PREVIEW_WITH_METADATA, len(metadata))
                yield head + metadata + self.pictures[number // PREVIEW_EVERY % len(self.pictures)]
            elif number % 2:
                data: dict[str, Any] = {"value": value, "max": 1000, "prompt_id": prompt_id, "node": "3"}
                yield json.dumps({"type": "progress", "data": data})
            else:
                node = {"value": value, "max": 1000, "state": "running", "node_id": "3", "prompt_id": prompt_id}
                yield json.dumps({"type": "progress_state", "data": {"prompt_id": prompt_id, "nodes": {"3": node}}})


STATE = web.AppKey("state", Flood)


def previews() -> list[bytes]:
    """A few pictures like a sampler's previews: latents of 64 pixels drawn at 512, JPEG of some 60 kB."""
    pictures = []
    for index in range(8):
        image = Image.effect_noise((64, 64), 20 + 3 * index).convert("RGB").resize((512, 512))
        ImageDraw.Draw(image).ellipse((60 * index, 100, 60 * index + 90, 190), fill=(80 + 20 * index, 90, 220))
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=95)
        pictures.append(buffer.getvalue())
    return pictures


async def forward(request: web.Request) -> web.StreamResponse:
    """Pass an HTTP request on, and its answer back."""
    flood = request.app[STATE]
    headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP_BY_HOP}
    target = f"{flood.upstream}{request.path_qs}"
    async with flood.session.request(request.method, target, headers=headers, data=await request.read()) as answer:
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP}
        return web.Response(status=answer.status, headers=kept, body=await answer.read())


async def socket(request: web.Request) -> web.WebSocketResponse:
    """Relay a client's socket, with the flood mixed in."""
    flood = request.app[STATE]
    client = web.WebSocketResponse(max_msg_size=0)
    await client.prepare(request)
    async with flood.session.ws_connect(f"{flood.upstream}{request.path_qs}", max_msg_size=0) as server:
        flood.sockets.add(client)
        upwards = asyncio.create_task(relay(client, server))
        try:
            async for message in server:
                if message.type is aiohttp.WSMsgType.TEXT:
                    flood.see(message.data)
                    await client.send_str(message.data)
                elif message.type is aiohttp.WSMsgType.BINARY:
                    await client.send_bytes(message.data)
        except ConnectionError:
            pass  # the window has gone
        finally:
            flood.sockets.discard(client)
            upwards.cancel()
    return client


async def relay(client: web.WebSocketResponse, server: aiohttp.ClientWebSocketResponse) -> None:
    """From the client to the server (feature flags), until either goes."""
    async for message in client:
        if message.type is aiohttp.WSMsgType.TEXT:
            await server.send_str(message.data)
    await server.close()


async def pour(flood: Flood) -> None:
    """Send the flood to every socket while a job runs, and count what was taken."""
    messages, due, last = flood.messages(), 0.0, time.perf_counter()
    while True:
        await asyncio.sleep(TICK)
        now = time.perf_counter()
        passed, last = now - last, now
        if not (flood.running and flood.sockets):
            due = 0.0
            continue
        flood.seconds += passed
        due += passed * RATE
        while due >= 1:
            due -= 1
            message = next(messages)
            for client in list(flood.sockets):
                with contextlib.suppress(ConnectionError):  # a window that closes takes no more
                    await (client.send_bytes(message) if isinstance(message, bytes) else client.send_str(message))
            flood.sent += 1


async def told(request: web.Request) -> web.Response:
    """How much was sent, over how many seconds."""
    flood = request.app[STATE]
    return web.json_response({"sent": flood.sent, "seconds": flood.seconds, "running": flood.running})


async def main(upstream: str) -> None:
    application = web.Application(client_max_size=2**28)
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        application[STATE] = flood = Flood(upstream, session, previews())
        application.router.add_get("/flood", told)
        application.router.add_get("/ws", socket)
        application.router.add_route("*", "/{path:.*}", forward)
        async with serving(application) as url:
            print(json.dumps({"url": url}), flush=True)
            pouring = asyncio.create_task(pour(flood))
            ended = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
            await asyncio.wait([pouring, asyncio.ensure_future(ended)], return_when=asyncio.FIRST_COMPLETED)
            if pouring.done():
                pouring.result()
            pouring.cancel()


@contextlib.asynccontextmanager
async def serving(application: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(application, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
