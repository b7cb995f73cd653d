"""What a form is copied as runs as pasted, and runs what the window would have queued."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from PIL import Image

from comfydesk.base import resources
from comfydesk.base.paths import Home
from comfydesk.demo import process
from comfydesk.demo.process import DemoProcess
from comfydesk.engine import Engine
from comfydesk.engine.model import OpenWorkflow
from comfydesk.engine.presetdesk import API, CURL, PYTHON, Press
from comfydesk.form.fields import LocalFile, SeedMode
from comfydesk.form.shells import Shell
from comfydesk.jobs.model import OwnerKind
from comfydesk.server.client import ServerClient
from comfydesk.server.types import Host
from comfydesk.workflow import editor_graph
from comfydesk.workflow.parse import parse
from tests.demo.conftest import eventually

HARD = 'it\'s "quoted" $HOME `id` !! %PATH% {red} \\n 100% \u2019 é 狐\nsecond line; rm -rf x\n\n#last'


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoProcess]:
    with process.start(step_ms=1) as server:
        yield server


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    root = tmp_path_factory.mktemp("copied") / "my home"
    made = Engine.open(Home(root, root / "cache"), OwnerKind.WINDOW)
    yield made
    made.close()


@pytest.fixture(scope="module")
def host(engine: Engine, demo: DemoProcess) -> Host:
    return engine.runtime.call(engine.add_host("my box", demo.url))


@pytest.fixture(scope="module")
def opened(engine: Engine, host: Host) -> OpenWorkflow:
    """The starter with a picture in it, and inputs that only JSON can say."""
    prompt = json.loads(resources.path("workflows/sdxl.json").read_bytes())
    prompt["20"] = {"class_type": "LoadImage", "inputs": {"image": "example.png"}}
    prompt["21"] = {"class_type": "SaveImage", "inputs": {"images": ["20", 0], "filename_prefix": "photo"}}
    prompt["9"]["inputs"] |= {"a=b": "x", "things": {"__value__": ["one", 2]}, "nothing": 3, "@file": "y"}
    engine.library.root.mkdir(parents=True, exist_ok=True)
    (engine.library.root / "my fox.json").write_text(json.dumps(prompt))
    return engine.runtime.call(engine.open_workflow("my fox", host.host_id))


@pytest.fixture
def press(opened: OpenWorkflow, host: Host, tmp_path: Path) -> Press:
    photo = tmp_path / 'it\'s a; "photo".png'
    Image.new("RGB", (8, 8), "red").save(photo)
    values = {item.key: item.value for item in opened.form.fields if not item.link}
    values |= {
        "6.text": HARD,
        "7.text": "@home, @@twice",
        "3.seed": 2**64 - 2,
        "3.cfg": 4.25,
        "9.things": ["it's", 2, None, 'a "b"'],
        "9.nothing": None,
        "9.a=b": "=:=c",
        "9.@file": "-n --seed 3",
        "20.image": LocalFile(str(photo)),
    }
    return Press(values, {"3.seed": SeedMode.RANDOM}, 1, host.host_id)


def copied(engine: Engine, opened: OpenWorkflow, press: Press, way: str) -> str:
    return engine.runtime.call(engine.copy_as(opened, press, way))


def queued(engine: Engine, opened: OpenWorkflow, press: Press) -> dict[str, Any]:
    """The prompt that the window freezes, with the seed that the form shows."""

    async def work() -> dict[str, Any]:
        fixed = dict.fromkeys(press.modes, SeedMode.FIXED)
        queued = await engine.queue_runs(opened, press.values, fixed, 1, press.host_id)
        await engine.queue.wait([queued.jobs[0].job_id], 30)
        return dict(await engine.queue.prompt(queued.jobs[0].job_id))

    return engine.runtime.call(work())


def executed(demo: DemoProcess) -> list[dict[str, Any]]:
    """The prompts that the server ran, the newest last."""
    with urlopen(f"{demo.url}/history", timeout=10) as reply:
        return [entry["prompt"][2] for entry in json.load(reply).values()]


def paste(text: str, tmp_path: Path, program: str = "sh") -> str:
    """Run a text as if it was pasted into a terminal, where `comfydesk` and `python` are this checkout's."""
    tools = tmp_path / "bin"
    tools.mkdir(exist_ok=True)
    (tools / "comfydesk").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m comfydesk "$@"\n')
    (tools / "comfydesk").chmod(0o755)
    env = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(Path.cwd())}
    command = [program, "-s"] if program.endswith("sh") else [program, "-"]
    done = subprocess.run(
        command,
        input=text.encode(),
        capture_output=True,
        timeout=60,
        env=env,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
def test_the_command_line_runs_what_the_window_would(
    engine: Engine, opened: OpenWorkflow, press: Press, demo: DemoProcess, tmp_path: Path
) -> None:
    text = copied(engine, opened, press, Shell.POSIX)
    assert "'my fox'" in text and "'my box'" in text and f"--seed {2**64 - 2}" in text
    wanted = queued(engine, opened, press)
    out = paste(text, tmp_path)
    assert executed(demo)[-1] == wanted
    assert all(Path(line).is_file() for line in out.splitlines())


def test_the_python_script_runs_what_the_window_would(
    engine: Engine, opened: OpenWorkflow, press: Press, demo: DemoProcess, tmp_path: Path
) -> None:
    text = copied(engine, opened, press, PYTHON)
    ast.parse(text)
    wanted = queued(engine, opened, press)
    paste(text, tmp_path, sys.executable)
    assert executed(demo)[-1] == wanted


@pytest.mark.skipif(os.name == "nt" or shutil.which("curl") is None, reason="needs curl and a POSIX shell")
def test_curl_uploads_the_picture_and_runs_what_the_window_would(
    engine: Engine, opened: OpenWorkflow, press: Press, tmp_path: Path
) -> None:
    with process.start(step_ms=1) as fresh:  # nothing was uploaded there
        host = engine.runtime.call(engine.add_host("fresh", fresh.url))
        there = engine.runtime.call(engine.open_workflow("my fox", host.host_id))
        press = Press(press.values, press.modes, 1, host.host_id)
        out = paste(copied(engine, there, press, CURL), tmp_path)
        prompt_id = json.loads(out[out.rindex('{"prompt_id"') :])["prompt_id"]
        _until_done(fresh, prompt_id)
        ran = executed(fresh)[-1]
        assert ran == queued(engine, there, press)


def test_api_json_is_the_frozen_prompt_and_opens_as_a_workflow(
    engine: Engine, opened: OpenWorkflow, press: Press, tmp_path: Path
) -> None:
    text = copied(engine, opened, press, API)
    assert json.loads(text) == queued(engine, opened, press)
    file = tmp_path / "copied.json"
    file.write_text(text, "utf-8")
    again = engine.runtime.call(engine.open_workflow(str(file), press.host_id))
    assert again.form.by_key["6.text"].value == HARD.replace("{red}", "red")  # as the run drew it


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
def test_several_runs_get_the_seeds_of_the_window(
    engine: Engine, opened: OpenWorkflow, press: Press, demo: DemoProcess, tmp_path: Path
) -> None:
    values = {**press.values, "3.seed": 100, "20.image": "example.png", "6.text": "a {red|blue|green} fox"}
    several = Press(values, {"3.seed": SeedMode.DECREMENT}, 3, press.host_id)
    paste(copied(engine, opened, several, Shell.POSIX), tmp_path)
    ran = {prompt["3"]["inputs"]["seed"]: prompt["6"]["inputs"]["text"] for prompt in executed(demo)[-3:]}
    assert set(ran) == {98, 99, 100}
    frozen = json.loads(copied(engine, opened, several, API))
    assert ran[100] == frozen["6"]["inputs"]["text"] != values["6.text"]


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
def test_a_workflow_in_the_editors_format_runs_as_pasted_too(
    engine: Engine, host: Host, demo: DemoProcess, tmp_path: Path
) -> None:
    client = ServerClient(demo.url)
    info = dict(client.object_info())
    client.close()
    graph = parse(resources.path("workflows/sdxl.json").read_bytes(), "sdxl.json")
    (engine.library.root / "portraits").mkdir(parents=True)
    (engine.library.root / "portraits" / "fox.json").write_text(json.dumps(editor_graph.of_graph(graph, info)))
    opened = engine.runtime.call(engine.open_workflow("portraits/fox", host.host_id))
    assert opened.conversion is not None
    form = opened.form
    prompt = next(item.key for item in form.fields if item.role == "prompt")
    seed = next(item.key for item in form.fields if item.role == "seed")
    values = {item.key: item.value for item in form.fields if not item.link} | {prompt: "a wolf", seed: 77}
    press = Press(values, {seed: SeedMode.FIXED}, 1, host.host_id)
    text = copied(engine, opened, press, Shell.POSIX)
    assert "run portraits/fox" in text
    wanted = queued(engine, opened, press)
    paste(text, tmp_path)
    assert executed(demo)[-1] == wanted


def test_what_is_as_in_the_file_is_not_said(engine: Engine, opened: OpenWorkflow, host: Host) -> None:
    values = {item.key: item.value for item in opened.form.fields if not item.link} | {"3.steps": 9}
    text = copied(engine, opened, Press(values, {}, 1, host.host_id), Shell.POSIX)
    assert text.count("--set") == 1 and "steps=9" in text
    assert "--count" not in text


def test_no_secret_is_in_any_copy(engine: Engine, opened: OpenWorkflow, press: Press, demo: DemoProcess) -> None:
    from comfydesk.server.types import AuthKind, Credentials

    login = Credentials(AuthKind.BEARER, "", "s3cret-token")
    host = engine.runtime.call(engine.add_host("locked", demo.url.replace("127.0.0.1", "localhost"), login))
    press = Press(press.values, press.modes, 1, host.host_id)
    for way in (*Shell, PYTHON, CURL, API):
        text = copied(engine, opened, press, way)
        assert "s3cret" not in text
        assert ("asks for a token" in text) == (way == CURL)


def test_left_out_outputs_are_said(engine: Engine, opened: OpenWorkflow, press: Press) -> None:
    only = Press(press.values, press.modes, 1, press.host_id, ("9",))
    assert '"partial_execution_targets": [\n    "9"\n  ]' in copied(engine, opened, only, CURL)
    for way in (Shell.POSIX, Shell.POWERSHELL, PYTHON):
        assert copied(engine, opened, only, way).startswith("# Runs all outputs")


def _until_done(demo: DemoProcess, prompt_id: str) -> None:
    def is_done() -> bool:
        with urlopen(f"{demo.url}/history/{prompt_id}", timeout=10) as reply:
            return bool(json.load(reply))

    eventually(is_done)
