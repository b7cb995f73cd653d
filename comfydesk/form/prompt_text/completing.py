"""What a person is about to write in a prompt, and what a name looks like once it is written there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

LOOKS_BACK = 200  # letters
LEAST_TAG = 2  # letters; one alone would match everything
_LORA = re.compile(r"<lora:([^<>:\n]*)$", re.IGNORECASE)
_EMBEDDING = re.compile(r"\bembedding:([^\s,()<>{}|:\[\]]*)$", re.IGNORECASE)
_WILDCARD = re.compile(r"__([\w\-*./ ]*)$")
_TAG = re.compile(r"[^\n,.;:(){}|<>\[\]\"]*$")
_NOT_PLAIN = re.compile(r"([()])")


class NameKind(StrEnum):
    EMBEDDING = "embedding"
    LORA = "lora"
    WILDCARD = "wildcard"
    TAG = "tag"


@dataclass(frozen=True, slots=True)
class Query:
    """The letters from `start` to `end` are the beginning of a name; `word` is what is looked for."""

    kind: NameKind
    start: int
    end: int
    word: str


def queries_at(text: str, position: int) -> list[Query]:
    """What may be meant at the cursor, the longest first; [] inside a word or where nothing begins."""
    begin = max(0, position - LOOKS_BACK)
    before = text[begin:position]
    line = before[before.rfind("\n") + 1 :]
    for kind, pattern in ((NameKind.LORA, _LORA), (NameKind.EMBEDDING, _EMBEDDING)):
        if found := pattern.search(line):
            return [Query(kind, position - len(found[1]), position, found[1])]
    if line.count("__") % 2 and (found := _WILDCARD.search(line[line.rfind("__") :])):
        return [Query(NameKind.WILDCARD, position - len(found[1]), position, found[1])]
    if text[position : position + 1].isalnum():
        return []
    found = _TAG.search(line)
    words = found[0].lstrip() if found else ""
    return [
        Query(NameKind.TAG, position - len(part), position, part)
        for part in _endings(words)
        if len(part.strip()) >= LEAST_TAG and not part[-1].isspace() and "__" not in part
    ]


def written(kind: NameKind, name: str, after: str) -> str:
    """What is put in place of the letters that were typed; `after` is the text behind them."""
    if kind is NameKind.WILDCARD:
        return name + ("" if after.startswith("__") else "__")
    if kind is NameKind.LORA:
        return name + ("" if after[:1] in (":", ">") else ":1>") if after[:1] else name + ":1>"
    if kind is NameKind.TAG:
        plain = _NOT_PLAIN.sub(r"\\\1", name.replace("_", " ") if len(name) > 3 else name)
        return plain + ("" if after.lstrip(" ")[:1] in (",", ")", "|", "}", ":") and after else ", ")
    return name


def _endings(words: str) -> list[str]:
    """The last three words, the last two, the last."""
    parts = re.split(r"(?<=\s)(?=\S)", words)
    return ["".join(parts[at:]) for at in range(max(0, len(parts) - 3), len(parts))]
