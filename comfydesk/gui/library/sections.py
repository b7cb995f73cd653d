"""In which order and under which headings workflows are listed. Pure: no Qt."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from comfydesk.library.model import WorkflowEntry

RECENT = 50  # workflows that were opened last
_DAY = 86_400.0


class Which(StrEnum):
    """What the list is narrowed to."""

    ALL = "all"
    FAVOURITES = "favourites"
    RECENT = "recent"
    FOLDER = "folder"
    TAG = "tag"


class Sort(StrEnum):
    NAME = "name"
    MODIFIED = "modified"
    OPENED = "opened"


@dataclass(frozen=True, slots=True)
class Filter:
    """`value`: the folder or the tag, where it is one."""

    which: Which = Which.ALL
    value: str = ""

    def holds(self, entry: WorkflowEntry) -> bool:
        """Whether the list shows it."""
        if self.which is Which.FAVOURITES:
            return entry.favourite
        if self.which is Which.RECENT:
            return entry.opened_at > 0
        if self.which is Which.FOLDER:
            return not is_built_in(entry) and within(entry.folder, self.value)
        if self.which is Which.TAG:
            wanted = self.value.casefold()
            return any(tag.casefold() == wanted for tag in entry.tags)
        return True


@dataclass(frozen=True, slots=True)
class Heading:
    """A line above workflows. `folder` is where things dropped on it go; None: nowhere. `key` is unique in a list."""

    key: str
    text: str
    count: int = 0
    folder: str | None = None
    can_fold: bool = False
    is_folded: bool = False


Row = Heading | WorkflowEntry


def is_built_in(entry: WorkflowEntry) -> bool:
    return entry.is_starter


def within(folder: str, parent: str) -> bool:
    """Whether `folder` is `parent` or lies in it."""
    inner, outer = folder.casefold(), parent.casefold()
    return not outer or inner == outer or inner.startswith(outer + "/")


def ordered(entries: Iterable[WorkflowEntry], sort: Sort) -> list[WorkflowEntry]:
    """By title, or the newest first."""
    if sort is Sort.MODIFIED:
        return sorted(entries, key=lambda entry: (-entry.modified_at, entry.title.casefold()))
    if sort is Sort.OPENED:
        return sorted(entries, key=lambda entry: (-entry.opened_at, -entry.modified_at, entry.title.casefold()))
    return sorted(entries, key=lambda entry: entry.title.casefold())


class Sections:
    """Makes rows. `words`: the headings "mine", "starters", "favourites", "today", "week", "older", "never", "found".

    Words are given, so that they are translated where Qt is.
    """

    def __init__(self, words: Mapping[str, str], now: Callable[[], float] = time.time) -> None:
        self._words = words
        self._now = now

    def found(self, entries: Sequence[WorkflowEntry]) -> list[Row]:
        """What a search gave, best first."""
        return [Heading("found", self._words["found"], len(entries)), *entries] if entries else []

    def rows(
        self,
        entries: Iterable[WorkflowEntry],
        shown: Filter,
        sort: Sort,
        folders: Sequence[str] = (),
        folded: Collection[str] = (),
    ) -> list[Row]:
        """Headings and workflows. `folders`: all there are, so that an empty one can be seen and dropped on.

        `folded`: keys of headings whose workflows are hidden.
        """
        chosen = [entry for entry in entries if shown.holds(entry)]
        if shown.which is Which.RECENT:
            return self._by_time(ordered(chosen, Sort.OPENED)[:RECENT], "opened_at")
        if sort is Sort.NAME and shown.which in (Which.ALL, Which.FOLDER):
            return self._by_folder(chosen, shown, folders, folded)
        if sort is Sort.NAME:
            return self._one(ordered(chosen, sort), shown)
        return self._by_time(ordered(chosen, sort), "modified_at" if sort is Sort.MODIFIED else "opened_at")

    def _one(self, entries: list[WorkflowEntry], shown: Filter) -> list[Row]:
        text = shown.value if shown.which is Which.TAG else self._words[str(shown.which)]
        return [Heading(str(shown.which), text, len(entries)), *entries] if entries else []

    def _by_folder(
        self, entries: list[WorkflowEntry], shown: Filter, folders: Sequence[str], folded: Collection[str]
    ) -> list[Row]:
        parts: dict[str, tuple[str, list[WorkflowEntry]]] = {}
        for folder in folders:
            if shown.which is Which.ALL or within(folder, shown.value):
                parts[folder.casefold()] = (folder, [])
        starters = []
        for entry in entries:
            if is_built_in(entry):
                starters.append(entry)
            else:
                parts.setdefault(entry.folder.casefold(), (entry.folder, []))[1].append(entry)
        rows: list[Row] = []
        for key in sorted(parts, key=lambda key: key.split("/") if key else []):
            folder, held = parts[key]
            text = folder.replace("/", " / ") or self._words["mine"]
            heading = Heading(f"folder:{key}", text, len(held), folder, can_fold=bool(held))
            rows += self._part(heading, ordered(held, Sort.NAME), folded)
        if starters:  # in the order of the engine: the simplest first
            rows += self._part(
                Heading("starters", self._words["starters"], len(starters), can_fold=True), starters, folded
            )
        return rows

    def _by_time(self, entries: list[WorkflowEntry], field: str) -> list[Row]:
        today = _midnight(self._now())
        rows: list[Row] = []
        last = ""
        for entry in entries:
            moment = float(getattr(entry, field))
            if moment <= 0:
                key = "never" if field == "opened_at" else "older"
            else:
                key = "today" if moment >= today else "week" if moment >= today - 6 * _DAY else "older"
            if key != last:
                rows.append(Heading(key, self._words[key]))
                last = key
            rows.append(entry)
        return rows

    @staticmethod
    def _part(heading: Heading, entries: list[WorkflowEntry], folded: Collection[str]) -> list[Row]:
        if heading.can_fold and heading.key in folded:
            return [replace(heading, is_folded=True)]
        return [heading, *entries]


def _midnight(now: float) -> float:
    """When the day of `now` began, here."""
    day = time.localtime(now)
    return time.mktime((day.tm_year, day.tm_mon, day.tm_mday, 0, 0, 0, 0, 0, -1))
