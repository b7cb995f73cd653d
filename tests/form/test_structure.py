"""A choice brings its fields and takes the others away, in the form and in what is sent."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from comfydesk.form import structure
from comfydesk.form.build import build
from comfydesk.form.check import check
from comfydesk.form.fields import Kind
from comfydesk.form.values import freeze
from comfydesk.workflow.dynamic import expand
from comfydesk.workflow.graph import Graph
from comfydesk.workflow.specs import Specs
from tests.form.graphs import graph_of

SIDE = ["INT", {"default": 512, "min": 16, "max": 4096}]
INFO: dict[str, Any] = {
    "Resize": {
        "input": {
            "required": {
                "how": [
                    "COMFY_DYNAMICCOMBO_V3",
                    {
                        "options": [
                            {"key": "box", "inputs": {"required": {"width": SIDE, "height": SIDE}}},
                            {"key": "width", "inputs": {"required": {"width": SIDE}}},
                            {"key": "factor", "inputs": {"optional": {"by": ["FLOAT", {"default": 2.0, "max": 8.0}]}}},
                            {"key": "like", "inputs": {"required": {"other": ["IMAGE", {}]}}},
                            {
                                "key": "file",
                                "inputs": {
                                    "required": {
                                        "width": [["a", "b"], {}],
                                        "codec": [
                                            "COMFY_DYNAMICCOMBO_V3",
                                            {
                                                "options": [
                                                    {"key": "auto", "inputs": {"required": {}}},
                                                    {
                                                        "key": "h264",
                                                        "inputs": {"required": {"crf": ["INT", {"default": 23}]}},
                                                    },
                                                ]
                                            },
                                        ],
                                    }
                                },
                            },
                        ]
                    },
                ],
                "method": [["area", "lanczos"], {}],
            }
        },
        "output": ["IMAGE"],
        "output_node": True,
    },
    "Sum": {
        "input": {
            "required": {
                "values": [
                    "COMFY_AUTOGROW_V3",
                    {"template": {"input": {"required": {"v": ["FLOAT,INT", {}]}}, "names": list("abcd"), "min": 0}},
                ],
                "images": [
                    "COMFY_AUTOGROW_V3",
                    {"template": {"input": {"required": {"i": ["IMAGE", {}]}}, "prefix": "image", "min": 0, "max": 3}},
                ],
            }
        },
        "output_node": True,
    },
}
SPECS = Specs.from_object_info(INFO)


def resize(**inputs: Any) -> Graph:
    return graph_of(n1=("Resize", {"how": "box", "how.width": 640, "how.height": 480, "method": "area", **inputs}))


def sent(graph: Graph, values: dict[str, Any]) -> dict[str, Any]:
    return dict(freeze(graph, build(graph, SPECS, values=values), values)["1"]["inputs"])


def keys(graph: Graph, values: dict[str, Any]) -> set[str]:
    return {item.key.removeprefix("1.") for item in build(graph, SPECS, values=values).fields}


def test_the_files_own_choice_changes_nothing() -> None:
    graph = resize()
    assert sent(graph, {}) == graph.nodes["1"].inputs
    assert keys(graph, {}) == {"how", "how.width", "how.height", "method"}
    assert build(graph, SPECS).graph is None


def test_all_choices_are_offered() -> None:
    assert build(resize(), SPECS).by_key["1.how"].choices == ("box", "width", "factor", "like", "file")


def test_another_choice_brings_its_fields_and_drops_the_others() -> None:
    values = {"1.how": "factor"}
    assert keys(resize(), values) == {"how", "how.by", "method"}
    assert sent(resize(), values) == {"how": "factor", "how.by": 2.0, "method": "area"}
    assert sent(resize(), {**values, "1.how.by": 4}) == {"how": "factor", "how.by": 4.0, "method": "area"}


def test_a_field_that_stays_keeps_the_files_value() -> None:
    assert sent(resize(), {"1.how": "width"}) == {"how": "width", "how.width": 640, "method": "area"}


def test_a_value_that_does_not_fit_the_new_field_gives_way_to_its_default() -> None:
    assert sent(resize(), {"1.how": "file"}) == {
        "how": "file",
        "how.width": "a",
        "how.codec": "auto",
        "method": "area",
    }


def test_choices_within_choices_bring_theirs() -> None:
    values = {"1.how": "file", "1.how.codec": "h264", "1.how.codec.crf": 30}
    assert keys(resize(), values) == {"how", "how.width", "how.codec", "how.codec.crf", "method"}
    assert sent(resize(), values)["how.codec.crf"] == 30


def test_a_choice_that_the_host_does_not_know_stays_until_another_is_made() -> None:
    graph = resize(how="fancy")
    assert sent(graph, {}) == graph.nodes["1"].inputs
    assert sent(graph, {"1.how": "width"}) == {"how": "width", "how.width": 640, "method": "area"}


def test_a_choice_whose_picture_only_a_link_can_give_says_so() -> None:
    graph = resize()
    form = build(graph, SPECS, values={"1.how": "like"})
    assert [issue.key for issue in check(graph, form, {"1.how": "like"}, SPECS)] == ["1.how.other"]


def test_a_choice_that_the_file_lacks_gets_its_default_if_the_host_needs_it() -> None:
    graph = graph_of(n1=("Resize", {"method": "area"}))
    assert sent(graph, {}) == {"method": "area", "how": "box", "how.width": 512, "how.height": 512}
    assert sent(graph, {"1.how": "factor"}) == {"method": "area", "how": "factor", "how.by": 2.0}


def test_a_growing_input_gets_and_loses_fields() -> None:
    graph = graph_of(n1=("Sum", {"values.b": 3}))
    field = build(graph, SPECS).by_key["1.values"]
    assert field.kind is Kind.GROW and field.value == ["b"] and field.choices == ("a", "b", "c", "d")
    assert sent(graph, {"1.values": ["a", "b"], "1.values.a": 1.5}) == {"values.a": 1.5, "values.b": 3}
    assert sent(graph, {"1.values": []}) == {}
    assert "1.images" not in build(graph, SPECS).by_key  # only links fit


def test_links_of_a_growing_input_stay() -> None:
    graph = graph_of(n1=("Sum", {"values.a": ["2", 0], "values.b": 3}), n2=("Sum", {}))
    assert sent(graph, {"1.values": ["a", "c"]}) == {"values.a": ["2", 0], "values.c": 0.0}


def test_a_form_knows_which_structure_it_has() -> None:
    form = build(resize(), SPECS, values={"1.how": "factor"})
    assert structure.is_met(form, {"1.how": "factor", "1.how.by": 3.0})
    assert not structure.is_met(form, {"1.how": "box"})


CHOICES = st.sampled_from(["box", "width", "factor", "like", "file", "fancy", None, 7, ["x"]])
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "1.how": CHOICES,
        "1.how.codec": st.sampled_from(["auto", "h264", "none", None]),
        "2.values": st.lists(st.sampled_from(["a", "b", "c", "z", 3])) | st.none() | st.text(max_size=2),
    },
)


@given(CHOICES, VALUES)
def test_whatever_is_chosen_the_prompt_has_exactly_the_inputs_of_its_choices(
    given_: Any, values: dict[str, Any]
) -> None:
    graph = graph_of(n1=("Resize", {"how": given_, "how.width": 640, "method": "area"}), n2=("Sum", {"values.a": 1.0}))
    form = build(graph, SPECS, values=values)
    known = {item.key: item.value for item in form.fields if not item.structural}
    known |= {key: value for key, value in form.structure.items() if key in values and _goes(form, key, value)}
    prompt = freeze(graph, form, known)
    json.dumps(prompt, allow_nan=False)
    spec = SPECS.node("Resize")
    assert spec is not None
    inputs = prompt["1"]["inputs"]
    if inputs.get("how") in ("box", "width", "factor", "like", "file") and inputs["how"] != given_:
        names = {item.name for item in expand(spec, inputs) if item.is_editable or item.type == "COMFY_DYNAMICCOMBO_V3"}
        assert set(inputs) == names


def _goes(form: Any, key: str, value: Any) -> bool:
    field = form.by_key[key]
    return value in field.choices if field.kind is Kind.COMBO else isinstance(value, list) and set(value) <= set("abcd")
