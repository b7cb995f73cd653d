"""Every editor: what it shows is what the prompt will have, whatever a person does to it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from comfydesk.form.fields import Field, Issue, Kind, LocalFile, SeedMode
from comfydesk.gui.context import Context
from comfydesk.gui.form.registry import EDITORS, make_editor
from comfydesk.gui.form.seed_editor import MAX_DRAWN


def field(kind: Kind, value: Any, **facts: Any) -> Field:
    return Field("3.x", "3", "x", "Thing", kind, value, **facts)


def show(qtbot: QtBot, context: Context, made: Field) -> tuple[Any, list[Any]]:
    """The editor in a window, and the list of values that it announces."""
    window = QWidget()
    editor = make_editor(made, context)
    QVBoxLayout(window).addWidget(editor)
    qtbot.addWidget(window)
    window.show()
    editor.shown_in = window  # Qt alone does not keep a window that nobody holds
    heard: list[Any] = []
    editor.value_changed.connect(heard.append)
    return editor, heard


def wheel(widget: QWidget, steps: int) -> None:
    at = QPointF(widget.rect().center())
    event = QWheelEvent(
        at,
        widget.mapToGlobal(at),
        QPoint(),
        QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


SAMPLES: list[tuple[Kind, Any, Any, dict[str, Any]]] = [
    (Kind.INT, 20, 2**40, {"min": 0, "max": 2**62}),
    (Kind.FLOAT, 7.0, 0.05, {"min": 0.0, "max": 100.0, "step": 0.01}),
    (Kind.TEXT, "ComfyUI", "a & <b>b</b>", {}),
    (Kind.MULTILINE, "one\r\ntwo\u00a0three", "a red fox\nin snow", {}),
    (Kind.BOOLEAN, True, False, {"label_on": "yes", "label_off": "no"}),
    (Kind.COMBO, "euler", "ddim", {"choices": ("euler", "ddim")}),
    (Kind.COMBO, 1, 2, {"choices": (1, 2)}),
    (Kind.SEED, 2**64 - 1, 0, {"min": 0, "max": 2**64 - 1}),
    (Kind.IMAGE, "example.png", LocalFile("/tmp/a.png"), {"choices": ("example.png",)}),
    (Kind.JSON, [1, None, {"a": 2.5}], {"b": "ü"}, {}),
    (Kind.LINK, ["4", 0], ["5", 1], {"link": "Load Checkpoint"}),
]


@pytest.mark.parametrize(("kind", "first", "second", "facts"), SAMPLES)
def test_a_value_goes_through_an_editor_unchanged_and_unannounced(
    qtbot: QtBot, context: Context, kind: Kind, first: Any, second: Any, facts: dict[str, Any]
) -> None:
    editor, heard = show(qtbot, context, field(kind, first, **facts))
    assert editor.value == first and type(editor.value) is type(first)
    editor.set_value(second)
    assert editor.value == second and type(editor.value) is type(second)
    editor.set_issue(Issue("3.x", "value_choice", {}, "warning"))
    editor.set_issue(None)
    assert heard == []


def test_every_kind_has_an_editor() -> None:
    assert set(EDITORS) == set(Kind)


# numbers


def test_typing_a_number_may_leave_the_soft_range(qtbot: QtBot, context: Context) -> None:
    steps = field(Kind.INT, 20, min=1, max=10000, soft_min=1, soft_max=60)
    editor, heard = show(qtbot, context, steps)
    editor.line.selectAll()
    qtbot.keyClicks(editor.line, "250")
    assert heard[-1] == 250 and editor.value == 250
    assert editor.slider.value() == editor.slider.maximum()


def test_the_slider_moves_by_the_inputs_own_step(qtbot: QtBot, context: Context) -> None:
    editor, heard = show(
        qtbot, context, field(Kind.FLOAT, 7.0, min=0.0, max=100.0, step=0.1, soft_min=1.0, soft_max=15.0)
    )
    editor.slider.setValue(editor.slider.value() + 1)
    assert heard == [7.1] and editor.line.text() == "7.1"


def test_a_typed_fraction_is_rounded_as_the_input_says_when_the_line_is_left(qtbot: QtBot, context: Context) -> None:
    editor, heard = show(qtbot, context, field(Kind.FLOAT, 7.0, min=0.0, max=100.0, step=0.1, round=0.01))
    editor.line.selectAll()
    qtbot.keyClicks(editor.line, "7,12345")
    qtbot.keyClick(editor.line, Qt.Key.Key_Return)
    assert editor.value == 7.12 and heard[-1] == 7.12


def test_text_that_is_no_number_is_said_and_not_taken(qtbot: QtBot, context: Context) -> None:
    editor, heard = show(qtbot, context, field(Kind.INT, 20))
    editor.line.selectAll()
    qtbot.keyClicks(editor.line, "2o")
    assert "2o" in editor.problem and editor.value == 2 and heard == [2]
    editor.line.left.emit()
    assert editor.problem == "" and editor.line.text() == "2"


def test_numbers_beyond_32_bits_stay_whole(qtbot: QtBot, context: Context) -> None:
    editor, heard = show(qtbot, context, field(Kind.INT, 0, min=-(2**63), max=2**63 - 1))
    editor.line.selectAll()
    qtbot.keyClicks(editor.line, str(2**63 - 1))
    qtbot.keyClick(editor.line, Qt.Key.Key_Down)
    assert heard[-2:] == [2**63 - 1, 2**63 - 2]


def test_the_wheel_changes_nothing_that_has_no_focus(qtbot: QtBot, context: Context) -> None:
    editor, heard = show(qtbot, context, field(Kind.INT, 20, min=1, max=100, soft_min=1, soft_max=60))
    editor.line.clearFocus()
    wheel(editor.line, 3)
    wheel(editor.slider, 3)
    assert heard == [] and editor.value == 20


def test_arrow_keys_step_on_the_grid_within_the_limits(qtbot: QtBot, context: Context) -> None:
    editor, heard = show(qtbot, context, field(Kind.INT, 1001, min=16, max=1024, step=8))
    qtbot.keyClick(editor.line, Qt.Key.Key_Up)
    qtbot.keyClick(editor.line, Qt.Key.Key_PageUp)
    assert heard == [1008, 1024]


# text


def test_a_prompt_grows_with_its_lines(qtbot: QtBot, context: Context) -> None:
    editor, _ = show(qtbot, context, field(Kind.MULTILINE, "one"))
    low = editor.box.height()
    editor.box.setFocus()
    editor.box.insertPlainText("\n".join(["two"] * 6))
    qtbot.waitUntil(lambda: editor.box.height() > low + 60)


def test_ctrl_enter_does_not_break_the_line(qtbot: QtBot, context: Context) -> None:
    editor, heard = show(qtbot, context, field(Kind.MULTILINE, "fox"))
    qtbot.keyClick(editor.box, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert editor.value == "fox" and heard == []


def test_typing_a_prompt_announces_each_change(qtbot: QtBot, context: Context) -> None:
    editor, heard = show(qtbot, context, field(Kind.MULTILINE, ""))
    qtbot.keyClicks(editor.box, "fox")
    assert heard == ["f", "fo", "fox"]


def test_pasted_markup_is_text(qtbot: QtBot, context: Context) -> None:
    editor, heard = show(qtbot, context, field(Kind.MULTILINE, ""))
    data = QMimeData()
    data.setHtml("<b>bold</b>")
    data.setText("<b>bold</b>")
    editor.box.insertFromMimeData(data)
    assert heard[-1] == "<b>bold</b>"


# seeds


def test_a_typed_seed_is_kept_by_fixing_it(qtbot: QtBot, context: Context) -> None:
    editor, heard = show(qtbot, context, field(Kind.SEED, 5, seed_mode=SeedMode.RANDOM))
    modes: list[SeedMode] = []
    editor.mode_changed.connect(modes.append)
    editor.line.selectAll()
    qtbot.keyClicks(editor.line, str(2**64 - 1))
    assert heard[-1] == 2**64 - 1 and editor.mode is SeedMode.FIXED and modes == [SeedMode.FIXED]
    assert editor.hint.isVisible()


def test_a_seed_beyond_64_bits_is_refused(qtbot: QtBot, context: Context) -> None:
    editor, heard = show(qtbot, context, field(Kind.SEED, 5))
    editor.line.setText("")
    editor.line.textEdited.emit(str(2**64))
    assert "between" in editor.problem and heard == [] and editor.value == 5


def test_the_dice_draw_a_seed_that_comfyuis_own_page_keeps(qtbot: QtBot, context: Context) -> None:
    editor, heard = show(qtbot, context, field(Kind.SEED, 5))
    qtbot.mouseClick(editor.dice, Qt.MouseButton.LeftButton)
    assert len(heard) == 1 and 0 <= heard[0] <= MAX_DRAWN and editor.mode is SeedMode.FIXED


def test_the_mode_is_chosen_by_a_click_and_shown_without_announcing(qtbot: QtBot, context: Context) -> None:
    editor, _ = show(qtbot, context, field(Kind.SEED, 5))
    modes: list[SeedMode] = []
    editor.mode_changed.connect(modes.append)
    editor.set_mode(SeedMode.INCREMENT)
    assert editor.mode is SeedMode.INCREMENT and modes == []
    editor.mode_choice.set_value(SeedMode.FIXED)
    assert modes == [SeedMode.FIXED]


# the rest


def test_json_is_taken_when_it_is_json(qtbot: QtBot, context: Context) -> None:
    editor, heard = show(qtbot, context, field(Kind.JSON, [1]))
    editor.box.setPlainText("[1, ")
    assert editor.problem and editor.value == [1] and heard == []
    editor.box.setPlainText("[1, NaN]")
    assert editor.problem and heard == []
    editor.box.setPlainText("[1, 2]")
    assert not editor.problem and heard == [[1, 2]]


def test_a_switch_says_its_own_words(qtbot: QtBot, context: Context) -> None:
    editor, heard = show(qtbot, context, field(Kind.BOOLEAN, False, label_on="enable", label_off="disable"))
    qtbot.mouseClick(editor.switch, Qt.MouseButton.LeftButton)
    assert heard == [True] and editor.word.text() == "enable"


def test_a_combo_whose_names_nobody_knows_takes_any_text(qtbot: QtBot, context: Context) -> None:
    editor, heard = show(qtbot, context, field(Kind.COMBO, "euler", choices_known=False))
    editor.line.selectAll()
    qtbot.keyClicks(editor.line, "x")
    assert heard == ["x"]


def test_a_dropped_picture_becomes_a_local_file_with_its_size(
    qtbot: QtBot, context: Context, stand_in: Any, tmp_path: Path
) -> None:
    photo = tmp_path / "photo.png"
    QImage(640, 480, QImage.Format.Format_RGB32).save(str(photo))
    editor, heard = show(qtbot, context, field(Kind.IMAGE, "", upload_kinds=(".png", ".jpg")))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(photo))])
    assert editor.paste(data)
    assert heard == [LocalFile(str(photo))]
    qtbot.waitUntil(lambda: "640 × 480" in editor.note.text())
    qtbot.mouseClick(editor.clear, Qt.MouseButton.LeftButton)
    assert heard[-1] == ""


def test_a_pasted_picture_becomes_a_file_in_the_home(
    qtbot: QtBot, context: Context, stand_in: Any, tmp_path: Path
) -> None:
    editor, heard = show(qtbot, context, field(Kind.IMAGE, ""))
    editor.pasted_folder = tmp_path / "pasted"
    data = QMimeData()
    data.setImageData(QImage(32, 32, QImage.Format.Format_RGB32))
    assert editor.paste(data)
    qtbot.waitUntil(lambda: bool(heard))
    assert Path(heard[0].path).is_file()


def test_a_file_of_another_kind_is_refused_in_words(qtbot: QtBot, context: Context, tmp_path: Path) -> None:
    editor, heard = show(qtbot, context, field(Kind.IMAGE, "", upload_kinds=(".png",)))
    editor.take_file(str(tmp_path / "sound.wav"))
    assert heard == [] and "sound.wav" in editor.problem


def test_a_picked_file_that_is_gone_is_said(qtbot: QtBot, context: Context, stand_in: Any, tmp_path: Path) -> None:
    editor, _ = show(qtbot, context, field(Kind.IMAGE, LocalFile(str(tmp_path / "gone.png"))))
    qtbot.waitUntil(lambda: "gone.png" in editor.problem)


@pytest.mark.parametrize("kind", [Kind.MULTILINE, Kind.TEXT, Kind.INT, Kind.SEED])
def test_a_file_dropped_on_a_field_is_left_to_the_window_and_text_is_taken(
    qtbot: QtBot, context: Context, tmp_path: Path, kind: Kind
) -> None:
    editor, _ = show(qtbot, context, field(kind, 1 if kind in (Kind.INT, Kind.SEED) else "a"))
    target = editor.box.viewport() if kind is Kind.MULTILINE else editor.line
    files, text = QMimeData(), QMimeData()
    files.setUrls([QUrl.fromLocalFile(str(tmp_path / "fox.json"))])
    files.setText(f"file://{tmp_path}/fox.json")  # file managers give the path as text too
    text.setText("7")
    taken = []
    for mime in (files, text):
        event = QDragEnterEvent(
            QPoint(5, 5), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(target, event)
        taken.append(event.isAccepted())
    assert taken == [False, True]


def test_tab_into_a_seed_selects_it(qtbot: QtBot, context: Context) -> None:
    editor, _ = show(qtbot, context, field(Kind.SEED, 14_028_771_930_552))
    editor.shown_in.activateWindow()
    qtbot.waitUntil(editor.shown_in.isActiveWindow)
    editor.line.clearFocus()
    editor.line.setFocus(Qt.FocusReason.TabFocusReason)
    assert editor.line.selectedText() == "14028771930552"


def test_a_number_beyond_the_slider_is_seen_whole(qtbot: QtBot, context: Context) -> None:
    made = field(Kind.INT, 20, min=1, max=10_000, soft_min=1, soft_max=60)
    editor, _ = show(qtbot, context, made)
    editor.shown_in.setFixedWidth(200)
    before = editor.line.width()
    for text in ("9999", "10000"):
        editor.line.selectAll()
        qtbot.keyClicks(editor.line, text)
        assert not editor.line.is_cut() and editor.line.width() == before, "the usual limits always fit"
    editor.set_value(1_234_567_890)
    qtbot.waitUntil(lambda: editor.line.width() > before)
    assert not editor.line.is_cut() and editor.slider.width() >= 40
    editor.set_value(10**30)
    assert editor.line.is_cut() and str(10**30) in editor.line.toolTip()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.MULTILINE, "word " * 800_000),
        (Kind.TEXT, "word " * 800_000),
        (Kind.COMBO, "x" * 4_000_000),
        (Kind.JSON, list(range(500_000))),
    ],
)
def test_a_value_of_megabytes_holds_nothing_up_and_stays_whole(
    qapp: QApplication, qtbot: QtBot, context: Context, kind: Kind, value: Any
) -> None:
    made = field(kind, value, choices=("a",))
    begun = time.thread_time()
    editor, heard = show(qtbot, context, made)
    qapp.processEvents()
    assert time.thread_time() - begun < 0.5
    assert heard == []
    assert editor.value == value or kind is Kind.TEXT  # a line takes 32,767 letters; what is not edited is not taken
