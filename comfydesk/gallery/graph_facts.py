"""What a prompt graph says about a picture: prompt, seed and the settings that people look for. Pure.

For files whose job is not known here (found on disk, made by another program). It follows links from the sampler and
never fails: an odd graph gives fewer facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_STEPS = 2_000  # nodes looked at
MAX_TEXT = 20_000  # characters of a prompt
_TEXTS = ("text", "prompt", "text_g", "clip_l", "t5xxl", "string", "value", "positive", "wildcard_text")
_SEEDS = ("seed", "noise_seed")
_LABELS = {
    "steps": "Steps",
    "cfg": "CFG",
    "guidance": "Guidance",
    "sampler_name": "Sampler",
    "scheduler": "Scheduler",
    "denoise": "Denoise",
    "ckpt_name": "Model",
    "unet_name": "Model",
    "lora_name": "LoRA",
    "vae_name": "VAE",
    "width": "Width",
    "height": "Height",
}


@dataclass(frozen=True, slots=True)
class GraphFacts:
    prompt: str = ""
    negative: str = ""
    seed: int | None = None
    params: Mapping[str, Any] = field(default_factory=dict)  # label → value


def facts_of(graph: Mapping[str, Any]) -> GraphFacts:
    """Read an API graph: {node id: {"class_type": …, "inputs": {…}}}."""
    prompt = negative = ""
    seed: int | None = None
    params: dict[str, Any] = {}
    nodes = list(_nodes(graph))
    for _, inputs in nodes:
        if not prompt and _is_link(inputs.get("positive")):
            prompt = _text_behind(graph, inputs["positive"])
            negative = _text_behind(graph, inputs.get("negative"))
        for name, value in inputs.items():
            if name in _SEEDS and seed is None:
                seed = _number(graph, value)
            elif name in _LABELS and isinstance(value, (str, int, float)) and not isinstance(value, bool):
                params.setdefault(_LABELS[name], value)
    if not prompt:
        prompt = next((text for class_type, inputs in nodes if (text := _text(class_type, inputs))), "")
    words = {"Prompt": prompt, "Negative prompt": negative, "Seed": seed}
    return GraphFacts(prompt, negative, seed, {k: v for k, v in words.items() if v not in ("", None)} | params)


def _nodes(graph: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for node in list(graph.values())[:MAX_STEPS]:
        if isinstance(node, dict) and isinstance(node.get("inputs"), dict):
            yield str(node.get("class_type", "")), node["inputs"]


def _is_link(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], int)


def _node(graph: Mapping[str, Any], link: Any) -> tuple[str, Mapping[str, Any]] | None:
    node = graph.get(link[0])
    if isinstance(node, dict) and isinstance(node.get("inputs"), dict):
        return str(node.get("class_type", "")), node["inputs"]
    return None


def _text(class_type: str, inputs: Mapping[str, Any]) -> str:
    if "text" not in class_type.lower() and "prompt" not in class_type.lower():
        return ""
    return next((inputs[name][:MAX_TEXT] for name in _TEXTS if isinstance(inputs.get(name), str) and inputs[name]), "")


def _text_behind(graph: Mapping[str, Any], link: Any) -> str:
    """The first text on the way up from a link, nearest nodes first."""
    waiting, seen = [link], set[str]()
    while waiting and len(seen) < MAX_STEPS:
        link = waiting.pop(0)
        if not _is_link(link) or link[0] in seen:
            continue
        seen.add(link[0])
        node = _node(graph, link)
        if node is None:
            continue
        text = next((node[1][name] for name in _TEXTS if isinstance(node[1].get(name), str) and node[1][name]), "")
        if text:
            return str(text)[:MAX_TEXT]
        waiting.extend(value for value in node[1].values() if _is_link(value))
    return ""


def _number(graph: Mapping[str, Any], value: Any) -> int | None:
    """A seed, also where it is wired from a node that only holds a number."""
    if _is_link(value) and (node := _node(graph, value)) is not None:
        value = next((node[1][name] for name in (*_SEEDS, "value") if name in node[1]), None)
    is_seed = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 64
    return value if is_seed else None
