"""Choices that a host lists at a route of its own come into the specs, and only from the host itself."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from comfydesk.form import kinds
from comfydesk.workflow.remote import Listing, listing_of, listings, with_choices
from comfydesk.workflow.specs import Specs

INFO: dict[str, Any] = {
    "Load": {
        "input": {
            "required": {
                "name": ["COMBO", {"remote": {"route": "/models/list", "response_key": "names"}}],
                "plain": [["a"], {}],
            }
        }
    },
    "Odd": {"input": {"required": {"x": 3, "y": ["COMBO", {"remote": "/x"}]}, "optional": None}},
    "None": None,
}


def test_what_is_listed_becomes_the_choices() -> None:
    before = copy.deepcopy(INFO)
    assert listings(INFO) == [Listing("/models/list", "names")]
    made = with_choices(INFO, {Listing("/models/list", "names"): ["fox", "wolf"]})
    assert before == INFO
    spec = Specs.from_object_info(made).node("Load")
    assert spec is not None and spec.inputs[0].choices == ("fox", "wolf")
    field = kinds.from_spec("1", spec.inputs[0], "owl", present=True, required=True)
    assert field.remote == "/models/list" and field.choices == ("fox", "wolf")
    assert not field.choices_known  # the list may be behind: any value goes


def test_without_an_answer_the_specs_stay() -> None:
    assert with_choices(INFO, {}) == INFO


@pytest.mark.parametrize(
    "route",
    [
        "https://evil.example/list",
        "//evil.example/list",
        "/../etc/passwd",
        "/a/./b",
        "/a b",
        "",
        "list",
        7,
        None,
        "/a" * 99,
    ],
)
def test_a_route_that_leads_elsewhere_is_none(route: Any) -> None:
    assert listing_of({"remote": {"route": route}}) is None
