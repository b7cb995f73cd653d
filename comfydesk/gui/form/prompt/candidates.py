"""Names that fit what is being typed, best first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from comfydesk.base.fuzzy import rank
from comfydesk.form.prompt_text.completing import NameKind, Query, queries_at, written
from comfydesk.gui.form.prompt.words import PromptWords

MOST = 60


@dataclass(frozen=True, slots=True)
class Candidate:
    """`detail` stands beside the name; `text` takes the place of the letters from `start` to `end`."""

    name: str
    detail: str
    text: str
    start: int
    end: int
    kind: NameKind


def candidates(words: PromptWords, text: str, position: int) -> list[Candidate]:
    """What can be put in at `position`; [] where nothing fits, or where the only name stands there already."""
    for query in queries_at(text, position):
        found = _found(words, query, text[query.end : query.end + 3])
        if found:
            is_there = len(found) == 1 and found[0].name.casefold() == query.word.casefold()
            return [] if is_there and query.kind in (NameKind.TAG, NameKind.EMBEDDING) else found
    return []


def _found(words: PromptWords, query: Query, after: str) -> list[Candidate]:
    if query.kind is NameKind.TAG:
        tags = words.tags.search(query.word, MOST) if len(words.tags) else []
        return [
            Candidate(
                tag.name,
                " · ".join(filter(None, (tag.alias, _uses(tag.uses)))),
                written(query.kind, tag.name, after),
                query.start,
                query.end,
                query.kind,
            )
            for tag in tags
        ]
    names = _names(words, query.kind)
    best = rank(query.word, names)[:MOST]
    return [
        Candidate(names[at], "", written(query.kind, names[at], after), query.start, query.end, query.kind)
        for at in best
    ]


def _names(words: PromptWords, kind: NameKind) -> Sequence[str]:
    names = words.names
    return {
        NameKind.EMBEDDING: names.embeddings,
        NameKind.LORA: names.loras,
        NameKind.WILDCARD: names.wildcards,
    }[kind]


def _uses(number: int) -> str:
    if number >= 1_000_000:
        return f"{number / 1_000_000:.1f} M"
    return f"{number / 1000:.0f} k" if number >= 10_000 else str(number) if number else ""
