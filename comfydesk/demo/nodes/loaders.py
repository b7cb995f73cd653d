"""Nodes that load or patch models: nothing is read, only names travel on."""

from __future__ import annotations

from typing import Any

from comfydesk.demo.call import Call
from comfydesk.demo.values import Model


def checkpoint(call: Call, ckpt_name: str) -> tuple[Model, Model, Model]:
    call.load(ckpt_name)
    return Model("MODEL", ckpt_name), Model("CLIP", ckpt_name), Model("VAE", ckpt_name)


def unet(call: Call, unet_name: str, weight_dtype: str) -> tuple[Model]:
    call.load(unet_name)
    return (Model("MODEL", unet_name),)


def clip(call: Call, clip_name: str, type: str, device: str = "default") -> tuple[Model]:
    call.load(clip_name)
    return (Model("CLIP", clip_name),)


def dual_clip(call: Call, clip_name1: str, clip_name2: str, type: str, device: str = "default") -> tuple[Model]:
    call.load(clip_name1)
    return (Model("CLIP", f"{clip_name1}+{clip_name2}"),)


def vae(call: Call, vae_name: str) -> tuple[Model]:
    return (Model("VAE", vae_name),)


def lora(
    call: Call, model: Model, clip: Model, lora_name: str, strength_model: float, strength_clip: float
) -> tuple[Model, Model]:
    note = f"{lora_name}:{strength_model:g}"
    return model.patched(note), clip.patched(note)


def lora_model_only(call: Call, model: Model, lora_name: str, strength_model: float) -> tuple[Model]:
    return (model.patched(f"{lora_name}:{strength_model:g}"),)


def controlnet(call: Call, control_net_name: str) -> tuple[Model]:
    call.load(control_net_name)
    return (Model("CONTROL_NET", control_net_name),)


def upscale_model(call: Call, model_name: str) -> tuple[Model]:
    call.load(model_name)
    return (Model("UPSCALE_MODEL", model_name),)


def same_model(call: Call, model: Model, **settings: Any) -> tuple[Model]:
    """ModelSamplingFlux and its like: settings that leave no trace in the demo's pictures."""
    return (model,)


def same_clip(call: Call, clip: Model, **settings: Any) -> tuple[Model]:
    return (clip,)
