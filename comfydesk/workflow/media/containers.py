"""The texts in video and sound files: MP4 (as ComfyUI's SaveVideo writes them) and FLAC. Bounded, nothing decoded."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import BinaryIO

MAX_BOXES = 10_000
MAX_BLOCK = 32 << 20  # bytes of all texts together
MAX_ENTRIES = 512

Pairs = list[tuple[str, str]]


def mp4(file: BinaryIO) -> Pairs:
    """The tags in `moov/udta/meta` or `moov/meta`: keys name them, ilst holds them (QuickTime metadata)."""
    size = file.seek(0, os.SEEK_END)
    for path in ((b"moov", b"udta", b"meta"), (b"moov", b"meta")):
        span: tuple[int, int] | None = (0, size)
        for name in path:
            span = box(file, span, name) if span else None
        if span and span[1] - span[0] <= MAX_BLOCK:
            file.seek(span[0])
            return _tags(file.read(span[1] - span[0]))
    return []


def box(file: BinaryIO, span: tuple[int, int], wanted: bytes) -> tuple[int, int] | None:
    """The body of the first box of that name inside a span of the file."""
    offset, end = span
    for _ in range(MAX_BOXES):
        file.seek(offset)
        head = file.read(16)
        if len(head) < 8 or offset + 8 > end:
            return None
        length, body = int.from_bytes(head[:4], "big"), 8
        if length == 1:
            length, body = int.from_bytes(head[8:16], "big"), 16
        elif length == 0:
            length = end - offset
        if length < body or offset + length > end:
            return None
        if head[4:8] == wanted:
            return offset + body, offset + length
        offset += length
    return None


def _tags(meta: bytes) -> Pairs:
    start = 0 if meta[4:8] == b"hdlr" else 4  # QuickTime's "meta" has no version, MP4's has
    keys: list[str] = []
    found: Pairs = []
    for name, body in _boxes(meta[start:]):
        if name == b"keys":
            keys = [key.decode("utf-8", "replace") for _, key in _boxes(body[8:])]
        elif name == b"ilst":
            for number, item in _boxes(body):
                index = int.from_bytes(number, "big")
                for kind, data in _boxes(item):
                    if kind == b"data" and 1 <= index <= len(keys):
                        found.append((keys[index - 1], data[8:].decode("utf-8", "replace")))
    return found


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    offset = 0
    for _ in range(MAX_ENTRIES):
        length = int.from_bytes(data[offset : offset + 4], "big")
        if length < 8 or offset + length > len(data):
            return
        yield data[offset + 4 : offset + 8], data[offset + 8 : offset + length]
        offset += length


def flac(file: BinaryIO) -> Pairs:
    """The Vorbis comments, keys in lower case."""
    offset = 4
    for _ in range(MAX_ENTRIES):
        file.seek(offset)
        head = file.read(4)
        length = int.from_bytes(head[1:], "big")
        if len(head) < 4:
            break
        if head[0] & 0x7F == 4:
            return _comments(file.read(length))
        if head[0] & 0x80:
            break
        offset += 4 + length
    return []


def _comments(block: bytes) -> Pairs:
    found: Pairs = []
    offset = 4 + int.from_bytes(block[:4], "little")
    count = int.from_bytes(block[offset : offset + 4], "little")
    offset += 4
    for _ in range(min(count, MAX_ENTRIES)):
        length = int.from_bytes(block[offset : offset + 4], "little")
        if offset + 4 + length > len(block):
            break
        key, equals, value = block[offset + 4 : offset + 4 + length].decode("utf-8", "replace").partition("=")
        if equals:
            found.append((key.lower(), value))
        offset += 4 + length
    return found


READERS: dict[str, Callable[[BinaryIO], Pairs]] = {"isobmff": mp4, "flac": flac}
