"""The index finds what a person looks for, by time and by words, also among 100,000 files."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.gallery import query
from comfydesk.gallery.index import GalleryIndex
from comfydesk.gallery.model import Entry
from comfydesk.server.types import RemoteFile


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home", tmp_path / "cache")


@pytest.fixture
def index(home: Home) -> Iterator[GalleryIndex]:
    opened = GalleryIndex(home)
    opened.open()
    yield opened
    opened.close()


def entry(number: int, **facts: object) -> Entry:
    given: dict[str, object] = {
        "path": f"/results/{number}.png", "kind": "picture", "size": 10, "created_at": 1000.0 + number,
        "workflow": "SDXL", "job_id": f"job{number}", "seed": number, "prompt": f"a fox number {number}", "sha256": "s",
    }  # fmt: skip
    return Entry(**(given | facts))  # type: ignore[arg-type]


def names(index: GalleryIndex, text: str = "") -> list[str]:
    return [item.name for item in index.page(0, 100, text)]


def test_the_newest_come_first(index: GalleryIndex) -> None:
    index.add([entry(2), entry(3), entry(1)])
    assert names(index) == ["3.png", "2.png", "1.png"]
    assert [item.name for item in index.page(0, 2, newest_first=False)] == ["1.png", "2.png"]
    assert [item.name for item in index.page(2, 5)] == ["1.png"]
    assert index.page(3, 5) == []


def test_a_row_keeps_every_fact(index: GalleryIndex) -> None:
    full = entry(
        1, output_id=7, node_id="9", node_title="Save Image", seed=2**64 - 1, params={"Steps": 20, "LoRA": ["a", 1]},
        graph={"3": {"inputs": {"seed": 2**64 - 1}}}, width=1024, height=768, host="gpu-box", took=4.5,
        remote=RemoteFile("a.png", "b\\c", "output"),
    )  # fmt: skip
    (item,) = index.add([full])
    assert (item.seed, item.width, item.height, item.host, item.took) == (2**64 - 1, 1024, 768, "gpu-box", 4.5)
    assert item == index.item(item.item_id)
    facts = index.facts(item.item_id)
    assert facts is not None
    assert facts["params"] == {"Steps": 20, "LoRA": ["a", 1]}
    assert facts["graph"] == {"3": {"inputs": {"seed": 2**64 - 1}}}
    assert facts["remote"] == full.remote
    assert (facts["node_title"], facts["output_id"]) == ("Save Image", 7)
    assert index.item(99) is None
    assert index.facts(99) is None


def test_words_are_found_anywhere_whatever_their_case(index: GalleryIndex) -> None:
    index.add(
        [
            entry(1, prompt="A red FOX in the snow"),
            entry(2, prompt="a wolf", params={"Model": "fox_xl.safetensors"}),
            entry(3, prompt="ein Fuchs", workflow="Firefox"),
            entry(4, prompt="Füchse, 狐の写真"),
        ]
    )
    assert names(index, "fox") == ["3.png", "2.png", "1.png"]
    assert names(index, "fox snow") == ["1.png"]
    assert names(index, "oX_x") == ["2.png"]
    assert names(index, '"red fox"') == ["1.png"]
    assert names(index, '"fox red"') == []
    assert names(index, "füchse") == ["4.png"]
    assert names(index, "狐の写真") == ["4.png"]
    assert names(index, "狐") == ["4.png"]
    assert index.count("fox") == 3


def test_one_fact_can_be_asked_for(index: GalleryIndex) -> None:
    index.add([entry(1), entry(11, workflow="Flux Dev"), entry(2, kind="video")])
    assert names(index, "seed:1") == ["1.png"]
    assert names(index, 'workflow:"flux dev"') == ["11.png"]
    assert names(index, "kind:VIDEO") == ["2.png"]
    assert names(index, "job:job2 fox") == ["2.png"]
    assert names(index, "kind:video seed:1") == []


@pytest.mark.parametrize(
    "text",
    [
        '"',
        '""',
        "*",
        "a*",
        "NEAR(",
        "AND OR",
        "'; DROP TABLE files; --",
        "%",
        "_",
        "\\",
        "a%b",
        "-",
        ":",
        "x:y",
        "\0",
        "(((((",
        "^a",
        "{a}",
    ],
)
def test_no_text_breaks_the_search(index: GalleryIndex, text: str) -> None:
    index.add([entry(1, prompt="100% a_b \\ plain")])
    index.page(0, 10, text)
    assert index.count() == 1


def test_signs_of_patterns_are_looked_for_as_they_are(index: GalleryIndex) -> None:
    index.add([entry(1, prompt="100% x"), entry(2, prompt="100 y")])
    assert names(index, "0%") == ["1.png"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=50))
def test_any_text_can_be_stored_and_searched(index: GalleryIndex, text: str) -> None:
    index.add([entry(1, prompt=text, sha256=text.encode("utf-8", "replace").hex())])
    index.page(0, 5, text)
    assert index.count() == 1


def test_a_path_is_one_row(index: GalleryIndex) -> None:
    (first,) = index.add([entry(1)])
    assert index.add([entry(1, prompt="another")], after=first.item_id) == []
    assert index.page(0, 5)[0].prompt == "a fox number 1"
    index.add([entry(1, prompt="other bytes", sha256="t")])
    (item,) = index.page(0, 5)
    assert (item.item_id, item.prompt) == (first.item_id, "other bytes")
    assert names(index, "other bytes") == ["1.png"]
    assert names(index, "number") == []


def test_a_missing_file_is_marked_and_comes_back(index: GalleryIndex) -> None:
    (item,) = index.add([entry(1)])
    index.mark([item.item_id], True)
    assert index.page(0, 5)[0].missing
    assert names(index, "fox") == ["1.png"]
    index.add([entry(1)])
    assert not index.page(0, 5)[0].missing


def test_what_is_removed_is_not_found_any_more(index: GalleryIndex) -> None:
    first, second = index.add([entry(1), entry(2)])
    index.remove([first.item_id, 99])
    assert names(index, "fox") == ["2.png"]
    assert index.count() == 1
    assert index.paths() == {second.path}
    assert index.add([entry(1)], after=second.item_id)[0].item_id > second.item_id


def test_rows_of_another_process_are_seen(index: GalleryIndex, home: Home) -> None:
    other = GalleryIndex(home)
    other.open()
    try:
        version = index.data_version()
        other.add([entry(1)])
        assert index.data_version() != version
        assert [item.name for item in index.add([entry(2)])] == ["1.png", "2.png"]
        assert not other.is_new
    finally:
        other.close()


def test_the_index_is_there_after_a_restart(home: Home) -> None:
    for expected in (True, False):
        index = GalleryIndex(home)
        index.open()
        assert index.is_new is expected
        index.add([entry(1)])
        assert index.count() == 1
        index.close()


def test_a_broken_index_is_set_aside_and_begun_anew(home: Home) -> None:
    home.root.mkdir()
    home.gallery_db.write_bytes(b"this is no database, but it is long enough to be looked at" * 20)
    index = GalleryIndex(home)
    index.open()
    assert index.is_new
    assert index.add([entry(1)])
    index.close()
    assert len(list(home.root.glob("gallery.db.corrupt-*"))) == 1


def test_an_index_of_a_newer_version_is_left_alone(home: Home) -> None:
    home.root.mkdir()
    with sqlite3.connect(home.gallery_db) as db:
        db.execute("PRAGMA user_version=99")
    db.close()
    with pytest.raises(Problem) as raised:
        GalleryIndex(home).open()
    assert raised.value.code == "store_newer"


def test_a_page_of_a_hundred_thousand_comes_in_milliseconds(index: GalleryIndex) -> None:
    # Rows by SQL: what is measured is reading.
    with index._write() as db:
        db.execute(
            """INSERT INTO files (path, name, kind, size, created_at, workflow, job_id, output_id, node_id, node_title,
            seed, prompt, settings, params, width, height, host, sha256, remote)
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
            SELECT '/r/' || i, i || '.png', 'picture', 1, i * 7.0, 'SDXL', 'j', 0, '9', '', i, 'a fox ' || i, '', '{}',
            1, 1, '', '', '' FROM n"""
        )
        db.execute("INSERT INTO search (search) VALUES ('rebuild')")
    for offset in (0, 50_000, 99_900):
        assert len(index.page(offset, 100)) == 100
        assert min(_seconds(index, offset) for _ in range(5)) < 0.02, offset
    assert min(_seconds(index, 0, "fox 4711") for _ in range(3)) < 0.2


def _seconds(index: GalleryIndex, offset: int, text: str = "") -> float:
    begun = time.perf_counter()
    index.page(offset, 100, text)
    return time.perf_counter() - begun


def test_a_search_of_nothing_is_no_condition() -> None:
    for text in ("", "   ", '""', '"'):
        assert query.where(text) == ("", [])


def test_an_item_knows_its_place_among_what_is_found(index: GalleryIndex) -> None:
    index.add([entry(1), entry(2, kind="video"), entry(3), entry(4, created_at=1003.0)])
    by_name = {item.name: item.item_id for item in index.page(0, 10)}
    for text in ("", "kind:picture", "number"):
        for row, item in enumerate(index.page(0, 10, text)):
            assert index.place(item.item_id, text) == row
    assert index.place(by_name["2.png"], "kind:picture") == -1
    assert index.place(999) == -1


def test_several_kinds_can_be_asked_for(index: GalleryIndex) -> None:
    index.add([entry(1), entry(2, kind="animation"), entry(3, kind="sound")])
    assert names(index, "kind:picture,animation") == ["2.png", "1.png"]
    assert names(index, "kind:Sound,latent fox") == ["3.png"]
    assert names(index, "kind:,") == []
