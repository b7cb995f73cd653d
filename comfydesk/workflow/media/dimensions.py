"""Width and height of a picture from its header alone, before any decoder sees it."""

from __future__ import annotations

from typing import BinaryIO

from comfydesk.workflow.media import formats, isobmff

MAX_PIXELS = 100_000_000
MAX_SIDE = 32_767
_MAX_SEGMENTS = 10_000
_NO_FRAME = {0xC4, 0xC8, 0xCC}  # markers among the frame headers that are tables


def size_of(file: BinaryIO) -> tuple[int, int]:
    """(width, height) in pixels of an open PNG, JPEG, WebP, AVIF, GIF or BMP; (0, 0) for anything else."""
    file.seek(0)
    head = file.read(64)
    found = formats.format_of(head)
    if found == "png" and head[12:16] == b"IHDR":
        return _big(head[16:20]), _big(head[20:24])
    if found == "gif" and len(head) >= 10:
        return _little(head[6:8]), _little(head[8:10])
    if found == "webp" and len(head) >= 30:
        return _webp(head)
    if found == "bmp" and len(head) >= 26 and _little(head[14:18]) >= 40:
        return _little(head[18:22]), abs(int.from_bytes(head[22:26], "little", signed=True))
    if found == "jpeg":
        return _jpeg(file)
    if found == "isobmff":
        return isobmff.picture_size(file)
    return 0, 0


def can_show(width: int, height: int) -> bool:
    """Whether a picture is small enough to be decoded at all."""
    return 0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE and width * height <= MAX_PIXELS


def _webp(head: bytes) -> tuple[int, int]:
    name = head[12:16]
    if name == b"VP8X":
        return _little(head[24:27]) + 1, _little(head[27:30]) + 1
    if name == b"VP8L":
        bits = _little(head[21:25])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if name == b"VP8 ":
        return _little(head[26:28]) & 0x3FFF, _little(head[28:30]) & 0x3FFF
    return 0, 0


def _jpeg(file: BinaryIO) -> tuple[int, int]:
    offset = 2
    for _ in range(_MAX_SEGMENTS):
        file.seek(offset)
        head = file.read(9)
        if len(head) < 9 or head[0] != 0xFF or head[1] == 0xDA:
            break
        if head[1] == 0xFF:
            offset += 1
            continue
        if 0xC0 <= head[1] <= 0xCF and head[1] not in _NO_FRAME:
            return _big(head[7:9]), _big(head[5:7])
        offset += 2 + _big(head[2:4])
    return 0, 0


def _big(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")
