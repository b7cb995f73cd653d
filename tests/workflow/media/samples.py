"""Tiny files that carry texts, one builder a format, made here byte by byte as ComfyUI and its libraries write them."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from tests.jobs.samples import box, picture, png, png_chunk

PROMPT: dict[str, Any] = {
    "3": {"class_type": "KSampler", "inputs": {"seed": 2**64 - 1, "cfg": 7.5, "model": ["57:8", 0]}},
    "57:8": {"class_type": "CLIPTextEncode", "inputs": {"text": "a fox; “ünï” = 日本語 \\ {x} 🦊\nline two"}},
}
WORKFLOW: dict[str, Any] = {"nodes": [{"id": 3, "type": "KSampler"}], "links": [], "extra": {"note": "é日" * 30_000}}
TEXTS = {"prompt": json.dumps(PROMPT), "workflow": json.dumps(WORKFLOW)}
Builder = Callable[[Mapping[str, str]], bytes]


def tiff(entries: Mapping[int, bytes], order: str = "<") -> bytes:
    """A TIFF header with one directory of ASCII entries; a tag of the EXIF directory gets one of its own."""
    block = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8)
    block += struct.pack(f"{order}H", len(entries))
    at = 8 + 2 + 12 * len(entries) + 4
    rows, data = b"", b""
    for tag, value in entries.items():
        rows += struct.pack(f"{order}HHII", tag, 2, len(value), at + len(data))
        data += value
    return block + rows + bytes(4) + data


def exif_of(texts: Mapping[str, str]) -> bytes:
    """As ComfyUI's SaveAnimatedWEBP: the prompt in Model, the others from Make downwards."""
    tags = [0x0110, *range(0x010F, 0x0100, -1)]
    return tiff({tag: f"{key}:{text}".encode() + b"\0" for tag, (key, text) in zip(tags, texts.items(), strict=False)})


def user_comment(comment: bytes, order: str = "<") -> bytes:
    """An EXIF block that has a UserComment only."""
    block = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8)
    block += struct.pack(f"{order}HHHII", 1, 0x8769, 4, 1, 26) + bytes(4)
    return block + struct.pack(f"{order}HHHII", 1, 0x9286, 7, len(comment), 44) + bytes(4) + comment


def text_png(texts: Mapping[str, str]) -> bytes:
    return png(*(png_chunk(b"tEXt", key.encode() + b"\0" + text.encode()) for key, text in texts.items()))


def packed_png(texts: Mapping[str, str]) -> bytes:
    """One zTXt before the pixels, packed iTXt behind them."""
    names = list(texts)
    before = png_chunk(b"zTXt", names[0].encode() + b"\0\0" + zlib.compress(texts[names[0]].encode()))
    after = b"".join(
        png_chunk(b"iTXt", key.encode() + b"\0\1\0en\0\0" + zlib.compress(texts[key].encode())) for key in names[1:]
    )
    return png(before, after=after)


def apng(texts: Mapping[str, str]) -> bytes:
    """As ComfyUI's SaveAnimatedPNG: chunks "comf" behind the pixels."""
    chunks = (png_chunk(b"comf", key.encode() + b"\0" + text.encode()) for key, text in texts.items())
    return png(png_chunk(b"acTL", b"\0\0\0\2\0\0\0\0"), after=b"".join(chunks))


def exif_png(texts: Mapping[str, str]) -> bytes:
    return png(png_chunk(b"eXIf", exif_of(texts)))


def webp(texts: Mapping[str, str]) -> bytes:
    return picture("WEBP", exif=exif_of(texts))


def jpeg(texts: Mapping[str, str]) -> bytes:
    """A segment holds 64 KiB, so long texts are cut by the one who writes them."""
    return picture("JPEG", exif=b"Exif\0\0" + exif_of(texts))


def full_box(name: bytes, body: bytes, version: int = 0) -> bytes:
    return box(name, bytes([version, 0, 0, 0]) + body)


def avif(exif: bytes, *, version: int = 0, inside: bool = False, parts: int = 1) -> bytes:
    """An AVIF without pixels: an EXIF item in so many extents, in "mdat" or inside the "meta" box."""
    block = b"\0\0\0\6Exif\0\0" + exif
    step = -(-len(block) // parts)
    pieces = [(at, min(step, len(block) - at)) for at in range(0, len(block), step)]

    def meta(base: int) -> bytes:
        method = struct.pack(">H", 1 if inside else 0) if version else b""
        extents = b"".join(struct.pack(">II", base + at, length) for at, length in pieces)
        item = struct.pack(">H", 2) if version < 2 else struct.pack(">I", 2)
        count = struct.pack(">H", 1) if version < 2 else struct.pack(">I", 1)
        iloc = full_box(
            b"iloc", b"\x44\0" + count + item + method + bytes(2) + struct.pack(">H", len(pieces)) + extents, version
        )
        color = full_box(b"infe", struct.pack(">HH", 1, 0) + b"av01Color\0", 2)
        item_box = full_box(b"infe", struct.pack(">HH", 2, 0) + b"Exif\0", 2)
        iinf = full_box(b"iinf", struct.pack(">H", 2) + color + item_box)
        size = full_box(b"ispe", struct.pack(">II", 64, 48))
        body = full_box(b"hdlr", bytes(4) + b"pict" + bytes(13)) + iloc + iinf + box(b"iprp", box(b"ipco", size))
        return full_box(b"meta", body + (box(b"idat", block) if inside else b""))

    head = box(b"ftyp", b"avif\0\0\0\0avifmif1")
    base = 0 if inside else len(head) + len(meta(0)) + 8
    return head + meta(base) + (b"" if inside else box(b"mdat", block))


def text_avif(texts: Mapping[str, str]) -> bytes:
    return avif(exif_of(texts))


def _ilst(texts: Mapping[str, str]) -> bytes:
    keys = b"".join(box(b"mdta", key.encode()) for key in texts)
    items = b""
    for number, text in enumerate(texts.values(), 1):
        data = box(b"data", b"\0\0\0\1\0\0\0\0" + text.encode())
        items += struct.pack(">II", 8 + len(data), number) + data
    return full_box(b"keys", struct.pack(">I", len(texts)) + keys) + box(b"ilst", items)


def mp4(texts: Mapping[str, str]) -> bytes:
    """As FFmpeg with use_metadata_tags: behind the film's data, in moov/udta/meta."""
    meta = full_box(b"meta", full_box(b"hdlr", bytes(4) + b"mdta" + bytes(13)) + _ilst(texts))
    film = box(b"mdat", bytes(500)) + box(b"moov", box(b"mvhd", bytes(100)) + box(b"udta", meta))
    return box(b"ftyp", b"isom\0\0\2\0isomiso2") + film


def mov(texts: Mapping[str, str]) -> bytes:
    """As FFmpeg's QuickTime: moov/meta, which has no version there; its data box has a long length."""
    meta = box(b"meta", box(b"hdlr", bytes(4) + b"mdta" + bytes(13)) + _ilst(texts))
    data = struct.pack(">I4sQ", 1, b"mdat", 16 + 40) + bytes(40)
    return box(b"ftyp", b"qt  \0\0\2\0qt  ") + data + box(b"moov", box(b"mvhd", bytes(100)) + meta)


def old_mov(texts: Mapping[str, str]) -> bytes:
    """A comment in moov/udta; its length has two bytes, which FFmpeg lets overflow."""
    text = comment_of(texts).encode()
    udta = box(b"\xa9cmt", struct.pack(">HH", len(text) & 0xFFFF, 0x55C4) + text)
    return box(b"ftyp", b"qt  \0\0\2\0qt  ") + box(b"moov", box(b"udta", udta))


def itunes(texts: Mapping[str, str]) -> bytes:
    """Free-form tags of iTunes: the name is a box of its own."""
    items = b""
    for key, text in texts.items():
        parts = full_box(b"mean", b"com.apple.iTunes") + full_box(b"name", key.encode())
        items += box(b"----", parts + box(b"data", b"\0\0\0\1\0\0\0\0" + text.encode()))
    meta = full_box(b"meta", full_box(b"hdlr", bytes(4) + b"mdir" + bytes(13)) + box(b"ilst", items))
    return box(b"ftyp", b"M4A \0\0\0\0") + box(b"moov", box(b"udta", meta))


def comment_of(texts: Mapping[str, str]) -> str:
    """As VideoHelperSuite: one object in the comment; the prompt in it is a text again."""
    return json.dumps({key: text if key == "prompt" else json.loads(text) for key, text in texts.items()})


def vhs_mp4(texts: Mapping[str, str]) -> bytes:
    item = box(b"\xa9cmt", box(b"data", b"\0\0\0\1\0\0\0\0" + comment_of(texts).encode()))
    meta = full_box(b"meta", full_box(b"hdlr", bytes(4) + b"mdir" + bytes(13)) + box(b"ilst", item))
    return box(b"ftyp", b"isom\0\0\2\0") + box(b"moov", box(b"udta", meta))


def element(name: int, body: bytes, width: int = 4) -> bytes:
    length = (1 << 7 * width | len(body)).to_bytes(width, "big")
    return name.to_bytes((name.bit_length() + 7) // 8, "big") + length + body


def webm(texts: Mapping[str, str], *, live: bool = False) -> bytes:
    """Tags before the clusters; `live`: lengths unknown, as written to a pipe, and the tags behind."""
    tags = b"".join(
        element(0x67C8, element(0x45A3, key.upper().encode()) + element(0x4487, text.encode(), 8))
        for key, text in texts.items()
    )
    tags = element(0x1254C367, element(0x7373, element(0x63C0, b"", 1) + tags), 8)
    info = element(0x1549A966, element(0x2AD7B1, b"\x0f\x42\x40", 1) + element(0x4489, struct.pack(">d", 1500.0), 1))
    head = element(0x1A45DFA3, element(0x4282, b"webm", 1), 1)
    blocks = element(0xE7, b"\0", 1) + element(0xA3, bytes(300), 2)
    if live:
        cluster = b"\x1f\x43\xb6\x75\x01" + b"\xff" * 7 + blocks
        return head + b"\x18\x53\x80\x67\x01" + b"\xff" * 7 + info + cluster * 3 + tags
    return head + element(0x18538067, info + tags + element(0x1F43B675, blocks) * 3, 8)


def live_webm(texts: Mapping[str, str]) -> bytes:
    return webm(texts, live=True)


def vhs_mkv(texts: Mapping[str, str]) -> bytes:
    return webm({"comment": comment_of(texts)})


def comments(texts: Mapping[str, str]) -> bytes:
    lines = [f"{key}={text}".encode() for key, text in texts.items()]
    block = struct.pack("<I", 4) + b"Lavf" + struct.pack("<I", len(lines))
    return block + b"".join(struct.pack("<I", len(line)) + line for line in lines)


def flac(texts: Mapping[str, str]) -> bytes:
    block = comments(texts)
    return b"fLaC" + b"\0\0\0\x22" + bytes(34) + b"\x84" + struct.pack(">I", len(block))[1:] + block + b"\xff\xf8"


def pages(packets: list[bytes], serial: int = 7) -> bytes:
    """Packets laid on Ogg pages; long ones go over many."""
    out = b""
    for number, packet in enumerate(packets):
        lacing = [255] * (len(packet) // 255) + [len(packet) % 255]
        at = 0
        for start in range(0, len(lacing), 255):
            part = lacing[start : start + 255]
            flags = (2 if number == 0 else 0) | (1 if start else 0)
            out += b"OggS\0" + bytes([flags]) + bytes(8) + struct.pack("<III", serial, number, 0)
            out += bytes([len(part)]) + bytes(part) + packet[at : at + sum(part)]
            at += sum(part)
    return out


def opus(texts: Mapping[str, str]) -> bytes:
    return pages([b"OpusHead" + bytes(11), b"OpusTags" + comments(texts), bytes(99)])


def vorbis(texts: Mapping[str, str]) -> bytes:
    return pages([b"\x01vorbis" + bytes(23), b"\x03vorbis" + comments(texts) + b"\1", bytes(99)])


def ogg_flac(texts: Mapping[str, str]) -> bytes:
    block = comments(texts)
    return pages([b"\x7fFLAC\1\0" + bytes(40), b"\x84" + struct.pack(">I", len(block))[1:] + block, bytes(99)])


def safe(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def mp3(texts: Mapping[str, str], *, version: int = 4, encoding: int = 3) -> bytes:
    """ID3 with a TXXX frame for each text."""
    codec, zero = {0: ("latin-1", b"\0"), 1: ("utf-16", b"\0\0"), 2: ("utf-16-be", b"\0\0"), 3: ("utf-8", b"\0")}[
        encoding
    ]
    frames = b""
    for key, text in texts.items():
        body = bytes([encoding]) + key.encode(codec) + zero + text.encode(codec) + zero
        if version == 2:
            frames += b"TXX" + struct.pack(">I", len(body))[1:] + body
        else:
            frames += b"TXXX" + (safe(len(body)) if version == 4 else struct.pack(">I", len(body))) + b"\0\0" + body
    return b"ID3" + bytes([version, 0, 0]) + safe(len(frames) + 20) + frames + bytes(20) + b"\xff\xfb\x90\0"


def utf16_mp3(texts: Mapping[str, str]) -> bytes:
    return mp3(texts, version=3, encoding=1)


def old_mp3(texts: Mapping[str, str]) -> bytes:
    return mp3(texts, version=2, encoding=1)


def glb(texts: Mapping[str, str]) -> bytes:
    body = json.dumps({"asset": {"version": "2.0", "extras": dict(texts)}, "buffers": [{"byteLength": 4}]}).encode()
    body += b" " * (-len(body) % 4)
    data = struct.pack("<I4s", len(body), b"JSON") + body + struct.pack("<I4s", 4, b"BIN\0") + bytes(4)
    return struct.pack("<4sII", b"glTF", 2, 12 + len(data)) + data


def safetensors(texts: Mapping[str, str]) -> bytes:
    tensor = {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}
    header = json.dumps({"__metadata__": dict(texts), "latent_tensor": tensor}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(16)


def exr(texts: Mapping[str, str]) -> bytes:
    window = b"dataWindow\0box2i\0" + struct.pack("<i", 16) + bytes(16)
    own = b"".join(
        key.encode() + b"\0string\0" + struct.pack("<i", len(text.encode())) + text.encode()
        for key, text in texts.items()
    )
    return b"v/1\x01\2\0\0\0" + window + own + b"\0" + bytes(64)


def svg(texts: Mapping[str, str]) -> bytes:
    inner = json.dumps({key: json.loads(text) for key, text in texts.items()}, indent=2)
    return f'<svg xmlns="x">\n  <metadata>\n<![CDATA[\n{inner}\n]]>\n</metadata><path d="M0 0"/></svg>'.encode()


CARRIERS: dict[str, Builder] = {
    "text.png": text_png,
    "packed.png": packed_png,
    "animated.png": apng,
    "exif.png": exif_png,
    "picture.webp": webp,
    "picture.avif": text_avif,
    "film.mp4": mp4,
    "film.mov": mov,
    "old.mov": old_mov,
    "sound.m4a": itunes,
    "vhs.mp4": vhs_mp4,
    "film.webm": webm,
    "live.webm": live_webm,
    "vhs.mkv": vhs_mkv,
    "sound.flac": flac,
    "sound.opus": opus,
    "sound.ogg": vorbis,
    "flac.oga": ogg_flac,
    "sound.mp3": mp3,
    "utf16.mp3": utf16_mp3,
    "old.mp3": old_mp3,
    "model.glb": glb,
    "x.latent": safetensors,
    "high.exr": exr,
    "drawing.svg": svg,
}
