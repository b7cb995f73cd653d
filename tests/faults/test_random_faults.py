"""Everything at once: random faults on every endpoint, the seed printed (L1 and L4 of the reference, in small)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from comfydesk.jobs.model import JobState, OwnerKind
from tests.jobs.conftest import Demo
from tests.jobs.rig import Rig, graph, no_half_files

JOBS = 30


def _faults(probability: float) -> list[dict[str, object]]:
    on = {
        "POST /prompt": ["rst_before", "rst_after_enqueue", "status:502"],
        "GET /history/*": ["rst_before", "status:503", "bad_json"],
        "GET /view": ["rst_before", "trunc:0.5", "nolen:0.5", "reset_body", "html"],
        "GET /api/jobs*": ["rst_before", "status:502"],
        "GET /queue": ["rst_before", "html"],
        "WS executed": ["drop"],
        "WS execution_success": ["drop"],
        "JOB start": ["ws_drop"],
    }
    return [
        {"match": match, "do": do, "p": probability / len(actions)} for match, actions in on.items() for do in actions
    ]


@pytest.mark.parametrize(
    ("seed", "probability", "profile", "socket"),
    [(1, 0.10, "0.33.0", True), (2, 0.10, "0.3.64", True), (3, 0.25, "0.33.0", False)],
)
def test_promise_1_nothing_is_lost_doubled_or_spoilt(
    seed: int,
    probability: float,
    profile: str,
    socket: bool,
    make_rig: Callable[..., Rig],
    start_demo: Callable[..., Demo],
) -> None:
    demo = start_demo(step_ms=2, profile=profile)
    rules = _faults(probability)
    if not socket:
        rules.append({"match": "GET /ws", "do": "no_upgrade"})
    demo.control.load_script(rules, seed=seed)
    rig = make_rig(OwnerKind.RUN)
    rig.queue._fetcher.pause = (0.05, 0.5)
    rig.connect(demo.url, wait=None)
    jobs = rig.add(*[graph(seed=1000 * seed + n, steps=2) for n in range(JOBS)])
    done = rig.wait(jobs, timeout=45)
    injected = sum(1 for entry in demo.log() if entry.get("kind") == "fault")
    assert injected > 10, f"seed {seed}: a gate that injected no faults is itself a failure"
    assert {job.state for job in done} == {JobState.DONE}, f"seed {seed}: {[j for j in done if j.error]}"
    runs = demo.executions()
    ids = [run["prompt_id"] for run in runs]
    assert len(ids) == len(set(ids)) == JOBS, f"seed {seed}: executions == jobs"
    made = {run["prompt_id"]: run["files"][0]["sha256"] for run in runs}
    for job in done:
        (file,) = job.files
        assert file.sha256 == made[job.prompt_id] == hashlib.sha256(Path(file.path).read_bytes()).hexdigest()
    assert len(rig.files()) == JOBS and no_half_files(rig.results)
