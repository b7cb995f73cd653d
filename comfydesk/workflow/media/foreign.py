"""What SwarmUI, InvokeAI, Fooocus and NovelAI write into pictures: JSON objects, brought to AUTOMATIC1111's names."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from comfydesk.base.errors import Problem
from comfydesk.workflow import json_text

MAX_SETTINGS = 200
_MAX_VALUE = 10_000  # letters
_PROMPTS = ("prompt", "positive_prompt", "Prompt")
_NEGATIVES = ("negativeprompt", "negative_prompt", "uc", "Negative Prompt")
_NAMES = {
    "steps": "Steps",
    "cfgscale": "CFG scale",
    "cfg_scale": "CFG scale",
    "guidance_scale": "CFG scale",
    "scale": "CFG scale",
    "fluxguidancescale": "Distilled CFG Scale",
    "sampler": "Sampler",
    "scheduler": "Schedule type",
    "noise_schedule": "Schedule type",
    "seed": "Seed",
    "model": "Model",
    "base_model": "Model",
    "vae": "VAE",
    "clip_skip": "Clip skip",
    "strength": "Denoising strength",
    "initimagecreativity": "Denoising strength",
}
_PAIR = re.compile(r"\D*(\d{1,5})\D+(\d{1,5})\D*")
# Texts of a picture that may hold such an object, and one that only NovelAI's prompt goes by.
_CARRIERS = ("parameters", "invokeai_metadata", "sui_image_params", "Comment", "comment", "description")
_DESCRIPTION = "Description"

Found = tuple[str, str, dict[str, str]]  # prompt, negative prompt, settings


def read(text: str) -> Found | None:
    """Prompt, negative and settings of one of those objects; None for any other text."""
    value = _object(text)
    return None if value is None else _found(value)


def pick(texts: dict[str, str]) -> str:
    """Take the text that tells what made a picture out of its texts: "parameters", or one of those objects."""
    for key in _CARRIERS:
        text = texts.get(key, "")
        if not text:
            continue
        if key == "parameters":
            return texts.pop(key)
        value = _object(text) if '"steps"' in text or '"seed"' in text or key == "sui_image_params" else None
        if value is None:
            continue
        if "uc" in value and "prompt" not in value and _DESCRIPTION in texts:
            value["prompt"] = texts[_DESCRIPTION]  # as NovelAI wrote it first
            text = json.dumps(value, ensure_ascii=False)
        if _found(value) is not None:
            del texts[key]
            return text
    return ""


def _object(text: str) -> dict[str, Any] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        value = json_text.value_of(text.encode("utf-8", "replace"), "")
    except Problem:
        return None
    return value if isinstance(value, dict) else None


def _found(value: dict[str, Any]) -> Found | None:
    inner = value.get("sui_image_params")
    if isinstance(inner, dict):
        value = inner
    prompt = _first(value, _PROMPTS)
    settings: dict[str, str] = {}
    has_sampler = isinstance(value.get("sampler"), str)
    for key, item in list(value.items())[:MAX_SETTINGS]:
        if key in _PROMPTS or key in _NEGATIVES or item is None:
            continue
        name = _NAMES.get(key.lower().replace(" ", "_"), key)
        if key == "scheduler" and not has_sampler:
            name = "Sampler"  # InvokeAI's word for it
        settings.setdefault(name[:80], _text(name, item))
    size = _size(value)
    if size:
        settings["Size"] = size
    if prompt is None or not any(name in settings for name in ("Steps", "Seed", "CFG scale")):
        return None
    return prompt, _first(value, _NEGATIVES) or "", settings


def _first(value: Mapping[str, Any], keys: tuple[str, ...]) -> str | None:
    return next((value[key] for key in keys if isinstance(value.get(key), str)), None)


def _text(name: str, item: Any) -> str:
    if name in ("Model", "VAE") and isinstance(item, dict):
        item = next((item[key] for key in ("model_name", "name") if isinstance(item.get(key), str)), item)
    text = item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)
    return text[:_MAX_VALUE]


def _size(value: Mapping[str, Any]) -> str:
    width, height = value.get("width"), value.get("height")
    if type(width) is int and type(height) is int:
        return f"{width}x{height}"
    match = _PAIR.fullmatch(str(value.get("resolution", ""))[:40])
    return f"{match[1]}x{match[2]}" if match else ""
