"""Small whole files of many formats, made here."""

from __future__ import annotations

import io
import json
import struct
import zlib

from PIL import Image


def png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(*extra: bytes, after: bytes = b"", width: int = 4, height: int = 4) -> bytes:
    """A PNG with chunks before and after the pixels."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    rows = b"".join(b"\0" + bytes(3 * width) for _ in range(height)) if width * height < 1_000_000 else b""
    pixels = png_chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + pixels + after + png_chunk(b"IEND", b"")


def picture(form: str, size: tuple[int, int] = (32, 24), **options: object) -> bytes:
    """A picture with some detail, written by Pillow."""
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def animation(form: str, **options: object) -> bytes:
    frames = [Image.new("RGB", (16, 16), (40 * i, 10, 10)) for i in range(3)]
    out = io.BytesIO()
    frames[0].save(out, form, save_all=True, append_images=frames[1:], duration=100, **options)
    return out.getvalue()


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + name + body


def mp4() -> bytes:
    return box(b"ftyp", b"isom\0\0\2\0isomiso2") + box(b"moov", box(b"mvhd", bytes(100))) + box(b"mdat", bytes(500))


def glb() -> bytes:
    body = json.dumps({"asset": {"version": "2.0"}}).encode()
    body += b" " * (-len(body) % 4)
    chunk = struct.pack("<I4s", len(body), b"JSON") + body
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunk)) + chunk


def safetensors() -> bytes:
    header = json.dumps({"__metadata__": {"a": "b"}, "x": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}})
    return struct.pack("<Q", len(header)) + header.encode() + bytes(16)


def ogg() -> bytes:
    def page(flags: int, payload: bytes) -> bytes:
        return b"OggS" + bytes([0, flags]) + bytes(8) + bytes(12) + bytes([1, len(payload)]) + payload

    return page(2, b"OpusHead" + bytes(11)) + page(0, b"OpusTags" + bytes(20)) + page(4, bytes(100))


def flac() -> bytes:
    return b"fLaC" + b"\x00\x00\x00\x22" + bytes(34) + b"\x84" + b"\x00\x00\x08" + bytes(8) + b"\xff\xf8" + bytes(200)


def wav() -> bytes:
    body = b"WAVE" + b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8) + b"data" + struct.pack("<I", 100)
    body += bytes(100)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def webm() -> bytes:
    head = b"\x1a\x45\xdf\xa3" + b"\x84" + b"\x42\x86\x81\x01"
    return head + b"\x18\x53\x80\x67" + b"\x01" + struct.pack(">Q", 300)[1:] + bytes(300)


def whole_files() -> dict[str, bytes]:
    """Files whose end can be told, by name."""
    return {
        "a.png": picture("PNG"),
        "b.jpg": picture("JPEG"),
        "c.webp": picture("WEBP"),
        "d.gif": picture("GIF"),
        "e.gif": animation("GIF"),
        "f.webp": animation("WEBP"),
        "g.png": animation("PNG"),
        "h.mp4": mp4(),
        "i.glb": glb(),
        "j.safetensors": safetensors(),
        "k.latent": safetensors(),
        "l.ogg": ogg(),
        "m.wav": wav(),
        "n.webm": webm(),
        "o.bmp": picture("BMP"),
        "p.json": b'{"a": [1, 2]}',
    }
