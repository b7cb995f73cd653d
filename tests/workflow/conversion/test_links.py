"""Where an input's link ends up: modes, reroutes, old link formats, broken links."""

from __future__ import annotations

from typing import Any

import pytest

from comfydesk.workflow.conversion import convert, to_api
from tests.workflow.conversion.graphs import OBJECT_INFO, graph, inputs_of, node


def chain(middle: str = "Invert", mode: int = 0, *values: Any) -> dict[str, Any]:
    """Picture 1 → the middle node 2 → SaveImage 3."""
    return graph(
        [
            node(1, "Picture", links=[[1]]),
            node(2, middle, *values, mode=mode, inputs={"image": 1}, links=[[2]]),
            node(3, "SaveImage", inputs={"images": 2}),
        ],
        [[1, 1, 0, 2, 0], [2, 2, 0, 3, 0]],
    )


def test_a_link_names_node_and_output() -> None:
    assert inputs_of(chain(), "3")["images"] == ["2", 0]


def test_links_may_be_dicts() -> None:
    made = chain()
    keys = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
    made["links"] = [dict(zip(keys, link, strict=True)) for link in made["links"]]
    made["version"] = 1
    assert inputs_of(made, "3")["images"] == ["2", 0]


def test_a_muted_node_is_gone_and_so_are_links_to_it() -> None:
    prompt = to_api(chain(mode=2), OBJECT_INFO)
    assert set(prompt) == {"1", "3"}
    assert "images" not in prompt["3"]["inputs"]


def test_a_bypassed_node_passes_on_the_input_of_the_same_type() -> None:
    prompt = to_api(chain(mode=4), OBJECT_INFO)
    assert set(prompt) == {"1", "3"}
    assert prompt["3"]["inputs"]["images"] == ["1", 0]


def test_a_bypassed_node_without_a_fitting_input_gives_nothing() -> None:
    made = graph(
        [node(1, "Picture", mode=4, links=[[1]]), node(3, "SaveImage", inputs={"images": 1})], [[1, 1, 0, 3, 0]]
    )
    assert inputs_of(made, "3") == {"filename_prefix": "out"}


def test_reroutes_are_followed() -> None:
    made = graph(
        [
            node(1, "Picture", links=[[1]]),
            node(2, "Reroute", inputs={"": 1}, links=[[2]]),
            node(4, "Reroute", inputs={"": 2}, links=[[3]]),
            node(3, "SaveImage", inputs={"images": 3}),
        ],
        [[1, 1, 0, 2, 0], [2, 2, 0, 4, 0], [3, 4, 0, 3, 0]],
    )
    prompt = to_api(made, OBJECT_INFO)
    assert set(prompt) == {"1", "3"}
    assert prompt["3"]["inputs"]["images"] == ["1", 0]


def test_a_reroute_does_not_carry_a_number_to_a_picture() -> None:
    made = graph(
        [
            node(1, "Number", 7, links=[[1]]),
            node(2, "Reroute", inputs={"": 1}, links=[[2]]),
            node(3, "SaveImage", inputs={"images": 2}),
        ],
        [[1, 1, 0, 2, 0], [2, 2, 0, 3, 0]],
    )
    assert "images" not in inputs_of(made, "3")


def test_notes_are_not_sent() -> None:
    assert to_api(graph([node(1, "Note", "hello"), node(2, "MarkdownNote", "# hi")]), OBJECT_INFO) == {}


def test_getters_find_the_setter_of_their_name() -> None:
    made = graph(
        [
            node(1, "Picture", links=[[1]]),
            node(2, "SetNode", "pic", inputs={"IMAGE": 1}, mode=2),
            node(4, "GetNode", "pic", links=[[2]]),
            node(5, "GetNode", "none", links=[[3]]),
            node(3, "SaveImage", inputs={"images": 2}),
            node(6, "SaveImage", inputs={"images": 3}),
        ],
        [[1, 1, 0, 2, 0], [2, 4, 0, 3, 0], [3, 5, 0, 6, 0]],
    )
    prompt = to_api(made, OBJECT_INFO)
    assert set(prompt) == {"1", "3", "6"}
    assert prompt["3"]["inputs"]["images"] == ["1", 0]
    assert "images" not in prompt["6"]["inputs"]


def test_two_links_between_the_same_slots_are_one() -> None:
    made = chain()
    made["links"].append([9, 1, 0, 2, 0, "*"])
    made["nodes"][0]["outputs"][0]["links"] = [1, 9]
    assert inputs_of(made, "2") == {"image": ["1", 0]}


@pytest.mark.parametrize(
    ("links", "code"),
    [
        ([[2, 2, 0, 3, 0, "*"]], "link_broken"),
        ([[1, 77, 0, 2, 0, "*"], [2, 2, 0, 3, 0, "*"]], "link_broken"),
    ],
)
def test_a_broken_link_is_left_out_and_named(links: list[Any], code: str) -> None:
    made = chain()
    made["links"] = links
    conversion = convert(made, OBJECT_INFO)
    assert conversion.prompt["2"]["inputs"] == {}
    assert [note.code for note in conversion.warnings] == [code]
    assert "“image” of “Invert Colours” (2)" in conversion.warnings[0].sentence


def test_a_circle_of_bypassed_nodes_ends_and_is_named() -> None:
    made = graph(
        [
            node(1, "Invert", mode=4, inputs={"image": 2}, links=[[1]]),
            node(2, "Invert", mode=4, inputs={"image": 1}, links=[[2, 3]]),
            node(3, "SaveImage", inputs={"images": 3}),
        ],
        [[1, 1, 0, 2, 0], [2, 2, 0, 1, 0], [3, 2, 0, 3, 0]],
    )
    conversion = convert(made, OBJECT_INFO)
    assert "images" not in conversion.prompt["3"]["inputs"]
    assert [note.code for note in conversion.warnings] == ["link_circular"]


def test_a_chain_of_reroutes_that_is_too_long_is_named() -> None:
    count = 2000
    nodes = [node(1, "Picture", links=[[1]]), node(3, "SaveImage", inputs={"images": count + 1})]
    nodes += [node(10 + i, "Reroute", inputs={"": i}, links=[[i + 1]]) for i in range(1, count + 1)]
    links = [
        [1, 1, 0, 11, 0],
        *([i, 9 + i, 0, 10 + i, 0] for i in range(2, count + 1)),
        [count + 1, 10 + count, 0, 3, 0],
    ]
    codes = {note.code for note in convert(graph(nodes, links), OBJECT_INFO).warnings}
    assert codes <= {"link_broken"}


def test_a_node_whose_class_is_missing_is_kept_and_named() -> None:
    made = chain("Unknown", 0, "text", 5, None)
    conversion = convert(made, OBJECT_INFO)
    kept = conversion.prompt["2"]
    assert kept == {
        "inputs": {"UNKNOWN": "text", "UNKNOWN_1": 5, "UNKNOWN_2": "null", "image": ["1", 0]},
        "_meta": {},
    }
    assert conversion.prompt["3"]["inputs"]["images"] == ["2", 0]
    assert conversion.missing == {"2": "Unknown"}
    assert [note.code for note in conversion.warnings] == ["node_missing"]


def test_of_two_nodes_with_one_id_the_last_counts_and_both_are_named() -> None:
    conversion = convert(graph([node(1, "Picture", 1, 1), node(1, "Picture", 2, 2)]), OBJECT_INFO)
    assert conversion.prompt["1"]["inputs"] == {"width": 2, "height": 2}
    assert [note.code for note in conversion.warnings] == ["id_taken"]
