"""The texts of a PNG, read chunk by chunk within limits; pixels are never decoded.

Pillow refuses a whole picture for one compressed text over 1 MiB and decodes pixels for `.text`; Qt drops long ones in
silence (measured). Nodes that add their text after the pixels are read too.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_FILE = 256 << 20
MAX_CHUNKS = 10_000
MAX_PACKED = 4 << 20  # compressed bytes of one text
MAX_TEXT = 16 << 20  # bytes of one text, unpacked
MAX_TOTAL = 32 << 20  # bytes of all texts
# comf: what ComfyUI's SaveAnimatedPNG writes behind the pixels; it looks like a tEXt.
_TEXT_CHUNKS = frozenset({b"tEXt", b"zTXt", b"iTXt", b"comf"})


@dataclass(slots=True)
class Texts:
    """What was found: (keyword, text) in the order of the file; `notes` say what was left out and why."""

    found: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        if text not in self.notes and len(self.notes) < 20:
            self.notes.append(text)


def read(file: BinaryIO) -> Texts:
    """The texts of an open PNG. Broken, cut and hostile files give what is whole; nothing is raised for them."""
    texts = Texts()
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if size > MAX_FILE:
        texts.note(f"the file is larger than {MAX_FILE >> 20} MiB")
        return texts
    if file.read(8) != SIGNATURE:
        texts.note("it is not a PNG")
        return texts
    total = 0
    for name, data in _text_chunks(file, size, texts):
        pair = _decode(name, data, MAX_TOTAL - total, texts)
        if pair is not None:
            total += len(pair[1])
            texts.found.append((pair[0], _as_text(pair[1])))
    return texts


def _text_chunks(file: BinaryIO, size: int, texts: Texts) -> Iterator[tuple[bytes, bytes]]:
    offset, read = 8, 0
    for _ in range(MAX_CHUNKS):
        file.seek(offset)
        head = file.read(8)
        if len(head) < 8:
            texts.note("the file is cut")
            return
        length, name = int.from_bytes(head[:4], "big"), head[4:]
        if length > 0x7FFFFFFF or offset + 12 + length > size:
            texts.note("the file is cut")
            return
        if name in _TEXT_CHUNKS:
            if length > MAX_TEXT or read + length > MAX_TOTAL:
                texts.note("a text is too long")
            else:
                read += length
                data = file.read(length)
                if zlib.crc32(name + data) == int.from_bytes(file.read(4), "big"):
                    yield name, data
                else:
                    texts.note("a text is damaged")
        if name == b"IEND":
            return
        offset += 12 + length
    texts.note(f"there are more than {MAX_CHUNKS} chunks")


def _decode(name: bytes, data: bytes, room: int, texts: Texts) -> tuple[str, bytes] | None:
    keyword, zero, rest = data.partition(b"\0")
    if not zero or not 1 <= len(keyword) <= 79:
        texts.note("a text has no name")
        return None
    packed = False
    if name == b"zTXt":
        packed, rest = True, rest[1:]
    elif name == b"iTXt":
        packed, rest = rest[:1] == b"\1", rest[2:]
        _, zero, rest = rest.partition(b"\0")  # language
        _, zero, rest = rest.partition(b"\0")  # translated keyword
        if not zero:
            texts.note("a text is damaged")
            return None
    if packed:
        unpacked = _unpack(rest, min(MAX_TEXT, room))
        if unpacked is None:
            texts.note("a packed text is damaged or too long")
            return None
        rest = unpacked
    if len(rest) > room:
        texts.note("the texts are too long")
        return None
    return keyword.decode("latin-1"), rest


def _as_text(data: bytes) -> str:
    """The standard says Latin-1 for two of the chunks; many programs write UTF-8 all the same."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _unpack(data: bytes, limit: int) -> bytes | None:
    if len(data) > MAX_PACKED or limit <= 0:
        return None
    unpacker = zlib.decompressobj()
    try:
        out = unpacker.decompress(data, limit)
    except zlib.error:
        return None
    return out if unpacker.eof else None
