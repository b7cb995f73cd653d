"""`%date:yyyy-MM-dd%` and `%KSampler.seed%` in the name of a result: ComfyUI's page fills them in, its server does not.

The server itself knows `%year%`, `%month%`, `%day%`, `%hour%`, `%minute%`, `%second%`, `%width%` and `%height%`; these
stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

INPUT = "filename_prefix"
MAX_NAME = 4096  # letters that are looked at; a longer one is sent as it is
UNKNOWN = object()
NO_NAMES: Mapping[str, str] = {}
_PATTERN = re.compile(r"%([^%]+)%")
_DATE_PART = re.compile(r"dd?|MM?|hh?|mm?|ss?|yyy?y?")
_NOT_IN_NAMES = re.compile(r'[/?<>\\:*|"\x00-\x1f\x7f]')


def nodes_with_patterns(prompt: Mapping[str, Any]) -> Iterator[str]:
    """The ids of nodes whose name for results has to be filled in here."""
    for node_id, node in prompt.items():
        value = _inputs(node).get(INPUT)
        if isinstance(value, str) and len(value) <= MAX_NAME and any(map(_is_ours, _PATTERN.findall(value))):
            yield node_id


def fill_in(
    prompt: Mapping[str, Any],
    now: datetime,
    node_ids: Iterable[str] | None = None,
    named: Mapping[str, str] = NO_NAMES,
) -> dict[str, Any]:
    """`prompt` with the patterns of `node_ids` (all that have some) replaced; only those nodes are copied.

    `now` is the time that dates mean, in the person's own time zone. `named`: what the editor's graph calls nodes →
    their ids; without it a node's class is its name, else its title. What names no node or input stays as it is.
    """
    made = dict(prompt)
    for node_id in nodes_with_patterns(prompt) if node_ids is None else node_ids:
        node = prompt[node_id]
        inputs = _inputs(node)
        value = filled(inputs[INPUT], now, lambda name, key: _value(prompt, named, name, key))
        made[node_id] = {**node, "inputs": {**inputs, INPUT: value}}
    return made


def filled(text: str, now: datetime, value_of: Callable[[str, str], Any]) -> str:
    """The text with dates and values as the page puts them in (frontend 1.49.6, `applyTextReplacements`).

    `value_of(node's name, input)`: UNKNOWN where there is none; the pattern stays then.
    """

    def replacement(found: re.Match[str]) -> str:
        parts = found[1].split(".")
        if len(parts) != 2:
            return _date(parts[0].removeprefix("date:"), now) if parts[0].startswith("date:") else found[0]
        value = value_of(*parts)
        return found[0] if value is UNKNOWN else _NOT_IN_NAMES.sub("_", _as_text(value))

    return _PATTERN.sub(replacement, text)


def _is_ours(text: str) -> bool:
    return text.startswith("date:") or len(text.split(".")) == 2


def _value(prompt: Mapping[str, Any], named: Mapping[str, str], name: str, input_name: str) -> Any:
    """An input of the node of that name; UNKNOWN where there is none or where it is a link."""
    node = prompt.get(named.get(name, ""))
    if not named:
        nodes = [node for node in prompt.values() if isinstance(node, Mapping)]
        of_class = (node for node in nodes if node.get("class_type") == name)
        node = next(of_class, None) or next((node for node in nodes if _title(node) == name), None)
    value = _inputs(node).get(input_name, UNKNOWN)
    return UNKNOWN if isinstance(value, list | dict) else value


def _date(wanted: str, now: datetime) -> str:
    """The letters of ComfyUI's page: yyyy, MM, dd, hh, mm, ss and their short forms."""
    parts = {"d": now.day, "M": now.month, "h": now.hour, "m": now.minute, "s": now.second}

    def part(found: re.Match[str]) -> str:
        letters = found.group()
        if letters[0] == "y":
            year = str(now.year)
            return {"yy": year[2:], "yyyy": year}.get(letters, letters)
        return str(parts[letters[0]]).zfill(len(letters))

    return _DATE_PART.sub(part, wanted)


def _as_text(value: Any) -> str:
    """A value as the page writes it into a text: true, 7 for 7.0."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    if isinstance(value, list):
        return ",".join(map(_as_text, value))
    return "[object Object]" if isinstance(value, dict) else str(value)


def _title(node: Mapping[str, Any]) -> Any:
    meta = node.get("_meta")
    return meta.get("title") if isinstance(meta, Mapping) else None


def _inputs(node: Any) -> Mapping[str, Any]:
    inputs = node.get("inputs") if isinstance(node, Mapping) else None
    return inputs if isinstance(inputs, Mapping) else {}
