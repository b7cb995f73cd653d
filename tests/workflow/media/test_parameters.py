"""The parameters text of other programs."""

from __future__ import annotations

import io
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfydesk.workflow.media.metadata import read_open
from comfydesk.workflow.media.parameters import Parameters, parse
from tests.jobs.samples import png, png_chunk

A1111 = """a red fox, (snow:1.2),
golden hour
Negative prompt: blurry, text
Steps: 20, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 551, Size: 512x768, Lora hashes: "a: 1, b: 2", Version: v1.9"""


def test_the_text_is_split_into_prompt_negative_and_settings() -> None:
    found = parse(A1111)
    assert found.prompt == "a red fox, (snow:1.2),\ngolden hour"
    assert found.negative == "blurry, text"
    assert found.settings["Seed"] == "551"
    assert found.settings["Lora hashes"] == "a: 1, b: 2"
    assert list(found.settings)[-1] == "Version"


def test_a_text_of_another_form_is_all_prompt() -> None:
    for text in ("a fox", "a fox\nin the snow: cold, white: yes", "", "\n"):
        assert parse(text) == Parameters(text.strip())


LONG = """portrait, BREAK
(night: 1.2)
Negative prompt: bad hands
Negative prompt: again
Steps: 30, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 6.5, Seed: 18446744073709551615, Size: 512x768, \
Model hash: 6ce0161689, Model: dream shaper_8.1, VAE: vae-ft-mse.ckpt, Denoising strength: 0.4, Clip skip: 2, \
ADetailer model: face_yolov8n.pt, ADetailer prompt: "a face, \\"smiling\\": yes\\nSteps: 3", Hires upscale: 2, \
Hires steps: 10, Lora hashes: "a: 1, b: 2", ControlNet 0: "Module: none, Model: x [abc]", \
Hashes: {"model": "6ce0, x", "lora:a": "1"}, Civitai resources: [{"type":"checkpoint","modelVersionId":1}], \
Version: v1.10
Template: a {b|c}
second line
Negative Template: bad"""


def test_every_setting_is_read_with_its_quotes_and_brackets() -> None:
    found = parse(LONG)
    assert found.prompt == "portrait, BREAK\n(night: 1.2)"
    assert found.negative == "bad hands\nNegative prompt: again"
    wanted = {
        "Steps": "30",
        "Schedule type": "Karras",
        "Seed": str(2**64 - 1),
        "Model": "dream shaper_8.1",
        "ADetailer prompt": 'a face, "smiling": yes\nSteps: 3',
        "Lora hashes": "a: 1, b: 2",
        "ControlNet 0": "Module: none, Model: x [abc]",
        "Hashes": '{"model": "6ce0, x", "lora:a": "1"}',
        "Civitai resources": '[{"type":"checkpoint","modelVersionId":1}]',
        "Version": "v1.10",
        "Template": "a {b|c}\nsecond line",
        "Negative Template": "bad",
    }
    assert {key: found.settings.get(key) for key in wanted} == wanted
    assert len(found.settings) == 22


def test_settings_without_steps_are_settings_where_there_are_three() -> None:
    assert parse("a fox\nSeed: 1, Size: 8x8, Model: x").settings == {"Seed": "1", "Size": "8x8", "Model": "x"}
    assert parse("Steps: 20, Seed: 7").settings == {"Steps": "20", "Seed": "7"}
    assert parse("Seed: 1, Size: 8x8, Model: x").settings == {}


SWARM = """{"sui_image_params": {"prompt": "a fox", "negativeprompt": "bad", "model": "SDXL/dream", "seed": 5,
 "steps": 9, "cfgscale": 6.5, "sampler": "euler", "scheduler": "karras", "width": 512, "height": 640}}"""
INVOKE = """{"positive_prompt": "a fox", "negative_prompt": "bad", "width": 512, "height": 640, "seed": 5, "steps": 9,
 "cfg_scale": 6.5, "scheduler": "euler_k", "model": {"model_name": "SDXL/dream"}, "loras": []}"""
FOOOCUS = """{"prompt": "a fox", "negative_prompt": "bad", "base_model": "SDXL/dream", "sampler": "euler", "steps": 9,
 "scheduler": "karras", "seed": "5", "guidance_scale": 6.5, "resolution": "(512, 640)"}"""
NOVEL = """{"prompt": "a fox", "uc": "bad", "seed": 5, "steps": 9, "scale": 6.5, "sampler": "k_euler",
 "noise_schedule": "karras", "width": 512, "height": 640}"""


@pytest.mark.parametrize("text", [SWARM, INVOKE, FOOOCUS, NOVEL])
def test_objects_of_other_programs_come_under_the_same_names(text: str) -> None:
    found = parse(text)
    assert (found.prompt, found.negative) == ("a fox", "bad")
    assert found.settings["Size"] == "512x640"
    assert (found.settings["Seed"], found.settings["Steps"], found.settings["CFG scale"]) == ("5", "9", "6.5")
    assert "euler" in found.settings["Sampler"]
    assert found.settings.get("Model", "SDXL/dream") == "SDXL/dream"


def test_an_object_of_nobody_is_all_prompt() -> None:
    for text in ('{"a": 1}', '{"prompt": "a fox"}', '{"prompt":', "{}", "{a|b} fox", '{"sui_image_params": 3}'):
        assert parse(text) == Parameters(text)


def test_words_in_braces_are_no_object() -> None:
    found = parse("{red|brown} fox\nNegative prompt: bad\nSteps: 20, Seed: 7")
    assert (found.prompt, found.negative, found.settings["Seed"]) == ("{red|brown} fox", "bad", "7")


@pytest.mark.parametrize(
    ("key", "text"),
    [("parameters", SWARM), ("invokeai_metadata", INVOKE), ("Comment", NOVEL), ("parameters", FOOOCUS)],
)
def test_what_made_a_picture_is_found_among_its_texts(key: str, text: str) -> None:
    found = read_open(io.BytesIO(png(png_chunk(b"tEXt", f"{key}\0{text}".encode()))))
    assert parse(found.parameters).prompt == "a fox"
    assert found.texts == {}


def test_the_first_novelai_kept_its_prompt_beside() -> None:
    comment = NOVEL.replace('"prompt": "a fox", ', "")
    chunks = {"Description": "a fox", "Software": "NovelAI", "Comment": comment}
    found = read_open(io.BytesIO(png(*(png_chunk(b"tEXt", f"{k}\0{v}".encode()) for k, v in chunks.items()))))
    assert parse(found.parameters).prompt == "a fox"
    assert parse(found.parameters).settings["Sampler"] == "k_euler"


def test_a_comment_in_words_stays_a_text() -> None:
    found = read_open(io.BytesIO(png(png_chunk(b"tEXt", b"Comment\0made with love"))))
    assert (found.parameters, found.texts) == ("", {"Comment": "made with love"})


@given(st.text(max_size=300))
def test_any_text_is_survived(text: str) -> None:
    parse(text)
    parse(text + "\nSteps: 20, " + text)


SLOW = {
    "letters": "a" * 1_200_000,
    "open quotes": 'a: "' * 250_000,
    "colons": "a:," * 400_000,
    "brackets": "a: [{" * 200_000,
    "brackets and commas": "a: [," * 300_000,
    "commas": "," * 1_000_000,
    "backslashes": 'a: "' + "\\" * 900_000,
    "words": ("a " * 40 + "!") * 12_000,
    "commas of a value": "a: 2" + ", !" * 300_000,
    "lines": "1\nk: v" + "\nv" * 400_000,
    "settings in lines": "1\n" * 400_000,
}


@pytest.mark.parametrize("name", sorted(SLOW))
def test_a_text_made_to_be_slow_is_not(name: str) -> None:
    begun = time.process_time()
    parse("x\nSteps: 1, " + SLOW[name])
    assert time.process_time() - begun < 1


@given(st.dictionaries(st.sampled_from(["prompt", "steps", "seed", "model", "uc", "resolution", "width"]), st.none()
       | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=2)))  # fmt: skip
def test_any_object_is_survived(value: dict[str, object]) -> None:
    assert isinstance(parse(json.dumps(value)), Parameters)
