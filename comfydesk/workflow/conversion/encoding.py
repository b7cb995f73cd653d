"""How a value of the prompt is written into the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comfydesk.workflow.conversion.places import Place
from comfydesk.workflow.conversion.rounding import rounded
from comfydesk.workflow.conversion.texts import draw, has_choices

_SPECIAL = "{}|"  # what a backslash makes plain


def unwrapped(value: Any) -> Any:
    """`{"__value__": […]}` is a list."""
    if isinstance(value, Mapping) and isinstance(value.get("__value__"), list):
        return value["__value__"]
    return value


def same(one: Any, other: Any) -> bool:
    """Equal, and not only by Python's view that True is 1."""
    return type(one) is type(other) and bool(one == other)


def suits(place: Place, value: Any) -> bool:
    """Whether the value arrives unchanged by the way that it takes."""
    for limits in place.limits:
        arrived = rounded(str(limits.get("kind")), limits, value)
        low, high = limits.get("min"), limits.get("max")
        if not same(arrived, value) and arrived != value:
            return False
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        if (low is not None and value < low) or (high is not None and value > high):
            return False
    return True


def encoded(place: Place, value: Any, present: Any) -> Any:
    """The entry for a value; the entry that is there where that gives it already."""
    if same(value, present):
        return present
    if place.kind != "drawn" or not isinstance(value, str):
        return value
    if isinstance(present, str) and draw(present) == value and not has_choices(present):
        return present
    return plain_text(value)


def plain_text(text: str) -> str:
    """The text spelled so that the editor sends it as it is."""
    if draw(text) == text and not has_choices(text):
        return text
    parts: list[str] = []
    at = 0
    while at < len(text):
        run = 0
        while text.startswith("\\", at + run):
            run += 1
        letter = text[at + run : at + run + 1]
        if letter and letter in _SPECIAL:  # one backslash before it is taken off when it is sent
            parts.append("\\" * (run + 1) + ("{\\{}" if run % 2 and letter == "{" else letter))
        elif not run and letter in "/*" and text[at - 1 : at] == "/":
            parts.append("{" + letter + "}")  # no comment begins here
        else:
            parts.append("\\" * run + letter)
        at += run + 1
    return "".join(parts)
