"""Editors for colours, boxes, curves, palettes, several choices and growing inputs: by pointer and by keyboard."""

from __future__ import annotations

import time
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from comfydesk.form.fields import Field, Kind
from comfydesk.gui.context import Context
from comfydesk.gui.form.registry import make_editor
from comfydesk.gui.form.upload_files import Look
from comfydesk.gui.widgets.combo import MultiCombo, SearchableCombo

LEFT = Qt.MouseButton.LeftButton


def show(qtbot: QtBot, context: Context, kind: Kind, value: Any, **facts: Any) -> tuple[Any, list[Any]]:
    window = QWidget()
    editor = make_editor(Field("3.x", "3", "x", "Thing", kind, value, **facts), context)
    QVBoxLayout(window).addWidget(editor)
    qtbot.addWidget(window)
    window.resize(420, window.sizeHint().height())
    window.show()
    editor.shown_in = window
    heard: list[Any] = []
    editor.value_changed.connect(heard.append)
    return editor, heard


@pytest.mark.parametrize(
    ("text", "value"), [("1024*1.5", 1536), ("(512+64)*2", 1152), ("1000/3", 333), ("2×8", 16), ("-4+1", -3)]
)
def test_a_whole_number_may_be_a_sum(qtbot: QtBot, context: Context, text: str, value: int) -> None:
    editor, heard = show(qtbot, context, Kind.INT, 1)
    editor.line.selectAll()
    qtbot.keyClicks(editor.line, text)
    qtbot.keyClick(editor.line, Qt.Key.Key_Return)
    assert editor.value == value == heard[-1] and editor.line.text() == str(value) and editor.problem == ""


def test_half_a_sum_is_no_number_yet(qtbot: QtBot, context: Context) -> None:
    editor, _heard = show(qtbot, context, Kind.FLOAT, 1.0)
    editor.line.selectAll()
    qtbot.keyClicks(editor.line, "7*")
    assert editor.problem and editor.value == 7.0


def test_a_colour_is_typed_or_picked(qtbot: QtBot, context: Context) -> None:
    editor, heard = show(qtbot, context, Kind.TEXT, "#ff8800", display="color")
    editor.line.selectAll()
    qtbot.keyClicks(editor.line, "#0F0")
    assert heard[-1] == editor.value == "#00ff00"
    qtbot.keyClicks(editor.line, "zz")
    assert editor.problem and editor.value == "#00ff00"
    qtbot.keyClick(editor.line, Qt.Key.Key_Return)
    assert editor.line.text() == "#00ff00" and editor.problem == ""
    qtbot.keyClick(editor.swatch, Qt.Key.Key_Space)
    assert editor.dialog is not None and not editor.dialog.isModal()
    editor.dialog.setCurrentColor(QColor("#123456"))
    assert heard[-1] == "#123456"
    editor.dialog.close()


def test_a_colour_that_counts_stays_a_number(qtbot: QtBot, context: Context) -> None:
    editor, heard = show(qtbot, context, Kind.INT, 255, display="color", max=0xFFFFFF)
    assert editor.line.text() == "#0000ff"
    editor.line.selectAll()
    qtbot.keyClicks(editor.line, "#010000")
    assert heard[-1] == editor.value == 65536


def test_a_colour_of_another_spelling_is_kept(qtbot: QtBot, context: Context) -> None:
    editor, heard = show(qtbot, context, Kind.TEXT, "rgb(1, 2, 3)", display="color")
    assert editor.value == "rgb(1, 2, 3)" and not heard


BOX = {"x": 10, "y": 20, "width": 100, "height": 50, "label": "face"}


def test_a_box_is_typed_and_keeps_what_else_it_says(qtbot: QtBot, context: Context) -> None:
    editor, heard = show(qtbot, context, Kind.JSON, BOX, display="bounding_box")
    editor.sides["width"].line.selectAll()
    qtbot.keyClicks(editor.sides["width"].line, "64")
    assert heard[-1] == {**BOX, "width": 64} and editor.value == heard[-1]
    assert editor.canvas.isHidden()


def test_a_box_is_drawn_moved_and_sized_on_its_picture(qtbot: QtBot, context: Context) -> None:
    editor, heard = show(qtbot, context, Kind.JSON, BOX, display="bounding_box")
    thumbnail = QImage(200, 100, QImage.Format.Format_RGB32)
    thumbnail.fill(0)
    editor._looked(Look(1, 400, 200, thumbnail))
    canvas = editor.canvas
    assert not canvas.isHidden()
    canvas.resize(406, canvas.height())
    room = canvas._place()
    corner, other = room.topLeft().toPoint() + QPoint(200, 90), room.topLeft().toPoint() + QPoint(260, 120)
    qtbot.mousePress(canvas, LEFT, pos=corner)
    qtbot.mouseMove(canvas, other)
    qtbot.mouseRelease(canvas, LEFT, pos=other)
    scale = 400 / room.width()
    assert heard[-1]["width"] == pytest.approx(60 * scale, abs=2 * scale)
    before = dict(editor.value)
    qtbot.keyClick(canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert editor.value["x"] == before["x"] - 1
    qtbot.keyClick(canvas, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert editor.value["height"] == before["height"] + 8
    for _ in range(60):
        qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert editor.value["x"] + editor.value["width"] == 400  # never out of the picture


def test_boxes_are_added_told_about_and_taken_away(qtbot: QtBot, context: Context) -> None:
    first = {"x": 1, "y": 2, "width": 3, "height": 4, "metadata": {"type": "obj", "palette": ["#112233"]}}
    editor, heard = show(qtbot, context, Kind.JSON, [first], display="bounding_boxes")
    editor.add.click()
    assert len(heard[-1]) == 2 and heard[-1][0] == first
    qtbot.keyClicks(editor.parts[0].lines["text"], "Hi")
    assert heard[-1][0]["metadata"] == {"type": "text", "palette": ["#112233"], "text": "Hi"}
    editor.parts[1].box.sides["width"].line.selectAll()
    qtbot.keyClicks(editor.parts[1].box.sides["width"].line, "64")
    assert heard[-1][1]["width"] == 64
    editor.remove(0)
    assert len(editor.value) == 1 and editor.value == heard[-1] and editor.parts[0].lines["text"].text() == ""


CURVE = {"points": [[0, 0], [1, 1]], "interpolation": "monotone_cubic"}


def test_a_curve_is_made_with_the_keyboard_alone(qtbot: QtBot, context: Context) -> None:
    editor, heard = show(qtbot, context, Kind.JSON, CURVE, display="curve")
    canvas = editor.canvas
    qtbot.keyClick(canvas, Qt.Key.Key_Insert)
    assert heard[-1]["points"] == [[0, 0], [0.5, 0.5], [1, 1]]
    qtbot.keyClick(canvas, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert heard[-1]["points"][1] == [0.5, 0.6]
    qtbot.keyClick(canvas, Qt.Key.Key_PageDown)
    qtbot.keyClick(canvas, Qt.Key.Key_Down)
    assert heard[-1]["points"][2] == [1, 0.99]
    qtbot.keyClick(canvas, Qt.Key.Key_PageUp)
    qtbot.keyClick(canvas, Qt.Key.Key_Delete)
    assert heard[-1]["points"] == [[0, 0], [1, 0.99]]
    qtbot.keyClick(canvas, Qt.Key.Key_Delete)
    assert len(editor.value["points"]) == 2  # a curve has two ends


def test_a_curve_is_drawn_with_the_pointer(qtbot: QtBot, context: Context) -> None:
    editor, heard = show(qtbot, context, Kind.JSON, CURVE, display="curve")
    canvas = editor.canvas
    at = canvas._pixel(0.5, 0.8).toPoint()
    qtbot.mouseDClick(canvas, LEFT, pos=at)
    assert len(heard[-1]["points"]) == 3 and heard[-1]["points"][1][1] == pytest.approx(0.8, abs=0.02)
    qtbot.mousePress(canvas, LEFT, pos=at)
    qtbot.mouseMove(canvas, canvas._pixel(0.9, 0.1).toPoint())
    qtbot.mouseRelease(canvas, LEFT)
    assert heard[-1]["points"][1][0] == pytest.approx(0.9, abs=0.02)
    qtbot.mouseClick(canvas, Qt.MouseButton.RightButton, pos=canvas._pixel(0.9, 0.1).toPoint())
    assert len(heard[-1]["points"]) == 2
    editor.joined.value_changed.emit("linear")
    assert heard[-1]["interpolation"] == "linear"


def test_a_curve_keeps_the_spelling_that_it_had(qtbot: QtBot, context: Context) -> None:
    wrapped = {"__type__": "CURVE", "__value__": [[0, 0], [1, 1]]}
    editor, heard = show(qtbot, context, Kind.JSON, wrapped, display="curve")
    assert editor.value == wrapped
    qtbot.keyClick(editor.canvas, Qt.Key.Key_Insert)
    assert heard[-1] == {"__type__": "CURVE", "__value__": [[0, 0], [0.5, 0.5], [1, 1]]}


def test_a_palette_gains_and_loses_colours(qtbot: QtBot, context: Context) -> None:
    editor, heard = show(qtbot, context, Kind.JSON, ["#112233"], display="colors")
    editor.add.click()
    assert heard[-1] == ["#112233", "#112233"]
    editor.editors[1].line.selectAll()
    qtbot.keyClicks(editor.editors[1].line, "#445566")
    assert heard[-1] == ["#112233", "#445566"]
    editor.remove(0)
    assert heard[-1] == editor.value == ["#445566"]


def test_several_choices_are_ticked_in_one_list(qtbot: QtBot, context: Context) -> None:
    choices = ("hair", "eyes", "hands")
    editor, heard = show(qtbot, context, Kind.JSON, ["eyes", "gone"], multiple=True, choices=choices)
    combo: MultiCombo = editor.combo
    combo.showPopup()
    popup = combo.popup
    assert popup is not None
    qtbot.keyClick(popup, Qt.Key.Key_Return)
    assert heard[-1] == ["hair", "eyes", "gone"] and combo.popup is popup  # the list stays open
    qtbot.keyClick(popup, Qt.Key.Key_Down)
    qtbot.keyClick(popup, Qt.Key.Key_Return)
    assert heard[-1] == ["hair", "gone"]
    qtbot.keyClick(popup, Qt.Key.Key_Escape)
    assert combo.popup is None and combo.currentText() == "hair, gone"


def test_a_growing_input_counts_by_keys_and_buttons(qtbot: QtBot, context: Context) -> None:
    editor, heard = show(qtbot, context, Kind.GROW, ["a"], choices=("a", "b"))
    editor.more.click()
    assert heard[-1] == ["a", "b"] and not editor.more.isEnabled()
    qtbot.keyClick(editor, Qt.Key.Key_Minus)
    assert heard[-1] == ["a"] and editor.said.text() == "1 field"


def folders(count: int) -> list[str]:
    return [f"style {number % 40}/set {number % 7}/name {number}.safetensors" for number in range(count)]


def test_folders_in_names_are_a_tree_that_keys_open(qtbot: QtBot, context: Context) -> None:
    names = ["b/x.pt", "b\\y.pt", "a.pt", "b/deep/z.pt"]
    editor, heard = show(qtbot, context, Kind.COMBO, "a.pt", choices=tuple(names))
    combo: SearchableCombo = editor.combo
    combo.showPopup()
    popup = combo.popup
    assert popup is not None
    rows = [popup.model.index(row).data().strip() for row in range(popup.model.rowCount())]
    assert rows == ["▸ b · 3", "a.pt"]
    qtbot.keyClick(popup, Qt.Key.Key_Up)
    qtbot.keyClick(popup, Qt.Key.Key_Right)
    rows = [popup.model.index(row).data().strip() for row in range(popup.model.rowCount())]
    assert rows == ["▾ b · 3", "▸ deep · 1", "x.pt", "y.pt", "a.pt"]
    qtbot.keyClick(popup, Qt.Key.Key_Down)
    qtbot.keyClick(popup, Qt.Key.Key_Down)
    qtbot.keyClick(popup, Qt.Key.Key_Left)  # closes the folder that the name is in
    assert popup.model.rowCount() == 2 and popup.list.currentIndex().row() == 0
    qtbot.keyClick(popup, "z")  # a short list has no search line until one types
    qtbot.keyClicks(popup.search, "pt")
    assert popup.model.rowCount() == 1 and popup.list.currentIndex().data() == "b/deep/z.pt"
    qtbot.keyClick(popup.search, Qt.Key.Key_Return)
    assert heard == ["b/deep/z.pt"]


def test_two_thousand_names_open_at_once(qtbot: QtBot, context: Context) -> None:
    names = folders(2000)
    editor, _heard = show(qtbot, context, Kind.COMBO, names[1500], choices=tuple(names))
    spent = []
    for _ in range(3):
        start = time.process_time()
        editor.combo.showPopup()
        spent.append(time.process_time() - start)
        assert editor.combo.popup.list.currentIndex().data().strip() == "name 1500.safetensors"
        editor.combo.hidePopup()
    assert min(spent) < 0.05
