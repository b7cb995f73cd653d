"""Small workflows in both formats."""

from __future__ import annotations

import json
from typing import Any


def prompt(text: str = "a fox", model: str = "tiny.safetensors") -> dict[str, Any]:
    """API format: a loader, a text, a saver."""
    return {
        "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": model}, "_meta": {"title": "Model"}},
        "2": {"class_type": "CLIPTextEncode", "inputs": {"text": text, "clip": ["1", 1]}, "_meta": {"title": "Prompt"}},
        "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "out"}},
    }


def gui(text: str = "a fox", model: str = "tiny.safetensors") -> dict[str, Any]:
    """The editor's format, with a subgraph and a note."""
    inner = {"id": 5, "type": "KSampler", "widgets_values": [7, "fixed"], "title": "Inner sampler"}
    return {
        "nodes": [
            {"id": 1, "type": "CheckpointLoaderSimple", "widgets_values": [model], "mode": 0},
            {
                "id": 2,
                "type": "CLIPTextEncode",
                "title": "Prompt",
                "inputs": [{"name": "clip", "link": 1}, {"name": "text", "link": None, "widget": {"name": "text"}}],
                "widgets_values": [text],
            },
            {"id": 3, "type": "8c3a5d6e", "properties": {"models": [{"name": "big.gguf", "url": "https://x"}]}},
            {"id": 4, "type": "Note", "widgets_values": ["say hello"]},
        ],
        "links": [[1, 1, 1, 2, 0, "CLIP"]],
        "definitions": {"subgraphs": [{"id": "8c3a5d6e", "name": "Upscaling", "nodes": [inner], "links": []}]},
    }


def data(graph: dict[str, Any]) -> bytes:
    return json.dumps(graph).encode()
