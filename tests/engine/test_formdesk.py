"""A form's arrangement is kept beside its workflow, comes back when it is opened, and goes from hand to hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.engine import Engine
from comfydesk.form.profile import NO_PROFILE, Profile
from comfydesk.form.rearrange import HIDDEN, place, relabel
from comfydesk.jobs.model import OwnerKind


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = Engine.open(Home(tmp_path / "home", tmp_path / "home" / "cache").make(), OwnerKind.WINDOW)
    yield made
    made.close()


def test_an_arrangement_is_there_when_the_workflow_is_opened_again(engine: Engine) -> None:
    async def work() -> None:
        opened = await engine.open_workflow("sdxl", None)
        assert opened.profile == NO_PROFILE
        mine = relabel(place(opened.profile, opened.form, ["3.steps"], HIDDEN), "3.cfg", "Strength")
        arranged = await engine.arrange_form(opened, mine)
        assert arranged.form.hidden == ("3.steps",)
        again = await engine.open_workflow("sdxl", None)
        assert again.profile == mine
        assert again.form == arranged.form
        assert (await engine.workflow_profile("sdxl")) == mine
        usual = await engine.arrange_form(again, NO_PROFILE)
        assert usual.form == opened.form
        assert (await engine.workflow_profile("sdxl")) == NO_PROFILE

    engine.runtime.call(work(), 30)


def test_the_authors_choice_is_what_a_person_goes_back_to(engine: Engine, tmp_path: Path) -> None:
    gui = {
        "nodes": [
            {
                "id": 3,
                "type": "EmptyLatentImage",
                "inputs": [],
                "outputs": [{"name": "LATENT", "type": "LATENT", "links": [1]}],
                "widgets_values": [640, 480, 1],
                "pos": [0, 0],
                "size": [200, 100],
                "flags": {},
                "order": 0,
                "mode": 0,
                "properties": {},
            },
            {
                "id": 4,
                "type": "SaveLatent",
                "inputs": [{"name": "samples", "type": "LATENT", "link": 1}],
                "outputs": [],
                "widgets_values": ["latents/a"],
                "pos": [0, 0],
                "size": [200, 100],
                "flags": {},
                "order": 1,
                "mode": 0,
                "properties": {},
            },
        ],
        "links": [[1, 3, 0, 4, 0, "LATENT"]],
        "groups": [],
        "version": 0.4,
        "extra": {"linearData": {"inputs": [[3, "height"]], "outputs": [4]}},
    }
    info = {
        "EmptyLatentImage": _spec({name: ["INT", {"default": 1}] for name in ("width", "height", "batch_size")}),
        "SaveLatent": _spec({"samples": ["LATENT"], "filename_prefix": ["STRING", {}]}) | {"output_node": True},
    }
    source = tmp_path / "own.json"
    source.write_text(json.dumps(gui))
    entry, read, draft = engine._read(str(source))
    opened = engine._make(entry, read, draft, info, {}, "h", "h")
    assert opened.author == opened.profile == Profile(("3.height",), outputs=("4",))
    assert opened.form.essentials == ("3.height",)

    async def work() -> None:
        mine = place(opened.profile, opened.form, ["3.height"], HIDDEN)
        arranged = await engine.arrange_form(opened, mine)
        assert arranged.form.essentials == ()
        assert (await engine.arrange_form(arranged, NO_PROFILE)).form == opened.form

    engine.runtime.call(work(), 30)


def test_an_arrangement_goes_into_a_file_and_out_of_it(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "fox.form.json"

    async def work() -> None:
        mine = Profile(("3.cfg",), help={"3.cfg": "How strictly"})
        await engine.write_profile(str(file), mine, "fox")
        assert await engine.read_profile(str(file)) == mine
        file.write_bytes(b" " * (2 << 20))
        with pytest.raises(Problem, match="larger than 1 MB"):
            await engine.read_profile(str(file))
        with pytest.raises(Problem) as caught:
            await engine.read_profile(str(tmp_path / "none"))
        assert caught.value.code == "file_missing"

    engine.runtime.call(work(), 30)


def _spec(inputs: dict[str, object]) -> dict[str, object]:
    return {
        "input": {"required": inputs},
        "input_order": {"required": list(inputs)},
        "output": [],
        "output_name": [],
        "output_is_list": [],
        "name": "",
        "display_name": "",
        "category": "",
        "output_node": False,
    }
