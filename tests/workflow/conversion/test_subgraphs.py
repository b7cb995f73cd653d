"""Subgraphs open out into nodes with ids like "57:8", and hosts have values for what they promote."""

from __future__ import annotations

import pytest

from comfydesk.base.errors import Problem
from comfydesk.workflow.conversion import convert, to_api
from tests.workflow.conversion import samples
from tests.workflow.conversion.graphs import OBJECT_INFO, graph, node, subgraph, with_subgraphs


def test_nodes_inside_get_the_id_of_their_host() -> None:
    prompt = to_api(samples.one_use(), OBJECT_INFO)
    assert set(prompt) == {"2:11", "2:12", "2:13", "3"}
    assert prompt["3"]["inputs"]["images"] == ["2:12", 0]
    assert prompt["2:12"]["inputs"] == {"seed": 5, "steps": 20, "image": ["2:11", 0]}


def test_a_promoted_value_counts_over_the_widget_inside() -> None:
    prompt = to_api(samples.two_uses(), OBJECT_INFO)
    assert [prompt[key]["inputs"]["width"] for key in ("2:11", "4:11")] == [100, 200]


def test_without_a_value_the_host_shows_that_of_the_widget() -> None:
    made = samples.one_use()
    made["nodes"][0]["widgets_values"] = []
    assert to_api(made, OBJECT_INFO)["2:11"]["inputs"]["width"] == 64


def test_a_link_to_the_host_counts_over_its_value() -> None:
    made = samples.one_use()
    made["nodes"][0]["inputs"] = [{"name": "width", "type": "INT", "link": 9}]
    made["nodes"].append(node(8, "Number", 5, links=[[9]]))
    made["links"].append([9, 8, 0, 2, 0, "INT"])
    assert to_api(made, OBJECT_INFO)["2:11"]["inputs"]["width"] == ["8", 0]


def test_the_outermost_host_decides() -> None:
    prompt = to_api(samples.nested(), OBJECT_INFO)
    assert {key: prompt[key]["inputs"]["width"] for key in prompt if key.endswith(":11")} == {
        "2:21:11": 300,
        "2:22:11": 300,
        "4:21:11": 1,
        "4:22:11": 1,
    }


def test_an_id_that_is_taken_is_renumbered() -> None:
    made = samples.one_use()
    made["nodes"].append(node(11, "Picture"))
    made["last_node_id"] = 50
    prompt = to_api(made, OBJECT_INFO)
    assert set(prompt) == {"2:51", "2:12", "2:13", "3", "11"}
    assert prompt["2:12"]["inputs"]["image"] == ["2:51", 0]


def test_a_muted_host_takes_its_nodes_along() -> None:
    made = samples.one_use()
    made["nodes"][0]["mode"] = 2
    assert set(to_api(made, OBJECT_INFO)) == {"3"}


def test_a_bypassed_host_passes_on_its_input() -> None:
    made = with_subgraphs(
        graph(
            [
                node(1, "Picture", links=[[1]]),
                node(2, "through", mode=4, inputs={"image": 1}, links=[[2]]),
                node(3, "SaveImage", inputs={"images": 2}),
            ],
            [[1, 1, 0, 2, 0], [2, 2, 0, 3, 0]],
        ),
        subgraph(
            "through",
            [node(11, "Invert", inputs={"image": 1}, links=[[2]])],
            [[1, -10, 0, 11, 0], [2, 11, 0, -20, 0]],
            {"image": [1]},
            {"IMAGE": [2]},
        ),
    )
    assert to_api(made, OBJECT_INFO)["3"]["inputs"]["images"] == ["1", 0]


def test_widgets_promoted_by_older_files_count_in_their_order() -> None:
    conversion = convert(samples.promoted_the_old_way(), OBJECT_INFO)
    assert conversion.prompt["2:11"]["inputs"] == {"width": 8, "height": 7}
    assert conversion.prompt["2:12"]["inputs"]["seed"] == 9
    assert [note.code for note in conversion.warnings] == ["promotion_failed"]


def test_a_value_that_the_editor_set_aside_counts() -> None:
    made = samples.one_use()
    kept = {"originalEntry": ["-1", "width"], "reason": "missingSourceNode", "hostValue": 321, "attemptedAtVersion": 1}
    made["nodes"][0]["properties"] = {"proxyWidgetErrorQuarantine": [kept]}
    assert to_api(made, OBJECT_INFO)["2:11"]["inputs"]["width"] == 321


def test_a_primitive_node_promoted_by_an_older_file_becomes_an_input() -> None:
    made = samples.fan_out()
    made["nodes"][0]["properties"] = {"proxyWidgets": [["14", "value"]]}
    made["nodes"][0]["widgets_values"] = [256]
    prompt = to_api(made, OBJECT_INFO)
    assert [prompt[key]["inputs"]["width"] for key in ("2:12", "2:13")] == [256, 256]


def test_a_group_node_becomes_a_subgraph_with_new_ids() -> None:
    prompt = to_api(samples.grouped(), OBJECT_INFO)
    assert set(prompt) == {"3", "6:4", "6:5"}
    assert prompt["6:4"]["inputs"] == {"width": 640, "height": 480}
    assert prompt["3"]["inputs"]["images"] == ["6:5", 0]


def test_a_subgraph_that_the_file_does_not_hold_is_kept_and_named() -> None:
    kind = "aaaaaaaa-0000-4000-8000-000000000001"
    conversion = convert(graph([node(2, kind, 5)]), OBJECT_INFO)
    assert conversion.prompt["2"]["inputs"] == {"UNKNOWN": 5}
    assert [note.code for note in conversion.warnings] == ["subgraph_missing"]


def test_a_subgraph_that_contains_itself_is_opened_once_and_named() -> None:
    made = with_subgraphs(graph([node(1, "a")]), subgraph("a", [node(11, "Picture"), node(12, "a")], []))
    conversion = convert(made, OBJECT_INFO)
    assert set(conversion.prompt) == {"1:11"}
    assert [note.code for note in conversion.warnings] == ["subgraph_recursive"]


def test_subgraphs_that_open_out_to_too_many_nodes_are_refused() -> None:
    levels = [
        subgraph(f"s{i}", [node(100 * i + j, f"s{i + 1}" if i < 8 else "Picture") for j in range(1, 11)], [])
        for i in range(9)
    ]
    with pytest.raises(Problem, match="10,000 nodes"):
        convert(with_subgraphs(graph([node(1, "s0")]), *levels), OBJECT_INFO)


@pytest.mark.parametrize("loop", [False, True])
def test_subgraphs_too_deep_inside_each_other_are_refused(loop: bool) -> None:
    count = 500
    levels = [subgraph(f"s{i}", [node(1000 + i, f"s{i + 1}")], []) for i in range(count)]
    if loop:
        levels[-1]["nodes"][0]["type"] = "s0"
    with pytest.raises(Problem, match="deep"):
        convert(with_subgraphs(graph([node(1, "s0")]), *levels), OBJECT_INFO)


@pytest.mark.parametrize(
    "made",
    [
        {"nodes": [{}] * 10_001},
        {"nodes": [], "links": [[]] * 50_001},
        {"nodes": [{"type": "Picture", "inputs": [{}] * 3_000}]},
        {"nodes": [{"type": "Picture", "widgets_values": [0] * 1_001}]},
    ],
)
def test_files_that_are_too_large_are_refused(made: dict[str, object]) -> None:
    with pytest.raises(Problem) as problem:
        convert(made, OBJECT_INFO)
    assert problem.value.code == "workflow_limits"
