"""The wheel holds all that ComfyDesk needs, and installs without Qt as engine and command line."""

from __future__ import annotations

import os
import venv
import zipfile
from pathlib import Path

import pytest

from .conftest import ROOT, run, succeeded

pytestmark = [pytest.mark.packaging, pytest.mark.timeout(600)]


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an empty environment with the wheel alone in it."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=True)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    pip = [programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    succeeded(run([*pip, "--constraint", ROOT / "constraints.txt", wheel], timeout=500))
    return programs


def test_the_wheel_carries_every_resource(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    files = [file for file in (ROOT / "resources").rglob("*") if file.is_file()]
    wanted = {"comfydesk/_resources/" + file.relative_to(ROOT / "resources").as_posix() for file in files}
    assert len(wanted) > 10
    assert not wanted - names


def test_the_wheel_carries_every_module_and_no_test(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".py")}
    modules = {file.relative_to(ROOT).as_posix() for file in (ROOT / "comfydesk").rglob("*.py")}
    assert modules == names


def test_an_install_without_extras_brings_no_qt(installed: Path) -> None:
    listed = succeeded(run([installed / "python", "-m", "pip", "list", "--format=freeze"])).lower()
    assert "comfydesk==" in listed
    assert "pyside" not in listed
    assert "qasync" not in listed


def test_the_demo_job_runs_without_qt(installed: Path, tmp_path: Path) -> None:
    out, home = tmp_path / "out", tmp_path / "home"
    command = [installed / "comfydesk", "--home", home, "run", "sdxl", "--demo", "--count", "2", "--out", out]
    printed = succeeded(run(command)).split("\n")
    files = [Path(line) for line in printed if line]
    assert sorted(files) == sorted(out.iterdir())
    assert [file.suffix for file in files] == [".png", ".png"]
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in files)


def test_the_window_says_what_is_missing_when_qt_is(installed: Path, tmp_path: Path) -> None:
    done = run([installed / "comfydesk", "--home", tmp_path / "home", "--demo"])
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert "comfydesk[desktop]" in done.stderr
