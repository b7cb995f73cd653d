"""Cancel, stop, undo, pause and order: what was asked for happens, on the server too, and only to our own jobs."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from comfydesk.jobs.model import HostChanged, Job, JobChanged, JobState, OwnerKind, QueueSummary
from comfydesk.server.client import ServerClient
from comfydesk.server.types import RemoteState

from .conftest import Demo
from .rig import Rig, graph, until

LONG = 4000  # steps of 5 ms: does not end by itself within a test


def _on_server(demo: Demo) -> dict[str, RemoteState]:
    client = ServerClient(demo.url)
    try:
        return client.open_ids()
    finally:
        client.close()


def _running_and_waiting(rig: Rig, demo: Demo, count: int) -> list[Job]:
    """`count` jobs: one runs, one waits on the server, the rest wait here."""
    jobs = rig.add(*[graph(seed=200 + n, steps=LONG) for n in range(count)])
    rig.until_state(jobs[0], JobState.RUNNING)
    until(lambda: len(_on_server(demo)) == min(2, count))
    return jobs


def test_cancelling_jobs_leaves_nothing_on_the_server(rig: Rig, demo: Demo) -> None:
    jobs = _running_and_waiting(rig, demo, 4)
    rig.call(rig.queue.cancel([jobs[3].job_id]))
    assert rig.job(jobs[3]).state is JobState.CANCELLED, "what waits here is cancelled at once"
    rig.call(rig.queue.cancel([job.job_id for job in jobs]))
    assert rig.job(jobs[0]).cancelling, "what runs is cancelled when the server says so"
    done = rig.wait(jobs)
    assert {job.state for job in done} == {JobState.CANCELLED}
    assert not any(job.cancelling for job in done)
    assert _on_server(demo) == {} and len(demo.executions()) == 1


def test_stop_ends_only_what_runs(rig: Rig, demo: Demo) -> None:
    running, waiting = rig.add(graph(seed=1, steps=LONG), graph(seed=2))
    rig.until_state(running, JobState.RUNNING)
    assert rig.call(rig.queue.stop_running()) == 1
    first, second = rig.wait([running, waiting])
    assert (first.state, second.state) == (JobState.CANCELLED, JobState.DONE)


def test_other_peoples_jobs_are_counted_and_never_touched(rig: Rig, demo: Demo) -> None:
    stranger = ServerClient(demo.url)
    theirs = str(uuid.uuid4())
    stranger.submit(graph(seed=1, steps=LONG), prompt_id=theirs, client_id="somebody")
    try:
        (mine,) = rig.add(graph(seed=2, steps=LONG))
        rig.wait_for(HostChanged, lambda c: c.others == 1)
        rig.call(rig.queue.stop_running())
        rig.call(rig.queue.cancel([mine.job_id]))
        assert rig.wait([mine])[0].state is JobState.CANCELLED
        assert stranger.open_ids() == {theirs: RemoteState.RUNNING}
    finally:
        stranger.cancel(theirs)
        until(lambda: not stranger.open_ids())
        stranger.close()


def test_undo_takes_one_press_back(rig: Rig, demo: Demo) -> None:
    (other,) = rig.add(graph(seed=1, steps=LONG), press="before")
    rig.until_state(other, JobState.RUNNING)
    jobs = rig.add(*[graph(seed=10 + n, steps=LONG) for n in range(4)], press="mistake")
    until(lambda: len(_on_server(demo)) == 2)
    assert rig.call(rig.queue.undo("mistake")) == 4
    assert {job.state for job in rig.wait(jobs)} == {JobState.CANCELLED}
    assert rig.job(other).state is JobState.RUNNING
    rig.call(rig.queue.cancel([other.job_id]))
    rig.wait([other])
    assert len(demo.executions()) == 1


def test_pause_takes_back_what_waits_on_the_server_and_resume_runs_it(rig: Rig, demo: Demo) -> None:
    jobs = rig.add(graph(seed=1, steps=100), *[graph(seed=n, steps=2) for n in (2, 3, 4)])
    rig.until_state(jobs[0], JobState.RUNNING)
    until(lambda: len(_on_server(demo)) == 2)
    rig.call(rig.queue.pause())
    rig.wait_for(QueueSummary, lambda s: s.paused)
    assert rig.wait([jobs[0]])[0].state is JobState.DONE, "the running job goes on"
    until(lambda: _on_server(demo) == {})
    assert [rig.job(job).state for job in jobs[1:]] == [JobState.WAITING] * 3
    assert len(demo.executions()) == 1
    rig.call(rig.queue.resume())
    done = rig.wait(jobs)
    assert {job.state for job in done} == {JobState.DONE} and {job.attempts for job in done} == {1}
    assert [run["prompt_id"] for run in demo.executions()] == [job.prompt_id for job in done]


def test_a_paused_window_stays_paused_after_its_next_start(make_rig: Callable[..., Rig], demo: Demo) -> None:
    first = make_rig()
    first.call(first.queue.pause())
    (job,) = first.add(graph(seed=1))
    first.close()
    second = make_rig()
    second.connect(demo.url)
    assert second.call(second.queue.summary()).paused and second.job(job).state is JobState.WAITING
    second.call(second.queue.resume())
    assert second.wait([job])[0].state is JobState.DONE


def test_work_put_to_the_front_runs_next_and_in_order(rig: Rig, demo: Demo) -> None:
    first = rig.add(graph(seed=1, steps=60), *[graph(seed=n, steps=40) for n in (2, 3, 4)])
    rig.until_state(first[0], JobState.RUNNING)
    until(lambda: len(_on_server(demo)) == 2)
    front = rig.add(graph(seed=11, steps=40), graph(seed=12, steps=40), front=True)
    rig.call(rig.queue.next([first[3].job_id]))
    done = {job.prompt_id: job.seed for job in rig.wait([*first, *front])}
    order = [done[run["prompt_id"]] for run in demo.executions()]
    # 11 waits on the server already when 4 is moved before what waits here.
    assert order == [1, 11, 4, 12, 2, 3]


def test_clear_waiting_spares_the_running_job(rig: Rig, demo: Demo) -> None:
    jobs = _running_and_waiting(rig, demo, 5)
    assert rig.call(rig.queue.clear_waiting()) == 4
    assert {job.state for job in rig.wait(jobs[1:])} == {JobState.CANCELLED}
    assert rig.job(jobs[0]).state is JobState.RUNNING
    rig.call(rig.queue.stop_running())
    rig.wait(jobs)


def test_retry_makes_a_new_job_of_the_same_prompt(rig: Rig) -> None:
    (job,) = rig.add(graph(seed=5, steps=LONG))
    rig.until_state(job, JobState.RUNNING)
    rig.call(rig.queue.cancel([job.job_id]))
    rig.wait([job])
    (again,) = rig.call(rig.queue.retry([job.job_id]))
    assert again.job_id != job.job_id and again.seed == 5
    assert rig.call(rig.queue.prompt(again.job_id)) == graph(seed=5, steps=LONG)
    rig.call(rig.queue.cancel([again.job_id]))
    rig.wait([again])


def test_another_process_can_cancel_what_this_one_owns(make_rig: Callable[..., Rig], demo: Demo) -> None:
    window, command = make_rig(), make_rig(OwnerKind.RUN)
    window.connect(demo.url)
    running, waiting = window.add(graph(seed=1, steps=LONG), graph(seed=2, steps=LONG))
    window.until_state(running, JobState.RUNNING)
    command.call(command.queue.cancel([running.job_id, waiting.job_id]))
    assert {job.state for job in command.wait([running, waiting])} == {JobState.CANCELLED}
    assert command.wait_for(JobChanged, lambda c: c.job.job_id == running.job_id and c.job.state.is_final)


def test_cancelling_what_is_on_a_host_that_was_removed_ends(rig: Rig, demo: Demo) -> None:
    (job,) = rig.add(graph(seed=1, steps=LONG))
    running = rig.until_state(job, JobState.RUNNING)
    rig.call(rig.pool.drop("demo"))
    rig.call(rig.queue.cancel([job.job_id]))
    ended = rig.wait([job])[0]
    assert ended.state is JobState.CANCELLED and "may still run" in ended.note
    client = ServerClient(demo.url)
    client.cancel(running.prompt_id)
    until(lambda: not client.open_ids())
    client.close()
