"""How the editor's number widgets round what is put into them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

NOT_A_NUMBER = None  # what the page writes for it


def rounded(kind: str, options: Mapping[str, Any], value: Any) -> Any:
    """`kind`: INT or FLOAT with the options of its input; any other kind is left alone."""
    if kind == "INT":
        return _whole(options, value)
    if kind == "FLOAT":
        return _fraction(options, value)
    return value


def _whole(options: Mapping[str, Any], value: Any) -> Any:
    step = _number(options.get("step"), 1) or 1
    if step == 1 and isinstance(value, int) and not isinstance(value, bool):
        return value
    number = as_number(value)
    if number is None or math.isinf(number):
        return NOT_A_NUMBER
    if step == 1:
        return math.floor(number + 0.5)
    low = _number(options.get("min"), 0)
    offset = 0.0 if math.isinf(low) else math.fmod(low, step)
    result = math.floor((number - offset) / step + 0.5) * step + offset
    return int(result) if float(result).is_integer() else result


def _fraction(options: Mapping[str, Any], value: Any) -> Any:
    step = _number(options.get("step"), 0.5)
    precision = max(0, -math.floor(math.log10(step))) if step > 0 else 0
    given = options.get("round")
    by = 10.0**-precision if precision and not given else _number(given, 0)
    if not by:
        return value
    number = as_number(value)
    if number is None or math.isinf(number):
        return NOT_A_NUMBER
    result = round(math.floor(number / by + 0.5) * by, min(precision, 15))
    return min(max(result, _number(options.get("min"), -math.inf)), _number(options.get("max"), math.inf))


def as_number(value: Any) -> float | None:
    """As the page reads a number out of anything; None for what is not one."""
    if value is None or value == "":
        return 0
    if isinstance(value, bool | int | float):
        return None if value != value else float(value) if abs(value) < 1e300 else None
    if isinstance(value, str):
        try:
            return float(value.strip().replace("_", "x"))
        except ValueError:
            return None
    return None


def _number(value: Any, otherwise: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or abs(value) > 1e300:
        return otherwise
    return value


def common_range(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any] | None:
    """The options of a number that must suit two inputs; None where there is none."""
    low = max(_number(one.get("min"), -math.inf), _number(other.get("min"), -math.inf))
    high = min(_number(one.get("max"), math.inf), _number(other.get("max"), math.inf))
    if low > high:
        return None
    step = _common_multiple(_number(one.get("step"), 1), _number(other.get("step"), 1))
    merged = {"min": low, "max": high, "step": step}
    mine, theirs = {**one, **merged}, {**other, **merged}
    for key in {**mine, **theirs}:
        if key not in _FREE and mine.get(key) != theirs.get(key):
            return None
    return {**mine, **theirs}


_FREE = frozenset(
    {"default", "forceInput", "defaultInput", "control_after_generate", "multiline", "tooltip", "dynamicPrompts"}
)


def _common_multiple(one: float, other: float) -> float:
    a, b = abs(one), abs(other)
    for _ in range(100):
        if b <= 1e-10:
            break
        a, b = b, math.fmod(a, b)
    return abs(one * other) / a if a else one
