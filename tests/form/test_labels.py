"""Names of fields: unique where a person could confuse two, and a KEY that could mean several says so."""

from __future__ import annotations

from collections import Counter

import pytest

from comfydesk.base.errors import Problem
from comfydesk.form.build import build
from comfydesk.form.fields import Form, Kind, Role
from comfydesk.form.keys import resolve
from comfydesk.form.profile import Profile
from comfydesk.workflow.parse import from_prompt
from tests.form.graphs import sdxl_form, small_specs
from tests.form.test_roles import EXPECTED, forms

GRAPH, PLAIN = sdxl_form()
shared = pytest.mark.skipif(not EXPECTED.is_dir(), reason="the recorded workflows are not here")


def prompts(*titles: str) -> Form:
    """A service's node for each title."""
    return build(
        from_prompt(
            {
                str(number): {
                    "class_type": "Paint",
                    "_meta": {"title": title},
                    "inputs": {"prompt": str(number)},
                }
                for number, title in enumerate(titles, 1)
            }
        ),
        None,
    )


def labels(form: Form) -> list[str]:
    return [form.by_key[key].label for key in form.essentials]


def test_the_author_names_several_prompts_by_their_titles() -> None:
    assert labels(prompts("Prompt Close up", "Prompt Wide angle")) == ["Prompt Close up", "Prompt Wide angle"]
    assert labels(prompts("Prompt Close up")) == ["Prompt"]
    assert labels(prompts("Paint it", "Paint it again")) == ["Prompt", "Prompt 2 · Paint it again"]
    assert labels(prompts("Paint it", "Paint it")) == ["Prompt", "Prompt 2 · Paint it #2"]


def test_a_persons_own_name_is_a_key() -> None:
    form = build(GRAPH, small_specs(), Profile(labels={"6.text": "What to paint"}))
    assert resolve(form, "what to paint").key == "6.text"
    assert resolve(form, "prompt").key == "6.text"


def test_two_fields_of_one_name_are_listed() -> None:
    form = build(GRAPH, small_specs(), Profile(labels={"3.steps": "Quality", "3.cfg": "Quality"}))
    with pytest.raises(Problem) as caught:
        resolve(form, "quality")
    assert caught.value.code == "key_ambiguous"
    assert "3.steps (Quality)" in caught.value.message
    assert "3.cfg (Quality)" in caught.value.message


@shared
def test_no_two_essentials_of_a_recorded_workflow_have_one_name() -> None:
    for name, (_, form) in forms().items():
        twice = [label for label, count in Counter(map(str.casefold, labels(form))).items() if count > 1]
        assert not twice, name


@shared
def test_a_role_is_one_field_of_a_recorded_workflow_or_lists_all() -> None:
    for name, (_, form) in forms().items():
        for role in (Role.PROMPT, Role.NEGATIVE, Role.SEED, Role.WIDTH):
            fits = [item for item in form.fields if item.role is role and item.kind is not Kind.LINK]
            if len({item.seed_group or item.key for item in fits}) < 2:
                continue
            with pytest.raises(Problem) as caught:
                resolve(form, role.value)
            assert caught.value.code == "key_ambiguous", name
            assert fits[0].key in caught.value.message, name
