"""Logging in from the command line: through a TLS proxy with a sub-path; never a secret in an argument."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from comfydesk.demo.process import DemoProcess
from tests.cli.conftest import comfydesk
from tests.server import proxy
from tests.server.proxy import Proxy

USER, PASSWORD, TOKEN = "ada", "s3cret pass", "t0ken-of-the-box"


@pytest.fixture(scope="module")
def basic(demo: DemoProcess) -> Iterator[Proxy]:
    front = proxy.start(demo.url, user=USER, password=PASSWORD)
    yield front
    front.stop()


@pytest.fixture(scope="module")
def bearer(demo: DemoProcess) -> Iterator[Proxy]:
    front = proxy.start(demo.url, token=TOKEN)
    yield front
    front.stop()


def secret_file(folder: Path, text: str) -> Path:
    file = folder / "secret"
    file.write_text(text)
    file.chmod(stat.S_IRUSR | stat.S_IWUSR)
    return file


def test_user_and_password_from_the_environment(basic: Proxy, tmp_path: Path) -> None:
    done = comfydesk(
        "run", "sdxl", "--host", basic.url, "--ca", basic.cert_pem_path, "--seed", 1, "--out", tmp_path,
        COMFYDESK_USER=USER, COMFYDESK_PASSWORD=PASSWORD,
    )  # fmt: skip
    assert done.code == 0, done.err
    assert Path(done.lines[0]).is_file()


def test_a_token_file_and_a_pinned_certificate(bearer: Proxy, tmp_path: Path) -> None:
    token = secret_file(tmp_path, TOKEN + "\n")
    done = comfydesk(
        "run", "sdxl", "--host", bearer.url, "--pin", bearer.fingerprint, "--token-file", token, "--seed", 1,
        "--out", tmp_path / "out",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert len(done.lines) == 1


def test_a_token_from_the_environment_for_a_saved_host(bearer: Proxy, tmp_path: Path) -> None:
    assert comfydesk("hosts", "add", "cloud", bearer.url, "--pin", bearer.fingerprint).code == 0
    done = comfydesk("run", "sdxl", "--host", "cloud", "--seed", 1, "--out", tmp_path, COMFYDESK_TOKEN=TOKEN)
    assert done.code == 0, done.err
    assert comfydesk("hosts", "test", "cloud", COMFYDESK_TOKEN=TOKEN).code == 0


def test_a_header_file(bearer: Proxy, tmp_path: Path) -> None:
    header = secret_file(tmp_path, f"Authorization: Bearer {TOKEN}\n")
    done = comfydesk("hosts", "test", bearer.url, "--pin", bearer.fingerprint, "--header-file", header)
    assert done.code == 0, done.err


def test_no_login_and_a_wrong_one_are_told_apart(basic: Proxy) -> None:
    none = comfydesk("run", "sdxl", "--host", basic.url, "--ca", basic.cert_pem_path)
    assert none.code == 6 and "asks for a login" in none.err and "COMFYDESK_TOKEN" in none.err
    wrong = comfydesk(
        "run", "sdxl", "--host", basic.url, "--ca", basic.cert_pem_path, COMFYDESK_USER=USER, COMFYDESK_PASSWORD="no"
    )
    assert wrong.code == 6 and "does not accept" in wrong.err


def test_an_unknown_certificate_is_shown_by_its_fingerprint(basic: Proxy) -> None:
    done = comfydesk("run", "sdxl", "--host", basic.url)
    assert done.code == 6
    assert basic.fingerprint.replace(":", "").casefold() in done.err.replace(":", "").casefold()
    assert "--pin" in done.err


def test_a_secret_file_that_others_can_read_is_refused(bearer: Proxy, tmp_path: Path) -> None:
    token = secret_file(tmp_path, TOKEN)
    token.chmod(0o644)
    done = comfydesk("hosts", "test", bearer.url, "--pin", bearer.fingerprint, "--token-file", token)
    assert done.code == 6 and "chmod 600" in done.err


def test_no_secret_reaches_log_database_or_files(basic: Proxy, tmp_path: Path) -> None:
    done = comfydesk(
        "run", "sdxl", "--host", basic.url, "--ca", basic.cert_pem_path, "--seed", 1, "--out", tmp_path / "out",
        COMFYDESK_USER=USER, COMFYDESK_PASSWORD=PASSWORD, COMFYDESK_HOME=str(tmp_path / "home"),
    )  # fmt: skip
    assert done.code == 0, done.err
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert PASSWORD.encode() not in file.read_bytes(), file
    assert PASSWORD not in done.out + done.err
