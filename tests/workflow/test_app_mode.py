"""App mode: what an author chose for those who only use the workflow."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfydesk.workflow import app_mode
from comfydesk.workflow.app_mode import AppMode, nodes_named

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


def chosen(**linear_data: Any) -> dict[str, Any]:
    return {"nodes": [], "links": [], "extra": {"linearData": linear_data}}


def test_inputs_and_outputs_are_read_in_the_authors_order() -> None:
    graph = chosen(inputs=[["16", "image"], [23, "prompt"]], outputs=["9", 4])
    assert app_mode.read(graph) == AppMode((("16", "image"), ("23", "prompt")), ("9", "4"))


def test_an_input_named_by_graph_node_and_widget_in_one_text_is_that_node() -> None:
    graph = chosen(inputs=[["e13112f7-3d09:12:prompt", "prompt", {"height": 80}]], outputs=[])
    assert app_mode.read(graph).inputs == (("12", "prompt"),)


def test_what_is_named_twice_is_shown_once() -> None:
    graph = chosen(inputs=[["1", "text"], [1, "text"]], outputs=[103, "103"])
    assert app_mode.read(graph) == AppMode((("1", "text"),), ("103",))


@pytest.mark.parametrize("extra", [None, [], {}, {"linearData": None}, {"linearData": {"inputs": 3}}])
def test_a_file_without_it_chooses_nothing(extra: object) -> None:
    assert app_mode.read({"nodes": [], "extra": extra}) == AppMode()


@given(JSON)
def test_whatever_stands_there_is_read_or_left_out(value: Any) -> None:
    found = app_mode.read({"extra": {"linearData": value}})
    assert all(isinstance(part, str) for pair in found.inputs for part in pair)
    found = app_mode.read({"extra": {"linearData": {"inputs": value, "outputs": value}}})
    assert all(isinstance(node_id, str) and node_id for node_id in found.outputs)


def test_a_node_inside_subgraphs_is_found_by_its_own_id_when_there_is_none_outside() -> None:
    assert nodes_named("8", ["57:8", "9:8", "58"]) == ["57:8", "9:8"]
    assert nodes_named("8", ["57:8", "8"]) == ["8"]
    assert nodes_named("7", ["57:8"]) == []
