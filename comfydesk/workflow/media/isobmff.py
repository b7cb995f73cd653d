"""The texts in MP4, MOV, M4A, AVIF and HEIC files, which are all made of nested boxes. Bounded, nothing is decoded."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from typing import BinaryIO

from comfydesk.workflow.media.texts import MAX_TOTAL, Texts

MAX_BOXES = 10_000
MAX_ITEMS = 4_096
MAX_BLOCK = 16 << 20  # bytes of an EXIF block

Span = tuple[int, int]  # where a box's body begins and ends in the file

_FREE_FORM = b"----"  # iTunes: the name is a box of its own
_NAMES = {b"\xa9cmt": "comment", b"desc": "description", b"ldes": "description", b"\xa9des": "description"}


def read(file: BinaryIO, texts: Texts) -> None:
    """The tags of a film or sound: QuickTime's metadata (keys name them, ilst holds them), iTunes' and older ones."""
    whole = (0, file.seek(0, os.SEEK_END))
    movie = box(file, whole, b"moov")
    data = box(file, movie, b"udta") if movie else None
    for owner in (data, movie):
        meta = box(file, owner, b"meta") if owner else None
        if meta is None:
            continue
        if meta[1] - meta[0] > MAX_TOTAL + (1 << 20):
            texts.note("a text is too long")
            continue
        _tags(_body(file, meta), texts)
    if data and data[1] - data[0] <= MAX_TOTAL + (1 << 20):
        for name, body in _boxes(_body(file, data)):
            if name[:1] == b"\xa9" and len(body) > 4 and texts.fits(len(body)):
                texts.add(_name(name), _old_text(bytes(body)))


def _old_text(body: bytes) -> bytes:
    """A text behind its length and language. FFmpeg writes longer ones than the two bytes of the length can say."""
    length = int.from_bytes(body[:2], "big")
    return body[4:] if len(body) - 4 > 0xFFFF else body[4 : 4 + length]


def box(file: BinaryIO, span: Span, wanted: bytes) -> Span | None:
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


def exif_block(file: BinaryIO) -> bytes:
    """The EXIF block of an open AVIF or HEIC, by its item list; b"" where there is none."""
    size = file.seek(0, os.SEEK_END)
    meta = box(file, (0, size), b"meta")
    if meta is None or meta[1] - meta[0] > MAX_BLOCK:
        return b""
    body = _body(file, meta)[4:]
    parts = dict(_boxes(body))
    if b"iinf" not in parts or b"iloc" not in parts:
        return b""
    items = _exif_items(parts[b"iinf"])
    method, extents = next(_locations(parts[b"iloc"], items), (0, []))
    if len(extents) == 1 and extents[0][1] == 0:  # to the end
        extents = [(extents[0][0], MAX_BLOCK)]
    if sum(length for _, length in extents) > MAX_BLOCK:
        return b""
    inner = io.BytesIO(parts.get(b"idat", b""))  # method 1 counts from there
    places = {0: file, 1: inner}
    block = b"".join(_read(places[method], at, length) for at, length in extents if method in places)
    start = 4 + int.from_bytes(block[:4], "big")  # the TIFF header's place comes first
    return block[start + 6 :] if block[start : start + 6] == b"Exif\0\0" else block[start:]


def picture_size(file: BinaryIO) -> tuple[int, int]:
    """(width, height) in pixels of an open AVIF or HEIC; (0, 0) for a film."""
    span: Span | None = (0, file.seek(0, os.SEEK_END))
    for name, head in ((b"meta", 0), (b"iprp", 4), (b"ipco", 0), (b"ispe", 0)):
        span = box(file, (span[0] + head, span[1]), name) if span else None
    if span is None or span[1] - span[0] < 12:
        return 0, 0
    body = _body(file, (span[0] + 4, span[0] + 12))
    return int.from_bytes(body[:4], "big"), int.from_bytes(body[4:], "big")


def _read(file: BinaryIO, at: int, length: int) -> bytes:
    if at >= 1 << 63:
        return b""  # farther than any file
    file.seek(at)
    return file.read(length)


def _exif_items(body: memoryview) -> set[int]:
    """The numbers of the items that are EXIF blocks."""
    wide = bool(body) and body[0] > 0
    found: set[int] = set()
    for name, item in _boxes(body[8 if wide else 6 :]):
        version = item[0] if item else 0
        if name == b"infe" and version in (2, 3):
            width = 2 if version == 2 else 4
            if bytes(item[6 + width : 10 + width]) == b"Exif":
                found.add(int.from_bytes(item[4 : 4 + width], "big"))
    return found


def _locations(body: memoryview, wanted: set[int]) -> Iterator[tuple[int, list[Span]]]:
    """(construction method, [(offset, length), …]) of the wanted items."""
    if len(body) < 8 or body[0] > 2:
        return
    version = body[0]
    widths = body[4] >> 4, body[4] & 15, body[5] >> 4, body[5] & 15 if version else 0
    reader = _Numbers(body, 6)
    for _ in range(min(reader.take(4 if version == 2 else 2), MAX_ITEMS)):
        number = reader.take(4 if version == 2 else 2)
        method = reader.take(2) & 15 if version else 0
        reader.take(2)  # data reference
        base = reader.take(widths[2])
        extents = []
        for _ in range(min(reader.take(2), MAX_ITEMS)):
            reader.take(widths[3])
            extents.append((base + reader.take(widths[0]), reader.take(widths[1])))
            if reader.at > len(body):
                return
        if number in wanted:
            yield method, extents


class _Numbers:
    """Whole numbers of given widths, one after the other; 0 behind the end."""

    def __init__(self, body: memoryview, at: int) -> None:
        self._body = body
        self.at = at

    def take(self, width: int) -> int:
        self.at += width
        return int.from_bytes(self._body[self.at - width : self.at], "big")


def _body(file: BinaryIO, span: Span) -> memoryview:
    return memoryview(_read(file, span[0], span[1] - span[0]))


def _tags(meta: memoryview, texts: Texts) -> None:
    start = 0 if bytes(meta[4:8]) == b"hdlr" else 4  # QuickTime's "meta" has no version, MP4's has
    keys: list[str] = []
    for name, body in _boxes(meta[start:]):
        if name == b"keys":
            keys = [bytes(key[:400]).decode("utf-8", "replace") for _, key in _boxes(body[8:])]
        elif name == b"ilst":
            for number, item in _boxes(body):
                index = int.from_bytes(number, "big")
                key = keys[index - 1] if 1 <= index <= len(keys) else _name(number)
                _item(key, number, item, texts)


def _item(key: str, number: bytes, item: memoryview, texts: Texts) -> None:
    for kind, data in _boxes(item):
        if kind == b"name" and number == _FREE_FORM:
            key = bytes(data[4:404]).decode("utf-8", "replace")
        elif kind == b"data" and texts.fits(len(data)):
            texts.add(key, bytes(data[8:]))


def _name(number: bytes) -> str:
    return _NAMES.get(number) or number.decode("latin-1")


def _boxes(data: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    offset = 0
    for _ in range(MAX_ITEMS):
        length = int.from_bytes(data[offset : offset + 4], "big")
        if length < 8 or offset + length > len(data):
            return
        yield bytes(data[offset + 4 : offset + 8]), data[offset + 8 : offset + length]
        offset += length
