"""Whatever a file holds, the answer is a conversion or a sentence."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comfydesk.base.errors import Problem
from comfydesk.workflow.conversion import classes_of, convert, is_gui, write_back
from tests.workflow.conversion import samples
from tests.workflow.conversion.graphs import OBJECT_INFO

ROUNDS = 1_000
JUNK: list[Any] = [
    *(None, True, 0, -1, 2, 10**30, 1e308, float("nan"), float("inf"), "", "x", "-10", "2:11", "\ud800", "a" * 3000),
    *([], {}, [[]], [None], {"name": 5}, {"length": 10**9}, [1, 2, 3, 4, 5, "X"], [["1", "x"]], -10, -20),
    {"id": 1, "origin_id": 1, "origin_slot": 0, "target_id": 2, "target_slot": 0},
]


def spots(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) of JSON."""
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from spots(value[key])


def mutate(made: Any, dice: random.Random) -> Any:
    for _ in range(dice.randint(1, 6)):
        places = list(spots(made))
        if not places:
            return made
        held, key = dice.choice(places)
        other, other_key = dice.choice(places)
        how = dice.random()
        if how < 0.2 and isinstance(held, dict):
            del held[key]
        elif how < 0.4:
            held[key] = copy.deepcopy(other[other_key])
        elif how < 0.5 and isinstance(held, list):
            held.insert(key, copy.deepcopy(held[key]))
        else:
            held[key] = copy.deepcopy(dice.choice(JUNK))
    return made


def check(made: Any, info: Any) -> None:
    """Everything that can be asked about a graph, with an edit."""
    try:
        classes_of(made)
        conversion = convert(made, info)
        json.dumps(conversion.prompt)
        assert all(str(note) for note in conversion.warnings)
        prompt = copy.deepcopy(conversion.prompt)
        for item in prompt.values():
            for name, value in item["inputs"].items():
                item["inputs"][name] = value if isinstance(value, list) else 5
        write_back(made, conversion.places, prompt)
    except Problem as problem:
        assert problem.code in ("workflow_not", "workflow_limits")
        assert problem.message
        assert problem.next_step


def test_a_thousand_mutated_graphs_end_with_a_result_or_a_sentence() -> None:
    dice = random.Random(7)
    for round_ in range(ROUNDS):
        check(mutate(dice.choice(samples.ALL)(), dice), OBJECT_INFO)
        if round_ % 5 == 0:
            check(dice.choice(samples.ALL)(), mutate(copy.deepcopy(OBJECT_INFO), dice))


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-30, 30), st.text("ab1:-.", max_size=3)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text("ab", max_size=2), inner, max_size=3)),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(nodes=JSON, links=JSON, definitions=JSON, extra=JSON, info=JSON)
def test_any_json_ends_with_a_result_or_a_sentence(
    nodes: Any, links: Any, definitions: Any, extra: Any, info: Any
) -> None:
    check({"nodes": nodes, "links": links, "definitions": definitions, "extra": extra}, info)
    check({"nodes": [{"type": "Picture", "inputs": nodes, "widgets_values": links, "properties": extra}]}, OBJECT_INFO)
    check({"nodes": [], "definitions": {"subgraphs": nodes}}, OBJECT_INFO)


@pytest.mark.parametrize("made", [None, 5, "text", [], {}, {"nodes": {}}, {"nodes": None}])
def test_what_is_no_graph_is_refused(made: Any) -> None:
    assert not is_gui(made)
    with pytest.raises(Problem, match="not a ComfyUI workflow"):
        convert(made, OBJECT_INFO)


def test_values_too_deep_inside_each_other_are_refused() -> None:
    value: Any = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(Problem, match="deep"):
        convert({"nodes": [{"id": 1, "type": "Colours", "widgets_values": [value]}]}, OBJECT_INFO)
    while value:  # let it go from the outside in
        value = value.pop()
