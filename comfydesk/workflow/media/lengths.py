"""How long a video or a sound plays, from the headers of its container alone. Blocking, nothing is decoded."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from comfydesk.workflow.media import formats, isobmff, matroska

MAX_SECONDS = 360_000.0  # 100 hours; a header that says more is not believed
_SCALE = 0x2AD7B1
_DURATION = 0x4489


def length_of(path: str) -> float | None:
    """Seconds, or None where the file does not say. MP4 and MOV, WebM and MKV, FLAC, WAV."""
    try:
        with Path(path).open("rb") as file:
            read = _READERS.get(formats.format_of(file.read(formats.HEAD)))
            seconds = read(file) if read is not None else None
    except (OSError, struct.error, IndexError):  # cut off, or not what it says
        return None
    return seconds if seconds is not None and 0 < seconds <= MAX_SECONDS else None


def _mp4(file: BinaryIO) -> float | None:
    span: tuple[int, int] | None = (0, file.seek(0, os.SEEK_END))
    for name in (b"moov", b"mvhd"):
        span = isobmff.box(file, span, name) if span else None
    if span is None:
        return None
    file.seek(span[0])
    body = file.read(32)
    if body[0] == 1:
        scale, ticks = struct.unpack(">IQ", body[20:32])
    else:
        scale, ticks = struct.unpack(">II", body[12:20])
    return float(ticks / scale) if scale else None


def _flac(file: BinaryIO) -> float | None:
    file.seek(4)
    block = file.read(22)
    if len(block) < 22 or block[0] & 0x7F:
        return None
    packed = int.from_bytes(block[14:22], "big")  # rate 20 bits, channels 3, sample size 5, samples 36
    rate = packed >> 44
    return (packed & (1 << 36) - 1) / rate if rate else None


def _wav(file: BinaryIO) -> float | None:
    file.seek(12)
    rate = 0
    for _ in range(100):
        head = file.read(8)
        if len(head) < 8:
            return None
        size = int.from_bytes(head[4:], "little")
        if head[:4] == b"fmt ":
            rate = int.from_bytes(file.read(16)[8:12], "little")
            size -= 16
        elif head[:4] == b"data":
            return size / rate if rate else None
        file.seek(size + (size & 1), os.SEEK_CUR)
    return None


def _matroska(file: BinaryIO) -> float | None:
    """Segment, Info: TimestampScale and Duration. Other elements of the segment are stepped over."""
    info = next(matroska.find(file, matroska.SEGMENT, matroska.INFO), None)
    if info is None:
        return None
    facts: dict[int, bytes] = {}
    for name, start, end in matroska.children(file, info[1], info[2]):
        if name in (_SCALE, _DURATION) and end - start <= 8:
            file.seek(start)
            facts[name] = file.read(end - start)
    duration = facts.get(_DURATION, b"")
    if len(duration) not in (4, 8):
        return None
    (ticks,) = struct.unpack(">f" if len(duration) == 4 else ">d", duration)
    scale = int.from_bytes(facts[_SCALE], "big") if _SCALE in facts else 1_000_000
    return float(ticks * scale / 1e9)


_READERS: dict[str, Callable[[BinaryIO], float | None]] = {
    "isobmff": _mp4,
    "flac": _flac,
    "wav": _wav,
    "matroska": _matroska,
}
