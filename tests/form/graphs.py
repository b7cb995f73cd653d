"""Graphs and specs that the tests of the form share."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from comfydesk.base import resources
from comfydesk.form.build import build
from comfydesk.form.fields import Form
from comfydesk.workflow.graph import Graph
from comfydesk.workflow.parse import from_prompt, parse
from comfydesk.workflow.specs import Specs

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
VERSIONS = ("0.33.0", "0.3.64")

COMBO = ["euler", "heun", "dpmpp_2m"]
INFO: dict[str, Any] = {
    "CheckpointLoaderSimple": {
        "input": {"required": {"ckpt_name": [["sd_xl_base_1.0.safetensors", "dreamshaperXL.safetensors"], {}]}},
        "output": ["MODEL", "CLIP", "VAE"],
        "output_name": ["MODEL", "CLIP", "VAE"],
        "display_name": "Load Checkpoint",
    },
    "LoraLoaderModelOnly": {
        "input": {
            "required": {
                "model": ["MODEL", {}],
                "lora_name": [["fox.safetensors", "style\\ink.safetensors"], {}],
                "strength_model": ["FLOAT", {"default": 1.0, "min": -100.0, "max": 100.0, "step": 0.01}],
            }
        }
    },
    "CLIPTextEncode": {
        "input": {"required": {"text": ["STRING", {"multiline": True}], "clip": ["CLIP", {}]}},
        "display_name": "CLIP Text Encode (Prompt)",
    },
    "ConditioningZeroOut": {"input": {"required": {"conditioning": ["CONDITIONING"]}}},
    "EmptyLatentImage": {
        "input": {
            "required": {
                "width": ["INT", {"default": 512, "min": 16, "max": 16384, "step": 8}],
                "height": ["INT", {"default": 512, "min": 16, "max": 16384, "step": 8}],
                "batch_size": ["INT", {"default": 1, "min": 1, "max": 4096}],
            }
        }
    },
    "KSampler": {
        "input": {
            "required": {
                "model": ["MODEL", {}],
                "seed": ["INT", {"default": 0, "min": 0, "max": 2**64 - 1, "control_after_generate": True}],
                "steps": ["INT", {"default": 20, "min": 1, "max": 10000}],
                "cfg": ["FLOAT", {"default": 8.0, "min": 0.0, "max": 100.0, "step": 0.1, "round": 0.01}],
                "sampler_name": [COMBO, {}],
                "scheduler": [["normal", "karras", "simple"], {}],
                "positive": ["CONDITIONING", {}],
                "negative": ["CONDITIONING", {}],
                "latent_image": ["LATENT", {}],
                "denoise": ["FLOAT", {"default": 1.0, "min": 0.0, "max": 1.0, "step": 0.01, "advanced": True}],
            }
        }
    },
    "VAEDecode": {"input": {"required": {"samples": ["LATENT", {}], "vae": ["VAE", {}]}}},
    "SaveImage": {
        "input": {"required": {"images": ["IMAGE", {}], "filename_prefix": ["STRING", {"default": "ComfyUI"}]}},
        "output_node": True,
        "display_name": "Save Image",
    },
    "LoadImage": {
        "input": {"required": {"image": [["example.png", "fox.png"], {"image_upload": True}]}},
        "output": ["IMAGE", "MASK"],
        "output_name": ["IMAGE", "MASK"],
        "display_name": "Load Image",
    },
}


def small_specs() -> Specs:
    """Specs of the classes above, enough for the SDXL starter."""
    return Specs.from_object_info(INFO)


def sdxl() -> Graph:
    return parse(resources.path("workflows/sdxl.json").read_bytes(), "sdxl.json")


def sdxl_form(specs: bool = True) -> tuple[Graph, Form]:
    graph = sdxl()
    return graph, build(graph, small_specs() if specs else None)


def graph_of(**nodes: tuple[str, dict[str, Any]]) -> Graph:
    """Nodes by id: `n3=("KSampler", {"seed": 1})`; the "n" is taken off."""
    return from_prompt({key[1:]: {"class_type": kind, "inputs": inputs} for key, (kind, inputs) in nodes.items()})


@cache
def recorded(version: str) -> dict[str, Any]:
    """What a real server answered to /object_info; skips the test where it is not here."""
    file = SHARED / "comfyui" / version / "object_info.json"
    if not file.is_file():
        pytest.skip("the recordings of real servers are not here")
    return json.loads(file.read_bytes())


def roles_of(form: Form) -> dict[str, str]:
    """Essential key → role or input name."""
    return {key: form.by_key[key].role.value or form.by_key[key].input_name for key in form.essentials}
