"""One press of Queue: seeds drawn once, frozen into each prompt, and a row that says what differs."""

from __future__ import annotations

import json
import random
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfydesk.form import seeds
from comfydesk.form.build import build
from comfydesk.form.differs import seed_text
from comfydesk.form.fields import Form, SeedMode
from comfydesk.form.runs import RunPlan, plan_runs
from comfydesk.workflow.graph import Graph
from comfydesk.workflow.parse import from_prompt
from comfydesk.workflow.specs import Specs
from tests.form.graphs import sdxl_form

RANDOM, FIXED, UP, DOWN = SeedMode.RANDOM, SeedMode.FIXED, SeedMode.INCREMENT, SeedMode.DECREMENT


class Dice:
    """Draws what it is told, and remembers from how many."""

    def __init__(self, *numbers: int) -> None:
        self.numbers = list(numbers)
        self.bounds: list[int] = []

    def randbelow(self, exclusive_upper_bound: int, /) -> int:
        self.bounds.append(exclusive_upper_bound)
        return self.numbers.pop(0)


def press(count: int, mode: SeedMode | None = None, dice: Dice | None = None, **values: Any) -> RunPlan:
    graph, form = sdxl_form()
    modes = {} if mode is None else {"3.seed": mode}
    by_key = {key.replace("__", "."): value for key, value in values.items()}
    return plan_runs(graph, form, {key[1:]: value for key, value in by_key.items()}, modes, count, rng=dice or Dice(7))


def test_random_draws_once_a_press_and_counts_on() -> None:
    dice = Dice(551)
    plan = press(4, RANDOM, dice)
    assert [run.seed for run in plan.runs] == [551, 552, 553, 554]
    assert dice.bounds == [2**50]
    assert plan.next_seeds == {"3.seed": 554}
    assert plan.reason == ""


def test_the_seed_is_in_the_frozen_prompt_and_nothing_else_differs() -> None:
    graph, _ = sdxl_form()
    for run in press(3, RANDOM).runs:
        wanted = graph.to_prompt()
        wanted["3"]["inputs"]["seed"] = run.seed
        assert run.prompt == wanted
        assert run.seeds == {"3.seed": run.seed}
        assert run.params["Seed"] == run.seed


def test_a_fixed_seed_runs_once_and_says_why() -> None:
    plan = press(8, FIXED, n3__seed=42)
    assert [run.seed for run in plan.runs] == [42]
    assert plan.reason == "the seed is fixed"
    assert press(1, FIXED).reason == ""


def test_without_a_seed_it_runs_once_and_says_why() -> None:
    graph = from_prompt({"1": {"class_type": "SaveImage", "inputs": {"filename_prefix": "x"}}})
    plan = plan_runs(graph, build(graph, None), {}, {}, 8)
    assert len(plan.runs) == 1
    assert plan.runs[0].seed is None
    assert plan.reason == "this workflow has no seed"


@pytest.mark.parametrize(
    ("mode", "start", "used", "after"),
    [
        (UP, 5, [5, 6, 7], 8),
        (DOWN, 5, [5, 4, 3], 2),
        (UP, 2**64 - 2, [2**64 - 2, 2**64 - 1, 0], 1),
        (DOWN, 1, [1, 0, 2**64 - 1], 2**64 - 2),
    ],
)
def test_counting_begins_with_the_shown_seed_and_wraps(mode: SeedMode, start: int, used: list[int], after: int) -> None:
    plan = press(3, mode, n3__seed=start)
    assert [run.seed for run in plan.runs] == used
    assert plan.next_seeds["3.seed"] == after


def two_seeds(second: int, spec_max: int | None = None) -> tuple[Graph, Form]:
    prompt = sdxl_form()[0].to_prompt()
    prompt["3"]["inputs"]["seed"] = 5
    prompt["20"] = {"class_type": "Service", "inputs": {"seed": second, "image": ["8", 0]}}
    graph = from_prompt(prompt)
    raw = {"Service": {"input": {"required": {"seed": ["INT", {"min": 1, "max": spec_max}]}}, "output_node": True}}
    return graph, build(graph, Specs.from_object_info(raw) if spec_max else None)


def test_linked_seeds_move_together() -> None:
    graph, form = two_seeds(5)
    plan = plan_runs(graph, form, {}, {}, 2, rng=Dice(100))
    assert [dict(run.seeds) for run in plan.runs] == [{"3.seed": 100, "20.seed": 100}, {"3.seed": 101, "20.seed": 101}]


def test_linked_seeds_part_when_one_is_set() -> None:
    graph, form = two_seeds(5)
    plan = plan_runs(graph, form, {"20.seed": 9}, {"3.seed": RANDOM, "20.seed": FIXED}, 1, rng=Dice(100))
    assert plan.runs[0].seeds == {"3.seed": 100, "20.seed": 9}


def test_other_seeds_draw_their_own_and_one_fixed_does_not_stop_the_other() -> None:
    graph, form = two_seeds(6)
    plan = plan_runs(graph, form, {}, {"3.seed": FIXED}, 2, rng=Dice(100))
    assert [dict(run.seeds) for run in plan.runs] == [{"3.seed": 5, "20.seed": 100}, {"3.seed": 5, "20.seed": 101}]
    assert plan.reason == ""


def test_a_draw_stays_in_the_nodes_range() -> None:
    graph, form = two_seeds(6, spec_max=70_000)
    dice = Dice(3, 69_999)
    plan = plan_runs(graph, form, {}, {}, 2, rng=dice)
    assert dice.bounds == [2**50, 70_000]
    assert [run.seeds["20.seed"] for run in plan.runs] == [70_000, 1]


def test_a_row_says_what_differs() -> None:
    graph, form = sdxl_form()
    first = plan_runs(graph, form, {"6.text": "a red fox in the snow"}, {}, 1, rng=Dice(14028771930552)).runs[0]
    assert first.differs == "seed …930 552"
    values = {"6.text": "a red wolf in the snow", "3.cfg": 5, "3.sampler_name": "heun"}
    runs = plan_runs(graph, form, values, {}, 2, rng=Dice(7), previous=first.prompt).runs
    assert runs[0].differs == "prompt: fox → wolf · CFG 5.0 · sampler heun"
    assert runs[1].differs == "seed 8"


@pytest.mark.parametrize(("seed", "text"), [(7, "seed 7"), (42_000, "seed 42 000"), (2**64 - 1, "seed …551 615")])
def test_a_seed_is_short_in_a_row(seed: int, text: str) -> None:
    assert seed_text(seed) == text


def test_params_are_what_a_person_would_ask_later() -> None:
    params = press(1, FIXED, n3__seed=42, n6__text="a wolf").runs[0].params
    assert params["Prompt"] == "a wolf"
    assert params["Checkpoint"] == "sd_xl_base_1.0.safetensors"
    assert (params["Seed"], params["Steps"], params["CFG"]) == (42, 20, 7.0)
    json.dumps(dict(params))


def test_the_primary_seed_is_the_first_with_its_links() -> None:
    assert seeds.primary(two_seeds(5)[1]) == ("3.seed", "20.seed")
    assert seeds.primary(two_seeds(6)[1]) == ("3.seed",)


def test_ten_thousand_runs_are_planned_at_once() -> None:
    graph, form = sdxl_form()
    start = time.process_time()
    plan = plan_runs(graph, form, {}, {}, 10_000)
    assert len({run.seed for run in plan.runs}) == 10_000
    assert time.process_time() - start < 2


@given(
    st.integers(0, 2**64 - 1),
    st.sampled_from(list(SeedMode)),
    st.integers(1, 40),
    st.integers(0, 2**40),
    st.integers(0, 2**64 - 1),
)
def test_seeds_stay_in_range_and_differ_by_one(start: int, mode: SeedMode, count: int, low: int, span: int) -> None:
    high = min(2**64 - 1, low + span)
    numbers = seeds.plan(start, mode, count, low=low, high=high)
    assert len(numbers) == count
    assert all(type(number) is int and 0 <= number < 2**64 for number in numbers)
    if low <= start <= high:
        assert all(low <= number <= high for number in numbers)
        assert numbers[0] == start
    drawn = seeds.draw(Dice(min(span, 2**50 - 1)), low=low, high=high)
    assert low <= drawn <= high


@given(
    st.integers(-3, 30),
    st.dictionaries(st.sampled_from(["3.seed", "20.seed"]), st.sampled_from(list(SeedMode))),
    st.booleans(),
)
def test_any_press_gives_runs_whose_seeds_are_in_their_prompts(
    count: int, modes: dict[str, SeedMode], linked: bool
) -> None:
    graph, form = two_seeds(5 if linked else 6)
    source = random.Random(1)

    class Rng:
        def randbelow(self, bound: int, /) -> int:
            return source.randrange(bound)

    plan = plan_runs(graph, form, {}, modes, count, rng=Rng())
    assert len(plan.runs) == (1 if plan.reason else max(1, count))
    for run in plan.runs:
        for key, seed in run.seeds.items():
            node, name = key.split(".")
            assert run.prompt[node]["inputs"][name] == seed
    if not plan.reason:
        assert len({tuple(run.seeds.values()) for run in plan.runs}) == len(plan.runs)


def test_a_command_may_draw_for_every_run() -> None:
    graph, form = sdxl_form()
    plan = plan_runs(graph, form, {}, {"3.seed": RANDOM}, 3, rng=Dice(5, 9, 2, 4), draw_each=True)
    assert [run.seed for run in plan.runs] == [5, 9, 2]
    assert plan.next_seeds == {"3.seed": 2}
