"""The form as a person uses it: editing, mending, queueing, drafts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from comfydesk.form.fields import Field, Form, Group, Kind, LocalFile, Role, SeedMode
from comfydesk.form.shapes import shape_of, sides
from comfydesk.gui.context import Context
from comfydesk.gui.form.advanced import AdvancedSection
from comfydesk.gui.form.field_grid import pairs
from comfydesk.gui.form.panel import FormPanel
from comfydesk.gui.form.state import FormState
from comfydesk.jobs.model import JobError, JobState
from comfydesk.library.model import WorkflowEntry
from tests.gui.stand_in import NAMES, StandInEngine, job, object_info

MODEL = "sd_xl_base_1.0.safetensors"
PROMPT, SEED, STEPS, CHECKPOINT = "6.text", "3.seed", "3.steps", "4.ckpt_name"


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
    yield made
    made.detach()


def type_in(qtbot: QtBot, line: Any, text: str) -> None:
    line.selectAll()
    qtbot.keyClicks(line, text)


def press(qtbot: QtBot, panel: Any) -> None:
    qtbot.mouseClick(panel.footer.queue, Qt.MouseButton.LeftButton)


def activate(qtbot: QtBot, panel: Any) -> None:
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)


def test_the_prompt_typed_is_the_prompt_queued(qtbot: QtBot, panel: Any, stand_in: StandInEngine) -> None:
    box = panel.sheet.rows[PROMPT].editors[PROMPT].box
    activate(qtbot, panel)
    box.setFocus()
    type_in(qtbot, box, "a wolf")
    with qtbot.waitSignal(panel.queued):
        press(qtbot, panel)
    assert stand_in.presses[0]["values"][PROMPT] == "a wolf"
    assert box.hasFocus()  # a click on Queue takes nothing away from who writes


def test_a_new_user_writes_over_the_example(qtbot: QtBot, panel: Any) -> None:
    activate(qtbot, panel)
    panel.keyboard.begin()
    box = panel.sheet.rows[PROMPT].editors[PROMPT].box
    qtbot.waitUntil(lambda: box.hasFocus() and box.textCursor().hasSelection())
    qtbot.keyClicks(box, "a wolf")
    assert panel.session.state.values[PROMPT] == "a wolf"


def test_the_keyboard_stays_with_somebody_who_opens_another_workflow(
    qtbot: QtBot, panel: Any, stand_in: StandInEngine
) -> None:
    activate(qtbot, panel)
    stand_in.info = None
    panel.open("sdxl", "")  # its form is made anew as soon as the host answers
    qtbot.waitUntil(lambda: panel.session.workflow.specs_from == "none")
    panel.keyboard.begin()
    qtbot.waitUntil(panel.sheet.rows[PROMPT].editors[PROMPT].box.hasFocus)
    panel.footer.runs.line.setFocus()
    panel.open("flux-schnell", "gpu-box")
    qtbot.waitUntil(lambda: panel.session.workflow.entry.name == "flux-schnell")
    qtbot.wait(20)  # a jump takes one turn of the loop
    assert panel.footer.runs.line.hasFocus()


def test_a_page_that_gets_the_keyboard_hands_it_to_the_prompt(qtbot: QtBot, panel: Any) -> None:
    activate(qtbot, panel)
    panel.setFocus()
    assert panel.sheet.rows[PROMPT].editors[PROMPT].box.hasFocus()
    assert not panel.sheet.rows[PROMPT].editors[PROMPT].box.textCursor().hasSelection()


def test_the_button_counts_runs_and_files(qtbot: QtBot, panel: Any, stand_in: StandInEngine) -> None:
    type_in(qtbot, panel.footer.runs.line, "8")
    assert panel.footer.queue.headline == "Queue 8 runs · 8 pictures"
    panel.sheet.jump("5.batch_size")
    type_in(qtbot, panel.sheet.rows["5.batch_size"].editors["5.batch_size"].line, "4")
    assert panel.footer.queue.headline == "Queue 8 runs · 32 pictures"
    press(qtbot, panel)
    qtbot.waitUntil(lambda: len(stand_in.queue.rows) == 8)


def test_a_fixed_seed_is_one_run_until_more_seeds_are_asked_for(
    qtbot: QtBot, panel: Any, stand_in: StandInEngine
) -> None:
    type_in(qtbot, panel.footer.runs.line, "8")
    panel.sheet.rows[SEED].editors[SEED].mode_choice.set_value(SeedMode.FIXED)
    assert panel.footer.queue.headline == "Queue 1 picture" and panel.footer.queue.note == "the seed is fixed"
    qtbot.mouseClick(panel.footer.notice_link, Qt.MouseButton.LeftButton)
    assert panel.footer.queue.headline == "Queue 8 runs · 8 pictures"
    press(qtbot, panel)
    qtbot.waitUntil(lambda: len(stand_in.presses) == 1)
    first = panel.session.workflow.form.get(SEED).value
    assert [run.seed for run in stand_in.presses[0]["plan"].runs] == list(range(first, first + 8))


def test_the_seed_box_shows_the_seed_that_was_used_and_fixed_keeps_it(
    qtbot: QtBot, panel: Any, stand_in: StandInEngine
) -> None:
    row = panel.sheet.rows[SEED]
    press(qtbot, panel)
    qtbot.waitUntil(lambda: row.caption.text() == "Seed · last used")
    used = stand_in.presses[0]["plan"].runs[-1].seed
    assert row.editors[SEED].value == used and not row.dot.isVisible()
    row.editors[SEED].mode_choice.set_value(SeedMode.FIXED)
    press(qtbot, panel)
    qtbot.waitUntil(lambda: len(stand_in.presses) == 2)
    assert stand_in.presses[1]["plan"].runs[0].seed == used


def test_a_counting_seed_goes_on_after_the_last_one(qtbot: QtBot, panel: Any, stand_in: StandInEngine) -> None:
    editor = panel.sheet.rows[SEED].editors[SEED]
    editor.mode_choice.set_value(SeedMode.INCREMENT)
    first = editor.value
    for count in (1, 2):
        press(qtbot, panel)
        qtbot.waitUntil(lambda: len(stand_in.presses) == count and SEED in panel.session.state.used)  # noqa: B023
    assert [each["plan"].runs[0].seed for each in stand_in.presses] == [first, first + 1]


def test_a_missing_model_is_mended_by_one_click(qtbot: QtBot, panel: Any, stand_in: StandInEngine) -> None:
    stand_in.info = object_info(NAMES)
    panel.open("sdxl", "gpu-box")
    row = panel.sheet.rows[CHECKPOINT]
    qtbot.waitUntil(lambda: panel.sheet.rows[CHECKPOINT].issue_line.isVisible())
    row = panel.sheet.rows[CHECKPOINT]
    assert row.issue_line.sentence.text() == "sd_xl_base_1.0 is not on this server."
    assert not panel.footer.queue.isEnabled() and "Checkpoint" in panel.footer.queue.note
    qtbot.mouseClick(row.issue_line.use, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(panel.footer.queue.isEnabled)
    assert row.editors[CHECKPOINT].value in NAMES and not row.issue_line.isVisible() and row.dot.isVisible()
    press(qtbot, panel)
    qtbot.waitUntil(lambda: bool(stand_in.presses))
    assert stand_in.presses[0]["values"][CHECKPOINT] in NAMES


def test_a_missing_model_is_mended_at_the_queue_button_too(qtbot: QtBot, panel: Any, stand_in: StandInEngine) -> None:
    stand_in.info = object_info(NAMES)
    panel.open("sdxl", "gpu-box")
    fix = panel.footer.fix
    qtbot.waitUntil(fix.isVisible)  # its field may be out of sight
    assert fix.sentence.text() == "Checkpoint: sd_xl_base_1.0 is not on this server."
    assert not panel.footer.notice.isVisible()
    qtbot.mouseClick(fix.use, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(panel.footer.queue.isEnabled)
    assert not fix.isVisible()


def test_a_broken_number_stops_queue_and_the_link_jumps_to_it(
    qtbot: QtBot, panel: Any, stand_in: StandInEngine
) -> None:
    editor = panel.sheet.rows[STEPS].editors[STEPS]
    type_in(qtbot, editor.line, "2o")
    assert not panel.footer.queue.isEnabled() and "Steps" in panel.footer.notice.text()
    panel.queue()
    assert stand_in.presses == []
    qtbot.mouseClick(panel.footer.notice_link, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: editor.line.selectedText() != "" or editor.line.hasFocus())


def test_a_value_out_of_range_stops_queue(qtbot: QtBot, panel: Any) -> None:
    type_in(qtbot, panel.sheet.rows[STEPS].editors[STEPS].line, "99999")
    qtbot.waitUntil(lambda: not panel.footer.queue.isEnabled())
    assert panel.sheet.rows[STEPS].issue_line.isVisible()


def test_a_dot_marks_a_change_and_a_click_puts_it_back(qtbot: QtBot, panel: Any) -> None:
    row = panel.sheet.rows[STEPS]
    type_in(qtbot, row.editors[STEPS].line, "30")
    assert row.dot.isVisible() and panel.header.reset.isVisible()
    qtbot.mouseClick(row.dot, Qt.MouseButton.LeftButton)
    assert row.editors[STEPS].value == 20 and not row.dot.isVisible() and not panel.header.reset.isVisible()


def test_putting_all_back_can_be_undone(qtbot: QtBot, panel: Any) -> None:
    type_in(qtbot, panel.sheet.rows[STEPS].editors[STEPS].line, "30")
    with qtbot.waitSignal(panel.toast_requested) as toast:
        qtbot.mouseClick(panel.header.reset, Qt.MouseButton.LeftButton)
    assert panel.session.state.values[STEPS] == 20
    toast.args[2]()
    assert panel.sheet.rows[STEPS].editors[STEPS].value == 30


def test_what_was_typed_is_there_after_a_restart(
    qtbot: QtBot, panel: Any, context: Context, stand_in: StandInEngine
) -> None:
    type_in(qtbot, panel.sheet.rows[PROMPT].editors[PROMPT].box, "a wolf")
    type_in(qtbot, panel.footer.runs.line, "3")
    panel.detach()
    qtbot.waitUntil(lambda: "sdxl" in stand_in.drafts)
    again = FormPanel(context)
    qtbot.addWidget(again)
    again.show()
    again.attach(stand_in)
    again.open("sdxl", "gpu-box")
    qtbot.waitUntil(lambda: again.sheet is not None)
    assert again.sheet.rows[PROMPT].editors[PROMPT].value == "a wolf"
    assert again.session.state.count == 3 and again.footer.runs.value == 3
    again.detach()


def test_what_is_typed_outlives_a_host_that_comes_back(qtbot: QtBot, panel: Any, stand_in: StandInEngine) -> None:
    type_in(qtbot, panel.sheet.rows[PROMPT].editors[PROMPT].box, "a wolf")
    old = panel.sheet
    stand_in.info = object_info([MODEL, "new.safetensors"])
    panel.session.reopen("gpu-box")
    qtbot.waitUntil(lambda: panel.sheet is not old)
    assert panel.sheet.rows[PROMPT].editors[PROMPT].value == "a wolf"
    assert "new.safetensors" in panel.sheet.rows[CHECKPOINT].editors[CHECKPOINT].combo.choices


def test_what_the_server_rejected_is_said_under_its_field_and_does_not_block(
    qtbot: QtBot, panel: Any, stand_in: StandInEngine
) -> None:
    error = JobError("rejected", "Value 1 smaller than min of 2.", "Correct it.", "3", "KSampler", field=STEPS)
    panel.session.rejected(job(1, JobState.FAILED, error=error))
    row = panel.sheet.rows[STEPS]
    assert row.issue_line.isVisible() and "smaller than" in row.issue_line.sentence.text()
    assert panel.footer.queue.isEnabled()
    type_in(qtbot, row.editors[STEPS].line, "4")
    qtbot.waitUntil(lambda: not row.issue_line.isVisible())


def test_advanced_fields_are_made_when_they_are_opened(qtbot: QtBot, panel: Any) -> None:
    assert "3.denoise" not in panel.sheet.rows
    panel.sheet.advanced.section.set_open(True)
    type_in(qtbot, panel.sheet.rows["3.denoise"].editors["3.denoise"].line, "0.5")
    assert panel.session.state.values["3.denoise"] == 0.5


def test_a_tooltip_from_a_server_is_text(panel: Any) -> None:
    assert "&lt;b&gt;text&lt;/b&gt;" in panel.sheet.rows[PROMPT].toolTip()


def test_a_workflow_that_cannot_be_read_is_said_in_the_panel(
    qtbot: QtBot, panel: Any, stand_in: StandInEngine, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{", encoding="utf-8")
    stand_in.entries.append(WorkflowEntry("broken", "broken", str(broken), 0, False, 0.0))
    panel.open("broken", "gpu-box")
    qtbot.waitUntil(panel.problem.isVisible)
    assert "JSON" in panel.problem.sentence.text() and panel.header.title.text() == "SDXL"


# groups, sizes and state


def many(count: int) -> Form:
    fields = tuple(
        Field(f"{n // 10}.f{n}", str(n // 10), f"f{n}", f"Field {n}", Kind.INT, n, min=0, max=999) for n in range(count)
    )
    groups = tuple(
        Group(str(g), f"Node {g}", "Node", tuple(f.key for f in fields if f.node_id == str(g)))
        for g in range(count // 10 + 1)
    )
    return Form(fields, (), groups, by_key={f.key: f for f in fields})


def test_many_fields_are_folded_by_node_and_found_by_name(qtbot: QtBot, context: Context) -> None:
    form = many(131)
    section = AdvancedSection(form, context)
    qtbot.addWidget(section)
    section.show()
    rows: list[Any] = []
    section.row_made.connect(rows.append)
    section.section.set_open(True)
    assert len(section.groups) == 14 and rows == []
    section.show_only({"7.f77", "9.gone"})
    shown = [group for group in section.groups if group.isVisible()]
    assert [group.group.title for group in shown] == ["Node 7"]
    qtbot.waitUntil(lambda: [row.field.label for row in rows if row.isVisible()] == ["Field 77"])
    section.show_only(set())
    assert section.isHidden()
    section.show_only(None)
    assert all(group.isVisible() for group in section.groups)
    assert section.section.is_open and not any(group.section.is_open for group in section.groups)


def test_width_and_height_of_one_node_are_one_row() -> None:
    width = Field("5.width", "5", "width", "Width", Kind.INT, 1024, Role.WIDTH)
    height = Field("5.height", "5", "height", "Height", Kind.INT, 1024, Role.HEIGHT)
    steps = Field("3.steps", "3", "steps", "Steps", Kind.INT, 20, Role.STEPS)
    assert pairs([height, width, steps]) == [(width, height), (steps,)]


def test_shapes_keep_about_the_same_number_of_pixels() -> None:
    assert sides((1, 1), 1024 * 1024, 64) == (1024, 1024)
    assert sides((16, 9), 1024 * 1024, 64) == (1344, 768)
    assert shape_of(1344, 768) == (16, 9) and shape_of(1000, 300) is None


def test_choosing_a_shape_and_swapping_sets_both_sides(qtbot: QtBot, panel: Any) -> None:
    row = panel.sheet.rows["5.width"]
    row.shape.activated.emit(row.shape.findText("16:9 Wide"))
    values = panel.session.state.values
    assert (values["5.width"], values["5.height"]) == (1344, 768)
    qtbot.mouseClick(row.swap, Qt.MouseButton.LeftButton)
    assert (values["5.width"], values["5.height"]) == (768, 1344)
    assert row.shape.currentText() == "9:16 Tall"


def test_a_draft_survives_json_and_nonsense() -> None:
    photo = Field("1.image", "1", "image", "Image", Kind.IMAGE, "a.png")
    seed = Field("3.seed", "3", "seed", "Seed", Kind.SEED, 5, seed_mode=SeedMode.RANDOM)
    form = Form((photo, seed), ("1.image", "3.seed"), (), by_key={"1.image": photo, "3.seed": seed})
    state = FormState(form)
    state.set("1.image", LocalFile("/x/b.png"))
    state.set("3.seed", 2**64 - 1)
    state.set_mode("3.seed", SeedMode.FIXED)
    state.count = 4
    again = FormState(form, json.loads(json.dumps(state.draft())))
    assert again.values == state.values and again.modes == state.modes and again.count == 4
    for nonsense in ({}, {"values": 3, "modes": {"3.seed": "x"}, "used": 5, "count": True}, {"values": {"9.z": 1}}):
        assert FormState(form, nonsense).values == {"1.image": "a.png", "3.seed": 5}


def test_seeds_that_are_equal_in_the_file_move_together() -> None:
    seeds = tuple(Field(f"{n}.seed", str(n), "seed", f"Seed {n}", Kind.SEED, 5, seed_group="a") for n in (1, 2))
    state = FormState(Form(seeds, (), (), by_key={f.key: f for f in seeds}))
    assert state.set("1.seed", 9) == ["1.seed", "2.seed"] and state.values["2.seed"] == 9
    state.set_mode("2.seed", SeedMode.FIXED)
    assert set(state.modes.values()) == {SeedMode.FIXED}


def test_the_clipboard_is_left_alone(qtbot: QtBot, panel: Any) -> None:
    QApplication.clipboard().setText("kept")
    press(qtbot, panel)
    assert QApplication.clipboard().text() == "kept"
