"""Every kind of file in the gallery: its tile, its details, the viewer, and what can be done with it."""

from __future__ import annotations

import asyncio
import json
import wave
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QDrag, QGuiApplication
from PySide6.QtTest import QTest

from comfydesk.demo.media.mp4 import movie
from comfydesk.gallery.model import GalleryItem
from comfydesk.gui.gallery import outside
from comfydesk.gui.gallery.page import GalleryPage
from comfydesk.library.model import LibraryChanged, WorkflowEntry
from tests.gui.conftest import until
from tests.gui.gallery_rig import GalleryEngine, paint

# Without Python in Qt's log: a player waits for its sound thread, and that thread's warning would wait for Python.
pytestmark = pytest.mark.no_qt_log
FRAMES = [Image.new("RGB", (64, 48), (200, number * 12, 40)) for number in range(20)]


def put(folder: Path) -> None:
    """One file of each kind."""
    folder.mkdir(parents=True)
    paint(folder, 1)
    FRAMES[0].save(folder / "loop.png", save_all=True, append_images=FRAMES[1:4], duration=50)
    (folder / "clip.mp4").write_bytes(movie(tuple(FRAMES), 10.0, {}))
    with wave.open(str(folder / "tone.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(2 * 8000 * 65))
    (folder / "words.txt").write_text("<b>two cranes</b>\nover a field", encoding="utf-8")
    (folder / "noise.latent").write_bytes((2).to_bytes(8, "little") + b"{}")
    (folder / "page.html.untrusted").write_bytes(b"<script>")


async def filled(page: GalleryPage, engine: GalleryEngine, folder: Path) -> dict[str, GalleryItem]:
    put(folder)
    engine.find(folder)
    page.attach(engine)
    await until(lambda: page.model.rowCount() == 7)
    items = [page.model.item(row) for row in range(7)]
    return {item.name: item for item in items if item is not None}


def look(page: GalleryPage, item: GalleryItem) -> Any:
    return page.thumbnails.look(item)


def open_file(page: GalleryPage, item: GalleryItem) -> None:
    page.open_row(page.model.row_of(item.item_id))


async def test_tiles_show_posters_lengths_and_beginnings(
    gallery_page: GalleryPage, gallery_engine: GalleryEngine, tmp_path: Path
) -> None:
    pytest.importorskip("PySide6.QtMultimedia", reason="posters need QtMultimedia", exc_type=ImportError)
    items = await filled(gallery_page, gallery_engine, tmp_path / "results")
    clip = items["clip.mp4"]
    assert clip.kind == "video"
    await until(lambda: (seen := look(gallery_page, clip)) is not None and seen.picture is not None)
    assert look(gallery_page, clip).seconds == pytest.approx(2.0, abs=0.05)
    kept = await until(lambda: gallery_engine.runtime.call(gallery_engine.gallery.thumbnail(clip.item_id, 256)))
    with Image.open(kept) as poster:
        assert poster.getpixel((5, 5))[0] > 150, "the frame is kept for the next start"  # type: ignore[index]
    tone = await until(lambda: look(gallery_page, items["tone.wav"]))
    assert tone.seconds == 65 and tone.picture is None
    words = await until(lambda: look(gallery_page, items["words.txt"]))
    assert words.excerpt == "<b>two cranes</b>\nover a field"


async def test_the_viewer_shows_each_kind(
    gallery_page: GalleryPage, gallery_engine: GalleryEngine, tmp_path: Path
) -> None:
    items = await filled(gallery_page, gallery_engine, tmp_path / "results")
    viewer = gallery_page.viewer
    open_file(gallery_page, items["loop.png"])
    await until(lambda: viewer.animation.has_image)
    assert viewer.stage.page is viewer.animation and not viewer.scale.isVisible()
    open_file(gallery_page, items["words.txt"])
    await until(lambda: "<b>two cranes</b>" in viewer._text.toPlainText())
    open_file(gallery_page, items["noise.latent"])
    assert viewer.stage.page is viewer._other and not viewer._outside.isVisible()
    open_file(gallery_page, items["picture_000.png"])
    await until(lambda: viewer.image.has_image)
    QTest.keyClick(viewer, Qt.Key.Key_Escape)
    assert not viewer.isVisible()


async def test_videos_and_sounds_play_without_a_sound_device(
    gallery_page: GalleryPage, gallery_engine: GalleryEngine, tmp_path: Path
) -> None:
    pytest.importorskip("PySide6.QtMultimedia", reason="playing needs QtMultimedia", exc_type=ImportError)
    items = await filled(gallery_page, gallery_engine, tmp_path / "results")
    open_file(gallery_page, items["clip.mp4"])
    media = gallery_page.viewer._player()
    await until(lambda: media._time.text().endswith("/ 0:02"))
    assert media.is_playing and media._video.isVisible()
    QTest.keyClick(gallery_page.viewer, Qt.Key.Key_Space)
    assert not media.is_playing
    open_file(gallery_page, items["tone.wav"])
    await until(lambda: media._time.text().endswith("/ 1:05"))
    assert media._note.isVisible() and not media._video.isVisible()
    gallery_page.close_viewer()
    assert not media.is_playing


async def test_going_quickly_through_videos_and_sounds_never_stops_the_window(
    gallery_page: GalleryPage, gallery_engine: GalleryEngine, tmp_path: Path
) -> None:
    pytest.importorskip("PySide6.QtMultimedia", reason="playing needs QtMultimedia", exc_type=ImportError)
    items = await filled(gallery_page, gallery_engine, tmp_path / "results")
    for step in range(40):
        open_file(gallery_page, items["clip.mp4" if step % 2 else "tone.wav"])
        await asyncio.sleep(0.01 * (step % 4))
    media = gallery_page.viewer._player()
    await until(lambda: media._time.text().endswith("/ 0:02"))
    gallery_page.close_viewer()


async def test_a_damaged_animation_says_so(
    gallery_page: GalleryPage, gallery_engine: GalleryEngine, tmp_path: Path
) -> None:
    items = await filled(gallery_page, gallery_engine, tmp_path / "results")
    loop = items["loop.png"]
    data = Path(loop.path).read_bytes()  # noqa: ASYNC240
    Path(loop.path).write_bytes(data[:60] + bytes(len(data) - 60))  # noqa: ASYNC240
    open_file(gallery_page, loop)
    await until(lambda: "damaged" in gallery_page.viewer._other.title.text())


async def test_what_a_server_could_have_made_to_be_run_is_never_opened(
    gallery_page: GalleryPage, gallery_engine: GalleryEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(outside.QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    items = await filled(gallery_page, gallery_engine, tmp_path / "results")
    bad = items["page.html.untrusted"]
    open_file(gallery_page, bad)
    assert not gallery_page.viewer._outside.isVisible()
    gallery_page.commands.do("open", bad)
    assert opened == []
    texts = [action.text() for action in gallery_page.commands.menu([bad], 1).actions()]
    assert "Open" not in texts and "Open folder" in texts
    gallery_page.commands.do("open", items["words.txt"])
    assert opened == [items["words.txt"].path]


async def test_the_workflow_of_a_result_is_opened_from_its_menu(
    gallery_page: GalleryPage, gallery_engine: GalleryEngine, tmp_path: Path
) -> None:
    items = await filled(gallery_page, gallery_engine, tmp_path / "results")
    brought: list[list[str]] = []
    gallery_page.files_dropped.connect(brought.append)
    made = gallery_page.commands.menu([items["picture_000.png"]], 1)
    next(action for action in made.actions() if action.text() == "Open its workflow").trigger()
    made.deleteLater()
    assert brought == [[items["picture_000.png"].path]]


async def test_kinds_can_be_left_out(gallery_page: GalleryPage, gallery_engine: GalleryEngine, tmp_path: Path) -> None:
    await filled(gallery_page, gallery_engine, tmp_path / "results")
    gallery_page.bar.kinds.set_value("kind:picture,animation")
    await until(lambda: gallery_page.model.rowCount() == 2)
    gallery_page.bar.kinds.set_value("kind:sound")
    await until(lambda: gallery_page.model.rowCount() == 1)
    gallery_page.bar.search.setText("nothing like this")
    await until(lambda: gallery_page.model.rowCount() == 0)
    gallery_page.bar.clear()
    await until(lambda: gallery_page.model.rowCount() == 7)


async def test_a_file_that_went_away_says_so_and_can_be_taken_out(
    gallery_page: GalleryPage, gallery_engine: GalleryEngine, tmp_path: Path
) -> None:
    items = await filled(gallery_page, gallery_engine, tmp_path / "results")
    gone = items["picture_000.png"]
    Path(gone.path).unlink()  # noqa: ASYNC240
    row = gallery_page.model.row_of(gone.item_id)
    gallery_page.model.ask("")
    await until(lambda: (item := gallery_page.model.item(row)) is not None and item.missing)
    gallery_page.grid.select_row(row)
    assert "moved or deleted" in gallery_page.details.facts.text()
    assert not gallery_page.details.folder.isVisible()
    told: list[str] = []
    gallery_page.toast_requested.connect(lambda text, *_: told.append(text))
    QTest.mouseClick(gallery_page.details.trash, Qt.MouseButton.LeftButton)
    await until(lambda: gallery_page.model.rowCount() == 6 and told)
    assert told == ["1 file removed from the gallery."]


async def test_tiles_are_dragged_out_as_files(
    gallery_page: GalleryPage, gallery_engine: GalleryEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await filled(gallery_page, gallery_engine, tmp_path / "results")
    dragged: list[list[str]] = []

    def drop(drag: QDrag, *_: object) -> Qt.DropAction:
        dragged.append([url.toLocalFile() for url in drag.mimeData().urls()])
        return Qt.DropAction.CopyAction

    monkeypatch.setattr(QDrag, "exec", drop)
    gallery_page.grid.selectAll()
    gallery_page.grid.startDrag(Qt.DropAction.CopyAction)
    assert [sorted(paths) for paths in dragged] == [sorted(item.path for item in gallery_page.selected())]


async def test_prompt_seed_and_path_go_to_the_clipboard(
    gallery_page: GalleryPage, gallery_engine: GalleryEngine, tmp_path: Path
) -> None:
    paint(tmp_path / "results", 1, first=42)
    gallery_engine.find(tmp_path / "results")
    gallery_page.attach(gallery_engine)
    await until(lambda: gallery_page.model.rowCount() == 1)
    gallery_page.grid.select_row(0)
    (item,) = gallery_page.selected()
    clipboard = QGuiApplication.clipboard()
    QTest.mouseClick(gallery_page.details.copy_prompt, Qt.MouseButton.LeftButton)
    assert clipboard.text() == "a fox number 42"
    QTest.mouseClick(gallery_page.details.copy_seed, Qt.MouseButton.LeftButton)
    assert clipboard.text() == "42"
    actions = {action.text(): action for action in gallery_page.commands.menu([item], 1).actions()}
    actions["Copy path"].trigger()
    assert clipboard.text() == item.path


async def test_settings_are_offered_where_the_workflow_is_there(
    gallery_page: GalleryPage, gallery_engine: GalleryEngine, tmp_path: Path
) -> None:
    paint(tmp_path / "results" / "SDXL", 1, first=7)
    gallery_engine.find(tmp_path / "results")
    gallery_page.attach(gallery_engine)
    await until(lambda: gallery_page.model.rowCount() == 1)
    gallery_page.grid.select_row(0)
    assert not gallery_page.details.use.isVisible(), "no such workflow"
    gallery_engine.entries.append(WorkflowEntry("sdxl", "SDXL", "sdxl.json", 7, True, 0.0))
    gallery_engine.runtime.post(gallery_engine.changes.publish, LibraryChanged())
    await until(lambda: gallery_page.details.use.isVisible())
    asked: list[tuple[str, Any]] = []
    gallery_page.settings_requested.connect(lambda workflow, prompt: asked.append((workflow, prompt)))
    QTest.mouseClick(gallery_page.details.use, Qt.MouseButton.LeftButton)
    await until(lambda: asked)
    assert asked[0][0] == "SDXL" and asked[0][1]["3"]["inputs"]["seed"] == 7
    assert json.dumps(asked[0][1])


@pytest.mark.parametrize("platform", ["win32", "darwin", "linux"])
def test_a_file_is_selected_in_the_file_manager(platform: str) -> None:
    command = outside.select_command("/results/a, b.png", platform)
    if platform == "linux":
        assert "array:string:file:///results/a%2C%20b.png" in command, "a comma would part the list"
    else:
        assert command[-1].endswith("a, b.png")


def test_a_folder_that_is_gone_is_known(tmp_path: Path) -> None:
    assert outside.reveal(str(tmp_path / "gone" / "a.png")) == "gone"
    assert outside.reveal(str(tmp_path / "a.png")) == "folder", "the file is gone, its folder is not"
