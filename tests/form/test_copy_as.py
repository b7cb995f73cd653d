"""A form in words: each value comes back as exactly what it was."""

from __future__ import annotations

import ast
import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comfydesk.base.errors import Problem
from comfydesk.form import copy_as, keys, seeds
from comfydesk.form.build import build
from comfydesk.form.copy_as import Asked, Upload
from comfydesk.form.fields import Field, Form, Kind, LocalFile, SeedMode
from comfydesk.form.shells import Shell, can_carry
from comfydesk.form.values import coerce, same
from comfydesk.workflow.parse import from_prompt
from comfydesk.workflow.specs import Specs
from tests.form.graphs import SHARED, recorded, sdxl_form

TEXTS = ["@x", "a=b", "", "two\nlines", "'\"`$", "-x", "null", "é狐", "tab\there", "{a|b}", "[1]", "\x00\x1b"]
OTHERS: dict[Kind, list[Any]] = {
    Kind.INT: [-1, 0, 7, 2**40],
    Kind.SEED: [0, 2**64 - 1],
    Kind.FLOAT: [0.1, 1e-7, 1e20, -2.5],
    Kind.TEXT: TEXTS,
    Kind.MULTILINE: TEXTS,
    Kind.JSON: [[1, "a"], {"x": None}, None, 7, "text", ["a", "b"]],
}
FILES: list[Any] = [LocalFile("/tmp/it's a; photo.png"), "x.png"]


def said(form: Form, values: dict[str, Any], shell: Shell) -> dict[str, Any]:
    """What a command would read of the form."""
    asked = Asked("fox", form, values, 1, SeedMode.FIXED)
    read: dict[str, Any] = {}
    for item, value in copy_as.changed(asked):
        text = copy_as._assignment(form, item, value, shell)
        assert can_carry(shell, text)
        key, read_value = keys.parse_assignment(form, text)
        read[key] = read_value
    command = copy_as.command_line(asked, shell)
    for key in seeds.primary(form):
        assert f"--seed {values[key]}" in command
        read[key] = values[key]
    ast.parse(copy_as.python(asked))
    return read


def assert_same(form: Form, values: dict[str, Any], read: dict[str, Any]) -> None:
    for key, value in values.items():
        item = form.by_key[key]
        wanted = value if isinstance(value, LocalFile) else coerce(item, value)
        assert same(read.get(key, item.value), wanted), key


@given(
    text=st.sampled_from(TEXTS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    seed=st.integers(0, 2**64 - 1),
    cfg=st.floats(0, 100),
)
@settings(max_examples=40, deadline=None)
def test_any_text_number_and_seed_comes_back(text: str, seed: int, cfg: float) -> None:
    _, form = sdxl_form()
    values = {item.key: item.value for item in form.fields if item.kind is not Kind.LINK}
    values |= {"6.text": text, "3.seed": seed, "3.cfg": cfg}
    for shell in Shell:
        assert_same(form, values, said(form, values, shell))


def test_values_of_all_kinds_come_back_in_the_shared_workflows() -> None:
    folder = SHARED / "conversion" / "expected"
    files = sorted(folder.glob("*.json"))[::6] if folder.is_dir() else []
    if not files:
        pytest.skip("the shared workflows are not here")
    specs, rng, count = Specs.from_object_info(recorded("0.33.0")), random.Random(7), 0
    for file in files:
        form = build(from_prompt(json.loads(file.read_bytes())), specs)
        values = {item.key: item.value for item in form.fields if item.kind is not Kind.LINK}
        values |= {key: _other(form.by_key[key], rng) for key in list(values) if rng.random() < 0.4}
        linked = seeds.primary(form)
        values |= dict.fromkeys(linked, values[linked[0]]) if linked else {}
        for shell in Shell:
            read = said(form, values, shell)
            assert_same(form, values, read)
            count += len(read)
    assert count > 400


def _other(item: Field, rng: random.Random) -> Any:
    if item.structural or item.kind is Kind.GROW:
        return item.value
    if item.upload_kinds:
        return rng.choice(FILES)
    if item.kind is Kind.BOOLEAN:
        return not item.value
    return rng.choice(OTHERS.get(item.kind) or list(item.choices) or [item.value])


def test_the_roles_word_is_used_where_it_means_one_field() -> None:
    _, form = sdxl_form()
    values = {"6.text": "a fox", "7.text": "blurry", "3.sampler_name": "heun", "9.filename_prefix": "x"}
    text = copy_as.command_line(Asked("sdxl", form, values, host="gpu-box"), Shell.POSIX)
    for part in ("'prompt=a fox'", "negative=blurry", "sampler=heun", "--host gpu-box"):
        assert part in text


def test_what_no_key_can_carry_is_said_instead_of_being_left_out() -> None:
    _, form = sdxl_form()
    with pytest.raises(Problem) as caught:
        copy_as.command_line(Asked("sdxl", form, {"6.text": "half a letter: \ud800"}), Shell.POSIX)
    assert caught.value.code == "copy_keys"


def test_a_workflow_with_a_dash_is_no_option_and_a_home_and_the_demo_are_named() -> None:
    _, form = sdxl_form()
    text = copy_as.command_line(Asked("-fox", form, {}, home="/my home", is_demo=True, host="h"), Shell.POSIX)
    assert text.startswith("comfydesk --home '/my home' run ./-fox --demo --seed")
    assert "--host" not in text


def test_runs_that_cost_money_say_how_they_are_allowed() -> None:
    _, form = sdxl_form()
    asked = Asked("sdxl", form, {}, is_paid=True)
    assert copy_as.command_line(asked, Shell.CMD).startswith("REM Its runs cost money: add --allow-paid")
    assert copy_as.python(asked).startswith("# Its runs cost money: add allow_paid=True")


def test_curl_quotes_what_its_own_form_reading_would_take_apart() -> None:
    text = copy_as.curl("http://[::1]:8188/", {}, (Upload('/a/b;"c"\\.png', "x.png", "comfydesk"),))
    assert "curl -gsS 'http://[::1]:8188/upload/image'" in text
    assert """-F 'image=@"/a/b;\\"c\\"\\\\.png";filename="x.png"'""" in text
