"""Every state of a workflow is kept, can be compared, and comes back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.library import history
from comfydesk.library.compare import Difference, differences
from comfydesk.library.history import FORGET_AFTER, Seen, sha256_of
from comfydesk.library.library import Library
from comfydesk.workflow import source
from comfydesk.workflow.source import Source
from tests.library import graphs


def of(graph: dict[str, Any]) -> Source:
    return source.of_bytes(graphs.data(graph), "x.json")


def save(library: Library, text: str) -> None:
    library.save("fox", graphs.data(graphs.prompt(text)))


def test_each_saved_state_is_kept_and_going_back_is_a_new_one(library: Library) -> None:
    for text in ("one", "two", "three"):
        save(library, text)
    versions = library.versions("FOX")
    assert [version.why for version in versions] == ["saved", "saved", "first"]
    assert [version.is_current for version in versions] == [True, False, False]
    assert b"one" in library.version("fox", versions[2].version_id)
    library.news()
    assert library.restore_version("fox", versions[2].version_id).name == "fox"
    assert b"one" in library.read("fox")
    assert library.news().contents == ("fox",)
    assert [version.why for version in library.versions("fox")] == ["restored", "saved", "saved", "first"]
    library.restore_version("fox", versions[2].version_id)
    assert len(library.versions("fox")) == 4


def test_a_starter_that_is_changed_keeps_what_it_was(library: Library) -> None:
    assert library.versions("sdxl") == []
    library.save("sdxl", graphs.data(graphs.prompt()))
    assert [version.why for version in library.versions("sdxl")] == ["saved", "first"]
    original = library.versions("sdxl")[1]
    library.restore_version("sdxl", original.version_id)
    assert b"a red fox" in library.read("sdxl")


def test_an_edit_outside_is_kept_before_it_is_saved_over(library: Library, home: Home) -> None:
    save(library, "one")
    (home.workflows / "fox.json").write_bytes(graphs.data(graphs.prompt("outside")))
    save(library, "two")
    texts = [library.version("fox", version.version_id) for version in library.versions("fox")]
    assert [b"two" in texts[0], b"outside" in texts[1], b"one" in texts[2]] == [True, True, True]


def test_the_oldest_go_when_there_are_too_many(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MAX_VERSIONS", 4)
    for number in range(9):
        save(library, f"text {number}")
    kept = library.versions("fox")
    assert len(kept) == 4
    assert b"text 5" in library.version("fox", kept[-1].version_id)
    (contents,) = library.history._query("SELECT count(*) FROM contents")[0]
    assert contents == 4


def test_the_oldest_go_when_they_are_too_large(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MAX_KEPT", 10)
    for number in range(9):
        save(library, f"text {number}")
    assert len(library.versions("fox")) == history.ALWAYS


def test_two_workflows_with_one_content_do_not_lose_it(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MAX_VERSIONS", 2)
    save(library, "shared")
    library.duplicate("fox")
    for number in range(4):
        save(library, f"text {number}")
    (only,) = library.versions("fox 2")
    assert b"shared" in library.version("fox 2", only.version_id)


def test_the_past_of_what_is_gone_is_forgotten_after_three_months(library: Library) -> None:
    data = graphs.data(graphs.prompt())
    library.history.note([Seen("gone", data, sha256_of(data), 1.0), Seen("here", data, sha256_of(data), 1.0)])
    library.history.sweep({"here"}, now=1000.0)
    library.history.sweep({"here"}, now=1000.0 + FORGET_AFTER - 1)
    assert len(library.history.versions("gone")) == 1
    library.history.sweep({"here"}, now=1001.0 + FORGET_AFTER)
    assert library.history.versions("gone") == []
    assert library.history.content("here", library.history.versions("here")[0].version_id) == data


@pytest.mark.parametrize("version_id", [0, -1, 99, 2**62])
def test_a_version_that_is_not_there_is_said(library: Library, version_id: int) -> None:
    save(library, "one")
    for work in (library.version, library.restore_version, library.compare):
        with pytest.raises(Problem) as caught:
            work("fox", version_id)
        assert caught.value.code == "version_gone"


def test_a_version_of_one_workflow_is_not_one_of_another(library: Library) -> None:
    save(library, "one")
    library.save("wolf", graphs.data(graphs.prompt("two")))
    with pytest.raises(Problem):
        library.version("wolf", library.versions("fox")[0].version_id)


def test_versions_are_compared_with_each_other_and_with_the_file(library: Library) -> None:
    save(library, "one")
    save(library, "two")
    new, old = library.versions("fox")
    wanted = [Difference("value", "2", "Prompt", "text", "one", "two")]
    assert library.compare("fox", old.version_id, new.version_id) == wanted
    assert library.compare("fox", old.version_id) == wanted
    assert library.compare("fox", new.version_id) == []


def test_nodes_links_and_titles_are_compared_in_api_format() -> None:
    before, after = graphs.prompt(), graphs.prompt()
    after["2"]["inputs"]["clip"] = ["9", 0]
    after["2"]["_meta"]["title"] = "Words"
    after["9"] = {"class_type": "CLIPLoader", "inputs": {}}
    del after["3"]
    assert differences(of(before), of(after)) == [
        Difference("title", "2", "Words", before="Prompt", after="Words"),
        Difference("link", "2", "Words", "clip", "Model (1), output 1", "CLIPLoader (9), output 0"),
        Difference("removed", "3", "SaveImage", before="SaveImage"),
        Difference("added", "9", "CLIPLoader", after="CLIPLoader"),
    ]


def test_values_modes_and_subgraphs_are_compared_in_the_editors_format() -> None:
    before, after = graphs.gui(), graphs.gui("a wolf")
    after["nodes"][0]["mode"] = 4
    after["links"][0][2] = 0
    inner = after["definitions"]["subgraphs"][0]["nodes"][0]
    inner["widgets_values"] = [8, "fixed"]
    assert differences(of(before), of(after)) == [
        Difference("mode", "1", "CheckpointLoaderSimple", before="active", after="bypassed"),
        Difference("value", "2", "Prompt", "text", "a fox", "a wolf"),
        Difference(
            "link",
            "2",
            "Prompt",
            "clip",
            "CheckpointLoaderSimple (1), output 1",
            "CheckpointLoaderSimple (1), output 0",
        ),
        Difference("value", "Upscaling: 5", "Inner sampler", "value 1", 7, 8),
    ]


def test_another_format_is_said_first() -> None:
    found = differences(of(graphs.prompt()), of(graphs.gui()))
    assert found[0] == Difference("format", before="api", after="gui")


def test_one_and_true_differ_but_one_and_one_point_zero_do_not() -> None:
    def with_value(value: Any) -> Source:
        return of({"1": {"class_type": "A", "inputs": {"x": value}}})

    assert differences(with_value(1), with_value(True))
    assert not differences(with_value(1), with_value(1.0))
    assert not differences(with_value(float("nan")), with_value(float("nan")))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 5) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=6,
)
NODE_KEYS = st.sampled_from(["id", "type", "title", "mode", "inputs", "widgets_values", "properties"])
NODE = st.dictionaries(NODE_KEYS, JSON | st.lists(st.fixed_dictionaries({"name": JSON, "link": JSON, "widget": JSON})))
GUI = st.fixed_dictionaries({"nodes": st.lists(NODE | JSON, max_size=4), "links": JSON, "definitions": JSON})


@settings(max_examples=60, deadline=None)
@given(GUI, GUI)
def test_any_two_graphs_can_be_compared(before: dict[str, Any], after: dict[str, Any]) -> None:
    old, new = Source("a", "json", gui=before), Source("b", "json", gui=after)
    assert differences(old, old) == []
    assert bool(differences(old, new)) == bool(differences(new, old))
