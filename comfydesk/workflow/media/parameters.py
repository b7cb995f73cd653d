"""The "parameters" text that AUTOMATIC1111 and its relatives write, and that other tools imitate. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

MAX_SETTINGS = 200
_NEGATIVE = "Negative prompt:"
# Steps: 20, Sampler: Euler a, Lora hashes: "a: 1, b: 2", Size: 512x512
_SETTING = re.compile(r'\s*([\w][\w \-/]{0,60}):\s*("(?:\\.|[^"\\])*"|[^,]*)(?:,|$)')


@dataclass(frozen=True, slots=True)
class Parameters:
    prompt: str = ""
    negative: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)


def parse(text: str) -> Parameters:
    """Split a parameters text; one that is not of that form is all prompt.

    >>> parse("a fox\\nNegative prompt: blurry\\nSteps: 20, Seed: 7").settings["Seed"]
    '7'
    """
    lines = text.replace("\r\n", "\n").strip().split("\n")
    settings: dict[str, str] = {}
    if len(lines) > 1 or re.match(r"\s*Steps: \d", lines[-1]):
        settings = _settings(lines[-1])
        if settings:
            lines.pop()
    prompt: list[str] = []
    negative: list[str] = []
    into = prompt
    for line in lines:
        if into is prompt and line.lstrip().startswith(_NEGATIVE):
            into, line = negative, line.lstrip()[len(_NEGATIVE) :].lstrip()
        into.append(line)
    return Parameters("\n".join(prompt).strip(), "\n".join(negative).strip(), settings)


def _settings(line: str) -> dict[str, str]:
    found: dict[str, str] = {}
    position = 0
    while position < len(line) and len(found) < MAX_SETTINGS:
        match = _SETTING.match(line, position)
        if match is None or match.end() == position:
            break
        found.setdefault(match.group(1).strip(), match.group(2).strip().strip('"'))
        position = match.end()
    return found if "Steps" in found or len(found) >= 3 else {}
