"""The network as it is: lost answers, bodies and sockets. Nothing is lost, nothing runs twice (faults 4 to 12)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from comfydesk.jobs.model import HostChanged, JobState, OwnerKind
from comfydesk.server.types import Connection
from tests.jobs.conftest import Demo
from tests.jobs.rig import Rig, graph, no_half_files


def _all_done_once(rig: Rig, demo: Demo, count: int, **fields: Any) -> None:
    """`count` jobs: each executed exactly once, each file byte-identical, nothing half."""
    jobs = rig.wait(rig.add(*[graph(seed=500 + n, steps=2) for n in range(count)], **fields), timeout=40)
    assert {job.state for job in jobs} == {JobState.DONE}
    runs = demo.executions()
    assert sorted(run["prompt_id"] for run in runs) == sorted(job.prompt_id for job in jobs)
    made = {run["prompt_id"]: [f["sha256"] for f in run["files"]] for run in runs}
    for job in jobs:
        assert [file.sha256 for file in job.files] == made[job.prompt_id]
        for file in job.files:
            assert hashlib.sha256(Path(file.path).read_bytes()).hexdigest() == file.sha256
    assert len(rig.files()) == count and no_half_files(rig.results)


def test_fault_4_a_reset_before_the_request_was_read_is_sent_again(rig: Rig, demo: Demo) -> None:
    demo.control.load_script([{"match": "POST /prompt", "nth": 1, "do": "rst_before"}])
    _all_done_once(rig, demo, 2)


def test_fault_5_a_lost_answer_is_looked_up_and_the_job_runs_exactly_once(rig: Rig, demo: Demo) -> None:
    demo.control.load_script([{"match": "POST /prompt", "every": 2, "do": "rst_after_enqueue"}])
    _all_done_once(rig, demo, 6)
    assert demo.posts() == 6, "nothing was sent blindly again"


def test_fault_11_an_overloaded_proxy_is_waited_out(rig: Rig, demo: Demo) -> None:
    demo.control.load_script(
        [
            {"match": "POST /prompt", "nth": 1, "do": "status:503:0"},
            {"match": "POST /prompt", "nth": 2, "do": "status:429:0"},
            {"match": "GET /view", "nth": 1, "do": "status:502"},
        ]
    )
    _all_done_once(rig, demo, 2)


@pytest.mark.parametrize("fault", ["trunc:0.5", "nolen:0.5", "reset_body", "wrong_len:0.7", "html", "rst_before"])
def test_faults_10_and_12_a_spoilt_download_is_fetched_again(fault: str, rig: Rig, demo: Demo) -> None:
    demo.control.load_script([{"match": "GET /view", "nth": 1, "do": fault}])
    _all_done_once(rig, demo, 1)


def test_promise_6_the_socket_may_die(make_rig: Callable[..., Rig], start_demo: Callable[..., Demo]) -> None:
    """Fault 8: no upgrade at all, as behind a proxy that lacks it."""
    demo = start_demo(script=[{"match": "GET /ws", "do": "no_upgrade"}])
    rig = make_rig()
    rig.connect(demo.url)
    _all_done_once(rig, demo, 4)
    # The window can say why there is no live view.
    rig.wait_for(HostChanged, lambda c: c.connection is Connection.POLLING and c.sentence != "")


@pytest.mark.parametrize("fault", ["ws_deaf", "ws_mute"])
def test_fault_8_a_deaf_or_muted_socket_delays_and_loses_nothing(fault: str, rig: Rig, demo: Demo) -> None:
    rig.until_connection(Connection.LIVE)
    demo.control.do(fault)
    _all_done_once(rig, demo, 3)


def test_a_deaf_socket_is_left_and_live_again_under_a_fresh_id(rig: Rig, demo: Demo) -> None:
    rig.until_connection(Connection.LIVE)
    link = rig.pool.link("demo")
    assert link is not None
    before = link.client_id
    rig.forget()
    demo.control.do("ws_deaf")
    rig.wait(rig.add(graph(seed=1), graph(seed=2)))
    rig.until_connection(Connection.LIVE)
    assert link.client_id != before


def test_fault_7_a_socket_that_drops_again_and_again_stops_no_job(rig: Rig, demo: Demo) -> None:
    rig.until_connection(Connection.LIVE)
    demo.control.load_script([{"match": "JOB start", "do": "ws_drop"}])
    _all_done_once(rig, demo, 6)
    sockets = sum(1 for entry in demo.log() if entry.get("path") == "/ws")
    assert sockets <= 6, "no storm of reconnects"


def test_fault_20_a_history_that_comes_late_is_waited_for(rig: Rig, demo: Demo) -> None:
    demo.control.load_script([{"match": "GET /history/*", "do": "reply", "json": {}, "times": 4}])
    _all_done_once(rig, demo, 1)


def test_fault_44_a_login_that_expires_pauses_and_a_new_one_resumes(
    make_rig: Callable[..., Rig], start_demo: Callable[..., Demo]
) -> None:
    from comfydesk.server.types import AuthKind, Credentials, Host

    demo = start_demo(environ={"COMFYDESK_DEMO_AUTH": "ann:secret"})
    rig = make_rig()
    host = Host("demo", "demo", demo.url)
    rig.call(rig.pool.connect(host, Credentials(AuthKind.BASIC, "ann", "wrong")))
    (job,) = rig.add(graph(seed=1))
    asked = rig.until_connection(Connection.LOGIN)
    assert asked.problem_code == "auth_wrong" and asked.next_step
    rig.call(rig.pool.set_credentials("demo", Credentials(AuthKind.BASIC, "ann", "secret")))
    assert rig.wait([job])[0].state is JobState.DONE
    refused = [entry for entry in demo.log() if entry.get("status") == 401]
    assert len(refused) <= 3, "no hammering on a locked door"


def test_wrong_hosts_are_told_apart_at_the_first_answer(make_rig: Callable[..., Rig], demo: Demo) -> None:
    from comfydesk.base.errors import Problem

    rig = make_rig(OwnerKind.RUN)
    with pytest.raises(Problem) as refused:
        rig.connect("http://127.0.0.1:9", wait=0.2)
    assert refused.value.code == "refused"
    assert rig.pool.links() == ()
    demo.control.load_script([{"match": "*", "do": "html"}])
    with pytest.raises(Problem) as wrong:
        rig.connect(demo.url, wait=30)
    assert wrong.value.code == "not_comfyui", "and at once, without waiting for it to become another server"
    assert rig.seen(HostChanged)
