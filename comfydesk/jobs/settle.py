"""How the outputs of a job come in and how the job ends when they are settled. Pure; used by `states` alone."""

from __future__ import annotations

from dataclasses import replace

from comfydesk.base.errors import Problem
from comfydesk.jobs import events as ev
from comfydesk.jobs.model import JobError, JobState
from comfydesk.jobs.record import JobRecord, Output, OutputState


def merge(job: JobRecord, named: tuple[ev.NamedOutput, ...]) -> tuple[JobRecord, tuple[Output, ...]]:
    """Take outputs in. What a former attempt has saved stays saved: the same frozen prompt made it."""
    outputs = {o.place: o for o in job.outputs}
    wanted: list[Output] = []
    for item in named:
        old = outputs.get((item.node_id, item.slot, item.index))
        if old is not None and (
            old.state is OutputState.SAVED
            or (old.state is not OutputState.MISSING and old.remote == item.remote and old.text == item.text)
        ):
            continue
        temp = item.remote.type == "temp" and item.text is None and not job.keep_temp
        output = Output(
            output_id=old.output_id if old else item.output_id,
            node_id=item.node_id,
            slot=item.slot,
            index=item.index,
            state=OutputState.PREVIEW if temp else OutputState.WANTED,
            ordinal=old.ordinal if old and old.ordinal else 0,
            remote=item.remote,
            text=item.text,
        )
        if not temp and not output.ordinal:
            output = replace(output, ordinal=_next_ordinal(outputs))
        outputs[output.place] = output
        wanted.append(output)
    if not wanted:
        return job, ()
    return replace(job, outputs=tuple(outputs.values())), tuple(wanted)


def _next_ordinal(outputs: dict[tuple[str, str, int], Output]) -> int:
    return 1 + max((o.ordinal for o in outputs.values()), default=0)


def shows_only(job: JobRecord) -> bool:
    """Whether a job has no file but previews; a text that a node shows beside them is no reason to lose them."""
    files = [o for o in job.outputs if o.text is None]
    return bool(files) and all(o.state is OutputState.PREVIEW for o in files)


def promote_previews(job: JobRecord) -> tuple[JobRecord, tuple[Output, ...]]:
    """A job whose only files are previews saves them: they are all it was run for."""
    outputs = {o.place: o for o in job.outputs}
    promoted = []
    for output in job.outputs:
        if output.state is OutputState.PREVIEW:
            wanted = replace(output, state=OutputState.WANTED, ordinal=_next_ordinal(outputs))
            outputs[output.place] = wanted
            promoted.append(wanted)
    return replace(job, outputs=tuple(outputs.values())), tuple(promoted)


def settle(job: JobRecord, at: float) -> JobRecord:
    """End the job if its attempt is over and no output is on its way."""
    if job.ending is None or any(o.state is OutputState.WANTED for o in job.outputs):
        return job
    state, error = job.ending, job.error
    if state is JobState.DONE:
        missing = next((o for o in job.outputs if o.state is OutputState.MISSING), None)
        if missing is not None:
            error = as_error(Problem("output_missing", file=missing.remote.filename, detail=missing.reason))
        elif not any(o.state is OutputState.SAVED for o in job.outputs):
            error = as_error(Problem("no_outputs"))
        state = JobState.DONE if error is None else JobState.PARTIAL
    return replace(job, state=state, ending=None, error=error, finished_at=at)


def as_error(problem: Problem) -> JobError:
    return JobError(problem.code, problem.message, problem.next_step)
