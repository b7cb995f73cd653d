"""Whatever a workflow is in, its source gives it back, and says what it is where it is none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfydesk.base.errors import Problem
from comfydesk.workflow import source
from comfydesk.workflow.parse import from_prompt, parse
from tests.jobs.samples import picture, png, png_chunk

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
MEDIA = SHARED / "comfyui" / "media"
PROMPT: dict[str, Any] = {"3": {"class_type": "KSampler", "inputs": {"seed": 2**64 - 1}, "_meta": {"title": "K"}}}
GUI: dict[str, Any] = {"nodes": [{"id": 3, "type": "KSampler"}], "links": [], "version": 0.4}
PARAMETERS = "a red fox\nNegative prompt: blurry\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 551, Size: 512x768"


def of(value: object) -> source.Source:
    return source.of_bytes(json.dumps(value).encode(), "fox.json")


def refused(data: bytes) -> Problem:
    with pytest.raises(Problem) as caught:
        source.of_bytes(data, "fox.json")
    return caught.value


@pytest.mark.parametrize(
    "value",
    [
        PROMPT,
        {"prompt": PROMPT},
        {"output": PROMPT},
        {"prompt": json.dumps(PROMPT)},
        {"client_id": "x", "prompt": PROMPT, "extra_data": {}},
        {"x-y": {"prompt": [1, "x-y", PROMPT, {"client_id": "x"}, ["9"]], "outputs": {}}},
        [1, "x-y", PROMPT, {}, ["9"]],
    ],
)
def test_a_prompt_is_found_in_every_wrapping(value: object) -> None:
    found = of(value)
    assert (found.prompt, found.gui, found.carrier) == (PROMPT, None, "json")
    assert found.data == json.dumps(value).encode()


@pytest.mark.parametrize("value", [GUI, {"workflow": GUI}, {"workflow": json.dumps(GUI)}, {"name": "x", "data": GUI}])
def test_the_editors_graph_is_found_in_every_wrapping(value: object) -> None:
    assert (of(value).gui, of(value).prompt) == (GUI, None)


@pytest.mark.parametrize(
    "value",
    [
        {"output": PROMPT, "workflow": GUI},
        {"prompt": json.dumps(PROMPT), "workflow": json.dumps(GUI)},
        {"prompt": PROMPT, "extra_data": {"extra_pnginfo": {"workflow": GUI}}},
        {"x-y": {"prompt": [1, "x-y", PROMPT, {"extra_pnginfo": {"workflow": GUI}}, ["9"]], "outputs": {}}},
    ],
)
def test_both_are_found_where_both_are(value: object) -> None:
    assert (of(value).prompt, of(value).gui) == (PROMPT, GUI)


def test_the_prompt_of_a_source_is_a_graph_of_its_own() -> None:
    found = of({"prompt": PROMPT, "version": 1})
    assert found.prompt is not None
    assert from_prompt(found.prompt, found.name).to_prompt() == parse(json.dumps(PROMPT).encode(), "x").to_prompt()


def test_what_is_no_node_is_left_out_with_a_warning() -> None:
    found = of({**PROMPT, "version": 3})
    assert found.prompt == PROMPT
    assert found.warnings == ("“version” is not a node and is left out.",)


def test_names_that_occur_twice_are_warned_about() -> None:
    data = b'{"1": {"class_type": "A", "inputs": {"steps": 1, "steps": 2}}}'
    assert "steps" in source.of_bytes(data, "x").warnings[0]


def test_a_parameters_text_may_stand_alone() -> None:
    found = source.of_bytes(b"\xef\xbb\xbf" + PARAMETERS.encode(), "fox.txt")
    assert found.parameters is not None
    assert (found.carrier, found.parameters.prompt, found.parameters.settings["Seed"]) == ("text", "a red fox", "551")
    assert (found.gui, found.prompt, found.data) == (None, None, None)


def test_a_parameters_text_may_begin_like_json() -> None:
    found = source.of_bytes(b"[fox:wolf:0.5] in {snow|rain}\nSteps: 20, Seed: 7", "x")
    assert found.parameters is not None
    assert refused(b'{"nodes": [\nSeed: 7, Model: x, Size: 8x8').code == "workflow_json"


def test_a_text_that_begins_like_a_picture_is_read_as_a_text() -> None:
    found = source.of_bytes(b"BM" + PARAMETERS.encode(), "x")
    assert found.parameters is not None
    assert found.parameters.prompt == "BMa red fox"


def test_parameters_of_a_picture_come_beside_its_graphs() -> None:
    chunks = {"parameters": PARAMETERS, "prompt": json.dumps(PROMPT)}
    found = source.of_bytes(png(*(png_chunk(b"tEXt", f"{k}\0{v}".encode()) for k, v in chunks.items())), "x.png")
    assert found.prompt == PROMPT
    assert found.parameters is not None
    assert found.parameters.negative == "blurry"


def test_a_prompt_in_words_is_no_graph() -> None:
    data = png(png_chunk(b"tEXt", b"prompt\0a fox"))
    assert refused(data).code == "workflow_none"


def test_a_picture_without_graphs_is_told_from_a_file_of_another_kind() -> None:
    assert refused(png()).code == "workflow_none"
    assert refused(picture("JPEG")).code == "workflow_none"
    assert refused(b"GIF89a" + bytes(20)).code == "workflow_not"
    assert refused(b"%PDF-1.7").code == "workflow_not"
    assert refused(b"a fox").code == "workflow_json"
    assert refused(b"[1, 2]").code == "workflow_not"


def test_notes_of_a_file_become_warnings() -> None:
    chunk = png_chunk(b"tEXt", b"workflow\0{}")
    good = png_chunk(b"tEXt", b"prompt\0" + json.dumps(PROMPT).encode())
    found = source.of_bytes(png(chunk[:-1] + b"!", good), "x.png")
    assert found.warnings == ("A text is damaged.",)


def test_an_odd_part_of_a_picture_does_not_hide_the_other() -> None:
    texts = (b"prompt\0" + json.dumps(PROMPT).encode(), b'workflow\0{"nodes": 3}')
    found = source.of_bytes(png(*(png_chunk(b"tEXt", text) for text in texts)), "x.png")
    assert (found.prompt, found.gui) == (PROMPT, None)
    assert found.warnings == ("The workflow in it has no nodes.",)


def test_files_are_read_by_what_is_in_them(tmp_path: Path) -> None:
    file = tmp_path / "fox.png"
    file.write_bytes(json.dumps(GUI).encode())
    assert source.read(file).carrier == "json"
    assert source.read(file).name == "fox.png"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path, code in ((tmp_path / "gone", "file_missing"), (tmp_path, "file_unreadable")):
        with pytest.raises(Problem) as caught:
            source.read(path)
        assert caught.value.code == code


@pytest.mark.skipif(not MEDIA.exists(), reason="the recorded media are not here")
def test_what_a_real_server_wrote_is_read_from_its_files() -> None:
    gui = json.loads((MEDIA / "workflow_gui.json").read_text())
    files = [path for path in MEDIA.iterdir() if path.suffix != ".json"]
    assert len(files) == 5
    for path in files:
        found = source.read(path)
        assert found.gui is not None
        assert {str(node["id"]) for node in found.gui["nodes"]} == {str(node["id"]) for node in gui["nodes"]}
        assert found.prompt
        assert found.warnings == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(
            st.sampled_from(["prompt", "output", "workflow", "nodes", "extra_data", "class_type", "inputs", "1"]), inner
        )
    ),
    max_leaves=20,
)


@given(JSON)
def test_any_json_is_a_source_or_a_problem(value: object) -> None:
    try:
        found = of(value)
    except Problem as problem:
        assert problem.code in ("workflow_not", "workflow_limits")
    else:
        assert found.gui or found.prompt


@given(st.binary(max_size=200))
def test_any_bytes_are_a_source_or_a_problem(data: bytes) -> None:
    try:
        source.of_bytes(data, "x")
    except Problem as problem:
        assert problem.message


def test_no_decoder_of_pixels_is_loaded_to_read_a_workflow(tmp_path: Path) -> None:
    file = tmp_path / "fox.png"
    file.write_bytes(png(png_chunk(b"tEXt", b"prompt\0" + json.dumps(PROMPT).encode())))
    code = (
        "import sys; from pathlib import Path; from comfydesk.workflow import source\n"
        "assert source.read(Path(sys.argv[1])).prompt\n"
        "assert not {'PIL', 'numpy', 'PySide6'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(file)], check=True, timeout=30)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_and_a_folder_are_said_to_be_that(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    for path, word in ((tmp_path / "pipe.json", "no file"), (tmp_path, "folder")):
        with pytest.raises(Problem) as caught:
            source.read(path)
        assert caught.value.code == "file_unreadable"
        assert word in caught.value.message
