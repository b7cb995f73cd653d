"""Which value of the file goes to which input."""

from __future__ import annotations

import copy

import pytest

from comfydesk.workflow.conversion import classes_of, convert, is_gui, to_api
from tests.workflow.conversion.graphs import OBJECT_INFO, graph, inputs_of, node, widget_input, with_subgraphs


def test_values_are_counted_off_along_the_widgets() -> None:
    assert inputs_of(graph([node(1, "Picture", 64, 48)])) == {"width": 64, "height": 48}


def test_too_few_values_leave_the_defaults_and_too_many_are_ignored() -> None:
    assert inputs_of(graph([node(1, "Picture")])) == {"width": 0, "height": 512}
    assert inputs_of(graph([node(1, "Picture", 1, 2, 3, 4)])) == {"width": 1, "height": 2}


def test_the_step_after_a_seed_takes_a_place_and_is_not_sent() -> None:
    made = graph([node(1, "Sample", 5, "increment", 30)])
    conversion = convert(made, OBJECT_INFO)
    assert conversion.prompt["1"]["inputs"] == {"seed": 5, "steps": 30}
    assert conversion.seed_modes == {"1.seed": "increment"}


def test_an_upload_button_takes_a_place_and_is_not_sent() -> None:
    assert inputs_of(graph([node(1, "Load", "b.png", "area", "image")])) == {"image": "b.png", "channel": "area"}


def test_a_named_seed_of_an_old_file_may_say_true() -> None:
    made = graph([node(1, "KSampler", 5, True, "sample_euler")])
    info = {
        "KSampler": {"input": {"required": {"seed": ["INT", {}], "sampler_name": ["COMBO", {"options": ["euler"]}]}}}
    }
    conversion = convert(made, info)
    assert conversion.prompt["1"]["inputs"]["sampler_name"] == "euler"
    assert conversion.seed_modes == {"1.seed": "randomize"}


def test_a_dict_of_values_is_read_by_name() -> None:
    made = graph([{**node(1, "Picture"), "widgets_values": {"height": 7, "other": 1}}])
    assert inputs_of(made) == {"width": 0, "height": 7}


def test_a_dict_of_numbers_and_a_length_is_a_list() -> None:
    made = graph([{**node(1, "Picture"), "widgets_values": {"0": 3, "1": 4, "length": 2}}])
    assert inputs_of(made) == {"width": 3, "height": 4}


def test_a_list_is_wrapped_so_that_it_is_not_a_link() -> None:
    assert inputs_of(graph([node(1, "Colours")])) == {
        "colours": {"__value__": ["#fff", "#000"]},
        "curve": {"points": [[0, 0], [1, 1]], "interpolation": "monotone_cubic"},
    }
    assert inputs_of(graph([node(1, "Colours", [], [1])]))["curve"] == {"__type__": "CURVE", "__value__": [1]}


def test_a_combo_without_a_value_takes_its_first_choice() -> None:
    assert inputs_of(graph([node(1, "Load", None, "bicubic")])) == {"image": "a.png", "channel": "bicubic"}


def test_nothing_is_corrected() -> None:
    assert inputs_of(graph([node(1, "Load", "gone.png", 7)])) == {"image": "gone.png", "channel": 7}


def test_a_text_area_without_a_text_is_empty() -> None:
    assert inputs_of(graph([node(1, "Plain", None)])) == {"text": ""}


def test_an_old_value_of_an_input_that_is_only_a_socket_now_is_passed_over() -> None:
    assert inputs_of(graph([node(1, "Forced", 12, "words")])) == {"text": "words"}
    assert inputs_of(graph([node(1, "Forced", "words")])) == {"text": "words"}


def test_input_order_decides_the_order_of_the_widgets() -> None:
    info = {
        "Any": {
            "input": {"required": {"a": ["INT", {}], "b": ["INT", {}]}, "optional": {"c": ["INT", {}]}},
            "input_order": {"required": ["b", "a"], "optional": ["c"]},
        }
    }
    assert inputs_of(graph([node(1, "Any", 1, 2, 3)]), info=info) == {"b": 1, "a": 2, "c": 3}


def test_a_widget_turned_into_an_input_keeps_its_place_in_the_values() -> None:
    made = graph(
        [node(1, "Number", 9, links=[[1]]), {**node(2, "Picture", 64, 48), "inputs": [widget_input("height", 1)]}],
        [[1, 1, 0, 2, 0]],
    )
    assert inputs_of(made, "2") == {"width": 64, "height": ["1", 0]}


def test_an_input_for_a_widget_that_the_class_lost_is_dropped() -> None:
    lost = {**node(2, "Invert"), "inputs": [widget_input("gone", 1)]}
    made = graph([node(1, "Number", 9, links=[[1]]), lost], [[1, 1, 0, 2, 0]])
    assert inputs_of(made, "2") == {}


def test_an_input_that_the_class_does_not_name_keeps_its_link() -> None:
    made = graph([node(1, "Number", 9, links=[[1]]), node(2, "Invert", inputs={"more": 1})], [[1, 1, 0, 2, 0]])
    assert inputs_of(made, "2") == {"more": ["1", 0]}


def test_titles_are_those_of_the_file_or_of_the_class() -> None:
    prompt = to_api(graph([node(1, "Invert"), {**node(2, "Invert"), "title": "Mine"}]), OBJECT_INFO)
    assert [prompt[key]["_meta"]["title"] for key in "12"] == ["Invert Colours", "Mine"]


def test_the_page_adds_widgets_of_its_own() -> None:
    assert inputs_of(graph([node(1, "SaveGLB", "p", "junk")])) == {"filename_prefix": "p", "image": ""}
    assert inputs_of(graph([node(1, "ImageCompare")])) == {"compare_view": {"__value__": ["", ""]}}
    assert inputs_of(graph([node(1, "PreviewAny", "shown before")])) == {}


def test_a_custom_combo_grows_a_line_for_each_text() -> None:
    assert inputs_of(graph([node(1, "CustomCombo", "b", 0, "a", "b", "")])) == {
        "choice": "b",
        "index": 1,
        "option1": "a",
        "option2": "b",
        "option3": "",
    }


def test_neither_the_graph_nor_the_specs_are_changed() -> None:
    made, info = graph([node(1, "Colours"), node(2, "Choice", "good", 5)]), copy.deepcopy(OBJECT_INFO)
    before = copy.deepcopy(made)
    convert(made, info)
    assert (made, info) == (before, OBJECT_INFO)


def test_a_gui_graph_is_told_from_a_prompt() -> None:
    assert is_gui(graph([]))
    assert not is_gui({"1": {"class_type": "Picture", "inputs": {}}})
    assert not is_gui([])


def test_the_classes_to_ask_for_include_those_inside_subgraphs_and_groups() -> None:
    made = with_subgraphs(
        graph(
            [node(1, "Picture"), node(2, "sub"), node(3, "Reroute"), node(4, "workflow>G")],
            extra={"groupNodes": {"G": {"nodes": [{"type": "Scale"}]}}},
        ),
        {"id": "sub", "nodes": [node(5, "Invert"), node(6, "Note")], "links": []},
    )
    assert classes_of(made) == {"Picture", "Invert", "Scale"}


@pytest.mark.parametrize("seed", [2**53 + 1, 2**64 - 1])
def test_large_seeds_stay_exact(seed: int) -> None:
    assert inputs_of(graph([node(1, "Sample", seed)]))["seed"] == seed
