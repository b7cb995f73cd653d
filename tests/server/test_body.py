from __future__ import annotations

import gzip
import io
import json
import math
import time
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfydesk.server.body import PIECE, UndecodableError, loads, pieces


class Raw:
    def __init__(self, data: bytes, step: int = 1000) -> None:
        self.stream, self.step = io.BytesIO(data), step

    def read1(self, amt: int | None = None, decode_content: bool | None = None) -> bytes:
        return self.stream.read(min(amt or self.step, self.step))


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b"\xef\xbb\xbf[1]", [1]),
        ("é".join('""').encode("utf-16"), "é"),
        (b'"\xff"', "\ufffd"),
        (b"18446744073709551615", 2**64 - 1),
        (b"18446744073709551616", 2**64),
        (b'"\\ud800x"', "?x"),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'{"a": 1, "a": 2}', {"a": 2}),
    ],
)
def test_json_of_any_kind_that_servers_send_is_read(data: bytes, value: object) -> None:
    assert loads(data) == value


def test_not_a_number_is_read_because_servers_send_it() -> None:
    assert math.isnan(loads(b'{"is_changed": NaN}')["is_changed"])
    assert loads(b"[Infinity]") == [math.inf]


@pytest.mark.parametrize(
    "data", [b"", b"<html>", b"{", b"nope", b"[" * 100_000, b"[" * 101 + b"]" * 101, b"9" * 5000 + b"NaN"]
)
def test_what_is_no_json_or_too_deep_is_refused(data: bytes) -> None:
    with pytest.raises(UndecodableError):
        loads(data)


def test_a_hundred_levels_are_allowed_and_brackets_in_texts_do_not_count() -> None:
    assert loads(b"[" * 100 + b"]" * 100)
    text = '{"[[\\"{{' * 200 + "\\"
    assert loads(json.dumps([text]).encode()) == [text]


@given(st.recursive(st.text(max_size=5), lambda i: st.lists(i, max_size=3) | st.dictionaries(st.text(max_size=3), i)))
def test_what_json_writes_is_read_back(value: object) -> None:
    clean = json.loads(json.dumps(value).encode())
    assert loads(json.dumps(value).encode()) == clean or "\\ud" in json.dumps(value)


def test_a_large_answer_is_checked_in_no_time() -> None:
    data = json.dumps([{"name": f'a "quoted" [name] {i}', "v": [[i]]} for i in range(60_000)]).encode()
    begun = time.perf_counter()
    assert len(loads(data)) == 60_000
    assert time.perf_counter() - begun < 5


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "x-gzip", "GZIP "])
def test_compressed_bodies_are_unpacked(encoding: str) -> None:
    packed = gzip.compress(b"x" * 200_000) if "gzip" in encoding.lower() else zlib.compress(b"x" * 200_000)
    assert b"".join(pieces(Raw(packed), encoding)) == b"x" * 200_000


def test_a_gzip_bomb_comes_in_small_pieces() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    taken = 0
    for piece in pieces(Raw(bomb, PIECE), "gzip"):
        assert len(piece) <= PIECE
        taken += len(piece)
        if taken > 1_000_000:
            break
    assert taken <= 1_000_000 + PIECE


@pytest.mark.parametrize(
    ("data", "encoding"),
    [(gzip.compress(b"x" * 9999)[:-9], "gzip"), (b"nope", "gzip"), (b"x", "br"), (b"", "gzip")],
    ids=["cut", "not gzip", "unknown", "empty"],
)
def test_broken_or_unknown_compression_is_refused(data: bytes, encoding: str) -> None:
    with pytest.raises(UndecodableError):
        list(pieces(Raw(data), encoding))
