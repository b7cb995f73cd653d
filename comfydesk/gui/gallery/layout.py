"""Where tiles and section headings stand in the grid: arithmetic only, without Qt."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in content pixels: left, top, width, height."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Section:
    """A run of rows that share a heading."""

    title: str
    first: int  # row
    count: int


class GridLayout:
    """Square tiles in as many columns as fit, below a heading for each section.

    Built once for a list of sections and a width; every question is answered in O(log sections).
    """

    def __init__(self, sections: Sequence[Section], width: int, wish: int, *, gap: int = 8, heading: int = 36) -> None:
        self.sections = tuple(sections)
        self.gap = gap
        self.heading = heading
        room = max(width, 1)
        self.columns = max(1, (room + gap) // (wish + gap))
        self.tile = max(32, (room - gap * (self.columns - 1)) // self.columns)
        self._firsts: list[int] = []
        self._tops: list[int] = []
        top = 0
        for section in self.sections:
            self._firsts.append(section.first)
            self._tops.append(top)
            lines = -(-section.count // self.columns)
            top += heading + lines * (self.tile + gap) + gap
        self.height = top

    def heading_box(self, number: int, width: int) -> Box:
        """Where the heading of the section `number` stands."""
        return Box(0, self._tops[number], width, self.heading)

    def tile_box(self, row: int) -> Box:
        """Where the tile of `row` stands."""
        number = max(0, bisect_right(self._firsts, row) - 1)
        if not self.sections:
            return Box(0, 0, self.tile, self.tile)
        line, column = divmod(row - self._firsts[number], self.columns)
        step = self.tile + self.gap
        return Box(column * step, self._tops[number] + self.heading + line * step, self.tile, self.tile)

    def row_at(self, x: int, y: int) -> int:
        """The row whose tile holds that point, or -1."""
        number = bisect_right(self._tops, y) - 1
        if number < 0:
            return -1
        inside = y - self._tops[number] - self.heading
        step = self.tile + self.gap
        if inside < 0 or inside % step >= self.tile or x < 0 or x % step >= self.tile:
            return -1
        column = x // step
        place = (inside // step) * self.columns + column
        section = self.sections[number]
        return section.first + place if column < self.columns and place < section.count else -1

    def sections_between(self, top: int, bottom: int) -> range:
        """Numbers of the sections that touch these content pixels."""
        if not self.sections:
            return range(0)
        first = max(0, bisect_right(self._tops, top) - 1)
        last = max(first, bisect_right(self._tops, bottom) - 1)
        return range(first, last + 1)

    def rows_between(self, top: int, bottom: int) -> list[range]:
        """Rows whose tiles touch these content pixels, one range a section."""
        found: list[range] = []
        step = self.tile + self.gap
        for number in self.sections_between(top, bottom):
            section = self.sections[number]
            base = self._tops[number] + self.heading
            first = max(0, (top - base) // step) * self.columns
            last = min(section.count, ((bottom - base) // step + 1) * self.columns)
            if first < last:
                found.append(range(section.first + first, section.first + last))
        return found

    def neighbour(self, row: int, dx: int, dy: int, count: int) -> int:
        """The row that the arrow keys reach from `row`; `count` is the number of all rows."""
        if count == 0:
            return -1
        if dx:
            return min(max(row + dx, 0), count - 1)
        box = self.tile_box(row)
        number = max(0, bisect_right(self._firsts, row) - 1)
        section = self.sections[number]
        step = self.columns if dy > 0 else -self.columns
        wanted = row + step
        if section.first <= wanted < section.first + section.count:
            return wanted
        column = box.x // (self.tile + self.gap)
        if dy > 0:
            line_end = section.first + section.count - 1
            if (line_end - section.first) // self.columns > (row - section.first) // self.columns:
                return line_end  # a shorter last line of the same section
            if number + 1 == len(self.sections):
                return row
            following = self.sections[number + 1]
            return following.first + min(column, following.count - 1)
        if number == 0:
            return row
        above = self.sections[number - 1]
        last_line = (above.count - 1) // self.columns * self.columns
        return above.first + min(last_line + column, above.count - 1)
