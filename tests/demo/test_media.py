"""The other files that the demo server writes: whole, and carrying their prompt."""

from __future__ import annotations

import io
import json
import struct
import time
from typing import Any

import pytest
from PIL import Image

from comfydesk.demo import painter
from comfydesk.demo.media import flac, h264, latent_file, mp4
from comfydesk.demo.values import Scene
from tests.demo.conftest import Server

TEXTS = {"prompt": '{"1": {}}', "workflow": '{"nodes": ["é"]}'}


def _media_prompt() -> dict[str, Any]:
    saver = {"images": ["1", 0], "filename_prefix": "m/clip", "fps": 8.0}
    return {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 48, "batch_size": 3, "color": 169432}},
        "2": {
            "class_type": "SaveAnimatedWEBP",
            "inputs": saver | {"lossless": False, "quality": 80, "method": "default"},
        },
        "3": {"class_type": "SaveAnimatedPNG", "inputs": saver | {"compress_level": 4}},
        "4": {"class_type": "CreateVideo", "inputs": {"images": ["1", 0], "fps": 8.0}},
        "5": {
            "class_type": "SaveVideo",
            "inputs": {"video": ["4", 0], "filename_prefix": "m/clip", "format": "auto", "codec": "auto"},
        },
        "6": {"class_type": "EmptyAudio", "inputs": {"duration": 0.5, "sample_rate": 44100, "channels": 2}},
        "7": {"class_type": "SaveAudio", "inputs": {"audio": ["6", 0], "filename_prefix": "m/quiet"}},
        "8": {"class_type": "PreviewAny", "inputs": {"source": ["9", 0]}},
        "9": {"class_type": "StringConcatenate", "inputs": {"string_a": "x", "string_b": "y", "delimiter": "-"}},
    }


def test_a_prompt_with_all_kinds_of_savers_names_and_writes_them(server: Server) -> None:
    prompt = _media_prompt()
    outputs = server.run(prompt)["outputs"]
    assert outputs["8"] == {"text": ["x-y"]}
    files = {node: server.get("/view", **outputs[node].get("images", outputs[node].get("audio"))[0]) for node in "2357"}
    kinds = {node: answer.headers["Content-Type"] for node, answer in files.items()}
    assert (
        kinds == {"2": "image/webp", "3": "image/png", "5": "video/mp4", "7": "audio/x-flac"}
        or kinds["7"] == "audio/flac"
    )
    assert outputs["2"]["animated"] == outputs["3"]["animated"] == outputs["5"]["animated"] == [True]
    assert files["5"].content[4:8] == b"ftyp"
    assert files["7"].content[:4] == b"fLaC"
    # Frames that equal the one before are stored as none by both formats.
    with Image.open(io.BytesIO(files["2"].content)) as webp:
        assert json.loads(webp.getexif()[0x0110].removeprefix("prompt:")) == prompt
    assert b"comfprompt\0{" in files["3"].content


def _boxes(data: bytes) -> dict[bytes, bytes]:
    """The boxes of one level by name."""
    found, at = {}, 0
    while at < len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        found[name] = data[at + 8 : at + size]
        at += size
    assert at == len(data), "the boxes do not fill the file"
    return found


def test_a_film_is_a_whole_mp4_with_its_texts() -> None:
    frames = tuple(painter.paint(Scene(seed, "a film"), 80, 60) for seed in (1, 2))
    top = _boxes(mp4.movie((*frames, frames[1]), 8.0, TEXTS))
    assert list(top) == [b"ftyp", b"moov", b"mdat"]
    moov = _boxes(top[b"moov"])
    meta = _boxes(_boxes(moov[b"udta"])[b"meta"][4:])
    assert b"mdtaprompt" in meta[b"keys"]
    assert TEXTS["workflow"].encode() in meta[b"ilst"]
    scale, duration = struct.unpack_from(">II", moov[b"mvhd"], 12)
    assert duration / scale == pytest.approx(3 / 8)
    table = _boxes(_boxes(_boxes(_boxes(moov[b"trak"])[b"mdia"])[b"minf"])[b"stbl"])
    count = struct.unpack_from(">I", table[b"stsz"], 8)[0]
    sizes = struct.unpack_from(f">{count}I", table[b"stsz"], 12)
    assert sum(sizes) == len(top[b"mdat"])
    assert sizes[2] < 40 < sizes[0], "a frame that stays takes a few bytes"


def test_no_start_code_hides_inside_a_picture() -> None:
    black = Image.new("RGB", (32, 32))
    stream = h264.encode((black,), 32, 32)
    assert all(bytes((0, 0, k)) not in stream.pictures[0] for k in (0, 1, 2))


def test_silence_is_a_whole_flac_with_its_texts() -> None:
    data = flac.silence(0.5, 44100, 2, TEXTS)
    assert data[:4] == b"fLaC"
    facts = int.from_bytes(data[18:26], "big")
    assert (facts >> 44, (facts >> 41 & 7) + 1, facts & (1 << 36) - 1) == (44100, 2, 22050)
    assert b"prompt=" + TEXTS["prompt"].encode() in data
    assert data.count(b"\xff\xf8") == 6, "one frame for each 4,096 samples"


def test_frame_numbers_of_flac_are_written_like_utf_8() -> None:
    for number in (0, 127, 128, 2047, 2048, 65535):
        assert flac._coded(number) == chr(number).encode("utf-8", "surrogatepass")


def test_a_latent_is_a_safetensors_file() -> None:
    data = latent_file.zeros((1, 4, 8, 8), TEXTS)
    length = struct.unpack_from("<Q", data)[0]
    header = json.loads(data[8 : 8 + length])
    assert header["latent_tensor"]["shape"] == [1, 4, 8, 8]
    assert header["__metadata__"] == TEXTS
    assert len(data) == 8 + length + header["latent_tensor"]["data_offsets"][1]


@pytest.mark.parametrize("size", [(8, 8), (64, 1024), (1500, 300), (2048, 2048)])
def test_pictures_have_the_size_that_was_asked_for(size: tuple[int, int]) -> None:
    assert painter.paint(Scene(3, "any"), *size).size == size


def test_the_words_set_the_mood() -> None:
    night = painter.paint(Scene(1, "a quiet night"), 64, 64).getpixel((2, 2))
    snow = painter.paint(Scene(1, "deep snow"), 64, 64).getpixel((2, 2))
    assert isinstance(night, tuple)
    assert isinstance(snow, tuple)
    assert sum(night) < 250 < 450 < sum(snow)


def test_a_megapixel_is_painted_within_the_time_of_a_few_steps() -> None:
    """60 ms on an idle machine; the bound leaves room for a busy one."""
    painter.paint(Scene(0, "warm"), 64, 64)
    best = 9.0
    for seed in range(3):
        begun = time.perf_counter()
        painter.paint(Scene(seed, "quick"), 1024, 1024)
        best = min(best, time.perf_counter() - begun)
    assert best < 0.3
