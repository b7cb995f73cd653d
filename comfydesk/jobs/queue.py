"""The durable queue, as the engine exposes it to window, command line and Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from comfydesk.base.changes import ChangeStream
from comfydesk.base.paths import Home
from comfydesk.base.runtime import Runtime
from comfydesk.jobs.hosts import HostPool
from comfydesk.jobs.model import Job, JobRequest, OwnerKind, QueueSummary, SavedFile


class Queue:
    """Jobs that survive everything. All coroutines run on the engine's loop.

    Announces JobChanged, JobProgress, Preview, OutputSaved, OutputPreview, QueueSummary and DiskTrouble.
    """

    def __init__(
        self,
        home: Home,
        runtime: Runtime,
        changes: ChangeStream,
        hosts: HostPool,
        owner_kind: OwnerKind,
        output_root: Callable[[], Path],
    ) -> None:
        raise NotImplementedError

    async def start(self) -> None:
        """Open the store, become an owner, adopt what a dead window left (window only) and begin to dispatch."""
        raise NotImplementedError

    async def close(self) -> None:
        """Write what is open and let go; jobs on servers go on there."""
        raise NotImplementedError

    async def add(self, requests: Sequence[JobRequest]) -> list[Job]:
        """Commit jobs; when this returns they survive a crash. They are sent as soon as their host has room."""
        raise NotImplementedError

    async def cancel(self, job_ids: Iterable[str]) -> None:
        """Cancel jobs: waiting ones at once, those on a server when it confirms (Job.cancelling until then)."""
        raise NotImplementedError

    async def stop_running(self) -> int:
        """Cancel what runs now, only ours. Returns how many jobs that were."""
        raise NotImplementedError

    async def undo(self, press: str) -> int:
        """Take back the jobs of one press that do not run yet. Returns how many jobs that were."""
        raise NotImplementedError

    async def pause(self) -> None:
        """Start nothing new, and take back what waits on servers; the running job goes on."""
        raise NotImplementedError

    async def resume(self) -> None:
        raise NotImplementedError

    async def clear_waiting(self) -> int:
        """Cancel all waiting jobs. Returns how many jobs that were."""
        raise NotImplementedError

    async def retry(self, job_ids: Iterable[str]) -> list[Job]:
        """Queue finished, failed or lost jobs again, as new jobs with the same prompt."""
        raise NotImplementedError

    async def next(self, job_ids: Iterable[str]) -> None:
        """Move waiting jobs to the front, in the given order."""
        raise NotImplementedError

    async def jobs(self, limit: int = 500, since: float | None = None, before: float | None = None) -> list[Job]:
        """All open jobs, and up to `limit` finished ones made since/before that time (seconds since 1970).

        Newest first. Older pages: `before` = created_at of the last row.
        """
        raise NotImplementedError

    async def job(self, job_id: str) -> Job:
        raise NotImplementedError

    async def prompt(self, job_id: str) -> dict[str, Any]:
        """The frozen API graph of a job."""
        raise NotImplementedError

    async def request(self, job_id: str) -> JobRequest:
        """Everything the job was asked to do, prompt included (params and titles too)."""
        raise NotImplementedError

    async def wait(self, job_ids: Iterable[str], timeout: float | None = None) -> list[Job]:
        """Wait until all are final. Raises Problem("job_timeout") after `timeout` seconds; the jobs go on."""
        raise NotImplementedError

    async def keep(self, output_id: int) -> SavedFile:
        """Save an output that was only previewed."""
        raise NotImplementedError

    async def retry_downloads(self, job_ids: Iterable[str]) -> None:
        """Try to fetch again what was given up as missing."""
        raise NotImplementedError

    def set_previews(self, wanted: bool) -> None:
        """Whether a stage is visible: previews are asked for with jobs sent from now on (on the engine's loop)."""
        raise NotImplementedError

    async def summary(self) -> QueueSummary:
        raise NotImplementedError

    async def dead_runs(self) -> list[Job]:
        """Open jobs of a `run` or a script that ended without finishing them."""
        raise NotImplementedError

    async def adopt(self, job_ids: Iterable[str]) -> list[Job]:
        """Continue such jobs here."""
        raise NotImplementedError
