"""Callers that wait for jobs to end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from comfydesk.jobs.model import Job


class Waits:
    """Lives on the engine's loop."""

    def __init__(self) -> None:
        self._open: list[tuple[set[str], asyncio.Future[None]]] = []

    def begin(self, job_ids: Iterable[str]) -> tuple[set[str], asyncio.Future[None]]:
        """Wait for these; the set holds those that are not final yet."""
        wait = (set(job_ids), asyncio.get_running_loop().create_future())
        self._open.append(wait)
        return wait

    def end(self, wait: tuple[set[str], asyncio.Future[None]]) -> None:
        self._open = [w for w in self._open if w is not wait]

    def settle(self, jobs: Iterable[Job]) -> None:
        """These jobs are as they say now, durably."""
        final = {job.job_id for job in jobs if job.state.is_final}
        if not final:
            return
        for missing, done in self._open:
            missing -= final
            if not missing and not done.done():
                done.set_result(None)
