"""The "parameters" text that AUTOMATIC1111, Forge and their relatives write, and that other tools imitate. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from comfydesk.workflow.media import foreign

MAX_TEXT = 1 << 20  # letters that are looked at
MAX_SETTINGS = 200
_MAX_VALUE = 1 << 16  # letters of a value in quotes
_MAX_NESTED = 1 << 14  # of one in brackets that is looked into
_MAX_LINES = 500  # behind the settings
_NEGATIVE = "Negative prompt:"
_STEPS = re.compile(r"\s*Steps: *\d")
_GAP = re.compile(r"[\s,]*+")
_KEY = re.compile(r"(\w[\w \-/.()+#]{0,80}):(?: +|$|(?=[\"\[{]))")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_NESTED = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]')
_LINE = re.compile(r"(\w[\w \-]{0,60}): ?(.*)", re.DOTALL)  # one setting a line, behind the others
_LEAST = 3  # settings in a line without "Steps" that make it one of settings, as AUTOMATIC1111 itself counts


@dataclass(frozen=True, slots=True)
class Parameters:
    """`settings` by AUTOMATIC1111's names ("Steps", "CFG scale", "Size" …), whichever program wrote them."""

    prompt: str = ""
    negative: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)


def parse(text: str) -> Parameters:
    """Split a parameters text; one that is not of a known form is all prompt.

    Also takes the JSON objects of SwarmUI, InvokeAI, Fooocus and NovelAI.

    >>> parse("a fox\\nNegative prompt: blurry\\nSteps: 20, Seed: 7").settings["Seed"]
    '7'
    """
    text = text[:MAX_TEXT].replace("\r\n", "\n").strip()
    if text.startswith("{"):
        found = foreign.read(text)
        if found is not None:
            return Parameters(*found)
    lines = text.split("\n")
    settings, at = _find_settings(lines)
    prompt: list[str] = []
    negative: list[str] = []
    into = prompt
    for line in lines[:at]:
        if into is prompt and line.lstrip().startswith(_NEGATIVE):
            into, line = negative, line.lstrip()[len(_NEGATIVE) :].lstrip()
        into.append(line)
    return Parameters("\n".join(prompt).strip(), "\n".join(negative).strip(), settings)


def _find_settings(lines: list[str]) -> tuple[dict[str, str], int]:
    """The settings, and the number of the line where they begin. Extensions add lines of their own behind them."""
    for at in range(len(lines) - 1, -1, -1):
        if _STEPS.match(lines[at]):
            settings = settings_of(lines[at])
            _add_lines(settings, lines[at + 1 :])
            return settings, at
    last = len(lines) - 1
    if last > 0:
        settings = settings_of(lines[last])
        if len(settings) >= _LEAST:
            return settings, last
    return {}, len(lines)


def settings_of(line: str) -> dict[str, str]:
    """`Steps: 20, Sampler: Euler a, Lora hashes: "a: 1, b: 2", Size: 512x512` as a mapping; the first of a name counts.

    Values in quotes are unquoted; those in brackets, which may hold commas too, stay as they are.
    """
    found: dict[str, str] = {}
    at = 0
    for _ in range(MAX_SETTINGS):
        gap = _GAP.match(line, at)
        at = gap.end() if gap is not None else at
        match = _KEY.match(line, at)
        if match is None:
            at = line.find(",", at)  # the rest of a value with a comma in it
            if at < 0 or not found:
                break
            continue
        value, at = _value(line, match.end())
        found.setdefault(match[1].strip(), value)
        if at >= len(line):
            break
    return found


def _value(line: str, at: int) -> tuple[str, int]:
    first = line[at : at + 1]
    if first == '"':
        quoted = _QUOTED.match(line, at, at + _MAX_VALUE)
        if quoted is not None:
            return _unquoted(quoted[0]), quoted.end()
    elif first in ("{", "["):
        depth = 0
        for part in _NESTED.finditer(line, at, at + _MAX_NESTED):
            depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(part[0], 0)
            if depth == 0:
                return line[at : part.end()], part.end()
    comma = line.find(",", at)
    end = len(line) if comma < 0 else comma
    return line[at:end].strip(), end


def _unquoted(text: str) -> str:
    try:
        return str(json.loads(text, strict=False)).encode("utf-8", "replace").decode()
    except ValueError:
        return text[1:-1]


def _add_lines(settings: dict[str, str], lines: list[str]) -> None:
    key = ""
    for line in lines[:_MAX_LINES]:
        match = _LINE.match(line)
        if match is not None and len(settings) < MAX_SETTINGS:
            key = match[1].strip()
            settings.setdefault(key, match[2].strip())
        elif key:
            settings[key] = f"{settings[key]}\n{line}"[:_MAX_VALUE]
