"""Several workflows open in tabs above the form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTabBar
from pytestqt.qtbot import QtBot

from comfydesk.gui.context import Context
from comfydesk.gui.create.page import CreatePage
from comfydesk.gui.create.tab_list import TabList
from comfydesk.library.model import LibraryChanged, WorkflowEntry
from tests.gui.stand_in import HOST, NAMES, StandInEngine, StandInStates, object_info

STEPS, PROMPT = "3.steps", "6.text"
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def page(qtbot: QtBot, context: Context, stand_in: StandInEngine) -> Any:
    stand_in.info = object_info(["sd_xl_base_1.0.safetensors", *NAMES])
    for name in "abcde":
        stand_in.entries.append(WorkflowEntry(name, name.upper(), stand_in.entries[0].path, 7, False, 0.0))
    made = CreatePage(context)
    qtbot.addWidget(made)
    made.resize(1367, 850)
    made.show()
    made.set_states(StandInStates(HOST))
    made.attach(stand_in)
    qtbot.waitUntil(lambda: shown(made) == "SDXL")
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.detach()


def shown(page: Any) -> str:
    return page.form.header.title.text() if page.form.sheet is not None else ""


def titles(page: Any) -> list[str]:
    return [page.tabs.bar.tabText(place) for place in range(page.tabs.bar.count())]


def put(page: Any, key: str, value: Any) -> None:
    row = page.form.sheet.reveal(key)
    row.set_value(key, value)
    row.edited.emit(key, value)


def open_aside(qtbot: QtBot, page: Any, name: str) -> None:
    page.library.tab_requested.emit(name)
    qtbot.waitUntil(lambda: shown(page) == name.upper())


def test_one_workflow_has_no_tab_bar_and_another_takes_its_place(qtbot: QtBot, page: Any) -> None:
    assert not page.tabs.bar.isVisible()
    page.open_workflow("a")
    qtbot.waitUntil(lambda: shown(page) == "A")
    assert not page.tabs.bar.isVisible() and page.tabs.list.names == ["a"]


def test_each_tab_keeps_what_was_typed_its_history_and_its_widgets(qtbot: QtBot, page: Any) -> None:
    put(page, STEPS, 30)
    first = page.form.sheet
    open_aside(qtbot, page, "a")
    assert titles(page) == ["SDXL", "A"] and page.tabs.bar.isVisible()
    assert page.form.session.state.values[STEPS] == 20
    put(page, STEPS, 40)
    page.tabs.bar.setCurrentIndex(0)
    assert shown(page) == "SDXL" and page.form.sheet is first  # at once: nothing is asked first
    assert page.form.session.state.values[STEPS] == 30
    page.form.edits.undo()
    assert page.form.session.state.values[STEPS] == 20
    qtbot.keyClick(page.form, Qt.Key.Key_Tab, CTRL)
    qtbot.waitUntil(lambda: shown(page) == "A")
    assert page.form.session.state.values[STEPS] == 40 and page.form.session.history.undo_what == "Steps"


def test_opening_what_is_open_goes_to_its_tab(qtbot: QtBot, page: Any) -> None:
    open_aside(qtbot, page, "a")
    page.open_workflow("sdxl")
    qtbot.waitUntil(lambda: shown(page) == "SDXL")
    assert titles(page) == ["SDXL", "A"] and page.tabs.bar.currentIndex() == 0


def test_a_tab_is_closed_by_its_cross_by_the_middle_button_and_by_key(qtbot: QtBot, page: Any) -> None:
    for name in "abc":
        open_aside(qtbot, page, name)
    bar = page.tabs.bar
    bar.tabButton(3, QTabBar.ButtonPosition.RightSide).click()
    qtbot.waitUntil(lambda: shown(page) == "B")
    qtbot.mouseClick(bar, Qt.MouseButton.MiddleButton, pos=bar.tabRect(0).center())
    assert titles(page) == ["A", "B"] and shown(page) == "B"
    assert page.close_tab()
    qtbot.waitUntil(lambda: shown(page) == "A")
    assert not page.close_tab() and not bar.isVisible()  # the last one stays: the window closes instead


def test_what_was_typed_in_a_closed_tab_is_kept(qtbot: QtBot, page: Any, stand_in: StandInEngine) -> None:
    open_aside(qtbot, page, "a")
    put(page, STEPS, 44)
    page.close_tab()
    qtbot.waitUntil(lambda: stand_in.drafts.get("a", {}).get("values") == {STEPS: 44})
    open_aside(qtbot, page, "a")
    assert page.form.session.state.values[STEPS] == 44


def test_only_the_sheets_used_last_keep_their_widgets(qtbot: QtBot, page: Any) -> None:
    for name in "abcde":
        open_aside(qtbot, page, name)
        put(page, STEPS, 50)
    assert len(list(page.form._pages)) == 4
    page.open_workflow("a")
    qtbot.waitUntil(lambda: shown(page) == "A")
    assert page.form.session.state.values[STEPS] == 50
    assert page.form.sheet.rows[STEPS].editors[STEPS].value == 50


def test_tabs_come_back_at_the_next_start(qtbot: QtBot, page: Any, context: Context, stand_in: StandInEngine) -> None:
    open_aside(qtbot, page, "b")
    open_aside(qtbot, page, "c")
    page.tabs.bar.moveTab(2, 0)
    page.detach()
    again = CreatePage(context)
    qtbot.addWidget(again)
    again.resize(1367, 850)
    again.show()
    again.set_states(StandInStates(HOST))
    again.attach(stand_in)
    qtbot.waitUntil(lambda: shown(again) == "C")
    assert titles(again) == ["C", "SDXL", "B"] and again.tabs.bar.isVisible()
    again.detach()


def test_a_workflow_that_is_removed_loses_its_tab(qtbot: QtBot, page: Any, stand_in: StandInEngine) -> None:
    open_aside(qtbot, page, "a")
    open_aside(qtbot, page, "b")
    stand_in.entries = [entry for entry in stand_in.entries if entry.name != "b"]
    stand_in.announce(LibraryChanged())
    qtbot.waitUntil(lambda: shown(page) == "A")
    assert titles(page) == ["SDXL", "A"]


def test_a_workflow_that_cannot_be_opened_gets_no_tab(
    qtbot: QtBot, page: Any, stand_in: StandInEngine, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{", encoding="utf-8")
    stand_in.entries.append(WorkflowEntry("broken", "broken", str(broken), 0, False, 0.0))
    open_aside(qtbot, page, "a")
    page.library.tab_requested.emit("broken")
    qtbot.waitUntil(page.form.problem.isVisible)
    assert titles(page) == ["SDXL", "A"] and shown(page) == "A"


def test_queue_by_key_works_in_every_tab_and_leaves_the_focus_in_the_prompt(
    qtbot: QtBot, page: Any, stand_in: StandInEngine
) -> None:
    open_aside(qtbot, page, "a")
    for number, name in enumerate(("SDXL", "A")):
        page.tabs.bar.setCurrentIndex(number)
        qtbot.waitUntil(lambda: page.form.footer.queue.isEnabled())
        box = page.form.sheet.rows[PROMPT].editors[PROMPT].focus_widget()
        box.setFocus()
        keys = Qt.KeyboardModifier.ShiftModifier if number else Qt.KeyboardModifier.NoModifier
        with qtbot.waitSignal(page.form.queued):
            qtbot.keyClick(box, Qt.Key.Key_Return, CTRL | keys)
        assert box.hasFocus() and stand_in.presses[-1]["front"] is bool(number), name


def test_who_writes_goes_on_writing_in_the_other_tab(qtbot: QtBot, page: Any) -> None:
    page.form.sheet.rows[PROMPT].editors[PROMPT].focus_widget().setFocus()
    open_aside(qtbot, page, "a")
    assert page.form.sheet.rows[PROMPT].editors[PROMPT].focus_widget().hasFocus()
    steps = page.form.sheet.rows[STEPS].editors[STEPS].focus_widget()
    steps.setFocus()
    for title in ("SDXL", "A"):
        page.tabs.step(1)
        qtbot.waitUntil(lambda: shown(page) == title)  # noqa: B023
    assert steps.hasFocus()


# the list


def test_the_list_of_tabs() -> None:
    tabs = TabList()
    for name in ("a", "b", "c"):
        tabs.open(name, new=True)
    tabs.open("a")
    tabs.open("d", new=True)
    assert tabs.names == ["a", "d", "b", "c"] and tabs.current == "d"  # beside the one that it came from
    tabs.open("e")
    assert tabs.names == ["a", "e", "b", "c"] and tabs.step(-1) == "a" and tabs.step(3) == "a"
    tabs.move(3, 0)
    assert tabs.names == ["c", "a", "e", "b"]
    assert tabs.close("e") == "b" and tabs.close("b") == "a" and tabs.close("c") == "a"
    tabs.rename("a", "x")
    assert tabs.names == ["x"] and tabs.current == "x"
    tabs.open("broken")
    tabs.fail("broken", "x")
    assert tabs.names == ["x"] and tabs.current == "x"
    assert tabs.close("x") == "" and tabs.step(1) == ""
