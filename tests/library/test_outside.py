"""Files that other programs put, change, rename and break in the library's folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.library import sidecar
from comfydesk.library.library import Library
from comfydesk.library.model import WorkflowEntry
from tests.library import graphs

OLD = time.time() - 60


def put(home: Home, name: str, graph: dict[str, Any] | bytes, modified: float = OLD) -> Path:
    file = home.workflows / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(graph if isinstance(graph, bytes) else graphs.data(graph))
    os.utime(file, (modified, modified))
    return file


def own(library: Library) -> dict[str, WorkflowEntry]:
    return {entry.name: entry for entry in library.list() if not entry.is_starter}


def test_both_formats_are_read_with_their_nodes_and_models(library: Library, home: Home) -> None:
    put(home, "api", graphs.prompt(model="sd.safetensors"))
    put(home, "deep/er/gui", graphs.gui(model="flux.gguf"))
    found = own(library)
    assert (found["api"].kind, found["api"].node_count, found["api"].models) == ("api", 3, ("sd.safetensors",))
    assert (found["deep/er/gui"].kind, found["deep/er/gui"].node_count) == ("gui", 4)
    assert found["deep/er/gui"].models == ("flux.gguf", "big.gguf")
    assert found["deep/er/gui"].folder == "deep/er"
    assert library.folders() == ["deep", "deep/er"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "it is empty"),
        (b"{", "ends too early"),
        (b"[" * 5000, "nested deeper"),
        (b'{"a": 1}', "not a ComfyUI workflow"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 40, "carries no workflow"),
        (b'{"a": "\xc3\x28"}', "it is not text"),
        (b"[]", "it holds a list"),
    ],
)
def test_a_bad_file_is_listed_with_what_is_wrong_and_stops_nothing(
    library: Library, home: Home, content: bytes, says: str
) -> None:
    put(home, "bad", content)
    put(home, "good", graphs.prompt())
    found = own(library)
    assert says in found["bad"].problem
    assert (found["bad"].kind, found["good"].kind) == ("", "api")
    assert library.versions("bad") == []


def test_what_is_hidden_or_half_there_is_no_workflow(library: Library, home: Home) -> None:
    put(home, ".git/config", graphs.prompt())
    put(home, ".fox.json.part", graphs.prompt())
    put(home, "fox.desk", b'{"tags": ["a"]}')
    (home.workflows / "fox.json.tmp").write_bytes(b"{}")
    (home.workflows / "folder.json").mkdir()
    assert own(library) == {}
    assert library.folders() == ["folder.json"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right of their own there")
def test_links_out_of_the_folder_are_not_followed(library: Library, home: Home, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "other.json").write_bytes(graphs.data(graphs.prompt()))
    put(home, "fox", graphs.prompt())
    (home.workflows / "out").symlink_to(secret, target_is_directory=True)
    (home.workflows / "loop").symlink_to(home.workflows, target_is_directory=True)
    (home.workflows / "linked.json").symlink_to(secret / "other.json")
    (home.workflows / "inside.json").symlink_to(home.workflows / "fox.json")
    (home.workflows / "dead.json").symlink_to(home.workflows / "nothing")
    found = own(library)
    assert sorted(found) == ["dead", "fox", "inside", "linked"]
    assert "outside of the library" in found["linked"].problem
    assert found["linked"].kind == ""
    assert (found["inside"].kind, found["inside"].problem) == ("api", "")
    assert found["dead"].problem
    assert library.folders() == []


def test_two_names_that_differ_by_case_are_both_shown_and_one_says_so(library: Library, home: Home) -> None:
    put(home, "Fox", graphs.prompt("one"))
    put(home, "fox", graphs.prompt("two"))
    if len(list(home.workflows.glob("*.json"))) == 1:
        pytest.skip("this disk does not tell upper from lower case")
    found = own(library)
    assert (found["Fox"].problem, found["Fox"].kind) == ("", "api")
    assert "upper and lower case" in found["fox"].problem
    assert library.rename("fox", "wolf").problem == ""
    assert own(library)["wolf"].kind == "api"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only there a name may be any bytes")
def test_a_name_that_is_no_text_is_left_out(library: Library, home: Home) -> None:
    with Path(os.fsdecode(os.fsencode(home.workflows) + b"/f\xff.json")).open("wb") as file:
        file.write(graphs.data(graphs.prompt()))
    put(home, "fox", graphs.prompt())
    assert list(own(library)) == ["fox"]


def test_a_change_outside_is_a_new_version(library: Library, home: Home) -> None:
    put(home, "fox", graphs.prompt("one"), OLD - 10)
    library.list()
    library.news()
    put(home, "fox", graphs.prompt("two"))
    assert own(library)["fox"].modified_at == pytest.approx(OLD)
    assert library.news().contents == ("fox",)
    assert [(version.why, version.is_current) for version in library.versions("fox")] == [
        ("outside", True),
        ("first", False),
    ]
    assert b"one" in library.version("fox", library.versions("fox")[1].version_id)
    assert library.news() == library.news()
    assert not library.news().is_changed


def test_a_change_while_the_program_was_closed_is_a_version_too(library: Library, home: Home) -> None:
    put(home, "fox", graphs.prompt("one"), OLD - 10)
    library.list()
    library.close()
    put(home, "fox", graphs.prompt("two"))
    again = Library(home)
    again.list()
    assert len(again.versions("fox")) == 2
    again.close()


def test_the_same_content_written_again_is_no_change(library: Library, home: Home) -> None:
    put(home, "fox", graphs.prompt(), OLD - 10)
    library.list()
    put(home, "fox", graphs.prompt())
    library.list()
    assert library.news().contents == ()
    assert len(library.versions("fox")) == 1


def test_a_half_written_file_keeps_its_place_until_it_is_whole(library: Library, home: Home) -> None:
    whole = graphs.data(graphs.prompt("two"))
    put(home, "fox", graphs.prompt("one"))
    library.list()
    put(home, "fox", whole[: len(whole) // 2], time.time())
    assert library.refresh(1.0) == 1
    (entry,) = [entry for entry in library.search(fresh=False) if entry.name == "fox"]
    assert (entry.problem, entry.kind) == ("", "api")
    put(home, "fox", whole, time.time())
    assert library.refresh(1.0) == 0
    assert len(library.versions("fox")) == 2
    put(home, "fox", whole[:20], OLD)  # it stays like this: then it is said
    assert library.refresh(1.0) == 0
    assert "ends too early" in own(library)["fox"].problem
    assert len(library.versions("fox")) == 2


def test_a_file_renamed_by_another_program_keeps_its_past_and_its_sidecar(library: Library, home: Home) -> None:
    put(home, "fox", graphs.prompt("one"), OLD - 10)
    library.list()
    library.save("fox", graphs.data(graphs.prompt("two")))
    library.set_tags("fox", ["red"])
    library.note_opened("fox")
    library.close()
    (home.workflows / "animals").mkdir()
    (home.workflows / "fox.json").rename(home.workflows / "animals" / "wolf.json")
    again = Library(home)
    found = {entry.name: entry for entry in again.list()}["animals/wolf"]
    assert found.tags == ("red",)
    assert found.opened_at > 0
    assert len(again.versions("animals/wolf")) == 2
    assert sorted(file.name for file in home.workflows.rglob("*.json")) == ["wolf.desk.json", "wolf.json"]
    again.close()


def test_a_copy_by_another_program_takes_nothing_away(library: Library, home: Home) -> None:
    put(home, "fox", graphs.prompt())
    library.list()
    library.set_tags("fox", ["red"])
    put(home, "copy", graphs.prompt())
    found = own(library)
    assert (found["fox"].tags, found["copy"].tags) == (("red",), ())
    assert len(library.versions("fox")) == len(library.versions("copy")) == 1


def test_a_file_that_comes_back_finds_its_past(library: Library, home: Home) -> None:
    file = put(home, "fox", graphs.prompt("one"))
    library.list()
    library.save("fox", graphs.data(graphs.prompt("two")))
    kept = file.read_bytes()
    file.unlink()
    assert own(library) == {}
    library.tidy()
    file.write_bytes(kept)
    assert len(own(library)) == 1
    assert len(library.versions("fox")) == 2


def test_a_sidecar_edited_by_hand_counts(library: Library, home: Home) -> None:
    put(home, "fox", graphs.prompt())
    library.list()
    (home.workflows / "fox.desk.json").write_text('{"tags": ["a", "A", " b ", 3, ""], "favourite": true}')
    entry = own(library)["fox"]
    assert (entry.tags, entry.favourite) == (("a", "b"), True)


def test_a_mistake_in_a_sidecar_is_kept_for_the_person_to_mend(library: Library, home: Home) -> None:
    put(home, "fox", graphs.prompt())
    (home.workflows / "fox.desk.json").write_text('{"presets": {"mine": 1},}')
    assert library.set_favourite("fox").favourite
    assert (home.workflows / "fox.desk.json.broken").read_text() == '{"presets": {"mine": 1},}'
    assert own(library)["fox"].favourite


def test_a_sidecar_that_says_nothing_is_removed(library: Library, home: Home) -> None:
    put(home, "fox", graphs.prompt())
    library.set_favourite("fox")
    library.set_tags("fox", ["a"])
    library.set_tags("fox", [])
    library.set_favourite("fox", False)
    assert [file.name for file in home.workflows.iterdir()] == ["fox.json"]


def test_opening_and_results_do_not_touch_the_folder(library: Library, home: Home) -> None:
    put(home, "fox", graphs.prompt())
    library.note_opened("fox")
    assert [file.name for file in home.workflows.iterdir()] == ["fox.json"]
    assert library.search(sort="opened")[0].name == "fox"


@pytest.mark.parametrize("file", ["library.db", "library.db-wal"])
def test_the_index_can_be_lost_or_broken_at_any_time(library: Library, home: Home, file: str) -> None:
    put(home, "fox", graphs.prompt(), OLD - 10)
    library.set_tags("fox", ["red"])
    before = library.list()
    library.close()
    (home.cache / file).write_bytes(b"not a database" * 1000)
    again = Library(home)
    assert again.list() == before
    assert "fox" in [entry.name for entry in again.search("cliptext")]
    again.close()
    for part in home.cache.glob("library.db*"):
        part.unlink()
    third = Library(home)
    assert third.list() == before
    assert len(third.versions("fox")) == 1
    third.close()


def test_a_damaged_history_is_set_aside_and_the_library_goes_on(library: Library, home: Home) -> None:
    for number in range(40):
        put(home, f"fox {number}", graphs.prompt(str(number) * 2000))
    library.list()
    library.close()
    file = home.root / "versions.db"
    content = bytearray(file.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    file.write_bytes(content)
    again = Library(home)
    assert len(again.list()) == 42
    again.save("fox 1", graphs.data(graphs.prompt("new")))
    assert again.versions("fox 1")[0].why == "saved"
    assert list(home.root.glob("versions.db.corrupt-*"))
    again.close()


def test_the_list_is_there_by_names_before_anything_is_read(library: Library, home: Home) -> None:
    for number in range(30):
        put(home, f"fox {number:02}", graphs.prompt(str(number)))
    assert library.refresh(0.0) >= 29
    entries = library.search(fresh=False)
    assert len(entries) == 32
    assert [entry.name for entry in library.search("fox 07", fresh=False)] == ["fox 07"]
    while library.read_on(0.001):
        pass
    assert all(entry.kind == "api" for entry in library.search(fresh=False))


def test_another_process_reads_at_the_same_time(library: Library, home: Home) -> None:
    for number in range(60):
        put(home, f"fox {number}", graphs.prompt(str(number)))
    code = (
        "import sys; from pathlib import Path; from comfydesk.base.paths import Home; "
        "from comfydesk.library.library import Library; root, cache = map(Path, sys.argv[1:]); "
        "print(len(Library(Home(root, cache)).list()))"
    )
    command = [sys.executable, "-c", code, str(home.root), str(home.cache)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert len(library.list()) == 62
        out, _ = other.communicate(timeout=60)
    assert out.strip() == "62"
    assert all(len(library.versions(name)) == 1 for name in own(library))


def test_a_newer_history_is_not_touched(library: Library, home: Home) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(home.root / "versions.db")) as db:
        db.execute("PRAGMA user_version=99")
    with pytest.raises(Problem) as caught:
        library.list()
    assert caught.value.code == "store_newer"


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)
KEYS = st.sampled_from(["tags", "favourite", "thumbnail", "draft", "picture", "chosen"])


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(KEYS, JSON))
def test_any_sidecar_gives_something_to_show(content: dict[str, Any]) -> None:
    side = sidecar.side_of(content)
    assert all(isinstance(tag, str) and tag for tag in side.tags)
    assert isinstance(side.favourite, bool)
    sidecar.draft_of(json.loads(json.dumps(content)))


@pytest.mark.parametrize(
    "name",
    [
        "fox.desk.sync-conflict-20261122-101010-ABCDEF.json",
        "fox.desk (Anna's conflicted copy 2026-11-22).json",
        "fox.desk (1).json",
    ],
)
def test_a_sidecar_that_two_machines_changed_is_no_workflow(library: Library, home: Home, name: str) -> None:
    (home.workflows / "fox.json").write_bytes(graphs.data(graphs.prompt("fox")))
    (home.workflows / name).write_text('{"version": 1, "favourite": true}')
    assert [entry.name for entry in library.list() if not entry.is_starter] == ["fox"]
    assert (home.workflows / name).exists()


def test_a_program_may_end_without_closing_the_library(tmp_path: Path) -> None:
    """Python ends while the thread of the library still reads: its connection must not be taken away from it."""
    code = (
        "import sys, threading, time; from pathlib import Path; from comfydesk.base.paths import Home\n"
        "from comfydesk.library.history import History\n"
        "history = History(Path(sys.argv[1]))\n"
        "history.note_opened('a', 1.0)\n"
        "sql = 'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 9000000) SELECT count(*) FROM n'\n"
        "threading.Thread(target=history._query, args=(sql,), daemon=True).start()\n"
        "time.sleep(0.1)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "versions.db")], timeout=30)
    assert done.returncode == 0
