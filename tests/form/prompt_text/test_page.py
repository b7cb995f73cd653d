"""What docs/prompts.md says is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from comfydesk.form.prompt_text import count, expand
from tests.form.prompt_text.test_drawing import Folder

PAGE = Path(__file__).resolve().parents[3] / "docs" / "prompts.md"
ROW = re.compile(r"^\| `(?P<written>[^`]+)` \| (?P<results>`.+) \|$", re.MULTILINE)


def rows() -> list[tuple[str, set[str]]]:
    if not PAGE.is_file():
        return []
    found = ROW.findall(PAGE.read_text("utf-8"))
    return [(written.replace("\\|", "|"), set(re.findall(r"`([^`]+)`", results))) for written, results in found]


@pytest.mark.skipif(not PAGE.is_file(), reason="an installed package has no docs")
def test_every_example_of_the_page_comes_out_as_it_says() -> None:
    assert len(rows()) >= 7
    for written, results in rows():
        assert {expand(written, seed) for seed in range(200)} == results, written
        assert count(written) == len(results), written


def test_an_address_can_be_written_as_the_page_says() -> None:
    assert expand("see http:/{/}example.org", 1) == "see http://example.org"


def test_wildcards_do_what_the_page_says() -> None:
    files = Folder(colours="red\nblue", animals__cats="# kinds\n3::tabby\na {big|small} __colours__ cat")
    assert {expand("__animals/cats__", seed, files) for seed in range(300)} == {
        "tabby",
        *(f"a {size} {colour} cat" for size in ("big", "small") for colour in ("red", "blue")),
    }
    assert {expand("{2$$__colours__}", seed, files) for seed in range(50)} == {"red, blue", "blue, red"}
    assert expand("__nothing__", 1, files) == "__nothing__"
