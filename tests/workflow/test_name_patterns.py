"""Patterns in the names of results, as ComfyUI's page fills them in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfydesk.workflow.name_patterns import fill_in, nodes_with_patterns

NOW = datetime(2026, 3, 7, 9, 5, 2)


def prompt(prefix: Any) -> dict[str, Any]:
    return {
        "3": {
            "class_type": "KSampler",
            "inputs": {"seed": 42, "cfg": 7.0, "sampler_name": "a/b:c", "model": ["4", 0]},
            "_meta": {"title": "Sampler two"},
        },
        "9": {"class_type": "SaveImage", "inputs": {"filename_prefix": prefix, "images": ["3", 0]}},
    }


def filled(prefix: Any) -> Any:
    return fill_in(prompt(prefix), NOW)["9"]["inputs"]["filename_prefix"]


@pytest.mark.parametrize(
    ("prefix", "name"),
    [
        ("%date:yyyy-MM-dd%/x", "2026-03-07/x"),
        ("%date:yy.M%", "%date:yy.M%"),  # a dot names a node and its input
        ("%date:yy.M.d%", "26"),  # the page reads up to the first of two dots
        ("%date:hhmmss%_%KSampler.seed%", "090502_42"),
        ("%date:d M h m s yyy%", "7 3 9 5 2 yyy"),
        ("%Sampler two.seed%", "42"),
        ("%KSampler.cfg%", "7"),
        ("%KSampler.sampler_name%", "a_b_c"),
        ("%KSampler.model%", "%KSampler.model%"),
        ("%KSampler.gone%", "%KSampler.gone%"),
        ("%Nobody.seed%", "%Nobody.seed%"),
        ("%year%%width% 100%", "%year%%width% 100%"),
        ("plain", "plain"),
        (5, 5),
    ],
)
def test_a_name_is_filled_in_as_the_page_does(prefix: Any, name: Any) -> None:
    assert filled(prefix) == name


def test_only_nodes_with_patterns_of_ours_are_copied_and_the_prompt_stays_as_it_is() -> None:
    given_prompt = prompt("%date:yyyy%")
    made = fill_in(given_prompt, NOW)
    assert made["3"] is given_prompt["3"]
    assert given_prompt["9"]["inputs"]["filename_prefix"] == "%date:yyyy%"
    assert list(nodes_with_patterns(given_prompt)) == ["9"]
    assert list(nodes_with_patterns(prompt("%year%_x"))) == []


@given(st.text(alphabet="%.:dMhmsyKSampler ab", max_size=40))
def test_any_text_is_filled_in_or_left(text: str) -> None:
    assert isinstance(filled(text), str)
