"""Sizes of pictures: the usual shapes in the sizes that a family of models was trained on."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from comfydesk.form.fields import Form, Kind, Role

Size = tuple[int, int]  # width, height
SHAPES: tuple[Size, ...] = (
    (1, 1),
    (5, 4),
    (4, 3),
    (3, 2),
    (16, 9),
    (21, 9),
    (4, 5),
    (3, 4),
    (2, 3),
    (9, 16),
    (9, 21),
)
NEAR = 0.04  # of a shape's ratio: still that shape
MOST_FAVOURITES = 12
LARGEST = 32_768  # pixels of a side that is kept as a favourite


class Family(StrEnum):
    SMALL = "small"  # SD 1.x: 512 pixels
    MEGAPIXEL = "megapixel"  # SDXL, SD 3, Flux and most after them: a million pixels
    OTHER = "other"  # video and what is not known: as many pixels as there are now


# Buckets that SDXL was trained on (appendix I of its paper), which Flux and SD 3 take too.
_SIZES: dict[Family, dict[Size, Size]] = {
    Family.MEGAPIXEL: {
        (1, 1): (1024, 1024),
        (5, 4): (1152, 896),
        (4, 3): (1152, 832),
        (3, 2): (1216, 832),
        (16, 9): (1344, 768),
        (21, 9): (1536, 640),
    },
    Family.SMALL: {
        (1, 1): (512, 512),
        (5, 4): (640, 512),
        (4, 3): (704, 512),
        (3, 2): (768, 512),
        (16, 9): (896, 512),
        (21, 9): (1024, 448),
    },
}
_MOVING = re.compile(r"wan|hunyuan_?video|ltx|mochi|cosmos|svd|animate", re.I)
_MEGAPIXEL = re.compile(
    r"(?<!x)xl|flux|sd_?3|stable-?diffusion-?3|qwen.?image|z.?image|hidream|chroma|pony|illustrious|noob|auraflow|kolors",
    re.I,
)
_SMALL = re.compile(r"(^|[^0-9a-z])(sd|v|stable-?diffusion-?v?)[-_ ]?1[-_. ]?[45]([^0-9]|$)|sd15|1[-_.]5", re.I)
_PAIR = re.compile(r"(\d{1,5})x(\d{1,5})")


def family_of(form: Form, values: Mapping[str, Any], size: Size) -> Family:
    """By the names of the models that the form has now, else by the file's own size."""
    names = [
        str(values.get(item.key, item.value))
        for item in form.fields
        if item.role is Role.MODEL and item.kind is not Kind.LINK
    ]
    for family, pattern in ((Family.OTHER, _MOVING), (Family.MEGAPIXEL, _MEGAPIXEL), (Family.SMALL, _SMALL)):
        if any(pattern.search(name) for name in names):
            return family
    area = max(1, size[0] * size[1])
    for family, side in ((Family.SMALL, 512), (Family.MEGAPIXEL, 1024)):
        if abs(math.log(area / side**2)) < 0.2:
            return family
    return Family.OTHER


def size_of(shape: Size, family: Family, area: int, steps: Iterable[int]) -> Size:
    """Sides of that shape as the family likes them, multiples of the fields' steps; `area`: pixels now."""
    step = math.lcm(*(max(1, step) for step in steps))
    known = _SIZES.get(family, {})
    if shape in known:
        found = known[shape]
    elif shape[::-1] in known:
        found = known[shape[::-1]][::-1]
    else:
        found = sides(shape, area, max(64, step))
    return snapped(found[0], step), snapped(found[1], step)


def sides(shape: Size, area: int, unit: int) -> Size:
    """Sides of that shape with about that many pixels, both multiples of `unit`."""
    ratio = shape[0] / shape[1]
    return snapped(math.sqrt(area * ratio), unit), snapped(math.sqrt(area / ratio), unit)


def snapped(side: float, unit: int) -> int:
    """The nearest multiple of `unit`, at least one."""
    return max(unit, round(side / unit) * unit)


def shape_of(width: int, height: int) -> Size | None:
    """The usual shape that these sides have or are nearest to (within 4 %), or None."""
    if width <= 0 or height <= 0:
        return None
    exact = next((s for s in SHAPES if s[0] * height == s[1] * width), None)
    if exact is not None:
        return exact

    def off(shape: Size) -> float:
        return abs(math.log(width / height) - math.log(shape[0] / shape[1]))

    nearest = min(SHAPES, key=off)
    return nearest if off(nearest) < NEAR else None


def favourites(kept: Sequence[Any]) -> list[Size]:
    """Sizes as the settings keep them ("832x1216"); what is odd is left out, for people edit that file."""
    found: dict[Size, None] = {}
    for text in kept:
        pair = _PAIR.fullmatch(text) if isinstance(text, str) else None
        size = (int(pair[1]), int(pair[2])) if pair is not None else (0, 0)
        if min(size) > 0 and max(size) <= LARGEST:
            found[size] = None
    return list(found)[:MOST_FAVOURITES]


def with_favourite(kept: Sequence[Any], size: Size) -> list[str]:
    """The same with this size first, or without it where it is there."""
    known = favourites(kept)
    new = [each for each in known if each != size] if size in known else [size, *known]
    return [f"{width}x{height}" for width, height in new[:MOST_FAVOURITES]]
