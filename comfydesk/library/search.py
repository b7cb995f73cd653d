"""Which workflows a few typed letters mean, and in what order they are shown. Pure; for 5,000 at each key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple

from comfydesk.base.fuzzy import points_of
from comfydesk.library.model import WorkflowEntry
from comfydesk.library.names import STARTERS, is_in

Sort = Literal["name", "modified", "opened"]

_PLACE = {name: place for place, name in enumerate(STARTERS)}
_TAG, _FOLDER, _MODEL, _NODE = 90.0, 60.0, 50.0, 40.0  # points of a word found there; in a name it has 100 and more
_NEAR = 0.45  # of a scattered word's letters: wider apart it is chance, and thousands of names hold any five letters


class Shown(NamedTuple):
    """An entry and its texts in folded case: title and path, tags, models, and node classes and titles."""

    entry: WorkflowEntry
    title: str
    tags: str
    folder: str
    models: str
    nodes: str


def shown(entry: WorkflowEntry, nodes: str) -> Shown:
    """The texts of an entry. `nodes` is folded already."""
    title, tags, models = entry.title.casefold(), "\n".join(entry.tags).casefold(), "\n".join(entry.models).casefold()
    return Shown(entry, title, tags, entry.folder.casefold(), models, nodes)


def search(
    rows: Iterable[Shown],
    query: str = "",
    *,
    folder: str | None = None,
    tag: str | None = None,
    favourites: bool = False,
    sort: Sort = "name",
) -> list[WorkflowEntry]:
    """Entries that hold every word of `query` in title, tags, folder, models or nodes; best first, then by `sort`.

    `folder`: in it or its folders; "" means those that lie in no folder. `tag`: without regard to case. "name" shows
    starters first; "modified" and "opened" the newest first.
    """
    words = query.casefold().split()
    wanted_tag = tag.casefold() if tag is not None else None
    found: list[tuple[float, WorkflowEntry]] = []
    for row in rows:
        entry = row.entry
        if (favourites and not entry.favourite) or (folder is not None and not _lies_in(entry, folder)):
            continue
        if wanted_tag is not None and wanted_tag not in row.tags.split("\n"):
            continue
        points = _points(row, words) if words else 0.0
        if points is not None:
            found.append((points, entry))
    key = _KEYS.get(sort, _by_name)
    found.sort(key=lambda item: key(item[1]))
    if words:
        found.sort(key=lambda item: -item[0])
    return [entry for _, entry in found]


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


def _points(row: Shown, words: Sequence[str]) -> float | None:
    total = 0.0
    for word in words:
        points = points_of(word, row.title)
        if points is None or points < 60:  # letter by letter: what holds the whole word is nearer
            near = points if points is not None and points >= 60 * _NEAR and len(word) > 1 else None
            points = _elsewhere(row, word) or near
            if points is None:
                return None
        total += points
    return total


def _elsewhere(row: Shown, word: str) -> float | None:
    if word in row.tags:
        return _TAG
    if word in row.folder:
        return _FOLDER
    if word in row.models:
        return _MODEL
    return _NODE if word in row.nodes else None


def _by_name(entry: WorkflowEntry) -> tuple[int, str, str]:
    place = _PLACE.get(entry.name.casefold(), len(_PLACE)) if entry.is_starter else len(_PLACE)
    return place, entry.title.casefold(), entry.name


def _by_time(entry: WorkflowEntry) -> tuple[float, str, str]:
    return -entry.modified_at, entry.title.casefold(), entry.name


def _by_use(entry: WorkflowEntry) -> tuple[float, int, str, str]:
    return -entry.opened_at, *_by_name(entry)


_KEYS: dict[str, Callable[[WorkflowEntry], tuple[float | str, ...]]] = {
    "name": _by_name,
    "modified": _by_time,
    "opened": _by_use,
}
