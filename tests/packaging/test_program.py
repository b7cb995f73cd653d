"""The program that `dev.py package` built runs a job, and opens its window on a virtual screen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from .conftest import run, succeeded

BUILT = os.environ.get("COMFYDESK_BUILT", "")
LINUX = sys.platform.startswith("linux")
pytestmark = [
    pytest.mark.packaging,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not BUILT, reason="dev.py package builds the program and names it in $COMFYDESK_BUILT"),
]


@pytest.fixture
def commands() -> Path:
    return Path(BUILT, "comfydesk" if LINUX else "comfydesk-cli").with_suffix(".exe" if os.name == "nt" else "")


@pytest.fixture
def window() -> Path:
    return Path(BUILT, "ComfyDesk").with_suffix(".exe" if os.name == "nt" else "")


@pytest.fixture
def screen() -> Iterator[dict[str, str]]:
    """The settings that lead to a screen of its own; elsewhere than on Linux the real one."""
    if not LINUX:
        yield {}
        return
    if not shutil.which("Xvfb"):
        pytest.skip("Xvfb is not installed")
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        with os.fdopen(reading) as said:
            number = said.readline().strip()  # Xvfb writes it when it is ready
        try:
            assert number, "Xvfb did not start"
            yield {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb", "WAYLAND_DISPLAY": ""}
        finally:
            server.terminate()


def test_the_program_runs_the_demo_job_headless(commands: Path, tmp_path: Path) -> None:
    out, home = tmp_path / "out", tmp_path / "home"
    command = [commands, "--home", home, "run", "sdxl", "--demo", "--count", "2", "--seed", "1", "--out", out]
    files = [Path(line) for line in succeeded(run(command, DISPLAY="", WAYLAND_DISPLAY="")).splitlines()]
    assert sorted(files) == sorted(out.iterdir())
    assert len(files) == 2
    for file in files:
        with Image.open(file) as picture:
            assert picture.size == (1024, 1024)


def test_the_window_opens_and_paints_on_a_virtual_screen(window: Path, screen: dict[str, str], tmp_path: Path) -> None:
    shot = tmp_path / "shot.png"
    succeeded(run([window, "--home", tmp_path / "home", "--quit-after-paint", shot, "--demo"], **screen))
    with Image.open(shot) as picture:
        assert picture.width >= 800
        assert picture.height >= 500
        colours = picture.convert("RGB").resize((200, 125)).getcolors(25_000)
    assert colours is not None
    assert len(colours) > 20, "the window is empty: nearly one flat colour"


def test_the_program_brings_none_of_the_libraries_it_must_not() -> None:
    names = {file.name.lower() for file in Path(BUILT).rglob("*")}
    unwanted = ("virtualkeyboard", "webengine", "pyqt", "libgtk", "tcl8", "libqt6qml", "libqt6quick", "libqt6charts")
    assert not [name for name in names if any(word in name for word in unwanted)]


def test_the_program_carries_its_desktop_entry_and_every_licence() -> None:
    files = {file.name: file for file in Path(BUILT).rglob("*")}
    assert {"comfydesk.desktop", "comfydesk.svg", "LICENSE", "sdxl.json", "flux-schnell.json"} <= set(files)
    notices = files["THIRD-PARTY.txt"].read_text(encoding="utf-8")
    for name in ("PySide6", "qasync", "requests", "aiohttp"):
        assert f"\n{name}" in notices
