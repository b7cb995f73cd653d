"""Tags by the hundred thousand, as lists for boorus have them, and quick to search at every key."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from comfydesk.base.fuzzy import points_of

MAX_TAGS = 500_000
MAX_NAME = 100  # letters
MAX_ALIASES = 20
LOOKED_AT = 400  # names that are compared well; those that are used most come first
SCATTERED = 3_000  # names that are compared letter by letter, when few hold the word as it is
ENOUGH = 8


@dataclass(frozen=True, slots=True)
class Tag:
    """`uses`: how many pictures have it, 0 where the list does not say. `alias`: the other name that was found."""

    name: str
    uses: int = 0
    alias: str = ""


def read_tags(text: str) -> Iterator[Tag]:
    """Tags of a CSV file: name[,kind[,uses[,"alias,alias"]]] or name,uses. A line of headings is passed over.

    One entry a name, and one for each of its aliases. Lines that are none are passed over too.
    """
    csv.field_size_limit(max(csv.field_size_limit(), 1 << 20))
    rows = csv.reader(io.StringIO(text.replace("\0", "")))
    made = 0
    while made < MAX_TAGS:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            continue
        name = row[0].strip() if row else ""
        if not name or len(name) > MAX_NAME or name[0] == "#" or (made == 0 and name.casefold() in ("name", "tag")):
            continue
        numbers = [cell for cell in row[1:3] if cell.strip().isascii() and cell.strip().isdigit()]
        uses = int(numbers[-1][:18]) if numbers else 0
        made += 1
        yield Tag(name, uses)
        for alias in (row[3].split(",") if len(row) > 3 else ())[:MAX_ALIASES]:
            if 0 < len(alias.strip()) <= MAX_NAME:
                made += 1
                yield Tag(name, uses, alias.strip())


def _rank(points: float, wanted: str, name: str) -> int:
    """Points without those for a short name, but for the whole one: among equals that count which are used most."""
    return round(points if wanted == name or wanted not in name else points - 60 * len(wanted) / len(name))


class TagIndex:
    """Finds tags by a part of their name, or by letters in order; those in use most come first among equals."""

    def __init__(self, tags: Iterable[Tag] = ()) -> None:
        self._tags = sorted(tags, key=lambda tag: -tag.uses)
        self._names = [(tag.alias or tag.name).casefold().replace(" ", "_") for tag in self._tags]
        self._all = "\n" + "\n".join(self._names) + "\n"
        self._starts: list[int] = []
        at = 1
        for name in self._names:
            self._starts.append(at)
            at += len(name) + 1

    def __len__(self) -> int:
        return len(self._tags)

    def search(self, word: str, most: int = 50) -> list[Tag]:
        """The best tags for the letters that were typed, each name once."""
        wanted = word.strip().casefold().replace(" ", "_").replace("\n", "")
        if not wanted:
            return self._tags[:most]
        places = dict.fromkeys(self._holding("\n" + wanted, LOOKED_AT))
        places.update(dict.fromkeys(self._holding(wanted, LOOKED_AT)))
        if len(places) < ENOUGH:
            places.update(dict.fromkeys(range(min(SCATTERED, len(self._tags)))))
        scored = []
        for place in places:
            points = points_of(wanted, self._names[place])
            if points is not None:
                scored.append((-_rank(points, wanted, self._names[place]), place))
        found: dict[str, Tag] = {}
        for _, place in sorted(scored):
            tag = self._tags[place]
            found.setdefault(tag.name, tag)
            if len(found) == most:
                break
        return list(found.values())

    def _holding(self, part: str, most: int) -> Iterator[int]:
        """Places of the first names that hold the letters."""
        from bisect import bisect_right

        at = self._all.find(part)
        while at >= 0 and most > 0:
            place = bisect_right(self._starts, at + (part[0] == "\n")) - 1
            yield place
            most -= 1
            at = self._all.find(part, self._starts[place] + len(self._names[place]))
