"""`convert`, `check`, `params` and `info` take a workflow in any format."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from comfydesk.base import resources
from comfydesk.cli.main import run
from comfydesk.demo.process import DemoProcess
from tests.cli.conftest import Done, comfydesk

HINT = {"name": "gone.safetensors", "url": "https://huggingface.co/x/gone.safetensors", "directory": "upscale_models"}
A1111 = "a red fox\nNegative prompt: blurry\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 42, Size: 512x768"


def gui(**more: Any) -> dict[str, Any]:
    """A picture of one colour, as ComfyUI's editor saves it."""

    def node(number: int, kind: str, widgets: list[Any], **parts: Any) -> dict[str, Any]:
        return {"id": number, "type": kind, "mode": 0, "widgets_values": widgets, "properties": {}, **parts}

    empty = node(1, "EmptyImage", [64, 32, 1, 255], outputs=[{"name": "IMAGE", "type": "IMAGE", "links": [1]}])
    save = node(2, "SaveImage", ["blue"], inputs=[{"name": "images", "type": "IMAGE", "link": 1}])
    return {"nodes": [empty, save], "links": [[1, 1, 0, 2, 0, "IMAGE"]], "version": 0.4, **more}


@pytest.fixture(scope="session")
def object_info(demo: DemoProcess, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the demo server answers, saved."""
    file = tmp_path_factory.mktemp("specs") / "object_info.json"
    file.write_bytes(requests.get(demo.url + "/object_info", timeout=20).content)
    return file


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Run a command in this process."""

    def run_here(*args: object) -> Done:
        code = run(["--home", str(tmp_path / "home"), *map(str, args)])
        said = capsys.readouterr()
        assert "Traceback" not in said.err, said.err
        return Done(code, said.out, said.err)

    return run_here


def written(folder: Path, value: Any, name: str = "colour.json") -> Path:
    file = folder / name
    file.write_text(value if isinstance(value, str) else json.dumps(value), "utf-8")
    return file


def picture(folder: Path, **texts: str) -> Path:
    from PIL import Image, PngImagePlugin

    info = PngImagePlugin.PngInfo()
    for key, text in texts.items():
        info.add_text(key, text)
    data = io.BytesIO()
    Image.new("RGB", (8, 8)).save(data, "png", pnginfo=info)
    file = folder / "photo.png"
    file.write_bytes(data.getvalue())
    return file


# convert


def test_the_editors_workflow_becomes_api_json(call: Callable[..., Done], object_info: Path, tmp_path: Path) -> None:
    file = written(tmp_path, gui())
    done = call("convert", file, "--object-info", object_info)
    assert done.code == 0, done.err
    prompt = json.loads(done.out)
    assert prompt["1"]["inputs"] == {"width": 64, "height": 32, "batch_size": 1, "color": 255}
    assert prompt["2"]["inputs"] == {"images": ["1", 0], "filename_prefix": "blue"}
    target = tmp_path / "api.json"
    saved = call("convert", file, "-o", target, "--object-info", object_info)
    assert saved.lines == [str(target)] and json.loads(target.read_text("utf-8")) == prompt
    (result,) = call("convert", file, "--json", "--object-info", object_info).events
    assert result["ok"] and result["prompt"] == prompt and result["warnings"] == []


def test_a_host_converts_and_what_it_gives_runs(demo: DemoProcess, tmp_path: Path) -> None:
    target = tmp_path / "api.json"
    done = comfydesk("convert", written(tmp_path, gui()), "--host", demo.url, "-o", target)
    assert done.code == 0, done.err
    ran = comfydesk("run", target, "--host", demo.url, "--out", tmp_path / "out")
    assert ran.code == 0 and len(ran.lines) == 1, ran.err


def test_without_a_host_a_file_gives_its_own_prompt_and_says_so(call: Callable[..., Done], tmp_path: Path) -> None:
    prompt = json.loads(resources.path("workflows/sdxl.json").read_bytes())
    file = picture(tmp_path, prompt=json.dumps(prompt), workflow=json.dumps(gui()))
    done = call("convert", file)
    assert done.code == 0 and json.loads(done.out).keys() == prompt.keys()
    assert "carries its own prompt" in done.err


def test_without_a_host_the_editors_graph_alone_ends_in_a_sentence(call: Callable[..., Done], tmp_path: Path) -> None:
    call("hosts", "add", "away", "127.0.0.1:9")
    for command in ("convert", "params"):
        done = call(command, written(tmp_path, gui()))
        assert done.code == 2 and "--object-info" in done.err and not done.out


def test_what_was_odd_is_said_and_what_is_no_number_is_null(
    call: Callable[..., Done], object_info: Path, tmp_path: Path
) -> None:
    graph = gui()
    graph["nodes"].append({"id": 3, "type": "Nobody\x1b[31m", "mode": 0, "inputs": [], "outputs": [], "properties": {}})
    done = call("convert", written(tmp_path, graph), "--object-info", object_info)
    assert done.code == 0 and "Nobody" in done.err and "\x1b" not in done.err
    text = json.dumps({"1": {"class_type": "X", "inputs": {"a": float("nan")}}})
    assert json.loads(call("convert", written(tmp_path, text)).out)["1"]["inputs"] == {"a": None}


def test_a_folder_that_takes_no_file_is_said(call: Callable[..., Done], tmp_path: Path) -> None:
    done = call("convert", "sdxl", "-o", tmp_path / "gone" / "x.json")
    assert done.code == 8 and "cannot be written" in done.err


# check


def test_check_says_what_is_missing_and_ends_with_3(
    call: Callable[..., Done], object_info: Path, tmp_path: Path
) -> None:
    graph = gui()
    loader = {"id": 4, "type": "UpscaleModelLoader", "mode": 0, "widgets_values": ["gone.safetensors"]}
    outputs = [{"name": "UPSCALE_MODEL", "type": "UPSCALE_MODEL", "links": [2]}]
    graph["nodes"].append({**loader, "properties": {"models": [HINT]}, "outputs": outputs})
    scale = {"id": 5, "type": "ImageUpscaleWithModel", "mode": 0, "properties": {}, "widgets_values": []}
    inputs = [
        {"name": "upscale_model", "type": "UPSCALE_MODEL", "link": 2},
        {"name": "image", "type": "IMAGE", "link": 3},
    ]
    graph["nodes"].append({**scale, "inputs": inputs, "outputs": [{"name": "IMAGE", "type": "IMAGE", "links": [1]}]})
    pack = {"cnr_id": "colour-pack", "ver": "1.0.0"}
    graph["nodes"].append({"id": 6, "type": "ColourMagic", "mode": 0, "properties": pack, "inputs": [], "outputs": []})
    graph["links"] = [[1, 5, 0, 2, 0, "IMAGE"], [2, 4, 0, 5, 0, "UPSCALE_MODEL"], [3, 1, 0, 5, 1, "IMAGE"]]
    file = written(tmp_path, graph)
    done = call("check", file, "--object-info", object_info)
    assert done.code == 3, done.err
    assert done.lines[0] == ("colour.json on the host of object_info.json: 1 node is missing, 1 model is missing")
    for part in ("ColourMagic", "registry.comfy.org/nodes/colour-pack", "gone.safetensors", "huggingface.co"):
        assert part in done.out
    *issues, result = call("check", file, "--object-info", object_info, "--json").events
    assert {issue["code"] for issue in issues} == {"nodes_of_pack", "value_choice"}
    assert all(issue["severity"] == "error" and issue["message"] and issue["next"] for issue in issues)
    assert result["type"] == "result" and not result["ok"] and result["error"] == 2


def test_check_is_content_with_what_runs(call: Callable[..., Done], demo: DemoProcess, tmp_path: Path) -> None:
    done = call("check", written(tmp_path, gui()), "--host", demo.url)
    assert done.code == 0 and done.out.count("\n") == 1 and "nothing is missing" in done.out
    done = call("check", "sdxl", "--host", demo.url)
    assert done.code == 0 and done.out.endswith(": nothing is missing\n")


def test_check_names_paths_and_odd_names_without_failing(
    call: Callable[..., Done], object_info: Path, tmp_path: Path
) -> None:
    prompt = json.loads(resources.path("workflows/sdxl.json").read_bytes())
    prompt["6"]["inputs"]["text"] = "like C:\\Users\\Ann\\secret.txt"
    prompt["9"]["inputs"]["filename_prefix"] = "%date%"
    done = call("check", written(tmp_path, prompt), "--object-info", object_info)
    assert done.code == 0 and "C:\\Users\\Ann\\secret.txt" in done.out and "%date%" in done.out
    prompt["9"]["inputs"]["filename_prefix"] = "../x"
    assert call("check", written(tmp_path, prompt), "--object-info", object_info).code == 3


def test_check_needs_a_host_and_says_which_was_asked(call: Callable[..., Done]) -> None:
    done = call("check", "sdxl", "--host", "127.0.0.1:9")
    assert done.code == 5 and "127.0.0.1:9" in done.err


@pytest.mark.parametrize("text", ["{}", "[]", "{", '{"error": "no"}', '{"KSampler": 7}'])
def test_a_file_that_is_no_object_info_is_refused(call: Callable[..., Done], tmp_path: Path, text: str) -> None:
    done = call("check", "sdxl", "--object-info", written(tmp_path, text, "info.json"))
    assert done.code == 2 and "not a saved /object_info" in done.err


# params and info


def test_params_and_info_read_the_editors_workflow(
    call: Callable[..., Done], object_info: Path, tmp_path: Path
) -> None:
    file = written(tmp_path, gui())
    rows = {row["key"]: row for row in call("params", file, "--object-info", object_info, "--json").events}
    assert rows["1.width"]["value"] == 64 and rows["1.width"]["max"]
    done = call("info", file)
    assert done.code == 0 and "EmptyImage, SaveImage" in done.out
    (facts,) = call("info", file, "--json").events
    assert facts["workflow"]["nodes"] and facts["needs"]["nodes"] == ["EmptyImage", "SaveImage"]


def test_info_and_params_read_a_picture(call: Callable[..., Done], tmp_path: Path) -> None:
    file = picture(tmp_path, prompt=resources.path("workflows/sdxl.json").read_text("utf-8"))
    assert "Prompt" in call("info", file).out
    assert any(row["role"] == "prompt" for row in call("params", file, "--json").events)


def test_info_shows_the_settings_of_another_program(call: Callable[..., Done], tmp_path: Path) -> None:
    for file in (picture(tmp_path, parameters=A1111), written(tmp_path, A1111, "settings.txt")):
        done = call("info", file)
        assert done.code == 0 and "Negative prompt: blurry" in done.out and "Seed: 42" in done.out
        (facts,) = call("info", file, "--json").events
        assert facts["parameters"]["settings"]["Steps"] == "20"
        for command in ("params", "convert"):
            refused = call(command, file)
            assert refused.code == 2 and "settings of another program" in refused.err


def test_names_of_the_library_are_sources_too(call: Callable[..., Done]) -> None:
    assert call("info", "flux-schnell").code == 0
    assert "class_type" in call("convert", "flux-schnell").out
    done = call("convert", "nobody")
    assert done.code == 2 and "flux-schnell" in done.err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_the_prompt_can_be_written_to_what_is_no_plain_file(call: Callable[..., Done], tmp_path: Path) -> None:
    """It is written to, not put aside for a file of that name: root may write beside /dev/null."""
    real = tmp_path / "real.json"
    real.write_text("{}")
    (tmp_path / "link.json").symlink_to(real)
    assert call("convert", "sdxl", "-o", tmp_path / "link.json").code == 0
    assert (tmp_path / "link.json").is_symlink() and "class_type" in real.read_text("utf-8")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert call("convert", "sdxl", "-o", pipe).code == 0
        assert b"class_type" in os.read(reader, 65536)
    finally:
        os.close(reader)
    assert pipe.is_fifo()


def test_half_a_letter_in_a_workflow_is_no_reason_to_fail(call: Callable[..., Done], tmp_path: Path) -> None:
    file = written(tmp_path, '{"1": {"class_type": "A", "inputs": {"text": "\\ud800x"}}}')
    assert call("convert", file, "-o", tmp_path / "out.json").code == 0
    assert json.loads((tmp_path / "out.json").read_bytes())["1"]["inputs"]["text"].endswith("x")
    assert call("convert", file).code == call("info", file).code == call("params", file).code == 0
