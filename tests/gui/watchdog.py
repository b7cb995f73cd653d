"""Says what kept the window's thread from its events: `with Watchdog() as dog`, then `dog.stalls`."""

from __future__ import annotations

import collections
import sys
import threading
import time
from dataclasses import dataclass, field
from types import FrameType, TracebackType

from PySide6.QtCore import Qt, QTimer

BEAT_MS = 5
LIMIT = 0.05  # seconds
DEPTH = 14  # innermost frames that a report shows
WAITING = frozenset({"wait", "select", "accept", "get", "recv", "poll", "read", "_serve", "_wait"})


@dataclass(slots=True)
class Stall:
    """One pause. `wall` seconds; `own`: what the window's thread worked of it; `process`: all threads of the program.

    `stacks`: what the window's thread was seen at, most often first; `others`: what the other threads were at.
    """

    step: str
    wall: float
    own: float
    process: float
    stacks: list[tuple[int, str]] = field(default_factory=list)
    others: list[tuple[int, str]] = field(default_factory=list)

    def __str__(self) -> str:
        head = (
            f"{self.step}: {1000 * self.wall:.0f} ms ({1000 * self.own:.0f} ms of its own work, "
            f"{1000 * self.process:.0f} ms of the program's)"
        )
        seen = [f"  {count} ×\n{stack}" for count, stack in self.stacks[:3]]
        if self.own < self.wall / 2:
            seen += [f"  meanwhile {count} ×\n{stack}" for count, stack in self.others[:3]]
        return "\n".join([head, *seen])


class Watchdog:
    """Samples the thread that made it whenever that has not come back to its loop for a while.

    A pause counts as far as this program worked in it (`wall` ≤ `process`): what other programs took of a busy machine
    is not the window's fault. Set `step` to say what is being done.
    """

    def __init__(self, limit: float = LIMIT) -> None:
        self.step = ""
        self.stalls: list[Stall] = []
        self._limit = limit
        self._main = threading.get_ident()
        self._last = _clocks()
        self._samples: list[tuple[str, list[str]]] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._beat)

    def __enter__(self) -> Watchdog:
        self._last = _clocks()
        self._timer.start()
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._timer.stop()
        self._stop.set()
        self._thread.join()

    def _beat(self) -> None:
        now, samples = _clocks(), self._samples
        wall, own, process = (new - old for new, old in zip(now, self._last, strict=True))
        if min(wall, process) > self._limit:
            mine = collections.Counter(stack for stack, _ in samples)
            others = collections.Counter(stack for _, stacks in samples for stack in stacks)
            self.stalls.append(Stall(self.step, wall, own, process, _ranked(mine), _ranked(others)))
        self._samples = []
        self._last = _clocks()

    def _watch(self) -> None:
        while not self._stop.wait(BEAT_MS / 1000):
            if time.perf_counter() - self._last[0] > self._limit / 2:
                self._samples.append(_sample(self._main))


def _clocks() -> tuple[float, float, float]:
    return time.perf_counter(), time.thread_time(), time.process_time()


def _ranked(seen: collections.Counter[str]) -> list[tuple[int, str]]:
    return [(count, stack) for stack, count in seen.most_common()]


def _sample(main: int) -> tuple[str, list[str]]:
    """Where the threads are. Nothing here may wait or read a file: while a frame is held, its locals live on, and a
    QPainter that outlives its `paintEvent` crashes Qt.
    """
    frames = sys._current_frames()
    mine = frames.pop(main, None)
    frames.pop(threading.get_ident(), None)
    others = [_text(frame, 6) for frame in frames.values() if frame.f_code.co_name not in WAITING]
    return _text(mine, DEPTH), others


def _text(frame: FrameType | None, depth: int) -> str:
    """The innermost frames, as far out as ComfyDesk's own."""
    places: list[str] = []
    while frame is not None and len(places) < depth:
        code = frame.f_code
        name = code.co_filename.replace("\\", "/")
        if "/qasync/" in name or name.endswith("/threading.py"):
            break
        places.append(f"    {name.rpartition('/comfydesk/')[2]}:{frame.f_lineno} {code.co_name}\n")
        frame = frame.f_back
    return "".join(reversed(places)) or "    (in Qt's loop)\n"
