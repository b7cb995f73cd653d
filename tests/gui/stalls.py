"""A walk through the window under a watchdog: `python -m tests.gui.stalls [--limit MS]`, prints what held it up."""

from __future__ import annotations

import os
import sys

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_API"] = "pyside6"

import argparse
import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import PySide6  # noqa: F401  (before qasync, which takes the first binding it finds)
from qasync import QEventLoop

from comfydesk.base.paths import Home
from comfydesk.gui import start
from comfydesk.gui.session import Session
from comfydesk.gui.settings.store import read_early
from comfydesk.gui.style.theme import Theme

from .create_shots import LARGEST, SHARED, until
from .gallery_rig import paint
from .watchdog import Watchdog

RESULTS = 500
RUNS = 20
CALM = 0.25  # seconds in which what a step set off may still come


class Walk:
    """Does what a person does, and names each step to the watchdog."""

    def __init__(self, session: Session, dog: Watchdog) -> None:
        self.session, self.window, self.dog = session, session.window, dog

    @property
    def form(self) -> Any:
        return self.window.page("create").form

    @asynccontextmanager
    async def step(self, name: str) -> AsyncIterator[None]:
        self.dog.step = name
        yield
        await asyncio.sleep(CALM)
        self.dog.step = f"after {name}"

    async def begin(self) -> None:
        async with self.step("start"):
            await until(lambda: self.session.bridge.engine is not None and self.window.page("create") is not None)
            await until(lambda: self.form.footer.queue.isEnabled())
            await asyncio.sleep(1.0)

    async def open(self, name: str, title: str) -> None:
        async with self.step(f"open {title}"):
            self.window.page("create").open_workflow(name)
            await until(lambda: self.form.header.title.text() == title)

    async def open_largest(self) -> None:
        async with self.step("import the largest template"):
            self.window.import_files([str(SHARED / LARGEST)])
            await until(lambda: "scene_angles" in self.form.header.title.text())
        name = self.form.session.workflow.entry.name
        await self.open("sdxl", "SDXL")
        await self.open(name, self._title(name))
        async with self.step("unfold Advanced of the largest template"):
            self.form.sheet.advanced.section.set_open(True)
        await self.open("sdxl", "SDXL")

    def _title(self, name: str) -> str:
        entries = self.window.page("create").library.model.entries
        return next(entry.title for entry in entries if entry.name == name)

    async def queue(self) -> None:
        async with self.step(f"queue {RUNS} runs"):
            self.form.footer.runs.set_value(RUNS)
            self.form.footer.runs.value_changed.emit(RUNS)
            await until(lambda: self.form.footer.queue.isEnabled())
            done = self.window.title.summary.done_today
            self.form.queue()
            await until(lambda: self.window.title.summary.running)
        async with self.step("pages while it works"):
            for page in ("queue", "gallery", "hosts", "settings", "help", "create"):
                self.dog.step = f"{page} for the first time"
                self.window.go_to(page)
                await asyncio.sleep(CALM)
        async with self.step("work"):
            await until(lambda: self.window.title.summary.done_today >= done + RUNS, 120)

    async def pages(self) -> None:
        for _ in range(2):
            for page in ("queue", "gallery", "hosts", "settings", "help", "create"):
                async with self.step(f"{page} again"):
                    self.window.go_to(page)

    async def gallery(self) -> None:
        engine = self.session.bridge.engine
        await self.session.bridge.call(engine.gallery.rebuild, [self.session.home.root / "pictures"])
        async with self.step(f"gallery with {RESULTS} results"):
            self.window.go_to("gallery")
            await asyncio.sleep(1.0)
        page = self.window.page("gallery")
        async with self.step("scroll the gallery"):
            bar = page.grid.verticalScrollBar()
            for place in range(0, 101, 4):
                bar.setValue(bar.maximum() * place // 100)
                await asyncio.sleep(0.02)
        async with self.step("theme"):
            self.session.settings.set(theme="light")

    async def close(self) -> None:
        self.dog.step = "close"
        self.session.settings.set(on_close="quit")
        self.window.close()


async def walk(session: Session, dog: Watchdog) -> int:
    life = asyncio.ensure_future(session.main())
    person = Walk(session, dog)
    try:
        await person.begin()
        await person.open("flux-schnell", "Flux Schnell")
        await person.open("sdxl", "SDXL")
        await person.open("flux-schnell", "Flux Schnell")
        await person.open("sdxl", "SDXL")
        if (SHARED / LARGEST).is_file():
            await person.open_largest()
        await person.queue()
        await person.pages()
        await person.gallery()
    finally:
        await person.close()
    return await life


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.gui.stalls", description=__doc__)
    parser.add_argument("--limit", type=float, default=50.0, metavar="MS", help="shorter pauses are not reported")
    limit = parser.parse_args(arguments).limit / 1000
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        home = Home(Path(scratch) / "home", Path(scratch) / "cache").demo()
        home.make()
        paint(home.root / "pictures", RESULTS)
        app = start._application()
        sys.excepthook = sys.__excepthook__
        session = Session(app, Theme(app, "dark"), home, read_early(home.settings_file), [])
        session.window.resize(1440, 900)
        with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner, Watchdog(limit) as dog:
            code = runner.run(walk(session, dog))
    report = [*map(str, dog.stalls), f"{len(dog.stalls)} pauses above {1000 * limit:.0f} ms"]
    sys.stdout.write("\n".join(report) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
