"""What a paid node costs, as far as its spec says it in plain numbers: `price_badge` of `/object_info` since 0.3.70.

A badge holds a JSONata expression. 75 of the 229 of ComfyUI 0.33.0 are a constant; the others work the price out from
the node's inputs in the page's own engine, which is not done here: no price is better than a wrong one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

FREE = "free"
MAX_EXPRESSION = 2_000
MAX_TEXT = 60
_UNITS = {"/sec": "/second"}


def price_of(badge: Any) -> str:
    """ "$0.05/second", "about $0.03 to $0.06", FREE; "" where it depends on the inputs or cannot be read."""
    expression = badge.get("expr") if isinstance(badge, Mapping) else None
    if not isinstance(expression, str) or len(expression) > MAX_EXPRESSION:
        return ""
    try:
        value = json.loads(expression)
    except (ValueError, RecursionError):
        return ""
    return _said(value) if isinstance(value, Mapping) else ""


def _said(value: Mapping[str, Any]) -> str:
    text = value.get("text")
    if value.get("type") == "text":
        return FREE if isinstance(text, str) and text.strip().casefold() == FREE else ""
    given_amounts = [value[key] for key in ("usd", "min_usd", "max_usd") if key in value]
    amounts = [amount for amount in given_amounts if _is_amount(amount)]
    if not amounts or len(amounts) != len(given_amounts):
        return ""
    if not any(amounts):
        return FREE
    shown = " to ".join(map(_dollars, amounts))
    given = value.get("format")
    form: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    suffix = form.get("suffix")
    unit = suffix if isinstance(suffix, str) and len(suffix) <= MAX_TEXT and suffix.isprintable() else ""
    return ("about " if form.get("approximate") is True else "") + shown + _UNITS.get(unit, unit)


def _dollars(amount: float) -> str:
    """$0.20, $1.00, but $0.0286: cents always, smaller parts where there are some."""
    cents, parts = f"{amount:,.4f}"[:-2], f"{amount:.4f}"[-2:].rstrip("0")
    return f"${cents}{parts}"


def _is_amount(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1_000_000
