"""A picked file is copied, so that a queued job keeps what it was queued with."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import pytest

from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.jobs import inputs as module
from comfydesk.jobs.inputs import Inputs

DATA = b"picture" * 1000
DIGEST = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home", tmp_path / "cache").make()


@pytest.fixture
def picked(tmp_path: Path) -> Path:
    file = tmp_path / "My Photo.PNG"
    file.write_bytes(DATA)
    return file


def test_the_copy_is_named_by_its_bytes(home: Home, picked: Path) -> None:
    taken = Inputs(home).take(picked)
    assert taken.sha256 == DIGEST
    assert taken.name == f"comfydesk/{DIGEST[:16]}.png"
    assert Path(taken.path) == home.inputs / f"{DIGEST}.png"
    picked.write_bytes(b"changed later")
    assert Path(taken.path).read_bytes() == DATA


def test_the_same_bytes_are_copied_once(home: Home, picked: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.png"
    again.write_bytes(DATA)
    assert Inputs(home).take(picked) == Inputs(home).take(again)
    assert len(list(home.inputs.iterdir())) == 1


@pytest.mark.parametrize(
    ("name", "ext"), [("a.JPEG", ".jpeg"), ("a", ""), ("a.b c", ".bc"), ("a.mp4", ".mp4"), ("x.é", ""), (".png", "")]
)
def test_the_extension_is_kept_in_a_safe_form(home: Home, tmp_path: Path, name: str, ext: str) -> None:
    (tmp_path / name).write_bytes(DATA)
    taken = Inputs(home).take(tmp_path / name)
    assert (taken.name, Path(taken.path).name) == (f"comfydesk/{DIGEST[:16]}{ext}", DIGEST + ext)


def test_a_missing_file_is_named(home: Home, tmp_path: Path, picked: Path) -> None:
    for path in (tmp_path / "not there.png", picked / "below a file.png"):
        with pytest.raises(Problem) as raised:
            Inputs(home).take(path)
        assert raised.value.code == "input_missing"
        assert str(path) in raised.value.message


def test_what_is_no_file_is_refused(home: Home, tmp_path: Path) -> None:
    with pytest.raises(Problem, match="folder"):
        Inputs(home).take(tmp_path)
    with pytest.raises(Problem):
        Inputs(home).take(Path("a\0b"))
    assert list(home.inputs.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.timeout(5)
def test_a_named_pipe_is_refused_and_does_not_hold_the_program(home: Home, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(Problem, match="not a file"):
        Inputs(home).take(tmp_path / "pipe.png")


def test_a_huge_file_is_refused_before_it_is_copied(home: Home, tmp_path: Path) -> None:
    huge = tmp_path / "huge.mp4"
    with huge.open("wb") as file:
        file.truncate((4 << 30) + 1)
    with pytest.raises(Problem, match="4 GiB") as raised:
        Inputs(home).take(huge)
    assert raised.value.code == "input_unusable"


def test_a_file_that_grows_while_it_is_copied_leaves_nothing(
    home: Home, picked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", len(DATA))

    class Growing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return b"more and more"

    monkeypatch.setattr(module, "_opened", lambda path: Growing())
    with pytest.raises(Problem) as raised:
        Inputs(home).take(picked)
    assert raised.value.code == "input_unusable"
    assert list(home.inputs.iterdir()) == []


def test_released_copies_go(home: Home, picked: Path) -> None:
    inputs = Inputs(home)
    taken = inputs.take(picked)
    inputs.release("")
    assert Path(taken.path).exists()
    inputs.release(taken.sha256)
    inputs.release(taken.sha256)
    assert list(home.inputs.iterdir()) == []


def test_a_sweep_keeps_what_jobs_need_and_what_was_just_taken(home: Home, picked: Path, tmp_path: Path) -> None:
    inputs = Inputs(home)
    needed = inputs.take(picked)
    (tmp_path / "b.png").write_bytes(b"b")
    unneeded = inputs.take(tmp_path / "b.png")
    (home.inputs / "mine.txt").write_text("mine")
    assert inputs.sweep({needed.sha256}) == 0
    for file in home.inputs.iterdir():
        os.utime(file, (1, 1))
    assert inputs.sweep({needed.sha256}) == 1
    assert not Path(unneeded.path).exists()
    assert (home.inputs / "mine.txt").exists()


def test_taking_a_file_again_keeps_it_from_the_sweep(home: Home, picked: Path) -> None:
    inputs = Inputs(home)
    taken = inputs.take(picked)
    os.utime(taken.path, (1, 1))
    inputs.take(picked)
    assert inputs.sweep(()) == 0


def test_a_home_without_inputs_has_nothing_to_sweep(tmp_path: Path) -> None:
    inputs = Inputs(Home(tmp_path / "none", tmp_path / "cache"))
    assert inputs.sweep(()) == 0
    inputs.release("a" * 64)
