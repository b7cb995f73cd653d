"""Files, pictures and pasted text that become workflows of the library; pictures that are shown with them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.library.library import Library
from tests.library import graphs


def png(color: str = "red", side: int = 400, **texts: dict[str, Any]) -> bytes:
    info = PngImagePlugin.PngInfo()
    for key, value in texts.items():
        info.add_text(key, json.dumps(value))
    data = io.BytesIO()
    Image.new("RGB", (side, side // 2), color).save(data, "PNG", pnginfo=info)
    return data.getvalue()


def own(library: Library) -> list[str]:
    return [entry.name for entry in library.list() if not entry.is_starter]


@pytest.mark.parametrize("graph", [graphs.prompt(), graphs.gui()])
def test_json_is_kept_byte_for_byte(library: Library, graph: dict[str, Any]) -> None:
    data = b"\xef\xbb\xbf" + json.dumps(graph, indent=7).encode() + b"\n\n"
    entry = library.add_bytes(data, "fox.json", "in")
    assert entry.name == "in/fox"
    assert library.read("in/fox") == data


def test_a_picture_gives_the_editors_graph_or_else_the_prompt(library: Library, tmp_path: Path) -> None:
    both = tmp_path / "ComfyUI_00001_.png"
    both.write_bytes(png(prompt=graphs.prompt(), workflow=graphs.gui()))
    entry = library.add(both)
    assert (entry.name, entry.kind) == ("ComfyUI_00001_", "gui")
    assert json.loads(library.read(entry.name)) == graphs.gui()
    entry = library.add_bytes(png(prompt=graphs.prompt()), "ComfyUI_00001_.png")
    assert (entry.name, entry.kind) == ("ComfyUI_00001_ 2", "api")
    assert json.loads(library.read(entry.name)) == graphs.prompt()


def test_a_picture_without_a_workflow_is_said(library: Library, home: Home) -> None:
    with pytest.raises(Problem) as caught:
        library.add_bytes(png(), "holiday.png")
    assert caught.value.code == "workflow_none"
    assert list(home.workflows.iterdir()) == []


def test_the_same_content_is_one_entry_whatever_its_name(library: Library, home: Home) -> None:
    library.add_bytes(graphs.data(graphs.prompt()), "fox", "a")
    assert library.add_bytes(graphs.data(graphs.prompt()), "another.json").name == "a/fox"
    library.add_bytes(png(workflow=graphs.gui()), "one.png")
    assert library.add_bytes(png("blue", workflow=graphs.gui()), "two.png").name == "one"
    (home.workflows / "new.json").write_bytes(graphs.data(graphs.prompt("new")))
    assert library.add_bytes(graphs.data(graphs.prompt("new")), "pasted").name == "new"
    assert own(library) == ["a/fox", "new", "one"]


@pytest.mark.parametrize(
    ("given", "title"),
    [
        ("fox.json", "fox"),
        ("fox v1.5", "fox v1.5"),
        ("A long title. With words", "A long title. With words"),
        ("../../x.png", "_.._x"),
        (".json", "workflow"),
        ("", "workflow"),
        ("fox.desk.json", "fox"),
        ("aux", "_aux"),
    ],
)
def test_any_name_becomes_a_safe_title(library: Library, home: Home, given: str, title: str) -> None:
    entry = library.add_bytes(graphs.data(graphs.prompt()), given)
    assert Path(entry.path).parent == home.workflows
    assert own(library) == [entry.name]
    assert entry.name == title


def test_a_folder_of_the_library_added_again_is_the_same_workflow(library: Library, home: Home) -> None:
    entry = library.add_bytes(graphs.data(graphs.prompt()), "fox", "a/b")
    assert library.add(Path(entry.path)).name == "a/b/fox"
    assert library.find("fox") == Path(entry.path)
    assert library.find("A/B/FOX.json") == Path(entry.path)


def test_profile_presets_and_origin_are_kept_as_they_are(library: Library, home: Home) -> None:
    library.add_bytes(graphs.data(graphs.prompt()), "fox", "a")
    library.keep("a/fox", "profile", {"essentials": ["2.text"], "any": {"thing": [1, None]}})
    library.keep("a/fox", "origin", {"url": "https://x/y.json"})
    assert library.kept("a/fox", "profile") == {"essentials": ["2.text"], "any": {"thing": [1, None]}}
    library.keep("a/fox", "profile", None)
    assert library.kept("a/fox", "profile") == {}
    content = json.loads((home.workflows / "a/fox.desk.json").read_bytes())
    assert content == {"version": 1, "origin": {"url": "https://x/y.json"}}


def test_the_newest_result_is_shown_and_outlives_its_file(library: Library, home: Home, tmp_path: Path) -> None:
    library.add_bytes(graphs.data(graphs.prompt()), "fox")
    result = tmp_path / "result.png"
    result.write_bytes(png("red"))
    first = library.set_thumbnail("fox", result)
    result.write_bytes(png("blue"))
    second = library.set_thumbnail("fox", result)
    result.unlink()
    assert first.thumbnail != second.thumbnail
    assert not Path(first.thumbnail).exists()
    with Image.open(second.thumbnail) as picture:
        assert (picture.format, picture.size) == ("WEBP", (256, 128))
        blue = picture.convert("RGB").getpixel((9, 9))
    assert isinstance(blue, tuple)
    assert blue[2] > 200 > blue[0]


def test_a_sidecar_carries_the_first_picture_to_another_machine(library: Library, home: Home, tmp_path: Path) -> None:
    library.add_bytes(graphs.data(graphs.prompt()), "fox")
    result = tmp_path / "result.png"
    result.write_bytes(png("red"))
    library.set_thumbnail("fox", result)
    before = (home.workflows / "fox.desk.json").read_bytes()
    result.write_bytes(png("blue"))
    library.set_thumbnail("fox", result)
    assert (home.workflows / "fox.desk.json").read_bytes() == before  # a folder in git stays clean
    elsewhere = Home(tmp_path / "elsewhere", tmp_path / "elsewhere cache").make()
    for file in home.workflows.iterdir():
        (elsewhere.workflows / file.name).write_bytes(file.read_bytes())
    other = Library(elsewhere)
    entry = next(entry for entry in other.list() if entry.name == "fox")
    with Image.open(entry.thumbnail) as picture:
        assert picture.size == (128, 64)
    other.close()


def test_a_chosen_picture_stays(library: Library, tmp_path: Path) -> None:
    library.add_bytes(graphs.data(graphs.prompt()), "fox")
    picture = tmp_path / "picture.png"
    picture.write_bytes(png("green"))
    chosen = library.set_thumbnail("fox", picture, is_chosen=True).thumbnail
    picture.write_bytes(png("red"))
    assert library.set_thumbnail("fox", picture).thumbnail == chosen
    assert library.rename("fox", "wolf").thumbnail == chosen


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"<svg/>", b"x" * 100])
def test_what_is_no_picture_is_refused(library: Library, tmp_path: Path, content: bytes) -> None:
    library.add_bytes(graphs.data(graphs.prompt()), "fox")
    file = tmp_path / "picture.png"
    file.write_bytes(content)
    with pytest.raises(Problem) as caught:
        library.set_thumbnail("fox", file)
    assert caught.value.code == "input_unusable"


@pytest.mark.parametrize("name", ["fox.desk (1)", "fox.DESK.sync-conflict-1", "a.desk.conflict.desk (2)", "my.desk 2"])
def test_no_name_makes_a_workflow_that_is_left_out_of_the_list(library: Library, name: str) -> None:
    made = library.add_bytes(graphs.data(graphs.prompt()), name).name
    assert made in [entry.name for entry in library.list()]
