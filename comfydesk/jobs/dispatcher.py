"""Keeps a small window of our jobs on one server, so that its GPU never idles and the rest stays ours.

COMMIT the attempt, then POST. What may or may not have arrived is looked up before it is ever sent again.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Callable

from comfydesk.base.errors import Problem
from comfydesk.jobs import events as ev
from comfydesk.jobs import imprint, verdict
from comfydesk.jobs.backoff import Backoff
from comfydesk.jobs.desk import Desk
from comfydesk.jobs.link import ABOUT_THE_HOST, NEEDS_A_PERSON
from comfydesk.jobs.memory import MOST, window_size
from comfydesk.jobs.model import AttemptState, JobRequest
from comfydesk.jobs.record import Attempt, JobRecord, Wish
from comfydesk.server.types import AmbiguousError, Rejected, RemoteState, Submitted

log = logging.getLogger(__name__)

SETTLE = 0.4  # seconds between the two looks that must both miss an attempt before it is sent again
SETTLE_AFTER_TIMEOUT = 3.0  # a server that was silent for long may still take in what it got
POST_ERRORS = 3  # times that a server may answer 5xx to the same job, and not have it, before the job fails
POLL_GUESS = 1.0  # seconds between polls where no socket delivers


class Dispatcher:
    """One host's. Lives on the engine's loop."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._poke = asyncio.Event()
        self._backoff = Backoff(first=0.25, last=15.0)
        self._absent: set[str] = set()  # prompt ids that surely have not arrived
        self._errors: dict[str, int] = {}
        self._renewed: set[str] = set()  # prompt ids whose inputs were uploaded once more
        self._plain: set[str] = set()  # prompt ids that go without the editor's graph: something refused the size
        self.found: Callable[[], None] = lambda: None  # an attempt is there after all: see how far it is
        self.carry_out: Callable[[], None] = lambda: None  # wishes that came while a POST was under way
        self._task = desk.runtime.spawn(self._keep(), f"dispatch {desk.link.host.name}")

    def poke(self) -> None:
        """Something changed that may let a job go out."""
        self._poke.set()

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _keep(self) -> None:
        desk = self._desk
        while True:
            await self._poke.wait()
            self._poke.clear()
            if not desk.link.up.is_set() or not desk.reconciled.is_set():
                continue
            try:
                while await self._send_some():
                    pass
            except Problem as problem:
                # The host is away or its login fails: the link looks for it, and its return pokes us.
                if problem.code in NEEDS_A_PERSON:
                    continue
                delay = problem.facts.get("retry_after") or self._backoff.next()
                desk.runtime.loop.call_later(delay, self._poke.set)
            except Exception:  # no job may end the dispatching
                log.exception("dispatching to %s failed", desk.link.host.name)
                desk.runtime.loop.call_later(self._backoff.next(), self._poke.set)
            else:
                self._backoff.reset()

    # -- choosing

    async def _send_some(self) -> bool:
        """Send what the window has room for. True: there may be more."""
        desk = self._desk
        if not desk.link.up.is_set() or not desk.reconciled.is_set():
            return False
        mine = desk.ledger.on_server(desk.host_id)
        unsure = [r for r in mine if r.attempt and r.attempt.state is AttemptState.INTENDED]
        for record in unsure:
            await self._make_sure(record)
        if not desk.may_send():
            return False
        chosen = self._choose()
        for record in chosen:
            event = ev.Intended(str(uuid.uuid4()), desk.link.client_id, desk.memory.facts.boot, time.time())
            desk.ledger.change(record.job_id, event)
        if not chosen:
            return False
        await desk.ledger.committed()
        fresh = [r for c in chosen if (r := desk.ledger.get(c.job_id)) is not None and r.attempt is not None]
        self._absent.update(r.attempt.prompt_id for r in fresh if r.attempt)
        for record in fresh:
            if (now := desk.ledger.get(record.job_id)) is not None:
                await self._make_sure(now)
        return True

    def _choose(self) -> list[JobRecord]:
        """The next jobs for which the window has room. One that was moved to the front may be one too many."""
        desk = self._desk
        mine = desk.ledger.on_server(desk.host_id)
        poll = None if desk.hears else POLL_GUESS
        room = window_size(desk.memory.mean, desk.link.round_trip, poll) - len(mine)
        found = desk.ledger.next_waiting(desk.host_id, max(1, min(room, MOST)))
        if found and found[0].front:
            # The server puts each `front` before the other, so that only one may wait there at a time.
            return found[:1] if room > -1 and not any(r.front and not r.started_at for r in mine) else []
        return [r for r in found[: max(0, room)] if not r.front]

    # -- sending

    async def _make_sure(self, record: JobRecord) -> None:
        """Bring an intended attempt to the server, at most once. Raises Problem if that must wait."""
        attempt = record.attempt
        if attempt is None or attempt.state is not AttemptState.INTENDED or attempt.prompt_id in self._desk.posting:
            return
        if attempt.prompt_id not in self._absent and not await self._is_absent(record, attempt, SETTLE):
            return
        self._absent.add(attempt.prompt_id)
        now = self._desk.ledger.get(record.job_id)
        if now is None or now.attempt != attempt:
            return
        if now.wish is not Wish.NONE:
            self.give_up(now)
            return
        await self._post(now, attempt)

    async def _is_absent(self, record: JobRecord, attempt: Attempt, settle: float) -> bool:
        """Look an attempt up, twice if it is not there; what is found is taken in."""
        for wait in (settle, None):
            found = await self._desk.ask(self._desk.link.client.job, attempt.remote_id)
            if found.state is not RemoteState.ABSENT:
                event = ev.Accepted(attempt.prompt_id, time.time(), boot=self._desk.memory.facts.boot)
                self._desk.ledger.change(record.job_id, event)
                self.found()
                return False
            if wait is not None:
                await asyncio.sleep(wait)
        return True

    async def _post(self, record: JobRecord, attempt: Attempt) -> None:
        desk = self._desk
        request = await desk.request(record.job_id)
        desk.posting.add(attempt.prompt_id)
        try:
            await desk.uploads.bring(desk.link, request.inputs)
            answer = await self._submit(record, attempt, request)
        except Rejected as problem:
            await self._rejected(problem, record, attempt, request)
        except AmbiguousError as exc:
            self._absent.discard(attempt.prompt_id)
            await self._ambiguous(exc, record, attempt)
        except Problem as problem:
            # A refusal with another 4xx may be a proxy's bad moment, or be meant for this very job.
            if problem.code in ABOUT_THE_HOST and not (problem.code == "server_error" and self._too_often(attempt)):
                raise
            self._decline(record, problem)
        except Exception as exc:
            if self._too_often(attempt):
                self._decline(record, Problem("internal", detail=f"{type(exc).__name__}: {exc}", log="comfydesk.log"))
            raise
        else:
            self._absent.discard(attempt.prompt_id)
            await self._accepted(answer, record, attempt)
        finally:
            desk.posting.discard(attempt.prompt_id)
            self.carry_out()

    async def _submit(self, record: JobRecord, attempt: Attempt, request: JobRequest) -> Submitted:
        desk = self._desk
        waiting = [r for r in desk.ledger.on_server(desk.host_id) if r.job_id != record.job_id and not r.started_at]
        previews = record.previews and desk.wants_previews()
        answer: Submitted = await desk.ask(
            imprint.send,
            desk.link.client,
            request,
            attempt,
            self._plain,
            previews=previews,
            front=record.front and bool(waiting),
        )
        return answer

    async def _accepted(self, answer: Submitted, record: JobRecord, attempt: Attempt) -> None:
        desk = self._desk
        restarted = desk.memory.note_number(answer.number)
        desk.memory.ignores_ids = answer.prompt_id != attempt.prompt_id
        desk.sent_at = desk.loop_time
        event = ev.Accepted(attempt.prompt_id, time.time(), answer.prompt_id, answer.number, desk.memory.facts.boot)
        desk.ledger.change(record.job_id, event)
        if answer.node_errors:
            titles = await desk.titles(record.job_id)
            error = verdict.partial(answer.node_errors, titles, desk.link.host.url)
            desk.ledger.change(record.job_id, ev.Condemned(error))
        if restarted:
            log.info("%s counts from the start again: it was restarted", desk.link.host.name)
            desk.reconciled.clear()
            self.carry_out()

    async def _rejected(self, problem: Rejected, record: JobRecord, attempt: Attempt, request: JobRequest) -> None:
        """A 400. If it is about an uploaded file that is gone there, upload it and try once more."""
        names = {item.name for item in request.inputs}
        if names and attempt.prompt_id not in self._renewed and verdict.names_an_input(problem, names):
            self._renewed.add(attempt.prompt_id)
            await self._desk.uploads.forget(self._desk.link, request.inputs)
            self._poke.set()
            return
        error = verdict.rejection(problem, request.titles)
        self._desk.ledger.change(record.job_id, ev.Declined(error, time.time()))

    def _decline(self, record: JobRecord, problem: Problem) -> None:
        error = verdict.job_error(problem, {})
        self._desk.ledger.change(record.job_id, ev.Declined(error, time.time()))

    def _too_often(self, attempt: Attempt) -> bool:
        """Count an error that may be the job's own fault; True when it is time to fail the job."""
        self._errors[attempt.prompt_id] = self._errors.get(attempt.prompt_id, 0) + 1
        return self._errors[attempt.prompt_id] >= POST_ERRORS

    def give_up(self, record: JobRecord) -> None:
        """Fulfil a wish at once where the attempt surely has not arrived, also while the host is away."""
        attempt = record.attempt
        if (
            attempt is not None
            and record.wish is not Wish.NONE
            and attempt.state is AttemptState.INTENDED
            and attempt.prompt_id in self._absent
            and attempt.prompt_id not in self._desk.posting
        ):
            self._absent.discard(attempt.prompt_id)
            self._desk.ledger.change(record.job_id, ev.Absent(attempt.prompt_id, False, time.time()))

    async def _ambiguous(self, exc: AmbiguousError, record: JobRecord, attempt: Attempt) -> None:
        """It may have arrived: find out before anything else is sent (S2)."""
        log.info("the answer to a submission was lost (%s): looking it up", exc.cause.message)
        self._desk.link.doubt(exc.cause)
        settle = SETTLE_AFTER_TIMEOUT if exc.cause.code == "timeout" else SETTLE
        if not await self._is_absent(record, attempt, settle):
            return
        if self._desk.memory.ignores_ids:  # it may run under an id that we shall never know: not twice (promise 4)
            self._decline(record, Problem("lost", host=self._desk.link.host.name, details=exc.cause.message))
            return
        self._absent.add(attempt.prompt_id)
        if exc.cause.code == "server_error" and self._too_often(attempt):
            self._decline(record, exc.cause)
            return
        raise exc.cause  # not there: after a pause the same attempt goes out again
