"""Sums in number fields: `1024*1.5`, `(3+4)/2`. Numbers and + − * / ( ) only, worked out exactly."""

from __future__ import annotations

import re
from fractions import Fraction

MAX_LETTERS = 200
MAX_DEPTH = 20
MAX_BITS = 4_000  # of a numerator or denominator on the way
_TOKEN = re.compile(r"\s*(?:([0-9]{1,100}(?:\.[0-9]{0,100})?|\.[0-9]{1,100})([eE][+-]?[0-9]{1,3})?|([-+*/()]))")
_SIGNS = str.maketrans({"−": "-", "–": "-", "×": "*", "·": "*", "÷": "/", ",": ".", "\u00a0": " ", "\u202f": " "})


def work_out(text: str) -> Fraction | None:
    """The value of a sum; None for anything else, for a division by zero, and for numbers without measure.

    >>> work_out("1024*1.5")
    Fraction(1536, 1)
    """
    if len(text) > MAX_LETTERS:
        return None
    tokens = _tokens(text.translate(_SIGNS))
    if not tokens:
        return None
    try:
        reader = _Reader(tokens)
        value = reader.sum(0)
    except (ValueError, ZeroDivisionError):
        return None
    return value if reader.is_done else None


def _tokens(text: str) -> list[str | Fraction]:
    """[] where something is no token."""
    found: list[str | Fraction] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        token = _TOKEN.match(text, at)
        if token is None:
            return []
        found.append(Fraction(token[1] + (token[2] or "")) if token[1] else token[3])
        at = token.end()
    return found


class _Reader:
    def __init__(self, tokens: list[str | Fraction]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def is_done(self) -> bool:
        return self._at == len(self._tokens)

    def sum(self, depth: int) -> Fraction:
        value = self._product(depth)
        while (sign := self._next("+", "-")) is not None:
            other = self._product(depth)
            value = _measured(value + other if sign == "+" else value - other)
        return value

    def _product(self, depth: int) -> Fraction:
        value = self._factor(depth)
        while (sign := self._next("*", "/")) is not None:
            other = self._factor(depth)
            value = _measured(value * other if sign == "*" else value / other)
        return value

    def _factor(self, depth: int) -> Fraction:
        if depth > MAX_DEPTH:
            raise ValueError
        sign = self._next("+", "-")
        if sign is not None:
            value = self._factor(depth + 1)
            return -value if sign == "-" else value
        if self._next("(") is not None:
            value = self.sum(depth + 1)
            if self._next(")") is None:
                raise ValueError
            return value
        token = self._tokens[self._at] if not self.is_done else None
        if not isinstance(token, Fraction):
            raise ValueError
        self._at += 1
        return token

    def _next(self, *signs: str) -> str | None:
        token = self._tokens[self._at] if not self.is_done else None
        if isinstance(token, str) and token in signs:
            self._at += 1
            return token
        return None


def _measured(value: Fraction) -> Fraction:
    if value.numerator.bit_length() > MAX_BITS or value.denominator.bit_length() > MAX_BITS:
        raise ValueError
    return value
