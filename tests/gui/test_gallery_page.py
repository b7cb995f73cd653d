"""The gallery page on a real gallery: pictures on disk, an index, thumbnails made off the GUI thread."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from comfydesk.gui.gallery.page import GalleryPage
from tests.gui.conftest import until
from tests.gui.gallery_rig import GalleryEngine, paint


def shown_primary(button: QPushButton) -> bool:
    return button.isVisible() and button.property("kind") == "primary"


async def test_an_empty_gallery_says_how_to_fill_it(gallery_page: GalleryPage, gallery_engine: GalleryEngine) -> None:
    gallery_page.attach(gallery_engine)
    asked: list[str] = []
    gallery_page.page_requested.connect(asked.append)
    assert not gallery_page.grid.isVisible()
    make = await until(lambda: next((b for b in gallery_page.findChildren(QPushButton) if shown_primary(b)), None))
    QTest.mouseClick(make, Qt.MouseButton.LeftButton)
    assert asked == ["create"]


async def test_files_are_shown_newest_first_with_their_thumbnails(
    gallery_page: GalleryPage, gallery_engine: GalleryEngine, tmp_path: Path
) -> None:
    paint(tmp_path / "results" / "SDXL", 12)
    gallery_engine.find(tmp_path / "results")
    gallery_page.attach(gallery_engine)
    await until(lambda: gallery_page.model.rowCount() == 12)
    first = gallery_page.model.item(0)
    assert first is not None
    await until(lambda: gallery_page.grid.isVisible() and gallery_page.thumbnails.picture(first.item_id) is not None)


async def test_a_new_result_appears_at_the_front(
    gallery_page: GalleryPage, gallery_engine: GalleryEngine, tmp_path: Path
) -> None:
    paint(tmp_path / "results", 3)
    gallery_engine.find(tmp_path / "results")
    gallery_page.attach(gallery_engine)
    await until(lambda: gallery_page.model.rowCount() == 3)
    paint(tmp_path / "results", 1, first=50)
    gallery_engine.find(tmp_path / "results")
    await until(lambda: gallery_page.model.rowCount() == 4)
    assert gallery_page.model.item(0).name == "picture_050.png"  # type: ignore[union-attr]


async def test_choosing_a_file_tells_what_made_it(
    gallery_page: GalleryPage, gallery_engine: GalleryEngine, tmp_path: Path
) -> None:
    paint(tmp_path / "results", 3)
    gallery_engine.find(tmp_path / "results")
    gallery_page.attach(gallery_engine)
    await until(lambda: gallery_page.model.rowCount() == 3)
    gallery_page.grid.select_row(1)
    item = gallery_page.model.item(1)
    assert item is not None
    await until(lambda: gallery_page.details.cover.has_image)
    assert "64 × 48" in gallery_page.details.facts.text()
    assert item.prompt in gallery_page.details.prompt.toPlainText() and "a fox number" in item.prompt


async def test_full_size_view_steps_with_the_arrow_keys_and_ends_with_escape(
    gallery_page: GalleryPage, gallery_engine: GalleryEngine, tmp_path: Path
) -> None:
    paint(tmp_path / "results", 5)
    gallery_engine.find(tmp_path / "results")
    gallery_page.attach(gallery_engine)
    await until(lambda: gallery_page.model.rowCount() == 5)
    gallery_page.grid.select_row(0)
    QTest.keyClick(gallery_page.grid, Qt.Key.Key_Return)
    assert gallery_page.viewer.isVisible()
    await until(lambda: gallery_page.viewer.image.has_image)
    QTest.keyClick(gallery_page.viewer, Qt.Key.Key_Right)
    QTest.keyClick(gallery_page.viewer, Qt.Key.Key_Right)
    assert gallery_page.grid.currentIndex().row() == 2
    QTest.keyClick(gallery_page.viewer, Qt.Key.Key_Left)
    await until(lambda: gallery_page.viewer.image.has_image)
    fitted = gallery_page.viewer.image.device_scale
    QTest.keyClick(gallery_page.viewer, Qt.Key.Key_Plus)
    assert gallery_page.viewer.image.device_scale > fitted
    QTest.keyClick(gallery_page.viewer, Qt.Key.Key_Escape)
    assert gallery_page.grid.isVisible() and gallery_page.grid.selected_rows() == [1]


async def test_search_finds_words_of_the_prompt(
    gallery_page: GalleryPage, gallery_engine: GalleryEngine, tmp_path: Path
) -> None:
    paint(tmp_path / "results", 8)
    gallery_engine.find(tmp_path / "results")
    gallery_page.attach(gallery_engine)
    await until(lambda: gallery_page.model.rowCount() == 8)
    gallery_page.bar.search.setText('"fox number 5"')
    await until(lambda: gallery_page.model.rowCount() == 1)
    gallery_page.bar.search.setText("nothing like this")
    await until(lambda: gallery_page.model.rowCount() == 0 and not gallery_page.grid.isVisible())
    gallery_page.bar.search.clear()
    await until(lambda: gallery_page.model.rowCount() == 8)


async def test_deleting_moves_the_file_to_the_trash_and_keeps_a_neighbour_selected(
    gallery_page: GalleryPage, gallery_engine: GalleryEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = paint(tmp_path / "results", 4)
    gallery_engine.find(tmp_path / "results")
    binned: list[str] = []

    def to_trash(path: str) -> None:
        binned.append(str(path))
        Path(path).unlink()

    monkeypatch.setattr("send2trash.send2trash", to_trash)
    gallery_page.attach(gallery_engine)
    await until(lambda: gallery_page.model.rowCount() == 4)
    told: list[str] = []
    gallery_page.toast_requested.connect(lambda text, _action, _callback: told.append(text))
    gallery_page.grid.select_row(1)
    name = gallery_page.model.item(1).path  # type: ignore[union-attr]
    QTest.keyClick(gallery_page.grid, Qt.Key.Key_Delete)
    await until(lambda: gallery_page.model.rowCount() == 3 and told and gallery_page.grid.selected_rows() == [1])
    assert binned == [name]
    assert "server keeps" in told[0]
    assert sum(path.exists() for path in paths) == 3


async def test_hostile_names_are_shown_as_they_are(
    gallery_page: GalleryPage, gallery_engine: GalleryEngine, tmp_path: Path
) -> None:
    folder = tmp_path / "results"
    (source,) = paint(folder, 1)
    source.rename(folder / "<img src=x onerror=y><b>bold.png")
    gallery_engine.find(folder)
    gallery_page.attach(gallery_engine)
    await until(lambda: gallery_page.model.rowCount() == 1)
    gallery_page.grid.select_row(0)
    assert gallery_page.details.name.text() == "<img src=x onerror=y><b>bold.png"
