"""FLAC files of silence with text in them. Source: the FLAC format, RFC 9639."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping
from functools import lru_cache

BLOCK = 4096  # samples a frame
LONGEST = 3600.0  # seconds; an hour of silence is enough
STREAMINFO, VORBIS_COMMENT, LAST = 0, 4, 0x80


def silence(seconds: float, sample_rate: int, channels: int, texts: Mapping[str, str]) -> bytes:
    """`seconds` of 16-bit silence; `texts` become Vorbis comments, as real servers put prompt and workflow in."""
    total = max(1, round(min(seconds, LONGEST) * sample_rate))
    frames = [
        _frame(number, min(BLOCK, total - number * BLOCK), channels) for number in range((total + BLOCK - 1) // BLOCK)
    ]
    return b"".join(
        (
            b"fLaC",
            _block(STREAMINFO, _stream_info(total, sample_rate, channels)),
            _block(VORBIS_COMMENT | LAST, _comments(texts)),
            *frames,
        )
    )


def _block(kind: int, body: bytes) -> bytes:
    return bytes((kind,)) + len(body).to_bytes(3, "big") + body


def _stream_info(total: int, sample_rate: int, channels: int) -> bytes:
    facts = sample_rate << 44 | (channels - 1) << 41 | (16 - 1) << 36 | total
    digest = hashlib.md5(usedforsecurity=False)
    left = total * channels * 2
    while left:
        piece = min(left, 1 << 20)
        digest.update(bytes(piece))
        left -= piece
    return struct.pack(">HH", BLOCK, BLOCK) + bytes(6) + facts.to_bytes(8, "big") + digest.digest()


def _comments(texts: Mapping[str, str]) -> bytes:
    vendor = b"ComfyDesk demo"
    lines = [f"{key}={value}".encode("utf-8", "replace") for key, value in texts.items()]
    packed = b"".join(struct.pack("<I", len(line)) + line for line in lines)
    return struct.pack("<I", len(vendor)) + vendor + struct.pack("<I", len(lines)) + packed


def _frame(number: int, samples: int, channels: int) -> bytes:
    """One frame of constant subframes; its length is given in 16 bits, the rate is that of the stream."""
    head = bytes((0xFF, 0xF8, 0x70, (channels - 1) << 4 | 0x08)) + _coded(number) + struct.pack(">H", samples - 1)
    head += bytes((_crc(head, 0x07, 8),))
    body = head + bytes(3) * channels  # header of a constant subframe, then its one value
    return body + struct.pack(">H", _crc(body, 0x8005, 16))


def _coded(number: int) -> bytes:
    """A frame number in the extended UTF-8 of FLAC."""
    if number < 0x80:
        return bytes((number,))
    tail = []
    room = 0x1F
    while True:
        tail.append(0x80 | number & 0x3F)
        number >>= 6
        if number <= room:
            first = (0xFF << (room.bit_length() + 1)) & 0xFF | number
            return bytes((first, *reversed(tail)))
        room >>= 1


@lru_cache(maxsize=2)
def _table(polynomial: int, width: int) -> tuple[int, ...]:
    top, mask = 1 << (width - 1), (1 << width) - 1
    table = []
    for byte in range(256):
        value = byte << (width - 8)
        for _ in range(8):
            value = (value << 1 ^ polynomial if value & top else value << 1) & mask
        table.append(value)
    return tuple(table)


def _crc(data: bytes, polynomial: int, width: int) -> int:
    table, mask, value = _table(polynomial, width), (1 << width) - 1, 0
    for byte in data:
        value = (value << 8 & mask) ^ table[value >> (width - 8) ^ byte]
    return value
