"""POST /prompt, the queue, the history, and stopping."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

from aiohttp import web

from comfydesk.demo.boot import model_lists
from comfydesk.demo.nodes.pictures import annotated_file
from comfydesk.demo.validation import Validation, Verdict

if TYPE_CHECKING:
    from comfydesk.demo.server import DemoServer

CANONICAL_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class PromptRoutes:
    def __init__(self, server: DemoServer) -> None:
        self._server = server

    def routes(self) -> list[tuple[str, str, Any]]:
        return [
            ("GET", "/prompt", self.count),
            ("POST", "/prompt", self.submit),
            ("GET", "/queue", self.queue),
            ("POST", "/queue", self.change_queue),
            ("GET", "/history", self.history),
            ("POST", "/history", self.change_history),
            ("GET", "/history/{prompt_id}", self.history_of),
            ("POST", "/interrupt", self.interrupt),
            ("POST", "/free", self.free),
        ]

    async def count(self, request: web.Request) -> web.Response:
        return web.json_response(self._server.boot.status())

    async def submit(self, request: web.Request) -> web.Response:
        body = await request.json()
        boot = self._server.boot
        number = self._number(body)
        if "prompt" not in body:
            error = {"type": "no_prompt", "message": "No prompt provided", "details": "No prompt provided"}
            return web.json_response({"error": {**error, "extra_info": {}}, "node_errors": {}}, status=400)
        prompt = body["prompt"]
        prompt_id = body.get("prompt_id", None if self._server.options.profile.checks_prompt_id else _fresh())
        if prompt_id is None:
            prompt_id = _fresh()
        if self._server.options.profile.checks_prompt_id and not _is_canonical(prompt_id):
            return web.json_response({"error": _invalid_prompt_id(), "node_errors": {}}, status=400)
        verdict = self._validate(prompt, body.get("partial_execution_targets"))
        if verdict.error is not None:
            return web.json_response({"error": verdict.error, "node_errors": verdict.node_errors}, status=400)
        extra = body.get("extra_data", {})
        if "client_id" in body:
            extra["client_id"] = body["client_id"]
        if self._server.options.profile.create_time:
            extra["create_time"] = boot.executor.now()
        self._server.journal.note("queued", prompt_id=str(prompt_id), number=number)
        boot.queue.put((number, str(prompt_id), prompt, extra, verdict.outputs))
        return web.json_response({"prompt_id": str(prompt_id), "number": number, "node_errors": verdict.node_errors})

    def _number(self, body: dict[str, Any]) -> float:
        """A counter since the start, negative for the front of the queue."""
        if "number" in body:
            return float(body["number"])
        number = self._server.boot.next_number()
        return -number if body.get("front") else number

    def _validate(self, prompt: Any, targets: list[str] | None) -> Verdict:
        server = self._server
        profile = server.options.profile
        if isinstance(prompt, list) and profile.checks_prompt_id:
            raise TypeError("list indices must be integers or slices, not str")  # newer servers fall over it: 500

        def exists(name: str) -> bool:
            try:
                return annotated_file(server.folders, name).is_file()
            except ValueError:
                return False

        return Validation(
            prompt,
            lambda folder: model_lists(server.options, server.folders, folder),
            profile.modern_specs,
            profile.names_missing_nodes,
            exists,
        ).verdict(targets)

    async def queue(self, request: web.Request) -> web.Response:
        running, waiting = self._server.boot.queue.current()
        return web.json_response({"queue_running": running, "queue_pending": waiting})

    async def change_queue(self, request: web.Request) -> web.Response:
        body = await request.json()
        queue = self._server.boot.queue
        if body.get("clear"):
            queue.clear()
        for prompt_id in body.get("delete", ()):
            queue.delete(prompt_id)
        return web.Response(status=200)

    async def history(self, request: web.Request) -> web.Response:
        most = request.query.get("max_items")
        offset = int(request.query.get("offset", -1))
        entries = self._server.boot.queue.history(max_items=int(most) if most is not None else None, offset=offset)
        return web.json_response(entries)

    async def history_of(self, request: web.Request) -> web.Response:
        return web.json_response(self._server.boot.queue.history(request.match_info["prompt_id"]))

    async def change_history(self, request: web.Request) -> web.Response:
        body = await request.json()
        queue = self._server.boot.queue
        if body.get("clear"):
            queue.forget()
        for prompt_id in body.get("delete", ()):
            queue.forget(prompt_id)
        return web.Response(status=200)

    async def interrupt(self, request: web.Request) -> web.Response:
        """With an id only that job, and only while it runs; without, whatever runs (S34)."""
        try:
            body = await request.json()
        except ValueError:
            body = {}
        boot = self._server.boot
        prompt_id = body.get("prompt_id") if isinstance(body, dict) else None
        if not prompt_id or boot.queue.is_running(prompt_id):
            boot.executor.interrupt()
        return web.Response(status=200)

    async def free(self, request: web.Request) -> web.Response:
        body = await request.json()
        for flag in ("unload_models", "free_memory"):
            if body.get(flag):
                self._server.boot.queue.ask(flag)
        return web.Response(status=200)


def _fresh() -> str:
    return str(uuid.uuid4())


def _is_canonical(prompt_id: object) -> bool:
    return isinstance(prompt_id, str) and CANONICAL_UUID.fullmatch(prompt_id) is not None


def _invalid_prompt_id() -> dict[str, Any]:
    return {
        "type": "invalid_prompt_id",
        "message": "prompt_id must be a valid UUID",
        "details": "prompt_id must be a UUID string in canonical lowercase hyphenated form; "
        "omit it to let the server generate one",
        "extra_info": {},
    }
