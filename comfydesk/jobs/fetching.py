"""Brings wanted outputs home: as soon as they are named, again until they are there, and never half."""

from __future__ import annotations

import asyncio
import functools
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comfydesk.base.changes import ChangeStream
from comfydesk.base.errors import Problem
from comfydesk.base.runtime import Runtime
from comfydesk.jobs import events as ev
from comfydesk.jobs.ledger import Ledger
from comfydesk.jobs.link import ABOUT_THE_HOST, HostLink
from comfydesk.jobs.model import DiskTrouble, OutputPreview, OutputSaved
from comfydesk.jobs.places import Places
from comfydesk.jobs.record import JobRecord, Output, OutputState

if TYPE_CHECKING:
    from comfydesk.jobs.downloads import Fetched

log = logging.getLogger(__name__)

TRIES = 12
PATIENCE = 15 * 60.0  # seconds of trying, pauses included; a host that is away does not count
DISK = frozenset({"disk_full", "disk_write"})
DISK_RETRY = (1.0, 2.0, 4.0, 5.0)  # seconds between looks at a disk that refuses

Fetch = Callable[..., "Fetched"]


@dataclass(slots=True)
class Disk:
    """The one trouble with the disk that all downloads share; dispatch waits with them (fault 28)."""

    problem: Problem | None = None
    folder: str = ""


class Fetcher:
    """One task an output, the host's four transfer threads behind them. Lives on the engine's loop."""

    def __init__(
        self,
        ledger: Ledger,
        runtime: Runtime,
        changes: ChangeStream,
        link: Callable[[str], HostLink | None],
        places: Places,
        fetch: Fetch,
    ) -> None:
        self._ledger, self._runtime, self._changes = ledger, runtime, changes
        self._link, self._places, self._fetch = link, places, fetch
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._linked = asyncio.Event()  # set and renewed whenever a host comes up
        self._kinds: dict[int, str] = {}  # of files on their way into the ledger
        ledger.saved = self._announcement
        self.disk = Disk()
        self.on_disk: Callable[[], None] = lambda: None
        self.pause: tuple[float, float] = (0.5, 30.0)  # the first and the longest wait between tries, seconds

    def want(self, record: JobRecord, outputs: tuple[Output, ...]) -> None:
        """Fetch these, unless they are being fetched already; previews into the cache."""
        for output in outputs:
            if output.output_id not in self._tasks and output.state in (OutputState.WANTED, OutputState.PREVIEW):
                task = self._runtime.spawn(
                    self._bring(record.job_id, output.output_id), f"output {output.remote.filename}"
                )
                self._tasks[output.output_id] = task
                task.add_done_callback(functools.partial(self._ended, output.output_id))

    def _ended(self, output_id: int, _: asyncio.Task[None]) -> None:
        self._tasks.pop(output_id, None)

    def link_up(self) -> None:
        """A host came up: what waits for it goes on."""
        self._linked.set()
        self._linked = asyncio.Event()

    async def close(self) -> None:
        """Stop; what is not saved is fetched again by the next start."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # -- one output

    async def _bring(self, job_id: str, output_id: int) -> None:
        await self._ledger.committed()  # wanted is on the disk before the first byte is
        while True:
            record = self._ledger.get(job_id)
            output = record.output(output_id) if record else None
            if record is None or output is None:
                return
            if output.state is OutputState.PREVIEW:
                if not await self._show(record, output):
                    return
            elif output.state is OutputState.WANTED:
                await self._save(record, output)
            again = self._ledger.get(job_id)
            now = again.output(output_id) if again else None
            if now is None or now.state is output.state or now.state is not OutputState.WANTED:
                return  # a preview that became wanted meanwhile goes round once more

    async def _save(self, record: JobRecord, output: Output) -> None:
        begun, tries = time.monotonic(), 0
        while True:
            link = await self._up(record.host_id)
            newer = self._ledger.get(record.job_id)
            output = (newer.output(output.output_id) if newer else None) or output
            try:
                fetched = await self._guarded(link, record, output)
            except Problem as problem:
                if problem.code in DISK:
                    waited = await self._wait_for_disk(problem)
                    begun += waited
                    continue
                if not link.up.is_set() and problem.code in ABOUT_THE_HOST:
                    begun = time.monotonic()
                    continue
                tries += 1
                if _is_final(problem) or tries >= TRIES or time.monotonic() - begun > PATIENCE:
                    reason = str(problem.facts.get("detail") or problem.message).rstrip(".")
                    log.warning("output %s of %s is missing: %s", output.remote.filename, record.job_id, reason)
                    self._ledger.change(record.job_id, ev.Missing(output.output_id, reason, time.time()))
                    return
                await asyncio.sleep(self._wait(tries))
            else:
                self.saved(record, output, fetched)
                await self._ledger.committed()
                return

    async def _guarded(self, link: HostLink, record: JobRecord, output: Output) -> Fetched:
        """One try; what nobody thought of counts as a failed one, and is logged."""
        try:
            return await self.fetch_now(link, record, output)
        except Problem:
            raise
        except Exception as exc:
            log.exception("output %s of %s", output.remote.filename, record.job_id)
            detail = f"{type(exc).__name__}: {exc}"
            raise Problem("internal", detail=detail, log="comfydesk.log") from exc

    def _wait(self, tries: int) -> float:
        first, most = self.pause
        return random.uniform(0, min(most, first * 2.0**tries))

    async def fetch_now(self, link: HostLink | None, record: JobRecord, output: Output) -> Fetched:
        """One try. Texts and cached previews come from here, files from the link's host. Raises Problem."""
        target = await self._places.target(record, output)
        source = self._places.source(output)
        if source is not None:
            work = self._runtime.lane("files", 2).run(self._fetch, source, output.remote, target, output.node_id)
            fetched: Fetched = await work
        elif link is None:
            raise Problem("output_missing", file=output.remote.filename, detail="its host is not connected")
        else:
            fetched = await link.transfer(self._fetch, link.client, output.remote, target, output.node_id)
        await self._places.used(target)
        if self.disk.problem is not None:
            self._disk_is_fine()
        return fetched

    def saved(self, record: JobRecord, output: Output, fetched: Fetched) -> None:
        """It is durably there: say so to the ledger, which announces it when the row is durable too."""
        self._kinds[output.output_id] = fetched.kind
        event = ev.Saved(output.output_id, str(fetched.path), fetched.size, fetched.sha256, time.time())
        self._ledger.change(record.job_id, event)

    def _announcement(self, job: JobRecord, output: Output) -> OutputSaved:
        kind = self._kinds.pop(output.output_id, "file")
        return OutputSaved(job.job_id, output.output_id, output.as_file(), kind)

    async def _show(self, record: JobRecord, output: Output) -> bool:
        """Bring a preview into the cache, once; it is no loss if that fails. True: it became wanted meanwhile."""
        link = self._link(record.host_id)
        if link is not None and link.up.is_set() and self._places.shows_previews(record):
            try:
                fetched = await link.transfer(
                    self._fetch, link.client, output.remote, self._places.preview(output), output.node_id
                )
            except Problem as problem:
                log.info("preview %s cannot be shown: %s", output.remote.filename, problem.message)
            else:
                self._changes.publish(
                    OutputPreview(record.job_id, output.output_id, output.node_id, output.remote, str(fetched.path))
                )
        newer = self._ledger.get(record.job_id)
        now = newer.output(output.output_id) if newer else None
        return now is not None and now.state is OutputState.WANTED

    async def _up(self, host_id: str) -> HostLink:
        """The link of the host, once it is up."""
        while True:
            linked = self._linked
            link = self._link(host_id)
            if link is not None and link.up.is_set():
                return link
            await linked.wait()

    # -- the disk

    async def _wait_for_disk(self, problem: Problem) -> float:
        """Say that the disk refuses, once for all, and wait a moment. Returns the seconds waited."""
        folder = str(problem.facts.get("folder", ""))
        if self.disk.problem is None:
            log.warning("downloads wait: %s", problem.details or problem.message)
            self.disk.problem, self.disk.folder = problem, folder
            self._changes.publish(DiskTrouble(folder, problem.message, problem))
            self.on_disk()
        wait = random.choice(DISK_RETRY) * self.pause[0]
        await asyncio.sleep(wait)
        return wait

    def _disk_is_fine(self) -> None:
        self.disk.problem = None
        self._changes.publish(DiskTrouble(self.disk.folder, ""))
        self.on_disk()


def _is_final(problem: Problem) -> bool:
    """Whether another try would bring the same: the server says that it has no such file, or it is too large."""
    from comfydesk.jobs.downloads import BrokenBodyError

    if isinstance(problem, BrokenBodyError):
        return False
    return problem.code in ("output_missing", "too_large", "usage")
