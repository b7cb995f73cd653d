"""The durable queue, as the engine exposes it to window, command line and Python."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from comfydesk.base.errors import Problem
from comfydesk.jobs import events as ev
from comfydesk.jobs import listing, owners
from comfydesk.jobs.core import QueueCore
from comfydesk.jobs.model import (
    Job,
    JobChanged,
    JobRequest,
    JobState,
    OwnerKind,
    SavedFile,
)
from comfydesk.jobs.record import JobRecord, OutputState

BREATH = 250  # jobs that are changed in one go; then the loop gets to do something else


class Queue(QueueCore):
    """Jobs that survive everything. All coroutines run on the engine's loop.

    Announces JobChanged, JobProgress, Preview, OutputSaved, OutputPreview, QueueSummary and DiskTrouble.
    """

    # -- adding

    async def add(self, requests: Sequence[JobRequest]) -> list[Job]:
        """Commit jobs; when this returns they survive a crash. They are sent as soon as their host has room."""
        if not requests:
            return []
        created = time.time()
        records = [
            self._record(request, created, place)
            for request, place in zip(requests, self._positions(requests), strict=True)
        ]
        await self._db.run(self._store.add, list(zip(records, requests, strict=True)))
        self._ledger.take_in(records)
        jobs = [record.as_job() for record in records]
        self._changes.publish(*(JobChanged(job) for job in jobs))
        self._poke_all()
        self._summary_soon()
        return jobs

    def _positions(self, requests: Sequence[JobRequest]) -> list[float]:
        """Places in the queue: at the end in order, or in order before all others for `front`."""
        front = sum(request.front for request in requests)
        self._first -= front
        ahead = self._first
        places: list[float] = []
        for request in requests:
            if request.front:
                ahead += 1
                places.append(ahead - 0.5)
            else:
                self._last += 1
                places.append(self._last)
        return places

    def _record(self, request: JobRequest, created: float, position: float) -> JobRecord:
        return JobRecord(
            job_id=uuid.uuid4().hex,
            owner=self._owner.id,
            owner_kind=self._kind,
            host_id=request.host_id,
            workflow=request.workflow,
            position=position,
            created_at=created,
            press=request.press,
            index=request.index,
            seed=request.seed,
            differs=request.differs,
            output_noun=request.output_noun,
            keep_temp=request.keep_temp,
            previews=request.previews,
            front=request.front,
        )

    async def retry(self, job_ids: Iterable[str]) -> list[Job]:
        """Queue finished, failed or lost jobs again, as new jobs with the same prompt."""
        press = uuid.uuid4().hex
        ids = list(job_ids)
        requests = [await self._db.run(self._store.request, job_id) for job_id in ids]
        jobs = await self.add([replace(request, press=press, front=False) for request in requests])
        for old, new in zip(ids, jobs, strict=True):
            if (record := await self._open_up(old)) is not None and record.state is JobState.LOST:
                self._ledger.change(old, ev.Noted(f"{record.note}; run again as {new.job_id[:8]}"))
        await self._ledger.committed()
        return jobs

    # -- stopping

    async def cancel(self, job_ids: Iterable[str]) -> None:
        """Cancel jobs: waiting ones at once, those on a server when it confirms (Job.cancelling until then).

        Jobs of another living process are cancelled by that process, within half a second.
        """
        ids = list(job_ids)
        strangers = [job_id for job_id in ids if self._ledger.get(job_id) is None]
        if strangers:
            await self._reach_others("cancel", strangers)
        await self._cancel_own(ids)

    async def _cancel_own(self, job_ids: Sequence[str], note: str = "") -> None:
        for number, job_id in enumerate(job_ids):
            changes = self._ledger.change(job_id, ev.CancelAsked(time.time(), note))
            attempt = changes.job.attempt if changes and changes.job.is_open else None
            if changes and attempt is not None and self._hosts.link(changes.job.host_id) is None:
                # Nobody can be asked, and waiting for a host that was removed would never end.
                self._ledger.change(job_id, ev.Absent(attempt.prompt_id, False, time.time()))
                self._ledger.change(job_id, ev.Noted("its host is not connected: it may still run there"))
            if number % BREATH == BREATH - 1:
                await asyncio.sleep(0)
        await self._ledger.committed()

    async def _reach_others(self, verb: str, job_ids: list[str]) -> None:
        """Adopt what dead owners left of these jobs, and ask living owners for the rest."""
        await self.adopt(job_ids)
        by_owner: dict[str, list[str]] = {}
        for job_id in job_ids:
            record = await self._db.run(self._store.record, job_id)
            if record is not None and record.is_open and record.owner != self._owner.id:
                by_owner.setdefault(record.owner, []).append(job_id)
        for owner, ids in by_owner.items():
            await self._db.run(self._store.ask, owner, verb, ids)

    async def _answer(self, verb: str, job_ids: list[str]) -> None:
        actions: dict[str, Callable[[], Any]] = {
            "cancel": lambda: self.cancel([j for j in job_ids if self._ledger.get(j)]),
            "pause": self.pause,
            "resume": self.resume,
        }
        if verb in actions:
            await actions[verb]()

    async def stop_running(self) -> int:
        """Cancel what runs now, only ours. Returns how many jobs that were."""
        return await self._cancel_where(lambda record: record.state is JobState.RUNNING)

    async def undo(self, press: str) -> int:
        """Take back the jobs of one press that do not run yet. Returns how many jobs that were."""
        return await self._cancel_where(lambda r: r.press == press and r.state is JobState.WAITING, "undone")

    async def clear_waiting(self) -> int:
        """Cancel all waiting jobs of this process. Returns how many jobs that were."""
        return await self._cancel_where(lambda record: record.state is JobState.WAITING)

    async def _cancel_where(self, fits: Callable[[JobRecord], bool], note: str = "") -> int:
        chosen = [record.job_id for record in self._ledger.open_jobs() if fits(record)]
        await self._cancel_own(chosen, note)
        return len(chosen)

    # -- pausing and order

    async def pause(self, *, remember: bool = True) -> None:
        """Start nothing new, and take back what waits on servers (S37); the running job goes on.

        Without `remember` the next start goes on (the window finishes what runs and quits).
        """
        self._paused = True
        if remember:
            await self._remember_pause()
        for record in self._ledger.open_jobs():
            if record.state is JobState.WAITING and record.attempt is not None:
                self._ledger.change(record.job_id, ev.TakeBackAsked())
        await self._ledger.committed()

    async def resume(self) -> None:
        """Go on with what waits."""
        self._paused = False
        await self._remember_pause()
        self._poke_all()

    async def _remember_pause(self) -> None:
        """A paused window is paused after its next start too."""
        if self._kind is OwnerKind.WINDOW:
            await self._db.run(self._store.set_meta, "paused", "yes" if self._paused else "")
        self._summary_soon()

    async def next(self, job_ids: Iterable[str]) -> None:
        """Move waiting jobs to the front, in the given order."""
        chosen = [r for job_id in job_ids if (r := self._ledger.get(job_id)) is not None and r.is_local]
        self._first -= len(chosen)
        for number, record in enumerate(chosen, start=1):
            self._ledger.change(record.job_id, ev.Moved(self._first + number - 0.5, front=True))
        await self._ledger.committed()

    # -- reading

    async def jobs(self, limit: int = 500, since: float | None = None, before: float | None = None) -> list[Job]:
        """All open jobs, and up to `limit` finished ones made since/before that time (seconds since 1970).

        Newest first, over all processes. Older pages (finished ones only): `before` = created_at of the last row.
        """
        await self._ledger.committed()
        return await self._db.run(listing.page, self._store, limit, since, before)

    async def job(self, job_id: str) -> Job:
        """One job as it is now. Raises Problem("usage") for an unknown id."""
        record = self._ledger.get(job_id) or await self._db.run(self._store.record, job_id)
        if record is None:
            raise Problem("usage", detail=f"There is no job {job_id}")
        return record.as_job()

    async def prompt(self, job_id: str) -> dict[str, Any]:
        """The frozen API graph of a job."""
        return dict((await self.request(job_id)).prompt)

    async def request(self, job_id: str) -> JobRequest:
        """Everything the job was asked to do, prompt included (params and titles too)."""
        return await self._db.run(self._store.request, job_id)

    async def wait(self, job_ids: Iterable[str], timeout: float | None = None) -> list[Job]:
        """Wait until all are final. Raises Problem("job_timeout") after `timeout` seconds; the jobs go on."""
        ids = list(job_ids)
        wait = self._waits.begin(ids)
        try:
            await self._ledger.committed()
            self._waits.settle([await self.job(job_id) for job_id in ids])
            if wait[0]:
                await asyncio.wait_for(wait[1], timeout)
        except TimeoutError:
            raise Problem("job_timeout", seconds=timeout, open=len(wait[0])) from None
        finally:
            self._waits.end(wait)
        return [await self.job(job_id) for job_id in ids]

    # -- outputs

    async def keep(self, output_id: int) -> SavedFile:
        """Save an output that was only previewed. Raises Problem("output_missing") if it is gone by now."""
        stored = await self._db.run(self._store.owner_of_output, output_id)
        record = await self._open_up(stored.job_id) if stored else None
        output = record.output(output_id) if record else None
        if record is None or output is None:
            raise Problem("usage", detail=f"There is no output {output_id}")
        if output.state is OutputState.SAVED:
            return output.as_file()
        named = replace(output, ordinal=output.ordinal or 1 + max(o.ordinal for o in record.outputs))
        fetched = await self._fetcher.fetch_now(self._hosts.link(record.host_id), record, named)
        self._ledger.take_in([record])
        self._fetcher.saved(record, named, fetched)
        await self._ledger.committed()
        return SavedFile(str(fetched.path), fetched.size, fetched.sha256, output.node_id, output.remote)

    async def retry_downloads(self, job_ids: Iterable[str]) -> None:
        """Try to fetch again what was given up as missing."""
        for job_id in job_ids:
            if await self._open_up(job_id) is not None:
                self._ledger.change(job_id, ev.FetchAgain())
        await self._ledger.committed()

    async def _open_up(self, job_id: str) -> JobRecord | None:
        """A job that this process may change: an own one, or any that has ended (then it becomes ours)."""
        record = self._ledger.get(job_id)
        if record is not None:
            return record
        record = await self._db.run(self._store.record, job_id)
        if record is None or (record.owner != self._owner.id and record.is_open):
            return None
        self._ledger.take_in([record])
        if record.owner != self._owner.id:
            self._ledger.change(job_id, ev.Adopted(self._owner.id))
        return self._ledger.get(job_id)

    def set_previews(self, wanted: bool) -> None:
        """Whether a stage is visible: previews are asked for with jobs sent from now on."""
        self._previews = wanted

    # -- what others left

    async def dead_runs(self) -> list[Job]:
        """Open jobs of a `run` or a script that ended without finishing them."""
        kinds = [OwnerKind.RUN, OwnerKind.API]
        dead = await self._db.run(owners.dead_owners, self._store, self._owner.id, kinds)
        found: list[Job] = []
        for owner in dead:
            records = await self._db.run(self._store.records, "owner = ? AND is_open = 1", (owner,))
            found += [record.as_job() for record in records]
        return found

    async def adopt(self, job_ids: Iterable[str]) -> list[Job]:
        """Continue jobs here whose process is dead."""
        taken = await self._db.run(owners.adopt, self._store, self._owner.id, list(job_ids))
        jobs: list[Job] = []
        for job_id in taken:
            records = await self._take_over("job_id = ? AND is_open = 1", job_id)
            jobs += [record.as_job() for record in records]
        for host_id in {job.host_id for job in jobs if job.prompt_id}:
            if (work := self._works.get(host_id)) is not None:
                work.tracker.poke()
        self._changes.publish(*(JobChanged(job) for job in jobs))
        return jobs
