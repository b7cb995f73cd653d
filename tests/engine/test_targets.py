"""Outputs that are not ticked are left out on the server, at the first try and at every later one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from comfydesk.base.paths import Home
from comfydesk.demo import process
from comfydesk.engine import Engine
from comfydesk.jobs.model import JobState, OwnerKind

PROMPT = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 255}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "first"}},
    "3": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}},
    "4": {"class_type": "SaveImage", "inputs": {"images": ["3", 0], "filename_prefix": "second"}},
}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = Engine.open(Home(tmp_path / "home", tmp_path / "home" / "cache"), OwnerKind.WINDOW)
    yield made
    made.close()


def test_only_the_ticked_output_comes_back_also_when_the_job_runs_again(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "two.json"
    file.write_text(json.dumps(PROMPT), encoding="utf-8")

    async def work(url: str) -> None:
        host = await engine.add_host("demo", url)
        opened = await engine.open_workflow(str(file), host.host_id)
        assert [node_id for node_id, *_ in opened.form.outputs] == ["2", "4"]
        queued = await engine.queue_runs(opened, {}, {}, 1, host.host_id, targets=("4",))
        (done,) = await engine.queue.wait([job.job_id for job in queued.jobs], 20)
        assert done.state is JobState.DONE and [item.node_id for item in done.files] == ["4"]
        (again,) = await engine.queue.retry([done.job_id])
        (done,) = await engine.queue.wait([again.job_id], 20)
        assert [item.node_id for item in done.files] == ["4"]
        assert (await engine.queue.request(again.job_id)).targets == ("4",)

    with process.start(step_ms=1) as server:
        engine.runtime.call(work(server.url), 60)
