"""The headers of a login, and the rule that it does not travel in the open."""

from __future__ import annotations

import base64
import re

from comfydesk.base.errors import Problem
from comfydesk.base.version import __version__
from comfydesk.server.address import Address
from comfydesk.server.types import AuthKind, Credentials

USER_AGENT = f"ComfyDesk/{__version__}"
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
# Headers that a login may not carry: they steer the connection itself.
_RESERVED = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "upgrade", "origin", "expect", "te", "trailer"}
)
# These tunnels show a page of their own to browsers unless a header asks them not to.
_TUNNELS = {"ngrok": ("ngrok-skip-browser-warning", "1"), "zrok": ("skip_zrok_interstitial", "1")}


def has_login(credentials: Credentials) -> bool:
    return credentials.kind is not AuthKind.NONE or bool(credentials.extra_headers)


def headers(address: Address, credentials: Credentials, *, allow_plain: bool = False) -> dict[str, str]:
    """The headers that every request and the socket's handshake carry to `address`.

    Raises Problem("auth_plain") where a login would go unencrypted over a network, Problem("secret_file") for a
    header that cannot be sent.
    """
    sent = {"User-Agent": USER_AGENT}
    for name, (key, value) in _TUNNELS.items():
        if name in address.host:
            sent[key] = value
    if not has_login(credentials):
        return sent
    if address.scheme == "http" and not address.is_loopback and not allow_plain:
        raise Problem("auth_plain", address=address.url)
    match credentials.kind:
        case AuthKind.BASIC:
            pair = f"{credentials.user}:{credentials.secret}".encode()
            sent["Authorization"] = "Basic " + base64.b64encode(pair).decode("ascii")
        case AuthKind.BEARER:
            sent["Authorization"] = "Bearer " + _value("token", credentials.secret)
        case AuthKind.HEADER:
            sent[_name(credentials.user)] = _value(credentials.user, credentials.secret)
        case AuthKind.NONE:
            pass
    for key, value in credentials.extra_headers:
        sent[_name(key)] = _value(key, value)
    return sent


def _name(name: str) -> str:
    if not _TOKEN.fullmatch(name) or name.lower() in _RESERVED:
        raise Problem("secret_file", file=f"header “{name[:60]}”", reason="that is not a header a login can use")
    return name


def _value(name: str, value: str) -> str:
    value = value.strip()
    if not value or re.search(r"[\x00-\x1f\x7f]", value):
        raise Problem("secret_file", file=name[:60], reason="it is empty or holds a control character")
    return value.encode("utf-8").decode("latin-1")  # header values are bytes; latin-1 carries them through unchanged
