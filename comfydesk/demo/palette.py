"""Colours that go together: one hue for the land, one for the light, and what the prompt's words say of the mood."""

from __future__ import annotations

import colorsys
import random
from collections.abc import Sequence
from dataclasses import dataclass

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Palette:
    top: Colour
    middle: Colour
    horizon: Colour
    sun: Colour
    hills: tuple[Colour, ...]  # far to near
    night: bool = False
    trees: bool = False


@dataclass(frozen=True, slots=True)
class Mood:
    """Hues in degrees. `light`: lightness of the sky at its top and at the horizon."""

    sky: tuple[float, float]
    land: float
    light: tuple[float, float]
    colourful: float = 1.0
    night: bool = False
    trees: bool = False


# The first word of a prompt that is in here sets the mood; colours only where nothing else does.
MOODS = {
    "golden": Mood((28, 44), 18, (0.56, 0.80)),
    "sunset": Mood((262, 18), 285, (0.42, 0.72), 1.15),
    "sunrise": Mood((205, 36), 230, (0.62, 0.82)),
    "dawn": Mood((228, 340), 250, (0.52, 0.80), 0.85),
    "dusk": Mood((245, 330), 262, (0.30, 0.62)),
    "night": Mood((232, 222), 228, (0.10, 0.30), 0.9, night=True),
    "moon": Mood((238, 215), 235, (0.12, 0.34), 0.8, night=True),
    "space": Mood((262, 300), 270, (0.09, 0.30), 1.1, night=True),
    "snow": Mood((205, 212), 210, (0.70, 0.91), 0.55, trees=True),
    "winter": Mood((208, 220), 214, (0.68, 0.90), 0.5, trees=True),
    "ice": Mood((190, 200), 200, (0.68, 0.90), 0.6),
    "overcast": Mood((212, 212), 208, (0.62, 0.80), 0.25),
    "rain": Mood((212, 205), 206, (0.48, 0.68), 0.3),
    "fog": Mood((200, 190), 195, (0.72, 0.86), 0.25, trees=True),
    "mist": Mood((185, 175), 180, (0.70, 0.86), 0.35, trees=True),
    "forest": Mood((168, 130), 138, (0.60, 0.82), 0.8, trees=True),
    "jungle": Mood((150, 92), 128, (0.52, 0.76), trees=True),
    "desert": Mood((200, 38), 26, (0.62, 0.84)),
    "ocean": Mood((204, 186), 198, (0.55, 0.80)),
    "sea": Mood((200, 180), 196, (0.58, 0.82)),
    "blue": Mood((222, 208), 218, (0.46, 0.76)),
    "green": Mood((150, 110), 130, (0.58, 0.80)),
    "red": Mood((352, 20), 346, (0.50, 0.76)),
    "pink": Mood((330, 350), 322, (0.66, 0.84)),
    "purple": Mood((270, 310), 276, (0.48, 0.76)),
    "autumn": Mood((36, 46), 16, (0.62, 0.82), trees=True),
    "spring": Mood((195, 90), 112, (0.68, 0.86), trees=True),
    "cyberpunk": Mood((268, 318), 258, (0.16, 0.50), 1.3, night=True),
}

COLOURS = frozenset(("blue", "green", "red", "pink", "purple"))


def palette_for(rng: random.Random, words: Sequence[str], cfg: float = 7.0) -> Palette:
    """The colours of one picture. The words choose the mood, `rng` its shade; a high `cfg` gives stronger colours."""
    known = sorted((word for word in words if word in MOODS), key=COLOURS.__contains__)
    named = MOODS[known[0]] if known else None
    mood = named or _any_mood(rng)
    drift = rng.uniform(-16, 16)
    strong = mood.colourful * (0.80 + 0.04 * max(0.0, min(cfg, 12.0)))
    top, horizon = mood.light
    lift = rng.uniform(-0.05, 0.05)
    count = rng.randint(3, 5)
    land = mood.land + drift + rng.uniform(-14, 14)
    turn = rng.uniform(-46, 46)  # how far the hue wanders from the far hills to the near ones
    far, near = (0.34, 0.07) if mood.night else (horizon - 0.13, 0.16)
    hills = tuple(
        _colour(land + turn * k, (0.26 + 0.20 * k) * strong, far + (near - far) * k**0.85)
        for k in (i / (count - 1) for i in range(count))
    )
    sun_light = 0.93 if not mood.night else 0.88
    return Palette(
        top=_colour(mood.sky[0] + drift, 0.56 * strong, top + lift),
        middle=_colour(_between(mood.sky[0], mood.sky[1]) + drift, 0.52 * strong, (top + horizon) / 2 + lift),
        horizon=_colour(mood.sky[1] + drift, 0.58 * strong, horizon),
        sun=_colour(mood.sky[1] + drift / 2 + 12, 0.85 if not mood.night else 0.25, sun_light),
        hills=hills,
        night=mood.night,
        trees=mood.trees or rng.random() < 0.25,
    )


def _any_mood(rng: random.Random) -> Mood:
    sky = rng.uniform(0, 360)
    warm = rng.choice((-1, 1)) * rng.uniform(18, 52)
    land = sky + rng.choice((150, 180, 210, 30, -35)) + rng.uniform(-12, 12)
    dark = rng.random() < 0.12
    light = (0.16, 0.42) if dark else (rng.uniform(0.46, 0.66), rng.uniform(0.74, 0.86))
    return Mood((sky, sky + warm), land, light, rng.uniform(0.75, 1.05), night=dark)


def _between(a: float, b: float) -> float:
    """The hue midway, the short way round."""
    gap = (b - a + 180) % 360 - 180
    return a + gap / 2


def _colour(hue: float, saturation: float, lightness: float) -> Colour:
    r, g, b = colorsys.hls_to_rgb(hue % 360 / 360, max(0.0, min(1.0, lightness)), max(0.0, min(1.0, saturation)))
    return round(r * 255), round(g * 255), round(b * 255)
