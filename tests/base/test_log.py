"""What must never stand in a log."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from comfydesk.base import log


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer s3cret-token-value",
        "{'Authorization': 'Basic czNjcmV0LXRva2VuLXZhbHVl'}",
        "headers={'X-API-Key': 's3cret-token-value'}",
        "Cookie: session=s3cret-token-value",
        "GET https://gpu/view?token=s3cret-token-value&x=1",
        "https://me:s3cret-token-value@gpu/comfy",
        "sent bearer s3cret-token-value to it",
    ],
)
def test_secrets_are_scrubbed(text: str) -> None:
    assert "s3cret" not in log.scrub(text)
    assert "czNjcmV0" not in log.scrub(text)


def test_ordinary_text_is_left_alone() -> None:
    text = "KSampler finished after 20 steps at http://gpu:8188/comfy"
    assert log.scrub(text) == text


def test_the_file_gets_scrubbed_tracebacks_and_moves_with_the_home(tmp_path: Path) -> None:
    first = log.start(tmp_path / "a")
    second = log.start(tmp_path / "b")
    try:
        raise ValueError("https://me:s3cret@gpu/")
    except ValueError:
        logging.getLogger("comfydesk.test").exception("failed")
    assert not first.exists()
    assert "ValueError" in second.read_text() and "s3cret" not in second.read_text()
    for handler in list(logging.getLogger("comfydesk").handlers):
        handler.close()
        logging.getLogger("comfydesk").removeHandler(handler)


def test_a_name_that_is_not_utf_8_is_logged(tmp_path: Path) -> None:
    file = log.start(tmp_path)
    logging.getLogger("comfydesk.test").info("no such file: caf\udce9.json")
    assert r"caf\udce9.json" in file.read_text("utf-8")


def test_a_log_that_cannot_be_written_is_not_heard_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = log.start(tmp_path)
    file.mkdir()
    logging.getLogger("comfydesk.test").error("the disk is full")
    assert capsys.readouterr() == ("", "")
