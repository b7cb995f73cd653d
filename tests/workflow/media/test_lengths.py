"""How long media play, by their headers alone."""

from __future__ import annotations

import struct
import wave
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from comfydesk.demo.media.flac import silence
from comfydesk.demo.media.mp4 import movie
from comfydesk.workflow.media.lengths import length_of

FRAMES = tuple(Image.new("RGB", (16, 16), (40, 90, shade)) for shade in range(24))


def element(name: bytes, body: bytes) -> bytes:
    return name + (0x10000000 | len(body)).to_bytes(4, "big") + body


def matroska(seconds: float, scale: int = 1_000_000) -> bytes:
    info = element(b"\x2a\xd7\xb1", scale.to_bytes(3, "big"))
    info += element(b"\x44\x89", struct.pack(">d", seconds * 1e9 / scale))
    head = element(b"\x1a\x45\xdf\xa3", b"\x42\x82\x84webm")
    return head + element(b"\x18\x53\x80\x67", element(b"\xec", bytes(40)) + element(b"\x15\x49\xa9\x66", info))


def test_each_container_says_its_length(tmp_path: Path) -> None:
    files = {
        "a.mp4": (movie(FRAMES, 12.0, {"prompt": "{}"}), 2.0),
        "a.flac": (silence(3.5, 44100, 2, {}), 3.5),
        "a.webm": (matroska(7.25), 7.25),
    }
    with wave.open(str(tmp_path / "a.wav"), "wb") as sound:
        sound.setparams((2, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(4 * 8000 * 5))
    assert length_of(str(tmp_path / "a.wav")) == 5
    for name, (data, seconds) in files.items():
        (tmp_path / name).write_bytes(data)
        assert length_of(str(tmp_path / name)) == pytest.approx(seconds, abs=0.01)


def test_what_does_not_say_it_has_none(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello", encoding="utf-8")
    FRAMES[0].save(tmp_path / "a.png")
    assert length_of(str(tmp_path / "a.txt")) is None
    assert length_of(str(tmp_path / "a.png")) is None
    assert length_of(str(tmp_path / "gone.mp4")) is None


@given(st.sampled_from(["mp4", "flac", "webm", "wav"]), st.data())
def test_damaged_files_raise_nothing(tmp_path_factory: pytest.TempPathFactory, kind: str, data: st.DataObject) -> None:
    whole = {
        "mp4": movie(FRAMES[:2], 12.0, {}),
        "flac": silence(1.0, 8000, 1, {}),
        "webm": matroska(3.0),
        "wav": b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\x10\0\0\0"
        + bytes(16),
    }[kind]
    broken = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for place, value in data.draw(st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=8)):
        if place < len(broken):
            broken[place] = value
    file = tmp_path_factory.getbasetemp() / f"broken.{kind}"
    file.write_bytes(broken)
    seconds = length_of(str(file))
    assert seconds is None or 0 < seconds <= 360_000
