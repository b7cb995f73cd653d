"""A KEY names one field: by node, by title, by role or label; two that fit are an error that lists both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfydesk.base.errors import Problem
from comfydesk.form.build import build
from comfydesk.form.fields import Form, LocalFile
from comfydesk.form.keys import parse_assignment, resolve
from comfydesk.workflow.parse import from_prompt
from tests.form.graphs import sdxl_form, small_specs

SAMPLER = {"seed": 5, "steps": 4, "cfg": 7.0, "positive": ["57:8", 0], "latent_image": ["5", 0]}


def form_of(prompt: dict[str, Any]) -> Form:
    return build(from_prompt(prompt), small_specs())


def two_samplers(second_seed: int = 6) -> Form:
    return form_of(
        {
            "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 8, "height": 8, "batch_size": 1}},
            "57": {"class_type": "Group", "inputs": {"8.text": "odd"}},
            "57:8": {"class_type": "CLIPTextEncode", "inputs": {"text": "fox"}, "_meta": {"title": "v1.5 = Prompt"}},
            "3": {"class_type": "KSampler", "inputs": SAMPLER, "_meta": {"title": "KSampler"}},
            "4": {"class_type": "KSampler", "inputs": {**SAMPLER, "seed": second_seed}, "_meta": {"title": "KSampler"}},
            "10": {"class_type": "LoadImage", "inputs": {"image": "example.png"}, "_meta": {"title": "Photo"}},
        }
    )


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        ("3.seed", "3.seed"),
        ("57:8.text", "57:8.text"),
        ("57.8.text", "57.8.text"),
        ("v1.5 = Prompt.text", "57:8.text"),
        ("V1.5 = PROMPT.text", "57:8.text"),
        ("KSampler #4.steps", "4.steps"),
        ("photo.image", "10.image"),
        ("Photo", "10.image"),
        ("prompt", "57:8.text"),
        ("media", "10.image"),
        ("width", "5.width"),
        ("batch_size", "5.batch_size"),
        ("Batch size", "5.batch_size"),
        (" 3.seed ", "3.seed"),
        ("Seed 2 · KSampler #4", "4.seed"),
    ],
)
def test_a_key_names_its_field(key: str, wanted: str) -> None:
    assert resolve(two_samplers(), key).key == wanted


def test_the_starters_roles_are_names() -> None:
    _, form = sdxl_form()
    found = {name: resolve(form, name).key for name in ("seed", "prompt", "negative", "width", "steps", "cfg", "model")}
    assert found == {
        "seed": "3.seed",
        "prompt": "6.text",
        "negative": "7.text",
        "width": "5.width",
        "steps": "3.steps",
        "cfg": "3.cfg",
        "model": "4.ckpt_name",
    }
    assert resolve(form, "ckpt_name").key == "4.ckpt_name"
    assert resolve(form, "filename_prefix").key == "9.filename_prefix"


@pytest.mark.parametrize("key", ["seed", "KSampler.seed", "ksampler.steps", "steps"])
def test_two_that_fit_are_listed(key: str) -> None:
    with pytest.raises(Problem) as caught:
        resolve(two_samplers(), key)
    assert caught.value.code == "key_ambiguous"
    assert "3.s" in caught.value.message
    assert "4.s" in caught.value.message


def test_linked_seeds_are_one_seed() -> None:
    assert resolve(two_samplers(second_seed=5), "seed").key == "3.seed"


@pytest.mark.parametrize(
    ("key", "near"), [("sed", "seed"), ("3.stepz", "3.steps"), ("promt", "prompt"), ("3.zzzzzz", "3.seed")]
)
def test_an_unknown_key_names_near_ones(key: str, near: str) -> None:
    with pytest.raises(Problem) as caught:
        resolve(sdxl_form()[1], key)
    assert caught.value.code == "key_unknown"
    assert near in caught.value.next_step


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("seed=18446744073709551615", "3.seed", 2**64 - 1),
        ("3.cfg=7", "3.cfg", 7.0),
        ("prompt=42", "6.text", "42"),
        ("prompt=a=b:=c", "6.text", "a=b:=c"),
        ("prompt=", "6.text", ""),
        ("prompt=@@home", "6.text", "@home"),
        ("steps:=12", "3.steps", 12),
        ('prompt:="two\\nlines"', "6.text", "two\nlines"),
        ("denoise:=null", "3.denoise", None),
        ("sampler=EULER", "3.sampler_name", "euler"),
    ],
)
def test_an_assignment_is_typed_by_the_field(text: str, key: str, value: Any) -> None:
    found = parse_assignment(sdxl_form()[1], text)
    assert found == (key, value)
    assert type(found[1]) is type(value)


def test_an_at_sign_is_a_file_for_an_upload_field() -> None:
    assert parse_assignment(two_samplers(), "media=@photo.png") == ("10.image", LocalFile("photo.png"))
    assert parse_assignment(two_samplers(), "media=@~/a.png")[1] == LocalFile(str(Path.home() / "a.png"))
    assert parse_assignment(two_samplers(), "media=on-server.png") == ("10.image", "on-server.png")


def test_a_title_with_an_equals_sign_can_be_set() -> None:
    assert parse_assignment(two_samplers(), "v1.5 = Prompt.text=a=b") == ("57:8.text", "a=b")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("seed", "usage"),
        ("prompt=@file.txt", "usage"),
        ("steps:=[", "usage"),
        ("steps=many", "value_type"),
        ("steps:=[1]", "value_type"),
        ("3.model=x", "input_linked"),
        ("nothing=1", "key_unknown"),
    ],
)
def test_a_wrong_assignment_is_explained(text: str, code: str) -> None:
    with pytest.raises(Problem) as caught:
        parse_assignment(sdxl_form()[1], text)
    assert caught.value.code == code


@given(st.text(max_size=30))
def test_any_text_is_a_field_or_a_problem(text: str) -> None:
    form = two_samplers()
    for ask in (resolve, parse_assignment):
        try:
            ask(form, text)
        except Problem as problem:
            assert problem.message


@given(st.text(max_size=40))
def test_text_never_becomes_anything_else(text: str) -> None:
    _, form = sdxl_form()
    if text.startswith("@"):
        text = "@" + text
    key, value = parse_assignment(form, f"6.text={text}")
    assert (key, type(value)) == ("6.text", str)
    assert value == (text[1:] if text.startswith("@@") else text)
