"""H.264 pictures without compression: every macroblock carries its samples as they are (I_PCM).

Any player shows them, and no encoder is needed. A frame equal to the one before takes a few bytes. Source: ITU-T H.264,
sections 7.3 and 7.4.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

BASELINE, LEVEL = 66, 51  # level 5.1: raw samples need its bit rate
IDR, NOT_IDR, SPS, PPS = 0x65, 0x41, 0x67, 0x68
I_PCM = 25  # mb_type of a macroblock that carries its samples


class Bits:
    """Collects bits, most significant first."""

    def __init__(self) -> None:
        self._value = 0
        self._count = 0

    def put(self, value: int, width: int) -> Bits:
        self._value = self._value << width | value
        self._count += width
        return self

    def ue(self, value: int) -> Bits:
        """Exp-Golomb, as most numbers in H.264 are written."""
        width = (value + 1).bit_length()
        return self.put(0, width - 1).put(value + 1, width)

    def aligned(self, fill: int = 0) -> bytes:
        """All bits; the last byte is filled with zeros."""
        rest = -self._count % 8
        return (self._value << rest | fill).to_bytes((self._count + rest) // 8, "big")

    def finished(self) -> bytes:
        """All bits and the stop bit."""
        return self.put(1, 1).aligned()


@dataclass(frozen=True, slots=True)
class Stream:
    """What a decoder must know first, and the pictures. `key`: which of them stand alone."""

    sps: bytes
    pps: bytes
    pictures: tuple[bytes, ...]
    key: tuple[bool, ...]


def encode(frames: tuple[Image, ...], width: int, height: int) -> Stream:
    """Frames of equal, even size."""
    wide, high = (width + 15) // 16, (height + 15) // 16
    pictures: list[bytes] = []
    key: list[bool] = []
    last, number = None, 0
    for frame in frames:
        samples = frame.tobytes()
        key.append(samples != last)
        if samples != last:
            pictures.append(_key_picture(frame, wide, high, len(pictures) % 2))
            number = 0
        else:
            number += 1
            pictures.append(_same_picture(wide * high, number % 16))
        last = samples
    return Stream(_sps(wide, high, width, height), _pps(), tuple(pictures), tuple(key))


def _nal(kind: int, body: bytes) -> bytes:
    """A unit of the stream; 00 00 0x inside it is broken up so that it never looks like a start code."""
    return bytes((kind,)) + re.sub(rb"\x00\x00(?=[\x00-\x03])", b"\x00\x00\x03", body)


def _sps(wide: int, high: int, width: int, height: int) -> bytes:
    bits = Bits().put(BASELINE, 8).put(0xC0, 8).put(LEVEL, 8)
    bits.ue(0).ue(0).ue(2)  # parameter set 0, 4-bit frame numbers, order of output = order of decoding
    bits.ue(1).put(0, 1).ue(wide - 1).ue(high - 1)  # one reference picture; size in macroblocks
    bits.put(1, 1).put(1, 1)  # whole frames, direct 8x8
    right, below = wide * 16 - width, high * 16 - height
    bits.put(1 if right or below else 0, 1)
    if right or below:
        bits.ue(0).ue(right // 2).ue(0).ue(below // 2)
    bits.put(1, 1)  # how the samples are to be seen:
    bits.put(0, 1).put(0, 1)  # square, no overscan
    bits.put(1, 1).put(5, 3).put(1, 1)  # the format is said: full range, as Pillow converts
    bits.put(1, 1).put(1, 8).put(13, 8).put(6, 8)  # BT.709 primaries, sRGB curve, BT.601 matrix
    bits.put(0, 1).put(0, 1).put(0, 1).put(0, 1).put(0, 1).put(0, 1)
    return _nal(SPS, bits.finished())


def _pps() -> bytes:
    bits = Bits().ue(0).ue(0).put(0, 1).put(0, 1).ue(0).ue(0).ue(0)
    bits.put(0, 1).put(0, 2).ue(0).ue(0).ue(0)  # no weighting, quantiser offsets 0
    bits.put(1, 1).put(0, 1).put(0, 1)  # slices say whether to deblock
    return _nal(PPS, bits.finished())


def _key_picture(frame: Image, wide: int, high: int, number: int) -> bytes:
    head = Bits().ue(0).ue(7).ue(0).put(0, 4).ue(number).put(0, 1).put(0, 1)
    head.ue(0).ue(1)  # quantiser change 0 (as a signed number), no deblocking
    first = head.ue(I_PCM).aligned()
    later = Bits().ue(I_PCM).aligned()
    blocks = _blocks(frame, wide, high)
    return _nal(IDR, first + later.join(blocks) + b"\x80")


def _same_picture(macroblocks: int, number: int) -> bytes:
    """All macroblocks skipped: the picture before stays."""
    bits = Bits().ue(0).ue(5).ue(0).put(number, 4)
    bits.put(0, 1).put(0, 1).put(0, 1).ue(0).ue(1).ue(macroblocks)
    return _nal(NOT_IDR, bits.finished())


def _blocks(frame: Image, wide: int, high: int) -> list[bytes]:
    """The samples of each macroblock: 16×16 brightness, then 8×8 of each colour difference."""
    from PIL import Image, ImageOps

    padded = ImageOps.expand(frame, (0, 0, wide * 16 - frame.width, high * 16 - frame.height))
    bands = padded.convert("YCbCr").split()
    half = (wide * 8, high * 8)
    bright = bands[0].tobytes()
    blue, red = (band.resize(half, Image.Resampling.BOX).tobytes() for band in bands[1:])
    across, over = wide * 16, wide * 8
    found = []
    for row in range(high):
        for column in range(wide):
            at, small = row * 16 * across + column * 16, row * 8 * over + column * 8
            lines = [bright[at + k * across : at + k * across + 16] for k in range(16)]
            lines += [blue[small + k * over : small + k * over + 8] for k in range(8)]
            lines += [red[small + k * over : small + k * over + 8] for k in range(8)]
            found.append(b"".join(lines))
    return found
