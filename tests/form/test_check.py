"""What a host would refuse is marked before Queue, with the nearest names, and mended by one click."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import pytest

from comfydesk.form.build import build
from comfydesk.form.check import check
from comfydesk.form.fields import Issue, LocalFile
from comfydesk.form.match import mend, nearest, own_spelling, same_name
from comfydesk.form.values import freeze
from comfydesk.workflow.parse import from_prompt
from comfydesk.workflow.specs import Specs
from tests.form.graphs import INFO, sdxl, sdxl_form, small_specs

BASE = "sd_xl_base_1.0.safetensors"


def specs_with(checkpoints: list[str]) -> Specs:
    loader = {**INFO["CheckpointLoaderSimple"], "input": {"required": {"ckpt_name": [checkpoints, {}]}}}
    return Specs.from_object_info({**INFO, "CheckpointLoaderSimple": loader})


def issues_of(values: dict[str, Any], specs: Specs | None = None, prompt: dict[str, Any] | None = None) -> list[Issue]:
    graph = from_prompt(prompt) if prompt else sdxl()
    specs = specs or small_specs()
    return check(graph, build(graph, specs), values, specs, "gpu-box")


def test_the_starter_has_nothing_to_mend() -> None:
    assert issues_of({}) == []
    graph, form = sdxl_form(specs=False)
    assert check(graph, form, {}, None) == []


def test_a_missing_model_is_mended_by_one_click() -> None:
    specs = specs_with(["v1-5.safetensors", "dreamshaperXL.safetensors"])
    graph = sdxl()
    form = build(graph, specs)
    issues = check(graph, form, {}, specs, "gpu-box")
    assert [(issue.key, issue.code) for issue in issues] == [("4.ckpt_name", "value_choice")]
    assert "not on gpu-box" in issues[0].message
    assert issues[0].suggestions[0] == "dreamshaperXL.safetensors"
    values = mend(form, {}, issues)
    assert values == {"4.ckpt_name": "dreamshaperXL.safetensors"}
    assert check(graph, form, values, specs) == []


def test_a_model_without_a_near_name_still_has_a_suggestion() -> None:
    assert issues_of({}, specs_with(["v1-5-pruned.safetensors"]))[0].suggestions == ("v1-5-pruned.safetensors",)


def test_a_host_without_any_model_has_no_suggestion() -> None:
    (issue,) = issues_of({}, specs_with([]))
    assert issue.suggestions == ()
    assert mend(sdxl_form()[1], {}, [issue]) == {}


def test_one_click_takes_one_everywhere() -> None:
    prompt = sdxl().to_prompt()
    prompt["14"] = {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": BASE}}
    prompt["15"] = {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "there.safetensors"}}
    specs = specs_with(["there.safetensors", "dreamshaperXL.safetensors"])
    graph = from_prompt(prompt)
    form = build(graph, specs)
    issue = next(item for item in check(graph, form, {}, specs) if item.key == "4.ckpt_name")
    for values in (mend(form, {}, [issue]), mend(form, {}, [issue], "dreamshaperXL.safetensors")):
        assert values == {"4.ckpt_name": "dreamshaperXL.safetensors", "14.ckpt_name": "dreamshaperXL.safetensors"}


def test_slashes_are_no_difference() -> None:
    specs = specs_with(["SDXL\\" + BASE])
    prompt = sdxl().to_prompt()
    prompt["4"]["inputs"]["ckpt_name"] = "SDXL/" + BASE
    assert issues_of({}, specs, prompt) == []
    assert issues_of({"4.ckpt_name": "SDXL/" + BASE}, specs_with([BASE, "SDXL\\" + BASE])) == []
    graph = from_prompt(prompt)
    assert freeze(graph, build(graph, specs), {})["4"]["inputs"]["ckpt_name"] == "SDXL\\" + BASE


def test_all_missing_nodes_are_named_at_once() -> None:
    prompt = sdxl().to_prompt()
    prompt["3"]["class_type"] = "NoSampler"
    prompt["8"]["class_type"] = "NoDecoder"
    prompt["30"] = {"inputs": {}, "_meta": {"title": "QwenVL"}}
    issue = issues_of({}, prompt=prompt)[0]
    assert (issue.key, issue.code) == ("", "nodes_missing")
    assert all(name in issue.message for name in ("NoSampler", "NoDecoder", "QwenVL", "gpu-box"))


@pytest.mark.parametrize(
    ("key", "value", "code", "mended"),
    [
        ("3.steps", 0, "value_range", 1),
        ("3.steps", 99_999, "value_range", 10_000),
        ("3.cfg", -1.0, "value_range", 0.0),
        ("3.seed", 2**64, "value_range", 2**64 - 1),
        ("3.steps", "many", "value_type", 20),
        ("3.steps", None, "value_missing", 20),
        ("3.sampler_name", "heunpp", "value_choice", "heun"),
        ("3.sampler_name", "zzz", "value_choice", "euler"),
    ],
)
def test_a_wrong_value_is_named_with_what_would_do(key: str, value: Any, code: str, mended: Any) -> None:
    (issue,) = issues_of({key: value})
    assert (issue.key, issue.code, issue.severity) == (key, code, "error")
    assert issue.suggestions[0] == mended
    assert mend(sdxl_form()[1], {key: value}, [issue])[key] == mended


@pytest.mark.parametrize(("key", "value"), [("5.width", 1001), ("3.cfg", 7.123), ("6.text", ""), ("3.seed", 2**64 - 1)])
def test_what_a_server_takes_is_no_issue(key: str, value: Any) -> None:
    assert issues_of({key: value}) == []


def with_image(value: Any) -> dict[str, Any]:
    prompt = sdxl().to_prompt()
    prompt["10"] = {"class_type": "LoadImage", "inputs": {"image": value}}
    prompt["9"]["inputs"]["images"] = ["10", 0]
    return prompt


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        ("example.png", []),
        ("", ["value_missing"]),
        ("foxy.png", ["value_choice"]),
        ("comfydesk/0123456789abcdef.png", []),
        ("made.png [output]", []),
    ],
)
def test_an_input_picture_must_be_chosen_and_there(value: str, codes: list[str]) -> None:
    assert [issue.code for issue in issues_of({}, prompt=with_image(value))] == codes


def test_a_local_file_must_be_there(tmp_path: Path) -> None:
    file = tmp_path / "fox.png"
    values = {"10.image": LocalFile(str(file))}
    assert [issue.code for issue in issues_of(values, prompt=with_image("example.png"))] == ["input_missing"]
    file.write_bytes(b"x")
    assert issues_of(values, prompt=with_image("example.png")) == []


def test_an_unconnected_input_is_named() -> None:
    prompt = sdxl().to_prompt()
    del prompt["3"]["inputs"]["positive"]
    (issue,) = issues_of({}, prompt=prompt)
    assert (issue.key, issue.code) == ("3.positive", "link_broken")
    assert "Positive of KSampler" in issue.message


def test_a_link_to_nowhere_is_named() -> None:
    prompt = sdxl().to_prompt()
    prompt["3"]["inputs"]["positive"] = ["99", 0]
    assert [(issue.key, issue.code) for issue in issues_of({}, prompt=prompt)] == [("3.positive", "link_broken")]


def test_what_no_output_uses_is_not_checked() -> None:
    prompt = sdxl().to_prompt()
    prompt["40"] = {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "gone.safetensors"}}
    assert issues_of({}, prompt=prompt) == []


def test_a_workflow_without_an_output_is_said_to_have_none() -> None:
    prompt = sdxl().to_prompt()
    del prompt["9"]
    assert issues_of({}, prompt=prompt)[0].code == "outputs_missing"


@pytest.mark.parametrize(
    ("name", "choices", "best"),
    [
        (BASE, ["sd_xl_refiner_1.0.safetensors", "SDXL\\sd_xl_base_1.0_0.9vae.safetensors"], 1),
        (BASE, ["sd_xl_base_1.0_0.9vae.safetensors", "XL/sd_xl_base_1.0.safetensors"], 1),
        (BASE, ["v1-5-pruned-emaonly.safetensors", "dreamshaperXL_v21.safetensors"], 1),
        (BASE, ["flux1-dev.safetensors", "SDXL_Base_1.0.ckpt"], 1),
        ("flux1-schnell-fp8.safetensors", ["flux1-dev-fp8.safetensors", "flux1-schnell.safetensors"], 1),
        ("flux1-dev.safetensors", ["sd_xl_base_1.0.safetensors", "flux1-schnell-fp8.safetensors"], 1),
        ("ae.safetensors", ["sdxl_vae.safetensors", "FLUX/ae.sft"], 1),
        ("dpmpp_2m_sde", ["euler", "dpmpp_2m", "dpmpp_3m_sde_gpu"], 1),
    ],
)
def test_the_nearest_name_is_the_one_a_person_would_take(name: str, choices: list[str], best: int) -> None:
    assert nearest(name, choices)[0] == choices[best]


def test_names_that_share_nothing_are_not_near() -> None:
    assert nearest(BASE, ["control_depth.safetensors", "v1-5.ckpt"]) == []


def test_same_names() -> None:
    assert same_name("a/b\\c", "a\\b/c")
    assert not same_name("a/b", "a/B")
    assert not same_name(1, True)
    assert own_spelling("a/b", ("a\\b",)) == "a\\b"
    assert own_spelling("gone", ("a",)) == "gone"


def test_five_thousand_names_are_searched_at_once() -> None:
    source = random.Random(1)
    words = ["flux", "sdxl", "dream", "Shaper", "wan", "2.2", "i2v", "fp8", "turbo", "lora", "style", "anime"]
    names = [f"{source.choice(words)}/{'_'.join(source.sample(words, 5))}_{n}.safetensors" for n in range(5_000)]
    nearest(BASE, names)
    spent = []
    for _ in range(3):
        start = time.process_time()
        nearest("wan2.2_i2v_high_noise.safetensors", names)
        spent.append(time.process_time() - start)
    assert min(spent) < 0.05
