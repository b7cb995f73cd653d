"""Putting the library in order: nothing is lost, nothing is written over, and Undo is exact."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import send2trash

from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.library.library import Library
from tests.library import graphs


def put(library: Library, name: str, text: str = "") -> None:
    folder, _, title = name.rpartition("/")
    library.add_bytes(graphs.data(graphs.prompt(text or name)), title, folder)


def names(library: Library) -> list[str]:
    return [entry.name for entry in library.list() if not entry.is_starter]


def tree(home: Home) -> dict[str, bytes]:
    return {
        file.relative_to(home.workflows).as_posix(): file.read_bytes()
        for file in sorted(home.workflows.rglob("*"))
        if file.is_file()
    }


@pytest.fixture(autouse=True)
def _no_real_trash(trashed: list[str]) -> None:
    """Nothing of a test goes to the trash of this machine."""


def test_a_workflow_goes_to_another_folder_with_all_that_belongs_to_it(library: Library, home: Home) -> None:
    put(library, "fox")
    library.set_tags("fox", ["red", "animal"])
    library.save_draft("fox", {"2.text": "a wolf"})
    (moved,) = library.move(["fox"], "animals/wild")
    assert (moved.name, moved.folder, moved.title) == ("animals/wild/fox", "animals/wild", "fox")
    assert moved.tags == ("red", "animal")
    assert library.draft("animals/wild/fox") == {"2.text": "a wolf"}
    assert [version.why for version in library.versions(moved.name)] == ["first"]
    assert sorted(tree(home)) == ["animals/wild/fox.desk.json", "animals/wild/fox.json"]


def test_a_name_that_is_taken_in_the_other_folder_gets_a_number(library: Library) -> None:
    put(library, "fox")
    put(library, "Animals/FOX")
    (moved,) = library.move(["fox"], "animals")
    assert moved.name == "Animals/fox 2"
    assert names(library) == ["Animals/FOX", "Animals/fox 2"]
    assert library.move(["Animals/fox 2"], "ANIMALS")[0].name == "Animals/fox 2"


def test_renaming_keeps_the_folder_and_says_when_a_name_is_taken(library: Library) -> None:
    put(library, "a/fox")
    put(library, "a/wolf")
    assert library.rename("a/fox", "Red: fox?").name == "a/Red_ fox_"
    with pytest.raises(Problem) as caught:
        library.rename("a/Red_ fox_", "WOLF")
    assert caught.value.code == "name_taken"
    assert names(library) == ["a/Red_ fox_", "a/wolf"]


def test_only_the_case_of_a_name_can_be_changed(library: Library) -> None:
    put(library, "fox")
    library.set_favourite("fox")
    entry = library.rename("fox", "FOX")
    assert (entry.name, entry.favourite) == ("FOX", True)
    assert names(library) == ["FOX"]


@pytest.mark.parametrize("title", ["../../etc/passwd", "..", "", "CON", "a/b", "x.desk", "fox.desk.json"])
def test_no_title_leads_out_of_the_folder_or_to_a_sidecar(library: Library, home: Home, title: str) -> None:
    put(library, "in/fox")
    entry = library.rename("in/fox", title)
    assert Path(entry.path).parent == home.workflows / "in"
    assert names(library) == [entry.name]


@pytest.mark.parametrize("folder", ["../out", "/etc", "a/../../b", "C:\\x", "..\\..", "a//b", "~"])
def test_no_folder_leads_out_of_the_library(library: Library, home: Home, folder: str) -> None:
    put(library, "fox")
    (entry,) = library.move(["fox"], folder)
    assert Path(entry.path).resolve().is_relative_to(home.workflows.resolve())
    assert names(library) == [entry.name]


def test_a_copy_has_tags_and_draft_but_no_star_and_no_past(library: Library) -> None:
    put(library, "fox")
    library.set_tags("fox", ["red"])
    library.set_favourite("fox")
    library.save_draft("fox", {"a": 1})
    library.save("fox", graphs.data(graphs.prompt("another")))
    copy = library.duplicate("fox")
    assert (copy.name, copy.tags, copy.favourite) == ("fox 2", ("red",), False)
    assert library.draft("fox 2") == {"a": 1}
    assert len(library.versions("fox 2")) == 1
    assert library.read("fox 2") == library.read("fox")
    assert library.duplicate("fox").name == "fox 3"


def test_a_starter_is_duplicated_but_not_moved(library: Library) -> None:
    copy = library.duplicate("sdxl")
    assert (copy.name, copy.is_starter) == ("sdxl 2", False)
    for work in (
        lambda: library.move(["sdxl"], "a"),
        lambda: library.rename("sdxl", "b"),
        lambda: library.remove("sdxl"),
    ):
        with pytest.raises(Problem, match="came with ComfyDesk"):
            work()


def test_undo_brings_everything_back_exactly_where_it_was(library: Library, home: Home, trashed: list[str]) -> None:
    put(library, "a/fox")
    put(library, "wolf")
    library.set_tags("a/fox", ["red"])
    library.save("a/fox", graphs.data(graphs.prompt("second")))
    library.note_opened("a/fox")
    before, versions = tree(home), library.versions("a/fox")
    opened = library.entry(home.workflows / "a/fox.json").opened_at
    modified = (home.workflows / "a/fox.json").stat().st_mtime_ns
    token = library.remove(["a/fox", "wolf"])
    assert names(library) == []
    assert sorted(trashed) == ["fox.desk.json", "fox.json", "wolf.json"]
    restored = Library(home).restore(token)  # also after a restart
    assert [entry.name for entry in restored] == ["a/fox", "wolf"]
    assert tree(home) == before
    assert library.versions("a/fox") == versions
    assert (home.workflows / "a/fox.json").stat().st_mtime_ns == modified
    assert next(entry for entry in library.list() if entry.name == "a/fox").opened_at == opened > 0
    with pytest.raises(Problem) as caught:
        library.restore(token)
    assert caught.value.code == "undo_gone"


def test_what_comes_back_to_a_taken_name_gets_a_number(library: Library) -> None:
    put(library, "fox", "old")
    library.set_tags("fox", ["old"])
    token = library.remove("fox")
    put(library, "Fox", "new")
    (back,) = library.restore(token)
    assert (back.name, back.tags) == ("fox 2", ("old",))
    assert b"old" in library.read("fox 2")
    assert b"new" in library.read("Fox")
    assert b"old" in library.version("fox 2", library.versions("fox 2")[0].version_id)


def test_a_changed_starter_comes_back_as_it_was_changed(library: Library) -> None:
    library.save("sdxl", graphs.data(graphs.prompt("mine")))
    token = library.remove("sdxl")
    assert b"mine" not in library.read("sdxl")
    (back,) = library.restore(token)
    assert (back.name, back.is_starter) == ("sdxl", True)
    assert b"mine" in library.read("sdxl")


@pytest.mark.parametrize("token", ["", "..", "../workflows", "nothing", "a\0b"])
def test_an_unknown_token_is_said(library: Library, token: str) -> None:
    with pytest.raises(Problem) as caught:
        library.restore(token)
    assert caught.value.code == "undo_gone"


def test_nothing_is_removed_when_it_cannot_be_kept(
    library: Library, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(library, "fox")
    before = tree(home)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Problem) as caught:
        library.remove("fox")
    assert caught.value.code == "disk_full"
    assert tree(home) == before
    assert list((home.root / "trash").iterdir()) == []


def test_undo_works_without_a_system_trash(library: Library, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_trash(path: Path) -> None:
        raise OSError("no trash here")

    monkeypatch.setattr(send2trash, "send2trash", no_trash)
    put(library, "fox")
    before = tree(home)
    token = library.remove("fox")
    assert tree(home) == {}
    library.trash.sweep()
    library.restore(token)
    assert tree(home) == before


def test_folders_are_real_folders(library: Library, home: Home) -> None:
    assert library.make_folder("animals/wild") == "animals/wild"
    assert library.make_folder("ANIMALS/Tame") == "animals/Tame"
    assert library.folders() == ["animals", "animals/Tame", "animals/wild"]
    put(library, "animals/wild/fox")
    library.set_favourite("animals/wild/fox")
    assert library.rename_folder("animals", "beasts") == "beasts"
    assert library.folders() == ["beasts", "beasts/Tame", "beasts/wild"]
    assert [entry.name for entry in library.search(favourites=True)] == ["beasts/wild/fox"]
    assert len(library.versions("beasts/wild/fox")) == 1
    assert library.rename_folder("BEASTS/wild", "Wild") == "beasts/Wild"
    with pytest.raises(Problem) as taken:
        library.rename_folder("beasts/Wild", "tame")
    assert taken.value.code == "name_taken"
    with pytest.raises(Problem) as missing:
        library.rename_folder("nothing", "else")
    assert missing.value.code == "file_missing"


def test_a_removed_folder_comes_back_with_all_in_it(library: Library, home: Home) -> None:
    library.make_folder("animals/empty")
    put(library, "animals/fox")
    put(library, "animals/wild/wolf")
    put(library, "other")
    before = tree(home)
    token = library.remove_folder("animals")
    assert library.folders() == []
    assert names(library) == ["other"]
    library.restore(token)
    assert tree(home) == before
    assert library.folders() == ["animals", "animals/empty", "animals/wild"]


def test_a_folder_with_something_else_in_it_stays(library: Library, home: Home) -> None:
    put(library, "animals/fox")
    (home.workflows / "animals" / "notes.txt").write_text("mine")
    library.remove_folder("animals")
    assert list(tree(home)) == ["animals/notes.txt"]


def test_two_processes_may_change_the_same_library(library: Library, home: Home) -> None:
    other = Library(home)
    put(library, "fox", "one")
    put(other, "fox", "two")
    assert names(library) == names(other) == ["fox", "fox 2"]
    other.rename("fox", "wolf")
    library.set_favourite("wolf")
    assert [entry.name for entry in other.search(favourites=True)] == ["wolf"]
    with pytest.raises(Problem) as caught:
        library.rename("fox", "bear")
    assert caught.value.code == "workflow_unknown"
    other.close()
