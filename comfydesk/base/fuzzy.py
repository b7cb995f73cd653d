"""Which of many names a few typed letters mean; quick enough for 5,000 names at each key."""

from __future__ import annotations

from collections.abc import Sequence


def rank(query: str, names: Sequence[str]) -> list[int]:
    """Indices of the names that match every word of `query`, best first; all in their order if it is empty.

    A word matches as a part of the name, or letter by letter in order ("drmsh" finds "dreamshaper").
    """
    words = query.casefold().split()
    if not words:
        return list(range(len(names)))
    found: list[tuple[float, int]] = []
    for index, name in enumerate(names):
        points = _score(words, name.casefold())
        if points is not None:
            found.append((-points, index))
    found.sort()
    return [index for _, index in found]


def _score(words: Sequence[str], name: str) -> float | None:
    total = 0.0
    for word in words:
        points = points_of(word, name)
        if points is None:
            return None
        total += points
    return total


def points_of(word: str, name: str) -> float | None:
    """How well one word fits a name, both in folded case: up to 250; None if it does not."""
    at = name.find(word)
    if at < 0:
        return _scattered(word, name)
    start = 70 if at == 0 else 0 if name[at - 1].isalnum() else 30
    leaf = at > max(name.rfind("/"), name.rfind("\\"))
    return 100 + start + (20 if leaf else 0) + 60 * len(word) / len(name)


def _scattered(word: str, name: str) -> float | None:
    """Points for letters found in order; fewer the wider they lie apart."""
    first = position = name.find(word[0])
    if position < 0:
        return None
    for letter in word[1:]:
        position = name.find(letter, position + 1)
        if position < 0:
            return None
    spread = position - first + 1
    return 60 * len(word) / spread
