"""The headings of the grid and how many rows stand below each, kept up while rows come and go. No Qt."""

from __future__ import annotations

from collections.abc import Sequence

from comfydesk.gui.gallery.layout import Section


class Sections:
    """Runs of rows that share a heading, in the order of the grid. Neighbours never have the same heading."""

    def __init__(self, runs: Sequence[tuple[str, int]] = ()) -> None:
        self._runs: list[tuple[str, int]] = [(title, count) for title, count in runs]

    @property
    def total(self) -> int:
        """How many rows there are."""
        return sum(count for _, count in self._runs)

    def as_list(self) -> list[Section]:
        """With the first row of each."""
        found: list[Section] = []
        first = 0
        for title, count in self._runs:
            found.append(Section(title, first, count))
            first += count
        return found

    def titles(self, first: int, count: int) -> list[str]:
        """The heading of each of these rows."""
        found: list[str] = []
        for section in self.as_list():
            start = max(first, section.first)
            end = min(first + count, section.first + section.count)
            found += [section.title] * max(0, end - start)
        return found

    def put_first(self, title: str) -> None:
        """A new row before all others."""
        if self._runs and self._runs[0][0] == title:
            self._runs[0] = (title, self._runs[0][1] + 1)
        else:
            self._runs.insert(0, (title, 1))

    def cut(self, first: int, count: int) -> None:
        """Take rows out; headings without rows go, and neighbours that become equal are one."""
        kept: list[tuple[str, int]] = []
        at = 0
        for title, rows in self._runs:
            left = rows - max(0, min(at + rows, first + count) - max(at, first))
            at += rows
            if left and kept and kept[-1][0] == title:
                kept[-1] = (title, kept[-1][1] + left)
            elif left:
                kept.append((title, left))
        self._runs = kept
