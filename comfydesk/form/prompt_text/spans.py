"""What the parts of a prompt are, for colours: weights, choices, wildcards, embeddings, LoRAs, comments, mistakes."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

from comfydesk.form.prompt_text.reading import COUNT, WEIGHT, WILDCARD
from comfydesk.workflow.conversion.texts import comments


class SpanKind(StrEnum):
    WEIGHT = "weight"  # round brackets and the number in (word:1.2)
    CHOICE = "choice"  # { | } with weights and counts
    WILDCARD = "wildcard"
    EMBEDDING = "embedding"
    LORA = "lora"
    COMMENT = "comment"
    UNBALANCED = "unbalanced"  # a bracket without its other half


class Span(NamedTuple):
    """Letters `start` up to, not including, `end`."""

    start: int
    end: int
    kind: SpanKind


_NAMED = re.sub(r"\?P<\w+>", "", COUNT)
_TOKEN = re.compile(
    rf"""(?P<escape>\\.)
    |(?P<lora><(?:lora|lyco|hypernet):[^<>\n]{{1,200}}>)
    |(?P<embedding>\bembedding:[^\s,()<>{{}}|:\[\]]+)
    |(?P<wildcard>{WILDCARD})
    |(?P<number>:[ ]*[+-]?(?:\d+\.?\d*|\.\d+)[ ]*\))
    |(?P<choice>\{{(?:{_NAMED})?(?:{WEIGHT})?|\|(?:{WEIGHT})?)
    |(?P<bracket>[()}}])""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_KINDS = {"lora": SpanKind.LORA, "embedding": SpanKind.EMBEDDING, "wildcard": SpanKind.WILDCARD}


def spans(text: str, page: bool = True) -> list[Span]:
    """The parts that have a colour, in their order, without overlaps. Looks at every letter a few times at most."""
    if page and "/" in text:
        found: list[Span] = []
        hidden = text
        for begin, end in comments(text):
            found.append(Span(begin, end, SpanKind.COMMENT))
        if found:
            pieces, at = [], 0
            for comment in found:
                pieces += [text[at : comment.start], " " * (comment.end - comment.start)]
                at = comment.end
            hidden = "".join(pieces) + text[at:]
        return sorted((*found, *_Scan(hidden).spans()), key=lambda span: span.start)
    return _Scan(text).spans()


class _Scan:
    def __init__(self, text: str) -> None:
        self._text = text
        self._found: list[Span] = []
        self._open: dict[str, list[int]] = {"(": [], "{": []}  # places in `_found` of what is not closed yet

    def spans(self) -> list[Span]:
        for token in _TOKEN.finditer(self._text):
            name = token.lastgroup or ""
            begin, end = token.span()
            if name in _KINDS:
                self._found.append(Span(begin, end, _KINDS[name]))
            elif name == "number":
                if self._open["("]:
                    self._found.append(Span(begin, end - 1, SpanKind.WEIGHT))
                self._close("(", end - 1)
            elif name == "choice":
                self._choice(begin, end)
            elif name == "bracket" and self._text[begin] == "(":
                self._open["("].append(len(self._found))
                self._found.append(Span(begin, end, SpanKind.WEIGHT))
            elif name == "bracket":
                self._close("(" if self._text[begin] == ")" else "{", begin)
        for left in self._open.values():
            for place in left:
                begin, _, _ = self._found[place]
                self._found[place] = Span(begin, begin + 1, SpanKind.UNBALANCED)
        return self._found

    def _choice(self, begin: int, end: int) -> None:
        if self._text[begin] == "{":
            self._open["{"].append(len(self._found))
        elif not self._open["{"]:
            return
        self._found.append(Span(begin, end, SpanKind.CHOICE))

    def _close(self, bracket: str, at: int) -> None:
        kind = SpanKind.WEIGHT if bracket == "(" else SpanKind.CHOICE
        if self._open[bracket]:
            self._open[bracket].pop()
        else:
            kind = SpanKind.UNBALANCED
        self._found.append(Span(at, at + 1, kind))
