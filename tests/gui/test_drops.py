"""What is dropped or pasted, and what the library gets of it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QDir, QMimeData, QUrl
from PySide6.QtGui import QColor, QImage

from comfydesk.gui import drops
from comfydesk.gui.drops import Drop, from_mime, from_text


def mime(text: str = "", urls: list[str] | None = None, **formats: bytes) -> QMimeData:
    made = QMimeData()
    if text:
        made.setText(text)
    if urls:
        made.setUrls([QUrl(url) for url in urls])
    for name, data in formats.items():
        made.setData(name.replace("_", "/"), data)
    return made


def test_files_come_before_everything_else() -> None:
    found = from_mime(mime("/f/a.png", ["file:///f/a.png", "https://example.com/b"], image_png=b"x"), "cats")
    assert found == Drop(files=("/f/a.png",), folder="cats")


def test_a_link_is_taken_rather_than_the_picture_beside_it() -> None:
    link = "https://example.com/fox.png?width=8"
    assert from_mime(mime(link, [link], image_png=b"pixels only"), ask=True) == Drop(url=link, ask=True)


def test_a_picture_is_taken_as_the_other_program_gave_it_and_not_as_qt_decodes_it() -> None:
    image = QImage(4, 4, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    data = mime(image_png=b"\x89PNG with a workflow in it")
    found = from_mime(data)
    assert found is not None and found.data == b"\x89PNG with a workflow in it" and found.name.endswith(".png")
    only_pixels = QMimeData()
    only_pixels.setImageData(image)
    assert from_mime(only_pixels) is None or "application/x-qt-image" in only_pixels.formats()


@pytest.mark.parametrize("text", [' {"3": {}}\n', '[{"a": 1}]', "a fox\nSteps: 20, Sampler: Euler a, Seed: 5"])
def test_json_and_settings_text_are_taken_as_text(text: str) -> None:
    found = from_text(text)
    assert found is not None and found.text == text.strip() and found.name


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("/home/ann/fox.png", ("/home/ann/fox.png",)),
        ("C:\\pictures\\fox.png", ("C:\\pictures\\fox.png",)),
        ("~/a.json\n/b.json\n", (f"{QDir.homePath()}/a.json", "/b.json")),
        ("file:///f/a%20b.png", ("/f/a b.png",)),
    ],
)
def test_paths_are_files(text: str, files: tuple[str, ...]) -> None:
    assert from_text(text) == Drop(files=files)


@pytest.mark.parametrize(
    "text", ["", "a red fox", "https://a b", "ftp://x/y", "javascript:alert(1)", "/ or not", "x" * 99]
)
def test_other_text_is_nothing(text: str) -> None:
    assert from_text(text) is None


def test_only_web_links_are_links() -> None:
    assert drops.web_link("https://example.com/a.json") == "https://example.com/a.json"
    for text in ("file:///etc/passwd", "http://", "https://example.com/a b", "data:text/html,x", "example.com/a"):
        assert drops.web_link(text) == ""


def test_workflows_of_the_own_list_are_not_taken_in_again() -> None:
    own = mime("", ["file:///w/fox.json"])
    own.setData(drops.OWN_DRAG, b"fox")
    assert not drops.can_take(own) and from_mime(own) is None
    assert drops.can_take(mime("text")) and drops.can_take(mime("", ["https://x.y/z"])) and not drops.can_take(mime())


def test_the_file_dialog_offers_pictures_and_videos_too() -> None:
    first = drops.name_filters()[0]
    assert first.startswith("Workflows, pictures and videos (*.json *.png") and "*.mp4" in first
