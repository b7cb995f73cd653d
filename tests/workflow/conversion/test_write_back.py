"""Values written back into the editor's graph: converting it again gives exactly the edited prompt."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comfydesk.base.errors import Problem
from comfydesk.workflow.conversion import convert, places_from_json, places_to_json, to_api, write_back
from tests.workflow.conversion import samples
from tests.workflow.conversion.graphs import OBJECT_INFO, graph, node, subgraph, widget_input, with_subgraphs

TEXT = widget_input("text", 2)
FIXED = ("model", "choice", "option1", "option2", "option3")  # these decide which inputs there are


def edited(made: dict[str, Any], changes: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The graph with a prompt's changes written back, and that prompt."""
    conversion = convert(made, OBJECT_INFO)
    prompt = copy.deepcopy(conversion.prompt)
    for key, value in changes.items():
        node_id, name = key.split(".", 1)
        assert name in prompt[node_id]["inputs"]
        prompt[node_id]["inputs"][name] = value
    places = places_from_json(json.loads(json.dumps(places_to_json(conversion.places))))
    assert places == conversion.places
    before = copy.deepcopy(made)
    written = write_back(made, places, prompt)
    assert made == before
    return written, prompt


def values() -> st.SearchStrategy[Any]:
    texts = st.text(alphabet="ab {}|/*\n", max_size=6)
    return st.one_of(st.integers(0, 2**64 - 1), st.booleans(), texts, st.floats(0, 1), st.none())


@pytest.mark.parametrize("sample", samples.ALL)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_converting_again_gives_the_edited_prompt(sample: Any, data: st.DataObject) -> None:
    made = sample()
    conversion = convert(made, OBJECT_INFO)
    keys = sorted(key for key in conversion.places if key.split(".", 1)[1] not in FIXED)
    changes = data.draw(st.dictionaries(st.sampled_from(keys), values(), max_size=6))
    for key in changes:  # an empty combo takes its first choice, an empty text area is a text
        if changes[key] is None:
            changes[key] = "x"
    written, prompt = edited(made, changes)
    assert to_api(written, OBJECT_INFO) == prompt


@pytest.mark.parametrize("sample", samples.ALL)
def test_without_a_change_the_graph_stays_as_it_is(sample: Any) -> None:
    made = sample()
    conversion = convert(made, OBJECT_INFO)
    drawn = [key for key, place in conversion.places.items() if place.kind == "drawn"]
    written, prompt = edited(made, {})
    assert to_api(written, OBJECT_INFO) == prompt
    if not any("|" in json.dumps(made) for _ in drawn):
        assert written == made


def test_a_text_that_was_drawn_is_written_as_it_was_used() -> None:
    written, _ = edited(graph([node(1, "Text", "a {red|blue} fox")]), {})
    assert written["nodes"][0]["widgets_values"] == ["a red fox"]


def test_a_seed_is_written_and_its_step_stays() -> None:
    written, _ = edited(graph([node(1, "Sample", 5, "randomize", 20)]), {"1.seed": 2**64 - 1})
    assert written["nodes"][0]["widgets_values"] == [2**64 - 1, "randomize", 20]


def test_a_list_that_is_too_short_is_filled_as_the_editor_shows_it() -> None:
    written, _ = edited(graph([node(1, "Sample")]), {"1.steps": 7})
    assert written["nodes"][0]["widgets_values"] == [0, "randomize", 7]


def test_named_values_are_kept_in_step() -> None:
    made = graph([{**node(1, "Picture", 64, 48), "widgets_values_named": {"width": 64, "height": 48}}])
    written, _ = edited(made, {"1.height": 5})
    assert written["nodes"][0]["widgets_values_named"] == {"width": 64, "height": 5}


def test_a_promoted_value_goes_to_its_host() -> None:
    written, _ = edited(samples.two_uses(), {"4:11.width": 5})
    assert [item["widgets_values"] for item in written["nodes"][:2]] == [[100], [5]]


def test_a_value_inside_a_subgraph_used_once_goes_inside() -> None:
    written, _ = edited(samples.one_use(), {"2:12.seed": 9})
    assert written["definitions"]["subgraphs"][0]["nodes"][1]["widgets_values"] == [9, "fixed", 20]


def test_a_value_that_two_uses_need_differently_becomes_an_input_of_the_subgraph() -> None:
    written, prompt = edited(samples.two_uses(), {"2:12.seed": 9})
    assert [port["name"] for port in written["definitions"]["subgraphs"][0]["inputs"]] == ["width", "seed"]
    assert [item["widgets_values"] for item in written["nodes"][:2]] == [[100, 9], [200, 5]]
    assert to_api(written, OBJECT_INFO) == prompt


def test_a_primitive_node_takes_a_value_that_all_its_targets_share() -> None:
    written, prompt = edited(samples.primitives(), {"2.width": 256, "3.width": 256})
    assert written["nodes"][0]["widgets_values"] == [256, "fixed"]
    assert to_api(written, OBJECT_INFO) == prompt


def test_a_target_that_wants_another_value_is_cut_from_the_primitive_node() -> None:
    written, prompt = edited(samples.primitives(), {"3.width": 256})
    assert written["nodes"][0]["outputs"][0]["links"] == [1]
    assert written["nodes"][2]["widgets_values"] == [256, 48]
    assert to_api(written, OBJECT_INFO) == prompt


def test_a_value_that_a_primitive_node_would_round_is_kept_exact() -> None:
    written, prompt = edited(samples.primitives(), {"2.width": 77, "3.width": 77})
    assert to_api(written, OBJECT_INFO) == prompt


def test_places_of_another_graph_are_passed_over() -> None:
    places = convert(samples.nested(), OBJECT_INFO).places
    prompt = to_api(samples.nested(), OBJECT_INFO)
    assert write_back(graph([]), places, prompt) == graph([])


def test_what_is_no_graph_is_refused() -> None:
    with pytest.raises(Problem):
        write_back([], {}, {})  # type: ignore[arg-type]


def test_json_that_is_no_places_gives_none() -> None:
    assert places_from_json([]) == {}
    assert places_from_json({"fields": {"a": 5, "b": {"spot": [[], 0, ""]}}, "shelves": [5]}) == {}


def test_another_choice_brings_its_own_values() -> None:
    made = graph([node(1, "Choice", "fast", 8, "words")])
    conversion = convert(made, OBJECT_INFO)
    prompt = copy.deepcopy(conversion.prompt)
    prompt["1"]["inputs"] = {"model": "good", "model.steps": 33, "model.strength": 0.75, "text": "other"}
    places = places_from_json(json.loads(json.dumps(places_to_json(conversion.places))))
    written = write_back(made, places, prompt)
    assert written["nodes"][0]["widgets_values"] == ["good", 33, 0.75, "other"]
    assert to_api(written, OBJECT_INFO) == prompt
    back = convert(written, OBJECT_INFO)
    assert write_back(written, back.places, conversion.prompt) == made


def test_another_choice_in_a_list_that_is_too_short_is_filled_in() -> None:
    made = graph([node(1, "Choice")])
    conversion = convert(made, OBJECT_INFO)
    prompt = copy.deepcopy(conversion.prompt)
    prompt["1"]["inputs"] = {"model": "good", "model.steps": 30, "model.strength": 0.5, "text": ""}
    assert to_api(write_back(made, conversion.places, prompt), OBJECT_INFO) == prompt


def test_a_choice_inside_a_subgraph_takes_promoted_inputs_of_the_former_one_along() -> None:
    held = subgraph(
        "sub",
        [{**node(11, "Choice", "good", 9, 0.5, "words"), "inputs": [widget_input("model.strength", 1), TEXT]}],
        [[1, -10, 0, 11, 0], [2, -10, 1, 11, 1]],
        {"strength": [1], "text": [2]},
    )
    made = with_subgraphs(graph([node(2, "sub", 0.25, "outer")]), held)
    conversion = convert(made, OBJECT_INFO)
    prompt = copy.deepcopy(conversion.prompt)
    prompt["2:11"]["inputs"] = {"model": "fast", "model.steps": 5, "text": "outer"}
    assert to_api(write_back(made, conversion.places, prompt), OBJECT_INFO) == prompt
