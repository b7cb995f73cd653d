"""What goes wrong in the middle of putting the library in order takes nothing away."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import send2trash

from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.library import files
from comfydesk.library.library import Library
from tests.library import graphs
from tests.library.test_arrange import names, put, tree


@pytest.fixture(autouse=True)
def _no_real_trash(trashed: list[str]) -> None:
    """Nothing of a test goes to the trash of this machine."""


def test_a_folder_is_not_taken_for_another_that_differs_by_case(library: Library, home: Home) -> None:
    for folder in ("pets", "PETS"):
        (home.workflows / folder).mkdir(exist_ok=True)
        if len(list(home.workflows.iterdir())) == 1 and folder == "PETS":
            pytest.skip("this disk takes the two for one")
        (home.workflows / folder / f"{folder}.json").write_bytes(graphs.data(graphs.prompt(folder)))
    library.list()
    library.rename_folder("pets", "animals")
    assert names(library) == ["PETS/PETS", "animals/pets"]
    assert [version.why for version in library.versions("PETS/PETS")] == ["first"]
    token = library.remove_folder("animals")
    assert names(library) == ["PETS/PETS"]
    library.restore(token)
    assert names(library) == ["PETS/PETS", "animals/pets"]


def test_a_name_is_taken_however_its_accents_are_stored(library: Library, home: Home) -> None:
    """A disk of macOS finds one file by both spellings: a second would be written over the first."""
    apart, whole = "fu\u0308chse", "f\u00fcchse"
    (home.workflows / f"{apart}.json").write_bytes(graphs.data(graphs.prompt("first")))
    put(library, whole, "second")
    put(library, "dogs")
    assert names(library) == ["dogs", apart, f"{whole} 2"]
    assert [entry.name for entry in library.search(whole)] == [apart, f"{whole} 2"]
    with pytest.raises(Problem) as caught:
        library.rename("dogs", whole)
    assert caught.value.code == "name_taken"
    assert library.record(whole).found.name == apart


def test_a_file_that_nobody_has_seen_yet_is_not_written_over(
    library: Library, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(library, "dogs")

    def late(folder: str, title: str, taken: object) -> str:
        (home.workflows / "fox.json").write_bytes(b"from another machine")
        return "fox"

    monkeypatch.setattr("comfydesk.library.library.free", late)
    monkeypatch.setattr("comfydesk.library.arrange.free", late)
    with pytest.raises(Problem) as caught:
        put(library, "fox")
    assert caught.value.code == "name_taken"
    with pytest.raises(Problem):
        library.duplicate("dogs")
    assert (home.workflows / "fox.json").read_bytes() == b"from another machine"
    assert not list(home.workflows.glob(".*"))


def test_a_disk_without_links_is_written_to_and_still_nothing_is_written_over(
    library: Library, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    put(library, "fox")
    assert names(library) == ["fox"]
    with pytest.raises(Problem) as caught:
        files.create(home.workflows / "fox.json", b"another")
    assert caught.value.code == "name_taken"


def test_of_several_none_is_removed_when_one_cannot_be(
    library: Library, home: Home, monkeypatch: pytest.MonkeyPatch, trashed: list[str]
) -> None:
    for name in ("a", "b", "c"):
        put(library, name)
    library.set_tags("a", ["x"])
    before = tree(home)
    real = Path.unlink

    def no_trash(path: Path) -> None:
        raise OSError("no trash here")

    def unlink(path: Path, missing_ok: bool = False) -> None:
        if path.name == "b.json":
            raise PermissionError(13, "Permission denied")
        real(path, missing_ok)

    monkeypatch.setattr(send2trash, "send2trash", no_trash)
    monkeypatch.setattr(Path, "unlink", unlink)
    with pytest.raises(Problem) as caught:
        library.remove(["a", "b", "c"])
    assert caught.value.code == "disk_write"
    assert tree(home) == before
    assert len(library.versions("a")) == 1


def test_undo_goes_on_where_a_full_disk_stopped_it(
    library: Library, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        put(library, name)
    before = tree(home)
    token = library.remove(["a", "b"])
    real, room = os.fsync, iter([True, False])

    def fsync(descriptor: int) -> None:
        if not next(room):
            raise OSError(28, "No space left on device")
        real(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        with pytest.raises(Problem):
            library.restore(token)
    library.restore(token)
    assert tree(home) == before
    assert names(library) == ["a", "b"]


def test_what_moved_before_something_failed_keeps_its_past(
    library: Library, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        put(library, name)
    library.save("a", graphs.data(graphs.prompt("second")))
    real = Path.rename

    def rename(path: Path, target: Path) -> Path:
        if path.name == "b.json":
            raise PermissionError(13, "Permission denied")
        return real(path, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(Problem):
        library.move(["a", "b"], "kept")
    assert names(library) == ["kept/a", "b"]
    assert len(library.versions("kept/a")) == 2


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_a_file_keeps_its_permissions_when_it_is_saved(library: Library, home: Home) -> None:
    put(library, "fox")
    path = home.workflows / "fox.json"
    path.chmod(0o640)
    library.save("fox", graphs.data(graphs.prompt("second")))
    assert path.stat().st_mode & 0o777 == 0o640


def test_what_a_form_says_late_reaches_its_workflow_and_no_other(library: Library, home: Home) -> None:
    put(library, "fox")
    library.rename("fox", "wolf")
    library.move(["wolf"], "pets")
    library.rename_folder("pets", "animals")
    library.save_draft("fox", {"values": {"6.text": "late"}})
    assert library.draft("animals/wolf") == {"values": {"6.text": "late"}} == library.draft("fox")
    put(library, "fox", "another")
    assert library.draft("fox") is None
    library.rename("animals/wolf", "bear")
    library.rename("animals/bear", "wolf")
    assert library.draft("animals/bear") == {"values": {"6.text": "late"}}
    library.remove("animals/wolf")
    library.save_draft("animals/wolf", {"values": {"6.text": "too late"}})
    assert sorted(tree(home)) == ["fox.json"]
    put(library, "animals/wolf", "third")
    library.save_draft("animals/wolf", {"values": {}})
    assert library.draft("animals/wolf") == {"values": {}}


def test_two_processes_that_say_something_of_one_workflow_are_both_heard(library: Library, home: Home) -> None:
    put(library, "fox")
    library.save_draft("fox", {"values": {"0": 0}})
    code = (
        "import sys; from pathlib import Path; from comfydesk.base.paths import Home\n"
        "from comfydesk.library.library import Library\n"
        "library = Library(Home(Path(sys.argv[1]), Path(sys.argv[2])))\n"
        "print('ready', flush=True)\n"
        "for number in range(150): library.keep('fox', 'presets', {str(n): n for n in range(number + 1)})\n"
    )
    command = [sys.executable, "-c", code, str(home.root), str(home.cache)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None and other.stdout.readline()
        for number in range(150):
            library.save_draft("fox", {"values": {"0": number}})
            assert library.draft("fox") == {"values": {"0": number}}
        assert other.wait(20) == 0
    assert library.draft("fox") == {"values": {"0": 149}}
    assert len(library.kept("fox", "presets")) == 150
