"""What is different between a form and a result."""

from __future__ import annotations

import copy
from typing import Any

from comfydesk.form import compare
from comfydesk.form.build import build
from comfydesk.form.values import freeze
from comfydesk.workflow.parse import from_prompt
from tests.form.graphs import sdxl_form, small_specs


def changed(prompt: dict[str, Any], **inputs: Any) -> dict[str, Any]:
    made = copy.deepcopy(prompt)
    for place, value in inputs.items():
        node, name = place[1:].split("_", 1)
        made[node]["inputs"][name] = value
    return made


def test_a_result_of_the_same_workflow_differs_by_field() -> None:
    graph, form = sdxl_form()
    prompt = changed(freeze(graph, form, {}), n3_steps=31, n6_text="a wolf")
    found = compare.differences(form, {}, compare.of_prompt(graph, form, prompt))
    assert [(each.key, each.other) for each in found] == [("6.text", "a wolf"), ("3.steps", 31)]
    assert [each.label for each in found] == ["Prompt", "Steps"] and found[0].place == ""


def test_nodes_of_another_class_and_links_say_nothing() -> None:
    graph, form = sdxl_form()
    prompt = changed(freeze(graph, form, {}), n3_steps=["6", 0], n6_text="a wolf", n3_cfg={"odd": 1})
    prompt["6"]["class_type"] = "Other"
    assert compare.differences(form, {}, compare.of_prompt(graph, form, prompt)) == []


def test_any_prompt_from_a_stranger_is_compared_without_failing() -> None:
    graph, form = sdxl_form()
    for odd in ({}, {"3": 7}, {"3": {"class_type": "KSampler", "inputs": [1]}}, {"3": {"inputs": {"steps": 1}}}):
        assert compare.of_prompt(graph, form, odd) == {}
        assert not compare.is_of(graph, odd)


def test_a_result_of_another_workflow_is_compared_by_role() -> None:
    graph, form = sdxl_form()
    prompt = changed(freeze(graph, form, {}), n3_steps=31, n6_text="a wolf", n4_ckpt_name="elsewhere.safetensors")
    other = {f"1{node_id}": _moved(node) for node_id, node in prompt.items()}
    assert compare.is_of(graph, prompt) and not compare.is_of(graph, other)
    values = compare.by_role(form, build(from_prompt(other), small_specs()))
    found = compare.differences(form, {}, values)
    assert {each.key: each.other for each in found} == {"6.text": "a wolf", "3.steps": 31}


def test_the_file_is_compared_too() -> None:
    _, form = sdxl_form()
    found = compare.differences(form, {"3.steps": 5}, compare.defaults(form))
    assert [(each.key, each.now, each.other) for each in found] == [("3.steps", 5, form.by_key["3.steps"].value)]


def _moved(node: dict[str, Any]) -> dict[str, Any]:
    """The node with its links leading to the new ids."""
    inputs = {
        name: [f"1{value[0]}", value[1]] if isinstance(value, list) else value for name, value in node["inputs"].items()
    }
    return {**node, "inputs": inputs}
