"""Every format gives back exactly the prompt and the workflow that were written into it."""

from __future__ import annotations

import io
import json
import os
import struct
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, features

from comfydesk.base.errors import Problem
from comfydesk.workflow import source
from comfydesk.workflow.media import isobmff, texts
from comfydesk.workflow.media.metadata import Metadata, read_open
from tests.workflow.media import samples
from tests.workflow.media.samples import CARRIERS, PROMPT, TEXTS, WORKFLOW

SMALL = {"prompt": json.dumps(PROMPT), "workflow": '{"nodes": [], "links": []}'}


def of(data: bytes) -> Metadata:
    return read_open(io.BytesIO(data))


@pytest.mark.parametrize("name", sorted(CARRIERS))
def test_both_graphs_come_back_as_they_were(name: str) -> None:
    found = of(CARRIERS[name](TEXTS))
    assert found.prompt == PROMPT
    assert found.workflow == WORKFLOW
    assert found.notes == ()
    assert found.parameters == ""


@pytest.mark.parametrize("name", sorted(CARRIERS))
def test_a_source_says_what_it_was_in(name: str) -> None:
    found = source.of_bytes(CARRIERS[name](SMALL), name)
    assert (found.prompt, found.gui) == (PROMPT, {"nodes": [], "links": []})
    assert found.warnings == ()
    assert found.data is None
    ending = name.rpartition(".")[2]
    assert found.carrier == {"latent": "safetensors", "opus": "ogg", "oga": "ogg", "mkv": "webm"}.get(ending, ending)


def test_a_jpeg_has_room_for_small_ones() -> None:
    found = of(samples.jpeg(SMALL))
    assert (found.prompt, found.workflow) == (PROMPT, {"nodes": [], "links": []})


@pytest.mark.parametrize("name", sorted(CARRIERS))
def test_a_prompt_alone_is_enough(name: str) -> None:
    found = source.of_bytes(CARRIERS[name]({"prompt": TEXTS["prompt"]}), name)
    assert (found.prompt, found.gui) == (PROMPT, None)


@pytest.mark.parametrize("name", sorted(CARRIERS))
def test_a_file_without_graphs_is_said_to_have_none(name: str) -> None:
    with pytest.raises(Problem) as raised:
        source.of_bytes(CARRIERS[name]({"workflow": "{}"}), name)
    assert raised.value.code == "workflow_none"
    assert name in raised.value.message


@pytest.mark.parametrize(
    ("version", "inside", "parts"), [(0, False, 1), (1, False, 3), (1, True, 2), (2, False, 1), (2, True, 1)]
)
def test_an_avif_may_keep_its_exif_anywhere(version: int, inside: bool, parts: int) -> None:
    data = samples.avif(samples.exif_of(SMALL), version=version, inside=inside, parts=parts)
    assert of(data).prompt == PROMPT
    assert isobmff.picture_size(io.BytesIO(data)) == (64, 48)


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow writes no AVIF")
def test_an_avif_of_pillow_is_read() -> None:
    tags = Image.Exif()
    tags[0x0110] = "prompt:" + TEXTS["prompt"]
    tags[0x010F] = "workflow:" + TEXTS["workflow"]
    out = io.BytesIO()
    Image.new("RGB", (40, 30)).save(out, "AVIF", exif=tags)
    found = read_open(out)
    assert (found.prompt, found.workflow, found.width, found.height) == (PROMPT, WORKFLOW, 40, 30)


@pytest.mark.parametrize("version", [2, 3, 4])
@pytest.mark.parametrize("encoding", [1, 2, 3])
def test_every_writing_of_an_id3_is_read(version: int, encoding: int) -> None:
    assert of(samples.mp3(TEXTS, version=version, encoding=encoding)).prompt == PROMPT


def test_the_first_stream_of_an_ogg_counts() -> None:
    other = samples.pages([b"OpusHead", b"OpusTags" + samples.comments({"prompt": "{}"})], serial=9)
    mine = samples.opus(SMALL)
    first = mine[: mine.index(b"OggS", 4)]
    assert of(first + other + mine[len(first) :]).prompt == PROMPT


def test_extras_of_a_model_may_be_objects() -> None:
    model = {"asset": {"version": "2.0"}, "extras": {"prompt": PROMPT, "workflow": WORKFLOW}}
    body = json.dumps(model).encode()
    data = struct.pack("<4sII", b"glTF", 2, 20 + len(body)) + struct.pack("<I4s", len(body), b"JSON") + body
    assert (of(data).prompt, of(data).workflow) == (PROMPT, WORKFLOW)


def test_nan_in_a_prompt_is_read() -> None:
    graph = '{"1": {"class_type": "A", "inputs": {"x": NaN}, "is_changed": [NaN]}}'
    for build in CARRIERS.values():
        if build in (samples.svg, samples.vhs_mkv, samples.vhs_mp4, samples.old_mov):
            continue  # their builders write JSON themselves
        assert of(build({"prompt": graph})).prompt is not None


@pytest.mark.parametrize(
    ("code", "encoding"),
    [(b"UNICODE\0", "utf-16-be"), (b"UNICODE\0", "utf-16-le"), (b"UNICODE\0", "utf-16"), (b"ASCII\0\0\0", "utf-8"),
     (bytes(8), "utf-8"), (bytes(8), "latin-1"), (b"JIS\0\0\0\0\0", "iso2022_jp"), (b"", "utf-8")],
)  # fmt: skip
@pytest.mark.parametrize("order", ["<", ">"])
def test_a_user_comment_is_read_in_every_writing(code: bytes, encoding: str, order: str) -> None:
    text = "ein Füchschen\nSteps: 20, Seed: 7" if encoding != "iso2022_jp" else "日本語\nSteps: 20, Seed: 7"
    block = samples.user_comment(code + text.encode(encoding), order)
    for data in (samples.picture("WEBP", exif=block), samples.avif(block)):
        assert of(data).parameters == text


def test_a_graph_in_an_odd_comment_is_no_parameters_text() -> None:
    found = of(samples.webm({"comment": '{"prompt": {"1": {"class_type": "A", "inputs": {"steps": 3}}'}))
    assert found.parameters == ""
    assert "comment" in found.texts
    assert found.notes


def test_many_texts_are_read_up_to_a_limit() -> None:
    found = of(samples.flac({f"k{number}": "x" for number in range(texts.MAX_TEXTS + 100)}))
    assert len(found.texts) == texts.MAX_TEXTS
    assert found.notes


def test_a_large_file_of_tensors_is_read_by_its_header_alone(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    file.write_bytes(samples.safetensors(SMALL))
    os.truncate(file, 20 << 30)
    assert source.read(file).prompt == PROMPT


# damage

ALL = {**CARRIERS, "picture.jpg": samples.jpeg}
_WHOLE = {
    name: build({"prompt": '{"1": {"class_type": "A", "inputs": {}}}', "x": '{"nodes": []}'})
    for name, build in ALL.items()
}


def survive(data: bytes, name: str) -> None:
    try:
        found = source.of_bytes(data, name)
    except Problem as problem:
        assert problem.code.startswith("workflow_")
        assert problem.message
    else:
        assert found.prompt or found.gui or found.parameters
        json.dumps([found.prompt, found.gui, found.warnings], ensure_ascii=False).encode()


@given(st.sampled_from(sorted(_WHOLE)), st.data())
@settings(max_examples=400)
def test_a_damaged_file_gives_a_result_or_a_problem(name: str, data: st.DataObject) -> None:
    broken = bytearray(_WHOLE[name])
    for _ in range(data.draw(st.integers(1, 4))):
        what = data.draw(st.sampled_from(["cut", "flip", "insert", "delete", "length"]))
        place = data.draw(st.integers(0, max(len(broken) - 1, 0)))
        if what == "cut":
            del broken[place:]
        elif what == "flip" and broken:
            broken[place] = data.draw(st.integers(0, 255))
        elif what == "insert":
            broken[place:place] = data.draw(st.binary(min_size=1, max_size=9))
        elif what == "delete":
            del broken[place : place + data.draw(st.integers(1, 9))]
        else:
            broken[place : place + 4] = data.draw(
                st.sampled_from([b"\xff" * 4, b"\x7f\xff\xff\xff", bytes(4), b"\0\0\0\1"])
            )
    survive(bytes(broken), name)


@pytest.mark.parametrize("name", sorted(_WHOLE))
def test_a_file_cut_anywhere_gives_a_result_or_a_problem(name: str) -> None:
    whole = _WHOLE[name]
    for end in range(0, len(whole), max(1, len(whole) // 200)):
        survive(whole[:end], name)


HEADS = {name: data[:48] for name, data in _WHOLE.items()}


@given(st.sampled_from(sorted(HEADS)), st.binary(max_size=300))
def test_any_bytes_behind_a_head_are_survived(name: str, data: bytes) -> None:
    survive(HEADS[name] + data, name)


@given(st.dictionaries(st.text(min_size=1, max_size=9), st.text(max_size=30), max_size=5))
def test_any_texts_come_through_vorbis_comments(written: Mapping[str, str]) -> None:
    lines = {key.replace("=", "-"): text for key, text in written.items()}
    found = of(samples.flac(lines)).texts
    assert all(found.get(key.lower()) is not None for key in lines if key.lower() not in ("parameters",))
