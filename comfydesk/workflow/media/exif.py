"""The texts of an EXIF block, where ComfyUI and others put prompts in WebP and JPEG files. Pure, bounded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO

from comfydesk.workflow.media.texts import decoded

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
    if tag != USER_COMMENT:
        return decoded(value.rstrip(b"\0"))
    code, rest = value[:8], value[8:]
    if code in (b"ASCII\0\0\0", bytes(8)):
        return decoded(rest.rstrip(b"\0"))
    if code == b"JIS\0\0\0\0\0":
        return decoded(rest.rstrip(b"\0"), "iso2022_jp")
    if code == b"UNICODE\0":
        return decoded(rest, _utf16(rest, order)).strip("\0\ufeff")
    return decoded(value.rstrip(b"\0"))  # written without the eight letters that name the encoding


def _utf16(value: bytes, order: str) -> str:
    """Writers disagree about the byte order: the standard says the block's, most write big endian.

    Settings and spaces are ASCII, whose upper bytes are zero: they show which one it is.
    """
    first, second = value[0::2].count(0), value[1::2].count(0)
    big = first > second if first != second else order == "big"
    return "utf-16-be" if big else "utf-16-le"


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
    return next((_bare(data) for name, data in _segments(file) if name == 0xE1 and data[:6] == b"Exif\0\0"), b"")


def jpeg_comment(file: BinaryIO) -> bytes:
    """The comment of an open JPEG; b"" where there is none."""
    return next((data for name, data in _segments(file) if name == 0xFE), b"")


def _segments(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """(marker, data) of the segments before the pixels that may hold texts."""
    offset = 2
    for _ in range(MAX_SEGMENTS):
        file.seek(offset)
        head = file.read(4)
        if len(head) < 4 or head[0] != 0xFF or head[1] in (0xDA, 0xD9):
            return
        if head[1] == 0xFF:
            offset += 1
            continue
        length = int.from_bytes(head[2:], "big")
        if head[1] in (0xE1, 0xFE) and length > 2:
            yield head[1], file.read(length - 2)
        offset += 2 + length


def _bare(data: bytes) -> bytes:
    return data[6:] if data.startswith(b"Exif\0\0") else data
