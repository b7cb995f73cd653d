"""The library: starters, the person's own workflows, and what was typed into their forms."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import send2trash

from comfydesk.base import resources
from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.form.fields import LocalFile, SeedMode
from comfydesk.library.library import Library
from comfydesk.workflow.parse import parse

SDXL = resources.path("workflows/sdxl.json")


def names(library: Library) -> list[str]:
    return [entry.name for entry in library.list()]


def test_an_empty_library_has_the_starters(library: Library, home: Home) -> None:
    entries = library.list()
    assert [(entry.name, entry.title, entry.is_starter) for entry in entries] == [
        ("sdxl", "SDXL", True),
        ("flux-schnell", "Flux Schnell", True),
    ]
    assert [entry.node_count for entry in entries] == [7, 7]
    assert list(home.workflows.iterdir()) == []


def test_a_starter_opens_without_being_copied(library: Library, home: Home) -> None:
    graph = parse(library.read("sdxl"), "sdxl")
    assert graph.nodes["4"].inputs["ckpt_name"] == "sd_xl_base_1.0.safetensors"
    assert not list(home.workflows.iterdir())


def test_a_workflow_is_copied_and_found_again_after_a_restart(
    library: Library, home: Home, write: Callable[..., Path]
) -> None:
    file = write("My Fox.json")
    entry = library.add(file)
    assert (entry.name, entry.title, entry.is_starter, entry.node_count) == ("My Fox", "My Fox", False, 7)
    file.unlink()
    again = Library(home)
    assert names(again) == ["sdxl", "flux-schnell", "My Fox"]
    assert json.loads(again.read("my fox"))["6"]["inputs"]["text"] == "a fox"


def test_the_same_file_twice_is_one_entry_and_another_gets_a_number(
    library: Library, write: Callable[..., Path]
) -> None:
    assert library.add(write("fox.json")).name == "fox"
    assert library.add(write("fox.json", folder="again")).name == "fox"
    assert library.add(write("FOX.json", "a wolf", "other")).name == "FOX 2"
    assert library.add(write("FOX (1).json", "a wolf", "other")).name == "FOX 2"
    assert library.add(write("sdxl.json", "a bear", "third")).name == "sdxl 2"
    assert library.add(SDXL).name == "sdxl"
    assert names(library) == ["sdxl", "flux-schnell", "fox", "FOX 2", "sdxl 2"]


def test_a_file_of_the_library_can_be_added_again(library: Library, write: Callable[..., Path]) -> None:
    entry = library.add(write("fox.json"))
    assert library.add(Path(entry.path)).name == "fox"


@pytest.mark.parametrize("name", ["CON.json", "..json.json", "a:b?.json", ("x" * 200) + ".json", "‮gnp.json", " .json"])
def test_names_are_safe_for_any_file_system(
    library: Library, home: Home, write: Callable[..., Path], name: str
) -> None:
    entry = library.add(write(name))
    stored = Path(entry.path)
    assert stored.parent == home.workflows
    assert stored.is_file()
    assert len(stored.name.encode()) <= 120
    assert not set(stored.name) & set('<>:"/\\|?*\u202e')
    library.save_draft(entry.name, {"a": 1})
    assert library.draft(entry.name) == {"a": 1}
    assert entry.name in names(library)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"{", "workflow_json"),
        (b'{"nodes": 3}', "workflow_not"),
        (b"{}", "workflow_not"),
        (b"\x89PNG", "workflow_not"),
    ],
)
def test_what_is_no_workflow_is_not_copied(
    library: Library, home: Home, tmp_path: Path, data: bytes, code: str
) -> None:
    file = tmp_path / "bad.json"
    file.write_bytes(data)
    with pytest.raises(Problem) as caught:
        library.add(file)
    assert caught.value.code == code
    assert list(home.workflows.iterdir()) == []


def test_a_missing_file_and_a_folder_are_said_to_be_that(library: Library, tmp_path: Path) -> None:
    with pytest.raises(Problem) as missing:
        library.add(tmp_path / "gone.json")
    assert missing.value.code == "file_missing"
    with pytest.raises(Problem) as folder:
        library.add(tmp_path)
    assert folder.value.code == "file_unreadable"
    assert "it is a folder" in folder.value.message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(library: Library, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    with pytest.raises(Problem) as pipe:
        library.add(tmp_path / "pipe.json")
    assert "it is no file" in pipe.value.message


@pytest.mark.parametrize("text", ["sdxl", "SDXL", "sdxl.json", "Flux Schnell", "my fox", "My Fox.json"])
def test_a_workflow_is_found_by_name_in_any_case(library: Library, write: Callable[..., Path], text: str) -> None:
    library.add(write("My Fox.json"))
    assert library.find(text).is_file()


def test_an_existing_path_wins_over_a_name(
    library: Library, write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write("sdxl")
    assert library.find(file) == file
    monkeypatch.chdir(file.parent)
    assert library.find("sdxl") == file


@pytest.mark.parametrize("text", ["nothing", "gone/fox.json", "x" * 5000, "a\0b", ""])
def test_an_unknown_workflow_names_those_that_there_are(library: Library, text: str) -> None:
    with pytest.raises(Problem) as caught:
        library.find(text)
    assert caught.value.code == "workflow_unknown"
    assert "sdxl, flux-schnell" in caught.value.next_step


def test_removing_puts_workflow_and_draft_into_the_trash(
    library: Library, write: Callable[..., Path], trashed: list[str]
) -> None:
    library.add(write("fox.json"))
    library.save_draft("fox", {"3.steps": 8})
    library.remove("FOX")
    assert trashed == ["fox.json", "fox.desk.json"]
    assert names(library) == ["sdxl", "flux-schnell"]
    assert library.draft("fox") is None


def test_without_a_system_trash_it_is_kept_in_the_home(
    library: Library, home: Home, write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_trash(path: Path) -> None:
        raise OSError("no trash here")

    monkeypatch.setattr(send2trash, "send2trash", no_trash)
    library.add(write("fox.json"))
    library.remove("fox")
    assert [file.name for file in (home.root / "trash").rglob("*.json")] == ["fox.json"]
    assert "fox" not in names(library)


def test_a_starter_stays_and_a_changed_one_goes_back(library: Library, home: Home, trashed: list[str]) -> None:
    with pytest.raises(Problem, match="came with ComfyDesk"):
        library.remove("sdxl")
    changed = SDXL.read_bytes().replace(b"a red fox", b"a blue fox")
    entry = library.save("SDXL", changed)
    assert (entry.name, entry.title, entry.is_starter) == ("sdxl", "SDXL", True)
    assert library.read("sdxl") == changed
    assert library.find("sdxl").parent == home.workflows
    assert names(library) == ["sdxl", "flux-schnell"]
    library.remove("sdxl")
    assert library.read("sdxl") == SDXL.read_bytes()


def test_a_draft_keeps_every_type(library: Library) -> None:
    draft: dict[str, Any] = {
        "values": {"3.seed": 2**64 - 1, "3.cfg": 7.0, "10.image": LocalFile("/home/a/fox.png"), "x": ["a", None]},
        "modes": {"3.seed": SeedMode.FIXED},
        "text": "füchse \ud800",
    }
    assert library.draft("sdxl") is None
    library.save_draft("sdxl", draft)
    found = library.draft("sdxl")
    assert found == {**draft, "text": "füchse ?"}
    assert type(found["values"]["3.cfg"]) is float


def test_a_draft_does_not_change_or_list_anything(library: Library, home: Home) -> None:
    library.save_draft("sdxl", {"a": 1})
    assert [file.name for file in home.workflows.iterdir()] == ["sdxl.desk.json"]
    assert names(library) == ["sdxl", "flux-schnell"]
    assert library.read("sdxl") == SDXL.read_bytes()


def test_what_else_is_in_a_sidecar_stays(library: Library, home: Home) -> None:
    file = home.workflows / "sdxl.desk.json"
    file.write_text('{"profile": {"hidden": ["3.cfg"]}}')
    library.save_draft("sdxl", {"a": 1})
    assert json.loads(file.read_text())["profile"] == {"hidden": ["3.cfg"]}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"draft": 3}', b"[" * 5000, b"\xff\xfe"])
def test_a_broken_sidecar_is_no_draft_and_is_mended_by_the_next(library: Library, home: Home, content: bytes) -> None:
    (home.workflows / "sdxl.desk.json").write_bytes(content)
    assert library.draft("sdxl") is None
    library.save_draft("sdxl", {"a": 1})
    assert library.draft("sdxl") == {"a": 1}


def test_a_full_disk_is_said(library: Library, monkeypatch: pytest.MonkeyPatch, home: Home) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Problem) as caught:
        library.save_draft("sdxl", {"a": 1})
    assert caught.value.code == "disk_full"
    assert list(home.workflows.iterdir()) == []


def test_files_put_there_by_hand_are_listed_even_when_they_are_no_workflow(library: Library, home: Home) -> None:
    (home.workflows / "gui.json").write_text('{"nodes": []}')
    (home.workflows / "notes.txt").write_text("x")
    entry = library.list()[-1]
    assert (entry.name, entry.node_count) == ("gui", 0)


def test_a_thousand_workflows_list_at_once(library: Library, home: Home) -> None:
    data = SDXL.read_bytes()
    for number in range(1_000):
        (home.workflows / f"fox {number}.json").write_bytes(data)
    assert len(library.list()) == 1_002
    start = time.process_time()
    again = Library(home).list()
    assert time.process_time() - start < 0.3
    assert all(entry.node_count == 7 for entry in again)


def test_a_changed_file_is_counted_anew(library: Library, home: Home) -> None:
    file = home.workflows / "fox.json"
    file.write_bytes(SDXL.read_bytes())
    assert library.list()[-1].node_count == 7
    file.write_text('{"1": {"class_type": "A", "inputs": {}}}')
    assert Library(home).list()[-1].node_count == 1


@pytest.mark.parametrize("content", ["{", "[]", '{"x": 3}', '{"x": [1, "2", 3]}'])
def test_a_broken_count_cache_is_made_anew(library: Library, home: Home, content: str) -> None:
    home.cache.mkdir(exist_ok=True)
    (home.cache / "workflow_counts.json").write_text(content)
    assert [entry.node_count for entry in library.list()] == [7, 7]
