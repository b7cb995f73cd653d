"""Undo, redo and reset in the form, by key and by menu; outputs that are left out; what the ⋯ menu offers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from comfydesk.form.fields import SeedMode
from comfydesk.gui.context import Context
from comfydesk.gui.form.actions import FormAction, Section
from comfydesk.gui.form.panel import FormPanel
from comfydesk.library.model import WorkflowEntry
from tests.gui.stand_in import NAMES, StandInEngine, object_info

MODEL = "sd_xl_base_1.0.safetensors"
PROMPT, NEGATIVE, SEED, STEPS, CHECKPOINT = "6.text", "7.text", "3.seed", "3.steps", "4.ckpt_name"
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def panel(qtbot: QtBot, context: Context, stand_in: StandInEngine) -> Any:
    """The SDXL starter open on a host that has its model."""
    stand_in.info = object_info([MODEL, *NAMES])
    made = FormPanel(context)
    qtbot.addWidget(made)
    made.resize(432, 760)
    made.show()
    made.attach(stand_in)
    made.open("sdxl", "gpu-box")
    qtbot.waitUntil(lambda: made.sheet is not None)
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.detach()


@pytest.fixture
def two_savers(qtbot: QtBot, panel: Any, stand_in: StandInEngine, tmp_path: Path) -> Any:
    """The same with a second saving node, whose model the host lacks."""
    prompt = json.loads(Path(stand_in.entries[0].path).read_bytes())
    prompt |= {
        "14": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "lost.safetensors"}},
        "18": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["14", 2]}},
        "19": {"class_type": "SaveImage", "inputs": {"images": ["18", 0], "filename_prefix": "second"}},
    }
    file = tmp_path / "two.json"
    file.write_text(json.dumps(prompt), encoding="utf-8")
    stand_in.entries.append(WorkflowEntry("two", "two", str(file), 0, False, 0.0))
    panel.open("two", "gpu-box")
    qtbot.waitUntil(lambda: panel.header.title.text() == "two")
    return panel


def put(panel: Any, key: str, value: Any) -> None:
    """Set a field as if a person did."""
    row = panel.sheet.reveal(key)
    row.set_value(key, value)
    row.edited.emit(key, value)


def words(made: QMenu) -> list[str]:
    return [action.text() for action in made.actions() if not action.isSeparator()]


def test_each_edit_is_taken_back_and_brought_back_by_key(qtbot: QtBot, panel: Any) -> None:
    before = panel.session.state.values[CHECKPOINT]
    panel.footer.runs.value_changed.emit(5)
    put(panel, CHECKPOINT, NAMES[0])
    panel.sheet.rows[SEED].editors[SEED].mode_choice.set_value(SeedMode.FIXED)
    panel.setFocus()
    panel.footer.queue.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(panel.footer.queue, Qt.Key.Key_Z, CTRL)
    assert panel.session.state.modes[SEED] is SeedMode.RANDOM
    qtbot.keyClick(panel.footer.queue, Qt.Key.Key_Z, CTRL)
    assert panel.sheet.rows[CHECKPOINT].editors[CHECKPOINT].value == before
    qtbot.keyClick(panel.footer.queue, Qt.Key.Key_Z, CTRL)
    assert panel.session.state.count == 1 and panel.footer.runs.value == 1
    for keys in ((Qt.Key.Key_Z, CTRL | SHIFT), (Qt.Key.Key_Y, CTRL), (Qt.Key.Key_Z, CTRL | SHIFT)):
        qtbot.keyClick(panel.footer.queue, *keys)
    assert panel.session.state.count == 5 and panel.footer.runs.value == 5
    assert panel.sheet.rows[CHECKPOINT].editors[CHECKPOINT].value == NAMES[0]
    assert panel.session.state.modes[SEED] is SeedMode.FIXED


def test_a_text_box_takes_its_own_letters_back_first_then_the_form_goes_on(qtbot: QtBot, panel: Any) -> None:
    file = panel.session.workflow.form.get(PROMPT).value
    put(panel, STEPS, 30)
    box = panel.sheet.rows[PROMPT].editors[PROMPT].focus_widget()
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "a wolf")
    for _ in range(20):
        if panel.session.state.values[PROMPT] == file:
            break
        qtbot.keyClick(box, Qt.Key.Key_Z, CTRL)
    assert panel.session.state.values[PROMPT] == file and panel.session.state.values[STEPS] == 30
    qtbot.keyClick(box, Qt.Key.Key_Z, CTRL)
    assert panel.session.state.values[STEPS] == 20 and panel.session.state.values[PROMPT] == file
    assert panel.session.history.undo_what is None


def test_putting_all_back_is_one_step_and_its_note_undoes_only_that(qtbot: QtBot, panel: Any) -> None:
    put(panel, STEPS, 30)
    put(panel, PROMPT, "a wolf")
    with qtbot.waitSignal(panel.toast_requested) as toast:
        panel.edits.reset_all()
    assert panel.session.state.changed() == []
    put(panel, STEPS, 40)
    toast.args[2]()  # something else was done meanwhile
    assert panel.session.state.values[STEPS] == 40
    panel.edits.undo()
    panel.edits.undo()
    assert panel.session.state.values[STEPS] == 30 and panel.session.state.values[PROMPT] == "a wolf"


def test_a_group_is_put_back_by_its_heading(qtbot: QtBot, panel: Any) -> None:
    panel.sheet.advanced.section.set_open(True)
    put(panel, "9.filename_prefix", "wolves")
    put(panel, STEPS, 30)
    group = next(g for g in panel.sheet.advanced.groups if any(f.key == "9.filename_prefix" for f in g.fields))
    assert group.reset.isVisible()
    qtbot.waitUntil(lambda: group.reset.width() < 100)  # laid out
    qtbot.mouseClick(group.reset, Qt.MouseButton.LeftButton)
    assert not group.reset.isVisible() and panel.session.state.changed() == [STEPS]


def test_the_history_outlives_a_form_that_is_made_anew(qtbot: QtBot, panel: Any, stand_in: StandInEngine) -> None:
    put(panel, STEPS, 30)
    old = panel.sheet
    stand_in.info = object_info([MODEL, "new.safetensors"])
    panel.session.reopen("gpu-box")
    qtbot.waitUntil(lambda: panel.sheet is not old)
    panel.edits.undo()
    assert panel.sheet.rows[STEPS].editors[STEPS].value == 20


def test_a_seed_that_a_run_drew_is_no_step(qtbot: QtBot, panel: Any) -> None:
    put(panel, STEPS, 30)
    panel.queue()
    qtbot.waitUntil(lambda: SEED in panel.session.state.used)
    drawn = panel.session.state.values[SEED]
    assert panel.session.history.undo_what == "Steps"
    panel.edits.undo()
    assert panel.session.state.values[SEED] == drawn and SEED in panel.session.state.used


def test_the_menu_says_what_would_be_undone_and_holds_what_features_add(qtbot: QtBot, panel: Any) -> None:
    done: list[str] = []
    panel.actions.add(
        Section.OUT,
        FormAction(
            lambda: "Read aloud", entries=lambda: [FormAction(lambda: "JSON & more", lambda: done.append("json"))]
        ),
    )
    made = panel.actions.menu(panel)
    assert words(made)[:2] == ["Undo", "Redo"] and not made.actions()[0].isEnabled()
    put(panel, STEPS, 30)
    made = panel.actions.menu(panel)
    assert words(made)[0] == "Undo: Steps" and "Read aloud" in words(made)
    inner = next(action.menu() for action in made.actions() if action.text() == "Read aloud")
    inner.actions()[0].trigger()
    assert done == ["json"] and inner.actions()[0].text() == "JSON && more"
    made.actions()[0].trigger()
    assert panel.session.state.values[STEPS] == 20


# outputs


def test_one_output_needs_no_tick_boxes(panel: Any) -> None:
    assert panel.sheet.outputs is None


def test_an_output_that_is_not_ticked_is_left_out_and_not_counted(
    qtbot: QtBot, two_savers: Any, stand_in: StandInEngine
) -> None:
    panel = two_savers
    assert panel.footer.queue.headline == "Queue 2 pictures"
    qtbot.waitUntil(lambda: not panel.footer.queue.isEnabled())  # the host lacks the second one's model
    panel.sheet.outputs.boxes["19"].click()
    assert panel.footer.queue.headline == "Queue 1 picture"
    qtbot.waitUntil(panel.footer.queue.isEnabled)
    panel.queue()
    qtbot.waitUntil(lambda: bool(stand_in.presses))
    assert stand_in.presses[0]["targets"] == ("9",)
    panel.session.save_draft()
    qtbot.waitUntil(lambda: stand_in.drafts.get("two", {}).get("skipped") == ["19"])
    panel.edits.undo()
    assert panel.sheet.outputs.boxes["19"].isChecked() and panel.session.state.targets == ()


def test_nothing_ticked_stops_queue_in_words_and_a_click_leads_there(qtbot: QtBot, two_savers: Any) -> None:
    panel = two_savers
    for box in panel.sheet.outputs.boxes.values():
        box.click()
    qtbot.waitUntil(lambda: "No output is ticked" in panel.footer.notice.text())
    assert not panel.footer.queue.isEnabled() and panel.sheet.outputs.nothing.isVisible()
    qtbot.mouseClick(panel.footer.queue, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: next(iter(panel.sheet.outputs.boxes.values())).hasFocus())


def test_a_click_on_the_disabled_button_leads_to_the_field(qtbot: QtBot, panel: Any) -> None:
    put(panel, STEPS, 99999)
    qtbot.waitUntil(lambda: not panel.footer.queue.isEnabled())
    qtbot.mouseClick(panel.footer.queue, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.sheet.rows[STEPS].editors[STEPS].focus_widget().hasFocus())


# defaults


def test_saved_defaults_are_the_file_now_and_undo_brings_file_and_values_back(
    qtbot: QtBot, panel: Any, stand_in: StandInEngine, tmp_path: Path
) -> None:
    original = stand_in.entries[0]
    prompt = json.loads(Path(original.path).read_bytes())

    async def save(opened: Any, values: dict[str, Any], modes: Any) -> str:
        prompt["3"]["inputs"]["steps"] = values[STEPS]
        copy = tmp_path / "sdxl.json"
        copy.write_text(json.dumps(prompt), encoding="utf-8")
        stand_in.entries[0] = replace(original, path=str(copy))
        return "done"

    async def undo(_saved: str) -> None:
        stand_in.entries[0] = original

    stand_in.save_defaults, stand_in.undo_defaults = save, undo
    assert not panel.defaults.can_save
    put(panel, STEPS, 33)
    with qtbot.waitSignal(panel.toast_requested) as toast:
        panel.defaults.save()
    qtbot.waitUntil(lambda: panel.session.state.form.get(STEPS).value == 33)
    assert panel.session.is_expected("sdxl") and toast.args[0] == "Saved as the defaults of “SDXL”"
    assert panel.session.state.changed() == [] and not panel.header.reset.isVisible()
    qtbot.waitUntil(lambda: stand_in.drafts.get("sdxl", {}).get("values") == {})
    toast.args[2]()
    qtbot.waitUntil(lambda: panel.session.state.form.get(STEPS).value == 20)
    assert panel.session.state.values[STEPS] == 33 and panel.session.state.changed() == [STEPS]
    panel.edits.undo()
    assert panel.session.state.values[STEPS] == 20
