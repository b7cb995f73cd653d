"""Placeholder until the next commit."""

from __future__ import annotations

from typing import Any


def connect(*args: Any) -> None:
    return None


def apply(*args: Any) -> None:
    return None
