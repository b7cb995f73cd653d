"""A prompt as a tree of texts, choices and wildcards, read in one pass.

`{a|b}`, escapes and comments are as ComfyUI's page has them (frontend 1.49.6, `processDynamicPrompt`); weights
`{3::a|b}`, counts `{2$$ and $$a|b|c}` and wildcards `__animals/cats__` as in the extension Dynamic Prompts.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache

from comfydesk.workflow.conversion.texts import MAX_NESTING, without_comments

ONE = 10_000  # the weight 1 in ten-thousandths: whole numbers are the same on every computer
MAX_PICKS = 100
JOINER = ", "

WILDCARD = r"__[\w\-*./](?:[\w\-*./ ]{0,118}?[\w\-*./])??__"
COUNT = (
    r"\s*(?:(?P<low>\d{1,3})(?P<to>-)?(?P<high>\d{1,3})?|-(?P<most>\d{1,3}))\$\$(?:(?P<joiner>[^$|{}\\\n]{0,40})\$\$)?"
)
WEIGHT = r"\s*(?:\d{1,6}(?:\.\d{0,4})?|\.\d{1,4})::"
_TOKEN = re.compile(rf"\\.|[{{}}|]|{WILDCARD}", re.DOTALL)
_COUNT = re.compile(COUNT)
_WEIGHT = re.compile(WEIGHT)


@dataclass(frozen=True, slots=True)
class Wildcard:
    """`name` of a file or a pattern of names; `written` stays where there is none."""

    name: str
    written: str


@dataclass(frozen=True, slots=True)
class Option:
    """`weight` in ten-thousandths."""

    weight: int
    parts: Parts


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the options; with `low` and `high` that many different ones, put together with `joiner`."""

    options: tuple[Option, ...]
    low: int = 1
    high: int = 1
    joiner: str = ""
    counted: bool = False

    @property
    def lone_wildcard(self) -> Wildcard | None:
        """The wildcard whose entries are the options of a counted choice: `{2$$__colours__}`."""
        parts = self.options[0].parts
        alone = self.counted and len(self.options) == 1 and len(parts) == 1
        return parts[0] if alone and isinstance(parts[0], Wildcard) else None


Parts = tuple["str | Wildcard | Choice", ...]


def may_vary(text: str) -> bool:
    """Whether the text may come out in several ways; True now and then for one that does not."""
    return "{" in text or "__" in text


@lru_cache(maxsize=32)  # the runs of a press read the same text; each key makes another one
def read(text: str, page: bool = True) -> Parts:
    """`page`: as ComfyUI's page reads a text, without comments, and `{one}` is "one". Else braces that hold no choice
    are braces, a prompt that is JSON is one text, and there are no comments: `//` may be part of an address."""
    if not page and _is_json(text):
        return (text,)
    reader = _Reader(without_comments(text) if page else text, page)
    parts, _, _ = reader.sequence(0, 0, inside=False)
    return parts


def plain_weight(text: str) -> tuple[int, str]:
    """The weight that a line of a wildcard file or an option begins with, and the rest."""
    found = _WEIGHT.match(text)
    return (_weight(found[0]), text[found.end() :]) if found else (ONE, text)


class _Reader:
    def __init__(self, text: str, page: bool) -> None:
        self._text = text
        self._page = page

    def sequence(self, at: int, depth: int, *, inside: bool) -> tuple[Parts, int, str]:
        """The parts up to the end of the option or of the text, where that is, and what ended it: "|", "}" or ""."""
        if depth > MAX_NESTING:
            return self._unread(at)
        text, begin = self._text, at
        parts: list[str | Wildcard | Choice] = []
        while found := _TOKEN.search(text, at):
            sign, at = found[0], found.end()
            if sign in ("|", "}"):
                if inside:
                    return (*parts, *_text(text, begin, found.start())), at, sign
            elif sign[0] != "\\":
                parts += _text(text, begin, found.start())
                if sign == "{":
                    more, at = self._choice(at, depth)
                    parts += more
                else:
                    parts.append(Wildcard(sign[2:-2].strip(), sign))
                begin = at
        return (*parts, *_text(text, begin, len(text))), len(text), ""

    def _choice(self, at: int, depth: int) -> tuple[Parts, int]:
        """What stands between braces; `at` is behind the opening one."""
        begin, text = at, self._text
        count = _COUNT.match(text, at)
        at = count.end() if count else at
        options: list[Option] = []
        end, body = "|", at
        while end == "|":
            weight = _WEIGHT.match(text, at)
            body = weight.end() if weight else at
            parts, at, end = self.sequence(body, depth + 1, inside=True)
            options.append(Option(_weight(weight[0]) if weight else ONE, parts))
        if not self._page and len(options) == 1 and count is None:
            return ("{" + text[begin:body], *options[0].parts, *_text(end, 0, len(end))), at
        if count is None:
            return (Choice(tuple(options)),), at
        low, high = _range(count, len(options))
        joiner = JOINER if count["joiner"] is None else count["joiner"]
        return (Choice(tuple(options), low, high, joiner, counted=True),), at

    def _unread(self, at: int) -> tuple[Parts, int, str]:
        """An option that is nested too deep stays as it is written."""
        begin, depth = at, 0
        for found in _TOKEN.finditer(self._text, at):
            token = found[0]
            if token in ("|", "}") and not depth:
                return _text(self._text, begin, found.start()), found.end(), token
            depth += {"{": 1, "}": -1}.get(token, 0)
        return _text(self._text, begin, len(self._text)), len(self._text), ""


def _is_json(text: str) -> bool:
    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _text(text: str, begin: int, end: int) -> Parts:
    return (text[begin:end],) if end > begin else ()


def _range(count: re.Match[str], options: int) -> tuple[int, int]:
    """How many are taken. `3$$` three, `1-3$$` one to three, `2-$$` two or more, `-3$$` one to three."""
    if count["most"] is not None:
        low, high = 1, int(count["most"])
    else:
        low = int(count["low"])
        high = int(count["high"]) if count["high"] is not None else MAX_PICKS if count["to"] else low
    return min(low, high, MAX_PICKS), min(max(low, high), MAX_PICKS)


def _weight(written: str) -> int:
    whole, _, part = written.strip()[:-2].partition(".")
    return int(whole or "0") * ONE + int(part.ljust(4, "0") or "0")
