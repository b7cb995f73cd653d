from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import keyring.backend
import keyring.backends.fail
import keyring.errors
import pytest

from comfydesk.base.errors import Problem
from comfydesk.server import secrets
from comfydesk.server.types import AuthKind, Credentials, Host

HOST = Host("1", "gpu", "https://gpu.example/comfy")
ANN = Credentials(AuthKind.BASIC, "ann", "geheim", (("X-Extra", "y"),))
posix = pytest.mark.skipif(os.name != "posix", reason="Windows keeps a user's folders private by itself")


class Memory(keyring.backend.KeyringBackend):
    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


class Locked(Memory):
    def get_password(self, service: str, username: str) -> str | None:
        raise keyring.errors.KeyringLocked("no")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise keyring.errors.PasswordSetError("no")


@pytest.fixture
def use() -> Iterator[Any]:
    before = keyring.get_keyring()

    def use(backend: keyring.backend.KeyringBackend) -> keyring.backend.KeyringBackend:
        keyring.set_keyring(backend)
        secrets._keychain.cache_clear()
        return backend

    yield use
    use(before)


def test_a_login_is_kept_for_its_origin_only(use: Any) -> None:
    backend = use(Memory())
    assert secrets.available()
    assert secrets.save(HOST, ANN)
    assert list(backend.entries) == [("comfydesk", "https://gpu.example:443")]
    loaded = secrets.load(HOST)
    assert loaded == ANN
    assert loaded.origin == "https://gpu.example:443"
    for url in ("http://gpu.example", "https://gpu.example:8443", "https://gpu2.example", "https://gpu.example.evil"):
        assert secrets.load(Host("1", "gpu", url)) is None


def test_a_host_that_moves_takes_no_login_along(use: Any) -> None:
    use(Memory())
    secrets.save(HOST, ANN)
    assert secrets.load(Host("1", "gpu", "https://elsewhere.example/comfy")) is None


def test_a_forgotten_login_is_gone(use: Any) -> None:
    use(Memory())
    secrets.save(HOST, ANN)
    secrets.forget(HOST)
    secrets.forget(HOST)
    assert secrets.load(HOST) is None


@pytest.mark.parametrize("text", ["", "nonsense", "[]", '{"kind": "magic"}', '{"kind": "basic"}', "null"])
def test_an_entry_of_somebody_else_is_ignored(use: Any, text: str) -> None:
    backend = use(Memory())
    backend.entries["comfydesk", "https://gpu.example:443"] = text
    assert secrets.load(HOST) is None


def test_without_a_keychain_nothing_is_kept_and_nothing_fails(use: Any) -> None:
    use(keyring.backends.fail.Keyring())
    assert not secrets.available()
    assert secrets.load(HOST) is None
    assert not secrets.save(HOST, ANN)
    secrets.forget(HOST)


def test_a_locked_keychain_is_survived(use: Any) -> None:
    use(Locked())
    assert secrets.load(HOST) is None
    assert not secrets.save(HOST, ANN)
    secrets.forget(HOST)


def test_a_keychain_that_writes_plain_files_is_none(use: Any) -> None:
    plain = type("PlaintextKeyring", (Memory,), {"__module__": "keyrings.alt.file"})
    use(plain())
    assert not secrets.available()


# environment and files


def private(file: Path, text: str, mode: int = 0o600) -> Path:
    file.write_text(text)
    file.chmod(mode)
    return file


@pytest.mark.parametrize(
    ("environ", "credentials"),
    [
        ({}, None),
        ({"COMFYDESK_TOKEN": " t0ken\n"}, Credentials(AuthKind.BEARER, "", "t0ken")),
        ({"COMFYDESK_TOKEN": "  "}, None),
        ({"COMFYDESK_USER": "ann", "COMFYDESK_PASSWORD": "pw"}, Credentials(AuthKind.BASIC, "ann", "pw")),
        ({"COMFYDESK_USER": "ann"}, Credentials(AuthKind.BASIC, "ann", "")),
        (
            {"COMFYDESK_TOKEN": "t", "COMFYDESK_USER": "ann", "COMFYDESK_PASSWORD": "pw"},
            Credentials(AuthKind.BEARER, "", "t"),
        ),
    ],
)
def test_the_environment_may_carry_a_login(environ: dict[str, str], credentials: Credentials | None) -> None:
    assert secrets.from_environment(environ=environ) == credentials


def test_a_token_file_goes_before_the_environment(tmp_path: Path) -> None:
    file = private(tmp_path / "token", "t0ken  \nsecond line\n")
    got = secrets.from_environment(token_file=file, environ={"COMFYDESK_TOKEN": "other"})
    assert got == Credentials(AuthKind.BEARER, "", "t0ken")


def test_a_header_file_is_a_login_or_adds_to_one(tmp_path: Path) -> None:
    one = private(tmp_path / "one", "# from the admin\n\nX-Api-Key: k:1 \n")
    assert secrets.from_environment(header_file=one, environ={}) == Credentials(AuthKind.HEADER, "X-Api-Key", "k:1")
    two = private(tmp_path / "two", "CF-Access-Client-Id: a\r\nCF-Access-Client-Secret: b\r\n")
    pair = (("CF-Access-Client-Id", "a"), ("CF-Access-Client-Secret", "b"))
    assert secrets.from_environment(header_file=two, environ={}) == Credentials(extra_headers=pair)
    assert secrets.from_environment(header_file=two, environ={"COMFYDESK_TOKEN": "t"}) == Credentials(
        AuthKind.BEARER, "", "t", pair
    )


@posix
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_secret_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    file = private(tmp_path / "token", "t0ken", mode)
    for given in ({"token_file": file}, {"header_file": file}):
        with pytest.raises(Problem, match="others may read it") as caught:
            secrets.from_environment(**given, environ={})
        assert caught.value.code == "secret_file"
        assert "chmod 600" in caught.value.next_step


@pytest.mark.parametrize("text", ["", "\n", "no colon here", ": geheim", "X-Geheim:", "# only a comment"])
def test_a_file_without_a_secret_is_refused_without_repeating_it(tmp_path: Path, text: str) -> None:
    file = private(tmp_path / "secret", text)
    with pytest.raises(Problem) as caught:
        secrets.from_environment(header_file=file, environ={})
    assert text.strip() == "" or text not in caught.value.message


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    for file in (tmp_path / "gone", tmp_path, private(tmp_path / "big", "x" * 70_000)):
        with pytest.raises(Problem) as caught:
            secrets.from_environment(token_file=file, environ={})
        assert caught.value.code == "secret_file"
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe\x00")
    binary.chmod(0o600)
    with pytest.raises(Problem, match="not text"):
        secrets.from_environment(token_file=binary, environ={})
