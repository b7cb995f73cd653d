"""The one runtime: its loop, lanes and readers."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest

from comfydesk.base.runtime import Runtime


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    runtime = Runtime()
    yield runtime
    runtime.stop()


async def _answer() -> int:
    await asyncio.sleep(0)
    return 42


def test_a_coroutine_runs_on_the_engines_loop_and_its_result_comes_back(runtime: Runtime) -> None:
    assert runtime.call(_answer()) == 42


def test_a_blocking_call_works_inside_another_running_loop(runtime: Runtime) -> None:
    async def inside_jupyter() -> int:
        return runtime.call(_answer())

    assert asyncio.run(inside_jupyter()) == 42


def test_exceptions_come_back_to_the_caller(runtime: Runtime) -> None:
    async def fails() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        runtime.call(fails())


def test_a_lane_runs_in_order_and_off_the_loop(runtime: Runtime) -> None:
    lane = runtime.lane("one", 1)
    names: list[tuple[int, str]] = []

    def note(number: int) -> int:
        names.append((number, threading.current_thread().name))
        return number

    async def main() -> list[int]:
        return list(await asyncio.gather(*(lane.run(note, n) for n in range(20))))

    assert runtime.call(main()) == list(range(20))
    assert [n for n, _ in names] == list(range(20))
    assert {name for _, name in names} == {"comfydesk-one-0"}
    assert runtime.lane("one", 1) is lane


def test_system_exit_in_a_lane_reaches_the_waiting_task_instead_of_ending_the_thread(runtime: Runtime) -> None:
    def leave() -> None:
        raise KeyError("gone")

    lane = runtime.lane("leaving", 1)
    with pytest.raises(KeyError):
        runtime.call(lane.run(leave))
    assert runtime.call(lane.run(lambda: 7)) == 7


def test_a_failed_task_is_reported(runtime: Runtime) -> None:
    seen: list[BaseException] = []
    told = threading.Event()

    def report(exc: BaseException) -> None:
        seen.append(exc)
        told.set()

    runtime.on_error = report

    async def start() -> None:
        async def fails() -> None:
            raise RuntimeError("lost")

        runtime.spawn(fails(), "fails")

    runtime.call(start())
    assert told.wait(5)
    assert isinstance(seen[0], RuntimeError)


def test_stop_wakes_readers_cancels_tasks_and_is_quick() -> None:
    runtime = Runtime()
    wake = threading.Event()
    ended = threading.Event()
    cancelled = threading.Event()

    def read() -> None:
        wake.wait(30)
        ended.set()

    async def long() -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    runtime.reader("socket", read, wake.set)

    async def start() -> None:
        runtime.spawn(long(), "long")
        await asyncio.sleep(0)

    runtime.call(start())
    began = time.monotonic()
    runtime.stop()
    runtime.stop()
    assert time.monotonic() - began < 3
    assert ended.wait(5) and cancelled.is_set()
    runtime.post(lambda: None)  # dropped, not raised
    assert runtime.submit(_answer()).cancelled()


def test_an_interrupted_call_does_not_leave_its_coroutine_running(runtime: Runtime) -> None:
    ended = threading.Event()

    async def long() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.set()

    with pytest.raises(TimeoutError):
        runtime.call(long(), timeout=0.05)
    assert ended.wait(5)
