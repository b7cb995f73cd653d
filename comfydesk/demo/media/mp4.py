"""MP4 files with one H.264 track and text in them. Source: ISO/IEC 14496-12 and -15, Apple's metadata keys."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING

from comfydesk.demo.media.h264 import Stream, encode

if TYPE_CHECKING:
    from PIL.Image import Image

LONGEST_SIDE = 640  # samples are stored raw, so larger frames are scaled down
MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
TICKS = 1000  # of the time scale, a frame


def movie(frames: tuple[Image, ...], fps: float, texts: Mapping[str, str]) -> bytes:
    """A film of these frames; `texts` as real servers write prompt and workflow."""
    shrink = min(1.0, LONGEST_SIDE / max(frames[0].size))
    size = (max(2, round(frames[0].width * shrink / 2) * 2), max(2, round(frames[0].height * shrink / 2) * 2))
    shown = tuple(f.convert("RGB") if f.size == size else f.convert("RGB").resize(size) for f in frames)
    stream = encode(shown, *size)
    samples = [struct.pack(">I", len(picture)) + picture for picture in stream.pictures]
    kind = _box(b"ftyp", b"isom", struct.pack(">I", 512), b"isomiso2avc1mp41")
    # The offset of the samples depends on the length of what comes before; that does not change with the offset.
    length = len(_moov(stream, samples, size, fps, texts, 0))
    head = kind + _moov(stream, samples, size, fps, texts, len(kind) + length + 8)
    return head + _box(b"mdat", *samples)


def _box(name: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + name + body


def _full(name: bytes, flags: int, *parts: bytes) -> bytes:
    return _box(name, struct.pack(">I", flags), *parts)


def _moov(
    stream: Stream, samples: list[bytes], size: tuple[int, int], fps: float, texts: Mapping[str, str], offset: int
) -> bytes:
    scale = round(fps * TICKS)
    duration = len(samples) * TICKS
    header = (
        struct.pack(">IIIIIH10x", 0, 0, scale, duration, 0x10000, 0x100) + MATRIX + bytes(24) + struct.pack(">I", 2)
    )
    track = (
        struct.pack(">IIIII8xHHH2x", 0, 0, 1, 0, duration, 0, 0, 0)
        + MATRIX
        + struct.pack(">II", size[0] << 16, size[1] << 16)
    )
    media = _box(
        b"mdia",
        _full(b"mdhd", 0, struct.pack(">IIIIHH", 0, 0, scale, duration, 0x55C4, 0)),
        _full(b"hdlr", 0, struct.pack(">I4s12x", 0, b"vide"), b"VideoHandler\0"),
        _box(
            b"minf",
            _full(b"vmhd", 1, bytes(8)),
            _box(b"dinf", _full(b"dref", 0, struct.pack(">I", 1), _full(b"url ", 1))),
            _sample_table(stream, samples, size, offset),
        ),
    )
    return _box(
        b"moov",
        _full(b"mvhd", 0, header),
        _box(b"trak", _full(b"tkhd", 3, track), media),
        _box(b"udta", _metadata(texts)),
    )


def _sample_table(stream: Stream, samples: list[bytes], size: tuple[int, int], offset: int) -> bytes:
    config = b"".join(
        (
            bytes((1, *stream.sps[1:4], 0xFF, 0xE1)),
            struct.pack(">H", len(stream.sps)),
            stream.sps,
            struct.pack(">BH", 1, len(stream.pps)),
            stream.pps,
        )
    )
    entry = _box(
        b"avc1",
        struct.pack(">6xH16xHH", 1, *size),
        struct.pack(">III", 0x480000, 0x480000, 0),
        struct.pack(">H32xHh", 1, 24, -1),
        _box(b"avcC", config),
    )
    key = [number for number, alone in enumerate(stream.key, 1) if alone]
    return _box(
        b"stbl",
        _full(b"stsd", 0, struct.pack(">I", 1), entry),
        _full(b"stts", 0, struct.pack(">III", 1, len(samples), TICKS)),
        _full(b"stss", 0, struct.pack(f">I{len(key)}I", len(key), *key)),
        _full(b"stsc", 0, struct.pack(">IIII", 1, 1, len(samples), 1)),
        _full(b"stsz", 0, struct.pack(f">II{len(samples)}I", 0, len(samples), *map(len, samples))),
        _full(b"stco", 0, struct.pack(">II", 1, offset)),
    )


def _metadata(texts: Mapping[str, str]) -> bytes:
    names = [_box(b"mdta", name.encode()) for name in texts]
    values = [
        _box(struct.pack(">I", number), _box(b"data", struct.pack(">II", 1, 0), text.encode("utf-8", "replace")))
        for number, text in enumerate(texts.values(), 1)
    ]
    return _full(
        b"meta",
        0,
        _full(b"hdlr", 0, struct.pack(">I4s12x", 0, b"mdta"), b"\0"),
        _full(b"keys", 0, struct.pack(">I", len(names)), *names),
        _box(b"ilst", *values),
    )
