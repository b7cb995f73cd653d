"""Small pictures are made once, whatever the file is."""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from comfydesk.gallery import thumbnails
from comfydesk.gallery.thumbnails import Thumbnails
from comfydesk.workflow.media import dimensions
from tests.jobs.samples import animation, picture, png, png_chunk, whole_files


@pytest.fixture
def made(tmp_path: Path) -> Thumbnails:
    return Thumbnails(tmp_path / "cache")


def put(folder: Path, name: str, data: bytes) -> Path:
    file = folder / name
    file.write_bytes(data)
    return file


def opened(path: str) -> Image.Image:
    with Image.open(path) as image:
        image.load()
        return image


@pytest.mark.parametrize(("form", "name"), [("PNG", "a.png"), ("JPEG", "a.jpg"), ("WEBP", "a.webp"), ("GIF", "a.gif")])
def test_a_picture_becomes_a_small_webp(made: Thumbnails, tmp_path: Path, form: str, name: str) -> None:
    path = made.make(put(tmp_path, name, picture(form, (900, 600))), 250)
    assert path.startswith(str(made.folder))
    small = opened(path)
    assert (small.format, small.size) == ("WEBP", (256, 171))


def test_a_small_picture_is_not_blown_up(made: Thumbnails, tmp_path: Path) -> None:
    assert opened(made.make(put(tmp_path, "a.png", picture("PNG", (40, 30))), 256)).size == (40, 30)


@pytest.mark.parametrize("form", ["PNG", "WEBP", "GIF"])
def test_of_an_animation_the_first_frame_is_shown(made: Thumbnails, tmp_path: Path, form: str) -> None:
    small = opened(made.make(put(tmp_path, "a." + form.lower(), animation(form)), 128)).convert("RGB")
    assert small.size == (16, 16)
    assert max(small.getpixel((8, 8))) < 30  # type: ignore[type-var]


def test_a_photo_stands_upright(made: Thumbnails, tmp_path: Path) -> None:
    tags = Image.Exif()
    tags[0x0112] = 6
    for form in ("JPEG", "WEBP", "PNG"):
        data = picture(form, (60, 30), exif=tags.tobytes())
        assert opened(made.make(put(tmp_path, f"a.{form}", data), 128)).size == (30, 60)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_is_shown(made: Thumbnails, tmp_path: Path, mode: str) -> None:
    image = Image.new("L", (20, 20), 200).convert(mode) if mode != "I;16" else Image.new("I;16", (20, 20), 200 * 256)
    out = io.BytesIO()
    image.save(out, "PNG")
    small = opened(made.make(put(tmp_path, "a.png", out.getvalue()), 128))
    value = small.convert("RGB").getpixel((10, 10))
    assert isinstance(value, tuple)
    assert mode == "1" or abs(value[0] - 200) < 8


def test_transparency_is_kept(made: Thumbnails, tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(out, "PNG")
    pixel = opened(made.make(put(tmp_path, "a.png", out.getvalue()), 128)).getpixel((5, 5))
    assert isinstance(pixel, tuple)
    assert pixel[3] == 0


def test_a_thumbnail_is_made_once(made: Thumbnails, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = put(tmp_path, "a.png", picture("PNG"))
    first = made.make(file, 256)
    monkeypatch.setattr(thumbnails, "_make", lambda *args: pytest.fail("it is there already"))
    assert made.make(file, 200) == first


def test_a_changed_file_gets_a_new_one(made: Thumbnails, tmp_path: Path) -> None:
    file = put(tmp_path, "a.png", picture("PNG"))
    first = made.make(file, 256)
    put(tmp_path, "a.png", picture("PNG", (50, 50)))
    assert made.make(file, 256) != first


def test_an_empty_file_in_the_cache_is_made_anew(made: Thumbnails, tmp_path: Path) -> None:
    file = put(tmp_path, "a.png", picture("PNG"))
    first = Path(made.make(file, 256))
    first.write_bytes(b"")
    assert Path(made.make(file, 256)).stat().st_size > 0


@pytest.mark.parametrize("name", ["h.mp4", "i.glb", "j.safetensors", "l.ogg", "m.wav", "p.json", "o.bmp"])
def test_other_media_get_an_icon(made: Thumbnails, tmp_path: Path, name: str) -> None:
    assert made.make(put(tmp_path, name, whole_files()[name]), 256) == ""


@pytest.mark.parametrize(
    "data",
    [
        png(width=60_000, height=60_000),
        png(width=40_000, height=10),
        png(width=0, height=0),
        picture("PNG")[:60],
        picture("JPEG", (300, 300))[:400],
        picture("WEBP")[:60],
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%!PS-Adobe-3.0 EPSF-3.0",
        b"GIF89a" + b"\xff" * 50,
    ],
)
def test_a_bomb_or_a_broken_file_gets_an_icon_and_is_tried_once(
    made: Thumbnails, tmp_path: Path, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = put(tmp_path, "a.png", data)
    assert made.make(file, 256) == ""
    monkeypatch.setattr(thumbnails, "_make", lambda *args: pytest.fail("it was tried before"))
    assert made.make(file, 256) == ""
    assert list(made.folder.rglob("*.part")) == []


def test_a_picture_with_a_long_packed_text_is_shown(made: Thumbnails, tmp_path: Path) -> None:
    import zlib

    text = png_chunk(b"zTXt", b"prompt\0\0" + zlib.compress(b"fox " * 500_000))
    assert made.make(put(tmp_path, "a.png", png(text)), 256)


def test_a_file_that_is_gone_is_said_to_be_gone(made: Thumbnails, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        made.make(tmp_path / "not there.png", 256)


def test_several_threads_may_want_the_same(made: Thumbnails, tmp_path: Path) -> None:
    file = put(tmp_path, "a.png", picture("PNG", (800, 800)))
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(made.make(file, 256))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert [path.suffix for path in made.folder.rglob("*") if path.is_file()] == [".webp"]


def test_the_cache_stays_within_its_size(made: Thumbnails, tmp_path: Path) -> None:
    files = [Path(made.make(put(tmp_path, f"{i}.png", picture("PNG", (100 + i, 100))), 128)) for i in range(8)]
    for number, file in enumerate(files):
        os.utime(file, (number, number))
    total = sum(file.stat().st_size for file in files)
    assert made.prune(total) == 0
    assert made.prune(total - 1) > 0
    assert not files[0].exists()
    assert files[-1].exists()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damage_to_a_picture_is_survived(made: Thumbnails, tmp_path: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["a.png", "b.jpg", "c.webp", "e.gif", "g.png"]))
    broken = bytearray(whole_files()[name])
    for _ in range(data.draw(st.integers(1, 5))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    made.make(put(tmp_path, name, bytes(broken)), 128)


@pytest.mark.parametrize("name", ["a.png", "b.jpg", "c.webp", "d.gif", "f.webp", "o.bmp"])
def test_width_and_height_come_from_the_header(name: str) -> None:
    data = whole_files()[name]
    with Image.open(io.BytesIO(data)) as image:
        assert dimensions.size_of(io.BytesIO(data)) == image.size


def test_a_lossless_webp_tells_its_size() -> None:
    assert dimensions.size_of(io.BytesIO(picture("WEBP", (321, 123), lossless=True))) == (321, 123)


@given(
    st.binary(max_size=100), st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBPVP8X", b"BM"])
)
def test_any_header_is_survived(data: bytes, head: bytes) -> None:
    width, height = dimensions.size_of(io.BytesIO(head + data))
    assert width >= 0
    assert height >= 0


def test_a_frame_is_kept_as_the_poster_of_a_video_until_the_video_changes(made: Thumbnails, tmp_path: Path) -> None:
    video = put(tmp_path, "a.mp4", b"not read here")
    assert made.poster(video) == ""
    kept = made.keep_poster(video, picture("PNG", (1000, 500)))
    assert made.poster(video) == kept and opened(kept).size == (512, 256)
    video.write_bytes(b"another one")
    assert made.poster(video) == ""
    with pytest.raises(ValueError):
        made.keep_poster(video, b"no picture")
    video.unlink()
    with pytest.raises(FileNotFoundError):
        made.poster(video)
