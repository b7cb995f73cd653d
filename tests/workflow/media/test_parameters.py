"""The parameters text of other programs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfydesk.workflow.media.parameters import Parameters, parse

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


@given(st.text(max_size=300))
def test_any_text_is_survived(text: str) -> None:
    parse(text)
    parse(text + "\nSteps: 20, " + text)


@pytest.mark.timeout(5)
def test_a_text_made_to_be_slow_is_not() -> None:
    parse("x\nSteps: 1, " + "a" * 200_000)
    parse("x\nSteps: 1, " + 'a: "' * 50_000)
    parse("x\nSteps: 1, " + "a:," * 100_000)
