"""A form shows what a person wants to change, in the order of importance, found by the graph's structure."""

from __future__ import annotations

from typing import Any

import pytest

from comfydesk.base import resources
from comfydesk.form.build import build
from comfydesk.form.fields import Form, Kind, Role, SeedMode
from comfydesk.workflow.parse import from_prompt, parse
from comfydesk.workflow.specs import Specs
from tests.form.graphs import INFO, graph_of, roles_of, sdxl_form, small_specs

SAMPLER = {"seed": 5, "steps": 4, "cfg": 7.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0}


def labels(form: Form) -> list[str]:
    return [form.by_key[key].label for key in form.essentials]


@pytest.mark.parametrize("with_specs", [True, False], ids=["with a host", "offline"])
def test_the_sdxl_starter_shows_its_essentials_in_order(with_specs: bool) -> None:
    _, form = sdxl_form(with_specs)
    assert labels(form) == [
        "Prompt",
        "Negative prompt",
        "Seed",
        "Width",
        "Height",
        "Steps",
        "CFG",
        "Sampler",
        "Scheduler",
        "Checkpoint",
    ]
    kinds = [form.by_key[key].kind for key in form.essentials]
    assert kinds == [Kind.MULTILINE] * 2 + [Kind.SEED] + [Kind.INT] * 3 + [Kind.FLOAT] + [Kind.COMBO] * 3
    assert form.output_noun == "picture"
    assert form.files_per_run == 1
    assert form.specs_known is with_specs


@pytest.mark.parametrize("with_specs", [True, False])
def test_flux_schnell_shows_no_negative(with_specs: bool) -> None:
    graph = parse(resources.path("workflows/flux-schnell.json").read_bytes(), "x")
    form = build(graph, small_specs() if with_specs else None)
    assert "Negative prompt" not in labels(form)
    assert labels(form)[0] == "Prompt"
    assert Role.NEGATIVE not in {item.role for item in form.fields}


def test_every_input_is_shown_exactly_once() -> None:
    graph, form = sdxl_form()
    shown = [*form.essentials, *(key for group in form.groups for key in group.keys)]
    assert sorted(shown) == sorted(item.key for item in form.fields)
    assert {f"{node.node_id}.{name}" for node in graph.nodes.values() for name in node.inputs} == set(shown)
    assert len(set(shown)) == len(shown)


def test_links_are_shown_with_their_source() -> None:
    _, form = sdxl_form()
    field = form.by_key["3.model"]
    assert field.kind is Kind.LINK
    assert field.link == "Load Checkpoint · MODEL"
    assert not field.essential


def test_soft_ranges_are_those_that_people_use() -> None:
    _, form = sdxl_form()
    steps, cfg, width = (form.by_key[key] for key in ("3.steps", "3.cfg", "5.width"))
    assert (steps.min, steps.max, steps.soft_min, steps.soft_max) == (1, 10000, 1, 60)
    assert (cfg.soft_min, cfg.soft_max) == (1.0, 15.0)
    assert (width.soft_min, width.soft_max, width.step) == (256, 2048, 64)
    seed = form.by_key["3.seed"]
    assert (seed.min, seed.max, seed.soft_min) == (0, 2**64 - 1, None)


def test_a_value_outside_widens_the_soft_range() -> None:
    graph = graph_of(n1=("EmptyLatentImage", {"width": 4096, "height": 64, "batch_size": 1}))
    form = build(graph, small_specs())
    assert form.by_key["1.width"].soft_max == 4096
    assert form.by_key["1.height"].soft_min == 64


def test_at_cfg_one_the_negative_waits_under_advanced() -> None:
    graph, _ = sdxl_form()
    prompt = graph.to_prompt()
    prompt["3"]["inputs"]["cfg"] = 1.0
    form = build(from_prompt(prompt), small_specs())
    assert "7.text" not in form.essentials
    assert form.by_key["7.text"].role is Role.NEGATIVE
    assert any("7.text" in group.keys for group in form.groups)


def test_one_text_for_both_sides_is_the_prompt() -> None:
    graph, _ = sdxl_form()
    prompt = graph.to_prompt()
    prompt["3"]["inputs"]["negative"] = ["6", 0]
    del prompt["7"]
    form = build(from_prompt(prompt), small_specs())
    assert labels(form)[:2] == ["Prompt", "Seed"]


def test_prompts_are_found_through_controlnet_guidance_and_custom_samplers() -> None:
    graph = graph_of(
        n1=("CLIPTextEncode", {"text": "a fox", "clip": ["9", 1]}),
        n2=("CLIPTextEncode", {"text": "blurry", "clip": ["9", 1]}),
        n3=("FluxGuidance", {"guidance": 3.5, "conditioning": ["1", 0]}),
        n4=(
            "ControlNetApplyAdvanced",
            {"positive": ["3", 0], "negative": ["2", 0], "image": ["10", 0], "strength": 1.0},
        ),
        n5=("CFGGuider", {"model": ["9", 0], "positive": ["4", 0], "negative": ["4", 1], "cfg": 4.0}),
        n6=("RandomNoise", {"noise_seed": 77}),
        n7=("KSamplerSelect", {"sampler_name": "euler"}),
        n8=("BasicScheduler", {"model": ["9", 0], "scheduler": "simple", "steps": 8, "denoise": 1.0}),
        n9=("CheckpointLoaderSimple", {"ckpt_name": "flux.safetensors"}),
        n10=("LoadImage", {"image": "depth.png"}),
        n11=(
            "SamplerCustomAdvanced",
            {
                "noise": ["6", 0],
                "guider": ["5", 0],
                "sampler": ["7", 0],
                "sigmas": ["8", 0],
                "latent_image": ["12", 0],
            },
        ),
        n12=("EmptySD3LatentImage", {"width": 1024, "height": 768, "batch_size": 2}),
        n13=("VAEDecode", {"samples": ["11", 0], "vae": ["9", 2]}),
        n14=("SaveImage", {"images": ["13", 0], "filename_prefix": "x"}),
    )
    form = build(graph, None)
    assert roles_of(form) == {
        "10.image": "media",
        "1.text": "prompt",
        "2.text": "negative",
        "6.noise_seed": "seed",
        "12.width": "width",
        "12.height": "height",
        "8.steps": "steps",
        "5.cfg": "cfg",
        "3.guidance": "guidance",
        "7.sampler_name": "sampler",
        "8.scheduler": "scheduler",
        "9.ckpt_name": "model",
    }
    assert form.files_per_run == 2


def test_values_in_primitives_have_the_role() -> None:
    graph = graph_of(
        n1=("PrimitiveStringMultiline", {"value": "a fox"}),
        n2=("CLIPTextEncode", {"text": ["1", 0], "clip": ["6", 1]}),
        n3=("PrimitiveInt", {"value": 12}),
        n4=("PrimitiveInt", {"value": 42}),
        n5=(
            "KSampler",
            {
                **SAMPLER,
                "steps": ["3", 0],
                "seed": ["4", 0],
                "positive": ["2", 0],
                "model": ["6", 0],
                "latent_image": ["7", 0],
            },
        ),
        n6=("CheckpointLoaderSimple", {"ckpt_name": "x.safetensors"}),
        n7=("EmptyLatentImage", {"width": 512, "height": 512, "batch_size": 1}),
    )
    found = roles_of(build(graph, None))
    assert found["1.value"] == "prompt"
    assert found["3.value"] == "steps"
    assert found["4.value"] == "seed"
    field = build(graph, None).by_key["4.value"]
    assert field.kind is Kind.SEED
    assert field.seed_mode is SeedMode.RANDOM


def two_stages(first: int, second: int, noise: str = "enable") -> dict[str, Any]:
    base = sdxl_form()[0].to_prompt()
    stage = {**SAMPLER, "noise_seed": second, "add_noise": noise}
    del stage["seed"]
    base["3"]["inputs"]["seed"] = first
    links = {"model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["3", 0]}
    base["20"] = {"class_type": "KSamplerAdvanced", "inputs": {**stage, **links}}
    base["8"]["inputs"]["samples"] = ["20", 0]
    return base


def test_seeds_that_are_equal_in_the_file_are_one() -> None:
    form = build(from_prompt(two_stages(5, 5)), None)
    assert form.by_key["3.seed"].seed_group == form.by_key["20.noise_seed"].seed_group == "3.seed"
    assert "20.noise_seed" not in form.essentials


def test_other_seeds_are_each_their_own() -> None:
    form = build(from_prompt(two_stages(5, 6)), None)
    assert form.by_key["3.seed"].seed_group == form.by_key["20.noise_seed"].seed_group == ""
    assert {"3.seed", "20.noise_seed"} <= set(form.essentials)
    assert form.by_key["20.noise_seed"].label == "Seed 2 · KSampler Advanced"


def test_a_seed_without_noise_is_fixed_and_out_of_the_way() -> None:
    form = build(from_prompt(two_stages(5, 5, "disable")), None)
    dead = form.by_key["20.noise_seed"]
    assert dead.seed_mode is SeedMode.FIXED
    assert dead.role is Role.NONE
    assert not dead.essential


def test_a_second_stage_has_its_steps_under_advanced() -> None:
    form = build(from_prompt(two_stages(5, 6)), None)
    assert "3.steps" in form.essentials
    assert "20.steps" not in form.essentials
    assert form.by_key["20.steps"].label == "Steps 2 · KSampler Advanced"


def test_equal_titles_are_told_apart_by_the_nodes_id() -> None:
    graph, _ = sdxl_form()
    prompt = graph.to_prompt()
    for node in prompt.values():
        del node["_meta"]
    form = build(from_prompt(prompt), small_specs())
    assert form.titles["6"] == "CLIP Text Encode (Prompt) #6"
    assert form.titles["4"] == "Load Checkpoint"
    assert len(set(form.titles.values())) == len(form.titles)


def test_labels_of_essentials_are_unique() -> None:
    nodes = {
        str(n): {
            "class_type": "CLIPTextEncode",
            "inputs": {"text": f"{n}", "clip": ["0", 0]},
            "_meta": {"title": "Text"},
        }
        for n in range(1, 6)
    }
    form = build(
        from_prompt({"0": {"class_type": "CLIPLoader", "inputs": {"clip_name": "x.safetensors"}}, **nodes}), None
    )
    assert labels(form) == [
        "Prompt",
        "Prompt 2 · Text #2",
        "Prompt 3 · Text #3",
        "Prompt 4 · Text #4",
        "Prompt 5 · Text #5",
    ]


def test_a_denoise_below_one_is_essential() -> None:
    graph, _ = sdxl_form()
    prompt = graph.to_prompt()
    prompt["3"]["inputs"]["denoise"] = 0.6
    form = build(from_prompt(prompt), small_specs())
    assert "3.denoise" in form.essentials
    assert form.by_key["3.denoise"].advanced


def test_names_take_the_hosts_slashes() -> None:
    graph = graph_of(n1=("LoraLoaderModelOnly", {"lora_name": "style/ink.safetensors", "strength_model": 1.0}))
    field = build(graph, small_specs()).by_key["1.lora_name"]
    assert field.value == "style\\ink.safetensors"
    assert field.is_model


def test_an_input_that_the_host_does_not_know_is_kept_as_json() -> None:
    graph, _ = sdxl_form()
    prompt = graph.to_prompt()
    prompt["3"]["inputs"]["new_thing"] = "x"
    field = build(from_prompt(prompt), small_specs()).by_key["3.new_thing"]
    assert field.kind is Kind.JSON
    assert not field.exists


def test_an_input_that_the_file_lacks_is_offered_with_the_hosts_default() -> None:
    graph, _ = sdxl_form()
    prompt = graph.to_prompt()
    del prompt["3"]["inputs"]["denoise"]
    field = build(from_prompt(prompt), small_specs()).by_key["3.denoise"]
    assert not field.present
    assert field.value == 1.0


def spec_field(raw: Any, value: Any, name: str = "x") -> Any:
    specs = Specs.from_object_info({"A": {"input": {"required": {name: raw}}, "output_node": True}})
    return build(from_prompt({"1": {"class_type": "A", "inputs": {name: value}}}), specs).by_key.get(f"1.{name}")


@pytest.mark.parametrize(
    ("raw", "value", "kind"),
    [
        (["INT", {"min": 0, "max": 9}], 3, Kind.INT),
        (["FLOAT", {}], 3, Kind.FLOAT),
        (["STRING", {"multiline": True}], "x", Kind.MULTILINE),
        (["STRING", {}], "x", Kind.TEXT),
        (["BOOLEAN", {"label_on": "yes"}], True, Kind.BOOLEAN),
        ([["a", "b"], {}], "a", Kind.COMBO),
        (["COMBO", {"options": ["a"], "multiselect": True}], {"__value__": ["a"]}, Kind.JSON),
        ([["a.png"], {"image_upload": True}], "a.png", Kind.IMAGE),
        (["COMBO", {"options": [], "video_upload": True}], "a.mp4", Kind.VIDEO),
        (["COMBO", {"options": [], "audio_upload": True}], "a.wav", Kind.AUDIO),
        (["COMBO", {"options": [], "file_upload": True}], "a.glb", Kind.FILE),
        (["COLOR", {}], "#ff0000", Kind.TEXT),
        (["BOUNDING_BOX", {"socketless": True}], {"x": 1}, Kind.JSON),
        (["CURVE", {}], {"points": []}, Kind.JSON),
        (["FLOAT,INT", {"widgetType": "FLOAT"}], 25, Kind.FLOAT),
        (["INT", {"forceInput": True}], 3, Kind.INT),
    ],
)
def test_each_input_gets_a_fitting_kind(raw: Any, value: Any, kind: Kind) -> None:
    assert spec_field(raw, value).kind is kind


@pytest.mark.parametrize(
    ("name", "raw", "is_seed"),
    [
        ("seed", ["INT", {"max": 2**31 - 1, "control_after_generate": True}], True),
        ("noise_seed", ["INT", {"max": 2**64 - 1}], True),
        ("seed", ["INT", {"max": 2**32 - 1}], True),
        ("seed", ["INT", {"max": 100}], False),
        ("value", ["INT", {"control_after_generate": True}], False),
        ("seed", ["STRING", {}], False),
    ],
)
def test_a_seed_is_known_by_name_and_range(name: str, raw: Any, is_seed: bool) -> None:
    assert (spec_field(raw, "1" if raw[0] == "STRING" else 1, name).kind is Kind.SEED) is is_seed


def test_hidden_inputs_have_no_field_and_stay_in_the_prompt() -> None:
    assert spec_field(["INT", {"hidden": True}], 512) is None


@pytest.mark.parametrize("node", ["NoSuchNode", ""])
def test_a_node_that_the_host_lacks_is_shown_by_json_types(node: str) -> None:
    form = build(from_prompt({"1": {"class_type": node, "inputs": {"steps": 3, "text": "x"}}}), small_specs())
    assert form.by_key["1.steps"].kind is Kind.INT
    assert form.by_key["1.text"].kind is Kind.MULTILINE


@pytest.mark.parametrize(
    ("saver", "noun", "files"),
    [
        ("SaveImage", "picture", 3),
        ("SaveVideo", "video", 1),
        ("SaveAnimatedWEBP", "video", 1),
        ("SaveAudioMP3", "sound", 1),
        ("SaveGLB", "model", 1),
        ("SaveLatent", "file", 1),
        ("PreviewImage", "picture", 3),
    ],
)
def test_the_noun_is_what_the_saver_makes(saver: str, noun: str, files: int) -> None:
    prompt = sdxl_form()[0].to_prompt()
    prompt["5"]["inputs"]["batch_size"] = 3
    prompt["9"]["class_type"] = saver
    form = build(from_prompt(prompt), None)
    assert (form.output_noun, form.files_per_run) == (noun, files)


def test_two_savers_make_two_files_and_a_preview_none() -> None:
    prompt = sdxl_form()[0].to_prompt()
    prompt["10"] = {"class_type": "SaveImage", "inputs": {"images": ["8", 0], "filename_prefix": "b"}}
    prompt["11"] = {"class_type": "PreviewImage", "inputs": {"images": ["8", 0]}}
    form = build(from_prompt(prompt), None)
    assert form.files_per_run == 2
    assert [output[2] for output in form.outputs] == ["SaveImage", "SaveImage", "PreviewImage"]


def test_the_spec_is_not_changed_by_a_form() -> None:
    before = repr(INFO)
    sdxl_form()
    assert repr(INFO) == before


def test_a_box_knows_the_picture_that_its_node_takes() -> None:
    crop = {"input": {"required": {"image": ["IMAGE", {}], "crop_region": ["BOUNDING_BOX", {}]}}}
    specs = Specs.from_object_info({**INFO, "Crop": crop})
    box = {"x": 0, "y": 0, "width": 64, "height": 64}
    graph = graph_of(
        n1=("LoadImage", {"image": "fox.png"}),
        n2=("Crop", {"image": ["1", 0], "crop_region": box}),
        n3=("Crop", {"image": ["2", 0], "crop_region": box}),
    )
    form = build(graph, specs)
    assert form.by_key["2.crop_region"].picture == "1.image"
    assert form.by_key["3.crop_region"].picture == ""  # behind another node it has another size


def test_of_hundreds_of_prompts_the_first_are_essential() -> None:
    text = {"class_type": "CLIPTextEncode", "inputs": {"text": "a fox", "clip": ["1", 1]}}
    loader = {"1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "a.safetensors"}}}
    form = build(from_prompt({**loader, **{str(number): text for number in range(2, 300)}}, "many"), None)
    assert len(form.essentials) <= 17
    assert sum(len(group.keys) for group in form.groups) + len(form.essentials) == len(form.fields)
