from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfydesk.base.errors import Problem
from comfydesk.server.address import Address, parse

GOOD = [
    # bare hosts: ComfyUI's own port
    ("gpu", "http://gpu:8188"),
    ("gpu:8188", "http://gpu:8188"),
    ("gpu:9000", "http://gpu:9000"),
    ("gpu:80", "http://gpu"),
    ("GPU-Box", "http://gpu-box:8188"),
    ("gpu.example.com", "http://gpu.example.com:8188"),
    ("gpu.example.com.", "http://gpu.example.com:8188"),
    ("gpu.example.com/comfy", "http://gpu.example.com:8188/comfy"),
    ("gpu:443", "https://gpu"),
    ("comfy_ui:8188", "http://comfy_ui:8188"),
    ("localhost", "http://localhost:8188"),
    ("localhost:8000/", "http://localhost:8000"),
    ("gpu:", "http://gpu:8188"),
    ("//gpu:8188", "http://gpu:8188"),
    ("http:8188", "http://http:8188"),
    ("3d-box", "http://3d-box:8188"),
    # with a scheme: its own port
    ("http://gpu", "http://gpu"),
    ("http://gpu/", "http://gpu"),
    ("http://h:80", "http://h"),
    ("http://h:8188", "http://h:8188"),
    ("https://h", "https://h"),
    ("https://h:443/", "https://h"),
    ("https://h:8443", "https://h:8443"),
    ("https://h:80", "https://h:80"),
    ("HTTPS://H.Example/Comfy", "https://h.example/Comfy"),
    ("ws://gpu:8188/ws", "http://gpu:8188"),
    ("wss://h/comfy/ws", "https://h/comfy"),
    # sub-paths
    ("https:///gpu", "https://gpu"),  # as browsers take it
    ("https://h/comfy/", "https://h/comfy"),
    ("https://h/comfy", "https://h/comfy"),
    ("https://h//comfy///ui//", "https://h/comfy/ui"),
    ("https://h/a/../b/./c", "https://h/b/c"),
    ("https://h/../../x", "https://h/x"),
    ("https://h/my comfy/", "https://h/my%20comfy"),
    ("https://h/my%20comfy", "https://h/my%20comfy"),
    ("https://h/größe", "https://h/gr%C3%B6%C3%9Fe"),
    ("https://h/comfy/?token=abc#x", "https://h/comfy"),
    ("https://h?x=1", "https://h"),
    ("https://h#top", "https://h"),
    ("http://gpu:8188/index.html", "http://gpu:8188"),
    ("https://pod-8188.proxy.runpod.net/", "https://pod-8188.proxy.runpod.net"),
    ("https://h/a@b", "https://h/a@b"),
    # IPv4
    ("192.168.1.5", "http://192.168.1.5:8188"),
    ("192.168.1.5:8000", "http://192.168.1.5:8000"),
    ("http://10.0.0.7", "http://10.0.0.7"),
    ("0.0.0.0", "http://127.0.0.1:8188"),
    ("http://0.0.0.0:8188", "http://127.0.0.1:8188"),
    (":8188", "http://127.0.0.1:8188"),
    ("8000", "http://127.0.0.1:8000"),
    # IPv6
    ("::1", "http://[::1]:8188"),
    ("[::1]", "http://[::1]:8188"),
    ("[::1]:9000", "http://[::1]:9000"),
    ("http://[::1]", "http://[::1]"),
    ("https://[2001:DB8::1]/comfy", "https://[2001:db8::1]/comfy"),
    ("fe80::1%eth0", "http://[fe80::1%25eth0]:8188"),
    ("http://[fe80::1%25eth0]:8188", "http://[fe80::1%25eth0]:8188"),
    ("[::]:8188", "http://[::1]:8188"),
    ("2001:0db8:0:0::1", "http://[2001:db8::1]:8188"),
    # names in other scripts
    ("bücher.example", "http://xn--bcher-kva.example:8188"),
    ("https://例え.テスト", "https://xn--r8jz45g.xn--zckzah"),
    ("ＧＰＵ.example", "http://gpu.example:8188"),
    # as it comes out of a chat or a terminal
    ("  gpu:8188  ", "http://gpu:8188"),
    ("\tgpu\n", "http://gpu:8188"),
    ("\u00a0gpu:8188\u200b", "http://gpu:8188"),
    ("<http://gpu:8188/>", "http://gpu:8188"),
    ('"gpu:8188"', "http://gpu:8188"),
    ("`gpu`", "http://gpu:8188"),
    ("http:\\\\gpu:8188\\", "http://gpu:8188"),
    ("\\\\gpu", "http://gpu:8188"),
]

BAD = [
    ("", "empty"),
    ("   ", "empty"),
    ("http://", "missing"),
    ("/comfy", "missing"),
    ("user:pw@h", "login"),
    ("http://user:pw@h:8188/x", "login"),
    ("https://token@h", "login"),
    ("user:p/w@h", "port"),
    ("javascript:alert(1)", "port"),
    ("javascript://%0aalert(1)", "javascript://"),
    ("file:///etc/passwd", "file://"),
    ("ftp://gpu", "ftp://"),
    ("data:text/html,x", "port"),
    ("mailto:me@gpu", "login"),
    ("http:gpu", "slashes"),
    ("http:/gpu", "slashes"),
    ("gpu:port", "port"),
    ("gpu:0", "port"),
    ("gpu:65536", "port"),
    ("gpu:-1", "port"),
    ("gpu:8188x", "port"),
    ("gpu:８１８８", "port"),
    ("gpu: 8188", "port"),
    ("gpu box", "space"),
    ("my gpu:8188", "space"),
    ("256.1.1.1", "IP"),
    ("1.2.3", "IP"),
    ("1.2.3.4.5", "IP"),
    ("0x7f.0.0.1", "IP"),
    ("99999999", "IP"),
    ("[::1", "brackets"),
    ("[::1]x", "brackets"),
    ("[nonsense]", "IPv6"),
    ("1:2:3", "IPv6"),
    ("gpu..example", "name"),
    ("-gpu", "name"),
    ("gpu-", "name"),
    ("g" * 64, "name"),
    ("gp\x00u", "character"),
    ("gpu;rm", "name"),
    ("gpu|x", "name"),
    ("a" * 3000, "long"),
    ("https://h/a%00b", "character"),
]


@pytest.mark.parametrize(("text", "url"), GOOD)
def test_an_address_is_read_in_any_form_a_person_types(text: str, url: str) -> None:
    assert parse(text).url == url


@pytest.mark.parametrize(("text", "reason"), BAD)
def test_what_is_no_address_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(Problem) as caught:
        parse(text)
    assert caught.value.code == "host_invalid"
    assert reason in caught.value.facts["reason"]


def test_the_tables_are_long_enough_to_mean_something() -> None:
    assert len(GOOD) >= 60


@pytest.mark.parametrize("text", ["user:geheim@h", "http://user:geheim@h:8188", "user:ge/heim@h", "x:geheim@h:bad"])
def test_a_password_in_an_address_is_never_repeated(text: str) -> None:
    with pytest.raises(Problem) as caught:
        parse(text)
    assert "heim" not in caught.value.message


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("gpu", "http://gpu:8188"),
        ("https://h/comfy", "https://h:443"),
        ("http://h", "http://h:80"),
        ("[::1]", "http://[::1]:8188"),
    ],
)
def test_an_origin_always_names_the_port_and_never_the_path(text: str, origin: str) -> None:
    assert parse(text).origin == origin


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("gpu", "ws://gpu:8188/ws?clientId=a%20b"),
        ("https://h/comfy/", "wss://h/comfy/ws?clientId=a%20b"),
        ("https://[::1]:8443", "wss://[::1]:8443/ws?clientId=a%20b"),
    ],
)
def test_the_socket_keeps_port_sub_path_and_encryption(text: str, url: str) -> None:
    assert parse(text).ws_url("a b") == url


@pytest.mark.parametrize(
    ("text", "is_loopback"),
    [
        ("localhost", True),
        ("comfy.localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("0.0.0.0", True),
        ("192.168.1.5", False),
        ("gpu", False),
        ("localhost.example", False),
        ("127.0.0.1.example", False),
    ],
)
def test_only_this_machine_is_loopback(text: str, is_loopback: bool) -> None:
    assert parse(text).is_loopback is is_loopback


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_a_problem(text: str) -> None:
    try:
        address = parse(text)
    except Problem as problem:
        assert problem.code == "host_invalid"
    else:
        assert parse(address.url) == address


LABELS = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)


@given(
    scheme=st.sampled_from(["http", "https"]),
    host=st.one_of(
        st.lists(LABELS, min_size=1, max_size=3).map(".".join),
        st.ip_addresses(v=4).map(str),
        st.ip_addresses(v=6).map(str),
    ),
    port=st.integers(1, 65535),
    path=st.lists(st.text(min_size=1, max_size=6), max_size=3),
)
def test_a_normalised_address_reads_as_itself(scheme: str, host: str, port: int, path: list[str]) -> None:
    bracketed = f"[{host}]" if ":" in host else host
    try:
        address = parse(f"{scheme}://{bracketed}:{port}/" + "/".join(path))
    except Problem:
        return  # a control character in the path
    assert isinstance(address, Address)
    assert address.port == port
    assert parse(address.url) == address
    assert address.url.isascii()
