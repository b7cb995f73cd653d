"""What a running job shows while it runs: progress and previews, from one host's messages."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from comfydesk.jobs.desk import Desk
from comfydesk.jobs.model import AttemptState, JobProgress, Preview
from comfydesk.jobs.progress import JobMeter, nodes_of
from comfydesk.jobs.record import JobRecord

if TYPE_CHECKING:
    from comfydesk.server.messages import Message, PreviewImage


class Live:
    """One host's. Lives on the engine's loop; holds a meter for each job that runs there."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._meters: dict[str, JobMeter] = {}
        self._loading: set[str] = set()

    def heard(self, batch: Sequence[Message]) -> None:
        """Announce the newest progress of each job of the batch, and its newest preview."""
        from comfydesk.server import messages as msg

        newest = {m.prompt_id: m for m in batch if isinstance(m, msg.ProgressState)}
        news: dict[str, JobProgress] = {}
        pictures: dict[str, PreviewImage] = {}
        for message in batch:
            if isinstance(message, msg.ProgressState) and newest[message.prompt_id] is not message:
                continue  # each holds the whole state, so that only the last one counts (fault 52)
            record = self._whose(message)
            if record is None:
                continue
            if isinstance(message, msg.PreviewImage):
                pictures[record.job_id] = message
            elif (meter := self._meter(record)) is not None and (shown := meter.take(message, time.time())):
                news[record.job_id] = shown
        self._desk.changes.publish(*news.values())
        for job_id, picture in pictures.items():
            if self._desk.wants_previews():
                self._desk.changes.publish(Preview(job_id, picture.node_id or "", picture.mime, picture.data))

    def _whose(self, message: Message) -> JobRecord | None:
        """The own job that a message is about. Those without an id: the running one, if ours (S9, S10)."""
        from comfydesk.server import messages as msg

        prompt_id = getattr(message, "prompt_id", None)
        if prompt_id:
            return self._desk.ledger.by_remote(prompt_id)
        nameless = isinstance(message, msg.PreviewImage) or (isinstance(message, msg.Executing) and message.node)
        if not nameless:
            return None
        mine = self._desk.ledger.on_server(self._desk.host_id)
        running = [r for r in mine if r.attempt and r.attempt.state is AttemptState.SEEN]
        return running[0] if len(running) == 1 else None

    def _meter(self, record: JobRecord) -> JobMeter | None:
        meter = self._meters.get(record.job_id)
        if meter is None:
            request = self._desk.places.known_request(record.job_id)
            if request is None:
                self._load(record.job_id)
                return None
            nodes = nodes_of(request.prompt, request.titles, request.targets)
            meter = self._meters[record.job_id] = JobMeter(record.job_id, nodes)
        return meter

    def _load(self, job_id: str) -> None:
        """Read the job's graph from the store: it was sent by a process before this one."""
        if job_id in self._loading:
            return
        self._loading.add(job_id)

        async def load() -> None:
            try:
                await self._desk.request(job_id)
            finally:
                self._loading.discard(job_id)

        self._desk.runtime.spawn(load(), f"graph of {job_id}")

    def forget(self, job_id: str) -> None:
        """The job does not run any more."""
        self._meters.pop(job_id, None)

    def fraction(self, job_id: str) -> float:
        """How far a running job is, 0..1."""
        meter = self._meters.get(job_id)
        return meter.shown().fraction if meter else 0.0
