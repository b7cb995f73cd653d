"""What a few typed letters find, in which order, and how quickly."""

from __future__ import annotations

import time

import pytest

from benchmarks import many_workflows
from comfydesk.base.paths import Home
from comfydesk.library.library import Library
from comfydesk.library.model import WorkflowEntry
from comfydesk.library.search import Sort, search, shown, tags_of
from comfydesk.library.vocabulary import Vocabulary
from tests.library import graphs


def entry(name: str, **facts: object) -> WorkflowEntry:
    folder, _, title = name.rpartition("/")
    plain = WorkflowEntry(name, title, f"/{name}.json", 1, is_starter=False, modified_at=0.0, folder=folder)
    values = {key: getattr(plain, key) for key in plain.__slots__} | facts
    return WorkflowEntry(**values)


ENTRIES = [
    entry("portraits/Fox in snow", tags=("Winter", "animal"), opened_at=5.0, modified_at=1.0),
    entry("portraits/studio/Lamp", models=("flux1-dev.safetensors",), favourite=True, modified_at=3.0),
    entry("Dreamshaper test", tags=("winter",), modified_at=2.0),
    entry("video/Wan loop", opened_at=9.0),
    entry("sdxl", is_starter=True, title="SDXL"),
]
WORDS = Vocabulary()
WORDS.put("video/Wan loop", "ksampleradvanced\nwan sampler")
WORDS.put("sdxl", "ksampler")


def found(query: str = "", **filters: object) -> list[str]:
    rows = sorted((shown(item) for item in ENTRIES), key=lambda row: row.by_name)
    return [item.title for item in search(rows, query, WORDS, **filters)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("fox", ["Fox in snow"]),
        ("SNOW fox", ["Fox in snow"]),
        ("drmsh", ["Dreamshaper test"]),
        ("flux1", ["Lamp"]),
        ("studio", ["Lamp"]),
        ("wan", ["Wan loop"]),
        ("ksampler", ["SDXL", "Wan loop"]),
        ("winter", ["Dreamshaper test", "Fox in snow"]),
        ("winter fox", ["Fox in snow"]),
        ("fox video", []),
        ("qqq", []),
        ("ſdxl", ["SDXL"]),
    ],
)
def test_words_are_looked_for_in_title_tags_folder_models_and_nodes(query: str, titles: list[str]) -> None:
    assert found(query) == titles


def test_a_name_comes_before_a_tag_and_a_tag_before_a_node() -> None:
    words = Vocabulary()
    words.put("a", "image upscale")
    rows = [shown(entry("a")), shown(entry("b", tags=("upscale",))), shown(entry("z upscale"))]
    assert [item.name for item in search(rows, "upscale", words)] == ["z upscale", "b", "a"]


def test_filters_go_together() -> None:
    assert found(folder="portraits") == ["Fox in snow", "Lamp"]
    assert found(folder="PORTRAITS/studio") == ["Lamp"]
    assert found(folder="port") == []
    assert found(folder="") == ["SDXL", "Dreamshaper test"]
    assert found(tag="WINTER") == ["Dreamshaper test", "Fox in snow"]
    assert found(tag="win") == []
    assert found(favourites=True) == ["Lamp"]
    assert found("lamp", folder="portraits", favourites=True) == ["Lamp"]
    assert found("fox", favourites=True) == []


@pytest.mark.parametrize(
    ("sort", "titles"),
    [
        ("name", ["SDXL", "Dreamshaper test", "Fox in snow", "Lamp", "Wan loop"]),
        ("modified", ["Lamp", "Dreamshaper test", "Fox in snow", "SDXL", "Wan loop"]),
        ("opened", ["Wan loop", "Fox in snow", "SDXL", "Dreamshaper test", "Lamp"]),
    ],
)
def test_the_order_is_by_name_or_newest_first(sort: Sort, titles: list[str]) -> None:
    assert found(sort=sort) == titles


def test_words_follow_a_workflow_that_changes_or_goes() -> None:
    words = Vocabulary()
    words.put("a", "ksampler\nvae decode")
    words.put("b", "ksampler")
    assert words.names_with("sampl") == {"a", "b"}
    words.put("a", "loader")
    assert (words.names_with("ksampler"), words.names_with("vae"), words.names_with("load")) == ({"b"}, set(), {"a"})
    words.drop("b")
    words.drop("nobody")
    assert words.names_with("ksampler") == set()


def test_tags_are_counted_without_regard_to_case() -> None:
    assert tags_of(ENTRIES) == [("animal", 1), ("Winter", 2)]


def test_the_library_searches_what_is_in_the_files(library: Library) -> None:
    library.add_bytes(graphs.data(graphs.gui()), "upscaler")
    library.add_bytes(graphs.data(graphs.prompt(model="pony.ckpt")), "fox", "a")
    library.set_tags("a/fox", ["Red"])
    assert [item.name for item in library.search("inner sampler")] == ["upscaler"]
    assert [item.name for item in library.search("upscaling")] == ["upscaler"]
    assert [item.name for item in library.search("pony")] == ["a/fox"]
    assert [item.name for item in library.search("red", folder="a")] == ["a/fox"]
    assert library.tags() == [("Red", 1)]
    assert library.search("8c3a5d6e") == []


def test_hundreds_of_workflows_open_and_are_searched_at_once(home: Home) -> None:
    """A twentieth of the 5,000 that `dev.py bench library` measures, in far more than a twentieth of the time."""
    many_workflows.write(home.workflows, 250)
    first = Library(home)
    assert len(first.list()) == 252
    first.close()
    opened, keys = [], []
    for _ in range(5):
        library = Library(home)
        started = time.process_time()
        assert len(library.list()) == 252
        opened.append(time.process_time() - started)
        for query in ("k", "ksampler", "sdxl fox", "zzz"):
            started = time.process_time()
            library.search(query, fresh=False)
            keys.append(time.process_time() - started)
        library.close()
    assert min(opened) < 0.05
    assert sorted(keys)[len(keys) // 2] < 0.008
