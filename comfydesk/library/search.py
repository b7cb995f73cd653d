"""Which workflows a few typed letters mean, and in what order they are shown. Pure; for 5,000 at each key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Literal, NamedTuple

from comfydesk.base.fuzzy import points_of
from comfydesk.library.model import WorkflowEntry
from comfydesk.library.names import STARTERS, is_in

Sort = Literal["name", "modified", "opened"]

_ORDER = itemgetter(0, 1, 2)
_PLACE = {name: place for place, name in enumerate(STARTERS)}
_TAG, _FOLDER, _MODEL, _NODE = 90.0, 60.0, 50.0, 40.0  # points of a word found there; in a name it has 100 and more
_NEAR = 0.45  # of a scattered word's letters: wider apart it is chance, and thousands of names hold any five letters


class Shown(NamedTuple):
    """An entry with what is searched and sorted by, in folded case."""

    entry: WorkflowEntry
    title: str
    tags: str  # a line each
    folder: str
    models: str
    by_name: tuple[int, str, str]  # starters first


def shown(entry: WorkflowEntry) -> Shown:
    """An entry made ready for the search."""
    title = entry.title.casefold()
    place = _PLACE.get(entry.name.casefold(), len(_PLACE)) if entry.is_starter else len(_PLACE)
    tags = "\n".join(entry.tags).casefold() if entry.tags else ""
    models = "\n".join(entry.models).casefold() if entry.models else ""
    return Shown(entry, title, tags, entry.folder.casefold(), models, (place, title, entry.name))


def search(
    rows: Iterable[Shown],
    query: str = "",
    words: Mapping[str, str] | None = None,
    *,
    folder: str | None = None,
    tag: str | None = None,
    favourites: bool = False,
    sort: Sort = "name",
) -> list[WorkflowEntry]:
    """Entries that hold every word of `query` in title, tags, folder, models or nodes; best first, then by `sort`.

    `words`: node classes and titles by name, folded. `folder`: in it or its folders; "" means those that lie in no
    folder. `tag`: without regard to case. "name" shows starters first; "modified" and "opened" the newest first.
    """
    wanted = query.casefold().split()
    wanted_tag = tag.casefold() if tag is not None else None
    nodes = words or {}
    found: list[tuple[float, float, tuple[int, str, str], WorkflowEntry]] = []
    for row in rows:
        entry = row.entry
        if (favourites and not entry.favourite) or (folder is not None and not _lies_in(entry, folder)):
            continue
        if wanted_tag is not None and wanted_tag not in row.tags.split("\n"):
            continue
        points = _points(row, nodes.get(entry.name, ""), wanted) if wanted else 0.0
        if points is not None:
            newest = entry.modified_at if sort == "modified" else entry.opened_at if sort == "opened" else 0.0
            found.append((-points, -newest, row.by_name, entry))
    found.sort(key=_ORDER)
    return [item[3] for item in found]


def tags_of(entries: Iterable[WorkflowEntry]) -> list[tuple[str, int]]:
    """(tag, how many have it) by name; spellings that differ in case count together, under the first."""
    spelling: dict[str, str] = {}
    counts: dict[str, int] = {}
    for entry in entries:
        for tag in entry.tags:
            folded = tag.casefold()
            spelling.setdefault(folded, tag)
            counts[folded] = counts.get(folded, 0) + 1
    return [(spelling[folded], counts[folded]) for folded in sorted(counts)]


def _lies_in(entry: WorkflowEntry, folder: str) -> bool:
    return is_in(entry.name, folder) if folder else not entry.folder


def _points(row: Shown, nodes: str, words: Sequence[str]) -> float | None:
    total = 0.0
    title = row.title
    for word in words:
        if word in title:
            points = points_of(word, title)
        elif word in row.tags:
            points = _TAG
        elif word in row.folder:
            points = _FOLDER
        elif word in row.models:
            points = _MODEL
        elif word in nodes:
            points = _NODE
        else:
            points = points_of(word, title)  # letter by letter
            if points is not None and points < 60 * _NEAR:
                points = None
        if points is None:
            return None
        total += points
    return total
