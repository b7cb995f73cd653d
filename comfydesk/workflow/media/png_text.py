"""The texts of a PNG, read chunk by chunk within limits; pixels are never decoded.

Pillow refuses a whole picture for one compressed text over 1 MiB and decodes pixels for `.text`; Qt drops long ones in
silence (measured). Nodes that add their text after the pixels are read too.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from comfydesk.workflow.media.texts import MAX_TEXT, MAX_TOTAL, Texts

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_FILE = 256 << 20
MAX_CHUNKS = 10_000
MAX_PACKED = 4 << 20  # compressed bytes of one text
# comf: what ComfyUI's SaveAnimatedPNG writes behind the pixels; it looks like a tEXt.
_TEXT_CHUNKS = frozenset({b"tEXt", b"zTXt", b"iTXt", b"comf"})
_EXIF = b"eXIf"
_MAX_NAME = 79


def read(file: BinaryIO, texts: Texts) -> None:
    """The texts of an open PNG, before and behind its pixels. Broken and cut files give what is whole."""
    for name, data in chunks(file, texts):
        if name in _TEXT_CHUNKS:
            _take(name, data, texts)


def exif_block(file: BinaryIO) -> bytes:
    """The EXIF block of an open PNG; b"" where there is none."""
    return next((data for name, data in chunks(file, Texts()) if name == _EXIF), b"")


def chunks(file: BinaryIO, texts: Texts) -> Iterator[tuple[bytes, bytes]]:
    """(name, data) of the chunks that hold texts or EXIF, their checksums proved."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if size > MAX_FILE:
        texts.note(f"the file is larger than {MAX_FILE >> 20} MiB")
        return
    if file.read(8) != SIGNATURE:
        texts.note("it is not a PNG")
        return
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
        if name in _TEXT_CHUNKS or name == _EXIF:
            if length > MAX_TEXT or read + length > MAX_TOTAL:
                texts.note("a text is too long")
            else:
                read += length
                data = file.read(length)
                if zlib.crc32(data, zlib.crc32(name)) == int.from_bytes(file.read(4), "big"):
                    yield name, data
                else:
                    texts.note("a text is damaged")
        if name == b"IEND":
            return
        offset += 12 + length
    texts.note(f"there are more than {MAX_CHUNKS:,} chunks")


def _take(name: bytes, data: bytes, texts: Texts) -> None:
    keyword, zero, rest = data[: _MAX_NAME + 1].partition(b"\0")
    if not zero or not keyword:
        texts.note("a text has no name")
        return
    rest = data[len(keyword) + 1 :]
    packed = False
    if name == b"zTXt":
        packed, rest = True, rest[1:]
    elif name == b"iTXt":
        packed, rest = rest[:1] == b"\1", rest[2:]
        _, zero, rest = rest.partition(b"\0")  # language
        _, zero, rest = rest.partition(b"\0")  # translated keyword
        if not zero:
            texts.note("a text is damaged")
            return
    if packed:
        unpacked = _unpack(rest, texts.room)
        if unpacked is None:
            texts.note("a packed text is damaged or too long")
            texts.size += texts.room  # so many bytes may have been unpacked for nothing, which must not go on
            return
        rest = unpacked
    texts.add(keyword.decode("latin-1"), rest)


def _unpack(data: bytes, limit: int) -> bytes | None:
    if len(data) > MAX_PACKED or limit <= 0:
        return None
    unpacker = zlib.decompressobj()
    try:
        out = unpacker.decompress(data, limit)
    except zlib.error:
        return None
    return out if unpacker.eof else None
