"""Servers that restart, forget and lie (section 2, faults 17-26)."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from comfydesk.jobs import absence
from comfydesk.jobs.link import HostLink
from comfydesk.jobs.model import FINAL, Job, JobChanged, JobState, OwnerKind
from comfydesk.server.messages import Message, decode
from tests.jobs.conftest import Demo
from tests.jobs.rig import Rig, graph, no_half_files, until


def _started(rig: Rig, count: int) -> list[Job]:
    """One quick job is done, the first of `count` slow ones runs."""
    (first,) = rig.wait(rig.add(graph(seed=1, steps=120)))
    slow = rig.add(*[graph(seed=10 + n, steps=120) for n in range(count)])
    rig.until_state(slow[0], JobState.RUNNING)
    return [first, *slow]


def test_fault_17_after_a_restart_the_window_asks(
    make_rig: Callable[..., Rig], start_demo: Callable[..., Demo]
) -> None:
    demo = start_demo()
    rig = make_rig()
    rig.connect(demo.url)
    jobs = _started(rig, 4)
    until(lambda: demo.posts() >= 3)
    kept = rig.files()
    demo.control.do("restart:300")
    first, *rest = rig.wait(jobs, timeout=40)
    lost = [job for job in rest if job.state is JobState.LOST]
    assert lost and all(job.error is not None and job.error.code == "lost" and job.error.next for job in lost)
    assert {job.state for job in rest} == {JobState.LOST, JobState.DONE}, "what waited here runs on"
    assert first.state is JobState.DONE and kept[0] in rig.files()
    again = rig.call(rig.queue.retry([job.job_id for job in lost]))
    assert {job.state for job in rig.wait(again)} == {JobState.DONE}
    assert "run again as" in rig.job(lost[0]).note


def test_fault_17_after_a_restart_a_command_runs_lost_jobs_again(
    make_rig: Callable[..., Rig], start_demo: Callable[..., Demo]
) -> None:
    demo = start_demo()
    rig = make_rig(OwnerKind.RUN)
    rig.connect(demo.url)
    jobs = _started(rig, 3)
    demo.control.do("restart:300")
    done = rig.wait(jobs, timeout=40)
    assert {job.state for job in done} == {JobState.DONE}
    again = [job for job in done if job.attempts > 1]
    assert again and all("restarted" in job.note for job in again), "the history says so"
    assert len(rig.files()) == len(done) and no_half_files(rig.results)
    ran = [run["prompt_id"] for run in demo.executions()]
    assert len(ran) == len(set(ran)), "a new attempt has a new id"


def test_fault_17_a_server_that_was_killed_is_waited_for(
    make_rig: Callable[..., Rig], start_demo: Callable[..., Demo], tmp_path: Path
) -> None:
    demo = start_demo(state_dir=tmp_path / "server")
    rig = make_rig(OwnerKind.RUN)
    rig.connect(demo.url)
    jobs = rig.add(*[graph(seed=10 + n, steps=60) for n in range(3)])
    rig.until_state(jobs[1], JobState.RUNNING)
    demo.child.kill()
    start_demo(port=demo.child.port, state_dir=tmp_path / "server")
    done = rig.wait(jobs, timeout=40)
    assert {job.state for job in done} == {JobState.DONE} and len(rig.files()) == 3


def test_fault_18_a_cleared_queue_is_no_restart(
    make_rig: Callable[..., Rig], start_demo: Callable[..., Demo], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(absence, "GRACE", 1.0)
    demo = start_demo()
    rig = make_rig(OwnerKind.RUN)
    rig.connect(demo.url)
    jobs = _started(rig, 2)
    until(lambda: demo.posts() == 3)
    demo.control.do("clear_queue")
    done = rig.wait(jobs, timeout=40)
    assert [job.state for job in done] == [JobState.DONE, JobState.DONE, JobState.LOST]
    assert done[2].note == "removed on the server" and len(demo.executions()) == 2


def test_fault_19_a_history_that_is_gone_leaves_the_outputs_that_were_named(
    rig: Rig, demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Every question about the job is answered as by a server that never heard of it.
    demo.control.load_script(
        [
            {"match": "GET /history/*", "do": "reply", "json": {}},
            {"match": "JOB done", "do": "evict"},
        ]
    )
    monkeypatch.setattr(absence, "SUCCESS_GRACE", 1.0)
    (done,) = rig.wait(rig.add(graph(seed=3)), timeout=30)
    assert done.state is JobState.DONE and len(done.files) == 1 and "forgot" in done.note


@pytest.mark.parametrize("status", [404, 400, 403])
def test_fault_22_a_file_that_is_gone_makes_the_job_partial_with_a_retry(status: int, rig: Rig, demo: Demo) -> None:
    demo.control.load_script([{"match": "GET /view", "do": f"status:{status}", "times": 20 if status == 403 else 1}])
    if status == 403:
        demo.control.load_script([{"match": "GET /view", "do": "reply", "status": 404, "text": "", "times": 1}])
    (job,) = rig.wait(rig.add(graph(seed=4)))
    assert job.state is JobState.PARTIAL and job.missing == 1 and job.files == ()
    assert job.error is not None and job.error.code == "output_missing" and "ComfyDesk_" in job.error.message
    demo.control.load_script([])
    rig.call(rig.queue.retry_downloads([job.job_id]))
    (again,) = rig.wait([job])
    assert again.state is JobState.DONE and again.missing == 0 and again.error is None


def test_fault_24_a_blocked_branch_is_no_failure(rig: Rig, demo: Demo) -> None:
    """S12: an execution_error of the type ExecutionBlocked does not end the job."""
    blocked = {"exception_type": "ExecutionBlocked", "exception_message": "x", "node_id": "9", "node_type": "SaveImage"}
    (first,) = rig.add(graph(seed=5, steps=40))
    running = rig.until_state(first, JobState.RUNNING)
    demo.control.load_script(
        [
            {
                "match": "WS progress",
                "nth": 2,
                "do": "replace",
                "json": blocked | {"prompt_id": running.prompt_id},
            }
        ]
    )
    assert rig.wait([first])[0].state is JobState.DONE


def test_promise_7_every_job_ends_in_exactly_one_state(rig: Rig) -> None:
    prompts = [graph(seed=1), graph(seed=2, prompt="FAIL"), graph(seed=3, n9=None), graph(seed=4)]
    jobs = rig.add(*prompts)
    rig.call(rig.queue.cancel([jobs[3].job_id]))
    ended = rig.wait(jobs)
    assert all(job.state.is_final for job in ended)
    for job in jobs:
        rig.until_state(job, *FINAL)
        finals = {c.job.state for c in rig.seen(JobChanged) if c.job.job_id == job.job_id and c.job.state.is_final}
        assert len(finals) == 1


def test_fault_25_odd_messages_are_ignored_and_the_job_ends_well(rig: Rig) -> None:
    """Thousands of messages with missing, extra and wrongly typed fields, all about a job of ours."""
    (job,) = rig.add(graph(seed=6, steps=60))
    prompt_id = rig.until_state(job, JobState.RUNNING).prompt_id
    draw = random.Random(25)
    kinds = "status execution_start execution_cached executing progress progress_state executed execution_success"
    odd = [None, -1, 1e308, "x", "", [], {}, [[]], {"a": {}}, True, "\ud800", 2**70, prompt_id]
    link = rig.pool.link("demo")
    assert link is not None
    batch: list[Message] = []
    for _ in range(5000):
        fields = ["node", "nodes", "output", "value", "max", "display_node", "timestamp", "status", "exec_info"]
        data = {name: draw.choice(odd) for name in draw.sample(fields, draw.randrange(5))}
        data["prompt_id"] = draw.choice([prompt_id] * 8 + odd)
        kind = draw.choice([*kinds.split(), "execution_interrupted", "execution_error", "new_in_2030"])
        if message := decode(json.dumps({"type": kind, "data": data})):
            batch.append(message)
    assert len(batch) > 2000
    for start in range(0, len(batch), 100):
        rig.call(_hear(rig, link, batch[start : start + 100]))
    assert rig.wait([job])[0].state is JobState.DONE


async def _hear(rig: Rig, link: HostLink, batch: list[Message]) -> None:
    rig.queue.messages(link, batch)
