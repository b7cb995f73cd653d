"""The address of a server, in any form a person types, and in the one form the program uses."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from comfydesk.base.errors import Problem

COMFYUI_PORT = 8188
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
_MAX_TEXT = 2048
# Invisible characters that come along when an address is copied from a chat or a web page.
_INVISIBLE = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD, 0x200E, 0x200F), None)
_WRAPPING = " \t\r\n\u00a0\"'`<>“”„‘’«»"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):(/*)(.*)", re.DOTALL)
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_\-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+")
_BAD = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]")
_LOGIN_HINT = "it carries a login; type the address alone, ComfyDesk asks for user and password (or a token) by itself"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is. `host` without brackets, `path` is "" or begins with "/" and has no slash at its end."""

    scheme: str
    host: str
    port: int
    path: str = ""

    @property
    def netloc(self) -> str:
        """Host and port as a URL has them: the scheme's own port is left out."""
        return self._bracketed if self.port == _DEFAULT_PORTS[self.scheme] else f"{self._bracketed}:{self.port}"

    @property
    def url(self) -> str:
        """The normalised URL, without a slash at its end."""
        return f"{self.scheme}://{self.netloc}{self.path}"

    @property
    def origin(self) -> str:
        """Scheme, host and port, the port always there: what a login is bound to."""
        return f"{self.scheme}://{self._bracketed}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine, so that nothing travels over a network."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def ws_url(self, client_id: str) -> str:
        """The socket's URL; a sub-path is kept."""
        scheme = "wss" if self.scheme == "https" else "ws"
        return f"{scheme}://{self.netloc}{self.path}/ws?clientId={quote(client_id, safe='')}"

    @property
    def _bracketed(self) -> str:
        return f"[{self.host.replace('%', '%25')}]" if ":" in self.host else self.host

    def __str__(self) -> str:
        return self.url


def parse(text: str) -> Address:
    """Read an address: `gpu`, `gpu:8188`, `https://h/comfy/`, `[::1]:8188`, `192.168.1.5`, `:8188`.

    A bare host means ComfyUI's own port 8188 without TLS; `http://h` means 80 and `https://h` 443, as everywhere.
    Raises Problem("host_invalid").
    """
    rest = text.translate(_INVISIBLE).strip(_WRAPPING)
    if not rest:
        raise _invalid(text, "it is empty")
    if len(rest) > _MAX_TEXT:
        raise _invalid(text[:60] + "…", "it is too long")
    rest = rest.replace("\\", "/")
    scheme, rest = _split_scheme(text, rest)
    authority, slash, path = rest.partition("/")
    if not slash:  # a query may follow the host directly
        authority = re.split(r"[?#]", authority, maxsplit=1)[0]
    elif re.search(r"[?#]", authority):
        authority, path = re.split(r"[?#]", authority, maxsplit=1)[0], ""
    if "@" in authority:
        raise _invalid(text, _LOGIN_HINT)
    host, port = _split_port(text, authority, scheme)
    if port is None:
        port = _DEFAULT_PORTS[scheme] if scheme else COMFYUI_PORT
    elif not scheme and port == 443:
        scheme = "https"
    return Address(scheme or "http", host, port, _clean_path(text, path))


def _split_scheme(text: str, rest: str) -> tuple[str, str]:
    """The scheme ("" when none was typed) and what follows it."""
    match = _SCHEME.fullmatch(rest)
    if match is None:
        return "", rest.removeprefix("//")
    name, slashes, after = match[1].lower(), match[2], match[3]
    if name in _SCHEMES:
        if len(slashes) < 2 and not (slashes == "" and re.match(r"[0-9]*(/|$)", after)):
            raise _invalid(text, f"{name}: is followed by two slashes")
        if slashes:
            return _SCHEMES[name], after
        return "", rest  # a machine that is called "http", with a port: rare, but a name like any other
    if len(slashes) >= 2:
        raise _invalid(text, f"{name}:// is not a way to reach ComfyUI, only http:// and https:// are")
    if not re.match(r"[0-9]{0,5}($|[/?#])", after) and ":" not in after and "@" not in after:
        raise _invalid(text, f"“{after[:40]}” is not a port number")
    return "", rest


def _split_port(text: str, authority: str, scheme: str) -> tuple[str, int | None]:
    """Host (normalised) and port (None when none was typed)."""
    if authority.startswith("["):
        inside, bracket, after = authority[1:].partition("]")
        if not bracket or (after and not after.startswith(":")):
            raise _invalid(text, "the brackets of an IPv6 address do not match")
        return _ipv6(text, inside), _port(text, after[1:]) if after else None
    if authority.count(":") > 1:
        return _ipv6(text, authority), None
    host, colon, digits = authority.partition(":")
    if not host and colon and digits:
        host = "127.0.0.1"  # ":8188" is a port on this machine
    elif not colon and not scheme and _NUMBER.fullmatch(host) and len(host) <= 5:
        host, digits = "127.0.0.1", host
    return _host(text, host), _port(text, digits) if digits else None


def _port(text: str, digits: str) -> int:
    if not _NUMBER.fullmatch(digits) or not 1 <= int(digits[:7]) <= 65535:
        raise _invalid(text, f"“{digits[:20]}” is not a port number (1 to 65535)")
    return int(digits)


def _ipv6(text: str, inside: str) -> str:
    try:
        address = ipaddress.IPv6Address(unquote(inside))
    except ValueError:
        raise _invalid(text, "it is neither a name nor an IPv6 address") from None
    return "::1" if address == ipaddress.IPv6Address("::") else str(address)


def _host(text: str, host: str) -> str:
    if not host:
        raise _invalid(text, "the name of the machine is missing")
    bad = _BAD.search(host)
    if bad:
        raise _invalid(text, "it has a space inside" if bad[0].isspace() else "it holds a character that no name has")
    host = _ascii(text, unquote(host)).lower()
    host = host[:-1] if host.endswith(".") else host
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]) or re.fullmatch(r"0x[0-9a-f]*", labels[-1]):
        try:
            address = ipaddress.IPv4Address(host)
        except ValueError:
            raise _invalid(text, "an IP address has four numbers from 0 to 255") from None
        # Servers print "0.0.0.0" for "every network card"; as a place to go to, it means this machine.
        return "127.0.0.1" if int(address) == 0 else str(address)
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise _invalid(text, "it is not the name of a machine")
    return host


def _ascii(text: str, host: str) -> str:
    if host.isascii():
        return host
    import idna

    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        raise _invalid(text, "it holds a character that no name has") from None


def _clean_path(text: str, path: str) -> str:
    """The sub-path: no query, no empty or dot segments, nothing that needs quoting; not the socket's own "/ws"."""
    path = re.split(r"[?#]", path, maxsplit=1)[0].strip(_WRAPPING)
    segments: list[str] = []
    for raw in path.split("/"):
        segment = unquote(raw)
        if segment == "..":
            segments = segments[:-1]
        elif segment not in ("", "."):
            if re.search(r"[\x00-\x1f\x7f]", segment):
                raise _invalid(text, "it holds a character that no address has")
            segments.append(quote(segment, safe="!$&'()*+,;=:@~-._", errors="replace"))
    if segments and segments[-1].lower() in ("ws", "index.html"):
        segments.pop()
    return "".join("/" + s for s in segments)


def _without_login(text: str) -> str:
    """The text without what stands before an "@": a password must not be shown or logged."""
    return re.sub(r"(?s)^([A-Za-z][A-Za-z0-9+.\-]*:/{2,})?.*@", lambda m: f"{m[1] or ''}***@", text)


def _invalid(text: str, reason: str) -> Problem:
    return Problem("host_invalid", text=_without_login(text.strip())[:200], reason=reason)
