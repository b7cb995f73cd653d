"""The only place where a job's state changes: `apply(job, event) -> Changes`. Pure.

An event that does not fit the job's state changes nothing: messages come late, twice and out of order (S9, S11).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import singledispatch

from comfydesk.base.errors import Problem
from comfydesk.jobs import events as ev
from comfydesk.jobs.model import AttemptState, JobError, JobState
from comfydesk.jobs.record import Attempt, JobRecord, Output, OutputState, Wish
from comfydesk.jobs.settle import as_error, merge, promote_previews, settle, shows_only

MAX_RERUNS = (
    2  # a job that the server forgot is sent again by itself this often (S5); then it may be what kills it (S17)
)


@dataclass(frozen=True, slots=True)
class Changes:
    """The job after the event, the attempt that ended by it, and the outputs that are to be fetched because of it."""

    job: JobRecord
    closed: Attempt | None = None
    wanted: tuple[Output, ...] = ()


def apply(job: JobRecord, event: ev.Event) -> Changes:
    """What `event` makes of `job`. `changes.job is job` when it changes nothing."""
    changes = _apply(event, job)
    return Changes(job) if changes.job == job else changes


@singledispatch
def _apply(event: ev.Event, job: JobRecord) -> Changes:
    raise TypeError(f"unknown event {type(event).__name__}")


@_apply.register
def _(event: ev.Intended, job: JobRecord) -> Changes:
    if not job.is_local or job.hold:
        return Changes(job)
    attempt = Attempt(
        prompt_id=event.prompt_id,
        state=AttemptState.INTENDED,
        remote_id=event.prompt_id,
        client_id=event.client_id,
        boot=event.boot,
        intended_at=event.at,
    )
    return Changes(replace(job, attempt=attempt, attempts=job.attempts + 1))


@_apply.register
def _(event: ev.Accepted, job: JobRecord) -> Changes:
    attempt = job.attempt
    if attempt is None or attempt.prompt_id != event.prompt_id or not attempt.is_open:
        return Changes(job)
    state = AttemptState.SENT if attempt.state is AttemptState.INTENDED else attempt.state
    number = attempt.number if event.number is None else event.number
    attempt = replace(
        attempt,
        state=state,
        remote_id=event.remote_id or attempt.remote_id,
        number=number,
        boot=attempt.boot if event.boot is None else event.boot,
        sent_at=attempt.sent_at or event.at,
    )
    return Changes(replace(job, attempt=attempt))


@_apply.register
def _(event: ev.Declined, job: JobRecord) -> Changes:
    if job.state is not JobState.WAITING:
        return Changes(job)
    closed = replace(job.attempt, state=AttemptState.REJECTED, finished_at=event.at) if job.attempt else None
    ended = replace(job, attempt=closed, state=JobState.FAILED, wish=Wish.NONE, error=event.error, finished_at=event.at)
    return Changes(ended, closed)


def _is_current(job: JobRecord, remote_id: str) -> bool:
    return (
        job.is_open
        and job.attempt is not None
        and job.attempt.is_open
        and remote_id in (job.attempt.remote_id, job.attempt.prompt_id)
    )


@_apply.register
def _(event: ev.Seen, job: JobRecord) -> Changes:
    return Changes(_seen(job, event.at)) if _is_current(job, event.remote_id) else Changes(job)


def _seen(job: JobRecord, at: float) -> JobRecord:
    assert job.attempt is not None
    if job.attempt.state is AttemptState.SEEN:
        return job
    return replace(
        job,
        state=JobState.RUNNING,
        attempt=replace(job.attempt, state=AttemptState.SEEN, sent_at=job.attempt.sent_at or at),
        wish=job.wish if job.wish is Wish.CANCEL else Wish.NONE,  # what runs is not taken back
        started_at=at,
    )


@_apply.register
def _(event: ev.Named, job: JobRecord) -> Changes:
    if not _is_current(job, event.remote_id):
        return Changes(job)
    job, wanted = merge(_seen(job, event.at), event.outputs)
    return Changes(job, None, wanted)


@_apply.register
def _(event: ev.Finished, job: JobRecord) -> Changes:
    if not _is_current(job, event.remote_id):
        return Changes(job)
    assert job.attempt is not None
    job, wanted = merge(job, event.outputs)
    assert job.attempt is not None
    closed = replace(
        job.attempt,
        state=AttemptState.FINISHED,
        sent_at=job.attempt.sent_at or event.at,
        finished_at=event.at,
    )
    ending, error = _ending(job, event)
    job = replace(
        job,
        state=JobState.SAVING,
        ending=ending,
        error=error,
        attempt=closed,
        wish=Wish.NONE,
        started_at=job.started_at or event.at,
        note=event.note or job.note,
    )
    if ending is JobState.DONE and shows_only(job):
        job, wanted = promote_previews(job)
    return Changes(settle(job, event.at), closed, wanted)


def _ending(job: JobRecord, event: ev.Finished) -> tuple[JobState, JobError | None]:
    if job.wish is Wish.CANCEL and job.error is not None:
        return JobState.FAILED, job.error
    if job.wish is Wish.CANCEL and event.interrupted:
        return JobState.CANCELLED, None
    return (JobState.DONE, None) if event.error is None else (JobState.FAILED, event.error)


@_apply.register
def _(event: ev.Absent, job: JobRecord) -> Changes:
    attempt = job.attempt
    if not job.is_open or attempt is None or not attempt.is_open or attempt.prompt_id != event.prompt_id:
        return Changes(job)
    closed = replace(attempt, state=AttemptState.VANISHED, finished_at=event.at)
    if job.wish is Wish.CANCEL:
        ending = JobState.CANCELLED if job.error is None else JobState.FAILED
        ended = replace(job, attempt=closed, wish=Wish.NONE, ending=ending, state=JobState.SAVING)
        return Changes(settle(ended, event.at), closed)
    if job.wish is Wish.TAKE_BACK:
        back = replace(job, attempt=None, attempts=job.attempts - 1, wish=Wish.NONE, state=JobState.WAITING)
        return Changes(back, closed)
    if attempt.state is AttemptState.INTENDED:
        return Changes(job)  # it never arrived: the dispatcher sends the same attempt again
    if event.restarted and not job.owner_kind.asks_before_rerun and job.reruns < MAX_RERUNS:
        again = replace(
            job,
            attempt=None,
            state=JobState.WAITING,
            reruns=job.reruns + 1,
            started_at=None,
            note="the server was restarted; run again",
        )
        return Changes(again, closed)
    lost = replace(
        job,
        attempt=closed,
        state=JobState.SAVING,
        ending=JobState.LOST,
        error=event.error or as_error(Problem("lost")),
        note="the server was restarted" if event.restarted else "removed on the server",
    )
    return Changes(settle(lost, event.at), closed)


@_apply.register
def _(event: ev.CancelAsked, job: JobRecord) -> Changes:
    if job.state not in (JobState.DRAFT, JobState.WAITING, JobState.RUNNING):
        return Changes(job)
    if job.attempt is None:
        return Changes(
            replace(job, state=JobState.CANCELLED, hold=False, finished_at=event.at, note=event.note or job.note)
        )
    return Changes(replace(job, wish=Wish.CANCEL, note=event.note or job.note))


@_apply.register
def _(event: ev.Condemned, job: JobRecord) -> Changes:
    if not job.is_open or job.attempt is None or not job.attempt.is_open:
        return Changes(job)
    return Changes(replace(job, wish=Wish.CANCEL, error=event.error))


@_apply.register
def _(event: ev.TakeBackAsked, job: JobRecord) -> Changes:
    if job.state is not JobState.WAITING or job.attempt is None or job.wish is not Wish.NONE:
        return Changes(job)
    return Changes(replace(job, wish=Wish.TAKE_BACK))


def _with_output(job: JobRecord, output: Output) -> JobRecord:
    return replace(job, outputs=tuple(output if o.output_id == output.output_id else o for o in job.outputs))


@_apply.register
def _(event: ev.Saved, job: JobRecord) -> Changes:
    old = job.output(event.output_id)
    if old is None or old.state is OutputState.SAVED:
        return Changes(job)
    saved = replace(old, state=OutputState.SAVED, path=event.path, size=event.size, sha256=event.sha256, reason="")
    return Changes(settle(_with_output(job, saved), event.at))


@_apply.register
def _(event: ev.Missing, job: JobRecord) -> Changes:
    old = job.output(event.output_id)
    if old is None or old.state is not OutputState.WANTED:
        return Changes(job)
    missing = replace(old, state=OutputState.MISSING, reason=event.reason)
    return Changes(settle(_with_output(job, missing), event.at))


@_apply.register
def _(event: ev.FetchAgain, job: JobRecord) -> Changes:
    again = tuple(
        replace(o, state=OutputState.WANTED, reason="") for o in job.outputs if o.state is OutputState.MISSING
    )
    if not again or not job.state.is_final:
        return Changes(job)
    for output in again:
        job = _with_output(job, output)
    ending, error = (JobState.DONE, None) if job.state is JobState.PARTIAL else (job.state, job.error)
    return Changes(replace(job, state=JobState.SAVING, ending=ending, error=error, finished_at=None), None, again)


@_apply.register
def _(event: ev.Held, job: JobRecord) -> Changes:
    return Changes(replace(job, hold=event.hold) if job.is_local else job)


@_apply.register
def _(event: ev.Moved, job: JobRecord) -> Changes:
    return Changes(replace(job, position=event.position, front=event.front) if job.is_local else job)


@_apply.register
def _(event: ev.Adopted, job: JobRecord) -> Changes:
    return Changes(replace(job, owner=event.owner))


@_apply.register
def _(event: ev.Noted, job: JobRecord) -> Changes:
    return Changes(replace(job, note=event.note))
