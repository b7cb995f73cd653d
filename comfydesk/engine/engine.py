"""Makes the rooms, wires them together and ends them in the right order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any

from comfydesk.base import log as logfile
from comfydesk.base.changes import Change, ChangeStream
from comfydesk.base.paths import Home
from comfydesk.base.runtime import Runtime
from comfydesk.base.settings import SettingsStore
from comfydesk.engine.defaultsdesk import DefaultsDesk
from comfydesk.engine.demo import DemoServer
from comfydesk.engine.formdesk import FormDesk
from comfydesk.engine.hostdesk import HostDesk
from comfydesk.engine.hostfiles import HostFiles
from comfydesk.engine.hostinputs import HostInputs, Previews
from comfydesk.engine.librarydesk import LibraryDesk
from comfydesk.engine.page_copies import PageCopies
from comfydesk.engine.page_watch import PageWatch
from comfydesk.engine.presetdesk import PresetDesk
from comfydesk.engine.promptdesk import PromptDesk
from comfydesk.engine.workdesk import WorkDesk
from comfydesk.gallery.gallery import Gallery
from comfydesk.jobs.hosts import HostPool
from comfydesk.jobs.inputs import Inputs
from comfydesk.jobs.model import Job, OutputSaved, OwnerKind
from comfydesk.jobs.queue import Queue
from comfydesk.library.library import Library
from comfydesk.server.hosts import HostBook

log = logging.getLogger(__name__)

INPUTS_KEPT = 7 * 86_400.0  # seconds that a copied input file stays although no job needs it


class Engine(HostDesk, LibraryDesk, WorkDesk, FormDesk, DefaultsDesk, PresetDesk, PromptDesk, HostInputs, HostFiles):
    """One engine a process and home. All coroutines run on the engine's own loop (`engine.runtime`).

    The window calls `await bridge.call(engine.method, …)`, commands `engine.runtime.call(engine.method(…))`.
    """

    def __init__(self, home: Home, owner_kind: OwnerKind) -> None:
        self.home = home
        self.owner_kind = owner_kind
        self.runtime = Runtime()
        self.changes = ChangeStream(self.runtime.loop)
        self.settings = SettingsStore(home.settings_file)
        self.hostbook = HostBook(self.settings)
        self.hosts = HostPool(home, self.runtime, self.changes)
        self.queue = Queue(
            home, self.runtime, self.changes, self.hosts, owner_kind=owner_kind, output_root=self._output_root
        )
        self.library = Library(home)
        self.gallery = Gallery(home, self.runtime, self.changes)
        self.demo = DemoServer(home, self.runtime)
        self._last_prompts: dict[str, Mapping[str, Any]] = {}
        self._host_users: dict[str, str] = {}
        self._previews = Previews()
        self._page_copies = PageCopies(home.root / "on-hosts.json")
        self.library.shelf.when_renamed = self._page_copies.renamed
        self._page_watch = PageWatch(self.runtime)
        self._filing: set[asyncio.Task[None]] = set()
        self._closed = False

    @classmethod
    def open(cls, home: Home, owner_kind: OwnerKind = OwnerKind.WINDOW) -> Engine:
        """Make the home's folders, open its stores and start working. Blocks; usable from any thread.

        Raises Problem (`store_newer`, `disk_write`, …).
        """
        home.make()
        logfile.start(home.logs)
        engine = cls(home, owner_kind)
        try:
            engine.runtime.call(engine._start())
        except BaseException:
            engine.close()
            raise
        return engine

    async def _start(self) -> None:
        await self.queue.start()
        await self.gallery.start(watch=self.owner_kind is OwnerKind.WINDOW)
        self.changes.subscribe(self._file_results)
        if self.owner_kind is OwnerKind.WINDOW:
            await self.start_library()
            self._file_later(self._catch_up())
            self._file_later(self.resume_pages())

    def _file_results(self, changes: list[Change]) -> None:
        """Every file that was saved becomes a row of the gallery (called on the engine's loop)."""
        for change in changes:
            if isinstance(change, OutputSaved):
                self._file_later(self._file_result(change))

    def _file_later(self, work: Coroutine[Any, Any, None]) -> None:
        task = self.runtime.spawn(work, "gallery rows")
        self._filing.add(task)
        task.add_done_callback(self._filing.discard)

    async def _file_result(self, change: OutputSaved) -> None:
        job, request = await self.queue.job(change.job_id), await self.queue.request(change.job_id)
        link = self.hosts.link(job.host_id)
        await self.gallery.add_saved(change, job, request, link.host.name if link is not None else job.host_id)

    async def _catch_up(self) -> None:
        """Rows for files that were saved when a process ended before it could make them; all files for a new index."""
        jobs = await self.queue.jobs(limit=500)
        saved = [(OutputSaved(job.job_id, 0, file, ""), job) for job in jobs for file in job.files]
        folders = [self._output_root()] if self.gallery.is_new else []
        await self.gallery.rebuild(folders, saved)
        await self.gallery.prune_thumbnails()
        await self._tidy_inputs(jobs)

    async def _tidy_inputs(self, jobs: Sequence[Job]) -> None:
        """Let go of copied input files that neither an open job nor "Run again" of a recent one needs."""
        files = self.runtime.lane("files", 1)
        inputs = Inputs(self.home)
        if not await files.run(inputs.is_empty):
            requests = [await self.queue.request(job.job_id) for job in jobs]
            needed = {item.sha256 for request in requests for item in request.inputs}
            await files.run(inputs.sweep, needed, INPUTS_KEPT)

    def _output_root(self) -> Path:
        chosen = self.settings.value.output_root
        return Path(chosen) if chosen and not self.home.is_demo else self.home.default_output_root()

    async def output_root(self) -> str:
        """The folder below which the window's results go."""
        return str(self._output_root())

    async def set_output_root(self, folder: str) -> None:
        """Put later results below `folder`; "" is the default, Pictures/ComfyDesk."""
        await self.runtime.lane("files", 1).run(lambda: self.settings.change(output_root=folder))

    def close(self, timeout: float = 5.0) -> None:
        """End everything in order: dispatch, downloads in flight, stores, sockets, threads, demo server."""
        if self._closed:
            return
        self._closed = True
        try:
            self.runtime.call(self._close(), timeout)
        except Exception:
            log.exception("the engine did not end cleanly")
        self.runtime.stop()
        self.demo.stop()

    async def _close(self) -> None:
        await self._page_watch.close()
        await self.queue.close(keep_reading=True)
        self.changes.flush()
        await asyncio.gather(*self._filing, return_exceptions=True)
        await self.queue.close_store()
        await self.hosts.close()
        await self.close_library()
        await self.gallery.close()
