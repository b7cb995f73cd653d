"""The facts that a graph holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfydesk.gallery.graph_facts import GraphFacts, facts_of

SHARED = Path(__file__).resolve().parents[2].parent / "shared"

GRAPH: dict[str, Any] = {
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "seed": 551, "steps": 20, "cfg": 7.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0,
            "model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0],
        },
    },
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sd_xl_base_1.0.safetensors"}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 1024, "height": 768, "batch_size": 1}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry", "clip": ["4", 1]}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a red fox", "clip": ["4", 1]}},
}  # fmt: skip


def test_prompt_and_negative_are_found_by_their_links() -> None:
    found = facts_of(GRAPH)
    assert (found.prompt, found.negative, found.seed) == ("a red fox", "blurry", 551)
    assert found.params["Model"] == "sd_xl_base_1.0.safetensors"
    assert found.params["Width"] == 1024


def test_texts_and_seeds_wired_from_other_nodes_are_found() -> None:
    graph = dict(GRAPH)
    graph["6"] = {"class_type": "CLIPTextEncode", "inputs": {"text": ["8", 0], "clip": ["4", 1]}}
    graph["8"] = {"class_type": "PrimitiveString", "inputs": {"value": "a wolf"}}
    graph["3"] = {"class_type": "KSampler", "inputs": GRAPH["3"]["inputs"] | {"seed": ["9", 0]}}
    graph["9"] = {"class_type": "PrimitiveInt", "inputs": {"value": 2**64 - 1}}
    assert (facts_of(graph).prompt, facts_of(graph).seed) == ("a wolf", 2**64 - 1)


def test_a_graph_without_a_sampler_still_tells_its_text() -> None:
    assert facts_of({"1": {"class_type": "TextToVideoPrompt", "inputs": {"prompt": "waves"}}}).prompt == "waves"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["inputs", "class_type", "text", "seed", "positive", "1", "2"]), inner, max_size=4
        )
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from("123"), _JSON))
def test_any_graph_is_survived(graph: dict[str, Any]) -> None:
    found = facts_of(graph)
    assert found.seed is None or 0 <= found.seed < 2**64


def test_a_loop_ends() -> None:
    graph = {
        "1": {"class_type": "KSampler", "inputs": {"positive": ["2", 0]}},
        "2": {"class_type": "A", "inputs": {"x": ["3", 0], "y": ["2", 0]}},
        "3": {"class_type": "B", "inputs": {"x": ["2", 0]}},
    }
    assert facts_of(graph) == GraphFacts()


@pytest.mark.skipif(not SHARED.exists(), reason="the recorded media are not here")
def test_the_graph_of_a_real_server_tells_its_facts() -> None:
    graph = json.loads((SHARED / "comfyui" / "media" / "workflow_api.json").read_text())
    found = facts_of(graph)
    assert found.prompt
    assert found.seed is not None
