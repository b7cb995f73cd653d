"""Fetching what a person typed the address of: limits, ways and sentences. A server on this machine plays the web."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from comfydesk.base.errors import Problem
from comfydesk.library import fetch
from tests.library import graphs

DATA = graphs.data(graphs.prompt())
Answer = tuple[int, dict[str, str], bytes]


class Web:
    """`answers[path]` gives status, headers and body; `asked` are the headers of each request."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers: dict[str, Answer | Callable[[BaseHTTPRequestHandler], None]] = {}
        self.asked: list[dict[str, str]] = []


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(dict(self.headers))
            answer = made.answers.get(self.path.partition("?")[0], (404, {}, b"no"))
            if callable(answer):
                answer(self)
                return
            status, headers, body = answer
            self.send_response(status)
            for key, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made = Web(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join(5)


def said(url: str) -> str:
    with pytest.raises(Problem) as caught:
        fetch.fetch(url)
    assert caught.value.code == "url_failed"
    return caught.value.message


def test_a_file_comes_with_its_name_and_where_it_is_from(web: Web) -> None:
    web.answers["/files/my%20fox.json"] = (200, {}, DATA)
    got = fetch.fetch(f"  {web.url}/files/my%20fox.json?token=secret#top ")
    assert (got.data, got.name) == (DATA, "my fox.json")
    assert got.origin == f"{web.url}/files/my%20fox.json"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="wolf.png"', "wolf.png"),
        ("attachment; filename=wolf.png", "wolf.png"),
        ("attachment; filename*=UTF-8''f%C3%BCchse.png", "füchse.png"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ("attachment", "x"),
    ],
)
def test_the_server_may_name_the_file_but_not_its_place(web: Web, header: str, name: str) -> None:
    web.answers["/x"] = (200, {"Content-Disposition": header}, DATA)
    assert fetch.fetch(f"{web.url}/x").name == name


def test_redirects_are_followed_a_few_times(web: Web) -> None:
    for number in range(fetch.MAX_REDIRECTS):
        web.answers[f"/{number}"] = (302, {"Location": f"/{number + 1}"}, b"")
    web.answers[f"/{fetch.MAX_REDIRECTS}"] = (200, {}, DATA)
    assert fetch.fetch(f"{web.url}/0").data == DATA
    web.answers["/loop"] = (301, {"Location": "/loop"}, b"")
    assert "on and on" in said(f"{web.url}/loop")


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://x/y", "javascript:alert(1)"])
def test_a_redirect_leads_to_no_other_kind_of_address(web: Web, target: str) -> None:
    web.answers["/x"] = (302, {"Location": target}, b"")
    assert "no web address" in said(f"{web.url}/x")


@pytest.mark.parametrize(
    "url", ["", "fox.json", "file:///etc/passwd", "ftp://a/b", "http://", "http://[x/", "http://a b/"]
)
def test_only_web_addresses_are_asked(url: str) -> None:
    assert "address" in said(url) or "http" in said(url)


@pytest.mark.parametrize(("status", "words"), [(404, "nothing"), (403, "login"), (401, "login"), (500, "500")])
def test_what_a_server_refuses_is_said(web: Web, status: int, words: str) -> None:
    web.answers["/x"] = (status, {}, b"")
    assert words in said(f"{web.url}/x")


def test_a_web_page_is_said_to_be_one(web: Web) -> None:
    web.answers["/x"] = (200, {"Content-Type": "text/html"}, b"<html>")
    assert "web page" in said(f"{web.url}/x")


def test_too_much_is_not_read(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "MAX_BYTES", 1000)
    web.answers["/said"] = (200, {"Content-Length": "1001"}, b"x" * 1001)
    bomb = gzip.compress(b"x" * 100_000)
    web.answers["/bomb"] = (200, {"Content-Encoding": "gzip"}, bomb)
    assert "larger than" in said(f"{web.url}/said")
    assert "larger than" in said(f"{web.url}/bomb")


def test_a_broken_connection_is_said(web: Web) -> None:
    web.answers["/x"] = (200, {"Content-Length": "900", "Connection": "close"}, b"half")
    assert "connection broke" in said(f"{web.url}/x")


def test_a_server_that_drips_is_given_up(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "SECONDS", 0.5)
    ended = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while not ended.wait(0.05):
                handler.wfile.write(b"x")
        except OSError:
            pass

    web.answers["/x"] = drip
    started = time.monotonic()
    assert "took longer" in said(f"{web.url}/x")
    ended.set()
    assert time.monotonic() - started < 5


def test_a_head_that_drips_is_given_up_too(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "SECONDS", 0.5)
    ended = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        try:
            while not ended.wait(0.05):
                handler.wfile.write(b"x")
                handler.wfile.flush()
        except OSError:
            pass

    web.answers["/x"] = drip
    started = time.monotonic()
    assert "took longer" in said(f"{web.url}/x")
    ended.set()
    assert time.monotonic() - started < 5


def test_no_login_is_sent(web: Web, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret")
    monkeypatch.setenv("NETRC", str(netrc))
    web.answers["/x"] = (200, {}, DATA)
    got = fetch.fetch(web.url.replace("http://", "http://me:secret@") + "/x")
    assert "Authorization" not in web.asked[0]
    assert "secret" not in got.origin


def test_nothing_answers(web: Web) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as closed:
        port = closed.server_port
    assert "nothing answers there" in said(f"http://127.0.0.1:{port}/x")


@pytest.mark.parametrize(
    ("page", "file"),
    [
        ("https://github.com/a/b/blob/main/x/y%20z.json", "https://raw.githubusercontent.com/a/b/main/x/y%20z.json"),
        ("https://www.github.com/a/b/raw/v1/x.png?raw=true", "https://raw.githubusercontent.com/a/b/v1/x.png"),
        ("https://huggingface.co/a/b/blob/main/x.json", "https://huggingface.co/a/b/resolve/main/x.json"),
        ("https://github.com/a/b", "https://github.com/a/b"),
        ("https://evil.example/github.com/a/b/blob/x", "https://evil.example/github.com/a/b/blob/x"),
    ],
)
def test_the_page_of_a_file_becomes_the_file(page: str, file: str) -> None:
    assert fetch.file_of(page) == file
