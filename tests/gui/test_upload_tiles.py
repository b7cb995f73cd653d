"""Media fields: where their values come from, what their tiles say, and what is off without them."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from comfydesk.form.build import build
from comfydesk.form.fields import Field, Kind, LocalFile, SeedMode
from comfydesk.gallery.model import GalleryItem
from comfydesk.gui.context import Context
from comfydesk.gui.create.newest import NewestStrip
from comfydesk.gui.drops import RESULT_DRAG, can_take, from_mime, result_id
from comfydesk.gui.form.mask.editor import MaskEditor
from comfydesk.gui.form.sheet import FormSheet
from comfydesk.gui.form.state import FormState
from comfydesk.gui.form.upload_picker import Picker
from comfydesk.gui.gallery import outside
from comfydesk.workflow.parse import from_prompt
from tests.form.test_branches import SPECS, workflow
from tests.form.test_taking import sdxl
from tests.gui.test_form_editors import show

PNG = (".png", ".jpg")


def webp(colour: str = "orange", size: tuple[int, int] = (60, 40)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "WEBP")
    return out.getvalue()


class Host:
    """The input folder of a host, and what it was asked for."""

    def __init__(self, root: Path) -> None:
        self.names: list[str] | None = ["new.png", "song.wav", "old.png"]
        self.asked: list[str] = []
        self._root = root

    async def inputs(self, _host: str, kind: str) -> list[str] | None:
        return self.names if kind == "input" else ["made.png [output]"]

    async def preview(self, _host: str, name: str) -> bytes:
        self.asked.append(name)
        return webp()

    async def copy(self, _host: str, name: str) -> str:
        path = self._root / f"copy of {name}"
        Image.new("RGB", (60, 40), "orange").save(path)
        return str(path)


@pytest.fixture
def host(stand_in: Any, tmp_path: Path) -> Host:
    made = Host(tmp_path)
    stand_in.host_inputs, stand_in.host_input_preview, stand_in.copy_host_input = made.inputs, made.preview, made.copy
    return made


@pytest.fixture
def picker(qtbot: QtBot) -> Iterator[Any]:
    """Opens the picker behind one of an editor's links."""
    opened: list[Picker] = []

    def open_(link: QWidget) -> Picker:
        qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
        found = link.findChildren(Picker)[-1]
        opened.append(found)
        qtbot.waitUntil(lambda: found.model.rowCount() > 0)
        return found

    yield open_


def field(kind: Kind = Kind.IMAGE, value: Any = "", **facts: Any) -> Field:
    return Field("3.x", "3", "x", "Photo", kind, value, upload_kinds=facts.pop("upload_kinds", PNG), **facts)


def drop(widget: QWidget, mime: QMimeData) -> bool:
    at, keys = QPointF(widget.rect().center()), Qt.KeyboardModifier.NoModifier
    entered = QDragEnterEvent(at.toPoint(), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, keys)
    QApplication.sendEvent(widget, entered)
    if entered.isAccepted():
        event = QDropEvent(at, Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, keys)
        QApplication.sendEvent(widget, event)
    return entered.isAccepted()


# -- the tile


def test_a_file_of_the_server_shows_its_picture_and_size(qtbot: QtBot, context: Context, host: Host) -> None:
    editor, _ = show(qtbot, context, field(value="fox.png"))
    assert editor.note.text() == "on the server" and not editor.mask.isVisible()
    editor.set_host("box")
    qtbot.waitUntil(lambda: "60 × 40" in editor.note.text())
    assert host.asked == ["fox.png"] and editor.mask.isVisible()


def test_a_sound_tells_how_long_it_plays(qtbot: QtBot, context: Context, stand_in: Any, tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "song.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(2 * 8000 * 3))
    editor, _ = show(qtbot, context, field(Kind.AUDIO, upload_kinds=(".wav",)))
    editor.take_file(str(tmp_path / "song.wav"))
    qtbot.waitUntil(lambda: "3.0 s" in editor.note.text())


def test_a_picture_of_a_browser_is_kept_as_it_was_given(
    qtbot: QtBot, context: Context, stand_in: Any, tmp_path: Path
) -> None:
    editor, heard = show(qtbot, context, field())
    editor.pasted_folder = tmp_path / "pasted"
    mime, data = QMimeData(), webp()
    mime.setData("image/webp", data)
    mime.setUrls([QUrl("https://example.org/fox")])
    assert editor.paste(mime)
    qtbot.waitUntil(lambda: bool(heard))
    assert Path(heard[0].path).read_bytes() == data and heard[0].path.endswith(".webp")


def test_bytes_that_are_no_picture_are_refused_in_words(
    qtbot: QtBot, context: Context, stand_in: Any, tmp_path: Path
) -> None:
    editor, heard = show(qtbot, context, field())
    editor.pasted_folder = tmp_path / "pasted"
    mime = QMimeData()
    mime.setData("image/png", b"no picture at all")
    editor.paste(mime)
    qtbot.waitUntil(lambda: bool(editor.problem))
    assert heard == [] and not (tmp_path / "pasted").exists()


# -- from the server, from the gallery


def test_the_servers_inputs_are_picked_by_name_and_picture(
    qtbot: QtBot, context: Context, host: Host, picker: Any
) -> None:
    editor, heard = show(qtbot, context, field(choices=("old.png", "den/fox.png")))
    editor.set_host("box")
    found = picker(editor.from_server)
    assert [pick.name for pick in found.model.picks] == ["new.png", "old.png", "den/fox.png"]
    qtbot.waitUntil(lambda: "new.png" in host.asked)
    found.search.setText("fox")
    qtbot.waitUntil(lambda: found.model.rowCount() == 1)
    qtbot.keyClick(found.search, Qt.Key.Key_Return)
    assert heard == ["den/fox.png"]


def test_a_node_that_reads_results_offers_the_servers_results(
    qtbot: QtBot, context: Context, host: Host, picker: Any
) -> None:
    editor, _ = show(qtbot, context, field(remote="/internal/files/output"))
    editor.set_host("box")
    assert [pick.value for pick in picker(editor.from_server).model.picks] == ["made.png [output]"]


def test_where_a_host_lists_nothing_its_nodes_choices_do(
    qtbot: QtBot, context: Context, host: Host, picker: Any
) -> None:
    host.names = None
    editor, _ = show(qtbot, context, field(choices=("a.png", "b.png")))
    editor.set_host("box")
    assert [pick.value for pick in picker(editor.from_server).model.picks] == ["a.png", "b.png"]


def test_a_result_of_the_gallery_becomes_the_fields_file(
    qtbot: QtBot, context: Context, stand_in: Any, picker: Any, tmp_path: Path
) -> None:
    made = [("fox.png", "picture", False), ("gone.png", "picture", True), ("odd.gif", "animation", False)]
    stand_in.items = [
        GalleryItem(number, str(tmp_path / name), name, kind, 10, 0.0, "SDXL", missing=missing)
        for number, (name, kind, missing) in enumerate(made)
    ]
    asked: list[str] = []

    async def page(offset: int, limit: int, query: str = "") -> list[GalleryItem]:
        asked.append(query)
        return stand_in.items

    stand_in.gallery.page = page
    editor, heard = show(qtbot, context, field())
    found = picker(editor.from_gallery)
    assert [pick.name for pick in found.model.picks] == ["fox.png"]  # the other kind and what is gone do not fit
    assert asked == ["kind:picture,animation"]
    qtbot.keyClick(found.search, Qt.Key.Key_Return)
    assert heard == [LocalFile(str(tmp_path / "fox.png"))]


def test_a_mask_on_a_picture_of_the_server_is_painted_on_a_copy(
    qtbot: QtBot, context: Context, host: Host, tmp_path: Path
) -> None:
    editor, heard = show(qtbot, context, field(value="fox.png"))
    editor.pasted_folder = tmp_path / "pasted"
    editor.set_host("box")
    qtbot.mouseClick(editor.mask, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(editor.shown_in.findChildren(MaskEditor)))
    (painting,) = editor.shown_in.findChildren(MaskEditor)
    qtbot.waitUntil(lambda: painting.canvas.layer is not None)
    painting.do("fill")
    painting.save()
    qtbot.waitUntil(lambda: bool(heard))
    assert Path(heard[0].path).parent == tmp_path / "pasted" and "_mask_" in heard[0].path


# -- what is off


def test_an_optional_picture_that_is_taken_out_says_that_it_is_off(qtbot: QtBot, context: Context) -> None:
    state = FormState(build(from_prompt(workflow()), SPECS))
    sheet = FormSheet(state, context)
    qtbot.addWidget(sheet)
    sheet.show()
    editor = sheet.rows["2.image"].editors["2.image"]
    qtbot.mouseClick(editor.clear, Qt.MouseButton.LeftButton)
    assert state.values["2.image"] == "" and "off" in editor.note.text()
    assert "off" not in sheet.rows["1.image"].editors["1.image"].note.text()
    editor._take("fox.png")
    assert "off" not in editor.note.text()


# -- a result dropped on a field


def result(number: int = 7) -> QMimeData:
    mime = QMimeData()
    mime.setData(RESULT_DRAG, str(number).encode())
    mime.setUrls([QUrl.fromLocalFile("/pictures/fox.png")])
    return mime


@pytest.fixture
def sheet(qtbot: QtBot, context: Context, stand_in: Any) -> FormSheet:
    async def details(item_id: int) -> dict[str, Any]:
        assert item_id == 7
        return {"prompt": sdxl(1, text="a wolf", seed=2**63), "seed": 2**63}

    stand_in.gallery = SimpleNamespace(details=details)
    made = FormSheet(FormState(build(from_prompt(sdxl()), None)), context)
    qtbot.addWidget(made)
    made.resize(420, 900)
    made.show()
    return made


@pytest.mark.parametrize(("key", "value"), [("1.text", "a wolf"), ("4.seed", 2**63), ("4.cfg", 7.0), ("3.width", 768)])
def test_a_result_gives_a_field_the_value_that_it_was_made_with(
    qtbot: QtBot, sheet: FormSheet, key: str, value: Any
) -> None:
    sheet.state.set(key, "x" if key == "1.text" else 64)
    sheet.refresh([key])
    with qtbot.waitSignal(sheet.edited):
        assert drop(sheet.rows[key], result())
    assert sheet.state.values[key] == value and sheet.rows[key].editors[key].value == value


def test_a_dropped_seed_stays(qtbot: QtBot, sheet: FormSheet) -> None:
    with qtbot.waitSignal(sheet.edited):
        drop(sheet.rows["4.seed"], result())
    assert sheet.state.modes["4.seed"] is SeedMode.FIXED


def test_other_files_over_a_field_are_the_windows(sheet: FormSheet) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile("/pictures/fox.png")])
    assert not drop(sheet.rows["4.seed"], mime)


def test_a_result_beside_a_field_opens_nothing() -> None:
    assert not can_take(result()) and from_mime(result()) is None


def test_a_result_on_a_media_field_is_its_file(qtbot: QtBot, context: Context) -> None:
    editor, heard = show(qtbot, context, field())
    assert drop(editor, result())
    assert heard == [LocalFile("/pictures/fox.png")]


def test_the_newest_results_can_be_dragged_onto_fields(
    qtbot: QtBot, context: Context, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dragged: list[QMimeData] = []

    class Drag(SimpleNamespace):
        def __init__(self, _source: QWidget) -> None:
            super().__init__(setPixmap=lambda _: None, setHotSpot=lambda _: None, exec=lambda _: None)

        def setMimeData(self, mime: QMimeData) -> None:
            dragged.append(mime)

    monkeypatch.setattr(outside, "QDrag", Drag)
    strip = NewestStrip(context)
    qtbot.addWidget(strip)
    strip.model.set_items([GalleryItem(7, str(tmp_path / "fox.png"), "fox.png", "picture", 10, 0.0, "SDXL")])
    index = strip.model.index(0)
    strip.view.setCurrentIndex(index)
    assert index.flags() & Qt.ItemFlag.ItemIsDragEnabled
    strip.view.startDrag(Qt.DropAction.CopyAction)
    assert result_id(dragged[0]) == 7 and dragged[0].urls()[0].toLocalFile().endswith("fox.png")
