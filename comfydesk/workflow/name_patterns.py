"""`%date:yyyy-MM-dd%` and `%KSampler.seed%` in the name of a result: ComfyUI's page fills them in, its server does not.

The server itself knows `%year%`, `%month%`, `%day%`, `%hour%`, `%minute%`, `%second%`, `%width%` and `%height%`; these
stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

INPUT = "filename_prefix"
MAX_NAME = 4096  # letters that are looked at; a longer one is sent as it is
_PATTERN = re.compile(r"%([^%]+)%")
_DATE_PART = re.compile(r"dd?|MM?|hh?|mm?|ss?|yyy?y?")
_NOT_IN_NAMES = re.compile(r'[/?<>\\:*|"\x00-\x1f\x7f]')


def nodes_with_patterns(prompt: Mapping[str, Any]) -> Iterator[str]:
    """The ids of nodes whose name for results has to be filled in here."""
    for node_id, node in prompt.items():
        value = _inputs(node).get(INPUT)
        if isinstance(value, str) and len(value) <= MAX_NAME and any(map(_is_ours, _PATTERN.findall(value))):
            yield node_id


def fill_in(prompt: Mapping[str, Any], now: datetime, node_ids: Iterable[str] | None = None) -> dict[str, Any]:
    """`prompt` with the patterns of `node_ids` (all that have some) replaced; only those nodes are copied.

    `now` is the time that dates mean, in the person's own time zone. What names no node or input stays as it is.
    """
    filled = dict(prompt)
    for node_id in nodes_with_patterns(prompt) if node_ids is None else node_ids:
        node = prompt[node_id]
        inputs = _inputs(node)
        value = _PATTERN.sub(lambda found: _replacement(found, prompt, now), inputs[INPUT])
        filled[node_id] = {**node, "inputs": {**inputs, INPUT: value}}
    return filled


def _is_ours(text: str) -> bool:
    return text.startswith("date:") or len(text.split(".")) == 2


def _replacement(found: re.Match[str], prompt: Mapping[str, Any], now: datetime) -> str:
    text = found.group(1)
    if text.startswith("date:") and "." not in text:
        return _date(text.removeprefix("date:"), now)
    name, dot, input_name = text.partition(".")
    if not dot or "." in input_name:
        return found.group()
    value = _value(prompt, name, input_name)
    return found.group() if value is None else _NOT_IN_NAMES.sub("_", _as_text(value))


def _value(prompt: Mapping[str, Any], name: str, input_name: str) -> Any:
    """An input of the first node of that class, else of that title; None where there is none or where it is a link."""
    nodes = [node for node in prompt.values() if isinstance(node, Mapping)]
    named = [node for node in nodes if node.get("class_type") == name] or [n for n in nodes if _title(n) == name]
    value = _inputs(named[0]).get(input_name) if named else None
    return None if isinstance(value, list | dict) else value


def _date(wanted: str, now: datetime) -> str:
    parts = {"d": now.day, "M": now.month, "h": now.hour, "m": now.minute, "s": now.second}

    def part(found: re.Match[str]) -> str:
        letters = found.group()
        if letters[0] == "y":
            year = str(now.year)
            return {"yy": year[2:], "yyyy": year}.get(letters, letters)
        return str(parts[letters[0]]).zfill(len(letters))

    return _DATE_PART.sub(part, wanted)


def _as_text(value: Any) -> str:
    """A value as the page writes it: true, 7 for 7.0."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return str(value)


def _title(node: Mapping[str, Any]) -> Any:
    meta = node.get("_meta")
    return meta.get("title") if isinstance(meta, Mapping) else None


def _inputs(node: Any) -> Mapping[str, Any]:
    inputs = node.get("inputs") if isinstance(node, Mapping) else None
    return inputs if isinstance(inputs, Mapping) else {}
