"""Vorbis comments, which FLAC, Opus and Ogg files carry: lines of KEY=text. Bounded, nothing is decoded."""

from __future__ import annotations

import os
from typing import BinaryIO

from comfydesk.workflow.media.texts import MAX_TOTAL, Texts

MAX_LINES = 10_000
_MAX_BLOCKS = 512
_MAX_PAGES = 10_000
_COMMENT_BLOCK = 4
_MAGIC = (b"OpusTags", b"\x03vorbis")


def flac(file: BinaryIO, texts: Texts) -> None:
    """The comments of an open FLAC."""
    offset = 4
    for _ in range(_MAX_BLOCKS):
        file.seek(offset)
        head = file.read(4)
        length = int.from_bytes(head[1:], "big")
        if len(head) < 4:
            texts.note("the file is cut")
            return
        if head[0] & 0x7F == _COMMENT_BLOCK:
            comments(file.read(length), texts)
            return
        if head[0] & 0x80:
            return
        offset += 4 + length


def ogg(file: BinaryIO, texts: Texts) -> None:
    """The comments of an open Ogg: Opus, Vorbis, or FLAC inside; they may lie on many pages."""
    packets = _packets(file, texts)
    if len(packets) < 2:
        return
    first, second = packets
    if first.startswith(b"\x7fFLAC"):
        if second[:1] and second[0] & 0x7F == _COMMENT_BLOCK:
            comments(second[4:], texts)
        return
    for magic in _MAGIC:
        if second.startswith(magic):
            comments(second[len(magic) :], texts)
            return


def _packets(file: BinaryIO, texts: Texts) -> list[bytes]:
    """The first two packets of the first stream: its head and its comments."""
    size = file.seek(0, os.SEEK_END)
    offset, serial = 0, b""
    packets: list[bytes] = []
    parts: list[bytes] = []
    gathered = 0
    for _ in range(_MAX_PAGES):
        file.seek(offset)
        head = file.read(27)
        if len(head) < 27 or head[:4] != b"OggS":
            break
        lacing = file.read(head[26])
        body = sum(lacing)
        if offset + 27 + len(lacing) + body > size:
            break
        serial = serial or head[14:18]
        if head[14:18] == serial:
            for length in lacing:
                parts.append(file.read(length))
                gathered += length
                if length < 255:
                    packets.append(b"".join(parts))
                    parts.clear()
                    if len(packets) == 2:
                        return packets
            if gathered > MAX_TOTAL:
                texts.note("a text is too long")
                return []
        offset += 27 + len(lacing) + body
    texts.note("the file is cut")
    return []


def comments(block: bytes, texts: Texts) -> None:
    """Take the comments of one block; names come out in lower case."""
    view = memoryview(block)
    offset = 4 + int.from_bytes(view[:4], "little")
    count = int.from_bytes(view[offset : offset + 4], "little")
    offset += 4
    if count > MAX_LINES:
        texts.note(f"there are more than {MAX_LINES:,} comments")
    for _ in range(min(count, MAX_LINES)):
        length = int.from_bytes(view[offset : offset + 4], "little")
        if offset + 4 + length > len(view) or len(view) < offset + 4:
            texts.note("a text is damaged")
            return
        if not texts.fits(length):
            return
        key, equals, value = bytes(view[offset + 4 : offset + 4 + length]).partition(b"=")
        if equals:
            texts.add(key[:400].decode("utf-8", "replace").lower(), value)
        offset += 4 + length
