"""The life of the window: shell first, then the engine; swaps of the home; an orderly end."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import logging
import signal
from typing import Any

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from comfydesk.base import resources
from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home

from .bridge import Bridge
from .context import Context
from .launch import AlreadyOpenError, EngineRoom
from .pages import MODULES, START
from .settings.store import WindowSettings
from .style.icons import Icons
from .style.theme import Theme
from .window import Window

log = logging.getLogger(__name__)
_CLOSE_SECONDS = 5.0
_USED_LATER = (*MODULES.values(), "comfydesk.gui.closing", "comfydesk.gui.pictures")
# What stays as it is when the window moves between its own home and the demo's.
_OF_THE_WINDOW = ("theme", "window", "splitters", "on_close", "previews")


class Session:
    """Made once by `start.run`; `main` is its whole life."""

    def __init__(self, app: QApplication, theme: Theme, home: Home, early: dict[str, Any], files: list[str]) -> None:
        self.app = app
        self.home = home
        self._files = files
        self.settings = WindowSettings(early)
        self.theme = theme
        theme.set_setting(str(self.settings.get("theme")))
        self.bridge = Bridge(app)
        self.context = Context(self.bridge, self.theme, Icons(self.theme), self.settings)
        is_first_run = not home.is_demo and not early.get("hosts")
        self.window = Window(self.context, first_page=START.key if is_first_run else "create")
        self.window.setWindowIcon(QIcon(str(resources.path("desktop/comfydesk.svg"))))
        self._room = EngineRoom()
        self._is_asking = False
        self._swap = asyncio.Lock()
        self._stop = asyncio.Event()

    async def main(self) -> int:
        """Run until the window is closed; 0."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(_report_loop_error)
        self._install_signals(loop)
        window = self.window
        window.close_requested.connect(self._on_close_requested)
        window.demo_requested.connect(lambda: self.bridge.spawn(self.enter_demo(), "enter the demo"))
        window.leave_demo_requested.connect(lambda: self.bridge.spawn(self.leave_demo(), "leave the demo"))
        self.settings.changed.connect(self._on_setting)
        await self.first_paint()
        beginning = self.bridge.spawn(self._begin(), "start the engine")
        await self._stop.wait()
        beginning.cancel()
        window.remember()
        window.hide()
        try:
            async with asyncio.timeout(2 * _CLOSE_SECONDS):
                await self._close_engine()
                await self.bridge.aclose()
        except TimeoutError:
            log.warning("the engine was still busy at the end")
        finally:
            window.finish()
        return 0

    async def first_paint(self) -> None:
        """Show the window and wait for its first frame."""
        painted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.window.painted.connect(lambda: None if painted.done() else painted.set_result(None))
        self.window.show()
        await painted

    # ------------------------------------------------------------------ engine

    async def _begin(self) -> None:
        await self.bridge.wait_for(self._room.prepare([MODULES[self.window.current]]))
        self.window.make_current_page()
        try:
            await self._open(self.home)
        except AlreadyOpenError:  # it was starting at the same time
            await self.bridge.wait_for(self._room.hand_over(self.home, self._files))
            self._stop.set()
        except Problem as problem:
            await self._close_engine()
            self.window.show_blocked(problem, lambda: self.bridge.spawn(self._begin(), "start the engine"))
        else:
            self.window.import_files(self._files)
            # Whoever uses one of these sooner, or where it fails to be imported, does it and hears of it then.
            self._room.prepare(_USED_LATER)

    async def _open(self, home: Home, *, keep: tuple[str, ...] = ()) -> None:
        """Open the engine of a home (with the demo's server, if it is the demo's) and attach it to the window.

        `keep`: settings that stay as they are, whatever that home's file says.
        """
        engine = await self.bridge.wait_for(self._room.open(home))
        self.home = home
        self._room.listen(home, self.app, self._on_files_arrived)
        self.settings.attach(engine.settings.value, self._room.write_settings, keep=keep)
        self.bridge.attach(engine)
        if home.is_demo:
            await self.bridge.call(engine.start_demo)
        await self.window.attach(engine)

    async def _close_engine(self) -> None:
        self.window.detach()
        self.settings.detach()
        await self.bridge.wait_for(self._room.close(_CLOSE_SECONDS))

    async def enter_demo(self) -> None:
        """Leave the real home for the demo's."""
        if not self.home.is_demo:
            await self._move(self.home.demo())

    async def leave_demo(self) -> None:
        """Back to the real home; asks what becomes of the demo's pictures."""
        if not self.home.is_demo or self._is_asking:
            return
        from . import closing

        self._is_asking = True
        try:
            answer = await closing.ask_about_demo(self.window)
        finally:
            self._is_asking = False
        if answer == closing.STAY:
            return
        demo = self.home
        await self._move(Home(demo.root.parent, demo.cache.parent))
        if answer == closing.REMOVE and not self.home.is_demo:
            await self.bridge.wait_for(self._room.remove_demo(demo))

    async def _move(self, home: Home) -> None:
        """Swap the engine for that of another home; back to where it was if that does not work."""
        if self._swap.locked():
            return
        async with self._swap:
            before = self.home
            await self._close_engine()
            self.window.go_to("create")
            try:
                await self._open(home, keep=_OF_THE_WINDOW)
            except (AlreadyOpenError, Problem) as error:
                await self._close_engine()
                await self._open(before)
                if isinstance(error, Problem):
                    self.window.show_problem(error)
                else:
                    self.window.show_toast(self.window.tr("That is open in another window already."))

    def _on_files_arrived(self, files: list[str]) -> None:
        self.window.setWindowState(self.window.windowState() & ~self.window.windowState().WindowMinimized)
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()
        self.window.import_files(files)

    def _on_setting(self, name: str) -> None:
        if name == "theme":
            self.theme.set_setting(str(self.settings.get("theme")))

    # ----------------------------------------------------------------- the end

    def _on_close_requested(self) -> None:
        self.bridge.spawn(self._close(), "close")

    async def _close(self) -> None:
        if self._is_asking:
            return
        from . import closing  # dialogs are not needed for the first frame

        self._is_asking = True
        try:
            answer = await closing.decide(self.window, self.settings, self.window.title.summary)
        finally:
            self._is_asking = False
        if answer == closing.BACKGROUND:
            self.window.showMinimized()
        elif answer == closing.FINISH:
            await self._finish_running()
        elif answer == closing.QUIT:
            self._stop.set()

    async def _finish_running(self) -> None:
        """Take back what waits, wait for what runs, then quit."""
        await self.bridge.call(self._room.engine.queue.pause, remember=False)
        idle = asyncio.Event()
        self.window.title.summary_changed.connect(
            lambda summary: idle.set() if not (summary and summary.running) else None
        )
        summary = self.window.title.summary
        if summary is not None and summary.running:
            self.window.showMinimized()
            await idle.wait()
        self._stop.set()

    def abandon(self) -> None:
        """After a forced end: the engine is closed all the same, for a moment's wait. Blocks; idempotent."""
        with contextlib.suppress(concurrent.futures.TimeoutError):
            self._room.close(1.0).result(2.0)

    def _install_signals(self, loop: asyncio.AbstractEventLoop) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(number, self._stop.set)
            except NotImplementedError:  # Windows
                signal.signal(number, lambda *_: loop.call_soon_threadsafe(self._stop.set))


def _report_loop_error(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    log.error("loop: %s", context.get("message"), exc_info=context.get("exception"))
