"""How many different ways a prompt can come out, by arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb, factorial

from comfydesk.form.prompt_text.drawing import MAX_LEVEL
from comfydesk.form.prompt_text.reading import Choice, Parts, Wildcard, may_vary, read
from comfydesk.form.prompt_text.wildcards import NO_FILES, Entries, Files

MOST = 10**60  # nobody wants to know it more exactly


def count(text: str, files: Files = NO_FILES, *, page: bool = True) -> int:
    """The number of ways in which choices and wildcards can fall, at most MOST; 1 for a text without any.

    Options of weight 0 do not count. `{2$$a|b}` counts "a, b" and "b, a".
    """
    return _Counting(files).of(read(text, page), (), 0)


class _Counting:
    def __init__(self, files: Files) -> None:
        self._files = files
        self._known: dict[str, int] = {}

    def of(self, parts: Parts, inside: tuple[str, ...], level: int) -> int:
        product = 1
        for part in parts:
            if isinstance(part, Wildcard):
                product *= self._wildcard(part, inside, level)
            elif isinstance(part, Choice):
                product *= self._choice(part, inside, level)
            product = min(product, MOST)
        return product

    def _choice(self, choice: Choice, inside: tuple[str, ...], level: int) -> int:
        lone = choice.lone_wildcard
        entries = self._entries(lone, inside, level) if lone is not None else None
        if lone is not None and entries is not None:
            ways = self._ways_of(entries, (*inside, lone.name), level)
        else:
            options = [option for option in choice.options if option.weight] or choice.options
            ways = [self.of(option.parts, inside, level + 1) for option in options]
        if not choice.counted:
            return min(sum(ways), MOST)
        low, high = min(choice.low, len(ways)), min(choice.high, len(ways))
        return max(1, min(_arrangements(ways, low, high), MOST))

    def _wildcard(self, wildcard: Wildcard, inside: tuple[str, ...], level: int) -> int:
        entries = self._entries(wildcard, inside, level)
        if entries is None:
            return 1
        if wildcard.name not in self._known:
            ways = sum(self._ways_of(entries, (*inside, wildcard.name), level))
            self._known[wildcard.name] = max(1, min(ways, MOST))
        return self._known[wildcard.name]

    def _ways_of(self, entries: Entries, inside: tuple[str, ...], level: int) -> list[int]:
        return [
            self.of(read(text, False), inside, level + 1) if may_vary(text) else 1
            for text, weight in zip(entries.texts, entries.weights, strict=True)
            if weight
        ]

    def _entries(self, wildcard: Wildcard, inside: tuple[str, ...], level: int) -> Entries | None:
        if wildcard.name in inside or level >= MAX_LEVEL:
            return None
        entries = self._files.entries(wildcard.name)
        return entries if entries is not None and entries.texts else None


def _arrangements(ways: Sequence[int], low: int, high: int) -> int:
    """How many rows of `low` to `high` of the options there are, each option in all its ways."""
    if len(set(ways)) == 1:
        return sum(comb(len(ways), k) * factorial(k) * ways[0] ** k for k in range(low, high + 1))
    sums = [1] + [0] * high  # sums[k]: of the products of every k options
    for number in ways:
        for k in range(high, 0, -1):
            sums[k] = min(sums[k] + sums[k - 1] * number, MOST)
    return sum(sums[k] * factorial(k) for k in range(low, high + 1))
