"""The tags of WebM and Matroska files: EBML elements, walked over by their lengths. Bounded, nothing is decoded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from comfydesk.workflow.media.texts import MAX_TOTAL, Texts

SEGMENT = 0x18538067
INFO = 0x1549A966
_CLUSTER = 0x1F43B675
_TAGS = 0x1254C367
_TAG = 0x7373
_SIMPLE_TAG = 0x67C8
_NAME = 0x45A3
_STRING = 0x4487
_MAX_ELEMENTS = 100_000  # clusters of a film of some hours
_MAX_TAGS = 4_096
_MAX_PLACES = 4  # elements with tags in one file

Element = tuple[int, int, int]  # id, where the body begins, where it ends


def read(file: BinaryIO, texts: Texts) -> None:
    """The tags of an open file; names come out in lower case, as the page of ComfyUI compares them."""
    for tags in islice(find(file, SEGMENT, _TAGS), _MAX_PLACES):
        if tags[2] - tags[1] > MAX_TOTAL + (1 << 20):
            texts.note("a text is too long")
            continue
        file.seek(tags[1])
        body = memoryview(file.read(tags[2] - tags[1]))
        for tag in _inside(body, 0, len(body)):
            if tag[0] == _TAG:
                for simple in _inside(body, tag[1], tag[2]):
                    if simple[0] == _SIMPLE_TAG:
                        _simple(body, simple, texts)


def _simple(body: memoryview, simple: Element, texts: Texts) -> None:
    parts = {name: (start, end) for name, start, end in _inside(body, simple[1], simple[2])}
    if _NAME not in parts or _STRING not in parts:
        return
    start, end = parts[_STRING]
    if texts.fits(end - start):
        name = bytes(body[parts[_NAME][0] : parts[_NAME][1]][:400]).decode("utf-8", "replace")
        texts.add(name.lower(), bytes(body[start:end]).rstrip(b"\0"))


def find(file: BinaryIO, *path: int) -> Iterator[Element]:
    """The elements at a path of ids, as SEGMENT, INFO; their bodies are not read."""
    size = file.seek(0, os.SEEK_END)
    for element in children(file, 0, size):
        if element[0] == path[0]:
            if len(path) == 1:
                yield element
            else:
                yield from (inner for inner in children(file, element[1], element[2]) if inner[0] == path[1])


def children(file: BinaryIO, offset: int, end: int) -> Iterator[Element]:
    """The elements between two places of a file. A cluster of unknown length is walked through."""
    for _ in range(_MAX_ELEMENTS):
        if offset >= end:
            return
        file.seek(offset)
        element = _element(memoryview(file.read(min(12, end - offset))), 0, end - offset)
        if element is None:
            return
        name, start, stop = element[0], offset + element[1], offset + element[2]
        yield name, start, stop
        offset = start if name == _CLUSTER and element[2] == end - offset else stop


def _inside(data: memoryview, offset: int, end: int) -> Iterator[Element]:
    for _ in range(_MAX_TAGS):
        element = _element(data, offset, end) if offset < end else None
        if element is None:
            return
        yield element
        offset = element[2]


def _element(data: memoryview, at: int, end: int) -> Element | None:
    """The element whose head begins at `at`; one of unknown length goes to the end. None where there is no sense."""
    if at >= len(data):
        return None
    width = 9 - data[at].bit_length()
    if width > 4 or at + width >= min(len(data), end):
        return None
    name = int.from_bytes(data[at : at + width], "big")
    at += width
    width = 9 - data[at].bit_length()
    if width > 8 or at + width > min(len(data), end):
        return None
    unknown = (1 << 7 * width) - 1
    length = int.from_bytes(data[at : at + width], "big") & unknown
    at += width
    stop = end if length == unknown else at + length
    return (name, at, stop) if stop <= end else None
