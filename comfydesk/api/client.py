"""`Client` and `Workflow`: one connection for many jobs. Blocking and thread-safe."""

from __future__ import annotations

import os
import queue
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from comfydesk.api.ends import credentials_of, raise_failure
from comfydesk.base.paths import Home
from comfydesk.engine.engine import Engine
from comfydesk.engine.headless import HeadlessRun, Order
from comfydesk.engine.outcome import Outcome, error_json, file_json
from comfydesk.jobs.model import Job, JobChanged, JobProgress, OutputSaved, OwnerKind, SavedFile
from comfydesk.server.types import Credentials, Host, Trust


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
                    credentials_of(token, auth, headers),
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

    def submit(
        self,
        workflow: Workflow | str | os.PathLike[str],
        *,
        out: str | os.PathLike[str] | None = None,
        allow_paid: bool = False,
    ) -> str:
        """Commit one job and return its id; it is sent when the host has room. `allow_paid`: it may cost money."""
        chosen = workflow if isinstance(workflow, Workflow) else Workflow.load(workflow)
        return self._engine.runtime.call(self._submit(chosen, out, allow_paid))

    async def _submit(self, workflow: Workflow, out: str | os.PathLike[str] | None, allow_paid: bool) -> str:
        order = Order(
            workflow=workflow.source,
            values=workflow.values,
            out=Path(out) if out is not None else None,
            allow_paid=allow_paid,
        )
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
        raise_failure(Outcome((job,), 0))
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
