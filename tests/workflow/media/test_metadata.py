"""A file tells what made it, and a hostile one tells nothing worse."""

from __future__ import annotations

import io
import json
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from comfydesk.base.errors import Problem
from comfydesk.workflow.media import exif, metadata, png_text
from comfydesk.workflow.media.metadata import Metadata, read_open
from tests.jobs.samples import box, flac, mp4, picture, png, png_chunk

SHARED = Path(__file__).resolve().parents[3].parent / "shared"
MEDIA = SHARED / "comfyui" / "media"
GRAPH: dict[str, Any] = {"3": {"class_type": "KSampler", "inputs": {"seed": 2**64 - 1, "model": ["4", 0]}}}
TEXT = json.dumps(GRAPH)


def of(data: bytes) -> Metadata:
    return read_open(io.BytesIO(data))


def ztxt(key: bytes, text: bytes) -> bytes:
    return png_chunk(b"zTXt", key + b"\0\0" + zlib.compress(text))


def itxt(key: bytes, text: bytes, packed: bool = False) -> bytes:
    body = zlib.compress(text) if packed else text
    return png_chunk(b"iTXt", key + b"\0" + bytes([packed]) + b"\0en\0\0" + body)


@pytest.mark.skipif(not MEDIA.exists(), reason="the recorded media are not here")
@pytest.mark.parametrize(
    "name", ["still_00001_.png", "apng_00001_.png", "anim_00001_.webp", "tone_00001.flac", "video_00001_.mp4"]
)
def test_what_a_real_server_wrote_is_read(name: str) -> None:
    found = metadata.read(MEDIA / name)
    nodes = json.loads((MEDIA / "workflow_api.json").read_text())
    assert found.prompt is not None
    assert set(found.prompt) <= set(nodes)
    assert all(found.prompt[key]["class_type"] == nodes[key]["class_type"] for key in found.prompt)
    assert found.workflow is not None
    assert "nodes" in found.workflow
    assert found.notes == ()


@pytest.mark.parametrize(
    "chunk",
    [
        png_chunk(b"tEXt", b"prompt\0" + TEXT.encode()),
        ztxt(b"prompt", TEXT.encode()),
        itxt(b"prompt", TEXT.encode()),
        itxt(b"prompt", TEXT.encode(), packed=True),
        png_chunk(b"comf", b"prompt\0" + TEXT.encode()),
    ],
)
def test_a_png_tells_its_prompt_before_or_after_the_pixels(chunk: bytes) -> None:
    for data in (png(chunk), png(after=chunk)):
        assert of(data).prompt == GRAPH
        assert (of(data).width, of(data).height) == (4, 4)


def test_a_seed_of_64_bits_is_read_exactly() -> None:
    found = of(png(png_chunk(b"tEXt", b"prompt\0" + TEXT.encode())))
    assert found.prompt is not None
    assert found.prompt["3"]["inputs"]["seed"] == 2**64 - 1


def test_what_pillow_writes_is_read(tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("prompt", TEXT)
    info.add_text("workflow", '{"nodes": []}', zip=True)
    info.add_itxt("Title", "日本語")
    info.add_text("parameters", "a fox\nSteps: 20, Seed: 7, Size: 8x8")
    Image.new("RGB", (8, 6)).save(tmp_path / "x.png", pnginfo=info)
    found = metadata.read(tmp_path / "x.png")
    assert (found.prompt, found.workflow) == (GRAPH, {"nodes": []})
    assert found.parameters.startswith("a fox")
    assert found.texts == {"Title": "日本語"}
    assert (found.width, found.height) == (8, 6)


def test_a_long_packed_text_that_pillow_refuses_is_read() -> None:
    graph = {"1": {"class_type": "X", "inputs": {"text": "fox " * 500_000}}}
    assert of(png(ztxt(b"prompt", json.dumps(graph).encode()))).prompt == graph


@pytest.mark.parametrize("form", ["WEBP", "JPEG"])
def test_webp_and_jpeg_tell_it_in_their_exif(form: str) -> None:
    tags = Image.Exif()
    tags[0x0110] = f"prompt:{TEXT}"
    tags[0x010F] = 'workflow:{"nodes": []}'
    found = of(picture(form, exif=tags.tobytes()))
    assert (found.prompt, found.workflow) == (GRAPH, {"nodes": []})
    assert (found.width, found.height) == (32, 24)


@pytest.mark.parametrize("order", ["big", "little"])
def test_parameters_are_read_from_the_comment_of_a_jpeg(order: str) -> None:
    text = "a fox\nSteps: 20"
    comment = b"UNICODE\0" + text.encode("utf-16-be" if order == "big" else "utf-16-le")
    pack = ">" if order == "big" else "<"
    block = (b"MM\0*" if order == "big" else b"II*\0") + struct.pack(f"{pack}I", 8)
    block += struct.pack(f"{pack}HHHII", 1, 0x8769, 4, 1, 26) + bytes(4)
    block += struct.pack(f"{pack}HHHII", 1, 0x9286, 7, len(comment), 44) + bytes(4)
    assert of(picture("JPEG", exif=b"Exif\0\0" + block + comment)).parameters == text


def test_a_film_tells_it_in_its_tags() -> None:
    keys = box(b"keys", b"\0" * 4 + struct.pack(">I", 2) + box(b"mdta", b"workflow") + box(b"mdta", b"prompt"))
    items = b"".join(
        struct.pack(">I", 8 + len(data)) + struct.pack(">I", number) + data
        for number, data in ((2, box(b"data", b"\0\0\0\1\0\0\0\0" + TEXT.encode())),)
    )
    for start in (b"", b"\0\0\0\0"):
        meta = box(b"meta", start + box(b"hdlr", bytes(24)) + keys + box(b"ilst", items))
        for body in (box(b"udta", meta), meta):
            assert of(box(b"ftyp", b"isom\0\0\2\0") + box(b"moov", body) + box(b"mdat", b"")).prompt == GRAPH


def test_a_sound_tells_it_in_its_comments() -> None:
    comment = f"PROMPT={TEXT}".encode()
    block = struct.pack("<I", 3) + b"ref" + struct.pack("<II", 1, len(comment)) + comment
    data = b"fLaC" + b"\x00\x00\x00\x22" + bytes(34) + b"\x84" + struct.pack(">I", len(block))[1:] + block
    assert of(data).prompt == GRAPH
    assert of(flac()) == Metadata()
    assert of(mp4()) == Metadata()


def test_files_of_other_kinds_tell_nothing() -> None:
    for data in (b"", b"words", b"{}", b"\0" * 1000):
        assert of(data) == Metadata()


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(Problem) as raised:
        metadata.read(tmp_path / "not there.png")
    assert raised.value.code == "file_missing"
    with pytest.raises(Problem) as raised:
        metadata.read(tmp_path)
    assert raised.value.code == "file_unreadable"


# hostile files

DEEP = b'{"a":' * 50_000 + b"1" + b"}" * 50_000
BOMB = png_chunk(b"zTXt", b"prompt\0\0" + zlib.compress(bytes(100 << 20), 9))

HOSTILE: dict[str, bytes] = {
    "a chunk of 2^31 bytes": png()[:33] + b"\xff\xff\xff\xfftEXt" + png()[33:],
    "a chunk of 2^31-1 bytes": png()[:33] + b"\x7f\xff\xff\xfftEXt" + png()[33:],
    "a million chunks": png()[:33] + png_chunk(b"tEXt", b"a\0b") * 100_000,
    "a text bomb": png(BOMB),
    "many packed texts": png(*[ztxt(b"k%d" % i, bytes(8 << 20)) for i in range(8)]),
    "a wrong checksum": png(png_chunk(b"tEXt", b"prompt\0" + TEXT.encode())[:-1] + b"!"),
    "no zero byte": png(png_chunk(b"tEXt", b"prompt")),
    "no keyword": png(png_chunk(b"tEXt", b"\0" + TEXT.encode())),
    "a long keyword": png(png_chunk(b"tEXt", b"k" * 5000 + b"\0x")),
    "an odd iTXt": png(png_chunk(b"iTXt", b"prompt\0\1")),
    "an empty zTXt": png(png_chunk(b"zTXt", b"prompt\0")),
    "broken packing": png(png_chunk(b"zTXt", b"prompt\0\0nonsense")),
    "half the packing": png(png_chunk(b"zTXt", b"prompt\0\0" + zlib.compress(TEXT.encode() * 99)[:50])),
    "a depth bomb": png(png_chunk(b"tEXt", b"prompt\0" + DEEP)),
    "a number of 5,000 digits": png(png_chunk(b"tEXt", b'prompt\0{"a":' + b"9" * 5000 + b"}")),
    "not a graph": png(png_chunk(b"tEXt", b"prompt\0[1,2]")),
    "cut JSON": png(png_chunk(b"tEXt", b"prompt\0" + TEXT.encode()[:-5])),
    "invalid UTF-8": png(png_chunk(b"iTXt", b'prompt\0\0\0\0\0{"a":"\xff\xfe"}')),
    "100,000 nodes": png(png_chunk(b"tEXt", b"prompt\0" + json.dumps({str(i): {} for i in range(100_000)}).encode())),
    "cut after the signature": png()[:8],
    "an exif loop": picture("WEBP", exif=b"II*\0\x08\0\0\0" + struct.pack("<HHHIII", 1, 0x8769, 4, 1, 8, 8)),
    "an exif far away": picture("WEBP", exif=b"II*\0\xff\xff\xff\xff"),
    "exif counts": picture("WEBP", exif=b"II*\0\x08\0\0\0" + struct.pack("<HHHIII", 65535, 0x110, 2, 2**32 - 1, 0, 0)),
    "a JPEG without end": b"\xff\xd8" + b"\xff\xe1\x00\x02" * 20_000,
    "a JPEG of padding": b"\xff\xd8" + b"\xff" * 200_000,
    "a WebP of empty chunks": b"RIFF\0\0\0\0WEBP" + b"JUNK\0\0\0\0" * 50_000,
    "a film of empty boxes": box(b"ftyp", b"isom\0\0\0\0") + box(b"free", b"") * 50_000,
    "a box of no length": box(b"ftyp", b"isom\0\0\0\0") + b"\0\0\0\0moov\0\0\0\1udta\0\0\0\0",
    "a FLAC of comments": b"fLaC\x84\xff\xff\xff" + b"\xff" * 1000,
}  # fmt: skip


@pytest.mark.timeout(10)
@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hostile_file_gives_no_graph_and_no_error(name: str) -> None:
    found = of(HOSTILE[name])
    assert found.workflow is None
    assert name == "invalid UTF-8" or found.prompt is None
    assert sum(len(text) for text in found.texts.values()) <= png_text.MAX_TOTAL


def test_a_png_says_what_was_left_out() -> None:
    assert of(HOSTILE["a wrong checksum"]).notes == ("a text is damaged",)
    assert of(HOSTILE["a text bomb"]).notes == ("a packed text is damaged or too long",)
    assert of(HOSTILE["a depth bomb"]).notes


def test_lone_surrogates_in_a_graph_can_be_written_later() -> None:
    found = of(png(png_chunk(b"tEXt", b'prompt\0{"a": "\\ud800"}')))
    json.dumps(found.prompt, ensure_ascii=False).encode()


@given(st.binary(max_size=400))
def test_any_bytes_behind_a_signature_are_survived(data: bytes) -> None:
    for head in (
        png_text.SIGNATURE,
        b"\xff\xd8\xff",
        b"RIFF\0\0\0\0WEBP",
        b"\0\0\0\x10ftypisom\0\0\0\0",
        b"fLaC",
        b"GIF89a",
    ):
        of(head + data)
    exif.texts(b"II*\0" + data)


@given(st.data())
def test_damage_to_a_good_file_is_survived(data: st.DataObject) -> None:
    chunks = (png_chunk(b"tEXt", b"prompt\0" + TEXT.encode()), itxt(b"workflow", b"{}", True), ztxt(b"a", b"b"))
    broken = bytearray(png(*chunks))
    for _ in range(data.draw(st.integers(1, 6))):
        broken[data.draw(st.integers(8, len(broken) - 1))] = data.draw(st.integers(0, 255))
    of(bytes(broken))


@given(st.binary(max_size=200), st.sampled_from([b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"]))
def test_any_exif_is_survived(data: bytes, head: bytes) -> None:
    for _, text in exif.texts(head + data):
        text.encode()


def test_a_file_beyond_the_limit_is_left_alone(tmp_path: Path) -> None:
    huge = tmp_path / "huge.png"
    huge.write_bytes(png())
    os.truncate(huge, png_text.MAX_FILE + 1)
    assert metadata.read(huge).notes == ("the file is larger than 256 MiB",)
