"""A real window on a real engine and a demo server, and what a test wants to know of it: words, and a steady pulse."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QLabel, QWidget

from comfydesk.base import resources
from comfydesk.engine import Engine
from comfydesk.gui import words
from comfydesk.gui.bridge import Bridge
from comfydesk.gui.context import Context
from comfydesk.gui.create.page import CreatePage
from comfydesk.gui.form.field_row import FieldRow
from comfydesk.gui.settings.store import WindowSettings
from comfydesk.gui.style.icons import Icons
from comfydesk.gui.style.theme import Theme
from comfydesk.gui.widgets.problem_line import ProblemLine
from comfydesk.gui.window import Window
from comfydesk.jobs.model import Job
from comfydesk.server.types import Connection

from .conftest import until

SLOW = 20.0  # seconds; a busy machine
LONGEST_BLOCK = 0.1  # seconds
OPENING = 0.15  # seconds that a new form may take of the window's thread, on a slow machine
HOSTILE = "<img src='file:///etc/hostname'><b>bold</b><script>alert(1)</script>"
PROMPT = "a lighthouse in the fog, which must not be lost"


class Pulse:
    """The longest time that the window's thread did not get round to its events, while measured.

    `longest` counts a pause as far as this process worked in it, on whichever thread: what other programs took is not
    the window's fault. `own` counts only what the window's thread worked.
    """

    def __init__(self) -> None:
        self.longest = self.own = 0.0
        self._last = (0.0, 0.0, 0.0)
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(5)
        self._timer.timeout.connect(self.beat)

    def begin(self) -> None:
        self.longest = self.own = 0.0
        self._last = _clocks()
        self._timer.start()

    def end(self) -> None:
        self.beat()
        self._timer.stop()

    def beat(self) -> None:
        now = _clocks()
        wall, process, thread = (new - old for new, old in zip(now, self._last, strict=True))
        self.longest = max(self.longest, min(wall, process))
        self.own = max(self.own, min(wall, thread))
        self._last = now


def _clocks() -> tuple[float, float, float]:
    return time.perf_counter(), time.process_time(), time.thread_time()


class Workbench:
    """One window at work on the SDXL starter, with a prompt that somebody typed."""

    def __init__(self, window: Window, engine: Engine) -> None:
        self.window, self.engine = window, engine
        self.pulse = Pulse()

    @property
    def create(self) -> CreatePage:
        page = self.window.page("create")
        assert isinstance(page, CreatePage)
        return page

    @property
    def toasts(self) -> list[str]:
        return [toast.text for toast in self.window.toasts.toasts]

    @property
    def title(self) -> str:
        """The workflow that the form shows."""
        return self.create.form.header.title.text()

    def row(self, key: str) -> FieldRow:
        assert self.create.form.sheet is not None
        return self.create.form.sheet.rows[key]

    @property
    def prompt_key(self) -> str:
        return next(field.key for field in self.create.form.session.workflow.form.fields if field.role == "prompt")

    @property
    def prompt(self) -> str:
        return str(self.create.form.session.state.values[self.prompt_key])

    def write_prompt(self, text: str) -> None:
        self.row(self.prompt_key).editors[self.prompt_key].box.setPlainText(text)

    def drop(self, *files: Path) -> None:
        """Let go of files over the window."""
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
        copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        self.window.dropEvent(QDropEvent(QPointF(400, 300), copy, mime, left, none))

    async def open(self, name: str, title: str) -> None:
        self.create.open_workflow(name)
        await until(lambda: self.title == title and self.create.form.sheet is not None, SLOW)

    async def works(self, runs: int = 1) -> None:
        """Queue is offered, and what is queued goes all the way: a picture for each run."""
        form, done = self.create.form, []
        await until(lambda: form.footer.queue.isEnabled(), SLOW)
        form.session.queued.connect(done.append)
        form.queue()
        await until(lambda: done, SLOW)
        ids = [job.job_id for job in done[0].jobs]
        jobs = await self.window.context.bridge.call(self.engine.queue.wait, ids, SLOW)
        assert [len(job.files) for job in jobs] == [1] * runs
        assert all(map(saved, jobs))

    def is_as_before(self) -> bool:
        """The form shows what it showed, with what was typed."""
        return self.title == "SDXL" and self.prompt == PROMPT


@asynccontextmanager
async def workbench(theme: Theme, engine: Engine) -> AsyncIterator[Workbench]:
    """Open a window on this engine and wait until the form and the host are there."""
    bridge = Bridge()
    context = Context(bridge, theme, Icons(theme), WindowSettings())
    window = Window(context)
    window.resize(1440, 900)
    try:
        painted = asyncio.get_running_loop().create_future()
        window.painted.connect(lambda: None if painted.done() else painted.set_result(None))
        window.show()
        await painted
        window.make_current_page()
        await window.attach(engine)
        bench = Workbench(window, engine)
        await until(lambda: window.states.connection() is Connection.LIVE, SLOW)
        await bench.open("sdxl", "SDXL")
        await until(lambda: bench.create.form.session.workflow.specs_from == "host", SLOW)
        bench.write_prompt(PROMPT)
        await until(lambda: bench.create.form.footer.queue.isEnabled(), SLOW)
        yield bench
    finally:
        window.detach()
        await bridge.aclose()
        window.finish()
        window.deleteLater()
        bridge.deleteLater()


def saved(job: Job) -> bool:
    """Whether every file of a job is on the disk."""
    return bool(job.files) and all(Path(file.path).is_file() for file in job.files)


def shown_labels(inside: QWidget) -> Iterable[QLabel]:
    return [label for label in inside.findChildren(QLabel) if label.isVisible()]


def sdxl(**changes: Any) -> dict[str, Any]:
    """The SDXL starter as a graph; `changes`: node id → inputs to put over its own."""
    graph: dict[str, Any] = json.loads(resources.path("workflows/sdxl.json").read_bytes())
    for node_id, inputs in changes.items():
        graph[node_id.lstrip("n")]["inputs"].update(inputs)
    return graph


def says(line: ProblemLine) -> tuple[str, str]:
    """What is wrong, and what to do."""
    assert line.isVisible()
    return line.sentence.text(), line.next_step.text()


def step(code: str) -> str:
    """The next step of a problem in the window's words, as far as it names no facts."""
    return words.WORDS[code][1].partition("{")[0]


def holds_no_markup(inside: QWidget) -> None:
    """No label reads what came from outside as markup, and no tooltip either."""
    for label in shown_labels(inside):
        if "<" in label.text():
            assert label.textFormat() is Qt.TextFormat.PlainText, label.text()
    for widget in inside.findChildren(QWidget):
        tip = widget.toolTip().lower()
        assert "<img" not in tip, tip
        assert "<b>" not in tip, tip
