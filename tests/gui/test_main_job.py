"""The first ten minutes, clicked through: from the start page to a file on disk, on the real engine."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from comfydesk.base.paths import Home
from comfydesk.demo import process as demo
from comfydesk.gui.hosts.first_run import FirstRunPage
from comfydesk.gui.hosts.page import HostsPage
from comfydesk.gui.session import Session
from comfydesk.gui.style.theme import Theme
from comfydesk.gui.widgets.question import Question
from comfydesk.server import discover
from comfydesk.server.types import Connection
from tests.server import proxy

from .conftest import until

pytestmark = pytest.mark.timeout(120)
SLOW = 40.0  # seconds; a busy machine


class Clicks:
    """Presses what a person would, and counts it."""

    def __init__(self, session: Session) -> None:
        self.session, self.count = session, 0

    def press(self, button: Any) -> None:
        self.count += 1
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    async def queue(self) -> list[Path]:
        """Press Queue once it is offered, and wait for the files."""
        create = await until(lambda: self.session.window.page("create"), SLOW)
        button = await until(lambda: _primary(create), SLOW)
        await until(button.isEnabled, SLOW)
        self.press(button)
        root = self.session.home.root if self.session.home.is_demo else Path(os.environ["RESULTS"])
        return await until(lambda: pictures(root), SLOW)


def pictures(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*.png") if "cache" not in file.parts)


def _primary(page: Any) -> QPushButton | None:
    shown = [b for b in page.form.findChildren(QPushButton) if b.property("kind") == "primary" and b.isVisible()]
    return next((b for b in shown if b.isEnabled()), None)


@asynccontextmanager
async def window(qapp: QApplication, theme: Theme, home: Home) -> AsyncIterator[Clicks]:
    """A whole window on this home, closed at the end as by its close button."""
    session = Session(qapp, theme, home, {"theme": "dark"}, [])
    session.window.resize(1440, 900)
    life = asyncio.ensure_future(session.main())
    try:
        await until(lambda: session.bridge.is_attached or life.done(), SLOW)
        yield Clicks(session)
    finally:
        session.settings.set(on_close="quit")
        session.window.close()
        assert await life == 0
        session.window.deleteLater()
        session.bridge.deleteLater()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("RESULTS", str(tmp_path / "results"))
    monkeypatch.setattr(Home, "default_output_root", _results(tmp_path))
    monkeypatch.setattr(discover, "look_local", lambda: [])
    return Home(tmp_path / "home", tmp_path / "cache")


def _results(folder: Path) -> Callable[[Home], Path]:
    return lambda home: home.root / "results" if home.is_demo else folder / "results"


async def test_the_demo_is_two_clicks_from_a_file_and_leaves_no_trace_when_removed(
    qapp, theme: Theme, home: Home
) -> None:
    async with window(qapp, theme, home) as clicks:
        shown = clicks.session.window
        start = await until(lambda: shown.page("start"))
        assert isinstance(start, FirstRunPage)
        await until(start.demo.isEnabled)
        clicks.press(start.demo)
        await until(lambda: clicks.session.home.is_demo and shown.states.current is not None, SLOW)
        (file,) = await clicks.queue()
        assert clicks.count == 2
        assert file.is_relative_to(home.demo().root)
        assert shown.top_bar._demo.isVisible()
        assert shown.states.connection() is Connection.LIVE
        clicks.press(shown.top_bar.leave_demo)
        question = await until(lambda: shown.findChild(Question))
        question.buttons["remove"].click()
        await until(lambda: not clicks.session.home.is_demo and not home.demo().root.exists(), SLOW)
        assert shown.current == "start"
        assert not shown.top_bar._demo.isVisible()


async def test_comfyui_on_this_computer_is_two_clicks_from_a_file(
    qapp, theme: Theme, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with demo.start(step_ms=5) as server:
        look = discover.look_local
        monkeypatch.setattr(discover, "look_local", lambda: _really_look(server.port))
        assert look() == []
        async with window(qapp, theme, home) as clicks:
            start = await until(lambda: clicks.session.window.page("start"))
            await until(lambda: start.local.buttons, SLOW)
            clicks.press(start.local.buttons[0])
            (file,) = await clicks.queue()
            assert clicks.count == 2
            assert file.stat().st_size > 1000
        async with window(qapp, theme, home) as clicks:  # the next day: connected by itself, the start page is gone
            await until(lambda: clicks.session.window.states.connection() is Connection.LIVE, SLOW)
            assert clicks.session.window.current == "create"


def _really_look(port: int) -> Any:
    from comfydesk.server.client import ServerClient

    client = ServerClient(f"http://127.0.0.1:{port}")
    try:
        return [client.look()]
    finally:
        client.close()


async def test_a_server_behind_tls_login_and_sub_path_is_used_from_one_field(qapp, theme: Theme, home: Home) -> None:
    with demo.start(step_ms=5) as server, proxy.start(server.url, user="ann", password="s3cret") as front:
        async with window(qapp, theme, home) as clicks:
            shown = clicks.session.window
            start = await until(lambda: shown.page("start"))
            form = start.address
            await until(lambda: form._engine is not None)
            form.edit.setText(front.url)
            form._on_edited()
            QTest.keyClick(form.edit, Qt.Key.Key_Return)
            await until(form.access.trust.isVisible, SLOW)
            fingerprint = form.access.trust._fingerprint.text().replace("\n", "").replace(":", "").lower()
            assert fingerprint == front.fingerprint.replace(":", "").lower()
            form.access.trust.accept.click()
            await until(form.access.login.isVisible, SLOW)
            QTest.keyClicks(form.access.login.user, "ann")
            QTest.keyClick(form.access.login.user, Qt.Key.Key_Return)
            QTest.keyClicks(form.access.login.secret, "s3cret")
            QTest.keyClick(form.access.login.secret, Qt.Key.Key_Return)
            await until(lambda: shown.states.connection() is Connection.LIVE, SLOW)
            (file,) = await clicks.queue()
            assert file.stat().st_size > 1000
        settings = home.settings_file.read_text()
        assert "s3cret" not in settings
        async with window(qapp, theme, home) as clicks:  # no keychain here, so the next start asks, in the host's row
            shown = clicks.session.window
            await until(lambda: shown.states.connection() is Connection.LOGIN, SLOW)
            shown.go_to("hosts")
            page = shown.page("hosts")
            assert isinstance(page, HostsPage)
            row = await until(lambda: page.rows and page.rows[0])
            await until(row.access.login.isVisible, SLOW)
            assert row.access.login.user.text() == "ann"
            QTest.keyClicks(row.access.login.secret, "s3cret")
            QTest.keyClick(row.access.login.secret, Qt.Key.Key_Return)
            await until(lambda: shown.states.connection() is Connection.LIVE, SLOW)
            await until(lambda: not row.access.isVisible(), SLOW)


async def test_finish_the_running_one_saves_it_and_the_rest_goes_on_at_the_next_start(
    qapp, theme: Theme, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with demo.start(step_ms=40) as server:
        monkeypatch.setattr(discover, "look_local", lambda: _really_look(server.port))
        results = Path(os.environ["RESULTS"])
        async with window(qapp, theme, home) as clicks:
            session = clicks.session
            start = await until(lambda: session.window.page("start"))
            await until(lambda: start.local.buttons, SLOW)
            clicks.press(start.local.buttons[0])
            create = await until(lambda: session.window.page("create"), SLOW)
            await until(lambda: _primary(create), SLOW)
            runs = create.form.footer.runs
            runs.set_value(3)
            runs.value_changed.emit(3)
            button = await until(lambda: _primary(create), SLOW)
            clicks.press(button)
            await until(lambda: session.window.title.summary and session.window.title.summary.running, SLOW)
            session.settings.set(on_close="finish")
            session.window.close()
            await until(lambda: not session.bridge.is_attached, SLOW)
            first = pictures(results)
            assert 1 <= len(first) < 3
        async with window(qapp, theme, home):
            await until(lambda: len(pictures(results)) == 3, SLOW)


async def test_a_second_window_of_a_home_ends_by_itself(qapp, theme: Theme, home: Home) -> None:
    async with window(qapp, theme, home) as clicks:
        other = Session(qapp, theme, home, {}, [])
        assert await other.main() == 0
        assert not other.bridge.is_attached
        assert clicks.session.bridge.is_attached
        other.window.deleteLater()
        other.bridge.deleteLater()
