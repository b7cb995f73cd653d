"""The rows of the queue: their order, their times, and the model that shows them."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtTest import QAbstractItemModelTester

from comfydesk.gui.queue.book import JobBook, sort_key
from comfydesk.gui.queue.model import JOB_ROLE, QueueModel
from comfydesk.gui.queue.words import (
    Action,
    actions_of,
    clock,
    row_text,
    short_seed,
    span,
    state_word,
    summary_sentence,
    when_text,
)
from comfydesk.jobs.model import Job, JobError, JobProgress, JobState
from tests.gui.stand_in import job

NOW = 1_800_000_000.0


def done(number: int, took: float, **facts: Any) -> Job:
    return job(number, JobState.DONE, started_at=NOW - 50, finished_at=NOW - 50 + took, **facts)


def test_what_runs_stands_first_then_what_waits_then_trouble_then_the_rest() -> None:
    book = JobBook()
    book.load(
        [
            done(1, 5.0),
            job(2, JobState.FAILED, finished_at=NOW),
            job(3),
            job(4, JobState.RUNNING, started_at=NOW),
            job(5, position=0.5),
        ]
    )
    assert [each.job_id for each in book] == ["job-4", "job-5", "job-3", "job-2", "job-1"]


states = st.sampled_from(list(JobState))
moves = st.lists(st.tuples(st.integers(0, 12), states, st.floats(0, 50), st.booleans()), max_size=60)


@given(moves)
@settings(max_examples=60, deadline=None)
def test_the_model_tells_qt_exactly_what_happened(qapp: Any, changes: list[tuple[int, JobState, float, bool]]) -> None:
    model = QueueModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for number, state, position, many in changes:
        each = job(
            number,
            state,
            position=position,
            created_at=NOW,
            finished_at=NOW + position if state.is_final else None,
            started_at=NOW if state is not JobState.WAITING and position < 30 else None,
        )
        model.take([each] * (100 if many else 1), [])
        rows = [model.index(row).data(JOB_ROLE) for row in range(model.rowCount())]
        assert rows == sorted(rows, key=sort_key)
        assert len({row.job_id for row in rows}) == len(rows) == sum(model.book.counts.values())
        assert (each in rows) is (state is not JobState.CANCELLED or each.started_at is not None)
    tester.deleteLater()
    model.clear()


def test_a_batch_of_progress_changes_only_the_row_it_is_about(qapp: Any) -> None:
    model = QueueModel()
    model.load([job(1, JobState.RUNNING, started_at=NOW), *(job(n) for n in range(2, 50))])
    changed: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda a, b, _roles: changed.append((a.row(), b.row())))
    model.take([], [JobProgress("job-1", "3", "KSampler", 5, 20, 0.3, "sampling", NOW)])
    assert changed == [(0, 0)]
    model.clear()


def test_a_bar_never_goes_back() -> None:
    book = JobBook()
    book.load([job(1, JobState.RUNNING, started_at=NOW)])
    book.advance(JobProgress("job-1", "3", "KSampler", 9, 20, 0.6, "sampling", NOW))
    book.advance(JobProgress("job-1", "8", "VAE Decode", 0, 1, 0.5, "working", NOW))
    assert book.progress["job-1"].fraction == 0.6 and book.progress["job-1"].node_title == "VAE Decode"


def test_rows_on_one_host_end_one_after_the_other_and_hosts_side_by_side() -> None:
    book = JobBook()
    book.load(
        [
            done(1, 10.0),
            done(2, 20.0, host_id="other"),
            job(3, JobState.RUNNING, started_at=NOW - 4),
            job(4),
            job(5, host_id="other"),
        ]
    )
    ends = book.ends(NOW)
    assert ends["job-3"] == pytest.approx(NOW + 6)
    assert ends["job-4"] == pytest.approx(NOW + 16)
    assert ends["job-5"] == pytest.approx(NOW + 20)


def test_a_total_is_never_earlier_than_a_row(qapp: Any) -> None:
    model = QueueModel()
    model.load([done(1, 10.0), job(3, JobState.RUNNING, started_at=time.time()), *(job(n) for n in range(4, 9))])
    assert model.end_of_all == max(model.end_of(row.job_id) or 0 for row in model.book if not row.state.is_final)
    model.clear()


def test_nothing_is_promised_before_a_job_of_the_host_was_seen_to_its_end() -> None:
    book = JobBook()
    book.load([job(1, JobState.RUNNING, started_at=NOW), job(2)])
    assert book.ends(NOW) == {}


def test_a_dismissed_row_stays_away(qapp: Any) -> None:
    model = QueueModel()
    failed = job(1, JobState.FAILED, finished_at=NOW)
    model.load([failed])
    model.dismiss("job-1")
    model.take([replace(failed, note="again")], [])
    assert model.rowCount() == 0


def test_what_was_taken_out_before_it_ran_leaves_no_row_and_what_was_stopped_does(qapp: Any) -> None:
    model = QueueModel()
    model.load([job(1, JobState.RUNNING, started_at=NOW), *(job(n) for n in range(2, 200))])
    model.take([job(n, JobState.CANCELLED, finished_at=NOW) for n in range(100, 200)], [])
    model.take([job(n, JobState.CANCELLED, finished_at=NOW) for n in range(2, 100)], [])
    model.take([job(1, JobState.CANCELLED, started_at=NOW, finished_at=NOW)], [])
    assert [(each.job_id, state_word(each)[0]) for each in model.book] == [("job-1", "Stopped")]
    assert not model.book.left_of("press")


def test_a_paused_queue_promises_nothing_of_what_waits(qapp: Any) -> None:
    model = QueueModel()
    model.load([done(1, 10.0), job(3, JobState.RUNNING, started_at=time.time()), job(4)])
    model.set_paused(True)
    assert model.end_of("job-3") is not None and model.end_of("job-4") is None
    model.set_paused(False)
    assert model.end_of("job-4") is not None
    model.clear()


def test_a_host_that_does_not_answer_is_promised_nothing_of(qapp: Any) -> None:
    model = QueueModel()
    running = job(3, JobState.RUNNING, started_at=time.time())
    model.load([done(1, 10.0), running, job(4), job(5, host_id="other")])
    model.set_away(running.host_id, True)
    assert model.end_of("job-3") is None and model.end_of("job-4") is None and model.end_of_all is None
    model.set_away(running.host_id, False)
    assert model.end_of("job-4") is not None
    model.clear()


def test_the_tooltip_of_a_row_has_the_whole_seed() -> None:
    assert row_text(job(1, seed=14_028_771_930_552), full=True) == "seed 14\u202f028\u202f771\u202f930\u202f552"
    said = row_text(job(1, differs="seed …930\u202f552", seed=14_028_771_930_552), full=True)
    assert said == "seed 14\u202f028\u202f771\u202f930\u202f552"


def test_a_row_says_what_differs_and_why_it_failed() -> None:
    assert row_text(job(1, differs="cfg 5.0", seed=14_028_771_930_552)) == "cfg 5.0 · seed …930\u202f552"
    assert row_text(job(1, differs="seed 7", seed=7)) == "seed 7"
    error = JobError("out_of_memory", "KSampler ran out of memory on gpu-box.", "Free memory and retry.")
    assert row_text(job(1, JobState.FAILED, error=error)) == error.message


def test_rows_offer_what_fits_their_state() -> None:
    memory = JobError("out_of_memory", "x", "y")
    assert actions_of(job(1)) == (Action.NEXT, Action.CANCEL)
    assert actions_of(job(1, JobState.RUNNING)) == (Action.CANCEL,)
    assert actions_of(job(1, JobState.RUNNING, cancelling=True)) == ()
    assert actions_of(job(1, JobState.FAILED, error=memory))[0] is Action.FREE_RETRY
    assert actions_of(job(1, JobState.LOST))[0] is Action.RETRY
    assert actions_of(job(1, JobState.PARTIAL))[0] is Action.FETCH
    assert state_word(job(1, JobState.RUNNING, cancelling=True))[0] == "Stopping"
    assert state_word(job(1, hold=True))[0] == "Paused"


def test_times_are_clock_times_beyond_a_minute() -> None:
    running = job(1, JobState.RUNNING, started_at=NOW)
    assert when_text(running, NOW + 2, NOW) == "in 2 s"
    assert when_text(running, NOW + 200, NOW) == f"about {clock(NOW + 200, NOW)}"
    assert when_text(job(2), NOW + 20, NOW).startswith("about ")
    assert when_text(job(2), None, NOW) == ""
    assert clock(NOW + 86_400, NOW) != clock(NOW, NOW)


def test_figures_are_short() -> None:
    assert [span(4.14), span(48.2), span(125), span(12_000)] == ["4.1 s", "48 s", "2 min 5 s", "3 h 20 min"]
    assert short_seed(42) == "42" and short_seed(2**64 - 1) == "…551\u202f615"
    assert summary_sentence(1, 11, 1, None, paused=False) == "1 running · 11 waiting · 1 failed"
    assert summary_sentence(0, 2, 0, NOW, paused=True) == "paused · 2 waiting"
