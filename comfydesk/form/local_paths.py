"""Paths of somebody's computer inside a workflow's values. They are named, never followed and never uploaded."""

from __future__ import annotations

import re
from typing import Any

from comfydesk.form.fields import LocalFile

MAX_SEEN = 20_000  # letters of a text that are looked through
LONGEST = 1_024  # letters of a value that may be a path as a whole
MAX_PARTS = 2_000  # values in a list or object that are looked through

# A value that is a path as a whole: any root will do.
_WHOLE = re.compile(
    r"(?!/9j/)"  # the beginning of a JPEG in base64
    r"(/[^/\s]+/[^\n]*|~[\w.-]*/[^\n]*|[A-Za-z]:[\\/][^\n]*|\\\\[^\\\n]+\\[^\n]*|file:/[^\n]*)"
)
# Inside a longer text only what cannot be anything else: "and/or" and "/imagine" are no paths.
_WITHIN = re.compile(
    r"(?<![\w/:.\\~-])("
    r"(?:/(?:home|Users|root|etc|mnt|media|var|tmp|opt|srv|Volumes|private|usr|proc|run)/"
    r"|~/|[A-Za-z]:\\|\\\\[\w.$-]{1,64}\\|file:///?)"
    r"[^\s\"'<>|,;)\]}]{1,400})"
)


def local_path(value: Any) -> str:
    """The first path of a computer in a value, "" where there is none. A file that a person picked is none."""
    if isinstance(value, str):
        return _in_text(value)
    if isinstance(value, LocalFile):
        return ""
    return next(filter(None, map(_in_text, _texts(value))), "")


def _in_text(text: str) -> str:
    stripped = text.strip()
    if "\n" not in stripped and len(stripped) <= LONGEST and _WHOLE.fullmatch(stripped):
        return stripped
    found = _WITHIN.search(text, 0, MAX_SEEN)
    return found[1] if found else ""


def _texts(value: Any) -> list[str]:
    """The texts in a list or object, nearest first."""
    texts: list[str] = []
    waiting = [value]
    for _ in range(MAX_PARTS):
        if not waiting:
            break
        item = waiting.pop()
        if isinstance(item, str):
            texts.append(item)
        elif isinstance(item, dict):
            waiting += list(item.values())[:MAX_PARTS]
        elif isinstance(item, list):
            waiting += item[:MAX_PARTS]
    return texts
