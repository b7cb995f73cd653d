"""The window as a process: what it imports before its first frame, one window a home, an orderly end."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from comfydesk.base import resources
from comfydesk.base.paths import Home
from comfydesk.gui import first_frame, instance
from comfydesk.gui.instance_server import InstanceServer

from .conftest import until

ROOT = Path(__file__).resolve().parents[2]
ALLOWED_QT = {"PySide6", "PySide6.QtCore", "PySide6.QtGui", "PySide6.QtWidgets", "PySide6.QtSvg"}
# What the engine needs and the first frame does not. (asyncio and qasync are the shell's own.)
TOO_EARLY = {
    *("comfydesk.engine", "comfydesk.jobs.queue", "comfydesk.jobs.store", "comfydesk.gallery.index"),
    *("comfydesk.gui.create.page", "comfydesk.gui.gallery.page", "comfydesk.gui.queue.page", "comfydesk.cli"),
    *("requests", "urllib3", "websocket", "aiohttp", "PIL", "keyring", "click", "rich", "sqlite3", "msgspec"),
    *("filelock", "send2trash", "certifi", "multiprocessing", "email"),
}


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT), **more}


def comfydesk(*arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "comfydesk", *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def said(errors: str) -> str:
    """Standard error without what the offscreen platform remarks about itself."""
    return "".join(line for line in errors.splitlines(True) if not line.startswith("This plugin does not support"))


def wait_for(condition: Callable[[], object], seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@contextmanager
def open_window(home: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A running window that has opened its engine."""
    socket = home / "demo" / "window.sock" if "--demo" in arguments else home / "window.sock"
    process = subprocess.Popen(
        [sys.executable, "-m", "comfydesk", "--home", str(home), *arguments],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for(lambda: socket.exists() or process.poll() is not None)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.parametrize("has_host", [False, True], ids=["first run", "with a host"])
def test_the_first_frame_needs_qt_the_shell_and_nothing_else(tmp_path: Path, has_host: bool) -> None:
    if has_host:
        (tmp_path / "settings.json").write_text('{"hosts": [{"host_id": "a"}]}')
    script = (
        "import sys, time\n"
        "from comfydesk.__main__ import main\n"
        f"code = main(['--home', {str(tmp_path)!r}, '--quit-after-paint'])\n"
        "print('\\n'.join(sorted(sys.modules)))\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment(), capture_output=True, text=True, timeout=60, check=True
    )
    loaded = set(done.stdout.split())
    assert {name for name in loaded if name.startswith("PySide6.Qt")} - ALLOWED_QT == set()
    assert loaded & TOO_EARLY == set()


def test_quit_after_paint_says_how_long_it_took_and_saves_the_frame(tmp_path: Path) -> None:
    frame = tmp_path / "frame.png"
    done = comfydesk("--home", str(tmp_path / "home"), "--quit-after-paint", str(frame))
    assert done.returncode == 0, done.stderr
    assert 20 < int(done.stdout) < 60_000
    image = QImage(str(frame))
    assert image.width() >= 860
    assert len({image.pixel(x, y) for x in range(0, 800, 9) for y in range(0, 600, 9)}) > 5
    assert not (tmp_path / "home").exists()  # a frame leaves nothing behind


def test_a_frame_that_cannot_be_saved_is_said(tmp_path: Path) -> None:
    done = comfydesk("--home", str(tmp_path), "--quit-after-paint", str(tmp_path / "no" / "frame.png"))
    assert done.returncode == 8
    assert "could not be written" in done.stderr


def test_the_clock_starts_with_the_process_where_the_system_tells() -> None:
    started = first_frame.process_start(0.0)
    if not Path("/proc/self/stat").exists():
        assert started == 0.0
    else:
        assert time.time() - 3600 < started <= time.time()


def test_a_second_start_hands_its_files_to_the_first_window_and_ends(tmp_path: Path) -> None:
    home = tmp_path / "home"
    mine = tmp_path / "my own.json"
    mine.write_bytes(resources.path("workflows/sdxl.json").read_bytes())
    with open_window(home) as first:
        second = comfydesk("--home", str(home), str(mine))
        assert second.returncode == 0, second.stderr
        assert second.stdout == second.stderr == ""
        wait_for(lambda: (home / "workflows" / "my own.json").exists())
        assert first.poll() is None
        first.send_signal(signal.SIGTERM)
        out, errors = first.communicate(timeout=30)
    assert first.returncode == 0, errors
    assert out == said(errors) == ""
    assert not (home / "window.sock").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for another process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_end_the_window_in_order(tmp_path: Path, number: signal.Signals) -> None:
    with open_window(tmp_path) as process:
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    assert said(errors) == ""


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()] or [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the system does not list a process's children")
def test_the_demo_window_starts_its_server_and_ends_it(tmp_path: Path) -> None:
    with open_window(tmp_path, "--demo") as process:
        wait_for(lambda: children(process.pid))
        servers = children(process.pid)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in servers))


# ----------------------------------------------------------------------------------------------------- single instance


async def test_files_of_a_later_start_arrive_at_the_window(qapp, tmp_path: Path) -> None:
    home = Home(tmp_path, tmp_path / "cache")
    server = InstanceServer(home)
    arrived = []
    server.files_arrived.connect(arrived.append)
    assert server.is_listening
    for files in (["/a b/ü.json"], []):
        assert await asyncio.to_thread(instance.hand_over, home, files)
    await until(lambda: len(arrived) == 2)
    assert arrived == [["/a b/ü.json"], []]
    server.close()
    assert not instance.hand_over(home, [])
    server.deleteLater()


def test_a_socket_left_behind_by_a_crash_is_no_window(tmp_path: Path) -> None:
    import socket

    home = Home(tmp_path, tmp_path)
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(instance.server_name(home))
    assert instance.hand_over(home, ["/x"]) is False


def test_a_deep_home_gets_a_short_socket_and_each_home_its_own(tmp_path: Path) -> None:
    deep = Home(tmp_path / ("d" * 120), tmp_path)
    other = Home(tmp_path / ("e" * 120), tmp_path)
    assert len(os.fsencode(instance.server_name(deep))) <= 100
    assert instance.server_name(deep) != instance.server_name(other)


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b'{"files": 3}', b'{"files": [1, "/a"]}', b"\xff\n"])
def test_garbage_on_the_socket_is_no_files(line: bytes) -> None:
    assert [name for name in instance.files_of(line) if name != "/a"] == []


def test_a_forced_end_of_qt_is_a_normal_end(qapp, monkeypatch, tmp_path: Path) -> None:
    from comfydesk.gui import start

    class Session:
        def __init__(self, *_: object) -> None:
            self.abandoned = False

        async def main(self) -> int:
            asyncio.get_running_loop().call_later(0.02, qapp.exit)
            await asyncio.Event().wait()
            return 1

        def abandon(self) -> None:
            self.abandoned = True

    made = []
    monkeypatch.setattr(start, "Session", lambda *a: made.append(Session(*a)) or made[-1])
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    code = start.run(
        home=str(tmp_path), demo=False, files=[], quit_after_paint=False, shot=None, started_at=time.time()
    )
    assert code == 0
    assert made[0].abandoned
