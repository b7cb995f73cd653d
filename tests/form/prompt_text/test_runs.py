"""Prompts in the runs of a press: drawn with each run's seed, frozen, and said in its row."""

from __future__ import annotations

from typing import Any

import pytest

from comfydesk.form.build import build
from comfydesk.form.fields import SeedMode
from comfydesk.form.prompt_text import expand
from comfydesk.form.runs import RunPlan, plan_runs
from comfydesk.workflow.parse import from_prompt
from comfydesk.workflow.specs import Specs
from tests.form.prompt_text.test_drawing import FILES, Folder


class Dice:
    def __init__(self, *numbers: int) -> None:
        self.numbers = list(numbers)

    def randbelow(self, exclusive_upper_bound: int, /) -> int:
        return self.numbers.pop(0)


def info(*, page: bool = True) -> dict[str, Any]:
    multiline = {"multiline": True, "dynamicPrompts": page}
    return {
        "CLIPTextEncode": {"input": {"required": {"text": ["STRING", multiline], "clip": ["CLIP", {}]}}},
        "KSampler": {
            "input": {
                "required": {
                    "seed": ["INT", {"min": 0, "max": 2**64 - 1, "control_after_generate": True}],
                    "positive": ["CONDITIONING"],
                    "negative": ["CONDITIONING"],
                }
            },
            "output": ["LATENT"],
        },
        "SaveImage": {"input": {"required": {"images": ["IMAGE"]}}, "output_node": True},
    }


def prompt(text: str) -> dict[str, Any]:
    return {
        "3": {"class_type": "KSampler", "inputs": {"seed": 7, "positive": ["6", 0], "negative": ["7", 0]}},
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": text, "clip": ["4", 1]}},
        "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry", "clip": ["4", 1]}},
        "9": {"class_type": "SaveImage", "inputs": {"images": ["3", 0]}},
    }


def press(
    text: str,
    count: int = 1,
    *,
    page: bool = True,
    specs: bool = True,
    files: Folder = FILES,
    previous: Any = None,
) -> RunPlan:
    graph = from_prompt(prompt(text), "x")
    form = build(graph, Specs.from_object_info(info(page=page)) if specs else None)
    modes = {"3.seed": SeedMode.RANDOM}
    return plan_runs(graph, form, {}, modes, count, rng=Dice(100), files=files, previous=previous)


def texts(plan: RunPlan) -> list[str]:
    return [run.prompt["6"]["inputs"]["text"] for run in plan.runs]


def test_every_run_draws_with_its_own_seed() -> None:
    text = "a {red|green|blue|white} __cats__ // note"
    plan = press(text, 6)
    assert texts(plan) == [expand(text, 100 + number, FILES) for number in range(6)]
    assert len(set(texts(plan))) > 1
    assert texts(press(text, 6)) == texts(plan)


def test_the_form_keeps_what_was_written_and_other_nodes_are_shared() -> None:
    plan = press("a {red|blue} fox", 2)
    assert plan.runs[0].prompt["7"] is plan.runs[1].prompt["7"]
    assert plan.runs[0].prompt["7"]["inputs"]["text"] == "blurry"


def test_a_row_and_the_remembered_values_say_what_was_drawn() -> None:
    before = press("a {red|green|blue|white} fox")
    plan = press("a {red|green|blue|white} fox", 8, previous=before.runs[0].prompt)
    drawn = texts(plan)
    assert [run.params["Prompt"] for run in plan.runs] == drawn
    for number in range(1, 8):
        words = drawn[number - 1].split()[1], drawn[number].split()[1]
        said = f"prompt: {words[0]} → {words[1]}" if words[0] != words[1] else f"seed {100 + number}"
        assert plan.runs[number].differs == said


@pytest.mark.parametrize(
    ("page", "specs", "sent"),
    [(True, True, "see http: and x"), (False, True, "see http://a.b and {x}"), (True, False, "see http: and x")],
)
def test_comments_are_dropped_where_the_page_drops_them(page: bool, specs: bool, sent: str) -> None:
    text = "see http://a.b and {x}" if not page else "see http:// a.b\n and {x}"
    assert texts(press(text, page=page, specs=specs))[0].replace("\n", "") == sent


def test_without_a_seed_the_press_draws() -> None:
    graph = from_prompt({"6": prompt("{a|b|c|d|e|f}")["6"]}, "x")
    form = build(graph, Specs.from_object_info(info()))
    drawn = [
        plan_runs(graph, form, {}, {}, 1, rng=Dice(number)).runs[0].prompt["6"]["inputs"]["text"] for number in range(9)
    ]
    assert drawn == [expand("{a|b|c|d|e|f}", number) for number in range(9)]
    plan = plan_runs(graph, form, {}, {}, 4, rng=Dice(20))
    assert [run.prompt["6"]["inputs"]["text"] for run in plan.runs] == [
        expand("{a|b|c|d|e|f}", number) for number in range(20, 24)
    ]
    assert plan.reason == ""


def test_without_a_seed_and_without_choices_one_run_is_all() -> None:
    graph = from_prompt({"6": prompt("a fox __gone__ {one}")["6"]}, "x")
    form = build(graph, Specs.from_object_info(info()))
    plan = plan_runs(graph, form, {}, {}, 4, rng=Dice(20), files=FILES)
    assert (len(plan.runs), plan.reason) == (1, "this workflow has no seed")
