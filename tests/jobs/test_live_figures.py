"""Progress, window size, forecast, back-off and the reader's inbox: the pure parts behind what is shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfydesk.jobs.backoff import Backoff
from comfydesk.jobs.facts import HostFacts
from comfydesk.jobs.forecast import Forecast
from comfydesk.jobs.inbox import Inbox
from comfydesk.jobs.memory import LEAST, MOST, HostMemory, window_size
from comfydesk.jobs.model import AttemptState, JobProgress
from comfydesk.jobs.progress import JobMeter, nodes_of
from comfydesk.jobs.record import Attempt
from comfydesk.server import messages as msg

from .rig import TITLES, graph

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "comfyui"


def _meter() -> JobMeter:
    return JobMeter("j", nodes_of(graph(), TITLES))


def _take(meter: JobMeter, *messages: msg.Message) -> list[JobProgress]:
    found = [meter.take(message, float(now)) for now, message in enumerate(messages)]
    return [progress for progress in found if progress is not None]


def test_a_node_without_progress_is_loading_then_it_samples() -> None:
    shown = _take(
        _meter(),
        msg.ExecutionStart("p"),
        msg.Executing("p", "4"),
        msg.Executing("p", "3"),
        msg.Progress("p", "3", 1, 4),
        msg.Executing("p", "8"),
    )
    assert [(p.node_title, p.phase) for p in shown][-4:] == [
        ("Load Checkpoint", "loading"),
        ("KSampler", "loading"),
        ("KSampler", "sampling"),
        ("VAEDecode", "working"),
    ]
    assert shown[-1].since == 4.0 and shown[-1].nodes_done == 2


def test_a_sampler_weighs_more_than_the_rest() -> None:
    shown = _take(_meter(), msg.Executing("p", "3"), msg.Progress("p", "3", 4, 4), msg.Executing("p", None))
    assert shown[-1].fraction > 0.5


def test_a_repeat_counts_as_done() -> None:
    meter = _meter()
    shown = _take(meter, msg.ExecutionCached("p", list("4567389")), msg.ExecutionSuccess("p"))
    assert shown[0].phase == "cached" and shown[0].nodes_done == 7 and shown[-1].fraction == 1.0


def test_a_node_made_on_the_way_belongs_to_its_parent() -> None:
    shown = _take(_meter(), msg.Executing("p", "3.0.0.1"))
    assert shown[-1].node_title == "KSampler"


_NODES = st.sampled_from(["3", "4", "8", "9", "99", "3.0.1", ""])
_MESSAGES = st.one_of(
    st.builds(msg.ExecutionStart, st.just("p")),
    st.builds(msg.ExecutionCached, st.just("p"), st.lists(_NODES, max_size=4)),
    st.builds(msg.Executing, st.just("p"), st.none() | _NODES),
    st.builds(msg.Progress, st.just("p"), st.none() | _NODES, st.floats(), st.floats()),
    st.builds(msg.Executed, st.just("p"), _NODES),
    st.builds(
        msg.ProgressState,
        st.just("p"),
        st.dictionaries(
            _NODES,
            st.builds(msg.NodeProgress, st.floats(), st.floats(), st.sampled_from(["running", "finished", "odd"])),
            max_size=4,
        ),
    ),
)


@given(st.lists(_MESSAGES, max_size=30))
def test_whatever_a_server_says_progress_stays_between_0_and_1_and_never_goes_back(found: list[msg.Message]) -> None:
    fractions = [progress.fraction for progress in _take(_meter(), *found)]
    assert all(0.0 <= fraction <= 1.0 for fraction in fractions) and fractions == sorted(fractions)


@pytest.mark.parametrize("version", ["0.33.0", "0.3.64"])
def test_a_recorded_run_goes_from_nothing_to_all(version: str) -> None:
    file = SHARED / version / "basic.jsonl"
    if not file.is_file():
        pytest.skip("the recordings are not here")
    meter, fractions = _meter(), []
    for line in file.read_text().splitlines():
        entry = json.loads(line).get("ws")
        message = msg.decode(json.dumps(entry)) if isinstance(entry, dict) else None
        if message is not None and getattr(message, "prompt_id", None) and (shown := meter.take(message, 0.0)):
            fractions.append(shown.fraction)
    assert len(fractions) > 5 and fractions == sorted(fractions) and fractions[-1] == 1.0


@pytest.mark.parametrize(
    ("mean", "round_trip", "poll", "size"),
    [
        (None, 0.0, None, LEAST),
        (20.0, 0.01, None, LEAST),
        (0.5, 0.01, None, 3),
        (0.1, 0.01, None, 11),
        (0.1, 5.0, None, MOST),
        (1.0, 0.01, 2.0, 5),
        (0.0, 0.0, None, MOST),
        (60.0, 10.0, 1.0, LEAST),
    ],
)
def test_the_window_holds_enough_work_and_never_too_much(
    mean: float | None, round_trip: float, poll: float | None, size: int
) -> None:
    assert window_size(mean, round_trip, poll) == size


def _attempt(boot: int) -> Attempt:
    return Attempt("p", AttemptState.SENT, "p", boot=boot)


def test_a_counter_that_begins_anew_is_a_restart() -> None:
    memory = HostMemory(HostFacts(last_number=5))
    before = _attempt(memory.facts.boot)
    assert not memory.note_number(6) and not memory.note_number(-7), "jobs put to the front count negative"
    assert not memory.restarted_since(before)
    assert memory.note_number(0) and memory.restarted_since(before)
    assert not memory.restarted_since(_attempt(memory.facts.boot))


def test_an_address_where_nothing_listened_counts_as_a_restart_once() -> None:
    memory = HostMemory()
    before = _attempt(0)
    memory.note_refusals(0)
    assert not memory.restarted_since(before)
    memory.note_refusals(3)
    assert memory.restarted_since(before)
    boot = memory.facts.boot
    memory.note_refusals(3)
    assert memory.facts.boot == boot


def test_the_forecast_is_none_where_nothing_is_known() -> None:
    forecast = Forecast({("a", "SDXL"): (10.0, 4)})
    assert forecast.seconds_left({}, {}) is None
    assert forecast.seconds_left({("a", "SDXL"): 3}, {("a", "SDXL"): 0.5}) == 25.0
    assert forecast.seconds_left({("a", "SDXL"): 3, ("b", "SDXL"): 1}, {}) is None
    forecast.learn("b", "SDXL", 40.0, repeat=False)
    assert forecast.seconds_left({("a", "SDXL"): 3, ("b", "SDXL"): 1}, {}) == 40.0, "hosts work side by side"
    forecast.learn("b", "SDXL", 0.01, repeat=True)
    assert forecast.mean("b", "SDXL") == 40.0, "a repeat from the cache says nothing"


def test_the_back_off_doubles_to_half_a_minute_with_jitter() -> None:
    plain = Backoff(draw=lambda low, high: 1.0)
    assert [plain.next() for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    plain.reset()
    assert plain.next() == 1
    assert all(0.8 <= Backoff().next() <= 1.2 for _ in range(50))


class _Loop:
    """Holds what was posted until it is let run."""

    def __init__(self) -> None:
        self.posted: list[Callable[[], None]] = []

    def post(self, fn: Callable[[], None]) -> None:
        self.posted.append(fn)


def test_a_batch_costs_one_hop_and_keeps_its_order() -> None:
    loop, got = _Loop(), []
    inbox = Inbox(loop.post, got.append)
    for n in range(5):
        inbox.put(msg.ExecutionStart(str(n)))
    assert len(loop.posted) == 1
    loop.posted.pop()()
    assert [m.prompt_id for m in got[0]] == list("01234")
    inbox.put(msg.ExecutionStart("5"))
    assert len(loop.posted) == 1


def test_a_flood_costs_previews_and_progress_and_never_a_state() -> None:
    loop, got = _Loop(), []
    inbox = Inbox(loop.post, got.append, limit=100)
    for n in range(1000):
        inbox.put(msg.PreviewImage("image/jpeg", b"x", "p"))
        inbox.put(msg.Progress("p", "3", n, 1000))
        if n % 10 == 0:
            inbox.put(msg.Executed("p", str(n)))
    loop.posted.pop()()
    (batch,) = got
    assert [m.node for m in batch if isinstance(m, msg.Executed)] == [str(n) for n in range(0, 1000, 10)]
    assert len(batch) <= 200 and inbox.dropped > 1700
    states = Inbox(loop.post, got.append, limit=10)
    for n in range(50):
        states.put(msg.Executed("p", str(n)))
    loop.posted.pop()()
    assert len(got[-1]) == 50
