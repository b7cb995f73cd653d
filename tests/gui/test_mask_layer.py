"""The mask that is painted: strokes, undo, and the file that ComfyUI's LoadImage reads."""

from __future__ import annotations

import io
import random
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageOps
from PySide6.QtGui import QImage

from comfydesk.base.errors import Problem
from comfydesk.gui.form.mask import masked_file
from comfydesk.gui.form.mask.brush import LARGEST, Brush, stamp
from comfydesk.gui.form.mask.history import SIDE, History
from comfydesk.gui.form.mask.layer import MaskLayer

brushes = st.builds(Brush, st.integers(1, 90), st.floats(0, 1))
points = st.tuples(st.floats(-40, 340), st.floats(-40, 240))


def as_load_image(path: str) -> tuple[Image.Image, Image.Image]:
    """IMAGE and MASK by the formula of LoadImage in ComfyUI's nodes.py, as bytes: MASK is 1 - alpha."""
    with Image.open(path) as opened:
        upright = ImageOps.exif_transpose(opened)
        return upright.convert("RGB"), ImageChops.invert(upright.getchannel("A"))


def noise(width: int, height: int) -> Image.Image:
    return Image.merge("RGB", [Image.effect_noise((width, height), 80) for _ in range(3)])


def painted(width: int, height: int, mask: Image.Image | None = None) -> MaskLayer:
    layer = MaskLayer(width, height, mask)
    layer.press(width * 0.2, height * 0.3, Brush(18, 0.4))
    layer.move(width * 0.8, height * 0.7)
    layer.release()
    layer.press(width * 0.5, height * 0.5, Brush(7, 1.0), erase=True)
    layer.move(width * 0.5, 0)
    layer.release()
    return layer


# -- brush and layer


@given(brushes)
def test_a_stamp_is_full_in_the_middle_and_nothing_at_its_rim(brush: Brush) -> None:
    made = stamp(brush)
    middle = made.width // 2
    assert made.width == made.height == brush.size + 2
    assert made.getpixel((middle, middle)) >= (200 if brush.size > 6 else 100)
    edges = [made.crop(box) for box in ((0, 0, made.width, 1), (0, 0, 1, made.height))]
    assert all(edge.getextrema()[1] <= 40 for edge in edges)


def test_size_changes_by_a_tenth_and_never_stands_still() -> None:
    brush = Brush(1)
    assert [brush.resized(1).size, brush.resized(-1).size, Brush(100).resized(1).size] == [2, 1, 110]
    assert Brush(LARGEST).resized(5).size == LARGEST


def test_a_stroke_marks_a_line_of_the_brushs_width_and_nothing_else() -> None:
    layer = MaskLayer(300, 200)
    layer.press(50, 100, Brush(20, 1.0))
    layer.move(250, 100)
    assert layer.release()
    assert layer.image.getbbox() == (40, 90, 260, 110)
    assert layer.image.crop((50, 93, 250, 107)).getextrema() == (255, 255)


def test_painting_twice_is_painting_once() -> None:
    layer = MaskLayer(100, 100)
    layer.press(50, 50, Brush(40, 0.0))
    once = layer.image.tobytes()
    for _ in range(5):
        layer.move(50, 50)
    assert layer.image.tobytes() == once


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(brushes, st.booleans(), st.lists(points, min_size=1, max_size=4)), max_size=6), st.data())
def test_undo_and_redo_bring_back_every_state_exactly(
    strokes: list[tuple[Brush, bool, list[tuple[float, float]]]], data: st.DataObject
) -> None:
    layer = MaskLayer(300, 200)
    states = [layer.image.tobytes()]
    for brush, erase, way in strokes:
        if data.draw(st.booleans()):
            layer.invert()
            states.append(layer.image.tobytes())
        layer.press(*way[0], brush, erase=erase)
        for point in way[1:]:
            layer.move(*point)
        if layer.release():
            states.append(layer.image.tobytes())
    for state in reversed(states[:-1]):
        assert layer.undo() is not None and layer.image.tobytes() == state
    assert layer.undo() is None
    for state in states[1:]:
        assert layer.redo() is not None and layer.image.tobytes() == state
    assert layer.redo() is None


@settings(max_examples=60, deadline=None)
@given(brushes, points, points, st.booleans())
def test_what_a_stroke_says_it_touched_is_all_that_it_changed(
    brush: Brush, start: tuple[float, float], end: tuple[float, float], erase: bool
) -> None:
    layer = MaskLayer(300, 200, Image.new("L", (300, 200), 128))
    before = layer.image.copy()
    boxes = [box for box in (layer.press(*start, brush, erase=erase), layer.move(*end)) if box is not None]
    for box in boxes:
        before.paste(layer.image.crop(box), box[:2])
    assert before.tobytes() == layer.image.tobytes()


def test_the_whole_mask_is_filled_inverted_and_cleared() -> None:
    layer = MaskLayer(200, 100)
    assert layer.clear() is None  # it is clear
    assert layer.fill() == (0, 0, 200, 100) and layer.image.getextrema() == (255, 255)
    assert layer.invert() and layer.is_empty
    layer.undo()
    assert layer.clear() and layer.is_empty and layer.history.can_undo and not layer.history.can_redo


def test_old_steps_are_let_go_of_where_they_take_too_much_room() -> None:
    picture = Image.effect_noise((4 * SIDE, SIDE), 90)
    history = History(picture, max_bytes=6 * SIDE * SIDE)
    for _ in range(10):
        history.begin()
        history.keep((0, 0, *picture.size))
        picture.paste(ImageChops.invert(picture))
        assert history.end()
    steps = 0
    while history.undo() is not None:
        steps += 1
    assert steps == 1


# -- files


@pytest.mark.parametrize(
    "name",
    ["rgb.png", "photo.jpg", "turned.jpg", "lossless.webp", "palette.png", "grey.png", "alpha.png", "moving.gif"],
)
def test_load_image_gets_the_mask_as_painted_and_the_picture_as_it_was(tmp_path: Path, name: str) -> None:
    source, picture = tmp_path / name, noise(120, 90)
    turned = Image.Exif()
    turned[0x112] = 6
    if name == "alpha.png":
        picture.putalpha(Image.effect_noise((120, 90), 60))
    elif name == "palette.png":
        picture = picture.quantize(32)
    elif name == "grey.png":
        picture = picture.convert("L")
    options = {"turned.jpg": {"exif": turned}, "lossless.webp": {"lossless": True}}.get(name, {})
    picture.save(source, **options)
    made = masked_file.read(str(source))
    layer = painted(*made.mask.size, made.mask)
    image, mask = as_load_image(masked_file.write(str(source), layer.image, tmp_path / "out"))
    with Image.open(source) as opened:
        was = ImageOps.exif_transpose(opened).convert("RGB")
    assert mask.tobytes() == layer.image.tobytes()
    assert image.size == was.size and image.tobytes() == was.tobytes()
    assert (made.shown[0].width(), made.shown[0].height()) == was.size


def deep_png(path: Path, width: int, height: int) -> bytes:
    """A PNG of 16 bits a colour; its samples, line after line."""
    samples = random.Random(7).randbytes(width * height * 6)
    pitch = width * 6
    lines = b"".join(b"\0" + samples[at : at + pitch] for at in range(0, len(samples), pitch))
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(masked_file._chunk(*chunk) for chunk in chunks))
    return samples


def test_sixteen_bits_stay_sixteen_bits(tmp_path: Path) -> None:
    samples = deep_png(tmp_path / "deep.png", 40, 30)
    layer = painted(40, 30)
    out = masked_file.write(str(tmp_path / "deep.png"), layer.image, tmp_path)
    read = QImage(out).convertToFormat(QImage.Format.Format_RGBA64)
    pixels = struct.unpack(f"={40 * 30 * 4}H", bytes(read.constBits()))
    colours = [value for at, value in enumerate(pixels) if at % 4 != 3]
    assert struct.pack(f">{len(colours)}H", *colours) == samples
    assert bytes(255 - value // 257 for value in pixels[3::4]) == layer.image.tobytes()


def test_a_masked_picture_can_be_painted_on_again_and_knows_its_original(tmp_path: Path) -> None:
    source = tmp_path / "fox.png"
    noise(60, 40).save(source)
    layer = painted(60, 40)
    first = masked_file.write(str(source), layer.image, tmp_path / "out")
    again = masked_file.read(first)
    assert again.mask.tobytes() == layer.image.tobytes() and again.original == str(source)
    second = masked_file.write(first, ImageChops.invert(again.mask), tmp_path / "out")
    assert masked_file.read(second).original == str(source)
    assert Path(second).stem.count("_mask_") == 1
    assert masked_file.write(first, again.mask, tmp_path / "out") == first


def test_what_is_no_picture_or_too_large_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    whole = io.BytesIO()
    noise(64, 64).save(whole, "PNG")
    (tmp_path / "cut.png").write_bytes(whole.getvalue()[:600])
    head = bytearray(whole.getvalue())
    head[16:24] = struct.pack(">II", 30_000, 30_000)
    (tmp_path / "huge.png").write_bytes(head)
    for name in ("text.png", "cut.png", "huge.png"):
        with pytest.raises(Problem) as raised:
            masked_file.read(str(tmp_path / name))
        assert raised.value.code == "input_unusable", name
    with pytest.raises(Problem) as raised:
        masked_file.read(str(tmp_path / "nowhere.png"))
    assert raised.value.code == "file_missing"
