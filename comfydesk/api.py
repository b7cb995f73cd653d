"""The Python API behind `comfydesk.generate`, `run_batch`, `Client` and `Workflow`. Blocking and thread-safe.

Each call works from any thread, also inside Jupyter's or FastAPI's running loop: the engine has a loop of its own.
"""

from __future__ import annotations

import json
import os
import queue
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from comfydesk.base.errors import Problem, ReportedProblem
from comfydesk.base.paths import Home
from comfydesk.engine.engine import Engine
from comfydesk.engine.headless import HeadlessRun, Order, Outcome, error_json, file_json
from comfydesk.jobs.model import Job, JobChanged, JobProgress, OutputSaved, OwnerKind, SavedFile
from comfydesk.server.types import AuthKind, Credentials, Host, Trust


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a batch. `files` in the order of the runs; `failed` holds one dict a run with its error."""

    files: list[Path]
    failed: list[dict[str, Any]]
    manifest: Path | None = None

    @property
    def ok(self) -> bool:
        return not self.failed


def generate(
    workflow: str | os.PathLike[str],
    *,
    host: str | None = None,
    set: Mapping[str, Any] | None = None,
    seed: int | str | None = None,
    count: int = 1,
    out: str | os.PathLike[str] | None = None,
    timeout: float | None = None,
    token: str | None = None,
    auth: tuple[str, str] | None = None,
    demo: bool = False,
    keep_temp: bool = False,
    name: str | None = None,
    home: str | os.PathLike[str] | None = None,
    progress: Callable[[dict[str, Any]], None] | None = None,
) -> list[Path]:
    """Run a workflow and return the files it made, in the order of the runs.

    `workflow`: a file or a name in the library (`sdxl`); `set`: values by key, title or role, e.g.
    `{"prompt": "a red fox"}` (a `pathlib.Path` uploads that file); `seed`: a number (then +1 for
    each further run), "random", or None for the file's own; `out`: a folder for the files, None:
    where the window puts them; `timeout`: seconds for everything.
    Raises Problem when a run fails, with the code and the next step of the first failure.
    """
    order = Order(
        workflow=os.fspath(workflow),
        host=host or os.environ.get("COMFYDESK_HOST"),
        demo=demo,
        values=dict(set or {}),
        seed=seed,
        count=count,
        out=Path(out) if out is not None else None,
        template=name,
        timeout=timeout,
        keep_temp=keep_temp,
        credentials=_credentials(token, auth, None),
    )
    outcome = _run(order, home, progress)
    _raise_failure(outcome)
    return outcome.files


def run_batch(
    workflow: str | os.PathLike[str],
    *,
    out: str | os.PathLike[str],
    count: int = 1,
    seed: int | str | None = None,
    host: str | None = None,
    set: Mapping[str, Any] | None = None,
    timeout: float | None = None,
    token: str | None = None,
    auth: tuple[str, str] | None = None,
    demo: bool = False,
    home: str | os.PathLike[str] | None = None,
    progress: Callable[[dict[str, Any]], None] | None = None,
) -> Report:
    """Run a workflow `count` times with seeds that go up by 1; files and a `manifest.json` lie in `out`.

    Unlike `generate` a run that fails raises nothing: it is listed in the report, and the others go on.
    """
    folder = Path(out)
    order = Order(
        workflow=os.fspath(workflow),
        host=host or os.environ.get("COMFYDESK_HOST"),
        demo=demo,
        values=dict(set or {}),
        seed=seed,
        count=count,
        out=folder,
        template="{index:04}_{seed}",
        timeout=timeout,
        credentials=_credentials(token, auth, None),
    )
    outcome = _run(order, home, progress)
    manifest = write_manifest(folder, order, outcome)
    failed = [
        {"index": job.index, "seed": job.seed, "status": job.state.value, "error": error_json(job)}
        for job in outcome.jobs
        if job.error is not None or not job.files
    ]
    return Report(outcome.files, failed, manifest)


def write_manifest(folder: Path, order: Order, outcome: Outcome) -> Path:
    """What was made, run by run, as JSON beside the files; written whole or not at all."""
    rows = [
        {
            "index": job.index,
            "seed": job.seed,
            "status": job.state.value,
            "error": error_json(job),
            "files": [{**file_json(f), "path": Path(f.path).name} for f in job.files],
        }
        for job in outcome.jobs
    ]
    folder.mkdir(parents=True, exist_ok=True)
    part, final = folder / ".manifest.json.part", folder / "manifest.json"
    part.write_text(json.dumps({"workflow": order.workflow, "count": order.count, "runs": rows}, indent=1), "utf-8")
    part.replace(final)
    return final


def _run(
    order: Order, home: str | os.PathLike[str] | None, progress: Callable[[dict[str, Any]], None] | None
) -> Outcome:
    engine = Engine.open(Home.locate(home, demo=order.demo), OwnerKind.API)
    try:
        return engine.runtime.call(HeadlessRun(engine, order, progress or (lambda event: None)).run())
    finally:
        engine.close()


def _raise_failure(outcome: Outcome) -> None:
    for job in outcome.jobs:
        if job.error is not None:
            raise ReportedProblem(
                job.error.code,
                job.error.message,
                job.error.next,
                node_id=job.error.node_id,
                field=job.error.field,
                details=job.error.details,
            )
    if not outcome.ok:
        left = sum(not job.state.is_final for job in outcome.jobs)
        raise Problem("unfinished" if left else "no_outputs", open=left)


def _credentials(
    token: str | None, auth: tuple[str, str] | None, headers: Mapping[str, str] | None
) -> Credentials | None:
    extra = tuple((headers or {}).items())
    if token:
        return Credentials(AuthKind.BEARER, "", token, extra)
    if auth:
        return Credentials(AuthKind.BASIC, auth[0], auth[1], extra)
    if extra:
        return Credentials(AuthKind.NONE, "", "", extra)
    from comfydesk.server import secrets

    return secrets.from_environment(token_file=None, header_file=None, environ=os.environ)


class Workflow:
    """A workflow with values set. `set` returns a new one, so that one workflow serves many jobs."""

    def __init__(self, source: str, values: Mapping[str, Any] | None = None) -> None:
        self.source = source
        self.values: dict[str, Any] = dict(values or {})

    @classmethod
    def load(cls, source: str | os.PathLike[str]) -> Self:
        """A workflow file, or a name in the library. It is read when it is submitted."""
        return cls(os.fspath(source))

    def set(self, key: str, value: Any) -> Self:
        """A copy with one more value set, by key (`3.seed`), title or role (`prompt`)."""
        return type(self)(self.source, {**self.values, key: value})


class Client:
    """One connection for many jobs: submit, watch, download. Use it as a context manager.

    `host` as for `generate`; `token`, `auth=(user, password)` or `headers` log in; `pin`/`ca_file` trust a certificate.
    """

    def __init__(
        self,
        host: str | None = None,
        *,
        token: str | None = None,
        auth: tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        pin: str = "",
        ca_file: str = "",
        allow_plain_auth: bool = False,
        demo: bool = False,
        home: str | os.PathLike[str] | None = None,
        wait_server: float = 10.0,
    ) -> None:
        self._engine = Engine.open(Home.locate(home, demo=demo), OwnerKind.API)
        try:
            self._host = self._engine.runtime.call(
                self._connect(
                    host or os.environ.get("COMFYDESK_HOST"),
                    _credentials(token, auth, headers),
                    Trust(pin, ca_file),
                    allow_plain_auth,
                    demo,
                    wait_server,
                )
            )
        except BaseException:
            self._engine.close()
            raise

    async def _connect(
        self, text: str | None, login: Credentials | None, trust: Trust, plain: bool, demo: bool, wait: float
    ) -> Host:
        if demo:
            return await self._engine.start_demo()
        book = self._engine.hostbook
        host = book.resolve(text) if text else book.default() or book.resolve("127.0.0.1:8188")
        if trust != Trust() or plain:
            host = replace(host, trust=trust, allow_plain_auth=plain)
        await self._engine.connect(host, login, wait_server=wait)
        return host

    def submit(self, workflow: Workflow | str | os.PathLike[str], *, out: str | os.PathLike[str] | None = None) -> str:
        """Commit one job and return its id; it is sent as soon as the host has room."""
        chosen = workflow if isinstance(workflow, Workflow) else Workflow.load(workflow)
        return self._engine.runtime.call(self._submit(chosen, out))

    async def _submit(self, workflow: Workflow, out: str | os.PathLike[str] | None) -> str:
        order = Order(workflow=workflow.source, values=workflow.values, out=Path(out) if out is not None else None)
        queued = await HeadlessRun(self._engine, order).queue_on(self._host)
        return queued.jobs[0].job_id

    def watch(self, job_id: str) -> Iterator[dict[str, Any]]:
        """Events of one job until it is finished: `progress`, `saved`, and last `finished` with its status."""
        events: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()

        told: set[str] = set()

        def saved(file: SavedFile) -> None:
            if file.path not in told:
                told.add(file.path)
                events.put({"type": "saved", **file_json(file)})

        def follow(changes: list[Any]) -> None:
            for change in changes:
                if isinstance(change, JobProgress) and change.job_id == job_id:
                    events.put(
                        {
                            "type": "progress",
                            "node": change.node_title,
                            "fraction": change.fraction,
                            "phase": change.phase,
                        }
                    )
                elif isinstance(change, OutputSaved) and change.job_id == job_id:
                    saved(change.file)
                elif isinstance(change, JobChanged) and change.job.job_id == job_id and change.job.state.is_final:
                    for file in change.job.files:
                        saved(file)
                    events.put(_finished(change.job))

        unsubscribe = self._engine.changes.subscribe(follow)
        try:
            job = self._engine.runtime.call(self._engine.queue.job(job_id))
            if job.state.is_final:
                follow([JobChanged(job)])
            while True:
                event = events.get()
                yield event
                if event["type"] == "finished":
                    return
        finally:
            unsubscribe()

    def wait(self, job_id: str, timeout: float | None = None) -> Job:
        """Block until the job is finished. Raises TimeoutError."""
        return self._engine.runtime.call(self._engine.queue.wait([job_id], timeout))[0]

    def download(self, job_id: str, folder: str | os.PathLike[str]) -> list[Path]:
        """Wait for the job and copy its files into `folder` without overwriting anything there."""
        from comfydesk.jobs.downloads import copy_into

        job = self.wait(job_id)
        _raise_failure(Outcome((job,), 0))
        target = Path(folder)
        return [copy_into(Path(file.path), target) for file in job.files]

    def cancel(self, job_id: str) -> None:
        """Cancel a job; it is cancelled when its state says so."""
        self._engine.runtime.call(self._engine.queue.cancel([job_id]))

    def close(self) -> None:
        """End the connection. Jobs already on the server go on there."""
        self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _finished(job: Job) -> dict[str, Any]:
    return {"type": "finished", "status": job.state.value, "seed": job.seed, "error": error_json(job)}
