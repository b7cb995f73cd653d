"""Thousands of results: all rows are there at once, and only what is looked at is fetched."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from comfydesk.gui.gallery.model import CHUNK
from comfydesk.gui.gallery.page import GalleryPage
from comfydesk.gui.widgets.question import Question
from tests.gui.conftest import until
from tests.gui.gallery_rig import GalleryEngine, entries, paint

MANY = 2000
NOW = time.time() - 3 * 86_400  # results of tests that are made meanwhile are newer


def fill(engine: GalleryEngine, folder: Path, count: int = MANY) -> None:
    engine.runtime.call(engine.gallery._add(entries(count, folder, newest=NOW)))


async def shown(page: GalleryPage, engine: GalleryEngine, count: int = MANY) -> None:
    page.attach(engine)
    await until(lambda: page.model.rowCount() == count and page.grid.isVisible())
    await page._context.bridge.call(engine.gallery.count)  # what was announced before this is here now
    await until(lambda: not page.model._refresh_soon.isActive())
    await page.model.settled()


def names(page: GalleryPage) -> list[str]:
    """Of what is selected."""
    return [item.name for item in page.selected()]


async def test_all_rows_stand_below_their_headings_before_they_are_fetched(
    gallery_page: GalleryPage, gallery_engine: GalleryEngine, tmp_path: Path
) -> None:
    fill(gallery_engine, tmp_path)
    await shown(gallery_page, gallery_engine)
    model = gallery_page.model
    assert sum(section.count for section in model.sections()) == MANY
    assert {section.title.split(" · ")[1] for section in model.sections()} == {"SDXL", "Flux"}
    assert model.item(0) is not None and model.item(MANY - 1) is None
    assert model.item(CHUNK) is None, "the second page is fetched when it is seen"
    bar = gallery_page.grid.verticalScrollBar()
    bar.setValue(bar.maximum())
    last = await until(lambda: model.item(MANY - 1))
    assert last.seed == MANY - 1
    assert model.item(MANY // 2) is None, "what was only passed by is not"


async def test_scrolling_never_stops_the_window(
    gallery_page: GalleryPage, gallery_engine: GalleryEngine, tmp_path: Path
) -> None:
    fill(gallery_engine, tmp_path)
    await shown(gallery_page, gallery_engine)
    bar = gallery_page.grid.verticalScrollBar()
    lags = []
    for step in range(100):
        bar.setValue(bar.maximum() * step // 100)
        before = time.perf_counter()
        await asyncio.sleep(0.005)
        lags.append(time.perf_counter() - before - 0.005)
    assert sorted(lags)[-3] < 0.25, "a busy machine needs room; a stall would be seconds"


async def test_new_results_do_not_move_what_is_looked_at(
    gallery_page: GalleryPage, gallery_engine: GalleryEngine, tmp_path: Path
) -> None:
    fill(gallery_engine, tmp_path, 600)
    await shown(gallery_page, gallery_engine, 600)
    grid, model = gallery_page.grid, gallery_page.model
    row = 300
    await until(lambda: grid.verticalScrollBar().maximum() > 0)
    grid.scrollTo(model.index(row))
    point = grid.visualRect(model.index(row)).center()
    item = await until(lambda: model.item(row))
    paint(tmp_path / "new", 5)
    gallery_engine.find(tmp_path / "new")
    await until(lambda: model.rowCount() == 605)
    await until(lambda: grid.indexAt(point).row() == row + 5)
    assert model.row_of(item.item_id) == row + 5


async def test_a_new_result_keeps_the_selection(
    gallery_page: GalleryPage, gallery_engine: GalleryEngine, tmp_path: Path
) -> None:
    fill(gallery_engine, tmp_path, 10)
    await shown(gallery_page, gallery_engine, 10)
    gallery_page.grid.select_row(4)
    chosen = names(gallery_page)
    gallery_page.model.ask("")  # as when rows are to be looked at again
    await asyncio.sleep(0)
    await gallery_page.model.settled()
    assert names(gallery_page) == chosen == ["00004.png"]
    paint(tmp_path / "new", 1)
    gallery_engine.find(tmp_path / "new")
    await until(lambda: gallery_page.model.rowCount() == 11)
    assert names(gallery_page) == chosen and gallery_page.grid.selected_rows() == [5]


async def test_shift_takes_everything_between_in_reading_order(
    gallery_page: GalleryPage, gallery_engine: GalleryEngine, tmp_path: Path
) -> None:
    fill(gallery_engine, tmp_path, 60)
    await shown(gallery_page, gallery_engine, 60)
    grid = gallery_page.grid
    await until(lambda: grid.visualRect(gallery_page.model.index(9)).y() > 0)

    def click(row: int, keys: Qt.KeyboardModifier) -> None:
        place = grid.visualRect(gallery_page.model.index(row)).center()
        QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, keys, place)

    click(2, Qt.KeyboardModifier.NoModifier)
    click(7, Qt.KeyboardModifier.ShiftModifier)
    assert grid.selected_rows() == [2, 3, 4, 5, 6, 7]
    click(4, Qt.KeyboardModifier.ControlModifier)
    assert grid.selected_rows() == [2, 3, 5, 6, 7]


async def test_many_go_to_the_trash_only_after_a_question_and_all_of_them(
    gallery_page: GalleryPage, gallery_engine: GalleryEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("send2trash.send2trash", lambda path: Path(path).unlink())
    fill(gallery_engine, tmp_path, 500)
    await shown(gallery_page, gallery_engine, 500)
    gallery_page.grid.selectAll()
    assert "500 files selected" in gallery_page.details.hint.text()

    async def answer(key: str) -> None:
        QTest.keyClick(gallery_page.grid, Qt.Key.Key_Delete)
        question: Any = await until(
            lambda: next((q for q in gallery_page.window().findChildren(Question) if q.isVisible()), None)
        )
        assert "500 files" in question.windowTitle()
        QTest.mouseClick(question.buttons[key], Qt.MouseButton.LeftButton)

    await answer("stay")
    await until(lambda: not gallery_page.commands._is_asking)
    assert gallery_page.model.rowCount() == 500
    await answer("move")
    await until(lambda: gallery_page.model.rowCount() == 0)
    assert gallery_engine.runtime.call(gallery_engine.gallery.count()) == 0


async def test_a_file_is_found_wherever_it_is_even_while_something_else_is_searched(
    gallery_page: GalleryPage, gallery_engine: GalleryEngine, tmp_path: Path
) -> None:
    fill(gallery_engine, tmp_path)
    await shown(gallery_page, gallery_engine)
    last = gallery_engine.runtime.call(gallery_engine.gallery.page(MANY - 7, 1))[0]
    gallery_page.show_item(last.item_id)
    await until(lambda: gallery_page.viewer.isVisible())
    assert gallery_page.viewer.name.text() == last.name
    assert gallery_page.viewer.place.text() == f"{MANY - 6:,} / {MANY:,}"
    gallery_page.close_viewer()
    gallery_page.bar.search.setText("seed:3")
    await until(lambda: gallery_page.model.rowCount() == 1)
    assert gallery_page.bar.count.text() == f"1 of {MANY:,}"
    gallery_page.show_item(last.item_id)
    await until(lambda: gallery_page.viewer.isVisible())
    assert gallery_page.viewer.name.text() == last.name and gallery_page.bar.query == ""
