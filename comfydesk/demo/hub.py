"""The sockets of the server: who is connected, what is sent to whom, and in which form."""

from __future__ import annotations

import asyncio
import json
import struct
import uuid
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from comfydesk.demo.options import Profile

if TYPE_CHECKING:
    from comfydesk.demo.faults import Faults

PREVIEW, TEXT, PREVIEW_WITH_METADATA = 1, 3, 4
JPEG = 1
MAX_UPLOAD = 104_857_600


def features(profile: Profile) -> dict[str, Any]:
    """What the server says it can do, on /features and on the socket."""
    shown: dict[str, Any] = {"supports_preview_metadata": True}
    if profile.modern_specs:
        shown["supports_model_type_tags"] = True
    shown["max_upload_size"] = MAX_UPLOAD
    if profile.modern_specs:
        shown |= {"extension": {"manager": {"supports_v4": True}}, "node_replacements": True, "assets": False}
    return shown


class Hub:
    """All sockets. Messages go out one after the other, so that one stalled reader delays everybody (S8)."""

    def __init__(self, profile: Profile, faults: Faults) -> None:
        self._profile = profile
        self._faults = faults
        self._loop = asyncio.get_running_loop()
        self._outbox: asyncio.Queue[tuple[str | int, Any, str | None]] = asyncio.Queue()
        self.sockets: dict[str, web.WebSocketResponse] = {}
        self._open: dict[web.WebSocketResponse, asyncio.BaseTransport | None] = {}
        self._deaf: set[web.WebSocketResponse] = set()
        self._mute: set[web.WebSocketResponse] = set()
        self._with_metadata: set[str] = set()
        self.client_id: str | None = None  # whose job runs
        self.last_node: str | None = None
        self.sent_bytes = 0
        self._publisher = self._loop.create_task(self._publish())

    # ── sending ───────────────────────────────────────────────────────────────────────────────────────────────────
    def send(self, event: str, data: dict[str, Any], client_id: str | None = None) -> None:
        """Tell one client, or all where `client_id` is None. Any thread; `data` must not change afterwards."""
        self._post((event, data, client_id))

    def send_preview(self, jpeg: bytes, metadata: dict[str, Any], client_id: str | None) -> None:
        """As type 4 to a client that asked for it by its first message, else as type 1 (S15)."""
        if self.wants_metadata(client_id):
            head = json.dumps({**metadata, "image_type": "image/jpeg"}).encode()
            frame = struct.pack(">II", PREVIEW_WITH_METADATA, len(head)) + head + jpeg
        else:
            frame = struct.pack(">II", PREVIEW, JPEG) + jpeg
        self._post((PREVIEW, frame, client_id))

    def wants_metadata(self, client_id: str | None) -> bool:
        return client_id is not None and client_id in self._with_metadata

    def send_text(self, text: str, node_id: str, client_id: str | None) -> None:
        name = node_id.encode()
        self._post((TEXT, struct.pack(">II", TEXT, len(name)) + name + text.encode(), client_id))

    def _post(self, message: tuple[str | int, Any, str | None]) -> None:
        try:
            self._loop.call_soon_threadsafe(self._outbox.put_nowait, message)
        except RuntimeError:  # the loop has closed: the server is ending
            return

    async def _publish(self) -> None:
        while True:
            event, data, client_id = await self._outbox.get()
            if isinstance(event, str):
                reaction = await self._faults.on_message(event, data)
                if reaction.drop:
                    continue
                payload: str | bytes = json.dumps({"type": event, "data": reaction.data}, ensure_ascii=True)
            else:
                payload = data
            targets = list(self.sockets.values()) if client_id is None else [self.sockets.get(client_id)]
            for socket in targets:
                if socket is not None and socket not in self._deaf and socket not in self._mute:
                    await self.deliver(socket, payload)

    async def deliver(self, socket: web.WebSocketResponse, payload: str | bytes) -> None:
        try:
            if isinstance(payload, bytes):
                await socket.send_bytes(payload)
            else:
                await socket.send_str(payload)
            self.sent_bytes += len(payload)
        except (ConnectionError, RuntimeError):  # it went away; its handler takes it out
            return

    # ── receiving ─────────────────────────────────────────────────────────────────────────────────────────────────
    async def connect(self, request: web.Request, status: dict[str, Any]) -> web.WebSocketResponse:
        """Serve one socket until it closes."""
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        client_id = request.query.get("clientId", "") or uuid.uuid4().hex
        self._with_metadata.discard(client_id)
        self.sockets[client_id] = socket
        self._open[socket] = request.transport
        try:
            await self.deliver(socket, json.dumps({"type": "status", "data": {"status": status, "sid": client_id}}))
            if self.client_id == client_id and self.last_node is not None:
                await self.deliver(socket, json.dumps({"type": "executing", "data": {"node": self.last_node}}))
            await self._listen(socket, client_id)
        finally:
            # As on the real server: whoever holds this id now is forgotten, even a newer socket (S7).
            self.sockets.pop(client_id, None)
            self._open.pop(socket, None)
            self._deaf.discard(socket)
            self._mute.discard(socket)
        return socket

    async def _listen(self, socket: web.WebSocketResponse, client_id: str) -> None:
        first = True
        async for message in socket:
            if message.type is WSMsgType.PING and socket not in self._mute:
                await socket.pong(message.data)
            if message.type is WSMsgType.TEXT:
                if first:
                    await self._greet(socket, client_id, message.data)
                first = False

    async def _greet(self, socket: web.WebSocketResponse, client_id: str, text: str) -> None:
        try:
            data = json.loads(text)
        except ValueError:
            return
        if not isinstance(data, dict) or data.get("type") != "feature_flags":
            return
        flags = data.get("data")
        if isinstance(flags, dict) and flags.get("supports_preview_metadata"):
            self._with_metadata.add(client_id)
        await self.deliver(socket, json.dumps({"type": "feature_flags", "data": features(self._profile)}))

    # ── faults ────────────────────────────────────────────────────────────────────────────────────────────────────
    def all_open(self) -> list[web.WebSocketResponse]:
        return list(self._open)

    def transports(self) -> list[asyncio.BaseTransport]:
        return [transport for transport in self._open.values() if transport is not None]

    def deafen(self) -> None:
        """The sockets of now get no events any more, while pings are still answered (S7)."""
        self._deaf |= self._open.keys()

    def silence(self) -> None:
        """The sockets of now get nothing any more, not even pongs."""
        self._mute |= self._open.keys()

    def close(self) -> None:
        self._publisher.cancel()
