"""The main job through the queue: from a committed row to files on disk, with everything that is shown meanwhile."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from comfydesk.jobs.model import (
    Job,
    JobProgress,
    JobState,
    OutputPreview,
    OutputSaved,
    OwnerKind,
    Preview,
    QueueSummary,
)
from comfydesk.server.messages import PreviewImage
from comfydesk.server.types import Connection

from .conftest import Demo
from .rig import Rig, graph, no_half_files, until

PREVIEW = {"class_type": "PreviewImage", "inputs": {"images": ["8", 0]}}


def test_one_job_ends_as_a_file_on_disk(rig: Rig, demo: Demo) -> None:
    (job,) = rig.add(graph(seed=7))
    assert job.state is JobState.WAITING
    (done,) = rig.wait([job])
    assert done.state is JobState.DONE and done.error is None and done.attempts == 1
    (file,) = done.files
    path = Path(file.path)
    assert path.parent.parent == rig.results / "SDXL" and path.name.endswith("_7.png")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == file.sha256
    (run,) = demo.executions()
    assert [f["sha256"] for f in run["files"]] == [file.sha256]
    saved = rig.wait_for(OutputSaved)
    assert (saved.job_id, saved.file, saved.kind) == (job.job_id, file, "picture")
    assert no_half_files(rig.results)
    rig.until_connection(Connection.LIVE)


def test_thirty_jobs_run_once_each_and_in_order(rig: Rig, demo: Demo) -> None:
    jobs = rig.add(*[graph(seed=100 + n, steps=1) for n in range(30)])
    done = rig.wait(jobs)
    assert {job.state for job in done} == {JobState.DONE}
    runs = demo.executions()
    assert [run["prompt_id"] for run in runs] == [job.prompt_id for job in done], "each once, in the order of the press"
    assert [Path(job.files[0].path).stem.split("_")[-1] for job in done] == [str(100 + n) for n in range(30)]
    assert len(rig.files()) == 30 and no_half_files(rig.results)


def test_progress_names_the_node_and_never_goes_back(rig: Rig) -> None:
    (job,) = rig.add(graph(seed=31, steps=80))
    rig.until_state(job, JobState.DONE)
    steps = [p for p in rig.seen(JobProgress) if p.job_id == job.job_id]
    assert steps and {p.nodes_total for p in steps} == {7}
    assert [p.fraction for p in steps] == sorted(p.fraction for p in steps)
    sampling = [p for p in steps if p.phase == "sampling"]
    assert sampling and sampling[-1].node_title == "KSampler" and sampling[-1].node_max == 80


def test_previews_come_only_while_somebody_looks(rig: Rig) -> None:
    (unseen,) = rig.add(graph(seed=41), previews=True)
    rig.until_state(unseen, JobState.DONE)
    assert rig.seen(Preview) == []
    rig.queue.set_previews(True)
    (shown,) = rig.add(graph(seed=42), previews=True)
    rig.until_state(shown, JobState.DONE)
    previews = rig.seen(Preview)
    assert previews and {p.job_id for p in previews} == {shown.job_id}
    assert previews[0].mime == "image/jpeg" and previews[0].data.startswith(b"\xff\xd8") and previews[0].node_id == "3"


def test_a_preview_without_an_id_counts_only_while_our_own_job_runs(rig: Rig) -> None:
    """Binary type 1 names nobody (S10)."""
    rig.queue.set_previews(True)
    link = rig.pool.link("demo")
    assert link is not None
    nameless = PreviewImage("image/jpeg", b"\xff\xd8")

    async def hear() -> None:
        assert link is not None
        rig.queue.messages(link, [nameless])

    (job,) = rig.add(graph(seed=43, steps=100))
    rig.until_state(job, JobState.RUNNING)
    rig.call(hear())
    assert rig.wait_for(Preview).job_id == job.job_id
    rig.wait([job])
    rig.forget()
    rig.call(hear())
    rig.wait(rig.add(graph(seed=44)))
    assert rig.seen(Preview) == []


def test_a_repeat_from_the_cache_is_saved_and_says_so(rig: Rig) -> None:
    first, second = rig.add(graph(seed=51), graph(seed=51))
    first, second = rig.wait([first, second])
    assert first.state is second.state is JobState.DONE
    assert first.note == "" and "same as before" in second.note
    assert first.files[0].sha256 == second.files[0].sha256


def test_more_pictures_of_one_job_are_numbered(rig: Rig) -> None:
    prompt = graph(seed=61)
    prompt["5"]["inputs"]["batch_size"] = 3
    (done,) = rig.wait(rig.add(prompt))
    names = [Path(file.path).stem.split("_", 1)[1] for file in done.files]
    assert names == ["61", "61_2", "61_3"]


def test_a_flat_folder_and_a_template_are_followed(rig: Rig, tmp_path: Path) -> None:
    jobs = rig.add(
        *[graph(seed=s) for s in (71, 72)], out_dir=str(tmp_path / "out"), template="{workflow}_{index:04}_{seed}"
    )
    done = rig.wait(jobs)
    assert [Path(job.files[0].path) for job in done] == [
        tmp_path / "out" / "SDXL_0001_71.png",
        tmp_path / "out" / "SDXL_0002_72.png",
    ]


def test_a_preview_beside_a_picture_is_shown_and_kept_on_request(rig: Rig) -> None:
    (done,) = rig.wait(rig.add(graph(seed=81, n10=PREVIEW)))
    assert len(done.files) == 1 and done.files[0].node_id == "9"
    shown = rig.wait_for(OutputPreview)
    assert (shown.node_id, shown.remote.type) == ("10", "temp") and Path(shown.cache_path).is_file()
    kept = rig.call(rig.queue.keep(shown.output_id))
    assert Path(kept.path).name.endswith("81_2.png")
    assert len(rig.job(done).files) == 2 and rig.job(done).state is JobState.DONE
    assert rig.call(rig.queue.keep(shown.output_id)) == kept, "keeping twice saves once"
    assert len(rig.files()) == 2


def test_a_workflow_of_previews_only_saves_them(rig: Rig) -> None:
    (done,) = rig.wait(rig.add(graph(seed=82, n9=None, n10=PREVIEW)))
    assert done.state is JobState.DONE and [file.remote.type for file in done.files] == ["temp"]


def test_keep_temp_saves_everything(rig: Rig) -> None:
    (done,) = rig.wait(rig.add(graph(seed=83, n10=PREVIEW), keep_temp=True))
    assert {file.remote.type for file in done.files} == {"temp", "output"}


def test_the_summary_knows_counts_and_an_honest_eta(rig: Rig) -> None:
    assert rig.call(rig.queue.summary()).eta is None, "nothing waits"
    (first,) = rig.add(graph(seed=91, steps=60), workflow="never ran")
    assert rig.call(rig.queue.summary()).eta is None, "nobody knows how long it takes"
    rig.wait([first])
    jobs = rig.add(*[graph(seed=92 + n, steps=60) for n in range(4)], workflow="never ran")
    summary = rig.call(rig.queue.summary())
    assert summary.waiting + summary.running == 4 and summary.done_today == 1 and not summary.paused
    assert summary.eta is not None and 0.1 < summary.eta - time.time() < 30
    rig.wait(jobs)
    rig.wait_for(QueueSummary, lambda s: s.done_today == 5 and s.waiting == 0)


def test_jobs_can_be_listed_by_page(rig: Rig) -> None:
    done = rig.wait(rig.add(*[graph(seed=s, steps=1) for s in (1, 2, 3)]))
    rig.call(rig.queue.pause())
    open_job = rig.add(graph(seed=4))[0]
    found: list[Job] = rig.call(rig.queue.jobs(limit=2))
    assert [job.seed for job in found] == [4, 3, 2], "open ones, and the newest two of the others"
    older: list[Job] = rig.call(rig.queue.jobs(limit=10, before=open_job.created_at))
    assert {job.job_id for job in older} == {job.job_id for job in done}
    assert rig.call(rig.queue.prompt(open_job.job_id)) == graph(seed=4)
    assert rig.call(rig.queue.request(open_job.job_id)).titles["3"] == "KSampler"


def test_a_seed_of_64_bits_survives(rig: Rig) -> None:
    top = 2**64 - 1
    (done,) = rig.wait(rig.add(graph(seed=top)))
    assert done.seed == top and str(top) in Path(done.files[0].path).name
    assert rig.call(rig.queue.prompt(done.job_id))["3"]["inputs"]["seed"] == top


def test_adding_a_thousand_jobs_takes_less_than_a_second(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig()
    prompts = [graph(seed=n) for n in range(1000)]
    begun = time.monotonic()
    jobs = rig.add(*prompts)
    assert time.monotonic() - begun < 1.0 and len(jobs) == 1000


def test_jobs_wait_for_a_server_that_is_away(make_rig: Callable[..., Rig], start_demo: Callable[..., Demo]) -> None:
    demo = start_demo()
    port = demo.child.port
    demo.child.stop()
    rig = make_rig()
    rig.connect(demo.url, wait=None)
    rig.until_connection(Connection.OFFLINE)
    (job,) = rig.add(graph(seed=5))
    start_demo(port=port)
    assert rig.wait([job])[0].state is JobState.DONE


@pytest.mark.parametrize("kind", [OwnerKind.RUN, OwnerKind.API])
def test_an_old_server_works_too(
    kind: OwnerKind, make_rig: Callable[..., Rig], start_demo: Callable[..., Demo]
) -> None:
    demo = start_demo(profile="0.3.64")
    rig = make_rig(kind)
    rig.connect(demo.url)
    jobs = rig.add(*[graph(seed=n) for n in range(4)])
    assert {job.state for job in rig.wait(jobs)} == {JobState.DONE}
    assert len(demo.executions()) == 4
    (stopped,) = rig.add(graph(seed=9, steps=2000))
    rig.until_state(stopped, JobState.RUNNING)
    rig.call(rig.queue.stop_running())
    assert rig.wait([stopped])[0].state is JobState.CANCELLED
    until(lambda: len(demo.executions()) == 5)
