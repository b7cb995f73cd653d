"""Faults of the server as a whole: restarts, lost sockets, a stuck worker, a forgotten history."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from comfydesk.demo.fault_answers import reset
from comfydesk.demo.faults import Rule

if TYPE_CHECKING:
    from comfydesk.demo.hub import Hub
    from comfydesk.demo.server import DemoServer


class ServerFaults:
    """Performs the actions of `faults.SERVER_ACTIONS` on one server."""

    def __init__(self, server: DemoServer) -> None:
        self._server = server
        self._running: set[asyncio.Task[None]] = set()

    async def perform(self, rule: Rule, prompt_id: str) -> None:
        boot = self._server.boot
        match rule.action:
            case "restart":
                # Of its own: the one who asks may be a connection that the restart cuts.
                self._spawn(self._server.restart(rule.number(500) / 1000))
            case "wedge":
                boot.executor.wedge()
            case "evict":
                boot.queue.forget(prompt_id or None)
            case "clear_queue":
                boot.queue.clear()
            case "ws_deaf":
                boot.hub.deafen()
            case "ws_mute":
                boot.hub.silence()
            case "ws_drop":
                self.drop_sockets()
            case "ws_frame":
                await self._large_frame(int(rule.number(1_000_000)))
            case "reuse_name":
                self._reuse_names()
            case "flood":
                rate, _, seconds = rule.argument.partition(":")
                self._spawn(self._flood(float(rate or 1000), float(seconds or 10)))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def drop_sockets(self) -> None:
        for transport in self._server.boot.hub.transports():
            reset(transport)

    async def _large_frame(self, size: int) -> None:
        text = json.dumps({"type": "large", "data": {"text": "x" * max(0, size - 60)}})
        for socket in self._server.boot.hub.all_open():
            await self._server.boot.hub.deliver(socket, text)

    def _reuse_names(self) -> None:
        """Put another picture under every name in the output folder, as a deleted and reused counter does (S23)."""
        from comfydesk.demo.painter import paint
        from comfydesk.demo.values import Scene

        for path in self._server.folders.output.rglob("*.png"):
            paint(Scene(time.time_ns(), path.name), 640, 480).save(path, "PNG")

    async def _flood(self, rate: float, seconds: float) -> None:
        """`rate` messages a second to every socket: previews, progress and progress_state in turn."""
        from comfydesk.demo import painter
        from comfydesk.demo.values import Scene

        hub = self._server.boot.hub
        small = painter.sketch(Scene(1, "flood"), 512, 512)
        jpegs = [painter.preview_jpeg(small, k / 8, 256) for k in range(1, 9)]
        running, _waiting = self._server.boot.queue.current()
        prompt_id = running[0][1] if running else "00000000-0000-4000-8000-00000000f10d"
        begun, sent = time.monotonic(), 0
        while (passed := time.monotonic() - begun) < seconds and self._server.boot.hub is hub:
            while sent < passed * rate:
                sent += 1
                for client_id in list(hub.sockets):
                    _flood_message(hub, client_id, prompt_id, sent, jpegs)
            await asyncio.sleep(0.005)
        self._server.journal.note("flood", messages=sent)


def _flood_message(hub: Hub, client_id: str, prompt_id: str, number: int, jpegs: list[bytes]) -> None:
    value = number % 100
    node = {"node_id": "3", "prompt_id": prompt_id, "display_node_id": "3", "parent_node_id": None, "real_node_id": "3"}
    match number % 3:
        case 0:
            hub.send_preview(jpegs[number // 3 % len(jpegs)], node, client_id)
        case 1:
            hub.send("progress", {"value": value, "max": 100, "prompt_id": prompt_id, "node": "3"}, client_id)
        case _:
            state = {"value": value, "max": 100, "state": "running", **node}
            hub.send("progress_state", {"prompt_id": prompt_id, "nodes": {"3": state}}, client_id)
