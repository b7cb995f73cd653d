"""What the engine adds to the rooms: runs become jobs, files become rows, and nothing is left over."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.demo import process
from comfydesk.demo.process import DemoProcess
from comfydesk.engine import Engine
from comfydesk.form.fields import LocalFile, SeedMode
from comfydesk.jobs.model import Job, JobState, OwnerKind
from comfydesk.library.model import LibraryChanged

PHOTO = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "example.png"}, "_meta": {"title": "Photo"}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "out"}},
}


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoProcess]:
    with process.start(step_ms=1) as server:
        yield server


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home", tmp_path / "home" / "cache")


@pytest.fixture
def engine(home: Home) -> Iterator[Engine]:
    made = Engine.open(home, OwnerKind.WINDOW)
    yield made
    made.close()


def run(engine: Engine, url: str, workflow: str, values: dict[str, Any], out: Path, count: int = 1) -> list[Job]:
    """Queue a workflow on a server and wait for its jobs."""

    async def work() -> list[Job]:
        host = await engine.add_host("box", url)
        opened = await engine.open_workflow(workflow, host.host_id)
        modes = dict.fromkeys((f.key for f in opened.form.fields if f.seed_mode), SeedMode.INCREMENT)
        queued = await engine.queue_runs(opened, values, modes, count, host.host_id, out_dir=str(out))
        return await engine.queue.wait([job.job_id for job in queued.jobs], 30)

    return engine.runtime.call(work())


def test_every_saved_file_is_in_the_gallery_when_the_engine_has_closed(
    home: Home, demo: DemoProcess, tmp_path: Path
) -> None:
    first = Engine.open(home, OwnerKind.RUN)
    jobs = run(first, demo.url, "sdxl", {"3.seed": 11}, tmp_path / "out", count=3)
    first.close()
    assert [job.state for job in jobs] == [JobState.DONE] * 3
    second = Engine.open(home, OwnerKind.WINDOW)
    try:
        items = second.runtime.call(second.gallery.page(0, 10))
        assert {item.path for item in items} == {file.path for job in jobs for file in job.files}
        assert {item.seed for item in items} == {11, 12, 13}
        assert {item.host for item in items} == {"box"}
        details = second.runtime.call(second.gallery.details(items[0].item_id))
        assert details["params"]["Steps"] == 20
    finally:
        second.close()


def test_rows_that_a_crash_left_out_are_made_at_the_next_start(home: Home, demo: DemoProcess, tmp_path: Path) -> None:
    first = Engine.open(home, OwnerKind.RUN)
    jobs = run(first, demo.url, "sdxl", {"3.seed": 21}, tmp_path / "out")
    first.close()
    for file in home.root.glob("gallery.db*"):
        file.unlink()
    second = Engine.open(home, OwnerKind.WINDOW)
    try:
        deadline = time.monotonic() + 10
        while not (items := second.runtime.call(second.gallery.page(0, 10))) and time.monotonic() < deadline:
            pass
        assert [item.path for item in items] == [jobs[0].files[0].path]
    finally:
        second.close()


def test_a_picked_picture_is_copied_uploaded_and_used(engine: Engine, demo: DemoProcess, tmp_path: Path) -> None:
    import json

    photo = tmp_path / "my photo é.png"
    Image.new("RGB", (40, 30), (200, 10, 60)).save(photo)
    workflow = tmp_path / "photo.json"
    workflow.write_text(json.dumps(PHOTO))
    (job,) = run(engine, demo.url, str(workflow), {"1.image": LocalFile(str(photo))}, tmp_path / "out")
    assert job.state is JobState.DONE, job.error
    with Image.open(job.files[0].path) as result:
        assert result.size == (40, 30)
        assert result.convert("RGB").getpixel((5, 5)) == (200, 10, 60)


def test_a_picked_picture_that_is_gone_is_said_before_anything_is_queued(
    engine: Engine, demo: DemoProcess, tmp_path: Path
) -> None:
    import json

    workflow = tmp_path / "photo.json"
    workflow.write_text(json.dumps(PHOTO))
    with pytest.raises(Problem) as caught:
        run(engine, demo.url, str(workflow), {"1.image": LocalFile(str(tmp_path / "gone.png"))}, tmp_path / "out")
    assert caught.value.code == "input_missing"
    assert engine.runtime.call(engine.queue.jobs()) == []


def test_copies_of_inputs_go_when_no_job_needs_them(home: Home) -> None:
    home.make()
    old = home.inputs / ("a" * 64 + ".png")
    new = home.inputs / ("b" * 64 + ".png")
    for file in (old, new):
        file.write_bytes(b"x")
    month_ago = time.time() - 30 * 86_400
    os.utime(old, (month_ago, month_ago))
    engine = Engine.open(home, OwnerKind.WINDOW)
    deadline = time.monotonic() + 10
    while old.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    engine.close()
    assert not old.exists() and new.exists()


def test_what_was_typed_is_there_after_a_restart(home: Home) -> None:
    first = Engine.open(home, OwnerKind.WINDOW)
    first.runtime.call(first.save_draft("sdxl", {"values": {"6.text": "a teapot"}}))
    first.close()
    second = Engine.open(home, OwnerKind.WINDOW)
    opened = second.runtime.call(second.open_workflow("sdxl", None))
    second.close()
    assert opened.draft == {"values": {"6.text": "a teapot"}}
    assert opened.specs_from == "none"


def test_an_imported_workflow_is_announced_and_there_after_a_restart(home: Home, tmp_path: Path) -> None:
    import json

    file = tmp_path / "Mine.json"
    file.write_text(json.dumps(PHOTO))
    heard: list[Any] = []
    first = Engine.open(home, OwnerKind.WINDOW)
    first.changes.subscribe(heard.extend)
    entry = first.runtime.call(first.import_workflow(str(file)))
    first.close()
    file.unlink()
    second = Engine.open(home, OwnerKind.WINDOW)
    names = [found.name for found in second.runtime.call(second.workflows())]
    second.close()
    assert entry.name in names
    assert any(isinstance(change, LibraryChanged) for change in heard)


def test_a_gallery_that_cannot_be_opened_is_a_problem_and_leaves_no_thread(home: Home) -> None:
    home.make()
    home.jobs_db.mkdir()
    with pytest.raises(Problem):
        Engine.open(home, OwnerKind.WINDOW)


def test_closing_twice_is_fine(home: Home) -> None:
    engine = Engine.open(home, OwnerKind.API)
    engine.close()
    engine.close()
