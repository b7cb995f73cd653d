"""Kill it any time: after kill -9, the next start goes on, and finished work is not repeated (promises 1, 2, 4, 5)."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from comfydesk.base.paths import Home
from comfydesk.jobs.model import JobState, OwnerKind
from tests.jobs.conftest import Demo
from tests.jobs.rig import Rig, graph, no_half_files, until

ROOT = Path(__file__).resolve().parents[2]


class Client:
    def __init__(self, home: Home, results: Path, url: str, count: int, kind: str = "window") -> None:
        arguments = ["-m", "tests.faults.client_to_kill", str(home.root), str(results), url, str(count), kind]
        self._child = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._child.stdout is not None
        self.job_ids = self._child.stdout.readline().split()[1:]

    def kill(self) -> None:
        if self._child.poll() is None:
            os.kill(self._child.pid, signal.SIGKILL)
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                pipe.close()


@pytest.fixture
def start_client(home: Home, tmp_path: Path) -> Iterator[Callable[..., Client]]:
    clients: list[Client] = []

    def start(url: str, count: int, kind: str = "window") -> Client:
        clients.append(Client(home, tmp_path / "results", url, count, kind))
        return clients[-1]

    yield start
    for client in clients:
        client.kill()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no kill -9")
def test_promise_5_killed_again_and_again_every_job_runs_exactly_once(
    start_client: Callable[..., Client], make_rig: Callable[..., Rig], start_demo: Callable[..., Demo], home: Home
) -> None:
    demo = start_demo(step_ms=20)
    first = start_client(demo.url, 16)
    job_ids = first.job_ids
    assert len(job_ids) == 16
    for so_far in (3, 7):
        until(lambda so_far=so_far: len(demo.executions()) >= so_far)
        first.kill()
        first = start_client(demo.url, 0)
    until(lambda: len(demo.executions()) >= 10)
    first.kill()
    rig = make_rig()
    rig.connect(demo.url)
    done = rig.call(rig.queue.wait(job_ids, 30), 35)
    assert {job.state for job in done} == {JobState.DONE}
    runs = demo.executions()
    assert len(runs) == len({run["prompt_id"] for run in runs}) == 16, "executions == jobs"
    made = {run["prompt_id"]: run["files"][0]["sha256"] for run in runs}
    for job in done:
        (file,) = job.files
        assert file.sha256 == made[job.prompt_id]
        assert hashlib.sha256(Path(file.path).read_bytes()).hexdigest() == file.sha256
    assert len(rig.files()) == 16 and no_half_files(rig.results)
    assert [lock.stem for lock in home.owners.glob("*.lock")] == [rig.queue._owner.id], "the dead left no locks"


def test_a_dead_run_is_shown_and_continued_on_request(
    start_client: Callable[..., Client], make_rig: Callable[..., Rig], start_demo: Callable[..., Demo]
) -> None:
    demo = start_demo(step_ms=10)
    run = start_client(demo.url, 6, "run")
    until(lambda: len(demo.executions()) >= 2)
    window = make_rig()
    window.connect(demo.url)
    assert window.call(window.queue.dead_runs()) == [], "it lives"
    run.kill()
    left = window.call(window.queue.dead_runs())
    assert 0 < len(left) <= 6 and {job.owner_kind for job in left} == {OwnerKind.RUN}
    window.call(window.queue.adopt([job.job_id for job in left]))
    done = window.call(window.queue.wait(run.job_ids, 30), 35)
    assert {job.state for job in done} == {JobState.DONE}
    assert len(demo.executions()) == 6 and len(window.files()) == 6


def test_promise_12_window_and_command_work_side_by_side(
    make_rig: Callable[..., Rig], start_client: Callable[..., Client], start_demo: Callable[..., Demo]
) -> None:
    demo = start_demo(step_ms=2)
    window = make_rig()
    window.connect(demo.url)
    run = start_client(demo.url, 12, "run")
    mine = window.add(*[graph(seed=n, steps=3) for n in range(12)])
    done = window.call(window.queue.wait([*run.job_ids, *(job.job_id for job in mine)], 40), 45)
    assert {job.state for job in done} == {JobState.DONE}
    runs = [entry["prompt_id"] for entry in demo.executions()]
    assert len(runs) == len(set(runs)) == 24
    assert {job.owner for job in done} != {done[-1].owner}
    assert len(window.files()) == 24
