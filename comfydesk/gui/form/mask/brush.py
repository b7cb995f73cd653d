"""The brush: its shape, and where along a stroke it is set down. No Qt; pixels of the picture throughout."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

from PIL import Image, ImageDraw

Box = tuple[int, int, int, int]  # left, top, right, bottom; the last two are outside

SMALLEST, LARGEST = 1, 2000  # diameters
MAX_STAMPS = 2000  # of one move
_EDGE = 1.4  # pixels; what fades within less has a hard edge
_TO_SIDE = 180.3  # grey value of Pillow's gradient at the middle of a side; it is 255 in the corners
_SPACING = 0.12  # of the diameter: closer than an eye sees
_RIM = 3.0  # of a soft brush, which shows its stamps less


@dataclass(frozen=True, slots=True)
class Brush:
    """`size`: the diameter; `hardness` 0 (fades from the middle) to 1 (a sharp edge)."""

    size: int = 64
    hardness: float = 0.8

    def resized(self, steps: int) -> Brush:
        """Larger or smaller by a tenth a step, at least by one pixel."""
        size = self.size
        for _ in range(abs(steps)):
            change = max(1, round(size * 0.1))
            size += change if steps > 0 else -change
        return replace(self, size=min(max(size, SMALLEST), LARGEST))

    def hardened(self, change: float) -> Brush:
        return replace(self, hardness=min(max(round(self.hardness + change, 2), 0.0), 1.0))

    @property
    def spacing(self) -> float:
        return max(0.5, self.size * _SPACING * (1 + (_RIM - 1) * (1 - self.hardness) * 0.5))

    def box(self, x: float, y: float) -> Box:
        """What a stamp with its middle there covers."""
        side = stamp(self).width
        left, top = round(x - side / 2), round(y - side / 2)
        return left, top, left + side, top + side


@lru_cache(maxsize=4)
def stamp(brush: Brush) -> Image.Image:
    """What one touch leaves, as grey values in a square: 255 in the middle, 0 beyond the brush's rim."""
    radius, side = brush.size / 2, brush.size + 2
    fade = radius * (1 - brush.hardness)
    step = side / 2 / _TO_SIDE  # how far apart two grey values of the gradient lie
    if fade < max(_EDGE, 4 * step):
        return _disc(brush.size, side)
    distance = Image.radial_gradient("L").resize((side, side), Image.Resampling.BILINEAR)
    return distance.point([_inside((radius - value * step) / fade) for value in range(256)])


def _inside(part: float) -> int:
    """From nothing at the rim to all, with no corner in between."""
    part = min(max(part, 0.0), 1.0)
    return round(255 * part * part * (3 - 2 * part))


def _disc(size: int, side: int) -> Image.Image:
    """A disc with a smooth edge, drawn large and made small."""
    finer = 4 if size <= 600 else 2
    drawn = Image.new("L", (side * finer, side * finer), 0)
    if size == 1:  # a whole pixel, not what a disc covers of it
        drawn.paste(255, (finer, finer, 2 * finer, 2 * finer))
        return drawn.reduce(finer)
    rim = (side - size) * finer / 2
    ImageDraw.Draw(drawn).ellipse((rim, rim, side * finer - 1 - rim, side * finer - 1 - rim), fill=255)
    return drawn.reduce(finer)


def along(x0: float, y0: float, x1: float, y1: float, spacing: float) -> list[tuple[float, float]]:
    """Where the brush is set down on the way from one point to another; the first is not among them, the last is."""
    count = min(max(1, math.ceil(math.hypot(x1 - x0, y1 - y0) / spacing)), MAX_STAMPS)
    return [(x0 + (x1 - x0) * step / count, y0 + (y1 - y0) * step / count) for step in range(1, count + 1)]


def united(first: Box | None, second: Box | None) -> Box | None:
    """The smallest box around both."""
    if first is None or second is None:
        return first or second
    return min(first[0], second[0]), min(first[1], second[1]), max(first[2], second[2]), max(first[3], second[3])


def cut(box: Box, width: int, height: int) -> Box | None:
    """The part of a box that lies in the picture; None where there is none."""
    left, top, right, bottom = max(0, box[0]), max(0, box[1]), min(width, box[2]), min(height, box[3])
    return (left, top, right, bottom) if left < right and top < bottom else None
