"""Servers that drip, cut, flood or are something else: everything ends in time, within its cap, with a sentence."""

from __future__ import annotations

import gzip
import socket
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from comfydesk.base.errors import Problem
from comfydesk.server.client import ServerClient
from comfydesk.server.transport import Limits
from comfydesk.server.types import RemoteFile
from tests.server.serving import RawServer, answer, raw, reset, say

Connect = Callable[..., ServerClient]
FILE = RemoteFile("a.png")
OK = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n"


def code_of(call: Callable[[], Any]) -> str:
    with pytest.raises(Problem) as caught:
        call()
    assert caught.value.message
    return caught.value.code


def fetch(client: ServerClient) -> bytes:
    with client.view(FILE) as download:
        return b"".join(download.chunks())


def drip(*parts: bytes, every: float = 0.01) -> Callable[[socket.socket, bytes], None]:
    """Sends the parts, and then one byte now and then for ever."""

    def handle(connection: socket.socket, head: bytes) -> None:
        for part in parts:
            connection.sendall(part)
        while not servers[-1].done.wait(every):
            connection.sendall(b"x")

    return handle


servers: list[RawServer] = []


def serve(handle: Callable[[socket.socket, bytes], None]) -> Any:
    class Remembered:
        def __enter__(self) -> RawServer:
            self.manager = raw(handle)
            servers.append(self.manager.__enter__())
            return servers[-1]

        def __exit__(self, *exc: Any) -> None:
            self.manager.__exit__(*exc)
            servers.pop()

    return Remembered()


@pytest.mark.parametrize(
    "parts",
    [
        [b""],
        [b"HTTP/1.1 200 OK\r\nX-Slow: "],
        [b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n"],
        [b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"],
        [b"HTTP/1.1 500 Oops\r\nContent-Length: 100000\r\n\r\n"],
    ],
    ids=["status line", "header", "length", "chunk", "until the end", "error"],
)
def test_a_dripped_answer_ends_at_the_total_deadline(connect: Connect, parts: list[bytes]) -> None:
    with serve(drip(*parts)) as server:
        client = connect(server.url, limits=Limits(control=0.3, idle=5))
        begun = time.monotonic()
        assert code_of(client.system_stats) in ("timeout", "server_error")
        assert time.monotonic() - begun < 1.5


def test_silence_ends_at_the_idle_time_out(connect: Connect) -> None:
    with serve(lambda connection, head: servers[-1].done.wait(5) and None) as server:
        client = connect(server.url, limits=Limits(idle=0.2))
        begun = time.monotonic()
        assert code_of(client.system_stats) == "timeout"
        assert time.monotonic() - begun < 2


def test_a_server_that_does_not_read_an_upload_ends_it(connect: Connect, tmp_path: Any) -> None:
    file = tmp_path / "big.bin"
    file.write_bytes(bytes(8 << 20))

    def deaf(connection: socket.socket, head: bytes) -> None:
        servers[-1].done.wait(5)

    with serve(deaf) as server:
        client = connect(server.url, limits=Limits(upload=0.3))
        assert code_of(lambda: client.upload(file, "big.bin")) == "timeout"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (answer(b'{"system": {}}')[:-4], "reset"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}", "reset"),
        (b"HTTP/1.1 200 OK\r\nContent-", "not_comfyui"),
        (b"", "reset"),
        (b"SSH-2.0-OpenSSH_9.2p1\r\n", "not_comfyui"),
        (b"220 smtp.example ESMTP\r\n", "not_comfyui"),
        (b"\x15\x03\x01\x00\x02\x02\x50", "not_comfyui"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", "not_comfyui"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n", "not_comfyui"),
        (b"HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n", "server_error"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: nonsense\r\nConnection: close\r\n\r\n{}", "not_comfyui"),
        (answer(b"", status="302 Found", more="Location: //\r\n"), "redirect"),
        (answer(b"", status="302 Found", more="Location: http://[::1\r\n"), "redirect"),
        (answer(b"x", status="302 Found", more="Location: javascript:alert(1)\r\n"), "redirect"),
        (answer(b"\x1f\x8bbroken", more="Content-Encoding: gzip\r\n"), "not_comfyui"),
        (answer(b"{}", more="Content-Encoding: br\r\n"), "not_comfyui"),
        (answer(b"[" * 200_000), "not_comfyui"),
        (answer(b'{"system": ' + b"[" * 200 + b"]" * 200 + b"}"), "not_comfyui"),
    ],
)
def test_what_is_no_good_answer_gets_a_sentence(connect: Connect, data: bytes, code: str) -> None:
    with raw(say(data)) as server:
        assert code_of(connect(server.url).system_stats) == code


def test_a_reset_is_tried_once_more_and_then_told(connect: Connect) -> None:
    with raw(lambda connection, head: reset(connection)) as server:
        assert code_of(connect(server.url).system_stats) == "reset"
        assert len(server.heads) == 2


def test_an_endless_body_is_cut_at_the_cap(connect: Connect) -> None:
    def endless(connection: socket.socket, head: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
        while not servers[-1].done.is_set():
            connection.sendall(b"1," * 50_000)

    with serve(endless) as server:
        client = connect(server.url, limits=Limits(json=1 << 20))
        assert code_of(client.system_stats) == "too_large"


def test_a_body_that_announces_too_much_is_not_even_read(connect: Connect) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n"
    with raw(say(head)) as server:
        assert code_of(connect(server.url).system_stats) == "too_large"


def test_a_redirect_with_an_endless_body_is_not_read(connect: Connect) -> None:
    def endless(connection: socket.socket, head: bytes) -> None:
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: https://h/\r\n\r\n")
        while not servers[-1].done.is_set():
            connection.sendall(b"x" * 100_000)

    with serve(endless) as server:
        assert code_of(connect(server.url).system_stats) == "redirect"


def test_a_gzip_bomb_is_cut_at_the_cap_of_decoded_bytes(connect: Connect) -> None:
    bomb = gzip.compress(bytes(60 << 20))
    with raw(say(answer(bomb, more="Content-Encoding: gzip\r\n"))) as server:
        client = connect(server.url, limits=Limits(json=1 << 20))
        tracemalloc.start()
        try:
            assert code_of(client.system_stats) == "too_large"
            assert tracemalloc.get_traced_memory()[1] < 16 << 20
        finally:
            tracemalloc.stop()


def test_compressed_json_is_read(connect: Connect) -> None:
    body = gzip.compress(b'{"system": {"comfyui_version": "1"}}')
    with raw(say(answer(body, more="Content-Encoding: gzip\r\n"))) as server:
        assert connect(server.url).system_stats()["system"]["comfyui_version"] == "1"


# files


def test_a_file_comes_with_its_length_and_asks_for_no_compression(connect: Connect) -> None:
    with raw(say(answer(b"picture", kind="image/png", more='ETag: "7"\r\n'))) as server:
        with connect(server.url).view(FILE) as download:
            assert (download.length, download.etag, download.content_type) == (7, '"7"', "image/png")
            assert b"".join(download.chunks()) == b"picture"
        assert b"accept-encoding: identity" in server.heads[0].lower()


def test_a_file_without_length_comes_too(connect: Connect) -> None:
    with raw(say(OK + b"\r\npicture")) as server, connect(server.url).view(FILE) as download:
        assert download.length is None
        assert b"".join(download.chunks()) == b"picture"


@pytest.mark.parametrize(
    "data",
    [OK + b"Content-Length: 100\r\n\r\nshort", OK + b"Transfer-Encoding: chunked\r\n\r\nff\r\nshort"],
)
def test_a_file_that_ends_too_early_is_a_reset(connect: Connect, data: bytes) -> None:
    with raw(say(data)) as server:
        assert code_of(lambda: fetch(connect(server.url))) == "reset"


def test_a_file_over_the_cap_is_cut(connect: Connect) -> None:
    def endless(connection: socket.socket, head: bytes) -> None:
        connection.sendall(OK + b"\r\n")
        while not servers[-1].done.is_set():
            connection.sendall(b"x" * 100_000)

    with serve(endless) as server:
        assert code_of(lambda: fetch(connect(server.url, limits=Limits(output=1 << 20)))) == "too_large"
    with raw(say(OK + b"Content-Length: 5000000000\r\n\r\n")) as server:
        assert code_of(lambda: fetch(connect(server.url))) == "too_large"


def test_a_dripped_file_is_given_up_but_a_slow_one_is_not(connect: Connect) -> None:
    limits = Limits(slow=1024, slow_over=0.2, control=0.1)
    with serve(drip(OK + b"Content-Length: 100000\r\n\r\n")) as server:
        assert code_of(lambda: fetch(connect(server.url, limits=limits))) == "timeout"

    def slow(connection: socket.socket, head: bytes) -> None:
        connection.sendall(OK + b"Content-Length: 10000\r\n\r\n")
        for _ in range(10):  # 20 KB/s: half a second in all, five times the deadline of an ordinary answer
            connection.sendall(b"x" * 1000)
            servers[-1].done.wait(0.05)

    with serve(slow) as server:
        assert len(fetch(connect(server.url, limits=limits))) == 10_000


def test_a_login_page_is_not_taken_for_a_picture(connect: Connect) -> None:
    with raw(say(answer(b"<html>", kind="text/html"))) as server:
        assert code_of(lambda: fetch(connect(server.url))) == "not_comfyui"


@pytest.mark.parametrize(
    ("status", "name", "reason"),
    [
        ("404 Not Found", "gone.png", "does not have it"),
        ("400 Bad Request", "foo..bar_00001_.png", "“..”"),
        ("400 Bad Request", "a.png", "400"),
    ],
)
def test_a_file_that_cannot_be_fetched_says_why(connect: Connect, status: str, name: str, reason: str) -> None:
    with raw(say(answer(b"", status=status))) as server:
        with pytest.raises(Problem, match=reason) as caught, connect(server.url).view(RemoteFile(name, "x")):
            pass
        assert caught.value.code == "output_missing"


def test_names_go_back_to_the_server_exactly_as_they_came(connect: Connect) -> None:
    with raw(say(answer(b"x"))) as server:
        remote = RemoteFile("ä &=+%2F.png", "a\\b/../c", "temp")
        with connect(server.url).view(remote, preview="webp;50") as download:
            list(download.chunks())
        line = server.heads[0].split(b" ")[1].decode()
        assert line == ("/view?filename=%C3%A4+%26%3D%2B%252F.png&subfolder=a%5Cb%2F..%2Fc&type=temp&preview=webp%3B50")
