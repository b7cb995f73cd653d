"""Placeholder until the next commit."""

from __future__ import annotations

from typing import Any


def migrate(*args: Any) -> None:
    return None
