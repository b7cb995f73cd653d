"""Paints the demo's pictures: calm landscapes, from the seed and the words of the prompt alone.

Equal scenes give equal bytes. No NumPy: the demo server has to start fast and install small.
"""

from __future__ import annotations

import hashlib
import itertools
import math
import random
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from comfydesk.demo.palette import Palette, palette_for
from comfydesk.demo.values import Scene

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont
    from PIL.ImageFont import ImageFont as BitmapFont

CAPTION = "ComfyDesk demo · no model ran"
_LONGEST_DRAWN = 1280  # larger pictures are painted at this size and scaled: the shapes are soft, nothing is lost
_SUPERSAMPLE_BELOW = 1_300_000  # pixels; edges are smoothed by painting at twice the size


def paint(scene: Scene, width: int, height: int, *, caption: bool = True) -> Image:
    """The picture of `scene`, `width` × `height` RGB."""
    from PIL import Image

    shrink = min(1.0, _LONGEST_DRAWN / max(width, height))
    size = (max(8, round(width * shrink)), max(8, round(height * shrink)))
    picture = _landscape(scene, *size)
    if scene.source is not None and scene.strength < 1:
        below = _filled(scene.source, size)
        picture = Image.blend(below, picture, max(0.0, min(1.0, scene.strength)) * 0.7)
    if picture.size != (width, height):
        picture = picture.resize((width, height), Image.Resampling.BICUBIC)
    if caption and min(width, height) >= 160:
        _sign(picture)
    return picture


def words_of(text: str) -> list[str]:
    return re.findall(r"[a-z]{3,}", text.lower())


def _rng(*parts: object) -> random.Random:
    digest = hashlib.sha256("|".join(map(str, parts)).encode("utf-8", "replace")).digest()
    return random.Random(int.from_bytes(digest[:8], "big"))


def _landscape(scene: Scene, width: int, height: int) -> Image:
    from PIL import Image, ImageDraw

    rng = _rng(scene.seed, scene.text, scene.model)
    palette = palette_for(rng, words_of(scene.text), scene.cfg)
    scale = 2 if width * height <= _SUPERSAMPLE_BELOW else 1
    w, h = width * scale, height * scale
    picture = _sky(palette, w, h)
    draw = ImageDraw.Draw(picture)
    if palette.night:
        _stars(draw, rng, w, h)
    _sun(picture, palette, rng, w, h)
    _hills(picture, palette, rng, w, h)
    if scale > 1:
        return picture.resize((width, height), Image.Resampling.BOX)
    return picture


def _sky(palette: Palette, w: int, h: int) -> Image:
    from PIL import Image

    column = Image.new("RGB", (1, 3))
    for y, colour in enumerate((palette.top, palette.middle, palette.horizon)):
        column.putpixel((0, y), colour)
    smooth = column.resize((1, max(2, h)), Image.Resampling.BICUBIC)
    return smooth.resize((w, h), Image.Resampling.NEAREST)


def _stars(draw: object, rng: random.Random, w: int, h: int) -> None:
    for _ in range(90):
        x, y, r = rng.uniform(0, w), rng.uniform(0, h * 0.55), rng.uniform(0.4, 1.5) * w / 900
        shade = rng.randint(150, 245)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=(shade, shade, min(255, shade + 10)))  # type: ignore[attr-defined]


@lru_cache(maxsize=4)
def _halo(size: int) -> Image:
    """A soft round light, `size` pixels across, as an L mask."""
    from PIL import Image, ImageChops

    small = Image.radial_gradient("L").resize((size, size), Image.Resampling.BICUBIC)
    return ImageChops.invert(small).point(lambda v: int(max(0, v - 74) ** 2 / 181**2 * 150))


def _sun(picture: Image, palette: Palette, rng: random.Random, w: int, h: int) -> None:
    from PIL import Image, ImageDraw

    side = min(w, h)
    radius = side * rng.uniform(0.06, 0.14)
    x, y = w * rng.uniform(0.2, 0.8), h * rng.uniform(0.16, 0.44)
    glow = int(radius * 5.2)
    halo = _halo(256).resize((glow, glow), Image.Resampling.BILINEAR)
    picture.paste(palette.sun, (int(x - glow / 2), int(y - glow / 2)), halo)
    across = int(radius * 2)
    disc = Image.new("L", (across * 3, across * 3), 0)
    ImageDraw.Draw(disc).ellipse((0, 0, across * 3 - 1, across * 3 - 1), fill=255)
    disc = disc.resize((across, across), Image.Resampling.BOX)
    picture.paste(palette.sun, (int(x - radius), int(y - radius)), disc)


def _hills(picture: Image, palette: Palette, rng: random.Random, w: int, h: int) -> None:
    from PIL import ImageDraw

    draw = ImageDraw.Draw(picture)
    layers = palette.hills
    peaks = rng.random() < 0.45
    base = rng.uniform(0.46, 0.56)
    step = max(2, w // 320)
    for number, colour in enumerate(layers):
        near = number / max(1, len(layers) - 1)
        level = base + (0.93 - base) * near**0.9
        line = _ridge(rng, w, h, level, near, step) if number or not peaks else _peaks(rng, w, h, level)
        draw.polygon([(0, h), *line, (w, h)], fill=colour)
        if number == len(layers) - 1 and palette.trees:
            _trees(draw, rng, line, colour, w, h)


def _ridge(rng: random.Random, w: int, h: int, level: float, near: float, step: int) -> list[tuple[float, float]]:
    waves = [
        (rng.uniform(0.5, 1.4) * (1 + near), rng.uniform(0, math.tau), rng.uniform(0.035, 0.10) * (1.1 - 0.5 * near)),
        (rng.uniform(1.8, 3.4), rng.uniform(0, math.tau), rng.uniform(0.012, 0.045)),
        (rng.uniform(5, 9), rng.uniform(0, math.tau), rng.uniform(0.002, 0.008)),
    ]
    stretch = max(0.6, w / h)
    return [
        (x, h * (level + sum(a * math.sin(math.tau * f * stretch * x / w + p) for f, p, a in waves)))
        for x in range(0, w + step, step)
    ]


def _peaks(rng: random.Random, w: int, h: int, level: float) -> list[tuple[float, float]]:
    """A mountain range: a ragged line halved again and again, rougher at first."""
    points = [rng.uniform(-0.06, 0.06) for _ in range(4)]
    rough = 0.16
    for _ in range(5):
        halved: list[float] = []
        for a, b in itertools.pairwise(points):
            halved += [a, (a + b) / 2 + rng.uniform(-rough, rough)]
        points = [*halved, points[-1]]
        rough *= 0.5
    gap = w / (len(points) - 1)
    return [(i * gap, h * (level - 0.05 + p)) for i, p in enumerate(points)]


def _trees(
    draw: object, rng: random.Random, line: list[tuple[float, float]], colour: tuple[int, int, int], w: int, h: int
) -> None:
    tall = min(w, h) * 0.075
    for x, y in line[:: max(1, len(line) // 46)]:
        if rng.random() < 0.45:
            continue
        size = tall * rng.uniform(0.5, 1.15)
        for floor in range(3):
            top, wide = y - size * (1 - floor * 0.22), size * (0.13 + 0.075 * floor)
            draw.polygon(  # type: ignore[attr-defined]
                [(x, top), (x - wide, top + size * 0.46), (x + wide, top + size * 0.46)], fill=colour
            )
        draw.rectangle((x - size * 0.03, y - size * 0.2, x + size * 0.03, y + size * 0.2), fill=colour)  # type: ignore[attr-defined]


@lru_cache(maxsize=8)
def _font(size: int) -> FreeTypeFont | BitmapFont:
    from PIL import ImageFont

    return ImageFont.load_default(size)


def _sign(picture: Image) -> None:
    """Say plainly in the picture that it is the demo."""
    from PIL import ImageDraw

    size = max(10, min(picture.size) // 52)
    draw = ImageDraw.Draw(picture, "RGBA")
    at = (size, picture.height - size * 2.1)
    draw.text((at[0] + 1, at[1] + 1), CAPTION, font=_font(size), fill=(0, 0, 0, 110))
    draw.text(at, CAPTION, font=_font(size), fill=(255, 255, 255, 215))


def _filled(source: Image, size: tuple[int, int]) -> Image:
    from PIL import ImageOps

    return ImageOps.fit(source.convert("RGB"), size)


def sketch(scene: Scene, width: int, height: int) -> Image:
    """A small version for previews, at most 192 pixels on its longer side."""
    shrink = 192 / max(width, height)
    return paint(scene, max(8, round(width * shrink)), max(8, round(height * shrink)), caption=False)


def preview_jpeg(small: Image, done: float, longest: int = 512) -> bytes:
    """The sketch as it comes out of the noise; `done` from 0 to 1. JPEG, `longest` pixels on its longer side."""
    import io

    from PIL import Image, ImageFilter

    blurred = small.filter(ImageFilter.BoxBlur((1 - done) * 9)) if done < 1 else small
    noise = _noise(small.size)
    mixed = Image.blend(blurred, noise, 0.62 * (1 - min(1.0, done)) ** 1.4)
    scale = longest / max(small.size)
    shown = mixed.resize((round(small.width * scale), round(small.height * scale)), Image.Resampling.BILINEAR)
    out = io.BytesIO()
    shown.save(out, "JPEG", quality=82)
    return out.getvalue()


@lru_cache(maxsize=8)
def _noise(size: tuple[int, int]) -> Image:
    from PIL import Image

    coarse = (max(1, size[0] // 3), max(1, size[1] // 3))
    grain = bytes(48 + value // 2 for value in random.Random(7).randbytes(coarse[0] * coarse[1] * 3))
    return Image.frombytes("RGB", coarse, grain).resize(size, Image.Resampling.BILINEAR)
