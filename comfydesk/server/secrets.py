"""Where logins come from: the system's keychain, the environment, or a file that only its owner can read."""

from __future__ import annotations

import json
import logging
import os
import stat
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from comfydesk.base.errors import Problem
from comfydesk.server.address import parse
from comfydesk.server.types import AuthKind, Credentials, Host

log = logging.getLogger(__name__)
SERVICE = "comfydesk"
_MAX_FILE = 64 << 10


def available() -> bool:
    """Whether this system has a keychain that is safe to use."""
    return _keychain() is not None


def load(host: Host) -> Credentials | None:
    """The login saved for this host's origin (scheme, host and port), never for another one."""
    keychain = _keychain()
    if keychain is None:
        return None
    try:
        text = keychain.get_password(SERVICE, _account(host))
    except Exception as exc:  # each backend raises its own
        log.warning("the keychain does not answer: %s", type(exc).__name__)
        return None
    return _decode(text, _account(host)) if text else None


def save(host: Host, credentials: Credentials) -> bool:
    """Keep a login for this host's origin. False: there is no keychain, or it refused."""
    keychain = _keychain()
    if keychain is None:
        return False
    try:
        keychain.set_password(SERVICE, _account(host), _encode(credentials))
    except Exception as exc:
        log.warning("the keychain did not take the login: %s", type(exc).__name__)
        return False
    return True


def forget(host: Host) -> None:
    """Remove the login of this host's origin; none there is no error."""
    keychain = _keychain()
    if keychain is None:
        return
    try:
        if keychain.get_password(SERVICE, _account(host)) is not None:
            keychain.delete_password(SERVICE, _account(host))
    except Exception as exc:
        log.warning("the keychain did not forget the login: %s", type(exc).__name__)


def from_environment(
    token_file: str | os.PathLike[str] | None = None,
    header_file: str | os.PathLike[str] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Credentials | None:
    """The login for this process: `--token-file`, `--header-file`, $COMFYDESK_TOKEN, $COMFYDESK_USER with _PASSWORD.

    The first that is there counts; headers of a header file are added to any login. Raises Problem("secret_file").
    """
    environ = os.environ if environ is None else environ
    extra = _headers_of(Path(header_file)) if header_file else ()
    if token_file:
        return Credentials(AuthKind.BEARER, "", _one_line(Path(token_file)), extra)
    if token := environ.get("COMFYDESK_TOKEN", "").strip():
        return Credentials(AuthKind.BEARER, "", token, extra)
    user, password = environ.get("COMFYDESK_USER", ""), environ.get("COMFYDESK_PASSWORD", "")
    if user or password:
        return Credentials(AuthKind.BASIC, user, password, extra)
    if len(extra) == 1:
        return Credentials(AuthKind.HEADER, extra[0][0], extra[0][1])
    return Credentials(AuthKind.NONE, "", "", extra) if extra else None


@cache
def _keychain() -> Any:
    """The keyring module, None where it has no real backend or only one that writes plain files."""
    try:
        import keyring
        import keyring.backends.fail
        import keyring.backends.null

        backend = keyring.get_keyring()
    except Exception:
        log.exception("keyring cannot be used")
        return None
    bad = (keyring.backends.fail.Keyring, keyring.backends.null.Keyring)
    for one in getattr(backend, "backends", [backend]) or [backend]:
        if not isinstance(one, bad) and not type(one).__module__.startswith("keyrings.alt"):
            return keyring
    return None


def _account(host: Host) -> str:
    return parse(host.url).origin


def _encode(credentials: Credentials) -> str:
    return json.dumps(
        {
            "kind": credentials.kind.value,
            "user": credentials.user,
            "secret": credentials.secret,
            "headers": [list(pair) for pair in credentials.extra_headers],
        }
    )


def _decode(text: str, origin: str) -> Credentials | None:
    try:
        entry = json.loads(text)
        headers = tuple((str(k), str(v)) for k, v in entry.get("headers", []))
        return Credentials(AuthKind(entry["kind"]), str(entry["user"]), str(entry["secret"]), headers, origin)
    except (ValueError, TypeError, KeyError, AttributeError):
        log.warning("the keychain's entry cannot be understood; it is ignored")
        return None


def _read(file: Path) -> str:
    """The text of a secret file that nobody else can read (POSIX; on Windows the user's folders are private)."""
    try:
        with file.expanduser().open("rb") as stream:
            info = os.fstat(stream.fileno())
            if os.name == "posix" and stat.S_ISREG(info.st_mode) and info.st_mode & 0o077:
                raise Problem("secret_file", file=str(file), reason="others may read it")
            data = stream.read(_MAX_FILE + 1)
    except OSError as exc:
        raise Problem("secret_file", file=str(file), reason=exc.strerror or str(exc)) from exc
    if len(data) > _MAX_FILE:
        raise Problem("secret_file", file=str(file), reason="it is too large")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise Problem("secret_file", file=str(file), reason="it is not text") from exc


def _one_line(file: Path) -> str:
    lines = _read(file).split("\n")
    token = lines[0].strip()
    if not token:
        raise Problem("secret_file", file=str(file), reason="its first line is empty")
    return token


def _headers_of(file: Path) -> tuple[tuple[str, str], ...]:
    """Lines `Name: value`; empty lines and those that begin with # are skipped."""
    headers = []
    for line in _read(file).splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            name, colon, value = line.partition(":")
            if not colon or not name.strip() or not value.strip():
                raise Problem("secret_file", file=str(file), reason="its lines must read “Name: value”")
            headers.append((name.strip(), value.strip()))
    if not headers:
        raise Problem("secret_file", file=str(file), reason="it holds no header")
    return tuple(headers)
