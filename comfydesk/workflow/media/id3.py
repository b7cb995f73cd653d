"""The texts of an MP3: the frames of its ID3 tag (versions 2.2 to 2.4). Bounded, nothing is decoded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from comfydesk.workflow.media.texts import MAX_TOTAL, Texts

_MAX_FRAMES = 4_096
_ENCODINGS = {0: "latin-1", 1: "utf-16", 2: "utf-16-be", 3: "utf-8"}


def read(file: BinaryIO, texts: Texts) -> None:
    """TXXX frames by their own names, COMM as "comment", other text frames by their four letters."""
    file.seek(0)
    head = file.read(10)
    if len(head) < 10 or head[:3] != b"ID3" or head[3] not in (2, 3, 4):
        return
    length = _safe(head[6:])
    if length > MAX_TOTAL:
        texts.note("a text is too long")
        return
    tag = file.read(length)
    if len(tag) < length:
        texts.note("the file is cut")
    version, flags = head[3], head[5]
    if flags & 0x80 and version < 4:
        tag = tag.replace(b"\xff\0", b"\xff")
    start = 0
    if flags & 0x40 and version > 2:  # an extended header; its length counts itself in 2.4 only
        start = _safe(tag[:4]) if version == 4 else 4 + int.from_bytes(tag[:4], "big")
    for name, body in _frames(memoryview(tag)[start:], version):
        if texts.fits(len(body)):
            _take(name, bytes(body), texts)


def _frames(tag: memoryview, version: int) -> Iterator[tuple[bytes, memoryview]]:
    letters, width, flags = (3, 3, 0) if version == 2 else (4, 4, 2)
    offset = 0
    for _ in range(_MAX_FRAMES):
        start = offset + letters + width + flags
        name = bytes(tag[offset : offset + letters])
        if start > len(tag) or not name.strip(b"\0"):
            return
        field = bytes(tag[offset + letters : offset + letters + width])
        length = _safe(field) if version == 4 else int.from_bytes(field, "big")
        if start + length > len(tag):
            return
        body = tag[start : start + length]
        if version == 4:
            state = tag[start - 1]
            body = body[4:] if state & 0x01 else body  # a length before the data
            if state & 0x02:
                body = memoryview(bytes(body).replace(b"\xff\0", b"\xff"))
        yield name, body
        offset = start + length


def _take(name: bytes, body: bytes, texts: Texts) -> None:
    encoding = _ENCODINGS.get(body[0]) if body else None
    if encoding is None or name[:1] not in (b"T", b"C"):
        return
    rest = body[1:]
    if name in (b"TXXX", b"TXX"):
        key, text = _split(rest, encoding)
        texts.add(_text(key[:800], encoding), text, encoding)
    elif name in (b"COMM", b"COM"):
        texts.add("comment", _split(rest[3:], encoding)[1], encoding)
    elif name[:1] == b"T":
        texts.add(name.decode("latin-1"), rest, encoding)


def _split(data: bytes, encoding: str) -> tuple[bytes, bytes]:
    """Two texts with a zero between; one of UTF-16 has two bytes, at an even place."""
    if not encoding.startswith("utf-16"):
        key, _, text = data.partition(b"\0")
        return key, text.rstrip(b"\0")
    at = data.find(b"\0\0")
    while at % 2 and at > 0:
        at = data.find(b"\0\0", at + 1)
    if at < 0:
        return b"", data
    return data[:at], data[at + 2 :]


def _text(data: bytes, encoding: str) -> str:
    return data.decode(encoding, "replace").strip("\0\ufeff")


def _safe(data: bytes) -> int:
    """Seven bits of each byte, so that no frame looks like sound."""
    number = 0
    for byte in data[:4]:
        number = number << 7 | byte & 0x7F
    return number
