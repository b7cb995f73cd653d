"""A person arranges the form: finds, hides, renames, groups and narrows fields, and takes it back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from comfydesk.form.profile import NO_PROFILE, OwnGroup, Profile, Range
from comfydesk.form.rearrange import ADVANCED, FIRST, HIDDEN, Section, Spot
from comfydesk.gui.context import Context
from comfydesk.gui.form.panel import FormPanel
from comfydesk.gui.form.profile.details import Part
from comfydesk.gui.form.profile.tree import IS_HIDDEN, NAME, SHOWN_FIRST
from tests.gui.stand_in import NAMES, StandInEngine, object_info

STEPS, CFG, PROMPT, WIDTH, HEIGHT = "3.steps", "3.cfg", "6.text", "5.width", "5.height"


class Sidecars:
    """What of the library an arrangement needs."""

    def __init__(self) -> None:
        self.content: dict[tuple[str, str], dict[str, Any]] = {}

    def kept(self, name: str, what: str) -> dict[str, Any]:
        return self.content.get((name, what), {})

    def keep(self, name: str, what: str, content: dict[str, Any] | None) -> None:
        self.content[name, what] = content or {}


@pytest.fixture
def panel(qtbot: QtBot, context: Context, stand_in: StandInEngine) -> Any:
    """The SDXL starter open on a host that has its model."""
    stand_in.info = object_info(["sd_xl_base_1.0.safetensors", *NAMES])
    stand_in.library = Sidecars()
    made = FormPanel(context)
    qtbot.addWidget(made)
    made.resize(432, 760)
    made.show()
    made.attach(stand_in)
    made.open("sdxl", "gpu-box")
    qtbot.waitUntil(lambda: made.sheet is not None)
    yield made
    made.detach()


@pytest.fixture
def dialog(qtbot: QtBot, panel: Any) -> Any:
    panel.arranging.arrange()
    made = panel.arranging.dialog
    qtbot.waitExposed(made)
    return made


def form(panel: Any) -> Any:
    return panel.session.workflow.form


def profile(panel: Any) -> Profile:
    found: Profile = panel.session.workflow.profile
    return found


def choose(menu: QMenu, words: str) -> None:
    """Trigger an entry, also of a menu inside."""
    for action in menu.actions():
        if action.menu() is not None:
            choose(action.menu(), words)
        elif action.text() == words:
            action.trigger()


def entries(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if action.text()]


def test_a_field_is_hidden_from_its_label_and_a_note_takes_it_back(qtbot: QtBot, panel: Any) -> None:
    toasts: list[tuple[str, str, Any]] = []
    panel.toast_requested.connect(lambda *said: toasts.append(said))
    menu = panel.arranging.open_menu([STEPS], QPoint(0, 0))
    assert entries(menu) == ["Rename…", "Range…", "Help…", "Move to Advanced", "Hide", "Arrange the form…"]
    choose(menu, "Hide")
    qtbot.waitUntil(lambda: form(panel).hidden == (STEPS,))
    assert panel.sheet.rows.get(STEPS) is None
    assert panel.session.state.values[STEPS] == 20  # it is sent all the same
    assert toasts[0][:2] == ("Steps is hidden", "Undo")
    toasts[0][2]()
    qtbot.waitUntil(lambda: form(panel).hidden == ())
    assert panel.sheet.rows[STEPS].isVisible()


def test_hidden_fields_are_found_again_at_the_end_of_the_form(qtbot: QtBot, panel: Any) -> None:
    choose(panel.arranging.open_menu([STEPS], QPoint(0, 0)), "Hide")
    qtbot.waitUntil(lambda: bool(panel.sheet.hidden.groups))
    group = next(iter(panel.sheet.hidden.groups.values()))
    assert group.isVisible() and not group.section.is_open
    group.section.set_open(True)
    assert panel.sheet.rows[STEPS].isVisible()
    menu = panel.arranging.open_menu([STEPS], QPoint(0, 0))
    choose(menu, "Show again")
    qtbot.waitUntil(lambda: STEPS in form(panel).essentials)
    assert panel.sheet.hidden.isHidden()


def test_the_label_has_the_menu_by_mouse_and_by_key(qtbot: QtBot, panel: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(panel.arranging.menu, "open", lambda keys, point: asked.append(tuple(keys)))
    row = panel.sheet.rows[STEPS]
    here = row.caption.rect().center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, here, row.caption.mapToGlobal(here))
    QApplication.sendEvent(row.caption, event)
    assert asked == [(STEPS,)]
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    panel.sheet.rows[CFG].editors[CFG].focus_widget().setFocus()
    qtbot.keyClick(
        panel.sheet.rows[CFG].editors[CFG].focus_widget(), Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier
    )
    qtbot.waitUntil(lambda: asked == [(STEPS,), (CFG,)])


def test_width_and_height_move_together(qtbot: QtBot, panel: Any) -> None:
    row = panel.sheet.rows[WIDTH]
    menu = panel.arranging.open_menu(row.keys, QPoint(0, 0))
    assert entries(menu)[:2] == ["Width", "Height"]
    choose(menu, "Move to Advanced")
    qtbot.waitUntil(lambda: WIDTH not in form(panel).essentials)
    assert HEIGHT not in form(panel).essentials


def test_a_field_gets_a_name_a_range_and_help(qtbot: QtBot, panel: Any) -> None:
    field = form(panel).by_key[STEPS]
    dialog = panel.arranging.menu.edit(field, Part.RANGE)
    qtbot.addWidget(dialog)
    details = dialog.details
    assert details.name.placeholderText() == "Steps"
    details.low.setText("30")
    details.high.setText("10")
    qtbot.keyClicks(details.high, "")
    dialog._save()
    assert dialog.isVisible() and details.said().problem == "The range ends before it begins."
    details.low.setText("10")
    details.high.setText("2*20")
    details.name.setText("How long")
    details.help.setPlainText("More is <b>slower</b>.")
    dialog._save()
    qtbot.waitUntil(lambda: profile(panel).ranges == {STEPS: Range(10, 40)})
    shown = form(panel).by_key[STEPS]
    assert (shown.label, shown.min, shown.max) == ("How long", 10, 40)
    row = panel.sheet.rows[STEPS]
    assert row.caption.text() == "How long"
    assert "&lt;b&gt;slower&lt;/b&gt;" in row.toolTip()


def test_what_is_typed_stays_when_the_form_is_arranged(qtbot: QtBot, panel: Any) -> None:
    box = panel.sheet.rows[PROMPT].editors[PROMPT].box
    box.selectAll()
    qtbot.keyClicks(box, "a wolf")
    choose(panel.arranging.open_menu([CFG], QPoint(0, 0)), "Move to Advanced")
    qtbot.waitUntil(lambda: CFG not in form(panel).essentials)
    assert panel.session.state.values[PROMPT] == "a wolf"
    assert panel.sheet.rows[PROMPT].editors[PROMPT].box is box  # the very same, with its cursor
    panel.edits.undo()
    assert panel.session.state.values[PROMPT] != "a wolf"


def test_the_arrangement_is_kept(qtbot: QtBot, panel: Any, stand_in: StandInEngine) -> None:
    choose(panel.arranging.open_menu([CFG], QPoint(0, 0)), "Hide")
    qtbot.waitUntil(lambda: stand_in.library.kept("sdxl", "profile") == {"hidden": [CFG]})
    panel.arranging.arranger.back_to_usual()
    qtbot.waitUntil(lambda: stand_in.library.kept("sdxl", "profile") == {})
    assert form(panel).hidden == ()


# the dialog


def item(dialog: Any, key: str) -> Any:
    return dialog.tree._items[f"field {key}"]


def test_ticks_say_what_is_first_and_what_is_hidden(qtbot: QtBot, panel: Any, dialog: Any) -> None:
    assert item(dialog, CFG).checkState(SHOWN_FIRST) is Qt.CheckState.Checked
    item(dialog, CFG).setCheckState(SHOWN_FIRST, Qt.CheckState.Unchecked)
    qtbot.waitUntil(lambda: CFG not in form(panel).essentials)
    item(dialog, CFG).setCheckState(IS_HIDDEN, Qt.CheckState.Checked)
    qtbot.waitUntil(lambda: form(panel).hidden == (CFG,))
    item(dialog, CFG).setCheckState(IS_HIDDEN, Qt.CheckState.Unchecked)
    qtbot.waitUntil(lambda: form(panel).hidden == ())


def test_everything_goes_by_keyboard(qtbot: QtBot, panel: Any, dialog: Any) -> None:
    tree, alt = dialog.tree, Qt.KeyboardModifier.AltModifier
    tree.select(CFG)
    before = form(panel).essentials
    qtbot.keyClick(tree, Qt.Key.Key_Up, alt)
    qtbot.keyClick(tree, Qt.Key.Key_Up, alt)  # does not wait for the first one's form
    qtbot.waitUntil(lambda: form(panel).essentials.index(CFG) == before.index(CFG) - 2)
    assert tree.current_line().key == CFG
    qtbot.keyClick(tree, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: CFG not in form(panel).essentials)
    qtbot.keyClick(tree, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: form(panel).hidden == (CFG,))
    for _ in range(4):
        dialog.undo.click()
    qtbot.waitUntil(lambda: form(panel).essentials == before)
    assert not panel.arranging.arranger.can_undo
    dialog.redo.click()
    qtbot.waitUntil(lambda: form(panel).essentials.index(CFG) == before.index(CFG) - 1)
    dialog.usual.click()
    qtbot.waitUntil(lambda: profile(panel) == NO_PROFILE)


def test_a_group_is_made_of_the_selected_fields_and_named(qtbot: QtBot, panel: Any, dialog: Any) -> None:
    dialog.tree.select(STEPS)
    item(dialog, CFG).setSelected(True)
    dialog.group.click()
    qtbot.waitUntil(lambda: bool(profile(panel).groups))
    assert profile(panel).groups[0].keys == (STEPS, CFG)
    group = dialog.tree._items["section group 0"]
    group.setText(NAME, "Quality")
    qtbot.waitUntil(lambda: profile(panel).groups[0].title == "Quality")
    shown = panel.sheet.own.groups["own:0"]
    assert shown.isVisible() and shown.section is not None
    shown.open()
    assert panel.sheet.rows[CFG].isVisible()
    dialog.tree.setCurrentItem(dialog.tree._items["section group 0"])
    dialog.ungroup.click()
    qtbot.waitUntil(lambda: not profile(panel).groups)
    assert CFG in form(panel).essentials


def test_fields_are_dropped_where_the_pointer_is(qtbot: QtBot, panel: Any, dialog: Any) -> None:
    tree = dialog.tree
    first = form(panel).essentials[0]
    rect = tree.visualItemRect(item(dialog, first))
    assert tree.target_at(rect.topLeft() + QPoint(4, 2)) == (FIRST, first)
    assert tree.target_at(rect.bottomLeft() + QPoint(4, -2)) == (FIRST, form(panel).essentials[1])
    section = tree.visualItemRect(tree._items["section advanced -1"]).center()
    assert tree.target_at(section) == (ADVANCED, "")
    tree.placed.emit([CFG], FIRST, first)
    qtbot.waitUntil(lambda: form(panel).essentials[0] == CFG)


def test_a_drop_moves_all_that_is_selected(qtbot: QtBot, panel: Any, dialog: Any) -> None:
    tree, first = dialog.tree, form(panel).essentials[0]
    tree.select(STEPS)
    item(dialog, CFG).setSelected(True)
    rect = tree.visualItemRect(item(dialog, first))
    drop = QDropEvent(
        QPointF(rect.left() + 4, rect.top() + 2),
        Qt.DropAction.MoveAction,
        QMimeData(),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    tree.dropEvent(drop)
    qtbot.waitUntil(lambda: form(panel).essentials[:3] == (STEPS, CFG, first))
    assert drop.dropAction() is Qt.DropAction.IgnoreAction  # no row is moved by the view itself


def test_a_hidden_prompt_is_not_opened_for_who_begins_to_write(qtbot: QtBot, panel: Any) -> None:
    choose(panel.arranging.open_menu([PROMPT], QPoint(0, 0)), "Hide")
    qtbot.waitUntil(lambda: form(panel).hidden == (PROMPT,))
    panel.keyboard.begin()
    assert PROMPT not in panel.sheet.rows


def test_names_are_typed_into_the_tree_and_into_the_lines_below(qtbot: QtBot, panel: Any, dialog: Any) -> None:
    item(dialog, CFG).setText(NAME, "  Strength\n of it ")
    qtbot.waitUntil(lambda: form(panel).by_key[CFG].label == "Strength of it")
    dialog.tree.select(STEPS)
    dialog.details.name.setText("Steps, few")
    dialog.details.name.editingFinished.emit()
    qtbot.waitUntil(lambda: form(panel).by_key[STEPS].label == "Steps, few")
    dialog.details.help.setPlainText("Twenty will do.")
    dialog.tree.select(CFG)  # what was typed is not lost
    qtbot.waitUntil(lambda: profile(panel).help == {STEPS: "Twenty will do."})
    assert dialog.details.name.text() == "Strength of it"


def test_an_arrangement_goes_out_and_comes_in(qtbot: QtBot, panel: Any, dialog: Any, tmp_path: Path) -> None:
    panel.arranging.arranger.change(lambda _profile, _form: Profile((CFG,), hidden=(STEPS,)))
    qtbot.waitUntil(lambda: form(panel).hidden == (STEPS,))
    dialog.export_file(str(tmp_path / "mine"))
    file = tmp_path / "mine.form.json"
    qtbot.waitUntil(file.exists)
    dialog.usual.click()
    qtbot.waitUntil(lambda: form(panel).hidden == ())
    dialog.import_file(str(file))
    qtbot.waitUntil(lambda: form(panel).essentials == (CFG,))
    file.write_text("{}")
    dialog.import_file(str(file))
    qtbot.waitUntil(dialog.problem.isVisible)
    assert "holds something else" in dialog.problem.sentence.text()


def test_the_dialog_goes_with_the_form(qtbot: QtBot, panel: Any, dialog: Any) -> None:
    panel.arranging.detach()
    assert panel.arranging.dialog is None
    panel.arranging.attach(panel.session._engine)


# finding


def test_a_field_is_found_among_all_of_them(qtbot: QtBot, panel: Any) -> None:
    bar = panel.arranging.bar
    assert bar.isVisible()
    bar.line.setText("denoise")
    qtbot.waitUntil(lambda: bar.count.isVisible())
    assert bar.count.text() == "1 field"
    assert not panel.sheet.rows[PROMPT].isVisible()
    assert panel.sheet.rows["3.denoise"].isVisible()  # in "Advanced", which was closed
    bar.line.setText("")
    qtbot.waitUntil(panel.sheet.rows[PROMPT].isVisible)
    assert not panel.sheet.advanced.section.is_open


def test_enter_jumps_to_the_field_and_escape_goes_back(qtbot: QtBot, panel: Any) -> None:
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    box = panel.sheet.rows[PROMPT].editors[PROMPT].box
    box.setFocus()
    bar = panel.arranging.bar
    qtbot.keyClick(box, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert bar.line.hasFocus()
    qtbot.keyClicks(bar.line, "nothing like it")
    qtbot.waitUntil(lambda: bar.count.text() == "no such field")
    qtbot.keyClick(bar.line, Qt.Key.Key_Escape)
    assert box.hasFocus() and box.isVisible()
    bar.begin()
    qtbot.keyClicks(bar.line, "cfg")
    qtbot.keyClick(bar.line, Qt.Key.Key_Return)
    qtbot.waitUntil(panel.sheet.rows[CFG].editors[CFG].focus_widget().hasFocus)
    assert bar.line.text() == "" and box.isVisible()


def test_another_workflow_is_shown_whole(qtbot: QtBot, panel: Any) -> None:
    panel.keep(["sdxl", "flux-schnell"])
    panel.arranging.bar.line.setText("cfg")
    qtbot.waitUntil(lambda: not panel.sheet.rows[PROMPT].isVisible())
    panel.open("flux-schnell", "gpu-box")
    qtbot.waitUntil(lambda: panel.session.workflow.entry.name == "flux-schnell")
    assert panel.arranging.bar.line.text() == ""
    panel.open("sdxl", "gpu-box")
    qtbot.waitUntil(lambda: panel.session.workflow.entry.name == "sdxl")
    assert panel.sheet.rows[PROMPT].isVisible()


def test_groups_change_places_by_keyboard(qtbot: QtBot, panel: Any, dialog: Any) -> None:
    panel.arranging.arranger.change(lambda _profile, _form: Profile(groups=(OwnGroup("a"), OwnGroup("b"))))
    qtbot.waitUntil(lambda: len(profile(panel).groups) == 2)
    dialog.tree.setCurrentItem(dialog.tree._items["section group 1"])
    dialog.up.click()
    qtbot.waitUntil(lambda: [group.title for group in profile(panel).groups] == ["b", "a"])
    dialog.tree.placed.emit([CFG], Spot(Section.GROUP, 1), "")
    qtbot.waitUntil(lambda: profile(panel).groups[1].keys == (CFG,))
    dialog.tree.placed.emit([CFG], HIDDEN, "")
    qtbot.waitUntil(lambda: form(panel).hidden == (CFG,))
