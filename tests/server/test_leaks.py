"""Two listeners: nothing meant for the first ever reaches the second, whatever the environment or a server says."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from comfydesk.base.errors import Problem
from comfydesk.server.client import ServerClient
from comfydesk.server.socket import EventSocket
from comfydesk.server.types import AuthKind, Credentials, RemoteFile, Trust
from tests.server import proxy
from tests.server.serving import RawServer, answer, say
from tests.server.stub import STATS, Stub

Connect = Callable[..., ServerClient]
SECRET = "s3cret-t0ken"
LOGINS = [
    Credentials(AuthKind.BASIC, "ann", SECRET),
    Credentials(AuthKind.BEARER, "", SECRET),
    Credentials(AuthKind.HEADER, "X-Api-Key", SECRET),
]
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@pytest.fixture
def stranger() -> Iterator[RawServer]:
    """The second listener; whatever reaches it is a leak."""
    server = RawServer(say(answer(b"{}")))
    yield server
    server.stop()


def calls(client: ServerClient, file: Path) -> list[Callable[[], object]]:
    file.write_bytes(b"picture")

    def view() -> None:
        with client.view(RemoteFile("a.png")) as download:
            list(download.chunks())

    return [
        client.system_stats,
        client.object_info,
        lambda: client.submit({}, prompt_id="p", client_id="c"),
        lambda: client.upload(file, "a.png"),
        view,
        EventSocket(client, "id").connect,
    ]


def run_all(todo: list[Callable[[], object]]) -> list[str]:
    codes = []
    for call in todo:
        try:
            call()
            codes.append("")
        except Problem as problem:
            codes.append(problem.code)
    return codes


@pytest.mark.parametrize("credentials", LOGINS, ids=lambda c: c.kind)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed_by_requests_or_socket(
    stranger: RawServer, connect: Connect, tmp_path: Path, credentials: Credentials, status: int
) -> None:
    away = answer(b"", status=f"{status} Away", more=f"Location: {stranger.url}/x?y=1\r\n")
    first = RawServer(say(away))
    try:
        client = connect(first.url, credentials)
        assert run_all(calls(client, tmp_path / "a.png")) == ["redirect"] * 6
        assert len(first.heads) == 6
        assert all(SECRET.encode() in h or b"Basic" in h for h in first.heads)  # the login did go where it belongs
    finally:
        first.stop()
    assert stranger.heads == []


def test_no_proxy_of_the_environment_is_used(
    stub: Stub, stranger: RawServer, connect: Connect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in PROXIES:
        monkeypatch.setenv(name, stranger.url)
    monkeypatch.delenv("no_proxy", raising=False)
    stub.routes["GET", "/object_info"] = {}
    client = connect(stub.url, LOGINS[1])
    assert client.system_stats() == STATS
    assert client.object_info() == {}
    sock = EventSocket(client, "id")
    sock.connect()
    sock.close()
    assert stranger.heads == []


def test_no_netrc_replaces_or_adds_a_login(
    stub: Stub, connect: Connect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login eve password evil\ndefault login eve password evil\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    connect(stub.url, LOGINS[1]).system_stats()
    assert stub.asked[-1].headers["Authorization"] == f"Bearer {SECRET}"
    connect(stub.url).system_stats()
    assert "Authorization" not in stub.asked[-1].headers


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_no_ca_bundle_of_the_environment_opens_a_door(
    stub: Stub, connect: Connect, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with proxy.start(stub.url) as behind:
        monkeypatch.setenv(name, behind.cert_pem_path)
        client = connect(behind.url, LOGINS[0])
        for call in (client.look, EventSocket(client, "id").connect):
            with pytest.raises(Problem) as caught:
                call()
            assert caught.value.code == "tls_untrusted"
        # and a bundle that does not exist closes none
        monkeypatch.setenv(name, "/nonexistent.pem")
        assert connect(behind.url, trust=Trust(pin=behind.fingerprint)).look()


def test_a_login_does_not_follow_a_host_to_another_port(stub: Stub, stranger: RawServer, connect: Connect) -> None:
    """The same machine, another port: another origin. A client has one address, and so has its login."""
    connect(stub.url, LOGINS[0]).system_stats()
    with pytest.raises(Problem):
        connect(stranger.url).system_stats()
    assert b"authorization" not in stranger.heads[0].lower()


def test_a_saved_login_is_not_sent_when_its_host_moved(stub: Stub, connect: Connect) -> None:
    here = Credentials(AuthKind.BEARER, "", SECRET, origin=f"http://127.0.0.1:{stub.port}")
    connect(stub.url, here).system_stats()
    assert stub.asked[-1].headers["Authorization"] == f"Bearer {SECRET}"
    elsewhere = Credentials(AuthKind.BEARER, "", SECRET, origin="https://gpu.example:443")
    client = connect(stub.url, elsewhere)
    client.system_stats()
    sock = EventSocket(client, "id")
    sock.connect()
    sock.close()
    assert all("Authorization" not in asked.headers for asked in stub.asked[1:])
    stub.routes["GET", "/system_stats"] = (401, "")
    with pytest.raises(Problem) as caught:
        client.system_stats()
    assert caught.value.code == "auth_needed"


def test_cookies_of_one_server_do_not_reach_another_by_the_socket(stub: Stub, connect: Connect) -> None:
    import websocket._handshake as handshake

    handshake.CookieJar.add("session=abc; Domain=127.0.0.1")
    sock = EventSocket(connect(stub.url), "id")
    sock.connect()
    sock.close()
    assert "Cookie" not in stub.asked[-1].headers


def test_no_secret_is_in_the_text_of_a_problem(connect: Connect, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for credentials in LOGINS:
        for call in calls(connect(f"127.0.0.1:{port}", credentials), tmp_path / "a.png"):
            with pytest.raises(Problem) as caught:
                call()
            problem = caught.value
            assert SECRET not in f"{problem.message} {problem.details} {problem.facts} {problem!r}"
