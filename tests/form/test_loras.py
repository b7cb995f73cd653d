"""The loaders of a chain are one list: what runs has them in its order, on or off, and new ones between."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from comfydesk.form import loras
from comfydesk.form.build import build
from comfydesk.form.check import check
from comfydesk.form.fields import Kind
from comfydesk.form.values import freeze
from comfydesk.workflow.graph import Graph
from comfydesk.workflow.specs import Specs
from tests.form.graphs import INFO, graph_of

STRENGTH = ["FLOAT", {"default": 1.0, "min": -100.0, "max": 100.0}]
LOADER = {
    "input": {
        "required": {
            "model": ["MODEL", {}],
            "clip": ["CLIP", {}],
            "lora_name": [["fox.safetensors", "ink.safetensors"], {}],
            "strength_model": STRENGTH,
            "strength_clip": STRENGTH,
        }
    },
    "output": ["MODEL", "CLIP"],
}
SPECS = Specs.from_object_info({**INFO, "LoraLoader": LOADER})


def loader(source: str, name: str) -> tuple[str, dict[str, Any]]:
    clip_slot = 1
    inputs = {"model": [source, 0], "clip": [source, clip_slot], "lora_name": name}
    return "LoraLoader", {**inputs, "strength_model": 0.5, "strength_clip": 1.0}


def chained(**more: tuple[str, dict[str, Any]]) -> Graph:
    return graph_of(
        n4=("CheckpointLoaderSimple", {"ckpt_name": "sd_xl_base_1.0.safetensors"}),
        n10=loader("4", "fox.safetensors"),
        n11=loader("10", "ink.safetensors"),
        n6=("CLIPTextEncode", {"text": "a fox", "clip": ["11", 1]}),
        n3=("KSampler", {"model": ["11", 0], "positive": ["6", 0], "negative": ["6", 0], "seed": 1}),
        **more,
    )


def sent(value: Any, graph: Graph | None = None, **values: Any) -> dict[str, Any]:
    graph = graph or chained()
    given_ = {"10.loras": value, **{key.replace("_", ".", 1): each for key, each in values.items()}}
    return freeze(graph, build(graph, SPECS, values=given_), given_)


def way(prompt: dict[str, Any], slot: int = 0) -> list[str]:
    """The nodes from the sampler's model (or the text's clip) back to the checkpoint."""
    link = prompt["3"]["inputs"]["model"] if slot == 0 else prompt["6"]["inputs"]["clip"]
    found = []
    while True:
        found.append(link[0])
        assert link[1] == slot
        if link[0] == "4":
            return found
        link = prompt[link[0]]["inputs"]["clip" if slot else "model"]


def test_a_chain_is_a_list_with_the_fields_of_its_loaders() -> None:
    form = build(chained(), SPECS)
    field = form.by_key["10.loras"]
    assert field.kind is Kind.LORAS and field.value == [["10", True], ["11", True]] and field.label == "LoRAs"
    place = form.essentials.index("10.loras")
    assert form.essentials[place + 1 :][:2] == ("10.lora_name", "10.strength_model")
    assert form.graph is None
    assert {key: sent(field.value)[key] for key in ("10", "11")} == {
        key: chained().to_prompt()[key] for key in ("10", "11")
    }


def test_a_loader_that_is_off_is_passed_by() -> None:
    prompt = sent([["10", False], ["11", True]])
    assert way(prompt) == way(prompt, 1) == ["11", "4"]


def test_a_loader_that_is_taken_out_is_not_sent() -> None:
    prompt = sent([["11", True]])
    assert way(prompt) == ["11", "4"] and "10" not in prompt
    assert way(sent([])) == ["4"]


def test_the_order_of_the_list_is_the_order_of_the_chain() -> None:
    prompt = sent([["11", True], ["10", True]])
    assert way(prompt) == way(prompt, 1) == ["10", "11", "4"]


def test_a_new_loader_is_spliced_in_with_its_own_values() -> None:
    prompt = sent([["10", True], ["12", True], ["11", True]], **{"12_strength_model": 0.3})
    assert way(prompt) == way(prompt, 1) == ["11", "12", "10", "4"]
    assert prompt["12"]["class_type"] == "LoraLoader"
    assert prompt["12"]["inputs"]["lora_name"] == "fox.safetensors"
    assert prompt["12"]["inputs"]["strength_model"] == 0.3


def test_ids_of_nodes_that_are_there_are_never_taken() -> None:
    graph = chained(n12=("CLIPTextEncode", {"text": "x", "clip": ["4", 1]}))
    assert build(graph, SPECS).by_key["10.loras"].choices[0] == "13"
    assert sent([["10", True], ["12", True]], graph)["12"]["class_type"] == "CLIPTextEncode"


def test_a_loader_that_something_else_takes_from_ends_the_chain() -> None:
    graph = chained(n7=("CLIPTextEncode", {"text": "x", "clip": ["10", 1]}))
    assert [len(chain.nodes) for chain in loras.chains(graph, SPECS)] == [1, 1]


def test_a_missing_lora_that_is_off_is_nothing_to_mend() -> None:
    graph = chained(
        n9=("SaveImage", {"images": ["8", 0], "filename_prefix": "x"}), n8=("VAEDecode", {"samples": ["3", 0]})
    )
    values = {"10.lora_name": "gone.safetensors"}
    on = build(graph, SPECS)
    assert "10.lora_name" in {issue.key for issue in check(graph, on, values, SPECS)}
    values["10.loras"] = [["10", False], ["11", True]]
    off = build(graph, SPECS, values=values)
    assert "10.lora_name" not in {issue.key for issue in check(graph, off, values, SPECS)}


ENTRIES = st.lists(st.tuples(st.sampled_from(["10", "11", "12", "13", "3", "99"]), st.booleans()).map(list), max_size=6)


@given(ENTRIES | st.lists(st.text(max_size=2)) | st.none())
def test_any_list_leaves_a_chain_that_leads_to_the_checkpoint(value: Any) -> None:
    graph = chained()
    form = build(graph, SPECS, values={"10.loras": value})
    prompt = freeze(graph, form, {})
    assert len(set(way(prompt))) == len(way(prompt))
    assert set(way(prompt)) == set(way(prompt, 1)) <= {"4", "10", "11", "12", "13", "99"}
    for node in prompt.values():
        for each in node["inputs"].values():
            assert not isinstance(each, list) or each[0] in prompt or each[0] in ("5", "8")
