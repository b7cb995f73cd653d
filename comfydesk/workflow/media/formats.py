"""The format of a medium by its first bytes; never by its name, which anybody may have given."""

from __future__ import annotations

HEAD = 64  # bytes that `format_of` needs


def format_of(head: bytes) -> str:
    """The format by its first bytes ("png", "jpeg", "webp", "isobmff", …); "" where it is not one that we know."""
    for name, offset, magic in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return _riff(head) if name == "riff" else name
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:  # a frame of MPEG audio
        return "mp3" if head[1] & 0x06 else "adts"
    if len(head) > 9 and 2 <= int.from_bytes(head[:8], "little") <= 100_000_000 and head[8:9] == b"{":
        return "safetensors"
    return "svg" if b"<svg" in head or head.lstrip().startswith(b"<?xml") else ""


def name_of(head: bytes) -> str:
    """As `format_of`, with the name that people know where one format is used under several."""
    found = format_of(head)
    if found == "isobmff":
        return _BRANDS.get(head[8:12], "mp4")
    if found == "matroska":
        return "webm" if b"webm" in head else "mkv"
    return found


_BRANDS = {b"avif": "avif", b"avis": "avif", b"heic": "heic", b"mif1": "heic", b"qt  ": "mov", b"M4A ": "m4a"}
_MAGIC: tuple[tuple[str, int, bytes], ...] = (
    ("png", 0, b"\x89PNG\r\n\x1a\n"),
    ("jpeg", 0, b"\xff\xd8\xff"),
    ("riff", 0, b"RIFF"),
    ("riff", 0, b"RF64"),
    ("gif", 0, b"GIF87a"),
    ("gif", 0, b"GIF89a"),
    ("isobmff", 4, b"ftyp"),
    ("matroska", 0, b"\x1a\x45\xdf\xa3"),
    ("flac", 0, b"fLaC"),
    ("ogg", 0, b"OggS"),
    ("mp3", 0, b"ID3"),
    ("glb", 0, b"glTF"),
    ("tiff", 0, b"II*\x00"),
    ("tiff", 0, b"MM\x00*"),
    ("exr", 0, b"v/1\x01"),
    ("bmp", 0, b"BM"),
    ("jxl", 0, b"\xff\x0a"),
    ("jxl", 0, b"\x00\x00\x00\x0cJXL "),
    ("hdr", 0, b"#?RADIANCE"),
    ("zip", 0, b"PK\x03\x04"),
)
_RIFF = {b"WEBP": "webp", b"WAVE": "wav", b"AVI ": "avi"}


def _riff(head: bytes) -> str:
    return _RIFF.get(head[8:12], "")
