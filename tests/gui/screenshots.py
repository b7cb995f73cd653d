"""Pictures of every page, light and dark, at three sizes: `python -m tests.gui.screenshots DIR [NAME…]`.

`SHOTS` are taken in a window on the demo server, in their order; `SHELL_SHOTS` in one on a scripted engine, for what
needs a host that is missing, refuses or asks. A shot is (name, async function(window, engine)) that brings the window
into the state to be seen; add yours to the list.
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_API"] = "pyside6"

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import PySide6  # noqa: F401  (before qasync, which takes the first binding it finds)
from PySide6.QtWidgets import QApplication, QPushButton
from qasync import QEventLoop

from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.gui import closing
from comfydesk.gui.session import Session
from comfydesk.gui.style.icons import Icons
from comfydesk.gui.style.theme import Theme
from comfydesk.gui.widgets.question import Question
from comfydesk.gui.window import Window
from comfydesk.jobs.model import HostChanged, QueueSummary
from comfydesk.server.types import AuthKind, Connection, Host, HostReport

from .arrange_shots import ARRANGE_SHOTS, arranging
from .create_shots import CREATE_SHOTS
from .fake_engine import REPORT, FakeEngine, behind_login
from .gallery_shots import EMPTY_SHOTS, GALLERY_SHOTS
from .library_shots import LIBRARY_DIALOGS, LIBRARY_SHOTS
from .shell import Shell

Prepare = Callable[[Window, Any], Awaitable[None]]
SIZES = ((1440, 900), (1100, 700), (900, 640))
THEMES = ("dark", "light")


async def settle(seconds: float = 0.4) -> None:
    """Let layouts, thumbnails and previews arrive."""
    await asyncio.sleep(seconds)


async def until(condition: Callable[[], Any], seconds: float = 60.0) -> Any:
    deadline = asyncio.get_running_loop().time() + seconds
    while not (value := condition()):
        if asyncio.get_running_loop().time() > deadline:
            raise TimeoutError("the state to be pictured did not come")
        await asyncio.sleep(0.02)
    return value


# ------------------------------------------------------------------------------------------------- on the demo server


async def create_ready(window: Window, _engine: Any) -> None:
    window.go_to("create")
    await until(lambda: _queue_button(window))


async def create_running(window: Window, _engine: Any) -> None:
    """The third of eight runs, with a live picture on the stage."""
    window.go_to("create")
    page = window.page("create")
    assert page is not None
    runs = page.form.footer.runs
    runs.set_value(8)
    runs.value_changed.emit(8)
    await settle(0.2)
    _queue_button(window).click()
    await until(lambda: window.title.summary is not None and window.title.summary.done_today >= 2)
    await until(lambda: "%" in window.windowTitle())
    await settle()


async def create_done(window: Window, _engine: Any) -> None:
    await until(
        lambda: (
            window.title.summary is not None
            and window.title.summary.done_today >= 8
            and not window.title.summary.running
        )
    )
    window.toasts.clear()


def page_of(key: str) -> Prepare:
    async def go(window: Window, _engine: Any) -> None:
        window.go_to(key)

    return go


def _queue_button(window: Window) -> QPushButton | None:
    page = window.page("create")
    found = page.findChildren(QPushButton) if page is not None else []
    return next((b for b in found if b.property("kind") == "primary" and b.isVisible() and b.isEnabled()), None)


SHOTS: list[tuple[str, Prepare]] = [
    ("create-ready", create_ready),
    *EMPTY_SHOTS,
    ("create-running", create_running),
    ("create-done", create_done),
    *CREATE_SHOTS,
    ("queue", page_of("queue")),
    *GALLERY_SHOTS,
    *LIBRARY_SHOTS,
    *ARRANGE_SHOTS,
]


# ---------------------------------------------------------------------------------------------- on a scripted engine


async def start_looking(window: Window, _engine: FakeEngine) -> None:
    window.go_to("start")


async def start_found(window: Window, engine: FakeEngine) -> None:
    engine.local = [REPORT]
    window.page("start").local._look()


def _typed(window: Window, text: str) -> Any:
    form = window.page("start").address
    form.edit.setText(text)
    form._on_edited()
    form.connect_now()
    return form


async def start_login(window: Window, engine: FakeEngine) -> None:
    engine.look_at = behind_login("ann", "pw")
    form = _typed(window, "https://gpu.example.com/comfy/")
    await until(form.access.login.isVisible)


async def start_login_wrong(window: Window, engine: FakeEngine) -> None:
    form = _typed(window, "192.168.1.20:8188")
    await until(form.access.login.isVisible)
    form.access.login.user.setText("ann")
    form.access.login.secret.setText("something")
    form.access.login.allow_plain.setChecked(True)
    form.connect_now()
    await until(form.access.problem.isVisible)


async def start_trust(window: Window, engine: FakeEngine) -> None:
    def look(url: str, *_: Any) -> HostReport:
        raise Problem(
            "tls_untrusted", address=url, detail="self-signed", fingerprint=":".join(["5E", "A1", "0C", "77"] * 8)
        )

    engine.look_at = look
    form = _typed(window, "https://gpu.example.com/comfy/")
    await until(form.access.trust.isVisible)


async def start_refused(window: Window, engine: FakeEngine) -> None:
    def look(*_: Any) -> HostReport:
        raise Problem("refused", address="gpu-box:8188")

    engine.look_at = look
    form = _typed(window, "gpu-box")
    await until(form.access.problem.isVisible)


async def hosts(window: Window, engine: FakeEngine) -> None:
    engine.saved = [
        Host("a", "gpu-box", "https://gpu-box.lan:8443/comfy", AuthKind.BASIC, "ann"),
        Host("b", "studio", "http://studio:8188"),
        Host("c", "rented", "https://x7k2-8188.proxy.example.net"),
    ]
    engine.default = "a"
    window.go_to("hosts")
    await window.states.reload()
    engine.publish(HostChanged("a", Connection.LIVE, REPORT), HostChanged("b", Connection.OFFLINE))
    await until(lambda: window.states.connection() is Connection.LIVE)


async def hosts_login(window: Window, engine: FakeEngine) -> None:
    engine.look_at = behind_login("ann", "pw")
    engine.publish(HostChanged("a", Connection.LOGIN, replace(REPORT), problem_code="auth_needed"))
    await until(lambda: window.page("hosts").rows[0].access.login.isVisible())


async def toasts(window: Window, engine: FakeEngine) -> None:
    engine.publish(HostChanged("a", Connection.LIVE, REPORT))
    window.go_to("settings")
    window.show_toast("Queued 8 runs", "Undo", lambda: None)
    window.show_problem(Problem("disk_full", folder="/home/ann/Pictures"))


async def blocked(window: Window, _engine: FakeEngine) -> None:
    window.toasts.clear()
    window.show_blocked(Problem("store_newer", file="jobs.db"), lambda: None)


SHELL_SHOTS: list[tuple[str, Prepare]] = [
    ("start-looking", start_looking),
    ("start-found", start_found),
    ("start-login", start_login),
    ("start-login-wrong", start_login_wrong),
    ("start-trust", start_trust),
    ("start-refused", start_refused),
    ("hosts", hosts),
    ("hosts-login", hosts_login),
    ("settings", page_of("settings")),
    ("help", page_of("help")),
    ("toasts", toasts),
    ("blocked", blocked),
]


# ------------------------------------------------------------------------------------------------------------ machinery


class Camera:
    """Takes each state in both themes and all sizes."""

    def __init__(self, folder: Path, theme: Theme, names: Sequence[str]) -> None:
        self._folder, self._theme, self._names = folder, theme, names

    def wants(self, name: str) -> bool:
        return not self._names or any(name.startswith(wanted) for wanted in self._names)

    async def take(self, window: Window, name: str) -> None:
        for theme in THEMES:
            self._theme.set_setting(theme)
            for width, height in SIZES:
                window.resize(width, height)
                await settle(0.15)
                self.save(window, f"{name}-{theme}-{width}x{height}")
        window.resize(*SIZES[0])

    def save(self, widget: Any, name: str) -> None:
        widget.grab().save(str(self._folder / f"{name}.png"))


async def demo_pictures(app: QApplication, theme: Theme, camera: Camera, home: Home) -> None:
    """One window on the demo server; later shots build on earlier ones, so all are prepared."""
    session = Session(app, theme, home, {"theme": THEMES[0], "window": ""}, [])
    window = session.window
    window.resize(*SIZES[0])
    life = asyncio.ensure_future(session.main())
    await until(lambda: life.done() or (session.bridge.is_attached and window.states.current is not None))
    if life.done():
        life.result()
    for name, prepare in SHOTS:
        await prepare(window, session.bridge.engine)
        await settle()
        if camera.wants(name):
            await camera.take(window, name)
    await dialog_pictures(theme, camera, window, session.bridge.engine)
    session.settings.set(on_close="quit")
    window.close()
    await life


async def dialog_pictures(theme: Theme, camera: Camera, window: Window, engine: Any) -> None:
    """The library's dialogs and "Arrange the form", each by itself."""
    if camera.wants("arrange-dialog"):
        dialog = await arranging(window, engine)
        for setting in THEMES:
            theme.set_setting(setting)
            await settle()
            camera.save(dialog, f"arrange-dialog-{setting}")
        dialog.close()
    window.go_to("create")
    for name, prepare in LIBRARY_DIALOGS:
        await prepare(window, engine)
        dialog = window.page("create").library.dialogs.open_one
        for setting in THEMES if camera.wants(name) else ():
            theme.set_setting(setting)
            await settle()
            camera.save(dialog, f"{name}-{setting}")
        dialog.reject()
        await settle(0.1)


async def shell_pictures(theme: Theme, camera: Camera, folder: Path) -> None:
    shell = Shell(theme, Icons(theme), folder)
    shell.window.resize(*SIZES[0])
    window = await shell.open()
    for name, prepare in SHELL_SHOTS:
        await prepare(window, shell.engine)
        await settle()
        if camera.wants(name):
            await camera.take(window, name)
    if camera.wants("closing"):
        for name in THEMES:
            theme.set_setting(name)
            asking = asyncio.ensure_future(closing.decide(window, shell.settings, QueueSummary(1, 11, 0, 0, False)))
            question = await until(lambda: window.findChild(Question))
            await settle()
            camera.save(question, f"closing-{name}")
            question.reject()
            await asking
            await settle(0.05)
    shell.close()


async def pictures(app: QApplication, folder: Path, names: Sequence[str]) -> None:
    theme = Theme(app, THEMES[0])
    camera = Camera(folder, theme, names)
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        if not names or any(camera.wants(name) for name, _ in SHELL_SHOTS) or camera.wants("closing"):
            await shell_pictures(theme, camera, root / "shell")
        if not names or any(camera.wants(name) for name, _ in (*SHOTS, *LIBRARY_DIALOGS)):
            await demo_pictures(app, theme, camera, Home(root / "home", root / "cache").demo())


def main(arguments: Sequence[str]) -> int:
    if not arguments:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
        runner.run(pictures(app, folder, arguments[1:]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
