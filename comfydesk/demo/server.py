"""The demo server: a stand-in for ComfyUI that paints pictures."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from comfydesk.demo import fault_answers
from comfydesk.demo.boot import Boot, make_folders
from comfydesk.demo.faults import Faults, Rule
from comfydesk.demo.gate import CONTROL, Gate
from comfydesk.demo.hub import MAX_UPLOAD
from comfydesk.demo.journal import Journal
from comfydesk.demo.options import Options
from comfydesk.demo.routes_control import ControlRoutes
from comfydesk.demo.routes_files import FileRoutes
from comfydesk.demo.routes_info import InfoRoutes
from comfydesk.demo.routes_jobs import JobRoutes
from comfydesk.demo.routes_prompt import PromptRoutes
from comfydesk.demo.routes_templates import TemplateRoutes
from comfydesk.demo.routes_userdata import UserDataRoutes
from comfydesk.demo.server_faults import ServerFaults

if TYPE_CHECKING:
    from aiohttp.web_runner import AppRunner


class Routes(Protocol):
    """A group of routes: method, path, handler. Each is served with and without /api before it."""

    def routes(self) -> list[tuple[str, str, Any]]: ...


JOURNAL: web.AppKey[Journal] = web.AppKey("journal", Journal)


class DemoServer:
    """One server on one port. `run()` serves until `stop()`; a restart keeps the port and the files on disk."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.journal = Journal()
        self.faults = Faults(self.journal)
        self.port = options.port
        self._own_root = options.state_dir is None
        self._root = options.state_dir or Path(tempfile.mkdtemp(prefix="comfydesk-demo-"))
        self.folders = make_folders(self._root)
        self._stopped = asyncio.Event()
        self._runner: AppRunner | None = None
        self._site: web.SockSite | None = None
        self._listener: socket.socket | None = None
        self.boot = self._new_boot(options.boot_number)
        self.server_faults = ServerFaults(self)
        self.perform = self.server_faults.perform
        self.faults.perform = self.perform
        self.faults.loop = asyncio.get_running_loop()
        if options.script is not None:
            self.faults.load(json.loads(options.script.read_text("utf-8")))

    def _new_boot(self, first_number: int) -> Boot:
        return Boot(self.options, self.folders, self.journal, self.faults, first_number)

    @property
    def url(self) -> str:
        host = f"[{self.options.host}]" if ":" in self.options.host else self.options.host
        return f"http://{host}:{self.port}"

    def stop(self) -> None:
        self._stopped.set()

    async def run(self, ready: Callable[[DemoServer], None]) -> None:
        """Serve. `ready` is called when connections are taken."""
        try:
            self._runner = web.AppRunner(
                self._app(), access_log_class=_JournalLogger, shutdown_timeout=0.2, handle_signals=False
            )
            await self._runner.setup()
            await self.listen()
            ready(self)
            await self._stopped.wait()
        finally:
            self.boot.end()
            self.cut_connections()
            if self._runner is not None:
                await self._runner.cleanup()
            if self._own_root:
                shutil.rmtree(self._root, ignore_errors=True)

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=MAX_UPLOAD, middlewares=[Gate(self).middleware()])
        app[JOURNAL] = self.journal
        info = InfoRoutes(self)
        app.router.add_get("/", info.home)
        groups: list[Routes] = [
            info,
            PromptRoutes(self),
            FileRoutes(self),
            UserDataRoutes(self),
            TemplateRoutes(self),
        ]
        if self.options.profile.jobs_api:
            groups.append(JobRoutes(self))
        for group in groups:
            for method, path, handler in group.routes():
                prefixes = ("",) if path.startswith("/api/") else ("", "/api")
                for prefix in prefixes:
                    app.router.add_route(method, prefix + path, handler)
        for path in ("/ws", "/api/ws"):
            app.router.add_get(path, self._socket)
        if self.options.control:
            for method, path, handler in ControlRoutes(self).routes():
                app.router.add_route(method, CONTROL + path, handler)
        app.router.add_get("/{anything:.*}", _nothing_here)
        return app

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        boot = self.boot
        return await boot.hub.connect(request, boot.status())

    # ── a life of the server ──────────────────────────────────────────────────────────────────────────────────────
    async def listen(self) -> None:
        """Take connections, on the same port as before if there was one."""
        if self._runner is None:
            raise RuntimeError("run() has not begun")
        family = socket.AF_INET6 if ":" in self.options.host else socket.AF_INET
        self._listener = socket.create_server((self.options.host, self.port), family=family, backlog=128)
        self._site = web.SockSite(self._runner, self._listener)
        await self._site.start()
        self.port = self._listener.getsockname()[1]

    async def _stop_listening(self) -> None:
        if self._listener is None or self._site is None:
            return
        with contextlib.suppress(NotImplementedError):  # Windows
            # A connection taken in the very turn in which asyncio closes its server would hang, neither served nor cut.
            asyncio.get_running_loop().remove_reader(self._listener.fileno())
            await asyncio.sleep(0.01)
        await self._site.stop()
        self._listener.close()

    async def restart(self, away: float = 0.5) -> None:
        """Forget everything in memory, refuse connections for `away` seconds, start again."""
        self.journal.note("restart")
        self.boot.end()
        await self._stop_listening()
        self.cut_connections()
        await asyncio.sleep(away)
        self.journal.boots += 1
        self.boot = self._new_boot(0)
        await self.listen()

    def cut_connections(self) -> None:
        """Reset every open connection, idle ones too."""
        serving = self._runner.server if self._runner is not None else None
        for connection in serving.connections if serving is not None else ():
            transport = getattr(connection, "transport", None)
            if transport is not None:
                fault_answers.reset(transport)

    async def act(self, rule: Rule) -> None:
        """Something that a test asks for right now."""
        await self.perform(rule, "")


async def _nothing_here(request: web.Request) -> web.Response:
    return web.Response(status=404, content_type="application/octet-stream")


class _JournalLogger(AbstractAccessLogger):
    """Puts every answered request into the journal."""

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        if not isinstance(request, web.Request) or request.path.startswith(CONTROL):
            return
        sent = response.body_length
        if isinstance(response, web.FileResponse):  # the kernel sends files; aiohttp does not count them
            sent = response.content_length or 0
        request.app[JOURNAL].request(request.method, request.path, response.status, sent, time)
