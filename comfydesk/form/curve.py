"""Curves as their nodes take them: points in the unit square and how they are joined. Pure.

Sources: the page's components/curve (frontend 1.49.6), comfy_api's CurveInput (0.33.0).
"""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

SMOOTH, STRAIGHT = "monotone_cubic", "linear"
MAX_POINTS = 256
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Curve:
    """Points from left to right, all between 0 and 1. `written`: the value that they came from, for its spelling."""

    points: tuple[Point, ...]
    interpolation: str = SMOOTH
    written: Any = None

    @property
    def value(self) -> Any:
        """The value as it was spelled: a dict, or a list of points in the page's wrapping."""
        points = [list(point) for point in self.points]
        if isinstance(self.written, dict) and "__value__" in self.written:
            return {**self.written, "__value__": points}
        if isinstance(self.written, list):
            return points
        return {**(self.written or {}), "points": points, "interpolation": self.interpolation}


def read(value: Any) -> Curve | None:
    """The curve of a value; None for anything else."""
    inner = value.get("__value__") if isinstance(value, dict) and "__value__" in value else value
    if isinstance(inner, dict):
        points, joined = _points(inner.get("points")), inner.get("interpolation", SMOOTH)
    else:
        points, joined = _points(inner), SMOOTH
    if points is None or joined not in (SMOOTH, STRAIGHT):
        return None
    return Curve(points, joined, value)


def through(curve: Curve) -> Callable[[float], float]:
    """The height of the curve at any x."""
    xs, ys = [x for x, _ in curve.points], [y for _, y in curve.points]
    if len(xs) < 2:
        return lambda x: ys[0] if ys else 0.0
    slopes = _slopes(xs, ys) if curve.interpolation == SMOOTH else None

    def height(x: float) -> float:
        if x <= xs[0] or x >= xs[-1]:
            return ys[0] if x <= xs[0] else ys[-1]
        at = bisect.bisect_right(xs, x) - 1
        run = xs[at + 1] - xs[at]
        t = (x - xs[at]) / run if run else 0.0
        if slopes is None:
            return ys[at] + t * (ys[at + 1] - ys[at])
        return _hermite(t, run, (ys[at], ys[at + 1]), (slopes[at], slopes[at + 1]))

    return height


def _hermite(t: float, run: float, ends: tuple[float, float], slopes: tuple[float, float]) -> float:
    t2, t3 = t * t, t * t * t
    start, end = (2 * t3 - 3 * t2 + 1) * ends[0], (-2 * t3 + 3 * t2) * ends[1]
    return start + (t3 - 2 * t2 + t) * run * slopes[0] + end + (t3 - t2) * run * slopes[1]


def _slopes(xs: Sequence[float], ys: Sequence[float]) -> list[float]:
    """Slopes at the points with which the curve never overshoots (Fritsch and Carlson)."""
    rises = [(y1 - y0) / (x1 - x0) if x1 > x0 else 0.0 for x0, x1, y0, y1 in zip(xs, xs[1:], ys, ys[1:], strict=False)]
    slopes = [
        rises[0],
        *(0.0 if a * b <= 0 else (a + b) / 2 for a, b in itertools.pairwise(rises)),
        rises[-1],
    ]
    for at, rise in enumerate(rises):
        if rise == 0:
            slopes[at] = slopes[at + 1] = 0.0
            continue
        a, b = slopes[at] / rise, slopes[at + 1] / rise
        if a * a + b * b > 9:
            shrink = 3 / math.hypot(a, b)
            slopes[at], slopes[at + 1] = shrink * a * rise, shrink * b * rise
    return slopes


def _points(value: Any) -> tuple[Point, ...] | None:
    if not isinstance(value, list) or len(value) > MAX_POINTS:
        return None
    found: list[Point] = []
    for item in value:
        if not isinstance(item, list | tuple) or len(item) != 2 or not all(map(_is_number, item)):
            return None
        found.append((float(item[0]), float(item[1])))
    return tuple(sorted(found))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
