"""Conditioning, latents and samplers: where a picture's seed and words meet."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from comfydesk.demo import painter
from comfydesk.demo.call import BlockedError, Call, OutOfMemoryError
from comfydesk.demo.values import Conditioning, Guider, Latent, Model, Scene, Sigmas

if TYPE_CHECKING:
    from PIL.Image import Image

LARGEST = 200_000_000  # pixels of one batch; the demo's stand-in for the memory of a graphics card
OOM_TEXT = "Allocation on device 0 would exceed allowed memory. (out of memory)"


def encode(call: Call, clip: Model, text: str) -> tuple[Conditioning]:
    return (Conditioning(text),)


def same_conditioning(call: Call, conditioning: Conditioning, **settings: Any) -> tuple[Conditioning]:
    return (conditioning,)


def zero_out(call: Call, conditioning: Conditioning) -> tuple[Conditioning]:
    return (Conditioning(""),)


def combine(call: Call, conditioning_1: Conditioning, conditioning_2: Conditioning) -> tuple[Conditioning]:
    return (Conditioning(f"{conditioning_1.text}, {conditioning_2.text}"),)


def control(
    call: Call, positive: Conditioning, negative: Conditioning, **settings: Any
) -> tuple[Conditioning, Conditioning]:
    return positive, negative


def empty_latent(call: Call, width: int, height: int, batch_size: int) -> tuple[Latent]:
    return (Latent(width // 8 * 8, height // 8 * 8, batch_size),)


def vae_encode(call: Call, pixels: tuple[Image, ...], vae: Model, **settings: Any) -> tuple[Latent]:
    width, height = pixels[0].size
    return (Latent(max(8, width // 8 * 8), max(8, height // 8 * 8), len(pixels), pictures=pixels),)


def vae_decode(call: Call, samples: Latent, vae: Model) -> tuple[tuple[Image, ...]]:
    call.checkpoint()
    if samples.painted and samples.painted[0].size == (samples.width, samples.height):
        return (samples.painted,)
    if samples.scenes:
        return (tuple(painter.paint(scene, samples.width, samples.height) for scene in samples.scenes),)
    if samples.pictures:
        return (tuple(p.resize((samples.width, samples.height)) for p in samples.pictures),)
    from PIL import Image

    # What a decoder makes of an empty latent: an even grey.
    return (tuple(Image.new("RGB", (samples.width, samples.height), (127, 121, 115)) for _ in range(samples.batch)),)


def latent_upscale(
    call: Call, samples: Latent, upscale_method: str, width: int, height: int, crop: str
) -> tuple[Latent]:
    wide = width or (samples.width * height // samples.height if height else samples.width)
    high = height or (samples.height * width // samples.width if width else samples.height)
    return (replace(samples, width=max(64, wide // 8 * 8), height=max(64, high // 8 * 8)),)


def latent_upscale_by(call: Call, samples: Latent, upscale_method: str, scale_by: float) -> tuple[Latent]:
    width, height = (max(8, round(side * scale_by / 8) * 8) for side in (samples.width, samples.height))
    return (replace(samples, width=width, height=height),)


def repeat_latent(call: Call, samples: Latent, amount: int) -> tuple[Latent]:
    return (
        replace(
            samples,
            batch=samples.batch * amount,
            scenes=samples.scenes * amount,
            pictures=samples.pictures * amount,
            painted=samples.painted * amount,
        ),
    )


def noise_mask(call: Call, samples: Latent, mask: Image) -> tuple[Latent]:
    return (samples,)


def ksampler(
    call: Call,
    model: Model,
    seed: int,
    steps: int,
    cfg: float,
    sampler_name: str,
    scheduler: str,
    positive: Conditioning,
    negative: Conditioning,
    latent_image: Latent,
    denoise: float = 1.0,
) -> tuple[Latent]:
    return (sample(call, model, seed, positive.text, cfg, steps, denoise, latent_image),)


def ksampler_advanced(
    call: Call,
    model: Model,
    add_noise: str,
    noise_seed: int,
    steps: int,
    cfg: float,
    sampler_name: str,
    scheduler: str,
    positive: Conditioning,
    negative: Conditioning,
    latent_image: Latent,
    start_at_step: int,
    end_at_step: int,
    return_with_leftover_noise: str,
) -> tuple[Latent]:
    walked = max(1, min(end_at_step, steps) - start_at_step)
    return (sample(call, model, noise_seed, positive.text, cfg, walked, walked / steps, latent_image),)


def random_noise(call: Call, noise_seed: int) -> tuple[int]:
    return (noise_seed,)


def basic_guider(call: Call, model: Model, conditioning: Conditioning) -> tuple[Guider]:
    return (Guider(model, conditioning.text),)


def cfg_guider(call: Call, model: Model, positive: Conditioning, negative: Conditioning, cfg: float) -> tuple[Guider]:
    return (Guider(model, positive.text, cfg),)


def sampler_select(call: Call, sampler_name: str) -> tuple[str]:
    return (sampler_name,)


def basic_scheduler(call: Call, model: Model, scheduler: str, steps: int, denoise: float) -> tuple[Sigmas]:
    return (Sigmas(steps, denoise),)


def sampler_custom(
    call: Call, noise: int, guider: Guider, sampler: str, sigmas: Sigmas, latent_image: Latent
) -> tuple[Latent, Latent]:
    done = sample(call, guider.model, noise, guider.text, guider.cfg, sigmas.steps, sigmas.denoise, latent_image)
    return done, done


def sample(
    call: Call, model: Model, seed: int, text: str, cfg: float, steps: int, denoise: float, latent: Latent
) -> Latent:
    """Walk the steps at the server's pace, telling of each; FAIL, OOM and BLOCKED in the prompt make it fail."""
    call.load(model.name)
    words = text.split()
    if "FAIL" in words:
        raise RuntimeError("asked to fail by the prompt")
    if "OOM" in words or latent.width * latent.height * latent.batch > LARGEST:
        raise OutOfMemoryError(OOM_TEXT)
    if "BLOCKED" in words:
        raise BlockedError("asked to block by the prompt")
    if "SAY" in words:
        call.say(f"the demo walks {steps} steps")
    name = "+".join((model.name, *model.patches))
    sources: tuple[Any, ...] = latent.pictures or (None,) * latent.batch
    scenes = tuple(
        Scene(seed + k, text, name, cfg, _source(latent, sources[k % len(sources)], k), denoise)
        for k in range(max(1, latent.batch))
    )
    small = painter.sketch(scenes[0], latent.width, latent.height) if call.previews else None
    due = time.monotonic()
    painted: tuple[Image, ...] = ()
    for step in range(1, steps + 1):
        due += call.step_seconds
        shown = painter.preview_jpeg(small, step / steps) if small is not None else None
        call.sleep_until(due)
        call.progress(step, steps, shown)
        if not painted:
            # In the time of the steps, as a real sampler works then; the decoder has nothing left to do.
            painted = tuple(painter.paint(scene, latent.width, latent.height) for scene in scenes)
    return replace(latent, scenes=scenes, pictures=(), painted=painted)


def _source(latent: Latent, picture: Image | None, k: int) -> Image | None:
    """What this pass starts from: an encoded picture, or what an earlier sampler left."""
    if picture is not None or not latent.scenes:
        return picture
    scene = latent.scenes[k % len(latent.scenes)]
    return painter.paint(scene, min(latent.width, 768), min(latent.height, 768), caption=False)
