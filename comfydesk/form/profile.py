"""What a form shows and how, chosen by a person: the workflow's author, or the one who uses it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

MAX_SHOWN = 500  # fields that a profile may name; it comes from a file
MAX_GROUPS = 60
MAX_LABEL = 120  # letters
MAX_HELP = 1000


class Range(NamedTuple):
    """A narrower range for a number; None leaves that end, or the step, as the node has it."""

    low: float | int | None = None
    high: float | int | None = None
    step: float | int | None = None


@dataclass(frozen=True, slots=True)
class OwnGroup:
    """Fields that a person put together under a title."""

    title: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """`essentials`: field keys in the order in which they are shown first; None: what the graph's structure says.

    `labels`, `help`, `ranges`: by field key. `outputs`: ids of the nodes whose results matter; none: all. `hidden`:
    fields that the form does not show; they are sent all the same. A field that stands in several places is hidden
    first of all, else in the person's own group, else essential.
    """

    essentials: tuple[str, ...] | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    outputs: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    groups: tuple[OwnGroup, ...] = ()
    ranges: Mapping[str, Range] = field(default_factory=dict)
    help: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self != Profile()

    def to_json(self) -> dict[str, Any]:
        """As the sidecar and an exported file keep it; what says nothing is left out."""
        content: dict[str, Any] = {} if self.essentials is None else {"essentials": list(self.essentials)}
        said = {
            "labels": dict(self.labels),
            "outputs": list(self.outputs),
            "hidden": list(self.hidden),
            "groups": [{"title": group.title, "keys": list(group.keys)} for group in self.groups],
            "ranges": {key: _ends(found) for key, found in self.ranges.items()},
            "help": dict(self.help),
        }
        return content | {name: value for name, value in said.items() if value}


NO_PROFILE = Profile()


def from_json(content: Any) -> Profile:
    """A profile as the sidecar keeps it; whatever is odd in it is left out, for people edit these files."""
    if not isinstance(content, Mapping):
        return Profile()
    essentials = content.get("essentials")
    return Profile(
        _keys(essentials) if isinstance(essentials, list) else None,
        _texts(content.get("labels"), MAX_LABEL),
        _keys(content.get("outputs")),
        _keys(content.get("hidden")),
        _groups(content.get("groups")),
        _ranges(content.get("ranges")),
        _texts(content.get("help"), MAX_HELP),
    )


def clean_label(text: str) -> str:
    """A name in one line, without what cannot be seen; "" where nothing is left."""
    return " ".join("".join(letter for letter in text if letter.isprintable() or letter.isspace()).split())[:MAX_LABEL]


def _keys(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(dict.fromkeys(item for item in value if isinstance(item, str)))[:MAX_SHOWN]


def _texts(value: Any, longest: int) -> dict[str, str]:
    if not isinstance(value, Mapping):
        return {}
    texts = {key: text[:longest] for key, text in value.items() if isinstance(text, str) and text.strip()}
    return dict(list(texts.items())[:MAX_SHOWN])


def _groups(value: Any) -> tuple[OwnGroup, ...]:
    """Groups in their order; a field stands in the first that names it."""
    found: list[OwnGroup] = []
    seen: set[str] = set()
    for item in value if isinstance(value, list) else ():
        if isinstance(item, Mapping) and isinstance(item.get("title"), str) and (title := clean_label(item["title"])):
            keys = tuple(key for key in _keys(item.get("keys")) if key not in seen)
            seen.update(keys)
            found.append(OwnGroup(title, keys))
    return tuple(found[:MAX_GROUPS])


def _ranges(value: Any) -> dict[str, Range]:
    found: dict[str, Range] = {}
    for key, item in value.items() if isinstance(value, Mapping) else ():
        if not isinstance(item, Mapping):
            continue
        low, high, step = (_number(item.get(name)) for name in ("min", "max", "step"))
        if low is not None and high is not None and low >= high:
            low = high = None
        made = Range(low, high, step if step is not None and step > 0 else None)
        if made != Range():
            found[key] = made
    return dict(list(found.items())[:MAX_SHOWN])


def _number(value: Any) -> float | int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # Not math.isfinite alone: an int of a file may be too large for any float.
    return value if -(2**64) <= value <= 2**64 and math.isfinite(value) else None


def _ends(found: Range) -> dict[str, float | int]:
    pairs = zip(("min", "max", "step"), found, strict=True)
    return {name: value for name, value in pairs if value is not None}
