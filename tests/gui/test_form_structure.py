"""Choices and lists that bring fields, in the window: what is typed stays, and so does the keyboard."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from comfydesk.gui.context import Context
from comfydesk.gui.form.lora_row import LoraRow
from comfydesk.gui.form.panel import FormPanel
from comfydesk.library.model import WorkflowEntry
from tests.form.test_loras import INFO, LOADER, chained
from tests.form.test_structure import INFO as CHOICES
from tests.gui.stand_in import StandInEngine

HOW, WIDTH, BY, LIST = "30.how", "30.how.width", "30.how.by", "10.loras"


@pytest.fixture
def panel(qtbot: QtBot, context: Context, stand_in: StandInEngine, tmp_path: Path) -> Any:
    """A chain of two LoRAs, and a node whose choice brings fields."""
    prompt = chained().to_prompt()
    prompt["30"] = {
        "class_type": "Resize",
        "inputs": {"how": "box", "how.width": 640, "how.height": 480, "method": "area"},
    }
    file = tmp_path / "choices.json"
    file.write_text(json.dumps(prompt))
    stand_in.entries.append(WorkflowEntry("choices", "choices", str(file), 6, False, 0.0))
    stand_in.info = {**INFO, "LoraLoader": LOADER, **CHOICES}
    made = FormPanel(context)
    qtbot.addWidget(made)
    made.resize(432, 760)
    made.show()
    made.attach(stand_in)
    made.open("choices", "gpu-box")
    qtbot.waitUntil(lambda: made.sheet is not None)
    made.sheet.advanced.section.set_open(True)
    for key in (HOW, WIDTH):
        made.sheet.reveal(key)
    yield made
    made.detach()


def choose(qtbot: QtBot, panel: Any, value: str) -> None:
    panel.sheet.rows[HOW].editors[HOW].combo.choose(value)
    qtbot.waitUntil(lambda: panel.session.workflow.form.structure[HOW] == value)


def listed(panel: Any) -> LoraRow:
    row = panel.sheet.rows[LIST]
    assert isinstance(row, LoraRow)
    return row


def test_another_choice_shows_its_fields_and_keeps_the_keyboard(qtbot: QtBot, panel: Any) -> None:
    combo = panel.sheet.rows[HOW].editors[HOW].combo
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    combo.setFocus()
    choose(qtbot, panel, "factor")
    assert BY in panel.sheet.rows and "30.how.height" not in panel.sheet.rows
    assert QApplication.focusWidget() is combo  # its row is the same one
    assert panel.session.state.values[BY] == 2.0


def test_what_was_typed_comes_back_with_its_field(qtbot: QtBot, panel: Any) -> None:
    line = panel.sheet.rows["30.how.height"].editors["30.how.height"].line
    line.selectAll()
    qtbot.keyClicks(line, "200")
    choose(qtbot, panel, "factor")
    assert "30.how.height" not in panel.session.state.values
    choose(qtbot, panel, "box")
    assert panel.session.state.values["30.how.height"] == 200
    assert panel.sheet.rows["30.how.height"].editors["30.how.height"].value == 200


def test_what_is_chosen_is_queued(qtbot: QtBot, panel: Any, stand_in: StandInEngine) -> None:
    choose(qtbot, panel, "factor")
    workflow, values = panel.session.workflow, panel.session.state.to_queue()
    from comfydesk.form.values import freeze

    sent = freeze(workflow.graph, workflow.form, values)["30"]["inputs"]
    assert sent == {"how": "factor", "how.by": 2.0, "method": "area"}


def test_undoing_a_choice_brings_its_fields_back(qtbot: QtBot, panel: Any) -> None:
    choose(qtbot, panel, "factor")
    panel.edits.undo()
    qtbot.waitUntil(lambda: panel.session.workflow.form.structure[HOW] == "box")
    assert "30.how.height" in panel.session.state.values and BY not in panel.sheet.rows


def test_a_choice_is_there_after_a_restart(qtbot: QtBot, panel: Any, context: Context, stand_in: StandInEngine) -> None:
    choose(qtbot, panel, "factor")
    panel.session.save_draft()
    qtbot.waitUntil(lambda: bool(stand_in.drafts.get("choices")))
    again = FormPanel(context)
    qtbot.addWidget(again)
    again.attach(stand_in)
    again.open("choices", "gpu-box")
    qtbot.waitUntil(lambda: again.session.state is not None and BY in again.session.state.values)
    assert again.session.state.values[HOW] == "factor"
    again.detach()


def test_a_lora_is_added_turned_off_moved_and_taken_out(qtbot: QtBot, panel: Any) -> None:
    assert list(listed(panel).lines) == ["10", "11"]
    listed(panel).list.add.click()
    qtbot.waitUntil(lambda: "31.lora_name" in panel.sheet.rows)
    assert list(listed(panel).lines) == ["10", "11", "31"]
    listed(panel).lines["10"].switch.click()
    qtbot.waitUntil(lambda: panel.session.workflow.form.structure[LIST][0] == ["10", False])
    qtbot.keyClick(listed(panel).lines["31"], Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: list(listed(panel).lines) == ["10", "31", "11"])
    listed(panel).lines["11"].drop.click()
    qtbot.waitUntil(lambda: list(listed(panel).lines) == ["10", "31"])
    assert panel.session.state.values[LIST] == [["10", False], ["31", True]]
    assert all(panel.session.state.values.get(f"31.{name}") is not None for name in ("lora_name", "strength_model"))


def test_every_part_of_the_list_has_a_name(panel: Any) -> None:
    for line in listed(panel).lines.values():
        for part in (line.switch, line.up, line.down, line.drop):
            assert part.accessibleName()
