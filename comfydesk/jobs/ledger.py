"""The open jobs of this process in memory, and their way to the disk: many changes, one commit.

`change` applies an event at once; what changed goes to the store in the next transaction, and is announced when that
is durable. `committed` waits for it: nothing is sent, and no file is fetched, before its row is on the disk.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace

from comfydesk.base.changes import Change, ChangeStream
from comfydesk.base.errors import Problem
from comfydesk.base.runtime import Lane, Runtime
from comfydesk.jobs import events as ev
from comfydesk.jobs.model import DiskTrouble, Job, JobChanged
from comfydesk.jobs.record import JobRecord, Output, OutputState
from comfydesk.jobs.states import Changes, apply
from comfydesk.jobs.store import Store, Written

log = logging.getLogger(__name__)

RETRY = 1.0  # seconds between tries to write while the disk refuses


class Ledger:
    """Lives on the engine's loop; only it writes jobs."""

    def __init__(self, store: Store, db: Lane, runtime: Runtime, changes: ChangeStream) -> None:
        self.store, self._db = store, db
        self._changes = changes
        self._records: dict[str, JobRecord] = {}
        self._stored: dict[str, JobRecord] = {}
        self._dirty: dict[str, Written] = {}
        self._by_remote: dict[str, str] = {}
        self._waiting: dict[str, list[tuple[float, float, int, str]]] = {}  # a host's heap of jobs to send
        self._serial = 0
        self._made = self._durable = 0  # changes so far, and how many of them are on the disk
        self._wake = asyncio.Event()
        self._closing = False
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []
        self.disk_problem: Problem | None = None
        self.on_written: Callable[[list[Job]], None] = lambda jobs: None  # after each commit
        self.saved: Callable[[JobRecord, Output], Change] = lambda job, output: JobChanged(job.as_job())
        self.on_applied: Callable[[JobRecord, JobRecord, Changes], None] = lambda old, new, changes: None
        self._task = runtime.spawn(self._keep_writing(), "ledger")

    # -- reading

    def get(self, job_id: str) -> JobRecord | None:
        return self._records.get(job_id)

    def by_remote(self, remote_id: str | None) -> JobRecord | None:
        """The job whose current attempt goes by this id on its server."""
        job_id = self._by_remote.get(remote_id or "")
        return self._records.get(job_id) if job_id else None

    def open_jobs(self, host_id: str | None = None) -> list[JobRecord]:
        return [r for r in self._records.values() if r.is_open and (host_id is None or r.host_id == host_id)]

    def on_server(self, host_id: str) -> list[JobRecord]:
        """Jobs with an open attempt on this host, in the order in which they were sent."""
        found = dict.fromkeys(self._by_remote.values())
        records = [self._records[job_id] for job_id in found if job_id in self._records]
        return [r for r in records if r.host_id == host_id and r.attempt is not None and r.attempt.is_open]

    def next_waiting(self, host_id: str, count: int) -> list[JobRecord]:
        """The next jobs to send to this host, first come first served, those moved to the front before all."""
        heap = self._waiting.get(host_id, [])
        taken: list[tuple[float, float, int, str]] = []
        found: list[JobRecord] = []
        while heap and len(found) < count:
            entry = heapq.heappop(heap)
            record = self._records.get(entry[3])
            if record is None or not record.is_local or record.hold or record.position != entry[0]:
                continue  # gone, sent, held or moved; whatever brings it back pushes it again
            if not any(r.job_id == record.job_id for r in found):
                found.append(record)
                taken.append(entry)
        for entry in taken:
            heapq.heappush(heap, entry)
        return found

    # -- changing

    def change(self, job_id: str, event: ev.Event) -> Changes | None:
        """Apply an event to an own job; None if this process does not have it."""
        old = self._records.get(job_id)
        if old is None:
            return None
        changes = apply(old, event)
        new = changes.job
        if new is old:
            return changes
        self._records[job_id] = new
        self._index(old, new)
        before = self._dirty.get(job_id)
        closed = (*(before.closed if before else ()), *((changes.closed,) if changes.closed else ()))
        self._dirty[job_id] = Written(self._stored.get(job_id), new, closed)
        self._made += 1
        self._wake.set()
        self.on_applied(old, new, changes)
        return changes

    def take_in(self, records: Iterable[JobRecord]) -> None:
        """Know jobs that the store already has as this process's own."""
        for record in records:
            if record.job_id not in self._records:
                self._records[record.job_id] = self._stored[record.job_id] = record
                self._index(None, record)

    def _index(self, old: JobRecord | None, new: JobRecord) -> None:
        had, has = old.attempt if old else None, new.attempt
        if had is not None and (has is None or has.prompt_id != had.prompt_id or not has.is_open):
            for remote_id in (had.remote_id, had.prompt_id):
                self._by_remote.pop(remote_id, None)
        if has is not None and has.is_open:
            self._by_remote[has.prompt_id] = self._by_remote[has.remote_id] = new.job_id
        if (
            new.is_local
            and not new.hold
            and (old is None or not old.is_local or old.hold or old.position != new.position)
        ):
            self._serial += 1
            entry = (new.position, new.created_at, self._serial, new.job_id)
            heapq.heappush(self._waiting.setdefault(new.host_id, []), entry)

    # -- writing

    async def committed(self) -> None:
        """Return when every change made so far is on the disk; waits as long as the disk refuses."""
        if self._durable >= self._made:
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append((self._made, done))
        await done

    async def _keep_writing(self) -> None:
        while not self._closing or self._dirty:
            await self._wake.wait()
            self._wake.clear()
            if not await self._write() and self._closing:
                return

    async def _write(self) -> bool:
        batch, self._dirty, made = self._dirty, {}, self._made
        if not batch:
            return True
        try:
            await self._db.run(self.store.save, list(batch.values()))
        except Exception as exc:  # whatever it is: what changed is kept, and nothing goes on without it
            self._keep_for_later(batch)
            self._refused(exc)
            if not self._closing:
                await asyncio.sleep(RETRY)
            self._wake.set()
            return False
        if self.disk_problem is not None:
            self.disk_problem = None
            self._changes.publish(DiskTrouble(str(self.store.home.root), ""))
        self._wrote(batch, made)
        return True

    def _keep_for_later(self, batch: dict[str, Written]) -> None:
        for job_id, old in batch.items():
            newer = self._dirty.get(job_id)
            self._dirty[job_id] = (
                old if newer is None else replace(newer, old=old.old, closed=(*old.closed, *newer.closed))
            )

    def _refused(self, exc: Exception) -> None:
        folder = self.store.home.root
        problem = exc if isinstance(exc, Problem) else Problem("disk_write", folder=folder, detail=exc)
        if self.disk_problem is None:
            log.error("the job store cannot be written", exc_info=exc)
            self._changes.publish(DiskTrouble(str(folder), problem.message, problem))
        self.disk_problem = problem

    def _wrote(self, batch: dict[str, Written], made: int) -> None:
        jobs: list[Job] = []
        news: list[Change] = []  # a file is announced before the job that ends by it
        for job_id, written in batch.items():
            had = {o.output_id for o in written.old.outputs if o.state is OutputState.SAVED} if written.old else set()
            fresh = [o for o in written.new.outputs if o.state is OutputState.SAVED and o.output_id not in had]
            news += [self.saved(written.new, output) for output in fresh]
            self._stored[job_id] = written.new
            if job_id in self._dirty:
                self._dirty[job_id] = replace(self._dirty[job_id], old=written.new)
            elif not written.new.is_open:
                self._records.pop(job_id, None)
                self._stored.pop(job_id, None)
            jobs.append(written.new.as_job())
        self._durable = made
        self._changes.publish(*news, *(JobChanged(job) for job in jobs))
        self.on_written(jobs)
        ready = [w for w in self._waiters if w[0] <= made]
        self._waiters = [w for w in self._waiters if w[0] > made]
        for _, done in ready:
            if not done.done():
                done.set_result(None)

    async def close(self) -> None:
        """Write what is left; a disk that refuses now keeps what it has."""
        self._closing = True
        self._wake.set()
        await asyncio.gather(self._task, return_exceptions=True)
