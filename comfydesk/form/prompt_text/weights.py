"""More or less weight for a part of a prompt, (word:1.2), as ComfyUI's page and A1111 do it by Ctrl+Up and Down."""

from __future__ import annotations

import re

from comfydesk.form.prompt_text.spans import SpanKind, spans

STEP = 0.05
LIMIT = 10.0
_WEIGHTED = re.compile(r"\((.*):\s*([+-]?(?:\d+\.?\d*|\.\d+))\s*\)", re.DOTALL)
_ENDS_WORD = frozenset(' .,\\/!?%^*;:{}=`~()|<>[]"\r\n\t')
_WHOLE = (SpanKind.WILDCARD, SpanKind.EMBEDDING, SpanKind.LORA)


def reweigh(text: str, start: int, end: int, delta: float = STEP) -> tuple[str, int, int]:
    """The text with another weight for the letters from `start` to `end`, and where they are now.

    Without a selection the brackets around the cursor are meant, else the word that it is in. A weight of 1 is taken
    away together with its brackets. Where there is no word, nothing changes.
    """
    start, end = _meant(text, start, end)
    if start >= end:
        return text, start, end
    if text[start] != "(" or _closing(text, start) != end - 1:
        inner, weight = text[start:end], 1.0
    elif weighted := _WEIGHTED.fullmatch(text, start, end):
        inner, weight = weighted[1], float(weighted[2])
    else:
        inner, weight = text[start + 1 : end - 1], 1.0
    weight = round(max(-LIMIT, min(LIMIT, weight + delta)), 2)
    written = inner if weight == 1.0 else f"({inner}:{weight:g})"
    return text[:start] + written + text[end:], start, start + len(written)


def _meant(text: str, start: int, end: int) -> tuple[int, int]:
    if start == end:
        around = _around(text, start)
        start, end = around if around is not None else _word(text, start)
    while end > start and text[end - 1].isspace():
        end -= 1
    while start < end and text[start].isspace():
        start += 1
    opened = start > 0 and text[start - 1] == "(" and not _is_escaped(text, start - 1)
    if opened and text[end : end + 1] == ")" and start < end:
        return start - 1, end + 1
    tail = _WEIGHTED.fullmatch(text, start - 1, close + 1) if opened and (close := _closing(text, start - 1)) else None
    if tail is not None and start < end <= tail.end(1) and tail.span(1) == (start, end):
        return tail.span()
    return start, end


def _around(text: str, at: int) -> tuple[int, int] | None:
    """The nearest brackets around the cursor."""
    depth = 0
    for begin in range(at - 1, -1, -1):
        if text[begin] in "()" and not _is_escaped(text, begin):
            depth += 1 if text[begin] == ")" else -1
            if depth < 0:
                end = _closing(text, begin)
                return (begin, end + 1) if end is not None and end >= at else None
    return None


def _closing(text: str, begin: int) -> int | None:
    """Where the bracket that opens at `begin` is closed."""
    depth = 0
    for found in re.compile(r"\\.|[()]", re.DOTALL).finditer(text, begin):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if depth == 0 and found[0] == ")":
            return found.start()
    return None


def _word(text: str, at: int) -> tuple[int, int]:
    for span in spans(text):
        if span.kind in _WHOLE and span.start <= at <= span.end:
            return span.start, span.end
    start = end = at
    while start > 0 and text[start - 1] not in _ENDS_WORD:
        start -= 1
    while end < len(text) and text[end] not in _ENDS_WORD:
        end += 1
    return start, end


def _is_escaped(text: str, at: int) -> bool:
    before = at
    while before > 0 and text[before - 1] == "\\":
        before -= 1
    return (at - before) % 2 == 1
