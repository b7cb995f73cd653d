"""The bytes of a file say what it is and whether it is whole."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfydesk.jobs import file_ends
from comfydesk.jobs.media_kinds import complete, complete_open, fits, format_of, kind_of, kind_of_file
from tests.jobs.samples import animation, flac, picture, png, png_chunk, whole_files

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
WHOLE = whole_files()


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_a_whole_file_is_recognised(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(WHOLE[name])
    assert complete(file) is True


@pytest.mark.parametrize("name", sorted(set(WHOLE) - {"p.json"}))
def test_a_file_cut_anywhere_is_never_taken_for_whole(name: str) -> None:
    data = WHOLE[name]
    step = max(1, len(data) // 1000)
    for end in [*range(0, len(data), step), len(data) - 1]:
        assert complete_open(io.BytesIO(data[:end]), name) in (False, None), end


@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_damage_anywhere_is_survived(name: str, data: st.DataObject) -> None:
    broken = bytearray(WHOLE[name])
    for _ in range(data.draw(st.integers(1, 8))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    complete_open(io.BytesIO(bytes(broken)), name)
    kind_of(name, bytes(broken))


@given(st.sampled_from(sorted(file_ends.CHECKS)), st.binary(max_size=300))
def test_any_bytes_are_survived_by_every_walker(form: str, data: bytes) -> None:
    assert file_ends.CHECKS[form](io.BytesIO(data), len(data)) in (True, False, None)


def test_every_bit_of_a_png_counts() -> None:
    data = bytearray(picture("PNG"))
    for place in range(8, len(data), 7):
        data[place] ^= 0x10
        assert complete_open(io.BytesIO(bytes(data)), "x.png") is not True, place
        data[place] ^= 0x10


def test_a_thumbnail_inside_a_jpeg_does_not_end_it() -> None:
    inner = picture("JPEG", (16, 16))
    data = picture("JPEG", (200, 200), exif=b"Exif\0\0II*\0\x08\0\0\0\0\0" + inner)
    assert data.index(b"\xff\xd9") < len(data) - 2
    assert complete_open(io.BytesIO(data), "x.jpg") is True
    assert complete_open(io.BytesIO(data[:-100]), "x.jpg") is False


def test_a_format_that_does_not_say_is_neither_whole_nor_broken() -> None:
    for name, data in (("x.flac", flac()), ("x.txt", b"words"), ("x.obj", b"v 1 2 3"), ("x.exe.untrusted", b"MZ")):
        assert complete_open(io.BytesIO(data), name) is None
    assert complete_open(io.BytesIO(flac()[:30]), "x.flac") is False


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("a.png", b"", "picture"),
        ("a.JPG", b"", "picture"),
        ("a.webp", picture("WEBP"), "picture"),
        ("a.webp", animation("WEBP"), "animation"),
        ("a.png", animation("PNG"), "animation"),
        ("a.png", picture("PNG"), "picture"),
        ("a.gif", b"", "animation"),
        ("a.mp4", b"", "video"),
        ("a.webm", b"", "video"),
        ("a.flac", b"", "sound"),
        ("a.mp3", b"", "sound"),
        ("a.glb", b"", "model"),
        ("a.latent", b"", "latent"),
        ("a.txt", b"", "text"),
        ("a.json", b"", "text"),
        ("a.exe.untrusted", b"", "file"),
        ("a", b"", "file"),
    ],
)
def test_the_kind_of_a_file(name: str, head: bytes, kind: str) -> None:
    assert kind_of(name, head[:4096]) == kind


def test_an_animated_png_with_long_texts_is_an_animation(tmp_path: Path) -> None:
    file = tmp_path / "x.png"
    control = png_chunk(b"acTL", b"\0\0\0\2\0\0\0\0")
    file.write_bytes(png(png_chunk(b"tEXt", b"prompt\0" + b"x" * 100_000), control))
    assert kind_of_file(file) == "animation"
    file.write_bytes(png(png_chunk(b"tEXt", b"prompt\0" + b"x" * 100_000)))
    assert kind_of_file(file) == "picture"


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_a_web_page_is_none_of_them(name: str) -> None:
    assert fits(name, WHOLE[name][:64])
    assert fits(name, b"<!DOCTYPE html>") == name.endswith(".json")


def test_sound_frames_are_told_apart() -> None:
    assert format_of(b"\xff\xfb\x90\x00") == "mp3"
    assert format_of(b"ID3\x04") == "mp3"
    assert format_of(b"\xff\xf1\x50\x80") == "adts"


@pytest.mark.skipif(not SHARED.exists(), reason="the recorded media are not here")
def test_what_a_real_server_wrote_is_whole() -> None:
    found = {path.suffix: complete(path) for path in (SHARED / "comfyui" / "media").iterdir()}
    assert found.pop(".flac") is None  # its frames carry no length
    assert found
    assert all(found.values()), found
