"""How the other side of a TLS connection is checked: public CAs, a CA file of one's own, or one pinned certificate."""

from __future__ import annotations

import hashlib
import hmac
import ssl
from functools import lru_cache
from pathlib import Path

from comfydesk.base.errors import Problem
from comfydesk.server.types import Trust

_HEX = frozenset("0123456789abcdef")


def normal_pin(text: str) -> str:
    """A SHA-256 fingerprint as 64 lower-case hex digits, "" when it is none. Colons, spaces, "sha256:" are fine."""
    text = text.strip().lower()
    for prefix in ("sha-256", "sha256"):
        text = text.removeprefix(prefix)
    text = text.lstrip(":=/ ").removeprefix("fingerprint=")
    pin = text.replace(":", "").replace(" ", "").replace("-", "")
    return pin if len(pin) == 64 and _HEX.issuperset(pin) else ""


def show_pin(digest: str) -> str:
    """The fingerprint as browsers and openssl show it: `AB:CD:…`."""
    pairs = [digest[i : i + 2] for i in range(0, len(digest), 2)]
    return ":".join(pairs).upper()


def context_for(trust: Trust) -> ssl.SSLContext:
    """The context for HTTP and socket alike. With a pin nothing but the pin counts, so chain and name are not checked.

    Raises Problem("tls_failed") when the CA file or the pin cannot be used.
    """
    ca_file = ""
    if trust.pin and not normal_pin(trust.pin):
        raise Problem("tls_failed", address="the server", detail="the pin is not a SHA-256 fingerprint (64 hex digits)")
    if trust.ca_file and not trust.pin:
        path = Path(trust.ca_file).expanduser()
        try:
            ca_file = f"{path}\0{path.stat().st_mtime_ns}"
        except OSError as exc:
            raise Problem("file_unreadable", file=str(path), detail=exc.strerror or str(exc)) from exc
    try:
        return _context(bool(trust.pin), ca_file)
    except (ssl.SSLError, OSError) as exc:
        raise Problem("file_unreadable", file=trust.ca_file, detail="it holds no PEM certificate") from exc


@lru_cache(maxsize=16)
def _context(pinned: bool, ca_file: str) -> ssl.SSLContext:
    """Loading the public CAs takes tens of milliseconds, hence the cache. Changes of the CA file change its key."""
    if pinned:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif ca_file:
        context = ssl.create_default_context(cafile=ca_file.split("\0")[0])
        # The same on every Python: a server's own self-signed certificate may be given as its CA, and a home-made CA
        # need not have all the fields that Python 3.13 asks of a public one.
        context.verify_flags = (context.verify_flags | ssl.VERIFY_X509_PARTIAL_CHAIN) & ~ssl.VERIFY_X509_STRICT
    else:
        import certifi

        context = ssl.create_default_context()  # the system's CAs …
        context.load_verify_locations(certifi.where())  # … and certifi's, for systems where Python finds none
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


def digest_of(sock: ssl.SSLSocket) -> str:
    """SHA-256 of the certificate that the other side showed, as 64 hex digits."""
    return hashlib.sha256(sock.getpeercert(binary_form=True) or b"").hexdigest()


def matches(sock: ssl.SSLSocket, pin: str) -> bool:
    return hmac.compare_digest(digest_of(sock), normal_pin(pin))
