"""Knows what became of each attempt on one server: messages as hints, polls as proof (rule 1).

Every wait has a poll behind it; only the history ends a job; what is absent is concluded only with care.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from comfydesk.base.errors import Problem
from comfydesk.jobs import events as ev
from comfydesk.jobs import verdict
from comfydesk.jobs.absence import Absences
from comfydesk.jobs.desk import Desk
from comfydesk.jobs.hearing import Hearing, Level
from comfydesk.jobs.model import AttemptState
from comfydesk.jobs.pace import Pace
from comfydesk.jobs.record import JobRecord, Wish
from comfydesk.jobs.store import Store
from comfydesk.jobs.wishes import Wishes
from comfydesk.server.types import RemoteJob, RemoteState

if TYPE_CHECKING:
    from comfydesk.server.messages import Message

log = logging.getLogger(__name__)

HISTORY_WAITS = (0.0, 0.05, 0.1, 0.2, 0.4, 0.6, 0.65)  # history comes after execution_success, up to 2 s (S6)
STALL = 15 * 60.0  # seconds without a word while a job runs, after which the server counts as stuck (S18)


class Tracker:
    """One host's. Lives on the engine's loop."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.hearing = Hearing()
        self._absences = Absences(desk)
        self._nudge = asyncio.Event()
        self.pace = Pace(desk, lambda: self._absences.open)
        self._news_at = desk.loop_time  # when anything was last heard of our jobs
        self._now = False
        self.on_polled: Callable[[], None] = lambda: None
        self._reading: set[str] = set()  # remote ids whose history is being read
        self._wishes = Wishes(desk, self.look_up)
        self._tasks = [desk.runtime.spawn(self._keep(), f"poll {desk.link.host.name}")]

    def poke(self) -> None:
        """Look now: something was asked for, or something is doubtful."""
        self._now = True
        self._nudge.set()

    def poke_for_wishes(self) -> None:
        """A POST ended: what was asked of its job meanwhile can be done now."""
        mine = self._desk.ledger.on_server(self._desk.host_id)
        if not self._desk.reconciled.is_set() or any(r.wish is not Wish.NONE for r in mine):
            self.poke()

    def rethink(self) -> None:
        """Something was sent or ended: the next look may be due earlier or later."""
        self._nudge.set()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- the poll

    async def _keep(self) -> None:
        link = self._desk.link
        while True:
            await link.up.wait()
            self._now = False
            try:
                await self.poll()
            except Problem as problem:
                self.pace.failed()
                log.info("a poll of %s failed: %s", link.host.name, problem.message)
            except Exception:  # no poll may end the polling
                self.pace.failed()
                log.exception("a poll of %s failed", link.host.name)
            else:
                self.pace.succeeded()
                self.on_polled()
            polled = self._desk.loop_time
            while not self._now and (left := polled + self.pace.interval() - self._desk.loop_time) > 0:
                self._nudge.clear()
                try:
                    await asyncio.wait_for(self._nudge.wait(), left)
                except TimeoutError:
                    break

    async def poll(self) -> None:
        """Look up every open attempt of ours on this server."""
        desk = self._desk
        mine = [r for r in desk.ledger.on_server(desk.host_id) if r.attempt and r.attempt.is_on_server]
        if not mine:
            if not desk.hears and desk.reconciled.is_set():
                await desk.ask(desk.link.client.features)  # is it still there?
            desk.reconciled.set()
            return
        hearing = self.hearing.mark()
        there: dict[str, RemoteState] = await desk.ask(desk.link.client.open_ids)
        self.pace.foreign = len(there.keys() - {r.attempt.remote_id for r in mine if r.attempt})
        await self._count_others(there)
        gone: list[JobRecord] = []
        for record in mine:
            attempt = record.attempt
            assert attempt is not None
            state = there.get(attempt.remote_id)
            if state is None:
                gone.append(record)
                continue
            self._absences.found(attempt.prompt_id)
            if state is RemoteState.RUNNING:
                self._seen(record)
                hearing.expect(attempt, Level.STARTED, desk.link.client_id)
        for record in gone:
            if await self.look_up(record) is RemoteState.DONE and record.attempt:
                hearing.expect(record.attempt, Level.ENDED, desk.link.client_id)
        desk.reconciled.set()
        self._check_stall(mine)
        await self._wishes.carry_out()
        if hearing.doubts and desk.hears:
            self._tasks = [t for t in self._tasks if not t.done()]
            self._tasks.append(desk.runtime.spawn(self._check_hearing(hearing.doubts), "hearing"))

    def _check_stall(self, mine: Sequence[JobRecord]) -> None:
        """Say so when the server looks stuck: its socket is open, a job of ours runs, and nothing comes (S18)."""
        link, silent = self._desk.link, self._desk.loop_time - self._news_at
        runs = any(r.attempt and r.attempt.state is AttemptState.SEEN for r in mine)
        stuck = runs and self._desk.hears and silent > STALL
        if stuck != (link.stuck is not None):
            link.stuck = Problem("stuck", host=link.host.name, minutes=round(silent / 60)) if stuck else None
            link.announce()

    async def look_up(self, record: JobRecord) -> RemoteState:
        """Ask for one attempt and take in the answer."""
        attempt = record.attempt
        assert attempt is not None
        remote: RemoteJob = await self._desk.ask(self._desk.link.client.job, attempt.remote_id)
        if remote.state is not RemoteState.ABSENT:
            self._absences.found(attempt.prompt_id)
        if remote.state is RemoteState.DONE:
            await self._finish(record, remote)
        elif remote.state is RemoteState.RUNNING:
            self._seen(record)
        elif remote.state is RemoteState.ABSENT:
            await self._absent(record)
        return remote.state

    async def _count_others(self, there: dict[str, RemoteState]) -> None:
        """How many jobs of other people are in the server's queue; shown, never touched."""
        desk = self._desk
        unknown = [i for i in there if desk.ledger.by_remote(i) is None]
        others = len(unknown) - (await desk.db.run(_known, desk.store, unknown) if unknown else 0)
        if others != desk.link.others:
            desk.link.others = others
            desk.link.announce()

    async def _check_hearing(self, doubts: dict[str, Level]) -> None:
        """A poll saw what the socket should have told: give it a moment, then leave it (S7, S8)."""
        await asyncio.sleep(Pace.LATE)
        ear = self._desk.ear()
        if ear is not None and self.hearing.missed(doubts):
            ear.is_deaf()

    # -- what it means

    def _seen(self, record: JobRecord) -> None:
        if record.attempt is not None and record.attempt.state is not AttemptState.SEEN:
            self._news_at = self._desk.loop_time
            self._desk.ledger.change(record.job_id, ev.Seen(record.attempt.remote_id, time.time()))

    async def _finish(self, record: JobRecord, remote: RemoteJob) -> None:
        """The history has it: take in how it ended."""
        desk = self._desk
        assert record.attempt is not None
        titles = await desk.titles(record.job_id)
        took = verdict.took(remote)
        request = await desk.request(record.job_id)
        repeat = verdict.cached_nodes(remote) >= max(1, len(request.prompt))
        note = "same as before: the server had it in its cache" if repeat else ""
        event = verdict.finished(remote, titles, desk.link.host.name, time.time(), note, record.attempt.remote_id)
        desk.memory.note_finished(record.attempt.remote_id, took)
        if took is not None and event.error is None:
            desk.forecast.learn(record.host_id, record.workflow, took, repeat=repeat)
        desk.ledger.change(record.job_id, event)
        self._absences.found(record.attempt.prompt_id)
        self._wishes.forget(record.attempt.prompt_id)

    async def _absent(self, record: JobRecord) -> None:
        """The server does not know it. Conclude that only when it cannot be otherwise."""
        attempt = record.attempt
        assert attempt is not None
        conclusion = await self._absences.conclude(record, self.hearing.level(attempt.remote_id))
        if conclusion is None:
            return
        if conclusion.finished_unseen:
            log.info("the history of %s is gone; its outputs are those that its messages named", record.job_id)
            note = "the server forgot it right after it was done"
            self._desk.ledger.change(record.job_id, ev.Finished(attempt.remote_id, (), time.time(), note=note))
            return
        host = self._desk.link.host.name
        error = verdict.job_error(Problem("lost", host=host), {})
        self._desk.ledger.change(record.job_id, ev.Absent(attempt.prompt_id, conclusion.restarted, time.time(), error))
        self._wishes.forget(attempt.prompt_id)

    # -- messages

    def heard(self, batch: Sequence[Message]) -> None:
        """Take in what the socket told; the list keeps the server's order."""
        from comfydesk.server import messages as msg

        for message in batch:
            if isinstance(message, msg.Status):
                self.pace.remaining = message.queue_remaining
                self.rethink()
                continue
            record = self._desk.ledger.by_remote(getattr(message, "prompt_id", None))
            if record is None or record.attempt is None:
                continue
            remote_id = record.attempt.remote_id
            self._news_at = self._desk.loop_time
            self.hearing.hear(remote_id, Level.STARTED)
            match message:
                case msg.ExecutionStart() | msg.ExecutionCached() | msg.ProgressState() | msg.Progress():
                    self._seen(record)
                case msg.Executing(node=None):
                    self._read_soon(record)
                case msg.Executing():
                    self._seen(record)
                case msg.Executed(node=node, output=output):
                    named = verdict.named_outputs(node, output)
                    self._desk.ledger.change(record.job_id, ev.Named(remote_id, named, time.time()))
                case msg.ExecutionSuccess():
                    self.hearing.hear(remote_id, Level.SUCCESS)
                    self._read_soon(record)
                case msg.ExecutionError(exception_type=kind) if "ExecutionBlocked" not in kind:
                    self._read_soon(record)
                case msg.ExecutionInterrupted():
                    self._read_soon(record)

    def _read_soon(self, record: JobRecord) -> None:
        """It ended, says the socket: read the history until it says so too."""
        assert record.attempt is not None
        remote_id = record.attempt.remote_id
        self.hearing.hear(remote_id, Level.ENDED)
        if remote_id not in self._reading:
            self._reading.add(remote_id)
            self._desk.runtime.spawn(self._read_history(record.job_id, remote_id), f"history {remote_id}")

    async def _read_history(self, job_id: str, remote_id: str) -> None:
        desk = self._desk
        try:
            for wait in HISTORY_WAITS:
                await asyncio.sleep(wait)
                remote: RemoteJob | None = await desk.ask(desk.link.client.history, remote_id)
                record = desk.ledger.get(job_id)
                if record is None or record.attempt is None or not record.attempt.is_open:
                    return
                if remote is not None:
                    await self._finish(record, remote)
                    return
        except Problem as problem:
            log.info("the history of %s could not be read yet: %s", job_id, problem.message)
        finally:
            self._reading.discard(remote_id)
        self.poke()

    def socket_came(self) -> None:
        """A new socket: nothing is replayed on it, so look at everything (S9)."""
        mine = self._desk.ledger.on_server(self._desk.host_id)
        self.hearing.begin_anew([r.attempt.remote_id for r in mine if r.attempt])
        self.poke()


def _known(store: Store, ids: list[str]) -> int:
    """How many of these ids are attempts of any owner in our store (db lane)."""
    return sum(
        store.db.execute("SELECT 1 FROM attempts WHERE prompt_id = ? OR remote_id = ?", (i, i)).fetchone() is not None
        for i in ids[:200]
    )
