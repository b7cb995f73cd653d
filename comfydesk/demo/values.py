"""What flows along the links between nodes: small stand-ins for tensors and models."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True)
class Model:
    """A MODEL, CLIP, VAE, ControlNet or upscale model: only its name and what was laid over it matter."""

    kind: str
    name: str
    patches: tuple[str, ...] = ()

    def patched(self, note: str) -> Model:
        return replace(self, patches=(*self.patches, note))


@dataclass(frozen=True, slots=True)
class Conditioning:
    text: str


@dataclass(frozen=True, slots=True)
class Scene:
    """All that a picture is painted from; equal scenes give equal pixels."""

    seed: int
    text: str
    model: str = ""
    cfg: float = 7.0
    source: Image | None = None  # image to image: what shines through ...
    strength: float = 1.0  # ... where this (the denoise) is below 1


@dataclass(frozen=True, slots=True)
class Latent:
    """`width`, `height` in pixels. Empty until a sampler puts scenes, or an encoder pictures, into it."""

    width: int
    height: int
    batch: int = 1
    scenes: tuple[Scene, ...] = ()
    pictures: tuple[Image, ...] = ()
    painted: tuple[Image, ...] = ()  # the scenes, painted while the steps were walked


@dataclass(frozen=True, slots=True)
class Guider:
    model: Model
    text: str
    cfg: float = 1.0


@dataclass(frozen=True, slots=True)
class Sigmas:
    steps: int
    denoise: float = 1.0


@dataclass(frozen=True, slots=True)
class Audio:
    seconds: float
    sample_rate: int
    channels: int

    def __str__(self) -> str:
        return f"{{'waveform': {self.channels} channels, {self.seconds:g} s, 'sample_rate': {self.sample_rate}}}"


@dataclass(frozen=True, slots=True)
class Video:
    frames: tuple[Image, ...]
    fps: float
