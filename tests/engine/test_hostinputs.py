"""The files in a host's input folder: listed newest first, seen small, copied to be changed here."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from comfydesk.base.errors import Problem
from comfydesk.demo import process
from comfydesk.engine.hostinputs import KEPT_BYTES, Previews
from comfydesk.server import inputs, upload
from tests.engine.test_hostfiles import Desk, desk, home, server

__all__ = ["desk", "home", "server"]


@pytest.fixture
def fox(desk: Desk, tmp_path: Path) -> Iterator[Path]:
    """A picture in the host's input folder, and one in a folder of it."""
    path = tmp_path / "fox.png"
    Image.new("RGB", (60, 40), "orange").save(path)
    upload.send_file(desk.page, path, "fox.png", "", None)
    upload.send_file(desk.page, path, "fox.png", "den", None)
    yield path


def test_the_host_lists_its_inputs_newest_first_without_its_own_mark(desk: Desk, fox: Path, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("x")
    upload.send_file(desk.page, tmp_path / "note.txt", "note.txt", "", None)
    names = desk.call(desk.engine.host_inputs("box"))
    assert names is not None and names[0] == "note.txt" and "fox.png" in names
    made = desk.call(desk.engine.host_inputs("box", "output"))
    assert made is not None and all(name.endswith(" [output]") for name in made)


def test_a_preview_is_a_small_file_of_the_picture_and_is_asked_for_once(
    desk: Desk, fox: Path, server: process.DemoProcess
) -> None:
    for name in ("fox.png", "den/fox.png", "fox.png [input]"):
        data = desk.call(desk.engine.host_input_preview("box", name))
        with Image.open(io.BytesIO(data)) as picture:
            assert picture.format == "WEBP" and picture.size == (60, 40)
    assert desk.engine._previews.get(("box", "fox.png")) == desk.call(desk.engine.host_input_preview("box", "fox.png"))


def test_what_is_gone_or_no_picture_is_said(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "song.wav").write_bytes(b"RIFF no sound")
    upload.send_file(desk.page, tmp_path / "song.wav", "song.wav", "", None)
    for name in ("nowhere.png", "song.wav", "../../etc/passwd"):
        with pytest.raises(Problem) as raised:
            desk.call(desk.engine.host_input_preview("box", name))
        assert raised.value.code == "remote_missing"


def test_an_input_is_copied_byte_for_byte_under_a_name_of_our_own(desk: Desk, fox: Path) -> None:
    copy = Path(desk.call(desk.engine.copy_host_input("box", "den/fox.png")))
    assert copy.read_bytes() == fox.read_bytes()
    assert copy.parent == desk.engine.home.root / "pasted" and copy.suffix == ".png"
    assert Path(desk.call(desk.engine.copy_host_input("box", "den/fox.png"))) == copy


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("fox.png", ("", "fox.png", "input")),
        ("a/b/fox.png [output]", ("a/b", "fox.png", "output")),
        ("a\\fox.png[temp]", ("a", "fox.png", "temp")),
        ("odd [x].png", ("", "odd [x].png", "input")),
        ("", ("", "", "input")),
    ],
)
def test_a_value_names_folder_file_and_kind(name: str, parts: tuple[str, str, str]) -> None:
    assert inputs.parts(name) == parts


def test_old_previews_make_room() -> None:
    kept = Previews()
    for number in range(5):
        kept.put(("box", str(number)), bytes(KEPT_BYTES // 3))
    assert kept.get(("box", "0")) is None and kept.get(("box", "4")) is not None
