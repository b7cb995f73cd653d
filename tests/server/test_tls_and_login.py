"""Through a real reverse proxy: TLS with a private certificate, a login, a sub-path, HTTP and socket alike."""

from __future__ import annotations

import datetime
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from comfydesk.base.errors import Problem
from comfydesk.server import tls
from comfydesk.server.address import parse
from comfydesk.server.auth import headers
from comfydesk.server.client import ServerClient
from comfydesk.server.dial import fingerprint
from comfydesk.server.socket import EventSocket
from comfydesk.server.types import AuthKind, Credentials, Trust
from tests.server import proxy
from tests.server.serving import RawServer, answer, raw, say
from tests.server.stub import STATS, Stub

Connect = Callable[..., ServerClient]
ANN = Credentials(AuthKind.BASIC, "ann", "geheim: ü")


@pytest.fixture
def behind(stub: Stub) -> Iterator[proxy.Proxy]:
    with proxy.start(stub.url, user="ann", password="geheim: ü") as behind:
        yield behind


def problem(call: Callable[[], object]) -> Problem:
    with pytest.raises(Problem) as caught:
        call()
    return caught.value


def test_an_unknown_certificate_is_refused_and_its_fingerprint_shown(behind: proxy.Proxy, connect: Connect) -> None:
    got = problem(connect(behind.url, ANN).look)
    assert (got.code, got.facts["fingerprint"]) == ("tls_untrusted", behind.fingerprint)
    assert behind.fingerprint in got.message
    assert behind.requests_seen == []  # no login left before the certificate was trusted


def test_a_pinned_certificate_works_for_requests_and_socket(stub: Stub, behind: proxy.Proxy, connect: Connect) -> None:
    stub.frames = ['{"type": "execution_start", "data": {"prompt_id": "p"}}']
    client = connect(behind.url, ANN, Trust(pin=behind.fingerprint))
    assert client.look().version == "0.33.0"
    socket = EventSocket(client, "id")
    socket.connect()
    assert type(next(socket.messages())).__name__ == "ExecutionStart"
    socket.close()
    assert {s.status for s in behind.requests_seen} == {200}
    assert all(s.path.startswith("/comfy/") for s in behind.requests_seen)


def test_a_private_ca_works_for_requests_and_socket(stub: Stub, behind: proxy.Proxy, connect: Connect) -> None:
    stub.frames = ['{"type": "execution_start", "data": {"prompt_id": "p"}}']
    client = connect(behind.url, ANN, Trust(ca_file=behind.cert_pem_path))
    client.look()
    socket = EventSocket(client, "id")
    socket.connect()
    next(socket.messages())
    socket.close()


def test_a_changed_certificate_is_refused_with_the_new_fingerprint(behind: proxy.Proxy, connect: Connect) -> None:
    client = connect(behind.url, ANN, Trust(pin="00" * 32))
    for call in (client.look, EventSocket(client, "id").connect):
        got = problem(call)
        assert (got.code, got.facts["fingerprint"]) == ("tls_pin", behind.fingerprint)
    assert behind.requests_seen == []


@pytest.mark.parametrize(
    "spelling", [str.lower, lambda p: p.replace(":", ""), lambda p: f"sha256:{p}", lambda p: f"SHA256 Fingerprint={p}"]
)
def test_a_fingerprint_may_be_written_as_tools_print_it(
    behind: proxy.Proxy, connect: Connect, spelling: Callable[[str], str]
) -> None:
    assert connect(behind.url, ANN, Trust(pin=spelling(behind.fingerprint))).system_stats()


@pytest.mark.parametrize("pin", ["nonsense", "AB:CD", "zz" * 32])
def test_what_is_no_fingerprint_is_refused_before_anything_is_sent(
    behind: proxy.Proxy, connect: Connect, pin: str
) -> None:
    assert problem(connect(behind.url, ANN, Trust(pin=pin)).look).code == "tls_failed"
    assert behind.requests_seen == []


def test_a_ca_file_that_is_none_is_told(behind: proxy.Proxy, connect: Connect, tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing")
    for path in (empty, tmp_path / "gone.pem"):
        assert problem(connect(behind.url, ANN, Trust(ca_file=str(path))).look).code == "file_unreadable"


def test_the_fingerprint_can_be_asked_for(behind: proxy.Proxy) -> None:
    assert fingerprint(parse(behind.url)) == behind.fingerprint


@pytest.mark.parametrize(
    ("credentials", "code"),
    [
        (Credentials(), "auth_needed"),
        (Credentials(AuthKind.BASIC, "ann", "wrong"), "auth_wrong"),
        (Credentials(AuthKind.BEARER, "", "token"), "auth_wrong"),
    ],
)
def test_a_missing_or_wrong_login_is_told_for_requests_and_socket(
    behind: proxy.Proxy, connect: Connect, credentials: Credentials, code: str
) -> None:
    client = connect(behind.url, credentials, Trust(pin=behind.fingerprint))
    assert problem(client.look).code == code
    assert problem(EventSocket(client, "id").connect).code == code
    assert {s.status for s in behind.requests_seen} == {401}


def test_a_token_opens_a_bearer_proxy(stub: Stub, connect: Connect) -> None:
    with proxy.start(stub.url, token="t0ken", prefix="") as behind:
        trust = Trust(ca_file=behind.cert_pem_path)
        assert connect(behind.url, Credentials(AuthKind.BEARER, "", "t0ken\n"), trust).look()
        assert problem(connect(behind.url, Credentials(AuthKind.BEARER, "", "x"), trust).look).code == "auth_wrong"


def test_a_proxy_without_upgrades_leaves_everything_but_the_live_view(behind: proxy.Proxy, connect: Connect) -> None:
    behind.websocket = False
    client = connect(behind.url, ANN, Trust(pin=behind.fingerprint))
    assert client.look()
    got = problem(EventSocket(client, "id").connect)
    assert got.code == "live_off"
    assert "400" in got.message


def test_a_wrong_sub_path_is_not_comfyui(behind: proxy.Proxy, connect: Connect) -> None:
    client = connect(behind.url + "/ui", ANN, Trust(pin=behind.fingerprint))
    assert problem(client.look).code == "not_comfyui"


def test_a_proxys_limit_for_uploads_is_told(behind: proxy.Proxy, connect: Connect, tmp_path: Path) -> None:
    behind.max_body = 1 << 20
    file = tmp_path / "big.png"
    file.write_bytes(bytes(2 << 20))
    got = problem(lambda: connect(behind.url, ANN, Trust(pin=behind.fingerprint)).upload(file, "big.png"))
    assert (got.code, got.facts["limit"]) == ("upload_too_large", "1 MiB (a proxy's usual limit)")


def test_http_where_tls_is_spoken_and_the_other_way_round(stub: Stub, behind: proxy.Proxy, connect: Connect) -> None:
    assert problem(connect(stub.url.replace("http:", "https:")).look).code == "tls_failed"
    assert "http://" in problem(connect(stub.url.replace("http:", "https:")).look).message
    assert problem(connect(behind.url.replace("https:", "http:")).look).code in ("reset", "not_comfyui")
    nginx = answer(b"<html>The plain HTTP request was sent to HTTPS port", status="400 Bad Request", kind="text/html")
    with raw(say(nginx)) as server:
        got = problem(connect(server.url).look)
        assert (got.code, got.facts["target"]) == ("redirect", server.url.replace("http:", "https:"))


# certificates that are wrong in other ways


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def tls_server(certificate: trustme.LeafCert) -> RawServer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    import json

    return RawServer(say(answer(json.dumps(STATS).encode())), tls=context)


def test_a_certificate_for_another_name_is_refused_unless_it_is_pinned(
    authority: trustme.CA, connect: Connect, tmp_path: Path
) -> None:
    ca = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca))
    server = tls_server(authority.issue_cert("elsewhere.example"))
    try:
        url = f"https://127.0.0.1:{server.port}"
        got = problem(connect(url, trust=Trust(ca_file=str(ca))).system_stats)
        assert got.code == "tls_untrusted"
        assert connect(url, trust=Trust(pin=got.facts["fingerprint"])).system_stats() == STATS
    finally:
        server.stop()


def test_a_servers_own_certificate_may_be_given_as_its_ca(
    authority: trustme.CA, connect: Connect, tmp_path: Path
) -> None:
    certificate = authority.issue_cert("127.0.0.1")
    pem = tmp_path / "server.pem"
    certificate.cert_chain_pems[0].write_to_path(str(pem))
    server = tls_server(certificate)
    try:
        client = connect(f"https://127.0.0.1:{server.port}", trust=Trust(ca_file=str(pem)))
        assert client.system_stats() == STATS
    finally:
        server.stop()


def test_an_expired_certificate_is_refused_with_the_reason(
    authority: trustme.CA, connect: Connect, tmp_path: Path
) -> None:
    ca = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca))
    past = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    server = tls_server(authority.issue_cert("127.0.0.1", not_after=past, not_before=past - datetime.timedelta(days=1)))
    try:
        got = problem(connect(f"https://127.0.0.1:{server.port}", trust=Trust(ca_file=str(ca))).system_stats)
        assert got.code == "tls_untrusted"
        assert "expired" in got.message
    finally:
        server.stop()


def test_a_private_ca_replaces_the_public_ones(authority: trustme.CA) -> None:
    assert tls.context_for(Trust()).cert_store_stats()["x509_ca"] > 50
    assert tls.context_for(Trust()).verify_mode is ssl.CERT_REQUIRED
    assert tls.context_for(Trust(pin="00" * 32)).cert_store_stats()["x509_ca"] == 0


# a login does not travel in the open


@pytest.mark.parametrize(
    "credentials",
    [
        Credentials(AuthKind.BASIC, "ann", "pw"),
        Credentials(AuthKind.BEARER, "", "token"),
        Credentials(AuthKind.HEADER, "X-Api-Key", "key"),
        Credentials(extra_headers=(("X-Api-Key", "key"),)),
    ],
)
def test_no_login_goes_unencrypted_over_a_network(credentials: Credentials) -> None:
    address = parse("http://192.168.1.20:8188")
    assert problem(lambda: headers(address, credentials)).code == "auth_plain"
    for fine in ("https://192.168.1.20", "http://127.0.0.1:8188", "http://localhost:8188", "http://[::1]:8188"):
        assert len(headers(parse(fine), credentials)) == 2
    assert len(headers(address, credentials, allow_plain=True)) == 2


def test_the_refusal_comes_before_any_connection(connect: Connect) -> None:
    client = connect("http://192.0.2.1:8188", ANN)  # an address that nobody has
    assert problem(client.look).code == "auth_plain"
    assert problem(EventSocket(client, "id").connect).code == "auth_plain"


@pytest.mark.parametrize(
    ("name", "value"),
    [("Host", "x"), ("content-length", "5"), ("bad name", "x"), ("X:y", "x"), ("", "x"), ("X", ""), ("X", "a\r\nY: b")],
)
def test_a_header_that_would_break_the_request_is_refused(name: str, value: str) -> None:
    for credentials in (Credentials(AuthKind.HEADER, name, value), Credentials(extra_headers=((name, value),))):
        got = problem(lambda c=credentials: headers(parse("https://h"), c))  # type: ignore[misc]
        assert got.code == "secret_file"


def test_secrets_are_in_no_repr() -> None:
    credentials = Credentials(AuthKind.HEADER, "X-Api-Key", "geheim", (("Y", "geheim"),))
    assert "geheim" not in repr(credentials)


def test_tunnels_are_asked_to_leave_their_page_out() -> None:
    assert headers(parse("https://x.ngrok-free.app"), Credentials())["ngrok-skip-browser-warning"] == "1"
    assert list(headers(parse("https://h"), Credentials())) == ["User-Agent"]


def test_an_ipv6_address_is_reached(connect: Connect) -> None:
    import json
    import socket as sockets

    try:
        listener = sockets.create_server(("::1", 0), family=sockets.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    server = RawServer(say(answer(json.dumps(STATS).encode())), listener=listener)
    try:
        assert connect(f"[::1]:{server.port}").system_stats() == STATS
        assert f"Host: [::1]:{server.port}".encode() in server.heads[0]
    finally:
        server.stop()
