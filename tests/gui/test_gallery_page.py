"""The gallery page on a real gallery: pictures on disk, an index, thumbnails made off the GUI thread."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image, PngImagePlugin
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from comfydesk.base.changes import ChangeStream
from comfydesk.base.paths import Home
from comfydesk.base.runtime import Runtime
from comfydesk.gallery.gallery import Gallery
from comfydesk.gui.context import Context
from comfydesk.gui.gallery.page import GalleryPage
from comfydesk.library.model import WorkflowEntry
from tests.gui.conftest import until


class GalleryEngine(SimpleNamespace):
    """As much of the engine as the gallery page needs; everything in it is real."""

    @classmethod
    def on(cls, folder: Path) -> GalleryEngine:
        home = Home(folder / "home", folder / "cache").make()
        runtime = Runtime()
        changes = ChangeStream(runtime.loop)
        gallery = Gallery(home, runtime, changes)
        runtime.call(gallery.start(watch=False))
        return cls(runtime=runtime, changes=changes, gallery=gallery, home=home, entries=[])

    async def workflows(self) -> list[WorkflowEntry]:
        return list(self.entries)

    def find(self, folder: Path) -> None:
        self.runtime.call(self.gallery.rebuild([folder]))

    def close(self) -> None:
        self.runtime.call(self.gallery.close())
        self.runtime.stop()


def paint(folder: Path, count: int, *, first: int = 0) -> list[Path]:
    """Pictures that carry a prompt, as a server writes them."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(first, first + count):
        info = PngImagePlugin.PngInfo()
        graph = {
            "3": {"class_type": "KSampler", "inputs": {"seed": number, "steps": 20, "positive": ["6", 0]}},
            "6": {"class_type": "CLIPTextEncode", "inputs": {"text": f"a fox number {number}"}},
        }
        info.add_text("prompt", json.dumps(graph))
        path = folder / f"picture_{number:03}.png"
        Image.new("RGB", (64, 48), (number * 7 % 256, 90, 140)).save(path, pnginfo=info)
        paths.append(path)
    return paths


def shown_primary(button: QPushButton) -> bool:
    return button.isVisible() and button.property("kind") == "primary"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[GalleryEngine]:
    made = GalleryEngine.on(tmp_path)
    yield made
    made.close()


@pytest.fixture
def page(context: Context, engine: GalleryEngine, qtbot: Any) -> Iterator[GalleryPage]:
    context.bridge.attach(engine)
    made = GalleryPage(context)
    qtbot.addWidget(made)
    made.resize(1100, 700)
    made.show()
    yield made
    made.detach()
    context.bridge.detach()


async def test_an_empty_gallery_says_how_to_fill_it(page: GalleryPage, engine: GalleryEngine) -> None:
    page.attach(engine)
    asked: list[str] = []
    page.page_requested.connect(asked.append)
    assert not page.grid.isVisible()
    make = await until(lambda: next((b for b in page.findChildren(QPushButton) if shown_primary(b)), None))
    QTest.mouseClick(make, Qt.MouseButton.LeftButton)
    assert asked == ["create"]


async def test_files_are_shown_newest_first_with_their_thumbnails(
    page: GalleryPage, engine: GalleryEngine, tmp_path: Path
) -> None:
    paint(tmp_path / "results" / "SDXL", 12)
    engine.find(tmp_path / "results")
    page.attach(engine)
    await until(lambda: page.model.rowCount() == 12)
    first = page.model.item(0)
    assert first is not None
    await until(lambda: page.grid.isVisible() and page.thumbnails.picture(first.item_id) is not None)


async def test_a_new_result_appears_at_the_front(page: GalleryPage, engine: GalleryEngine, tmp_path: Path) -> None:
    paint(tmp_path / "results", 3)
    engine.find(tmp_path / "results")
    page.attach(engine)
    await until(lambda: page.model.rowCount() == 3)
    paint(tmp_path / "results", 1, first=50)
    engine.find(tmp_path / "results")
    await until(lambda: page.model.rowCount() == 4)
    assert page.model.item(0).name == "picture_050.png"  # type: ignore[union-attr]


async def test_choosing_a_file_tells_what_made_it(page: GalleryPage, engine: GalleryEngine, tmp_path: Path) -> None:
    paint(tmp_path / "results", 3)
    engine.find(tmp_path / "results")
    page.attach(engine)
    await until(lambda: page.model.rowCount() == 3)
    page.grid.select_row(1)
    item = page.model.item(1)
    assert item is not None
    await until(lambda: page.details.cover.has_image)
    assert "64 × 48" in page.details.facts.text()
    assert item.prompt in page.details.prompt.toPlainText() and "a fox number" in item.prompt


async def test_full_size_view_steps_with_the_arrow_keys_and_ends_with_escape(
    page: GalleryPage, engine: GalleryEngine, tmp_path: Path
) -> None:
    paint(tmp_path / "results", 5)
    engine.find(tmp_path / "results")
    page.attach(engine)
    await until(lambda: page.model.rowCount() == 5)
    page.grid.select_row(0)
    QTest.keyClick(page.grid, Qt.Key.Key_Return)
    assert page.viewer.isVisible()
    await until(lambda: page.viewer.image.has_image)
    QTest.keyClick(page.viewer, Qt.Key.Key_Right)
    QTest.keyClick(page.viewer, Qt.Key.Key_Right)
    assert page.grid.currentIndex().row() == 2
    QTest.keyClick(page.viewer, Qt.Key.Key_Left)
    await until(lambda: page.viewer.image.has_image)
    fitted = page.viewer.image.device_scale
    QTest.keyClick(page.viewer, Qt.Key.Key_Plus)
    assert page.viewer.image.device_scale > fitted
    QTest.keyClick(page.viewer, Qt.Key.Key_Escape)
    assert page.grid.isVisible() and page.grid.selected_rows() == [1]


async def test_search_finds_words_of_the_prompt(page: GalleryPage, engine: GalleryEngine, tmp_path: Path) -> None:
    paint(tmp_path / "results", 8)
    engine.find(tmp_path / "results")
    page.attach(engine)
    await until(lambda: page.model.rowCount() == 8)
    page.bar.search.setText('"fox number 5"')
    await until(lambda: page.model.rowCount() == 1)
    page.bar.search.setText("nothing like this")
    await until(lambda: page.model.rowCount() == 0 and not page.grid.isVisible())
    page.bar.search.clear()
    await until(lambda: page.model.rowCount() == 8)


async def test_deleting_moves_the_file_to_the_trash_and_keeps_a_neighbour_selected(
    page: GalleryPage, engine: GalleryEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = paint(tmp_path / "results", 4)
    engine.find(tmp_path / "results")
    binned: list[str] = []

    def to_trash(path: str) -> None:
        binned.append(str(path))
        Path(path).unlink()

    monkeypatch.setattr("send2trash.send2trash", to_trash)
    page.attach(engine)
    await until(lambda: page.model.rowCount() == 4)
    told: list[str] = []
    page.toast_requested.connect(lambda text, _action, _callback: told.append(text))
    page.grid.select_row(1)
    name = page.model.item(1).path  # type: ignore[union-attr]
    QTest.keyClick(page.grid, Qt.Key.Key_Delete)
    await until(lambda: page.model.rowCount() == 3 and told and page.grid.selected_rows() == [1])
    assert binned == [name]
    assert "server keeps" in told[0]
    assert sum(path.exists() for path in paths) == 3


async def test_hostile_names_are_shown_as_they_are(page: GalleryPage, engine: GalleryEngine, tmp_path: Path) -> None:
    folder = tmp_path / "results"
    (source,) = paint(folder, 1)
    source.rename(folder / "<img src=x onerror=y><b>bold.png")
    engine.find(folder)
    page.attach(engine)
    await until(lambda: page.model.rowCount() == 1)
    page.grid.select_row(0)
    assert page.details.name.text() == "<img src=x onerror=y><b>bold.png"
