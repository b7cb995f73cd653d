"""A window on a fake engine, for tests of the shell's own pages."""

from __future__ import annotations

import asyncio
from pathlib import Path

from comfydesk.gui.bridge import Bridge
from comfydesk.gui.context import Context
from comfydesk.gui.settings.store import WindowSettings
from comfydesk.gui.style.icons import Icons
from comfydesk.gui.style.theme import Theme
from comfydesk.gui.window import Window

from .fake_engine import FakeEngine


class Shell:
    """Made of the real window and bridge, and a fake engine."""

    def __init__(self, theme: Theme, icons: Icons, folder: Path, first_page: str = "start") -> None:
        self.bridge = Bridge()
        self.settings = WindowSettings()
        self.context = Context(self.bridge, theme, icons, self.settings)
        self.window = Window(self.context, first_page=first_page)
        self.window.resize(1100, 700)
        self.engine = FakeEngine(folder)

    async def show(self) -> Window:
        """The window with its page, still without the engine."""
        painted = asyncio.get_running_loop().create_future()
        self.window.painted.connect(lambda: None if painted.done() else painted.set_result(None))
        self.window.show()
        await painted
        self.window.make_current_page()
        return self.window

    async def open(self) -> Window:
        """The window with its page and the engine."""
        await self.show()
        await self.window.attach(self.engine)
        return self.window

    def close(self) -> None:
        self.window.detach()
        self.window.finish()
        self.window.deleteLater()
        self.bridge.deleteLater()
        self.engine.close()
