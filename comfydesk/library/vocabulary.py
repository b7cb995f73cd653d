"""Which workflows hold which words: thousands of workflows share a few thousand names of nodes. Pure."""

from __future__ import annotations

from collections.abc import Iterable


class Vocabulary:
    """Lines of text with the names of those that have them. A word is looked for once a line, not once a workflow."""

    def __init__(self) -> None:
        self._having: dict[str, set[str]] = {}
        self._lines: dict[str, tuple[str, ...]] = {}

    def put(self, name: str, text: str) -> None:
        """Give a name these lines, in folded case, instead of those that it had."""
        self.drop(name)
        lines = tuple(text.split("\n")) if text else ()
        for line in lines:
            having = self._having.get(line)
            if having is None:
                having = self._having[line] = set()
            having.add(name)
        self._lines[name] = lines

    def drop(self, name: str) -> None:
        for line in self._lines.pop(name, ()):
            having = self._having.get(line)
            if having is not None:
                having.discard(name)
                if not having:
                    del self._having[line]

    def names_with(self, word: str) -> set[str]:
        """All names that have a line with this word in it."""
        return _union(having for line, having in self._having.items() if word in line)


def _union(sets: Iterable[set[str]]) -> set[str]:
    found: set[str] = set()
    for item in sets:
        found |= item
    return found
