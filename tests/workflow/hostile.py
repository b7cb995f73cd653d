"""Bad inputs, generated: broken, endless, deep, huge and lying files, as JSON and in every container."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from comfydesk.base import resources
from tests.jobs.samples import box, picture, png, png_chunk
from tests.workflow.media import samples

Case = tuple[str, Callable[[], bytes]]  # a name and what makes the file; some are large, so each is made when needed
MIB = 1 << 20
NODE = {"class_type": "A", "inputs": {}}


def cases() -> list[Case]:
    """All of them, in a fixed order."""
    made = [
        *_depth(),
        *_numbers(),
        *_texts(),
        *_sizes(),
        *_shapes(),
        *_cut_json(),
        *_not_json(),
        *_pngs(),
        *_pictures(),
    ]
    return [*made, *_films_and_sounds(), *_carried(), *_damaged()]


def _depth() -> Iterator[Case]:
    for count in (101, 999, 100_000, 2_000_000):
        yield f"{count} lists, closed", lambda count=count: b"[" * count + b"]" * count
        yield f"{count} lists, open", lambda count=count: b"[" * count
        yield f"{count} objects", lambda count=count: b'{"a":' * count + b"1" + b"}" * count
    yield "depth behind spaces", lambda: b" " * MIB + b"[ " * 2_000_000
    yield "depth in an input", lambda: _prompt(b"[" * 5_000 + b"]" * 5_000)
    yield "depth in turns", lambda: b'[{"a":' * 200_000 + b"0" + b"}]" * 200_000
    yield "depth between texts", lambda: b'["[",' * 100_000
    yield "depth in the editor's graph", lambda: b'{"nodes":' + b"[" * 150 + b"]" * 150 + b"}"
    yield "texts in texts", _texts_in_texts
    yield "wrappings in wrappings", lambda: b'{"workflow":' * 90 + b"{}" + b"}" * 90


def _prompt(value: bytes) -> bytes:
    return b'{"1": {"class_type": "A", "inputs": {"x": ' + value + b"}}}"


def _texts_in_texts() -> bytes:
    text = '{"1": {"class_type": "A", "inputs": {}}}'
    for _ in range(12):
        text = json.dumps({"prompt": text})
    return text.encode()


def _numbers() -> Iterator[Case]:
    for digits in (4_301, 5_000, 1_000_000, 15 * MIB):
        yield f"an integer of {digits} digits", lambda digits=digits: _prompt(b"9" * digits)
        yield f"a negative integer of {digits} digits", lambda digits=digits: _prompt(b"-" + b"9" * digits)
        yield f"a fraction of {digits} digits", lambda digits=digits: _prompt(b"0." + b"3" * digits)
    yield "four thousand integers of 4,000 digits", lambda: _prompt(b"[" + b",".join([b"9" * 4_000] * 3_900) + b"]")
    for text in ("NaN", "-Infinity", "1e999999", "1e-999999", "-0", "1E400", "01", "+1", ".5", "0x10", "1_000", "٣"):
        yield f"the number {text}", lambda text=text: _prompt(text.encode())


def _texts() -> Iterator[Case]:
    yield "a lone surrogate", lambda: _prompt(rb'"\ud800"')
    yield "surrogates the wrong way round", lambda: _prompt(rb'"\udc00\ud800"')
    yield "a lone surrogate in bytes", lambda: _prompt(b'"\xed\xa0\x80"')
    yield "a lone surrogate as node", lambda: rb'{"\ud800": {"class_type": "\udfff", "inputs": {"\udc00": 1}}}'
    yield "surrogates without end", lambda: _prompt(b"[" + b",".join([b'"' + rb"\ud800" * 160_000 + b'"'] * 16) + b"]")
    yield "escapes without end", lambda: _prompt(b"[" + b",".join([b'"' + rb"\u00e9" * 160_000 + b'"'] * 16) + b"]")
    yield "backslashes without end", lambda: _prompt(b'"' + b"\\" * (15 * MIB))
    yield "a text of 2 MB", lambda: _prompt(b'"' + b"x" * (2 * MIB) + b'"')
    yield "many large texts", lambda: _prompt(b"[" + b",".join([b'"' + b"x" * 1_000_000 + b'"'] * 15) + b"]")
    yield "wide letters", lambda: _prompt(b'["' + b'","'.join([b"x" * 900_000 + "🦊".encode()] * 16) + b'"]')
    yield "a text without end", lambda: _prompt(b'"' + b"x" * 100)
    yield "line breaks in a text", lambda: _prompt(b'"a\nb"')
    yield "zero bytes in a text", lambda: _prompt(b'"a\0b"')
    yield "a bad escape", lambda: _prompt(rb'"\x41"')
    yield "a name of 2,000 letters", lambda: json.dumps({"1": {"class_type": "A" * 2_000, "inputs": {}}}).encode()
    yield "a node id of 1 MB", lambda: json.dumps({"1" * MIB: NODE}).encode()
    for encoding in ("utf-16", "utf-32", "utf-7", "latin-1", "shift_jis", "cp037"):
        yield f"in {encoding}", lambda encoding=encoding: '{"1": {"text": "é"}}'.encode(encoding, "replace")
    yield "half a letter of UTF-16", lambda: '{"1": 2}'.encode("utf-16")[:-1]
    yield "half a letter of UTF-32", lambda: '{"1": 2}'.encode("utf-32")[:-3]
    yield "a mark alone", lambda: b"\xef\xbb\xbf"
    yield "two marks", lambda: b"\xef\xbb\xbf\xef\xbb\xbf{}"


def _sizes() -> Iterator[Case]:
    yield "50 MB of spaces", lambda: b" " * (50 * MIB)
    yield "50 MB of zeros", lambda: bytes(50 * MIB)
    yield "50 MB of JSON", lambda: _prompt(b'"' + b"x" * (50 * MIB) + b'"')
    yield "16 MB of commas", lambda: _prompt(b"[" + b"," * (15 * MIB) + b"]")
    yield "five million zeros", lambda: _prompt(b"[" + b"0," * 5_000_000 + b"0]")
    yield "700,000 numbers", lambda: _prompt(b"[" + b"1.5," * 700_000 + b"0]")
    yield "700,000 lists", lambda: _prompt(b"[" + b"[]," * 250_000 + b"0]")
    yield "390,000 texts", lambda: _prompt(b'["' + b'","'.join([b"ab"] * 390_000) + b'"]')
    yield "250,000 names", lambda: b"{" + b",".join(b'"k%d":0' % number for number in range(250_000)) + b"}"
    yield "100,000 times one name", lambda: b"{" + b",".join([b'"1":0'] * 100_000) + b"}"
    yield "10,001 nodes", lambda: json.dumps({str(number): NODE for number in range(10_001)}).encode()
    yield "60,000 links", _many_links
    yield "20,000 nodes of the editor", lambda: json.dumps({"nodes": [{}] * 20_000, "links": []}).encode()
    yield "60,000 links of the editor", lambda: json.dumps({"nodes": [], "links": [[1]] * 60_000}).encode()
    yield "nodes hidden in subgraphs", _many_subgraphs


def _many_links() -> bytes:
    inputs = {str(number): ["0", 0] for number in range(6_000)}
    return json.dumps({str(number): {"class_type": "A", "inputs": inputs} for number in range(10)}).encode()


def _many_subgraphs() -> bytes:
    subgraphs = [{"nodes": [{}] * 200, "links": []}] * 60
    return json.dumps({"nodes": [], "definitions": {"subgraphs": subgraphs}}).encode()


def _shapes() -> Iterator[Case]:
    values: dict[str, Any] = {
        "nothing": None, "yes": True, "a number": 7, "a text": "words", "a list": [], "an empty object": {},
        "a list of nodes": [NODE], "a prompt of words": {"prompt": "a fox"}, "a prompt of numbers": {"prompt": [1, 2]},
        "an empty prompt": {"prompt": {}}, "an empty workflow": {"workflow": {}}, "settings": {"seed": 5, "steps": 20},
        "nodes that are no list": {"nodes": {"1": NODE}}, "nodes that are a text": {"nodes": "1"},
        "a class that is a number": {"1": {"class_type": 3, "inputs": 4}},
        "a class alone": {"1": {"class_type": "A"}}, "inputs alone": {"1": {"inputs": {}}},
        "inputs that are a list": {"1": {"class_type": "A", "inputs": [1]}},
        "a link to nowhere": {"1": {"class_type": "A", "inputs": {"x": ["9", 0]}}},
        "a link to itself": {"1": {"class_type": "A", "inputs": {"x": ["1", 0]}}},
        "a loop": {number: {"class_type": "A", "inputs": {"x": [other, 0]}} for number, other in ("12", "21")},
        "a history of nothing": {"x": {"prompt": [1, "x", None, None, []]}},
        "a manifest": {"name": "x", "version": 1}, "GeoJSON": {"type": "FeatureCollection", "features": []},
        "empty names": {"": {"class_type": "", "inputs": {"": ""}}},
        "editor's nodes of nothing": {"nodes": [None, 1, "x", []], "links": {"a": 1}},
        "editor's nodes in the definitions": {"nodes": [], "definitions": {"subgraphs": [None, 3, {"nodes": None}]}},
        "definitions that are a list": {"nodes": [], "definitions": []},
        "local paths": {"1": {"class_type": "LoadImage", "inputs": {"image": "/home/u/.ssh/id_rsa"}}},
        "a prefix that climbs": {"1": {"class_type": "SaveImage", "inputs": {"filename_prefix": "../" * 1_300}}},
    }  # fmt: skip
    for name, value in values.items():
        yield name, lambda value=value: json.dumps(value).encode()


def _cut_json() -> Iterator[Case]:
    whole = resources.path("workflows/sdxl.json").read_bytes()
    for part in range(1, 30):
        yield f"a workflow cut at {part}/30", lambda part=part: whole[: len(whole) * part // 30]
    for place in range(0, len(whole), len(whole) // 15):
        yield f"a wrong byte at {place}", lambda place=place: whole[:place] + b"\x07" + whole[place + 1 :]


def _not_json() -> Iterator[Case]:
    texts = {
        "nothing at all": b"", "a web page": b"<!doctype html><html></html>", "XML": b"<?xml version='1.0'?><a/>",
        "Python": b"{'1': {'class_type': 'A'}}", "a comment": b'{"1": {} /* x */}', "a comma too many": b'{"1": {},}',
        "two values": b"{}{}", "lines of values": b'{"a":1}\n{"a":2}', "YAML": b"a: 1\nb: 2", "words": b"a fox",
        "an archive": b"PK\x03\x04" + bytes(99), "a document": b"%PDF-1.4", "a program": b"\x7fELF" + bytes(99),
        "noise": bytes(range(256)) * 9, "a gzip": b"\x1f\x8b\x08" + bytes(99), "a TIFF": b"II*\0" + bytes(99),
        "a GIF": picture("GIF"), "a BMP": picture("BMP"), "brackets": b"[}" * 99, "settings without words": b"Steps: ",
        "XML without end": b"<svg" + b"<metadata><![CDATA[" * 100_000,
        "a drawing that nests": b"<svg><metadata><![CDATA[" + b"[" * 100_000 + b"]]></metadata></svg>",
        "the parameters of nobody": b"x\nSteps: 1, " + b"a: [," * 100_000,
    }  # fmt: skip
    for name, data in texts.items():
        yield name, lambda data=data: data


def _ztxt(size: int) -> bytes:
    return png_chunk(b"zTXt", b"prompt\0\0" + zlib.compress(bytes(size)))


def _pngs() -> Iterator[Case]:
    whole = png()
    text = png_chunk(b"tEXt", b"prompt\0{}")
    yield "a PNG of one signature", lambda: whole[:8]
    for length in (0xFFFFFFFF, 0x80000000, 0x7FFFFFFF, 0x7FFFFFFE):
        yield (
            f"a chunk of {length} bytes",
            lambda length=length: whole[:33] + struct.pack(">I", length) + text[4:] + whole[33:],
        )
    yield "100,000 chunks", lambda: whole[:33] + png_chunk(b"tEXt", b"a\0b") * 100_000
    yield "a million chunks", lambda: whole[:33] + png_chunk(b"aaAa", b"") * 1_000_000
    yield "a text bomb", lambda: png(_ztxt(40 * MIB))
    yield (
        "a text bomb of zeros in iTXt",
        lambda: png(png_chunk(b"iTXt", b"prompt\0\1\0\0\0" + zlib.compress(bytes(40 * MIB)))),
    )
    yield "many text bombs", lambda: png(*[_ztxt(15 * MIB)] * 40)
    yield "a thousand text bombs", lambda: png(*[_ztxt(40 * MIB)] * 1_000)
    yield (
        "bombs of open brackets",
        lambda: png(*[png_chunk(b"zTXt", b"prompt\0\0" + zlib.compress(b'{"a":' * 3_000_000))] * 4),
    )
    yield (
        "ten prompts of many values",
        lambda: png(*[png_chunk(b"zTXt", b"prompt\0\0" + zlib.compress(b'{"a":[' + b"1," * 780_000 + b"1"))] * 10),
    )
    yield "a text of 17 MB", lambda: png(png_chunk(b"tEXt", b"prompt\0" + b"x" * (17 * MIB)))
    yield "texts of 45 MB", lambda: png(*[png_chunk(b"tEXt", b"k\0" + "é".encode() * (7 * MIB))] * 3)
    yield "a wrong checksum", lambda: png(text[:-1] + b"!")
    yield "a text without name", lambda: png(png_chunk(b"tEXt", b"\0x"))
    yield "a text without end of name", lambda: png(png_chunk(b"tEXt", b"k" * 100_000))
    yield "an iTXt of nothing", lambda: png(png_chunk(b"iTXt", b"prompt\0\1"))
    yield "packing of nonsense", lambda: png(png_chunk(b"zTXt", b"prompt\0\0nonsense"))
    yield "half a packing", lambda: png(png_chunk(b"zTXt", b"prompt\0\0" + zlib.compress(b"x" * 999)[:9]))
    yield "60,000 × 60,000 pixels", lambda: png(width=60_000, height=60_000)
    yield "no header", lambda: whole[:8] + whole[33:]
    yield "an EXIF of nonsense in a PNG", lambda: png(png_chunk(b"eXIf", b"II*\0\xff\xff\xff\xff"))


def _pictures() -> Iterator[Case]:
    loop = b"II*\0\x08\0\0\0" + struct.pack("<HHHIII", 1, 0x8769, 4, 1, 8, 8)
    far = b"II*\0\xff\xff\xff\xff"
    counts = b"II*\0\x08\0\0\0" + struct.pack("<HHHIII", 65535, 0x110, 2, 2**32 - 1, 0, 0)
    same = b"II*\0\x08\0\0\0" + struct.pack("<H", 500) + struct.pack("<HHII", 0x110, 2, 60_000, 8) * 500 + bytes(60_000)
    for name, block in (("loop", loop), ("far away", far), ("counts", counts), ("500 times one text", same)):
        yield f"an EXIF in a WebP: {name}", lambda block=block: picture("WEBP", exif=block)
        yield f"an EXIF in an AVIF: {name}", lambda block=block: samples.avif(block)
        if len(block) < 65_000:
            yield f"an EXIF in a JPEG: {name}", lambda block=block: picture("JPEG", exif=b"Exif\0\0" + block)
    yield "a JPEG without end", lambda: b"\xff\xd8" + b"\xff\xe1\x00\x02" * 500_000
    yield "a JPEG of padding", lambda: b"\xff\xd8" + b"\xff" * (4 * MIB)
    yield "a WebP of empty chunks", lambda: b"RIFF\0\0\0\0WEBP" + b"JUNK\0\0\0\0" * 500_000
    yield "a WebP chunk of 4 GB", lambda: b"RIFF\0\0\0\0WEBP" + b"EXIF\xff\xff\xff\xff" + bytes(99)
    yield "an EXR of names", lambda: b"v/1\x01\2\0\0\0" + b"a" * (4 * MIB)
    yield "an EXR of attributes", lambda: b"v/1\x01\2\0\0\0" + b"a\0string\0\1\0\0\0x" * 300_000
    yield "an EXR text of 2 GB", lambda: b"v/1\x01\2\0\0\0a\0string\0\xff\xff\xff\x7f"
    for length in (0, 0xFFFFFFFF):
        yield f"an AVIF with extents of {length}", lambda length=length: _avif_of_extents(length)


def _avif_of_extents(length: int) -> bytes:
    extents = struct.pack(">H", 4_000) + struct.pack(">II", 0, length) * 4_000
    iloc = samples.full_box(b"iloc", b"\x44\0" + struct.pack(">HHH", 1, 2, 0) + extents)
    item = samples.full_box(b"infe", struct.pack(">HH", 2, 0) + b"Exif\0", 2)
    iinf = samples.full_box(b"iinf", struct.pack(">H", 1) + item)
    return box(b"ftyp", b"avif\0\0\0\0") + samples.full_box(b"meta", iloc + iinf) + bytes(8 * MIB)


def _films_and_sounds() -> Iterator[Case]:
    head = box(b"ftyp", b"isom\0\0\0\0")
    yield "a film of empty boxes", lambda: head + box(b"free", b"") * 500_000
    yield "a box of no length", lambda: head + b"\0\0\0\0moov\0\0\0\1udta\0\0\0\0"
    yield "a box longer than the film", lambda: head + b"\xff\xff\xff\xffmoov" + bytes(99)
    yield "a box of 2^64 bytes", lambda: head + b"\0\0\0\1moov" + b"\xff" * 8 + bytes(99)
    yield "boxes in boxes", _boxes_in_boxes
    yield "a list of a million tags", lambda: _film_of_tags(box(b"data", bytes(8)) * 400_000)
    yield "tags of 40 MB", lambda: _film_of_tags(box(b"data", bytes(8) + b"{" * (40 * MIB)))
    ebml = samples.element(0x1A45DFA3, b"", 1)
    yield "a segment of nothing", lambda: ebml + b"\x18\x53\x80\x67\x01" + b"\xff" * 7 + b"\xec\x80" * 1_000_000
    yield "tags without end", lambda: ebml + b"\x18\x53\x80\x67\x01" + b"\xff" * 7 + b"\x12\x54\xc3\x67\x80" * 500_000
    yield "tags that lie", lambda: ebml + b"\x18\x53\x80\x67\x88\x12\x54\xc3\x67\x01" + b"\xfe" * 40
    yield "a tag of 40 MB", lambda: samples.webm({"prompt": "{" * (40 * MIB)})
    yield "clusters without end", lambda: ebml + (b"\x1f\x43\xb6\x75\x01" + b"\xff" * 7) * 300_000
    yield "a FLAC of comments", lambda: b"fLaC\x84\xff\xff\xff" + b"\xff" * 1_000
    yield "a FLAC of blocks", lambda: b"fLaC" + b"\x01\0\0\0" * 500_000
    yield "comments without end", lambda: _flac(struct.pack("<II", 0, 0xFFFFFFFF) + b"\3\0\0\0a=b" * 1_000_000)
    yield "comments of nothing", lambda: _flac(struct.pack("<II", 0, 0xFFFFFFFF) + bytes(12 * MIB))
    yield "a vendor of 4 GB", lambda: _flac(b"\xff\xff\xff\xff")
    yield "an Ogg of empty pages", lambda: (b"OggS\0\2" + bytes(20) + b"\0") * 200_000
    yield "an Ogg packet without end", lambda: (b"OggS\0\1" + bytes(20) + b"\xff" + b"\xff" * 255 + bytes(65_025)) * 700
    yield "an ID3 of 256 MB", lambda: b"ID3\4\0\0\x7f\x7f\x7f\x7f" + bytes(99)
    yield "an ID3 of frames", lambda: b"ID3\3\0\0" + samples.safe(11 * 100_000) + b"TXXX\0\0\0\1\0\0\0" * 100_000
    yield "an ID3 frame of 4 GB", lambda: b"ID3\3\0\0\0\0\1\0TXXX\xff\xff\xff\xff\0\0" + bytes(200)
    yield "an ID3 text of 30 MB", lambda: samples.mp3({"prompt": "{" * (30 * MIB)}, version=3)
    yield "a header of 2^63 bytes", lambda: b"\xff" * 7 + b"\x7f" + b"{}"
    yield "a header of 90 MB", lambda: struct.pack("<Q", 90_000_000) + b"{" + b" " * (20 * MIB)
    yield "a header that nests", lambda: struct.pack("<Q", 500_000) + b'{"a":' * 100_000
    yield "a model of 4 GB", lambda: b"glTF\2\0\0\0\xff\xff\xff\xff\xff\xff\xff\xffJSON" + b"[" * 100_000


def _boxes_in_boxes() -> bytes:
    data = b""
    for _ in range(3_000):
        data = box(b"udta", data)
    return box(b"ftyp", b"isom\0\0\0\0") + box(b"moov", data)


def _film_of_tags(items: bytes) -> bytes:
    meta = samples.full_box(b"meta", samples.full_box(b"hdlr", bytes(20)) + box(b"ilst", box(b"\xa9cmt", items)))
    return box(b"ftyp", b"isom\0\0\0\0") + box(b"moov", box(b"udta", meta))


def _flac(block: bytes) -> bytes:
    return b"fLaC\x84" + struct.pack(">I", min(len(block), 0xFFFFFF))[1:] + block


def _carried() -> Iterator[Case]:
    """What is bad as a file is bad in a container too."""
    deep = '{"a":' * 20_000 + "1" + "}" * 20_000
    bad = {
        "depth": {"prompt": deep}, "digits": {"prompt": '{"a": ' + "9" * 5_000 + "}"},
        "half a graph": {"workflow": '{"nodes": ['},
        "values": {"prompt": "{" + ",".join(f'"{number}":[1]' for number in range(12_000)) + "}"},
    }  # fmt: skip
    for name, build in samples.CARRIERS.items():
        for kind, texts in bad.items():
            if build not in (samples.svg, samples.vhs_mkv, samples.vhs_mp4, samples.old_mov):
                yield f"{kind} in {name}", partial(build, texts)


def _damaged() -> Iterator[Case]:
    for name, build in samples.CARRIERS.items():
        for part in (1, 2, 3):
            yield f"{name} cut at {part}/4", lambda build=build, part=part: _cut(build({"prompt": "{}"}), part)


def _cut(data: bytes, part: int) -> bytes:
    return data[: len(data) * part // 4]
