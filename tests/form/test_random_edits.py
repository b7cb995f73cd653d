"""Whatever a person types into the form of a starter, the demo server takes what the specs allow."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comfydesk.demo.nodes.catalog import NODES
from comfydesk.demo.validation import Validation
from comfydesk.form.build import build
from comfydesk.form.check import check_field
from comfydesk.form.fields import Field, Form, Kind
from comfydesk.form.values import freeze
from comfydesk.workflow.graph import Graph
from comfydesk.workflow.parse import from_prompt
from comfydesk.workflow.specs import Specs
from tests.form.graphs import sdxl

FILES = {
    "checkpoints": ["sd_xl_base_1.0.safetensors", "style/dreamshaperXL.safetensors"],
    "loras": ["fox.safetensors", "style/ink.safetensors", "style/oil.safetensors"],
    "input": ["example.png"],
}


def names_in(folder: str) -> list[str]:
    return FILES.get(folder, [f"{folder}.safetensors"])


SPECS = Specs.from_object_info({name: node.show(names_in, True) for name, node in NODES.items()})


def with_loras() -> Graph:
    """The SDXL starter with two LoRAs between the checkpoint and the rest."""
    prompt = sdxl().to_prompt()
    source = next(node_id for node_id, node in prompt.items() if node["class_type"] == "CheckpointLoaderSimple")
    for node in prompt.values():
        for name, value in node["inputs"].items():
            if value in ([source, 0], [source, 1]):
                node["inputs"][name] = ["21", value[1]]
    for node_id, before in (("20", source), ("21", "20")):
        inputs = {"model": [before, 0], "clip": [before, 1], "lora_name": "fox.safetensors"}
        prompt[node_id] = {
            "class_type": "LoraLoader",
            "inputs": {**inputs, "strength_model": 1.0, "strength_clip": 1.0},
        }
    return from_prompt(prompt)


GRAPH = with_loras()
FORM = build(GRAPH, SPECS)
NUMBERS = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | st.integers(0, 4096)
ANY = st.none() | st.booleans() | NUMBERS | st.text(max_size=20) | st.just([1]) | st.just({"a": 1})


def near(field: Field) -> st.SearchStrategy[Any]:
    """Values that somebody may well set there, and some that nobody should."""
    if field.kind is Kind.LORAS:
        entries = st.tuples(st.sampled_from(["20", "21", *field.choices[:3], "99"]), st.booleans()).map(list)
        return st.lists(entries, max_size=5) | ANY
    if field.choices:
        return st.sampled_from(field.choices) | ANY
    if field.kind in (Kind.INT, Kind.SEED, Kind.FLOAT):
        low, high = field.min or 0, field.max if field.max is not None else 2**32
        return st.sampled_from([low, high, (low + high) / 2, low - 1, str(high)]) | NUMBERS | ANY
    return st.text(max_size=40) | ANY


EDITS = st.fixed_dictionaries(
    {}, optional={field.key: near(field) for field in FORM.fields if field.kind is not Kind.LINK}
)


def edited(form: Form, edits: dict[str, Any]) -> dict[str, Any]:
    """What of the edits the specs allow: the form shows the others as something to mend."""
    return {
        key: value
        for key, value in edits.items()
        if (field := form.get(key)) is not None and check_field(field, value) is None
    }


def take(edits: dict[str, Any]) -> None:
    values = edited(FORM, edits)
    form = build(GRAPH, SPECS, values=values)
    prompt = json.loads(json.dumps(freeze(GRAPH, form, edited(form, {**values, **edits})), allow_nan=False))
    verdict = Validation(prompt, names_in, True, True, lambda name: True).verdict()
    assert verdict.error is None and not verdict.node_errors, verdict
    assert verdict.outputs


@settings(max_examples=100, deadline=None)
@given(EDITS)
def test_random_edits_are_taken(edits: dict[str, Any]) -> None:
    take(edits)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(EDITS)
def test_ten_thousand_random_edits_are_taken(edits: dict[str, Any]) -> None:
    take(edits)
