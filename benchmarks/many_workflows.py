"""Thousands of different workflow files, in both formats, made from numbers: for measuring the library."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

_SUBJECTS = ["fox", "owl", "castle", "harbour", "portrait", "forest", "robot", "dragon", "street", "kitchen", "lamp"]
_STYLES = ["photo", "oil", "ink", "anime", "sketch", "film", "poster", "macro", "night", "aerial"]
_FAMILIES = ["SDXL", "Flux", "Wan", "Qwen", "LTX", "Hunyuan", "Chroma", "Pony"]
_CLASSES = [
    *("KSampler", "KSamplerAdvanced", "CLIPTextEncode", "VAEDecode", "VAEEncode", "CheckpointLoaderSimple"),
    *("LoraLoader", "SaveImage", "LoadImage", "ImageScale", "ControlNetApplyAdvanced", "ControlNetLoader"),
    *("UpscaleModelLoader", "ImageUpscaleWithModel", "EmptyLatentImage", "CLIPVisionEncode", "IPAdapterAdvanced"),
    *("FaceDetailer", "PreviewImage", "StringConcatenate", "SamplerCustomAdvanced", "BasicScheduler", "CFGGuider"),
    *("UNETLoader", "DualCLIPLoader", "VAELoader", "ModelSamplingFlux", "LatentUpscaleBy", "ImageCompositeMasked"),
]
_FOLDERS = ["", "portraits", "portraits/studio", "video", "video/loops", "clients/acme", "clients/blue", "tests"]


def write(folder: Path, count: int, seed: int = 1) -> None:
    """`count` files of 20 to 100 KB below `folder`, every second one in the editor's format, some with sidecars."""
    draw = random.Random(seed)
    for number in range(count):
        where = folder / draw.choice(_FOLDERS)
        where.mkdir(parents=True, exist_ok=True)
        title = f"{draw.choice(_FAMILIES)} {draw.choice(_SUBJECTS)} {draw.choice(_STYLES)} {number:04}"
        nodes = draw.randrange(40, 180)
        made = gui(draw, nodes) if number % 2 else api(draw, nodes)
        (where / f"{title}.json").write_text(json.dumps(made), encoding="utf-8")
        if number % 5 == 0:
            side = {"version": 1, "tags": draw.sample(_STYLES, 2), "favourite": number % 25 == 0}
            (where / f"{title}.desk.json").write_text(json.dumps(side), encoding="utf-8")


def api(draw: random.Random, nodes: int) -> dict[str, Any]:
    """A prompt in API format."""
    made: dict[str, Any] = {}
    models = _models(draw)
    for number in range(1, nodes + 1):
        kind = draw.choice(_CLASSES)
        inputs = {"model": [str(max(1, number - 1)), 0], "text": _text(draw, 40), "seed": draw.randrange(2**63)}
        inputs["ckpt_name"] = draw.choice(models)
        made[str(number)] = {"class_type": kind, "inputs": inputs, "_meta": {"title": _title(draw, kind)}}
    return made


def gui(draw: random.Random, nodes: int) -> dict[str, Any]:
    """A graph as the editor saves it."""
    made = []
    models = _models(draw)
    for number in range(1, nodes + 1):
        kind = draw.choice(_CLASSES)
        node = {
            "id": number,
            "type": kind,
            "pos": [draw.randrange(4000), draw.randrange(4000)],
            "size": [315, 262],
            "flags": {},
            "order": number,
            "mode": 0,
            "inputs": [{"name": "model", "type": "MODEL", "link": number - 1 if number > 1 else None}],
            "outputs": [{"name": "MODEL", "type": "MODEL", "links": [number], "slot_index": 0}],
            "title": _title(draw, kind),
            "properties": {"cnr_id": "comfy-core", "ver": "0.3.64", "Node name for S&R": kind},
            "widgets_values": [draw.randrange(2**63), "randomize", 20, 7.5, _text(draw, 20), draw.choice(models)],
        }
        made.append(node)
    links = [[number, number, 0, number + 1, 0, "MODEL"] for number in range(1, nodes)]
    return {"last_node_id": nodes, "last_link_id": nodes, "nodes": made, "links": links, "groups": [], "version": 0.4}


def _title(draw: random.Random, kind: str) -> str:
    """Few nodes are named by a person; the others are called what their class is called."""
    return f"{kind} node" if draw.random() < 0.9 else f"{draw.choice(_SUBJECTS)} {draw.choice(_STYLES)} {kind}"


def _models(draw: random.Random) -> list[str]:
    return [f"{draw.choice(_FAMILIES).lower()}_{draw.randrange(200)}.safetensors" for _ in range(6)]


def _text(draw: random.Random, words: int) -> str:
    return " ".join(draw.choices(_SUBJECTS, k=words))
