"""Which workflows a few typed letters mean, and in what order they are shown. Pure; for 5,000 at each key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from typing import Literal, NamedTuple

from comfydesk.base.fuzzy import points_of
from comfydesk.library.model import WorkflowEntry
from comfydesk.library.names import STARTERS, folded, is_in
from comfydesk.library.vocabulary import Vocabulary

Sort = Literal["name", "modified", "opened"]

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
    title = folded(entry.title)
    place = _PLACE.get(entry.name.casefold(), len(_PLACE)) if entry.is_starter else len(_PLACE)
    tags = "\n".join(entry.tags).casefold() if entry.tags else ""
    models = "\n".join(entry.models).casefold() if entry.models else ""
    return Shown(entry, title, tags, folded(entry.folder), models, (place, title, entry.name))


def search(
    rows: Iterable[Shown],
    query: str = "",
    words: Vocabulary | None = None,
    *,
    folder: str | None = None,
    tag: str | None = None,
    favourites: bool = False,
    sort: Sort = "name",
) -> list[WorkflowEntry]:
    """Entries that hold every word of `query` in title, tags, folder, models or nodes; best first, then by `sort`.

    `rows` are in the order of `by_name`. `words`: node classes and titles by workflow. `folder`: in it or its folders;
    "" means those that lie in no folder. `tag`: without regard to case. "modified" and "opened": the newest first.
    """
    wanted = folded(query).split()
    wanted_tag = tag.casefold() if tag is not None else None
    having = [words.names_with(word) if words is not None else frozenset() for word in wanted]
    found: list[WorkflowEntry] = []
    ranks: list[float] = []
    for row in rows:
        entry = row.entry
        if (favourites and not entry.favourite) or (folder is not None and not _lies_in(entry, folder)):
            continue
        if wanted_tag is not None and wanted_tag not in row.tags.split("\n"):
            continue
        if wanted:
            points = _points(row, wanted, having)
            if points is None:
                continue
            ranks.append(-points)
        found.append(entry)
    return _sorted(found, ranks, sort)


def _sorted(found: list[WorkflowEntry], ranks: list[float], sort: Sort) -> list[WorkflowEntry]:
    """Sorted by numbers only: tuples would make the garbage collector go through the whole library at some keys."""
    order = list(range(len(found)))
    if sort == "modified":
        order.sort(key=lambda place: -found[place].modified_at)
    elif sort == "opened":
        order.sort(key=lambda place: -found[place].opened_at)
    if ranks:
        order.sort(key=ranks.__getitem__)
    return [found[place] for place in order]


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


def _points(row: Shown, words: Sequence[str], having: Sequence[Set[str]]) -> float | None:
    """`having`: for each word, the workflows that have it in a node."""
    total = 0.0
    title, name = row.title, row.entry.name
    for word, names in zip(words, having, strict=True):
        if word in title:
            points = points_of(word, title)
        elif word in row.tags:
            points = _TAG
        elif word in row.folder:
            points = _FOLDER
        elif word in row.models:
            points = _MODEL
        elif name in names:
            points = _NODE
        else:
            points = points_of(word, title)  # letter by letter
            if points is not None and points < 60 * _NEAR:
                points = None
        if points is None:
            return None
        total += points
    return total
