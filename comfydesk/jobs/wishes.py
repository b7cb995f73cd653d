"""Carries out on the server what was asked of jobs there: cancel, and taking back. Only ever our own ids."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from comfydesk.jobs.desk import Desk
from comfydesk.jobs.model import AttemptState
from comfydesk.jobs.record import JobRecord, Wish

AGAIN = 5.0  # seconds until a cancel that the server took and did not follow is sent once more (S18)


class Wishes:
    """One host's. A wish stays in the job's row until the server's answer fulfils it, through crashes too."""

    def __init__(self, desk: Desk, look_up: Callable[[JobRecord], Awaitable[object]]) -> None:
        self._desk, self._look_up = desk, look_up
        self._asked: dict[str, float] = {}  # prompt id -> loop time of the last cancel

    def forget(self, prompt_id: str) -> None:
        self._asked.pop(prompt_id, None)

    async def carry_out(self) -> None:
        """Ask the server, then look what became of each. Raises Problem."""
        desk = self._desk
        wished = [
            r
            for r in desk.ledger.on_server(desk.host_id)
            if r.wish is not Wish.NONE and r.attempt and r.attempt.is_on_server
        ]
        if not wished:
            return
        await desk.ledger.committed()
        waiting = [r.attempt.remote_id for r in wished if r.attempt and r.attempt.state is AttemptState.SENT]
        if waiting:  # first, and all at once: else the next one begins when the running one is stopped
            await desk.ask(desk.link.client.delete_waiting, waiting)
        for record in wished:
            attempt = record.attempt
            if attempt and attempt.state is AttemptState.SEEN and self._is_due(attempt.prompt_id):
                await desk.ask(desk.link.client.cancel, attempt.remote_id)
        for record in wished:
            now = desk.ledger.get(record.job_id)
            if now is not None and now.attempt == record.attempt:
                await self._look_up(now)

    def _is_due(self, prompt_id: str) -> bool:
        last = self._asked.get(prompt_id)
        if last is not None and self._desk.loop_time - last < AGAIN:
            return False
        self._asked[prompt_id] = self._desk.loop_time
        return True
