"""The node PrimitiveNode writes its value into what it is linked to."""

from __future__ import annotations

from typing import Any

import pytest

from comfydesk.workflow.conversion import convert
from tests.workflow.conversion.graphs import OBJECT_INFO, graph, inputs_of, node, widget_input


def fed(kind: str, name: str, *values: Any, count: int = 1, **more: Any) -> dict[str, Any]:
    """A primitive 1 with these values, linked to that widget of nodes 2, 3, …"""
    ids = list(range(1, count + 1))
    targets = [{**node(1 + i, kind), "inputs": [widget_input(name, i)]} for i in ids]
    return graph([node(1, "PrimitiveNode", *values, links=[ids], **more), *targets], [[i, 1, 0, 1 + i, 0] for i in ids])


def test_its_value_is_written_into_every_target() -> None:
    made = fed("Picture", "height", 700, "fixed", count=2)
    assert inputs_of(made, "2")["height"] == inputs_of(made, "3")["height"] == 700
    assert "1" not in inputs_of(made, "2").values()


@pytest.mark.parametrize(("given", "sent"), [(5000, 4096), (3, 16), (77, 80), ("64", 64)])
def test_numbers_are_brought_into_the_range_of_the_target(given: Any, sent: int) -> None:
    assert inputs_of(fed("Picture", "width", given, "fixed"), "2")["width"] == sent


def test_a_fraction_is_rounded_as_the_target_rounds() -> None:
    assert inputs_of(fed("Scale", "factor", 0.26, "fixed"), "2")["factor"] == 0.3


def test_a_choice_is_not_checked() -> None:
    assert inputs_of(fed("Scale", "method", "none", "fixed", ""), "2")["method"] == "none"


def test_without_a_value_the_target_keeps_its_own() -> None:
    assert inputs_of(fed("Picture", "height"), "2")["height"] == 512


def test_a_muted_one_still_writes() -> None:
    assert inputs_of(fed("Picture", "height", 9, "fixed", mode=2), "2")["height"] == 9


def test_it_fills_in_names_only_when_asked_to() -> None:
    made = fed("SaveImage", "filename_prefix", "a%Nothing.here%b", properties={"Run widget replace on values": True})
    assert inputs_of(made, "2")["filename_prefix"] == "a%Nothing.here%b"


def test_its_step_is_that_of_the_seed_that_it_feeds() -> None:
    made = fed("Sample", "seed", 5, "randomize")
    made["nodes"][1]["widgets_values"] = [7, "fixed", 20]
    conversion = convert(made, OBJECT_INFO)
    assert conversion.prompt["2"]["inputs"]["seed"] == 5
    assert conversion.seed_modes["2.seed"] == "randomize"
