"""JSON from strangers: read within limits, so that no file can hang, crash or fill the program."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import msgspec

from comfydesk.base.errors import Problem

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 100
MAX_PARTS = 800_000  # texts, commas and brackets; more than ten thousand nodes with fifteen inputs each
MAX_STRING = 1024 * 1024

# Texts with what is between them, or anything else; each match is short, so that other threads get their turn.
_RUNS = re.compile(r'(?:"(?:[^"\\]++|\\.)*+"?[^"\[\]{}]{0,64}+){1,256}|[^"]{1,65536}', re.DOTALL)
_NO_BRACKETS = re.compile(r"[^\[\]{}]+")
_DIGITS = re.compile(r"\d++")
_LONG_NUMBER = re.compile(rb"\d{19}")  # msgspec makes a float of an integer over 64 bits
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")

# What the decoder says, in words for people who never saw JSON.
_WORDS = (
    ("Expecting ',' delimiter", "a comma is missing"),
    ("Expecting ':' delimiter", "a colon is missing"),
    ("Expecting value", "a value is missing"),
    ("Expecting property name enclosed in double quotes", "a name in double quotes is missing"),
    ("Illegal trailing comma", "there is one comma too many"),
    ("Unterminated string", "a text in quotes does not end"),
    ("Invalid control character", "a text has a line break or control character in it"),
    ("Invalid \\", "a text has a wrong backslash in it"),
    ("Extra data", "something follows after the end"),
)


@dataclass(frozen=True, slots=True)
class Document:
    """A decoded JSON value, and sentences about what was odd in it."""

    value: Any
    warnings: tuple[str, ...] = ()


def value_of(data: bytes, name: str, *, max_string: int = MAX_STRING) -> Any:
    """As `read(…).value`, many times as fast where nothing is odd: for the thousands of files of a gallery."""
    if len(data) <= MAX_STRING and _LONG_NUMBER.search(data) is None:
        try:
            value = msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            pass  # odd: NaN, other encodings, lone surrogates, depth, or no JSON at all
        else:
            if data.count(b"{") + data.count(b"[") > MAX_DEPTH:
                _check_depth(value, name)
            return value
    return read(data, name, max_string=max_string).value


def read(data: bytes, name: str, *, max_string: int = MAX_STRING) -> Document:
    """Decode JSON bytes (UTF-8 with or without mark, UTF-16, UTF-32). `name` is the file's name for messages.

    NaN and infinities are read; integers keep every digit; lone surrogates become U+FFFD; the last of double keys wins,
    with a warning. Raises Problem workflow_json (line and column in words) or workflow_limits.
    """
    if len(data) > MAX_BYTES:
        raise Problem("workflow_limits", file=name, detail=f"it is larger than {MAX_BYTES >> 20} MB")
    text = _decode(data, name)
    _check_shape(text, name)
    doubles: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(items)
        if len(made) != len(items):
            seen: set[str] = set()
            doubles.extend(key for key, _ in items if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        return made

    try:
        value = json.loads(text, object_pairs_hook=pairs)
    except json.JSONDecodeError as error:
        raise Problem("workflow_json", file=name, detail=_in_words(error, text), details=str(error)) from error
    except ValueError as error:  # Python's own limit for the digits of an integer
        digits = max(len(run[0]) for run in _DIGITS.finditer(text))
        detail = f"it has a number of {digits} digits"
        raise Problem("workflow_limits", file=name, detail=detail, details=str(error)) from error
    if len(text) > max_string or _ESCAPED_SURROGATE.search(text) or not _is_clean(text):
        value = _scrub(value, name, max_string)
    shown = sorted(set(map(_clean, doubles)))[:5]
    warnings = [f"The name “{key[:80]}” occurs twice in one place; the last one counts." for key in shown]
    return Document(value, tuple(warnings))


def _decode(data: bytes, name: str) -> str:
    if not data.strip():
        raise Problem("workflow_json", file=name, detail="it is empty")
    encoding = json.detect_encoding(data)
    try:
        return data.decode(encoding, "surrogatepass")
    except UnicodeDecodeError as error:
        detail = f"it is not text in UTF-8 (byte {error.start + 1})"
        raise Problem("workflow_json", file=name, detail=detail, details=str(error)) from error


def _check_shape(text: str, name: str) -> None:
    """Refuse deep nesting before the decoder recurses into it, and more parts than it decodes in a moment.

    The decoder lets no other thread run meanwhile; this loop does. Linear in the length of the text. Commas and
    brackets inside texts count as parts too: no workflow comes near to the limit, and counting is quick that way.
    """
    parts = text.count(",") + text.count('"') // 2 + sum(map(text.count, "[]{}"))
    if parts > MAX_PARTS:
        raise Problem("workflow_limits", file=name, detail="it has more values than any workflow")
    depth = 0
    for run in _RUNS.finditer(text):
        if text[run.start()] == '"':
            continue
        for bracket in _NO_BRACKETS.sub("", run[0]):
            depth += 1 if bracket in "[{" else -1
            if depth > MAX_DEPTH:
                raise Problem("workflow_limits", file=name, detail=f"it is nested deeper than {MAX_DEPTH} levels")


def _check_depth(value: Any, name: str) -> None:
    """The same limit for a decoded value, level by level."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(MAX_DEPTH):
        inner = [part for item in level for part in (item.values() if isinstance(item, dict) else item)]
        level = [part for part in inner if isinstance(part, dict | list)]
        if not level:
            return
    raise Problem("workflow_limits", file=name, detail=f"it is nested deeper than {MAX_DEPTH} levels")


def _in_words(error: json.JSONDecodeError, text: str) -> str:
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        return "it is a web page"
    what = next((words for start, words in _WORDS if error.msg.startswith(start)), error.msg)
    if error.pos >= len(text.rstrip()):
        what = "it ends too early"
    return f"{what} at line {error.lineno}, column {error.colno}"


def _is_clean(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _clean(text: str) -> str:
    return _SURROGATE.sub("\ufffd", text)


def _scrub(value: Any, name: str, limit: int) -> Any:
    """Replace lone surrogates and refuse texts over the limit. Recursion is bounded by the depth limit."""
    if isinstance(value, str):
        if len(value) > limit:
            raise Problem("workflow_limits", file=name, detail=f"it has a text of more than {limit >> 20} MB")
        return _clean(value)
    if isinstance(value, list):
        return [_scrub(item, name, limit) for item in value]
    if isinstance(value, dict):
        return {_scrub(key, name, limit): _scrub(item, name, limit) for key, item in value.items()}
    return value
