"""What came of a headless run: its jobs, one exit code, and the JSON that commands print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comfydesk.base.errors import FAILED, MISSING, TEMPLATES
from comfydesk.jobs.model import Job, JobState, SavedFile


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: jobs in order, and the exit code of the command line that says it in one number."""

    jobs: tuple[Job, ...]
    exit_code: int

    @property
    def ok(self) -> bool:
        return self.exit_code == 0

    @property
    def files(self) -> list[Path]:
        return [Path(file.path) for job in self.jobs for file in job.files]


def exit_code(jobs: Sequence[Job]) -> int:
    """The worst of the jobs in one number (README, Exit codes)."""
    codes = [_job_code(job) for job in jobs]
    bad = [code for code in codes if code]
    if not bad:
        return 0
    # One kind of trouble keeps its own code; a mixture is "some jobs failed".
    return bad[0] if len(set(bad)) == 1 else FAILED


def _job_code(job: Job) -> int:
    if job.state is JobState.DONE:
        return 0
    if job.error is not None and job.error.code in TEMPLATES:
        return TEMPLATES[job.error.code].exit
    return {JobState.PARTIAL: MISSING, JobState.CANCELLED: FAILED, JobState.LOST: FAILED}.get(job.state, FAILED)


def file_json(file: SavedFile) -> dict[str, Any]:
    """A saved file as `--json` prints it."""
    remote = file.remote
    return {
        "path": file.path,
        "bytes": file.size,
        "sha256": file.sha256,
        "node": file.node_id,
        "server": {"filename": remote.filename, "subfolder": remote.subfolder, "type": remote.type},
    }


def error_json(job: Job) -> dict[str, Any] | None:
    """A job's error as `--json` prints it."""
    if job.error is None:
        return None
    e = job.error
    return {"code": e.code, "message": e.message, "next": e.next, "node": e.node_id, "field": e.field}


def result_json(outcome: Outcome) -> dict[str, Any]:
    """The last line of `--json`."""
    return {
        "type": "result",
        "ok": outcome.ok,
        "jobs": [
            {
                "job": job.job_id,
                "prompt_id": job.prompt_id,
                "status": job.state.value,
                "seed": job.seed,
                "files": [file_json(f) for f in job.files],
                "error": error_json(job),
            }
            for job in outcome.jobs
        ],
    }
