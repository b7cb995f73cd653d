"""Styles are files in the home that people may edit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from comfydesk.base.errors import Problem
from comfydesk.form import presets
from comfydesk.form.presets import Preset, PresetKind
from comfydesk.library.styles import StyleFolder


def style(name: str, prompt: str = "ink") -> Preset:
    return Preset(name, PresetKind.STYLE, {}, prompt)


@pytest.fixture
def folder(tmp_path: Path) -> StyleFolder:
    return StyleFolder(tmp_path / "presets")


def write(folder: StyleFolder, name: str, *made: dict[str, Any]) -> Path:
    folder.folder.mkdir(exist_ok=True)
    path = folder.folder / name
    path.write_text(json.dumps({"format": "comfydesk.preset", "version": 1, "presets": list(made)}))
    return path


def names(folder: StyleFolder) -> list[str]:
    return [each.name for each in folder.list()]


def test_a_home_without_styles_has_none_and_gets_no_folder(folder: StyleFolder) -> None:
    assert folder.list() == () and not folder.folder.exists()


def test_each_style_is_a_file_of_its_name(folder: StyleFolder) -> None:
    folder.save(style("Oil: a/b"))
    folder.save(style("ink"))
    assert names(folder) == ["ink", "Oil: a/b"]
    assert sorted(path.name for path in folder.folder.iterdir()) == ["Oil_ a_b.preset.json", "ink.preset.json"]


def test_a_name_that_is_no_file_name_makes_one_all_the_same(folder: StyleFolder) -> None:
    for name in ("../../etc/passwd", "CON", ".", "x" * 80, "a.preset.json"):
        folder.save(style(name))
    assert len(names(folder)) == 5
    assert {path.parent for path in folder.folder.rglob("*")} == {folder.folder}


def test_saving_again_changes_the_style_where_it_is(folder: StyleFolder) -> None:
    path = write(folder, "mine.preset.json", {"name": "Ink", "kind": "style"}, {"name": "Oil", "kind": "style"})
    folder.save(style("ink", "black ink"))
    assert names(folder) == ["ink", "Oil"] and folder.list()[0].prompt == "black ink"
    assert [file.name for file in folder.folder.iterdir()] == [path.name]


def test_a_new_name_stays_in_the_same_file_and_takes_the_place_of_another_of_that_name(folder: StyleFolder) -> None:
    for name in ("Ink", "Oil"):
        folder.save(style(name))
    folder.save(style("Oil", "thick oil"), instead_of="Ink")
    assert names(folder) == ["Oil"] and folder.list()[0].prompt == "thick oil"
    assert [file.name for file in folder.folder.iterdir()] == ["Ink.preset.json"]


def test_removing_one_of_several_leaves_the_others_in_the_file(folder: StyleFolder) -> None:
    path = write(folder, "mine.preset.json", {"name": "Ink", "kind": "style"}, {"name": "Oil", "kind": "style"})
    folder.remove("INK")
    assert names(folder) == ["Oil"]
    folder.remove("Oil")
    assert not path.exists()


def test_what_is_no_style_stays_in_its_file(folder: StyleFolder) -> None:
    path = write(folder, "x.preset.json", {"name": "Ink", "kind": "style"}, {"name": "Mine", "kind": "workflow"})
    folder.remove("Ink")
    folder.remove("Mine")
    assert names(folder) == [] and "Mine" in path.read_text()


def test_broken_files_are_left_alone_and_the_rest_is_there(folder: StyleFolder) -> None:
    write(folder, "good.preset.json", {"name": "Ink", "kind": "style"})
    broken = folder.folder / "broken.preset.json"
    broken.write_bytes(b"\xff{")
    (folder.folder / "folder.preset.json").mkdir()
    assert names(folder) == ["Ink"]
    folder.save(style("broken"))
    assert broken.read_bytes() == b"\xff{" and names(folder) == ["broken", "Ink"]


def test_there_is_room_for_so_many(folder: StyleFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presets, "MAX_PRESETS", 2)
    folder.save(style("a"))
    folder.save(style("b"))
    with pytest.raises(Problem) as caught:
        folder.save(style("c"))
    assert caught.value.code == "preset_many"
    folder.save(style("B", "again"))
