"""Presets and styles: what they put into a form, and what they are as files."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comfydesk.base.errors import Problem
from comfydesk.form import preset_file, presets
from comfydesk.form.build import build
from comfydesk.form.fields import LocalFile
from comfydesk.form.presets import Preset, PresetKind
from tests.form.graphs import graph_of, sdxl_form, small_specs

OIL = Preset("Oil", PresetKind.STYLE, {"cfg": 5.5, "steps": 12}, "{prompt}, oil painting", "photo")
FAST = Preset("Fast", PresetKind.WORKFLOW, {"3.steps": 8, "3.cfg": 2})


def now(**values: Any) -> dict[str, Any]:
    _, form = sdxl_form()
    return {item.key: item.value for item in form.fields} | {key.replace("__", "."): v for key, v in values.items()}


def test_a_preset_changes_only_what_it_names_and_what_differs() -> None:
    _, form = sdxl_form()
    assert presets.apply(form, FAST, now()) == {"3.steps": 8, "3.cfg": 2.0}
    assert presets.apply(form, FAST, now() | {"3.steps": 8}) == {"3.cfg": 2.0}
    assert presets.apply(form, FAST, now(), only={"3.cfg"}) == {"3.cfg": 2.0}


def test_values_get_the_fields_exact_type() -> None:
    _, form = sdxl_form()
    assert type(presets.apply(form, FAST, now())["3.cfg"]) is float


def test_what_the_workflow_does_not_have_or_take_any_more_is_left_out() -> None:
    _, form = sdxl_form()
    odd = Preset("Odd", PresetKind.WORKFLOW, {"99.steps": 3, "3.steps": [1, 2], "3.model": "x", "3.cfg": 3})
    assert presets.apply(form, odd, now()) == {"3.cfg": 3.0}


def test_a_preset_is_in_the_form_when_all_of_it_is() -> None:
    _, form = sdxl_form()
    assert not presets.is_in(form, FAST, now())
    assert presets.is_in(form, FAST, now() | {"3.steps": 8, "3.cfg": 2.0})
    assert not presets.is_in(form, Preset("Empty"), now())


def test_a_style_adds_its_words_and_settings_to_any_workflow() -> None:
    _, form = sdxl_form()
    made = presets.apply(form, OIL, now() | {"6.text": "a fox", "7.text": "blurry"})
    assert made == {"6.text": "a fox, oil painting", "7.text": "blurry, photo", "3.cfg": 5.5, "3.steps": 12}


def test_a_style_that_is_there_is_not_added_again_and_can_be_taken_out() -> None:
    _, form = sdxl_form()
    first = now() | {"6.text": "a fox", "7.text": "blurry"}
    styled = first | presets.apply(form, OIL, first)
    assert presets.apply(form, OIL, styled) == {} and presets.is_in(form, OIL, styled)
    assert presets.without_style(form, OIL, styled) == {"6.text": "a fox", "7.text": "blurry"}


@pytest.mark.parametrize(
    ("text", "fragment", "made"),
    [
        ("a fox", "oil painting", "a fox, oil painting"),
        ("a fox", ", oil painting ", "a fox, oil painting"),
        ("a fox", "film still of {prompt}, 35mm", "film still of a fox, 35mm"),
        ("", "{prompt}, oil painting", "oil painting"),
        ("a fox", "", "a fox"),
        ("a fox", " , ", "a fox"),
        ("a {red|blue} fox", "oil, {prompt}", "oil, a {red|blue} fox"),
    ],
)
def test_a_fragment_stands_around_the_persons_words(text: str, fragment: str, made: str) -> None:
    assert presets.put_in(text, fragment) == made


@given(st.text(max_size=40), st.text(max_size=20), st.booleans(), st.text(max_size=20))
@settings(max_examples=80, deadline=None)
def test_a_fragment_that_is_put_in_twice_is_there_once_and_comes_out_again(a: str, b: str, place: bool, c: str) -> None:
    fragment = f"{b}{{prompt}}{c}" if place else b
    once = presets.put_in(a, fragment)
    assert presets.put_in(once, fragment) == once
    out = presets.take_out(once, fragment)
    assert out is None or presets.put_in(out, fragment) == once


def test_only_what_fits_other_workflows_goes_into_a_style() -> None:
    _, form = sdxl_form()
    keys = [item.key for item in form.fields]
    style = presets.style_of(form, now(), "Mine", keys, "{prompt}, ink", "")
    assert {"steps", "cfg", "sampler", "scheduler", "width", "height"} <= set(style.values)
    assert not {"prompt", "negative", "seed", "prefix"} & set(style.values)
    assert not presets.can_be_in_style(form, form.by_key["3.seed"])


def test_a_preset_of_the_form_holds_the_chosen_fields() -> None:
    _, form = sdxl_form()
    made = presets.of_form(form, now() | {"3.steps": 9}, "  My\npreset ", ["3.steps", "6.text"])
    assert made.name == "My preset"
    assert made.values == {"3.steps": 9, "6.text": form.by_key["6.text"].value}


def test_names_are_unique_in_a_list_without_regard_to_case() -> None:
    listed = presets.put((FAST,), Preset("fast", values={"3.steps": 4}))
    assert [each.name for each in listed] == ["fast"]
    assert presets.with_free_name(listed, FAST).name == "Fast 2"
    assert presets.put((FAST, OIL), Preset("Quick"), instead_of="Fast")[0].name == "Quick"
    assert presets.without(listed, "FAST") == ()


def test_a_list_takes_only_so_many() -> None:
    many = tuple(Preset(str(number)) for number in range(presets.MAX_PRESETS))
    with pytest.raises(Problem) as caught:
        presets.put(many, Preset("one more"))
    assert caught.value.code == "preset_many"


def test_a_file_holds_presets_and_comes_back_the_same() -> None:
    assert preset_file.read(preset_file.write([FAST, OIL], "SDXL"), "x.preset.json") == (FAST, OIL)


def test_files_of_this_computer_stay_in_the_sidecar_and_out_of_exports() -> None:
    mine = Preset("Mine", PresetKind.WORKFLOW, {"1.image": LocalFile("/home/me/fox.png"), "3.steps": 3})
    kept = json.loads(json.dumps(preset_file.to_kept([mine], "Mine")))
    assert preset_file.of_kept(kept) == ((mine,), "Mine")
    exported = preset_file.write([mine])
    assert b"fox.png" not in exported
    assert preset_file.read(exported, "x")[0].values == {"3.steps": 3}


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b"", "empty"),
        (b"<html>", "web page"),
        (b"[1]", "something else"),
        (b'{"format": "comfydesk.form", "version": 1}', "something else"),
        (b'{"format": "comfydesk.preset", "version": 2, "presets": []}', "later version"),
        (b'{"format": "comfydesk.preset", "version": true, "presets": []}', "later version"),
        (b'{"format": "comfydesk.preset", "version": 1, "presets": [7, {"name": ""}]}', "no preset"),
        (b"[" * 5000, "deeper"),
        (b" " * (preset_file.MAX_BYTES + 1), "larger"),
    ],
)
def test_files_that_are_something_else_are_refused_in_words(data: bytes, detail: str) -> None:
    with pytest.raises(Problem) as caught:
        preset_file.read(data, "odd.preset.json")
    assert caught.value.code == "preset_not" and detail in caught.value.message


def test_what_is_odd_in_one_preset_is_left_out() -> None:
    odd = {
        "name": "  Two\nlines\x00 ",
        "kind": "style",
        "prompt": 7,
        "negative": "x" * 20_000,
        "values": {"cfg": float("nan"), "steps": 4, "seed": 7, "nonsense": 1},
    }
    made = preset_file.from_json(odd)
    assert made == Preset("Two lines", PresetKind.STYLE, {"steps": 4}, "", "x" * presets.MAX_FRAGMENT)
    assert preset_file.from_json({"name": "x", "kind": "virus"}) is None


def test_a_styles_setting_goes_to_the_most_important_field_of_its_role() -> None:
    sampler = {"steps": 20, "cfg": 7.0, "seed": 1, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0}
    graph = graph_of(
        n3=("KSampler", {**sampler, "latent_image": ["5", 0]}),
        n4=("KSampler", {**sampler, "latent_image": ["3", 0]}),
        n5=("EmptyLatentImage", {"width": 512, "height": 512, "batch_size": 1}),
        n9=("SaveImage", {"images": ["4", 0], "filename_prefix": "x"}),
    )
    form = build(graph, small_specs())
    made = presets.apply(form, OIL, {})
    assert [key.split(".")[1] for key in made] == ["steps", "cfg"]
    assert all(form.by_key[key].essential for key in made)
