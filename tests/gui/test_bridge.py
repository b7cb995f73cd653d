from __future__ import annotations

import asyncio
import io
import struct
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QSize, QThread
from PySide6.QtGui import QImage

from comfydesk.base.changes import Change
from comfydesk.base.errors import Problem
from comfydesk.gui.bridge import Bridge
from comfydesk.gui.pictures import decode, levels

from .conftest import until
from .fake_engine import FakeEngine


@dataclass(frozen=True, slots=True)
class Counted(Change):
    name: str
    value: int

    @property
    def key(self) -> object:
        return self.name


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[FakeEngine]:
    made = FakeEngine(tmp_path)
    yield made
    made.close()


@pytest.fixture
def bridge(qapp, engine: FakeEngine) -> Iterator[Bridge]:
    made = Bridge()
    made.attach(engine)
    yield made
    made.detach()
    made.deleteLater()


async def test_a_call_runs_on_the_engines_thread_and_its_result_arrives_on_the_windows(bridge: Bridge) -> None:
    here = threading.get_ident()

    async def where(add: int) -> tuple[int, int]:
        return threading.get_ident(), add + 1

    there, result = await bridge.call(where, 1)
    assert there != here
    assert result == 2
    assert threading.get_ident() == here


async def test_a_problem_arrives_where_the_call_was_made(bridge: Bridge) -> None:
    async def fails() -> None:
        raise Problem("dns", host="nowhere")

    with pytest.raises(Problem, match="nowhere"):
        await bridge.call(fails)


async def test_a_slots_call_gives_its_result_or_its_problem_to_callbacks(bridge: Bridge) -> None:
    async def works() -> int:
        return 7

    async def fails() -> None:
        raise Problem("dns", host="nowhere")

    results, problems = [], []
    bridge.run(works, then=results.append)
    bridge.run(fails, failed=problems.append)
    await until(lambda: results and problems)
    assert results == [7]
    assert problems[0].code == "dns"


async def test_what_nobody_handles_is_told_as_a_problem_also_when_it_is_a_bug(bridge: Bridge, caplog) -> None:
    async def breaks() -> None:
        raise ZeroDivisionError("by zero")

    told = []
    bridge.failed.connect(told.append)
    bridge.run(breaks)
    bridge.spawn(bridge.call(breaks), "a task")
    await until(lambda: len(told) == 2)
    assert {problem.code for problem in told} == {"internal"}
    assert "by zero" in told[0].message
    caplog.clear()


async def test_changes_arrive_on_the_windows_thread_with_only_the_newest_of_each_key(
    bridge: Bridge, engine: FakeEngine
) -> None:
    batches: list[list[Change]] = []
    threads = set()

    def on_changed(changes: list[Change]) -> None:
        threads.add(QThread.currentThread())
        batches.append(changes)

    bridge.changed.connect(on_changed)
    for value in range(500):
        engine.publish(Counted("a", value), Counted("b", -value))
    await until(lambda: batches and batches[-1][-1] == Counted("b", -499))
    newest = {change.name: change.value for batch in batches for change in batch}
    assert newest == {"a": 499, "b": -499}
    assert sum(map(len, batches)) < 100
    assert all(len(batch) <= 2 for batch in batches)
    assert len(threads) == 1


async def test_after_detach_nothing_of_the_old_engine_arrives(bridge: Bridge, engine: FakeEngine) -> None:
    heard = []
    bridge.changed.connect(heard.append)
    engine.publish(Counted("a", 1))
    engine.runtime.call(asyncio.sleep(0.05))  # delivered to the inbox, not yet to the window
    bridge.detach()
    await asyncio.sleep(0.05)
    assert heard == []
    with pytest.raises(RuntimeError, match="no engine"):
        await bridge.work(len, "abc")


async def test_a_call_that_the_engine_drops_at_its_end_is_cancelled_not_hung(
    bridge: Bridge, engine: FakeEngine
) -> None:
    async def forever() -> None:
        await asyncio.sleep(3600)

    task = bridge.spawn(bridge.call(forever), "forever")
    await asyncio.sleep(0.02)
    closing = asyncio.ensure_future(asyncio.to_thread(engine.close))
    await until(task.done)
    assert task.cancelled()
    await closing


async def test_a_cancelled_task_cancels_the_engines_work(bridge: Bridge) -> None:
    ended = threading.Event()

    async def forever() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.set()

    task = bridge.spawn(bridge.call(forever), "forever")
    await asyncio.sleep(0.05)
    task.cancel()
    await until(ended.is_set)


def png(size: tuple[int, int], color: str = "#336699") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, "PNG")
    return out.getvalue()


async def test_pictures_are_decoded_off_the_windows_thread_and_no_larger_than_wanted(bridge: Bridge) -> None:
    image = await bridge.decode(png((400, 200)), QSize(100, 100))
    assert image.size() == QSize(100, 50)
    whole = await bridge.decode(png((40, 20)))
    assert whole.size() == QSize(40, 20)


def test_a_picture_that_claims_to_be_huge_is_never_unpacked() -> None:
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    assert decode(bomb).isNull()


@pytest.mark.parametrize(
    "data", [b"", b"no picture", b"<svg xmlns='http://www.w3.org/2000/svg' width='5' height='5'/>", png((9, 9))[:40]]
)
def test_what_is_no_picture_gives_a_null_image(data: bytes) -> None:
    assert decode(data).isNull()


def test_a_turned_photo_is_upright_within_the_wanted_size(tmp_path: Path) -> None:
    file = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6  # rotate by 90 degrees
    Image.new("RGB", (400, 200)).save(file, exif=exif)
    assert decode(file, QSize(100, 100)).size() == QSize(50, 100)


def test_a_large_picture_gets_smaller_versions_for_zooming_out() -> None:
    sizes = [level.width() for level in levels(QImage(5000, 3000, QImage.Format.Format_RGB32))]
    assert sizes == [2500, 1250]
    assert levels(QImage(800, 800, QImage.Format.Format_RGB32)) == []
