"""What differs between two runs, in a few words for a row of the queue."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from comfydesk.form.fields import Field, Form, Kind, LocalFile
from comfydesk.form.kinds import unwrap
from comfydesk.form.values import same

MAX = 60  # characters of one value
MAX_FIELDS = 3
_WORDS = re.compile(r"\s+|[^\s]+")


def seed_text(seed: int) -> str:
    """A seed short enough for a row: "seed …930 552"; the last six digits tell runs apart."""
    digits = str(seed)
    if len(digits) > 7:
        return f"seed …{digits[-6:-3]} {digits[-3:]}"
    return f"seed {seed:,}".replace(",", " ")


def describe(form: Form, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What changed from one prompt to the next, seeds left out: "prompt: fox → wolf", "cfg 5.0"; "" for nothing."""
    parts = []
    for item in form.fields:
        if item.kind in (Kind.SEED, Kind.LINK):
            continue
        old, new = _value(before, item), _value(after, item)
        if not same(old, new):
            parts.append(_change(item, old, new))
    shown = parts[:MAX_FIELDS]
    more = len(parts) - len(shown)
    return " · ".join(shown) + (f" · {more} more" if more else "")


def _value(prompt: Mapping[str, Any], item: Field) -> Any:
    node = prompt.get(item.node_id)
    inputs = node.get("inputs") if isinstance(node, Mapping) else None
    return unwrap(inputs.get(item.input_name)) if isinstance(inputs, Mapping) else None


def _change(item: Field, old: Any, new: Any) -> str:
    label = _lower(item.label)
    if isinstance(old, str) and isinstance(new, str) and item.kind in (Kind.TEXT, Kind.MULTILINE):
        gone, come = _changed_words(old, new)
        return f"{label}: {gone} → {come}" if gone and come else f"{label}: {'+ ' + come if come else '− ' + gone}"
    return f"{label} {_short(_shown(new))}"


def _changed_words(old: str, new: str) -> tuple[str, str]:
    """The middle parts that differ, with the words that are equal at both ends left out."""
    a, b = _WORDS.findall(old), _WORDS.findall(new)
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    end = 0
    while end < min(len(a), len(b)) - start and a[-1 - end] == b[-1 - end]:
        end += 1
    gone, come = "".join(a[start : len(a) - end]), "".join(b[start : len(b) - end])
    return _short(gone.strip(" ,")), _short(come.strip(" ,"))


def _shown(value: Any) -> str:
    if isinstance(value, LocalFile):
        value = value.path
    if isinstance(value, str):
        return value.replace("\\", "/").rsplit("/", 1)[-1]
    if isinstance(value, bool):
        return "on" if value else "off"
    return "nothing" if value is None else str(value)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= MAX else text[: MAX - 1] + "…"


def _lower(label: str) -> str:
    """A label inside a sentence; "CFG" and "LoRA" keep their letters."""
    return label if label[:2].isupper() or label == "LoRA" else label[:1].lower() + label[1:]
