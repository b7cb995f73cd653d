"""What a person types into the gallery's search box, as SQL. Pure.

Words are looked for anywhere in name, workflow, prompt and settings, all of them, whatever their case; "…" keeps words
together. `workflow:sdxl`, `kind:video`, `seed:42` and `job:ID` filter by that one fact; `kind:picture,animation` takes
either.
"""

from __future__ import annotations

import re
from typing import Any

_WORD = re.compile(r'(?:(workflow|kind|seed|job):)?("[^"]*"?|\S+)', re.IGNORECASE)
MAX_WORDS = 20
_COLUMNS = {"workflow": "workflow", "kind": "kind", "seed": "seed", "job": "job_id"}
_SEARCHED = ("name", "workflow", "prompt", "settings")


def where(query: str) -> tuple[str, list[Any]]:
    """The condition on `files` and its arguments; ("", []) where everything fits."""
    conditions: list[str] = []
    arguments: list[Any] = []
    indexed: list[str] = []
    for field, word in _WORD.findall(query)[:MAX_WORDS]:
        word = word.strip('"').strip().replace("\0", "")
        if not word:
            continue
        if field:
            either = word.split(",")[:MAX_WORDS] if field.lower() == "kind" else [word]
            marks = ", ".join("?" * len(either))
            conditions.append(f"{_COLUMNS[field.lower()]} COLLATE NOCASE IN ({marks})")
            arguments.extend(either)
        elif len(word) >= 3:  # the index knows groups of three letters
            indexed.append('"' + word.replace('"', '""') + '"')
        else:
            pattern = "%" + re.sub(r"([%_\\])", r"\\\1", word) + "%"
            conditions.append("(" + " OR ".join(f"{column} LIKE ? ESCAPE '\\'" for column in _SEARCHED) + ")")
            arguments.extend([pattern] * len(_SEARCHED))
    if indexed:
        conditions.insert(0, "id IN (SELECT rowid FROM search WHERE search MATCH ?)")
        arguments.insert(0, " AND ".join(indexed))
    return (" WHERE " + " AND ".join(conditions) if conditions else ""), arguments
