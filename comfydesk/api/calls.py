"""`generate` and `run_batch`: one call, all files. Blocking and thread-safe.

Each call works from any thread, also inside Jupyter's or FastAPI's running loop: the engine has a loop of its own.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comfydesk.api.ends import credentials_of, raise_failure
from comfydesk.base.paths import Home
from comfydesk.engine.engine import Engine
from comfydesk.engine.headless import HeadlessRun, Order
from comfydesk.engine.outcome import Outcome, error_json, file_json
from comfydesk.jobs.model import OwnerKind


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
    allow_paid: bool = False,
    name: str | None = None,
    home: str | os.PathLike[str] | None = None,
    progress: Callable[[dict[str, Any]], None] | None = None,
) -> list[Path]:
    """Run a workflow and return the files it made, in the order of the runs.

    `workflow`: a file or a name in the library (`sdxl`); `set`: values by key, title or role, e.g.
    `{"prompt": "a red fox"}` (a `pathlib.Path` uploads that file); `seed`: a number (then +1 for
    each further run), "random", or None for the file's own; `out`: a folder for the files, None:
    where the window puts them; `timeout`: seconds for everything; `allow_paid`: runs may cost money.
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
        allow_paid=allow_paid,
        credentials=credentials_of(token, auth, None),
    )
    outcome = _run(order, home, progress)
    raise_failure(outcome)
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
    allow_paid: bool = False,
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
        allow_paid=allow_paid,
        credentials=credentials_of(token, auth, None),
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
