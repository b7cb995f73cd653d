"""Inputs that come with a choice or with a connection."""

from __future__ import annotations

from tests.workflow.conversion.graphs import graph, inputs_of, node


def test_a_choice_brings_its_inputs_with_dotted_names() -> None:
    assert inputs_of(graph([node(1, "Choice", "fast", 8, "words")])) == {
        "model": "fast",
        "model.steps": 8,
        "text": "words",
    }
    assert inputs_of(graph([node(1, "Choice", "good", 9, 0.25, "words")])) == {
        "model": "good",
        "model.steps": 9,
        "model.strength": 0.25,
        "text": "words",
    }


def test_a_choice_that_the_class_lost_brings_nothing() -> None:
    assert inputs_of(graph([node(1, "Choice", "gone", "words")])) == {"model": "gone", "text": "words"}


def test_a_link_of_a_choice_stays_by_name() -> None:
    made = graph(
        [
            node(1, "Picture", links=[[1]]),
            node(2, "Choice", "good", 9, 0.25, "words", inputs={"model.guide": 1}),
        ],
        [[1, 1, 0, 2, 0]],
    )
    assert inputs_of(made, "2")["model.guide"] == ["1", 0]


def test_a_link_of_another_choice_is_dropped() -> None:
    made = graph(
        [node(1, "Picture", links=[[1]]), node(2, "Choice", "fast", 9, "words", inputs={"model.guide": 1})],
        [[1, 1, 0, 2, 0]],
    )
    assert inputs_of(made, "2") == {"model": "fast", "model.steps": 9, "text": "words"}


def test_a_growing_group_keeps_the_names_of_its_members() -> None:
    made = graph(
        [
            node(1, "Picture", links=[[1, 2]]),
            node(2, "Batch", inputs={"images.image0": 1, "images.image1": None, "images.image2": 2}),
        ],
        [[1, 1, 0, 2, 0], [2, 1, 0, 2, 2]],
    )
    assert inputs_of(made, "2") == {"images.image0": ["1", 0], "images.image2": ["1", 0]}


def test_inputs_that_share_a_type_are_sockets() -> None:
    made = graph(
        [node(1, "Picture", links=[[1]]), node(2, "Switch", True, inputs={"yes": 1, "no": None})],
        [[1, 1, 0, 2, 0]],
    )
    assert inputs_of(made, "2") == {"on": True, "yes": ["1", 0]}
