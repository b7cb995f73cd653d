"""Profiles: what a form shows first because somebody chose it."""

from __future__ import annotations

from typing import Any

import pytest

from comfydesk.form.build import build
from comfydesk.form.fields import SeedMode
from comfydesk.form.profile import Profile, from_json
from comfydesk.workflow.graph import Graph
from comfydesk.workflow.parse import from_prompt


def graph() -> Graph:
    return from_prompt(
        {
            "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "a.safetensors"}},
            "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a fox", "clip": ["1", 1]}},
            "3": {
                "class_type": "KSampler",
                "inputs": {"seed": 5, "steps": 20, "cfg": 7.0, "model": ["1", 0], "positive": ["2", 0]},
            },
            "4": {"class_type": "SaveImage", "inputs": {"images": ["3", 0], "filename_prefix": "a"}},
            "5": {"class_type": "SaveVideo", "inputs": {"video": ["3", 0], "filename_prefix": "b"}},
        }
    )


def test_the_chosen_fields_are_the_essentials_in_the_chosen_order() -> None:
    form = build(graph(), None, Profile(("3.cfg", "2.text")))
    assert form.essentials == ("3.cfg", "2.text")
    assert [field.key for field in form.fields if field.essential] == [
        field.key for field in form.fields if field.key in ("3.cfg", "2.text")
    ]
    rest = [key for group in form.groups for key in group.keys]
    assert "3.seed" in rest
    assert "2.text" not in rest


def test_what_the_workflow_has_no_more_or_only_by_a_link_is_left_out() -> None:
    form = build(graph(), None, Profile(("9.gone", "3.model", "3.steps", "3.steps")))
    assert form.essentials == ("3.steps",)


def test_a_profile_that_names_nothing_of_this_workflow_leaves_the_usual_order() -> None:
    assert build(graph(), None, Profile(("9.gone",))).essentials == build(graph(), None).essentials


def test_fields_get_the_names_that_the_profile_gives() -> None:
    form = build(graph(), None, Profile(labels={"2.text": "What to paint"}))
    field = form.get("2.text")
    assert field is not None
    assert field.label == "What to paint"


def test_the_chosen_outputs_come_first_and_give_the_noun() -> None:
    form = build(graph(), None, Profile(outputs=("5",)))
    assert [node_id for node_id, _, _ in form.outputs] == ["5", "4"]
    assert form.output_noun == "video"


def test_a_seeds_mode_is_the_one_of_the_editors_file() -> None:
    form = build(graph(), None, seed_modes={"3.seed": SeedMode.INCREMENT})
    field = form.get("3.seed")
    assert field is not None
    assert field.seed_mode is SeedMode.INCREMENT


def test_a_profile_comes_back_from_json_as_it_was() -> None:
    profile = Profile(("3.cfg",), {"3.cfg": "Strength"}, ("4",))
    assert from_json(profile.to_json()) == profile


@pytest.mark.parametrize(
    "content", [None, 3, [], {"essentials": "3.cfg"}, {"labels": [1], "outputs": {"a": 1}}, {"labels": {"a": 5}}]
)
def test_what_a_person_wrote_wrongly_into_the_file_is_left_out(content: Any) -> None:
    assert not from_json(content)
