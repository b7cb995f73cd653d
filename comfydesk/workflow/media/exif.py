"""The texts of an EXIF block, where ComfyUI and others put prompts in WebP and JPEG files. Pure, bounded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO

MAX_BLOCK = 16 << 20
MAX_ENTRIES = 512
MAX_SEGMENTS = 10_000
_EXIF_POINTER = 0x8769
USER_COMMENT = 0x9286
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 7: 1}


def texts(block: bytes) -> list[tuple[int, str]]:
    """(tag, text) of all ASCII, byte and undefined entries of the first directory and of the EXIF one.

    `block` begins with the TIFF header ("II*\\0" or "MM\\0*"). Hostile offsets and counts are skipped, never raised.
    """
    orders = {b"II*\0": "little", b"MM\0*": "big"}
    order = orders.get(block[:4])
    if order is None:
        return []
    found: list[tuple[int, str]] = []
    directories, seen = [_number(block, 4, 4, order)], set[int]()
    while directories and len(seen) < 4:
        offset = directories.pop()
        if offset in seen:
            continue
        seen.add(offset)
        for tag, kind, value in _entries(block, offset, order):
            if tag == _EXIF_POINTER and kind == 4 and len(value) == 4:
                directories.append(_number(value, 0, 4, order))
            elif kind in (1, 2, 7):
                found.append((tag, _text(tag, value, order)))
    return found


def _entries(block: bytes, offset: int, order: str) -> Iterator[tuple[int, int, bytes]]:
    count = _number(block, offset, 2, order)
    for index in range(min(count, MAX_ENTRIES)):
        at = offset + 2 + 12 * index
        if at + 12 > len(block):
            return
        tag, kind = _number(block, at, 2, order), _number(block, at + 2, 2, order)
        length = _number(block, at + 4, 4, order) * _SIZES.get(kind, 0)
        start = at + 8 if length <= 4 else _number(block, at + 8, 4, order)
        if 0 < length <= len(block) - start:
            yield tag, kind, block[start : start + length]


def _number(block: bytes, offset: int, width: int, order: str) -> int:
    return int.from_bytes(block[offset : offset + width], "little" if order == "little" else "big")


def _text(tag: int, value: bytes, order: str) -> str:
    if tag == USER_COMMENT:
        code, value = value[:8], value[8:]
        if code == b"UNICODE\0":
            # Writers disagree about the byte order: the EXIF standard says the block's, most write big endian.
            big = value[:1] == b"\0" or (order == "big" and value[1:2] != b"\0")
            return value.decode("utf-16-be" if big else "utf-16-le", "replace").strip("\0\ufeff")
    return value.rstrip(b"\0").decode("utf-8", "replace")


def webp_block(file: BinaryIO) -> bytes:
    """The EXIF block of an open WebP; b"" where there is none."""
    size = file.seek(0, os.SEEK_END)
    offset = 12
    for _ in range(MAX_SEGMENTS):
        file.seek(offset)
        head = file.read(8)
        if len(head) < 8:
            return b""
        length = int.from_bytes(head[4:], "little")
        if head[:4] == b"EXIF":
            return _bare(file.read(length)) if length <= min(MAX_BLOCK, size) else b""
        offset += 8 + length + (length & 1)
    return b""


def jpeg_block(file: BinaryIO) -> bytes:
    """The EXIF block of an open JPEG; b"" where there is none."""
    offset = 2
    for _ in range(MAX_SEGMENTS):
        file.seek(offset)
        head = file.read(4)
        if len(head) < 4 or head[0] != 0xFF or head[1] in (0xDA, 0xD9):
            return b""
        if head[1] == 0xFF:
            offset += 1
            continue
        length = int.from_bytes(head[2:], "big")
        if head[1] == 0xE1:
            data = file.read(length - 2) if length > 2 else b""
            if data.startswith(b"Exif\0\0"):
                return _bare(data)
        offset += 2 + length
    return b""


def _bare(data: bytes) -> bytes:
    return data[6:] if data.startswith(b"Exif\0\0") else data
