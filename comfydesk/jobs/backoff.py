"""How long to wait before trying again: 1, 2, 4 … 30 s, ±20 %, so that many clients do not come at once."""

from __future__ import annotations

import random
from collections.abc import Callable

FIRST, LAST, JITTER = 1.0, 30.0, 0.2


class Backoff:
    def __init__(
        self, first: float = FIRST, last: float = LAST, draw: Callable[[float, float], float] = random.uniform
    ) -> None:
        self._first, self._last, self._draw = first, last, draw
        self.tries = 0

    def next(self) -> float:
        """Seconds to wait now; longer each time."""
        wait = min(self._last, self._first * 2.0 ** min(self.tries, 16))
        self.tries += 1
        return wait * self._draw(1 - JITTER, 1 + JITTER)

    def reset(self) -> None:
        self.tries = 0
