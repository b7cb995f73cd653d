"""Where files end: one small walker a format. Each gets an open file and its size.

True: complete. False: broken or cut. None: the format does not say. Walks are bounded in steps, so that a hostile file
costs seconds at most, and never trust a length further than the file is long.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

MAX_STEPS = 1_000_000  # chunks, boxes or pages of one file
BLOCK = 1 << 20


def png_chunks(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    """(type, offset of the data, its length) of each chunk whose bytes are all there."""
    offset = 8
    for _ in range(MAX_STEPS):
        file.seek(offset)
        head = file.read(8)
        if len(head) < 8:
            return
        length = int.from_bytes(head[:4], "big")
        if length > 0x7FFFFFFF or offset + 12 + length > size:
            return
        yield head[4:], offset + 8, length
        offset += 12 + length
        if head[4:] == b"IEND":
            return


def png_is_animated(file: BinaryIO) -> bool:
    """Whether an acTL chunk comes before the pixels."""
    for name, _, _ in png_chunks(file, file.seek(0, os.SEEK_END)):
        if name in (b"acTL", b"IDAT"):
            return name == b"acTL"
    return False


def _png(file: BinaryIO, size: int) -> bool | None:
    names: list[bytes] = []
    for name, offset, length in png_chunks(file, size):
        file.seek(offset)
        crc, left = zlib.crc32(name), length
        while left and (block := file.read(min(left, BLOCK))):
            crc, left = zlib.crc32(block, crc), left - len(block)
        if left or int.from_bytes(file.read(4), "big") != crc:
            return False
        if not names and name != b"IHDR":
            return False
        names = [*names[:1], name]
    return names[-1:] == [b"IEND"]


def _jpeg(file: BinaryIO, size: int) -> bool | None:
    """Walk the segments up to the scan, then look for the end marker: a thumbnail in the EXIF has one of its own."""
    offset = 2
    for _ in range(MAX_STEPS):
        file.seek(offset)
        head = file.read(4)
        if len(head) < 4 or head[0] != 0xFF:
            return False
        if head[1] == 0xFF:  # padding
            offset += 1
            continue
        offset += 2 + int.from_bytes(head[2:], "big")
        if head[1] == 0xDA:
            return _holds(file, offset, b"\xff\xd9")
    return False


def _holds(file: BinaryIO, offset: int, marker: bytes) -> bool:
    file.seek(offset)
    last = b""
    while block := file.read(BLOCK):
        if marker in last[-1:] + block:
            return True
        last = block
    return False


def _riff(file: BinaryIO, size: int) -> bool | None:
    head = file.read(12)
    declared = int.from_bytes(head[4:8], "little")
    if declared in (0, 0xFFFFFFFF):  # a WAV or AVI that was written as a stream
        return False if head[8:12] == b"WEBP" else None
    return size >= declared + 8


def _gif(file: BinaryIO, size: int) -> bool | None:
    head = file.read(13)
    if len(head) < 13:
        return False
    if head[10] & 0x80:
        file.seek(3 << ((head[10] & 7) + 1), os.SEEK_CUR)
    for _ in range(MAX_STEPS):
        block = file.read(1)
        if block == b";":
            return True
        if block == b"!":
            file.seek(1, os.SEEK_CUR)
        elif block == b",":
            place = file.read(9)
            if len(place) < 9:
                return False
            if place[8] & 0x80:
                file.seek(3 << ((place[8] & 7) + 1), os.SEEK_CUR)
            file.seek(1, os.SEEK_CUR)  # the size of LZW codes
        else:
            return False
        while (length := file.read(1)) and length[0]:
            file.seek(length[0], os.SEEK_CUR)
    return None


def _isobmff(file: BinaryIO, size: int) -> bool | None:
    offset, names = 0, set[bytes]()
    for _ in range(MAX_STEPS):
        if offset == size:
            return {b"moov", b"mdat"} <= names or b"meta" in names  # a film needs both, a picture may need but one
        file.seek(offset)
        head = file.read(16)
        if len(head) < 8:
            return False
        length = int.from_bytes(head[:4], "big")
        names.add(head[4:8])
        if length == 0:  # up to the end of the file, wherever that is
            return None if names & {b"moov", b"meta"} else False
        if length == 1:
            length = int.from_bytes(head[8:16], "big") if len(head) == 16 else 0
        if length < 8:
            return False
        offset += length
        if offset > size:
            return False
    return None


def _ogg(file: BinaryIO, size: int) -> bool | None:
    offset, last = 0, False
    for _ in range(MAX_STEPS):
        if offset == size:
            return last or None  # not every muxer marks the last page
        file.seek(offset)
        head = file.read(27)
        if len(head) < 27 or head[:4] != b"OggS":
            return False
        lacing = file.read(head[26])
        last = bool(head[5] & 0x04)
        offset += 27 + head[26] + sum(lacing)
        if offset > size or len(lacing) < head[26]:
            return False
    return None


def _vint(file: BinaryIO, keep_marker: bool) -> int | None:
    """An EBML number; None where it is cut, -1 for “unknown”."""
    first = file.read(1)
    if not first or not first[0]:
        return None
    width = 9 - first[0].bit_length()
    rest = file.read(width - 1)
    if len(rest) < width - 1:
        return None
    value = int.from_bytes(first + rest, "big")
    if keep_marker:
        return value
    value &= (1 << (7 * width)) - 1
    return -1 if value == (1 << (7 * width)) - 1 else value


def _matroska(file: BinaryIO, size: int) -> bool | None:
    has_segment = False
    for _ in range(16):
        if file.tell() == size:
            return has_segment
        name, length = _vint(file, True), _vint(file, False)
        if name is None or length is None:
            return False
        if length == -1:
            return None
        has_segment = has_segment or name == 0x18538067
        if file.tell() + length > size:
            return False
        file.seek(length, os.SEEK_CUR)
    return None


def _flac(file: BinaryIO, size: int) -> bool | None:
    """The metadata must be whole; the frames behind it carry no length."""
    offset = 4
    for _ in range(MAX_STEPS):
        file.seek(offset)
        head = file.read(4)
        if len(head) < 4:
            return False
        offset += 4 + int.from_bytes(head[1:], "big")
        if head[0] & 0x80:
            return None if offset < size else False
    return False


def _glb(file: BinaryIO, size: int) -> bool | None:
    return size >= int.from_bytes(file.read(12)[8:12], "little") >= 12


def _bmp(file: BinaryIO, size: int) -> bool | None:
    declared = int.from_bytes(file.read(6)[2:6], "little")
    return size >= declared if declared >= 26 else None


def _safetensors(file: BinaryIO, size: int) -> bool | None:
    length = int.from_bytes(file.read(8), "little")
    if 8 + length > size:
        return False
    if length > 16 * BLOCK:
        return None
    try:
        header = json.loads(file.read(length))
        ends = [tensor["data_offsets"][1] for name, tensor in header.items() if name != "__metadata__"]
        return size == 8 + length + max(ends, default=0)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return False


def _json(file: BinaryIO, size: int) -> bool | None:
    """A JSON that can be read is whole; one that cannot may still be what a node wrote."""
    if size > 16 * BLOCK:
        return None
    try:
        json.loads(file.read())
    except (ValueError, RecursionError):
        return None
    return True


CHECKS: dict[str, Callable[[BinaryIO, int], bool | None]] = {
    "png": _png,
    "jpeg": _jpeg,
    "webp": _riff,
    "wav": _riff,
    "avi": _riff,
    "gif": _gif,
    "isobmff": _isobmff,
    "ogg": _ogg,
    "matroska": _matroska,
    "flac": _flac,
    "glb": _glb,
    "bmp": _bmp,
    "safetensors": _safetensors,
    "json": _json,
}
