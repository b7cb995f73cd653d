"""Window tests run without a display; `async def` tests run on a fresh qasync loop, without pytest-asyncio."""

from __future__ import annotations

import asyncio
import gc
import inspect
import logging
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_API"] = "pyside6"

import pytest

pytest.importorskip("PySide6.QtWidgets", reason="the window's tests need Qt")
import PySide6  # noqa: F401  (before qasync, which takes the first binding it finds)
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from comfydesk.gui.style.icons import Icons
from comfydesk.gui.style.theme import Theme

from .gallery_rig import GalleryEngine
from .shell import Shell

PATIENCE = 90.0  # seconds an async test may take in all; a busy machine needs room


@pytest.fixture(scope="session")
def qapp(qapp: QApplication) -> QApplication:
    qapp.setQuitOnLastWindowClosed(False)
    qapp.setProperty("comfydesk_theme", Theme(qapp, "dark"))
    return qapp


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    found = qapp.property("comfydesk_theme")
    assert isinstance(found, Theme)
    return found


@pytest.fixture
def icons(theme: Theme) -> Icons:
    return Icons(theme)


@pytest.fixture
def context(qapp: QApplication, theme: Theme) -> Iterator[Any]:
    """A context of its own, with a bridge that has no engine yet."""
    from tests.gui.stand_in import make_context

    made = make_context(qapp, theme)
    yield made
    made.bridge.detach()
    made.bridge.deleteLater()


@pytest.fixture
def stand_in(tmp_path: Path, context: Any) -> Iterator[Any]:
    """A stand-in for the engine, attached to the context's bridge."""
    from tests.gui.stand_in import StandInEngine

    engine = StandInEngine(tmp_path)
    context.bridge.attach(engine)
    yield engine
    context.bridge.detach()
    engine.close()


@pytest.fixture
def shell(qapp: QApplication, theme: Theme, icons: Icons, tmp_path: Path) -> Iterator[Shell]:
    made = Shell(theme, icons, tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module")
def demo_server() -> Iterator[Any]:
    """A demo server that is fast."""
    from comfydesk.demo import process

    with process.start(step_ms=2) as server:
        yield server


@pytest.fixture
def real_engine(tmp_path: Path, demo_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The engine of a fresh home that knows the demo server as a host like any other, named gpu-box."""
    from comfydesk.base.paths import Home
    from comfydesk.engine import Engine

    monkeypatch.setattr(Home, "default_output_root", lambda _home: tmp_path / "results")
    engine = Engine.open(Home(tmp_path / "home", tmp_path / "cache"))
    engine.hostbook.set_default(engine.hostbook.add("gpu-box", demo_server.url).host_id)
    yield engine
    engine.close()


@pytest.fixture
def at_work(qapp: QApplication, theme: Theme, real_engine: Any, caplog: pytest.LogCaptureFixture) -> Callable[..., Any]:
    """`async with at_work() as bench`: a window at work. At its end nothing may have crashed or stood still."""
    from .workbench import LONGEST_BLOCK, Workbench, workbench

    @asynccontextmanager
    async def begin(longest: float = LONGEST_BLOCK) -> AsyncIterator[Workbench]:
        async with workbench(theme, real_engine) as bench:
            bench.pulse.begin()
            yield bench
            bench.pulse.end()
            assert bench.pulse.own < longest
        assert not [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR or r.exc_info]

    return begin


@pytest.fixture
def gallery_engine(tmp_path: Path) -> Iterator[GalleryEngine]:
    made = GalleryEngine.on(tmp_path)
    yield made
    made.close()


@pytest.fixture
def gallery_page(context: Any, gallery_engine: GalleryEngine, qtbot: Any) -> Iterator[Any]:
    """The gallery page, shown but not attached yet."""
    from comfydesk.gui.gallery.page import GalleryPage

    context.bridge.attach(gallery_engine)
    made = GalleryPage(context)
    qtbot.addWidget(made)
    made.resize(1100, 700)
    made.show()
    yield made
    made.detach()
    context.bridge.detach()


@pytest.fixture(autouse=True)
def no_widget_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """A top-level widget that outlives its test is a leak."""
    if "qapp" not in request.fixturenames and "qtbot" not in request.fixturenames:
        yield
        return
    app = request.getfixturevalue("qapp")
    before = set(app.topLevelWidgets())
    yield
    app.processEvents()
    app.sendPostedEvents(None, 52)  # deferred deletes
    gc.collect()
    left = [w for w in app.topLevelWidgets() if w not in before and w.parent() is None]
    assert not left, f"widgets left behind: {left}"


async def until(condition: Callable[[], Any], seconds: float = 10.0) -> Any:
    """Wait for a condition in an async test; returns its value."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not (value := condition()):
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"this did not happen: {inspect.getsource(condition).strip()}")
        await asyncio.sleep(0.005)
    return value


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    args = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    app = pyfuncitem.funcargs.get("qapp") or pyfuncitem._request.getfixturevalue("qapp")
    errors: list[dict[str, Any]] = []

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: errors.append(context))
        async with asyncio.timeout(PATIENCE):
            await pyfuncitem.obj(**args)

    with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
        runner.run(main())
    gc.collect()  # qasync's timer must be freed on this thread
    if errors:
        pytest.fail(f"loop errors: {errors}")
    return True
