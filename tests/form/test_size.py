"""No graph is too long and no name too odd for a form."""

from __future__ import annotations

import time
from typing import Any

import pytest

from comfydesk.form.build import build
from comfydesk.form.fields import Role
from comfydesk.workflow.parse import from_prompt

SAMPLER = {"seed": 5, "steps": 4, "cfg": 7.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0}


def chain(kind: str, inputs: dict[str, Any], name: str, length: int) -> dict[str, Any]:
    nodes = {str(n): {"class_type": kind, "inputs": {**inputs, name: [str(n + 1), 0]}} for n in range(1, length)}
    return {**nodes, str(length): {"class_type": "CLIPTextEncode", "inputs": {"text": "fox"}}}


@pytest.mark.parametrize(
    ("kind", "name", "start"),
    [
        ("Reroute", "conditioning", "positive"),
        ("Join", "string", "positive"),
        ("Pass", "value", "steps"),
        ("Pass", "model", "model"),
    ],
)
def test_very_long_chains_end(kind: str, name: str, start: str) -> None:
    prompt = chain(kind, {}, name, 5_000)
    prompt["0"] = {"class_type": "KSampler", "inputs": {**SAMPLER, start: ["1", 0], "latent_image": ["1", 0]}}
    form = build(from_prompt(prompt), None)
    assert form.by_key["0.seed"].role is Role.SEED


@pytest.mark.parametrize("part", ["_neg", "a_", ".text", "1", "any1", "x_strength.", "_seed"])
def test_names_of_a_thousand_letters_cost_nothing(part: str) -> None:
    name = (part * 1_000)[:999] + "!"
    inputs: dict[str, Any] = {f"{name[n:]}": "x" for n in range(100)} | {f"{n}{name[3:]}": 3 for n in range(100)}
    start = time.process_time()
    build(from_prompt({"1": {"class_type": name, "inputs": inputs}}), None)
    assert time.process_time() - start < 1
