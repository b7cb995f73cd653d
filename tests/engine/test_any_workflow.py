"""A workflow in the editor's format: opened with a host's word on its nodes, run, and carried by its pictures."""

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
from comfydesk.form import build, defaults
from comfydesk.form.fields import SeedMode
from comfydesk.form.prompt_text import expand
from comfydesk.jobs.model import Job, JobState, OwnerKind
from comfydesk.server.client import ServerClient
from comfydesk.workflow import conversion, editor_graph, opening, source
from comfydesk.workflow.parse import parse
from comfydesk.workflow.specs import Specs


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


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = Engine.open(Home(tmp_path / "home", tmp_path / "home" / "cache"), OwnerKind.WINDOW)
    yield made
    made.close()


@pytest.fixture(scope="module")
def fox(info: dict[str, Any]) -> dict[str, Any]:
    """The SDXL starter as the editor would save it, with a counting seed, app mode and a dated name."""
    graph = parse(resources.path("workflows/sdxl.json").read_bytes(), "sdxl.json")
    made = editor_graph.of_graph(graph, info)
    sampler = node_of(made, "KSampler")
    sampler["widgets_values"] = ["increment" if v == "randomize" else v for v in sampler["widgets_values"]]
    node_of(made, "SaveImage")["widgets_values"] = ["fox_%date:yyyy%"]
    made["extra"] = {
        "linearData": {"inputs": [[sampler["id"], "cfg"], [sampler["id"], "seed"]], "outputs": []},
    }
    return made


def node_of(graph: dict[str, Any], kind: str) -> dict[str, Any]:
    found: dict[str, Any] = next(node for node in graph["nodes"] if node["type"] == kind)
    return found


def file_of(folder: Path, graph: dict[str, Any]) -> Path:
    path = folder / "fox.json"
    path.write_text(json.dumps(graph))
    return path


def opened_on(engine: Engine, url: str, file: Path) -> OpenWorkflow:
    async def work() -> OpenWorkflow:
        host = await engine.add_host("box", url)
        return await engine.open_workflow(str(file), host.host_id)

    return engine.runtime.call(work())


def run(engine: Engine, opened: OpenWorkflow, out: Path, count: int = 1, **values: Any) -> list[Job]:
    async def work() -> list[Job]:
        modes = {f.key: f.seed_mode for f in opened.form.fields if f.seed_mode}
        queued = await engine.queue_runs(opened, values, modes, count, opened.host_id, out_dir=str(out))
        return await engine.queue.wait([job.job_id for job in queued.jobs], 30)

    return engine.runtime.call(work())


def test_the_editors_format_opens_as_a_form_that_shows_what_its_author_chose(
    engine: Engine, demo: DemoProcess, fox: dict[str, Any], tmp_path: Path
) -> None:
    opened = opened_on(engine, demo.url, file_of(tmp_path, fox))
    labels = [opened.form.by_key[key].label for key in opened.form.essentials]
    assert labels == ["CFG", "Seed"]
    seed = opened.form.by_key[opened.form.essentials[1]]
    assert seed.seed_mode is SeedMode.INCREMENT
    assert [issue for issue in opened.issues if issue.severity == "error"] == []


def test_a_picture_carries_the_editors_graph_with_the_values_that_made_it(
    engine: Engine, demo: DemoProcess, fox: dict[str, Any], info: dict[str, Any], tmp_path: Path
) -> None:
    opened = opened_on(engine, demo.url, file_of(tmp_path, fox))
    steps = next(field.key for field in opened.form.fields if field.input_name == "steps")
    jobs = run(engine, opened, tmp_path / "out", 2, **{steps: 3})
    assert [job.state for job in jobs] == [JobState.DONE] * 2
    for job in jobs:
        found = source.read(Path(job.files[0].path))
        assert found.gui is not None
        assert found.prompt is not None
        sampler = node_of(dict(found.gui), "KSampler")
        assert sampler["widgets_values"][0] == job.seed
        assert node_of(dict(found.gui), "SaveImage")["widgets_values"] == ["fox_%date:yyyy%"]
        again = conversion.to_api(found.gui, info)
        name = again[str(node_of(dict(found.gui), "SaveImage")["id"])]["inputs"]
        assert name["filename_prefix"].startswith("fox_20")
        assert essence(again) == essence(found.prompt)
    assert jobs[1].seed == (jobs[0].seed or 0) + 1


def test_a_picture_that_comfydesk_made_is_a_workflow_again(
    engine: Engine, demo: DemoProcess, fox: dict[str, Any], tmp_path: Path
) -> None:
    first = opened_on(engine, demo.url, file_of(tmp_path, fox))
    (job,) = run(engine, first, tmp_path / "out")
    again = opened_on(engine, demo.url, Path(job.files[0].path))
    assert again.graph.to_prompt().keys() == first.graph.to_prompt().keys()
    assert again.form.essentials == first.form.essentials


def test_without_any_word_of_a_host_the_form_is_empty_and_says_what_to_do(
    engine: Engine, fox: dict[str, Any], tmp_path: Path
) -> None:
    opened = engine.runtime.call(engine.open_workflow(str(file_of(tmp_path, fox)), None))
    assert opened.form.fields == ()
    assert opened.needs_host
    assert [issue.code for issue in opened.issues] == ["workflow_gui"]


def test_a_form_that_needs_a_host_queues_nothing(
    engine: Engine, demo: DemoProcess, fox: dict[str, Any], tmp_path: Path
) -> None:
    async def work() -> None:
        host = await engine.add_host("box", demo.url)
        opened = await engine.open_workflow(str(file_of(tmp_path, fox)), None)
        await engine.queue_runs(opened, {}, {}, 1, host.host_id)

    with pytest.raises(Problem) as caught:
        engine.runtime.call(work())
    assert caught.value.code == "workflow_gui"


def essence(prompt: Any) -> dict[str, Any]:
    return {node_id: (node["class_type"], node["inputs"]) for node_id, node in prompt.items()}


def test_a_workflow_of_the_editor_opens_with_its_texts_as_they_are_written_and_each_run_draws_its_own(
    engine: Engine, demo: DemoProcess, fox: dict[str, Any], info: dict[str, Any], tmp_path: Path
) -> None:
    graph = json.loads(json.dumps(fox))
    written = "a {red|{dark|light} green|blue|white} __animals/cats__ // later more"
    node_of(graph, "CLIPTextEncode")["widgets_values"] = [written]
    node_id = str(node_of(graph, "CLIPTextEncode")["id"])
    (engine.home.wildcards / "animals").mkdir(parents=True)
    (engine.home.wildcards / "animals" / "cats.txt").write_text("# kinds\ntabby\nsiamese\n")
    opened = opened_on(engine, demo.url, file_of(tmp_path, graph))
    assert opened.form.by_key[f"{node_id}.text"].value == written
    jobs = run(engine, opened, tmp_path / "out", 6)
    texts = []
    for job in jobs:
        found = source.read(Path(job.files[0].path))
        assert found.gui is not None
        assert found.prompt is not None
        text = found.prompt[node_id]["inputs"]["text"]
        assert text == expand(written, job.seed or 0, engine.wildcards)
        assert essence(conversion.to_api(found.gui, info)) == essence(found.prompt)
        texts.append(text)
    assert len(set(texts)) > 1
    assert all("{" not in text and "__" not in text and "//" not in text for text in texts)
    (past, *_) = engine.runtime.call(engine.prompt_history())
    assert past.text == written


def test_choices_that_a_person_wrote_stay_choices_when_they_become_the_default(
    fox: dict[str, Any], info: dict[str, Any]
) -> None:
    key = f"{node_of(fox, 'CLIPTextEncode')['id']}.text"
    found = source.of_bytes(json.dumps(fox).encode(), "fox.json")
    opened = opening.graph_of(found, info)
    form = build.build(opened.graph, Specs.from_object_info(info))
    saved = defaults.content(found, opened, form, {key: "a {red|blue} fox // note"}, {})
    assert node_of(json.loads(saved), "CLIPTextEncode")["widgets_values"] == ["a {red|blue} fox // note"]


def test_the_engine_tells_names_for_prompts_and_what_one_comes_out_as(engine: Engine, demo: DemoProcess) -> None:
    (engine.home.wildcards).mkdir()
    (engine.home.wildcards / "colours.txt").write_text("red\nblue")
    (engine.home.tags).mkdir()
    (engine.home.tags / "own.csv").write_text("long_hair,0,5\n")

    async def ask() -> Any:
        host = await engine.add_host("box", demo.url)
        await engine.open_workflow("sdxl", host.host_id)
        view = await engine.prompt_view("{a|b} __colours__ __gone__", True, (1, 2, 3, 4, 5, 6, 7, 8))
        return await engine.prompt_names(host.host_id), view, await engine.prompt_tags()

    names, view, tags = engine.runtime.call(ask())
    assert names.embeddings == ("easynegative",)
    assert names.wildcards == ("colours",)
    assert names.loras
    assert not any(name.endswith(".safetensors") for name in names.loras)
    assert view.combinations == 4
    assert view.missing == ("gone",)
    assert len({text for _, text in view.examples}) == len(view.examples) > 1
    assert len(tags) == 1
