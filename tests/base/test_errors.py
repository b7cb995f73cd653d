"""Errors are sentences with a next step."""

from __future__ import annotations

import string

import pytest

from comfydesk.base.errors import TEMPLATES, Problem, ReportedProblem


@pytest.mark.parametrize("code", sorted(TEMPLATES))
def test_every_problem_is_a_sentence_with_a_next_step(code: str) -> None:
    template = TEMPLATES[code]
    assert template.says.rstrip().endswith((".", ")"))
    assert (template.next and template.next[0].isupper()) or template.next.startswith("`")
    assert 1 <= template.exit <= 11


def test_facts_fill_the_sentence() -> None:
    problem = Problem("dns", host="gpu-bxo", node_id="3")
    assert problem.message == "No machine named gpu-bxo was found."
    assert problem.exit_code == 5
    assert str(problem) == problem.message


def test_a_missing_fact_is_shown_as_a_question_mark_instead_of_failing() -> None:
    assert "?" in Problem("dns").message


def test_braces_in_a_servers_text_are_left_alone() -> None:
    assert "{0} {x}" in Problem("node_failed", node="KSampler", detail="{0} {x}").message


def test_an_unknown_code_is_a_mistake_in_the_program() -> None:
    with pytest.raises(KeyError):
        Problem("no_such_code")


def test_a_reported_problem_keeps_its_words() -> None:
    problem = ReportedProblem("lost", "It is gone.", "Run it again.", node_id="3")
    assert (problem.code, problem.message, problem.next_step, problem.node_id) == (
        "lost",
        "It is gone.",
        "Run it again.",
        "3",
    )


def test_templates_use_plain_field_names_only() -> None:
    for template in TEMPLATES.values():
        for text in (template.says, template.next):
            for _, name, spec, conversion in string.Formatter().parse(text):
                assert name is None or (name.isidentifier() and not spec and not conversion)
