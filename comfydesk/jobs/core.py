"""The queue's inside: store, ledger and one worker a host, wired together; heard by the hosts, felt by nobody else."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from comfydesk.base.changes import ChangeStream
from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.base.runtime import Runtime
from comfydesk.jobs import facts, listing, owners
from comfydesk.jobs.desk import Desk
from comfydesk.jobs.fetching import Fetcher
from comfydesk.jobs.forecast import Forecast, Place
from comfydesk.jobs.hosts import HostPool
from comfydesk.jobs.ledger import Ledger
from comfydesk.jobs.link import HostLink
from comfydesk.jobs.memory import HostMemory
from comfydesk.jobs.model import InputFile, Job, JobChanged, JobState, OwnerKind, QueueSummary
from comfydesk.jobs.places import Places
from comfydesk.jobs.record import JobRecord
from comfydesk.jobs.states import Changes
from comfydesk.jobs.store import Store
from comfydesk.jobs.uploads import Uploads
from comfydesk.jobs.waits import Waits
from comfydesk.jobs.work import HostWork

if TYPE_CHECKING:
    from comfydesk.server.messages import Message

log = logging.getLogger(__name__)

SUMMARY_EVERY = 0.25  # seconds between announcements of the counts at most
FACTS_EVERY = 2.0  # seconds between writes of what was learned about hosts at most
WATCH_OTHERS, WATCH_ALONE = 0.5, 2.0  # seconds between looks for what other processes did


class QueueCore:
    """Makes and ends the parts; lives on the engine's loop once started."""

    def __init__(
        self,
        home: Home,
        runtime: Runtime,
        changes: ChangeStream,
        hosts: HostPool,
        owner_kind: OwnerKind,
        output_root: Callable[[], Path],
    ) -> None:
        self._home, self._runtime, self._changes, self._hosts = home, runtime, changes, hosts
        self._kind = owner_kind
        self._owner = owners.Owner(home, owner_kind)
        self._store = Store(home)
        self._db = runtime.lane("db", 1)
        self._places = Places(home, self._store, self._db, runtime.lane("files", 2), output_root, owner_kind)
        self._uploads = Uploads(self._store, self._db)
        self._waits = Waits()
        self._works: dict[str, HostWork] = {}
        self._forecast = Forecast({})
        self.crash = owners.Crash()
        self._paused = False
        self._previews = False
        self._rev = 0
        self._first = self._last = 0.0  # the ends of the queue's order
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._watch: asyncio.Task[None] | None = None
        self._ledger: Ledger
        self._fetcher: Fetcher

    # -- beginning and end

    async def start(self) -> None:
        """Open the store, become an owner, adopt what a dead window left (window only) and begin to dispatch.

        Raises Problem("store_newer" | "disk_write" | "disk_full").
        """
        from comfydesk.jobs.downloads import fetch

        db, store, me = self._db, self._store, self._owner.id
        await db.run(store.open)
        await db.run(self._owner.begin, store)
        if self._kind is OwnerKind.WINDOW:
            self.crash = await db.run(owners.note_crash, store, me)
            await db.run(owners.adopt_all, store, me, [OwnerKind.WINDOW])
            self._paused = self.crash.again or await db.run(store.meta, "paused", "") == "yes"
        await db.run(owners.sweep, store, me)
        self._forecast = Forecast(await db.run(facts.durations, store))
        self._rev = int(await db.run(store.meta, "rev", "0"))
        self._first, self._last = await db.run(listing.edges, store)
        self._ledger = Ledger(store, db, self._runtime, self._changes)
        self._ledger.on_applied, self._ledger.on_written = self._applied, self._written
        self._fetcher = Fetcher(self._ledger, self._runtime, self._changes, self._hosts.link, self._places, fetch)
        self._fetcher.on_disk = self._poke_all
        await self._take_over("owner = ? AND is_open = 1", me)
        self._hosts.listener = self
        for link in self._hosts.links():
            if link.up.is_set():
                self.link_up(link)
        self._watch = self._runtime.spawn(self._watch_others(), "other owners")
        self._summary_soon()

    async def close(self, *, keep_reading: bool = False) -> None:
        """Write what is open and let go; jobs on servers go on there.

        With `keep_reading`, `job` and `request` still answer until `close_store`.
        """
        self._hosts.listener = None
        for timer in self._timers.values():
            timer.cancel()
        if self._watch is None:
            await self._db.run(self._owner.let_go)
            await self.close_store()
            return
        self._watch.cancel()
        await asyncio.gather(self._watch, *(work.close() for work in self._works.values()), return_exceptions=True)
        await self._fetcher.close()
        await self._ledger.close()
        await self._save_facts()
        await self._db.run(self._owner.end, self._store)
        if not keep_reading:
            await self.close_store()

    async def close_store(self) -> None:
        await self._db.run(self._store.close)

    async def _take_over(self, where: str, *parameters: Any) -> list[JobRecord]:
        """Know the store's jobs that `where` selects as ours, and go on where they stopped."""
        records = await self._db.run(self._store.records, where, parameters)
        self._ledger.take_in(records)
        for record in records:
            self._fetcher.want(record, record.pending())
        self._poke_all()
        return records

    # -- what the hosts tell

    def link_up(self, link: HostLink) -> None:
        self._spawn(self._go_on(link), f"go on with {link.host.name}")

    async def _go_on(self, link: HostLink) -> None:
        host_id = link.host.host_id
        work = self._works.get(host_id)
        if work is None or work.desk.link is not link:
            memory = HostMemory(await self._db.run(facts.host_facts, self._store, host_id))
            work = self._works.get(host_id)
            if work is not None and work.desk.link is not link:
                await self._works.pop(host_id).close()
                work = None
            if work is None:
                work = self._works[host_id] = HostWork(self._desk(link, memory))
        work.link_up()
        self._fetcher.link_up()
        for record in self._ledger.open_jobs(host_id):
            self._fetcher.want(record, record.pending())

    def _desk(self, link: HostLink, memory: HostMemory) -> Desk:
        host_id = link.host.host_id
        return Desk(
            link=link,
            ear=lambda: self._hosts.ear(host_id),
            memory=memory,
            ledger=self._ledger,
            store=self._store,
            db=self._db,
            runtime=self._runtime,
            changes=self._changes,
            places=self._places,
            uploads=self._uploads,
            forecast=self._forecast,
            may_send=self._may_send,
            wants_previews=lambda: self._previews,
        )

    def link_down(self, link: HostLink) -> None:
        work = self._works.get(link.host.host_id)
        if work is None:
            return
        work.desk.reconciled.clear()
        if self._hosts.link(link.host.host_id) is not link:  # dropped for good
            self._works.pop(link.host.host_id)
            self._spawn(work.close(), "leave a host")

    def socket_up(self, link: HostLink) -> None:
        if (work := self._works.get(link.host.host_id)) is not None:
            work.tracker.socket_came()

    def socket_down(self, link: HostLink) -> None:
        if (work := self._works.get(link.host.host_id)) is not None:
            work.tracker.poke()
            work.dispatcher.poke()

    def messages(self, link: HostLink, batch: list[Message]) -> None:
        if (work := self._works.get(link.host.host_id)) is not None:
            work.heard(batch)

    def _may_send(self) -> bool:
        return not self._paused and self._fetcher.disk.problem is None and self._ledger.disk_problem is None

    def _poke_all(self) -> None:
        for work in self._works.values():
            work.dispatcher.poke()

    async def bring_inputs(self, host_id: str, inputs: Iterable[InputFile]) -> None:
        """Upload input files to a host that no job has brought there yet. Raises Problem."""
        link = self._hosts.link(host_id)
        if link is None:
            raise Problem("host_unknown", name=host_id)
        await self._uploads.bring(link, inputs)

    # -- what happens to jobs

    def _applied(self, old: JobRecord, new: JobRecord, changes: Changes) -> None:
        if changes.wanted:
            self._fetcher.want(new, changes.wanted)
        if (work := self._works.get(new.host_id)) is not None:
            work.changed(old, new)

    def _written(self, jobs: list[Job]) -> None:
        self._waits.settle(jobs)
        self._summary_soon()
        if any(job.state.is_final for job in jobs):
            self._later("facts", FACTS_EVERY, self._save_facts)

    async def _save_facts(self) -> None:
        for host_id, work in self._works.items():
            await self._db.run(facts.save_host_facts, self._store, host_id, work.desk.memory.facts)
        changed, self._forecast.changed = self._forecast.changed, {}
        if changed:
            await self._db.run(facts.save_durations, self._store, changed)

    # -- the counts

    def _summary_soon(self) -> None:
        self._later("summary", SUMMARY_EVERY, self._announce_summary)

    async def _announce_summary(self) -> None:
        self._changes.publish(await self.summary())

    async def summary(self) -> QueueSummary:
        """Counts over all owners, and when all will be done: None where nothing of the kind has run before."""
        counts = await self._db.run(listing.counts, self._store)
        done: dict[Place, float] = {}
        for record in self._ledger.open_jobs():
            if record.state is JobState.RUNNING and (work := self._works.get(record.host_id)) is not None:
                place = (record.host_id, record.workflow)
                done[place] = done.get(place, 0.0) + work.live.fraction(record.job_id)
        left = None if self._paused else self._forecast.seconds_left(counts.open, done)
        return QueueSummary(
            running=counts.running,
            waiting=counts.waiting,
            failed_today=counts.failed_today,
            done_today=counts.done_today,
            paused=self._paused,
            eta=None if left is None else time.time() + left,
        )

    # -- other processes

    async def _watch_others(self) -> None:
        """See what other processes wrote, and answer what they ask (design, rule 11)."""
        seen = -1
        while True:
            version, alone = await self._db.run(self._peek)
            if version != seen:
                seen = version
                await self._others_wrote()
            await asyncio.sleep(WATCH_ALONE if alone else WATCH_OTHERS)

    def _peek(self) -> tuple[int, bool]:
        return self._store.data_version(), not owners.others_alive(self._home, self._owner.id)

    async def _others_wrote(self) -> None:
        self._rev, jobs = await self._db.run(listing.changed_by_others, self._store, self._owner.id, self._rev)
        if jobs:
            self._changes.publish(*(JobChanged(job) for job in jobs))
            self._waits.settle(jobs)
            self._summary_soon()
        for verb, job_ids in await self._db.run(self._store.take_wishes, self._owner.id):
            await self._answer(verb, job_ids)

    async def _answer(self, verb: str, job_ids: list[str]) -> None:
        """Do what another process asked for. The queue's commands say how."""
        raise NotImplementedError(verb)

    # -- small tools

    def _spawn(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        self._runtime.spawn(work, name)

    def _later(self, name: str, seconds: float, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do `work` once, `seconds` from now, however often this is asked for until then."""

        def begin() -> None:
            self._timers.pop(name, None)
            self._spawn(work(), name)

        if name not in self._timers:
            self._timers[name] = self._runtime.loop.call_later(seconds, begin)
