"""Nodes that handle text and plain values, and the silent source of audio."""

from __future__ import annotations

from typing import Any

from comfydesk.demo.call import Call
from comfydesk.demo.values import Audio


def concatenate(call: Call, string_a: str, string_b: str, delimiter: str) -> tuple[str]:
    return (delimiter.join((string_a, string_b)),)


def plain(call: Call, value: Any) -> tuple[Any]:
    return (value,)


def empty_audio(call: Call, duration: float, sample_rate: int, channels: int) -> tuple[Audio]:
    return (Audio(duration, sample_rate, channels),)
