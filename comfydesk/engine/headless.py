"""One job of work without a window: what `comfydesk run`, `generate()` and `run_batch()` have in common."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from comfydesk.base.changes import Change
from comfydesk.base.errors import DISK, INTERRUPTED, NETWORK, Problem, ReportedProblem
from comfydesk.engine.engine import Engine
from comfydesk.engine.model import OpenWorkflow, Queued
from comfydesk.engine.outcome import Outcome, error_json, exit_code, file_json
from comfydesk.engine.reshaping import reshaped
from comfydesk.form import keys, seeds
from comfydesk.form.fields import LocalFile, SeedMode
from comfydesk.jobs import naming
from comfydesk.jobs.model import DiskTrouble, Job, JobChanged, JobProgress, OutputSaved, SavedFile
from comfydesk.server.types import Credentials, Host, Trust

Event = dict[str, Any]
DISK_PATIENCE = 10.0  # seconds that a command waits for room on the disk


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made. Fields as the options of `comfydesk run`."""

    workflow: str
    host: str | None = None
    demo: bool = False
    assignments: Sequence[str] = ()  # "KEY=VALUE" as typed on a command line
    values: Mapping[str, Any] = field(default_factory=dict)  # key -> value as given from Python
    seed: int | str | None = None  # a number, "random", "keep", or None: the file's
    count: int = 1
    out: Path | None = None
    template: str | None = None
    timeout: float | None = None  # seconds for everything
    wait_server: float = 10.0
    keep_temp: bool = False
    allow_paid: bool = False  # runs may cost money
    credentials: Credentials | None = None
    trust: Trust | None = None
    allow_plain_auth: bool = False


class HeadlessRun:
    """Runs one order on an open engine. `report` gets events as plain dicts; it is called on the engine's thread."""

    def __init__(self, engine: Engine, order: Order, report: Callable[[Event], None] = lambda event: None) -> None:
        self._engine = engine
        self._order = order
        self._report = report
        self._deadline = None if order.timeout is None else time.monotonic() + order.timeout
        self._mine: dict[str, Job] = {}
        self._said: set[str] = set()
        self._early: list[Change] = []
        self._disk: tuple[float, str] | None = None  # since when downloads wait for the disk, and the sentence

    async def run(self) -> Outcome:
        """Connect, queue, wait, report. Raises Problem for what stops everything before the first job is committed."""
        unsubscribe = self._engine.changes.subscribe(self._follow)
        try:
            # What is wrong with the file and the names is said without asking any server.
            if self._order.template:
                naming.check_template(self._order.template)
            await self._engine.open_workflow(self._order.workflow, None)
            queued = await self.queue_on(await self._connect())
            if queued.reason:
                self._report(
                    {"type": "note", "text": f"Queued {len(queued.jobs)} of {self._order.count}: {queued.reason}."}
                )
            for job in queued.jobs:
                self._mine[job.job_id] = job
                self._report({"type": "submitted", "job": job.job_id, "seed": job.seed, "index": job.index})
            self._catch_up()
            try:
                jobs = await self._wait([job.job_id for job in queued.jobs])
            except Problem as problem:
                if problem.code == "job_timeout":
                    return await self._timed_out(queued)
                if problem.code in ("disk_full", "disk_write"):
                    return Outcome(await self._as_they_are(queued), DISK)
                raise
            for job in jobs:
                self._follow_one(JobChanged(job))
            return Outcome(tuple(jobs), exit_code(jobs))
        finally:
            unsubscribe()

    async def queue_on(self, host: Host) -> Queued:
        """Open the workflow for a connected host, put the order's values in, check them, and commit the jobs."""
        return await self._queue(await self._engine.open_workflow(self._order.workflow, host.host_id), host)

    async def interrupted(self) -> Outcome:
        """After Ctrl-C: nothing new is sent; what is on the server goes on there."""
        jobs = [await self._engine.queue.job(job_id) for job_id in self._mine]
        return Outcome(tuple(jobs), INTERRUPTED)

    async def _wait(self, job_ids: list[str]) -> list[Job]:
        """Wait for the jobs, but not for ever for a disk that has no room: nobody may be there to make some."""
        waiting = asyncio.create_task(self._engine.queue.wait(job_ids, self._left()))
        try:
            while not (await asyncio.wait({waiting}, timeout=1.0))[0]:
                if self._disk is not None and time.monotonic() - self._disk[0] > DISK_PATIENCE:
                    raise ReportedProblem("disk_write", self._disk[1], "")
            return waiting.result()
        finally:
            waiting.cancel()

    async def _as_they_are(self, queued: Queued) -> tuple[Job, ...]:
        return tuple([await self._engine.queue.job(job.job_id) for job in queued.jobs])

    async def _timed_out(self, queued: Queued) -> Outcome:
        jobs = await self._as_they_are(queued)
        left = sum(not job.state.is_final for job in jobs)
        problem = Problem("job_timeout", seconds=f"{self._order.timeout:g}", open=left)
        self._report({"type": "note", "text": f"{problem.message} {problem.next_step}"})
        return Outcome(jobs, NETWORK)

    async def _connect(self) -> Host:
        engine, order = self._engine, self._order
        if order.demo:
            return await engine.start_demo()
        host = (
            engine.hostbook.resolve(order.host)
            if order.host
            else (engine.hostbook.default() or engine.hostbook.resolve("127.0.0.1:8188"))
        )
        if order.trust is not None or order.allow_plain_auth:
            from dataclasses import replace

            host = replace(
                host, trust=order.trust or host.trust, allow_plain_auth=order.allow_plain_auth or host.allow_plain_auth
            )
        await self._in_time(host)
        return host

    async def _in_time(self, host: Host) -> None:
        """Connect within `wait_server` seconds, and within the time that the whole command has."""
        order, left = self._order, self._left()
        patience = order.wait_server if left is None else min(order.wait_server, left)
        try:
            connecting = self._engine.connect(host, order.credentials, wait_server=patience)
            await asyncio.wait_for(connecting, None if left is None else left + 0.5)
        except TimeoutError:  # an address that does not even refuse
            raise Problem("timeout", address=host.url, seconds=f"{order.timeout:g}") from None

    def _left(self) -> float | None:
        """Seconds that are left of `--timeout`."""
        return None if self._deadline is None else max(0.0, self._deadline - time.monotonic())

    async def _queue(self, opened: OpenWorkflow, host: Host) -> Queued:
        engine, order = self._engine, self._order
        opened, values = self._values(opened)
        modes, count = self._seeds(opened, values)
        for issue in await engine.check(opened, values):
            if issue.severity == "error":
                raise Problem(issue.code, field=issue.key or None, **issue.facts)
        out = str(order.out.absolute()) if order.out is not None else None
        if out:
            await engine.runtime.lane("files", 1).run(_make_folder, out)
        template = order.template or ("{workflow}_{index:04}_{seed}" if out else None)
        return await engine.queue_runs(
            opened,
            values,
            modes,
            count,
            host.host_id,
            previews=False,
            out_dir=out,
            template=template,
            keep_temp=order.keep_temp,
            draw_each=True,
            allow_paid=order.allow_paid,
        )

    def _values(self, opened: OpenWorkflow) -> tuple[OpenWorkflow, dict[str, Any]]:
        """The order's values by field key, and the workflow with the fields that they bring: a choice comes before the
        values that belong to it."""
        values: dict[str, Any] = {}
        for text in self._order.assignments:
            key, value = keys.parse_assignment(opened.form, text)
            values[key] = value
            opened = reshaped(opened, values)
        for name, value in self._order.values.items():
            values[keys.resolve(opened.form, name).key] = LocalFile(str(value)) if isinstance(value, Path) else value
            opened = reshaped(opened, values)
        return opened, values

    def _seeds(self, opened: OpenWorkflow, values: dict[str, Any]) -> tuple[dict[str, SeedMode], int]:
        """The file's seed, +1 for each further run; a workflow's other seeds stay: scripts are repeatable."""
        order = self._order
        main = seeds.primary(opened.form)
        mode = SeedMode.INCREMENT
        if order.seed == "random":
            mode = SeedMode.RANDOM
        elif order.seed == "keep":
            mode = SeedMode.FIXED
        elif isinstance(order.seed, int):
            values.update(dict.fromkeys(main, order.seed))
        modes = dict.fromkeys((field.key for field in seeds.seed_fields(opened.form)), SeedMode.FIXED)
        return modes | dict.fromkeys(main, mode), order.count

    # -- events ------------------------------------------------------------------------------------------------------

    def _follow(self, changes: list[Change]) -> None:
        if not self._mine:
            self._early.extend(c for c in changes if isinstance(c, JobChanged | OutputSaved))
            return
        for change in changes:
            self._follow_one(change)

    def _catch_up(self) -> None:
        early, self._early = self._early, []
        for change in early:
            self._follow_one(change)

    def _follow_one(self, change: Change) -> None:
        if isinstance(change, JobProgress) and change.job_id in self._mine:
            self._report(
                {
                    "type": "progress",
                    "job": change.job_id,
                    "node": change.node_title,
                    "value": change.node_value,
                    "max": change.node_max,
                    "fraction": round(change.fraction, 4),
                    "phase": change.phase,
                }
            )
        elif isinstance(change, OutputSaved) and change.job_id in self._mine:
            self._say_saved(change.job_id, change.file)
        elif isinstance(change, DiskTrouble):
            self._disk = (time.monotonic(), change.sentence) if change.sentence else None
            self._report({"type": "note", "text": change.sentence or "The disk can be written again."})
        elif isinstance(change, JobChanged) and change.job.job_id in self._mine:
            self._mine[change.job.job_id] = change.job
            if change.job.state.is_final:
                for file in change.job.files:
                    self._say_saved(change.job.job_id, file)
                self._say_finished(change.job)

    def _say_saved(self, job_id: str, file: SavedFile) -> None:
        if file.path not in self._said:
            self._said.add(file.path)
            self._report({"type": "saved", "job": job_id, **file_json(file)})

    def _say_finished(self, job: Job) -> None:
        if job.job_id in self._said:
            return
        self._said.add(job.job_id)
        if job.error is not None:
            self._report({"type": "failed", "job": job.job_id, "status": job.state.value, "error": error_json(job)})
        self._report({"type": "finished", "job": job.job_id, "status": job.state.value})


def _make_folder(folder: str) -> None:
    """Say at once that a folder cannot be, instead of after the first picture was made."""
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise Problem("disk_write", folder=folder, detail=exc.strerror or str(exc)) from exc
