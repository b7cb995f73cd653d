"""Wildcard files, lists of tags and the history of prompts on the disk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from comfydesk.base.errors import Problem
from comfydesk.form.prompt_text import expand
from comfydesk.library import taglists
from comfydesk.library.prompt_history import MOST, PastPrompt, PromptHistory
from comfydesk.library.taglists import TagLists
from comfydesk.library.wildcards import WildcardFolder


def folder(root: Path, **files: str) -> WildcardFolder:
    for name, text in files.items():
        path = root / (name.replace("__", "/") + ".txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return WildcardFolder(root)


def lines(made: WildcardFolder, name: str) -> tuple[str, ...] | None:
    found = made.entries(name)
    return None if found is None else found.texts


def test_files_are_named_by_their_way_through_the_folders(tmp_path: Path) -> None:
    made = folder(
        tmp_path, colours="red\nblue", animals__cats="# kinds\n2::tabby\n\nsiamese", animals__big__dogs="wolf"
    )
    assert made.names() == ["animals/big/dogs", "animals/cats", "colours"]
    assert lines(made, "Animals/Cats") == ("tabby", "siamese")
    assert lines(made, "animals/*") == ("tabby", "siamese")
    assert lines(made, "**/dogs") == ("wolf",)
    assert lines(made, "animals/**") == ("wolf", "tabby", "siamese")
    assert lines(made, "c*") == ("red", "blue")
    assert expand("__animals/cats__", 1, made) in ("tabby", "siamese")


@pytest.mark.parametrize("name", ["nothing", "../secret", "/etc/hostname", "animals", "..", "**/../secret"])
def test_nothing_outside_the_folder_is_ever_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    made = folder(tmp_path / "wildcards", animals__cats="tabby")
    assert made.entries(name) is None


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    made = folder(tmp_path, cats="tabby")
    assert lines(made, "cats") == ("tabby",)
    (tmp_path / "cats.txt").write_text("siamese\nmanx")
    assert lines(made, "cats") == ("siamese", "manx")
    (tmp_path / "cats.txt").unlink()
    assert made.entries("cats") is None


def test_a_folder_that_is_not_there_has_no_names(tmp_path: Path) -> None:
    assert WildcardFolder(tmp_path / "none").names() == []


def test_a_file_that_is_no_text_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "odd.txt").write_bytes(os.urandom(5000))
    made = WildcardFolder(tmp_path)
    made.entries("odd")
    assert expand("__odd__", 1, made)


def test_all_lists_of_tags_are_one(tmp_path: Path) -> None:
    (tmp_path / "tags").mkdir()
    (tmp_path / "tags" / "a.csv").write_text("fox,0,5")
    (tmp_path / "tags" / "readme.md").write_text("nothing")
    (tmp_path / "own.csv").write_text("wolf,0,9")
    lists = TagLists(tmp_path / "tags")
    assert len(lists.index()) == 1
    both = lists.index(str(tmp_path / "own.csv"))
    assert [tag.name for tag in both.search("")] == ["wolf", "fox"]
    assert lists.index(str(tmp_path / "own.csv")) is both
    assert len(lists.index(str(tmp_path / "gone.csv"))) == 1


def test_a_file_without_tags_is_told(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("fox\nwolf")
    assert taglists.check(str(tmp_path / "own.csv")) == 2
    (tmp_path / "empty.csv").write_text("\n")
    for name in ("empty.csv", "gone.csv"):
        with pytest.raises(Problem) as caught:
            taglists.check(str(tmp_path / name))
        assert caught.value.code == "tags_unread"


def test_prompts_are_kept_newest_first_and_once(tmp_path: Path) -> None:
    history = PromptHistory(tmp_path / "prompts.json")
    fox, wolf, bad = PastPrompt("prompt", "fox"), PastPrompt("prompt", "wolf"), PastPrompt("negative", "bad")
    assert history.add([fox, bad])
    assert history.add([wolf, bad])
    assert history.add([fox, PastPrompt("prompt", "  ")])
    assert not history.add([fox])
    assert PromptHistory(tmp_path / "prompts.json").prompts() == (fox, wolf, bad)
    history.add(PastPrompt("prompt", str(number)) for number in range(MOST + 50))
    assert len(PromptHistory(tmp_path / "prompts.json").prompts()) == MOST


@pytest.mark.parametrize("data", [b"", b"{}", b'[1, {"text": 5}]', b"\xff\xfe", b"[" * 100_000])
def test_a_damaged_history_begins_anew(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "prompts.json").write_bytes(data)
    assert PromptHistory(tmp_path / "prompts.json").prompts() == ()
