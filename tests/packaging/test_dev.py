"""dev.py knows what Qt needs of a Linux system, and speaks in sentences."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dev

from .conftest import ROOT, run, succeeded

LINUX = sys.platform.startswith("linux")
# What every Linux system has, and what the wheels bring along themselves.
GIVEN = re.compile(r"lib(c|m|dl|rt|pthread|resolv|stdc\+\+|gcc_s)\.so|ld-linux|libgthread")
BUNDLED = re.compile(r"libQt6|libicu|lib(pyside|shiboken)6|lib(av\w+|sw\w+)\.so|libbrotlicommon")
USED = (
    "lib/libQt6Core.so.6", "lib/libQt6Gui.so.6", "lib/libQt6Widgets.so.6", "lib/libQt6Svg.so.6",
    "lib/libQt6Network.so.6", "lib/libQt6DBus.so.6", "lib/libQt6OpenGL.so.6", "lib/libQt6Multimedia.so.6",
    "lib/libQt6XcbQpa.so.6", "lib/libQt6WaylandClient.so.6", "plugins/platforms/libqxcb.so",
    "plugins/platforms/libqoffscreen.so", "plugins/platforms/libqwayland.so",
    "plugins/multimedia/libffmpegmediaplugin.so", "plugins/imageformats/libqjpeg.so",
    "plugins/imageformats/libqwebp.so", "plugins/imageformats/libqsvg.so",
)  # fmt: skip


@pytest.mark.skipif(not (LINUX and shutil.which("objdump")), reason="needs Linux and objdump")
def test_the_table_names_every_system_library_that_the_qt_wheels_need() -> None:
    qt = pytest.importorskip("PySide6").__path__[0]
    needed: set[str] = set()
    for name in USED:
        done = subprocess.run(["objdump", "-p", f"{qt}/Qt/{name}"], capture_output=True, text=True, check=True)
        needed |= set(re.findall(r"NEEDED\s+(\S+)", done.stdout))
    missing = {name for name in needed if not GIVEN.match(name) and not BUNDLED.match(name)} - set(dev.QT_LIBRARIES)
    assert not missing


@pytest.mark.skipif(not LINUX, reason="system libraries are a matter of Linux")
def test_without_root_the_exact_command_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "loads", lambda soname: soname not in {"libEGL.so.1", "libxcb-cursor.so.0"})
    monkeypatch.setattr(dev.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(dev.shutil, "which", lambda name: "/usr/bin/apt-get" if name == "apt-get" else None)
    with pytest.raises(dev.Stop) as stop:
        dev.need_qt_libraries()
    assert "libEGL.so.1, libxcb-cursor.so.0" in str(stop.value)
    assert "sudo apt-get install -y --no-install-recommends libegl1 libxcb-cursor0" in str(stop.value)


def test_where_packages_have_other_names_libraries_are_asked_for_by_soname(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev.shutil, "which", lambda name: "/usr/bin/dnf" if name == "dnf" else None)
    command = dev.install_command(["libegl1"], ["libEGL.so.1"])
    assert command == "sudo dnf install -y 'libEGL.so.1()(64bit)'"


def test_a_failing_network_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def pip(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "", "Failed to resolve: Temporary failure in name resolution")

    monkeypatch.setattr(dev.subprocess, "run", pip)
    with pytest.raises(dev.Stop, match="Check the network, then run the command again"):
        dev.install(Path("python"), "setuptools")


def test_an_environment_of_another_python_gets_a_folder_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    own = tmp_path / ".venv-{}.{}".format(*sys.version_info[:2])
    assert dev.environment_folder() == tmp_path / ".venv"
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.9.1\n")
    assert dev.environment_folder() == own
    (tmp_path / ".venv" / "pyvenv.cfg").write_text("version = {}.{}.4\n".format(*sys.version_info[:2]))
    assert dev.environment_folder() == tmp_path / ".venv"


def test_the_page_of_help_names_every_command() -> None:
    assert dev.__doc__
    for name in dev.COMMANDS:
        assert f"dev.py {name} " in dev.__doc__


def test_an_unknown_command_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["dance"]) == 2
    assert "dev.py demo" in capsys.readouterr().out


@pytest.mark.packaging
@pytest.mark.timeout(300)
def test_the_demo_makes_four_pictures_by_one_command(tmp_path: Path) -> None:
    home = tmp_path / "home"
    command = [sys.executable, ROOT / "dev.py", "demo", "--no-window"]
    files = [Path(line) for line in succeeded(run(command, COMFYDESK_HOME=str(home))).splitlines()]
    assert len({file.read_bytes() for file in files}) == 4
    assert all(file.is_relative_to(home / "demo" / "results") and file.suffix == ".png" for file in files)
