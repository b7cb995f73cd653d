"""A form's values become the defaults of its workflow, in the format of its file, and can be taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from comfydesk.base import resources
from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.demo import process
from comfydesk.demo.process import DemoProcess
from comfydesk.engine import Engine
from comfydesk.engine.model import OpenWorkflow
from comfydesk.form.fields import LocalFile, SeedMode
from comfydesk.jobs.model import OwnerKind
from comfydesk.server.client import ServerClient
from comfydesk.workflow import editor_graph
from comfydesk.workflow.conversion import convert, write_controls
from comfydesk.workflow.parse import parse


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = Engine.open(Home(tmp_path / "home", tmp_path / "home" / "cache"), OwnerKind.WINDOW)
    yield made
    made.close()


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoProcess]:
    with process.start(step_ms=1) as server:
        yield server


@pytest.fixture(scope="module")
def info(demo: DemoProcess) -> dict[str, Any]:
    client = ServerClient(demo.url)
    try:
        return dict(client.object_info())
    finally:
        client.close()


def content(path: str) -> bytes:
    return Path(path).read_bytes()


def values_of(opened: OpenWorkflow) -> dict[str, Any]:
    return {field.key: field.value for field in opened.form.fields}


def test_a_starter_becomes_an_own_copy_with_the_values_and_undo_takes_it_away(engine: Engine) -> None:
    original = resources.path("workflows/sdxl.json").read_bytes()

    async def work() -> None:
        opened = await engine.open_workflow("sdxl", None)
        values = values_of(opened) | {"3.steps": 33, "6.text": "a wolf {a|b}", "3.seed": 2**64 - 1}
        saved = await engine.save_defaults(opened, values, {"3.seed": SeedMode.FIXED})
        assert saved.before is None
        again = await engine.open_workflow("sdxl", None)
        assert [again.form.by_key[key].value for key in ("3.steps", "6.text", "3.seed")] == [
            33,
            "a wolf {a|b}",
            2**64 - 1,
        ]
        file = json.loads(content(again.entry.path))
        before = json.loads(original)
        assert file.keys() == before.keys() and file["4"] == before["4"]  # nothing else changed, titles are kept
        values = values_of(again) | {"3.steps": 44}
        twice = await engine.save_defaults(again, values, {})
        assert len(await engine.workflow_versions("sdxl")) >= 2
        await engine.undo_defaults(twice)
        assert (await engine.open_workflow("sdxl", None)).form.by_key["3.steps"].value == 33
        await engine.undo_defaults(saved)
        assert content((await engine.open_workflow("sdxl", None)).entry.path) == original

    engine.runtime.call(work(), 30)
    assert resources.path("workflows/sdxl.json").read_bytes() == original


def test_the_editors_format_stays_that_and_gets_seed_modes_too(
    engine: Engine, demo: DemoProcess, info: dict[str, Any]
) -> None:
    graph = parse(resources.path("workflows/sdxl.json").read_bytes(), "sdxl.json")
    gui = editor_graph.of_graph(graph, info)

    async def work() -> None:
        host = await engine.add_host("demo", demo.url)
        entry = await engine.import_data(json.dumps(gui).encode(), "fox.json")
        opened = await engine.open_workflow(entry.name, host.host_id)
        seed = next(field for field in opened.form.fields if field.kind == "seed")
        steps = next(field for field in opened.form.fields if field.input_name == "steps")
        values = values_of(opened) | {seed.key: 12345, steps.key: 33}
        await engine.save_defaults(opened, values, {seed.key: SeedMode.DECREMENT})
        again = await engine.open_workflow(entry.name, host.host_id)
        assert again.source is not None and again.source.gui is not None
        assert again.form.by_key[seed.key].value == 12345 and again.form.by_key[steps.key].value == 33
        assert again.form.by_key[seed.key].seed_mode is SeedMode.DECREMENT
        assert [node["pos"] for node in again.source.gui["nodes"]] == [node["pos"] for node in gui["nodes"]]

    engine.runtime.call(work(), 30)


def test_without_a_hosts_word_the_editors_format_cannot_be_saved(engine: Engine, info: dict[str, Any]) -> None:
    graph = parse(resources.path("workflows/sdxl.json").read_bytes(), "sdxl.json")

    async def work() -> None:
        entry = await engine.import_data(json.dumps(editor_graph.of_graph(graph, info)).encode(), "fox.json")
        opened = await engine.open_workflow(entry.name, None)
        with pytest.raises(Problem) as caught:
            await engine.save_defaults(opened, {}, {})
        assert caught.value.code == "workflow_gui"

    engine.runtime.call(work(), 30)


def test_a_file_of_this_computer_and_a_branch_that_is_off_stay_as_the_file_has_them(
    engine: Engine, demo: DemoProcess
) -> None:
    prompt = {
        "1": {"class_type": "LoadImage", "inputs": {"image": "example.png"}, "_meta": {"title": "Photo"}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "a"}},
    }

    async def work() -> None:
        host = await engine.add_host("demo", demo.url)
        entry = await engine.import_data(json.dumps(prompt).encode(), "photo.json")
        opened = await engine.open_workflow(entry.name, host.host_id)
        values = {"1.image": LocalFile("/home/me/cat.png"), "2.filename_prefix": "b"}
        await engine.save_defaults(opened, values_of(opened) | values, {})
        file = json.loads(content(entry.path))
        assert file["1"] == prompt["1"] and file["2"]["inputs"] == {"images": ["1", 0], "filename_prefix": "b"}

    engine.runtime.call(work(), 30)


def test_a_control_is_set_where_the_file_has_one(info: dict[str, Any]) -> None:
    graph = parse(resources.path("workflows/sdxl.json").read_bytes(), "sdxl.json")
    gui = editor_graph.of_graph(graph, info)
    made = convert(gui, info)
    (key,) = made.seed_modes
    changed = write_controls(gui, made.places, {key: "fixed", "9.seed": "fixed", "x": "fixed"})
    assert convert(changed, info).seed_modes == {key: "fixed"}
    assert write_controls(gui, made.places, {key: "sometimes"}) == gui
    broken = {"nodes": [], "links": []}
    assert write_controls(broken, made.places, {key: "fixed"}) == broken
