from __future__ import annotations

import string

import pytest

from comfydesk.base.errors import TEMPLATES, Problem
from comfydesk.gui import words


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_every_error_has_words_in_the_window_and_no_word_is_left_over() -> None:
    assert set(words.WORDS) == set(TEMPLATES)


@pytest.mark.parametrize("code", sorted(TEMPLATES))
def test_the_windows_words_ask_for_no_fact_that_the_error_does_not_have(code: str) -> None:
    template = TEMPLATES[code]
    known = fields(template.says) | fields(template.next)
    said = fields(words.WORDS[code][0]) | fields(words.WORDS[code][1])
    assert said <= known


def test_braces_in_a_servers_text_are_shown_as_they_are() -> None:
    said, _ = words.says(Problem("not_comfyui", address="h:1", detail="{host} {0.__class__}"))
    assert "{host} {0.__class__}" in said
