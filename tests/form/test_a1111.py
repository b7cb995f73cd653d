"""Settings of other programs find the fields that mean the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfydesk.form.a1111 import Applied, values_of
from comfydesk.form.build import build
from comfydesk.form.fields import Form
from comfydesk.form.samplers import Names, comfy_names
from comfydesk.form.values import freeze
from comfydesk.workflow.media.parameters import Parameters, parse
from comfydesk.workflow.specs import Specs
from tests.form.graphs import INFO, graph_of, recorded, sdxl_form

TEXT = """a wolf, (snow:1.2) <lora:ink:0.8>
Negative prompt: blurry
Steps: 21, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 6, Seed: 18446744073709551615, Size: 512x768, \
Model hash: 6ce0, Model: dreamshaperXL_v21, VAE: x.pt, ADetailer model: face.pt, Lora hashes: "a: 1", Version: v1.9"""
SETTINGS = dict(parse(TEXT).settings)


def applied(settings: dict[str, str], form: Form | None = None) -> Applied:
    return values_of(Parameters("a wolf", "", settings), form or sdxl_form()[1])


def test_everything_that_has_a_field_is_put_there() -> None:
    graph, form = sdxl_form()
    found = values_of(parse(TEXT), form)
    assert found.values == {
        "6.text": "a wolf, (snow:1.2)",
        "7.text": "blurry",
        "5.width": 512,
        "5.height": 768,
        "3.sampler_name": "dpmpp_2m",
        "3.scheduler": "karras",
        "4.ckpt_name": "dreamshaperXL.safetensors",
        "3.seed": 2**64 - 1,
        "3.steps": 21,
        "3.cfg": 6.0,
    }
    assert freeze(graph, form, found.values)["3"]["inputs"]["seed"] == 2**64 - 1


def test_what_has_no_field_is_named_and_plain_facts_are_not() -> None:
    assert values_of(parse(TEXT), sdxl_form()[1]).left == ("<lora:ink:0.8>", "VAE", "ADetailer model")


def test_without_a_host_no_model_is_chosen() -> None:
    found = values_of(parse(TEXT), sdxl_form(specs=False)[1])
    assert "4.ckpt_name" not in found.values
    assert "Model" in found.left
    assert found.values["3.sampler_name"] == "dpmpp_2m"


def test_a_model_of_another_name_is_not_taken_for_it() -> None:
    found = applied(SETTINGS | {"Model": "analogDiffusion_v1"})
    assert "4.ckpt_name" not in found.values
    assert "Model" in found.left


def test_an_empty_negative_prompt_empties_the_field() -> None:
    assert applied(SETTINGS).values["7.text"] == ""
    assert "7.text" not in values_of(Parameters("only words"), sdxl_form()[1]).values


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"Seed": "-1"}, "3.seed"),
        ({"Seed": "many"}, "3.seed"),
        ({"Seed": str(2**64)}, "3.seed"),
        ({"Steps": "twenty"}, "3.steps"),
        ({"CFG scale": "high"}, "3.cfg"),
        ({"Sampler": "PLMS"}, "3.sampler_name"),
        ({"Sampler": "DPM fast"}, "3.sampler_name"),  # this host does not have it
        ({"Size": "large"}, "5.width"),
    ],
)
def test_what_a_field_cannot_hold_is_left(settings: dict[str, str], key: str) -> None:
    found = applied(settings)
    assert key not in found.values
    assert next(iter(settings)) in found.left


def test_a_schedule_that_no_field_takes_is_left_with_its_name() -> None:
    found = applied({"Sampler": "DPM++ 2M Exponential"})
    assert found.values["3.sampler_name"] == "dpmpp_2m"
    assert found.left == ("Schedule type: exponential",)


def test_the_strength_of_a_larger_second_pass_is_not_that_of_the_first() -> None:
    assert "Denoising strength" in applied({"Steps": "9", "Denoising strength": "0.4", "Hires upscale": "2"}).left
    assert "Denoising strength" in applied({"Steps": "9", "Denoising strength": "0.4"}).left


def test_the_strength_goes_where_a_picture_goes_in() -> None:
    graph = graph_of(
        n1=("LoadImage", {"image": "fox.png"}),
        n2=("KSampler", {"denoise": 1.0, "seed": 1, "latent_image": ["1", 0]}),
    )
    form = build(graph, Specs.from_object_info(INFO))
    assert applied({"Denoising strength": "0.4"}, form).values["2.denoise"] == 0.4


def test_clip_skip_counts_from_the_end() -> None:
    graph = graph_of(n1=("CLIPSetLastLayer", {"stop_at_clip_layer": -1}))
    assert applied({"Clip skip": "2"}, build(graph, None)).values == {"1.stop_at_clip_layer": -2}
    assert applied({"Clip skip": "1"}).left == ()
    assert applied({"Clip skip": "2"}).left == ("Clip skip",)


def test_a_form_without_prompt_says_so() -> None:
    form = build(graph_of(n1=("SaveImage", {"filename_prefix": "x"})), None)
    assert values_of(parse(TEXT), form).left[0] == "Prompt"


def test_seeds_that_move_together_are_set_together() -> None:
    _, form = sdxl_form()
    seeds = tuple(
        replace(field, seed_group="a", key=key) for key in ("3.seed", "9.seed") for field in [form.by_key["3.seed"]]
    )
    found = applied({"Seed": "5"}, replace(form, fields=seeds, essentials=(), by_key={}))
    assert found.values == {"3.seed": 5, "9.seed": 5}


def test_prompts_that_read_lora_tags_keep_them() -> None:
    graph, form = sdxl_form()
    fields = tuple(replace(field, value="x <lora:y:1>") if field.key == "6.text" else field for field in form.fields)
    form = replace(form, fields=fields, by_key={field.key: field for field in fields})
    assert values_of(parse(TEXT), form).values["6.text"] == "a wolf, (snow:1.2) <lora:ink:0.8>"
    assert graph.nodes


@pytest.mark.parametrize(
    ("name", "schedule", "wanted"),
    [
        ("Euler a", "", ("euler_ancestral", "normal")),
        ("Euler", "", ("euler", "normal")),
        ("euler", "", ("euler", "")),
        ("DPM++ 2M Karras", "", ("dpmpp_2m", "karras")),
        ("DPM++ 2M", "Karras", ("dpmpp_2m", "karras")),
        ("DPM++ 2M", "Automatic", ("dpmpp_2m", "karras")),
        ("DPM++ 3M SDE", "Automatic", ("dpmpp_3m_sde", "exponential")),
        ("Euler", "Automatic", ("euler", "normal")),
        ("DPM++ 2M SDE Heun Exponential", "", ("dpmpp_2m_sde_heun", "exponential")),
        ("DPM++ 2S a Karras", "", ("dpmpp_2s_ancestral", "karras")),
        ("DPM2 a Karras", "", ("dpm_2_ancestral", "karras")),
        ("LMS Karras", "", ("lms", "karras")),
        ("DPM adaptive", "", ("dpm_adaptive", "normal")),
        ("DDIM", "", ("ddim", "ddim_uniform")),
        ("UniPC", "", ("uni_pc", "normal")),
        ("LCM", "SGM Uniform", ("lcm", "sgm_uniform")),
        ("Euler", "Align Your Steps", ("euler", "")),
        ("Euler", "Beta", ("euler", "beta")),
        ("PLMS", "", ("", "")),
        ("dpmpp_2m_sde_k", "", ("dpmpp_2m_sde", "karras")),
        ("k_dpmpp_2m", "karras", ("dpmpp_2m", "karras")),
        ("kdpm_2_a", "", ("dpm_2_ancestral", "normal")),
        ("", "", ("", "")),
    ],
)
def test_samplers_get_the_names_that_comfyui_has(name: str, schedule: str, wanted: tuple[str, str]) -> None:
    found = comfy_names(name, schedule)
    assert (found.sampler, found.scheduler) == wanted


@pytest.mark.parametrize("version", ["0.33.0", "0.3.64"])
def test_every_name_is_one_that_a_real_server_has(version: str) -> None:
    inputs = recorded(version)["KSampler"]["input"]["required"]
    here = [set(spec[0] if isinstance(spec[0], list) else spec[1]["options"])
            for spec in (inputs["sampler_name"], inputs["scheduler"])]  # fmt: skip
    for name in ("Euler a", "DPM++ 2M SDE Heun Karras", "DDIM", "UniPC", "DPM++ 3M SDE Exponential", "DEIS", "LCM"):
        found = comfy_names(name)
        assert found.sampler in here[0]
        assert found.scheduler in here[1]


@given(st.text(max_size=60), st.text(max_size=20))
def test_any_sampler_is_survived(name: str, schedule: str) -> None:
    assert isinstance(comfy_names(name, schedule), Names)


NAMES = [*SETTINGS, "Clip skip", "Denoising strength", "Distilled CFG Scale", "Schedule type"]


@given(st.text(max_size=40), st.dictionaries(st.sampled_from(NAMES), st.text(max_size=20)))
def test_any_parameters_give_values_that_freeze(prompt: str, settings: dict[str, Any]) -> None:
    graph, form = sdxl_form()
    found = values_of(Parameters(prompt, prompt[::-1], settings), form)
    assert set(found.values) <= set(form.by_key)
    freeze(graph, form, found.values)
