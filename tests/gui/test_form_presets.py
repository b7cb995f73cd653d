"""Presets and styles in the form's head, comparing with results, copying the form elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from comfydesk.form.presets import Preset, PresetKind
from comfydesk.form.values import freeze
from comfydesk.gui.context import Context
from comfydesk.gui.form.panel import FormPanel
from comfydesk.gui.form.presets.popup import PRESET
from tests.gui.stand_in import NAMES, StandInEngine, object_info

MODEL = "sd_xl_base_1.0.safetensors"
PROMPT, NEGATIVE, SEED, STEPS, CFG = "6.text", "7.text", "3.seed", "3.steps", "3.cfg"
OIL = Preset("Oil", PresetKind.STYLE, {"cfg": 5.5}, "{prompt}, oil painting")


@pytest.fixture
def panel(qtbot: QtBot, context: Context, stand_in: StandInEngine) -> Any:
    stand_in.info = object_info([MODEL, *NAMES])
    made = FormPanel(context)
    made.toasts = []
    made.toast_requested.connect(lambda *toast: made.toasts.append(toast))
    qtbot.addWidget(made)
    made.resize(432, 760)
    made.show()
    made.attach(stand_in)
    made.open("sdxl", "gpu-box")
    qtbot.waitUntil(lambda: made.sheet is not None)
    yield made
    made.detach()


def set_value(panel: Any, key: str, value: Any) -> None:
    row = panel.sheet.rows[key]
    row.set_value(key, value)
    row.edited.emit(key, value)


def values(panel: Any) -> dict[str, Any]:
    return panel.session.state.values


def save(qtbot: QtBot, panel: Any, name: str) -> None:
    """As a person: Save as…, a name, Enter."""
    panel.presets.save_as()
    dialog = panel.presets.open_one
    qtbot.keyClicks(dialog.name, name)
    qtbot.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: any(each.name == name for each in panel.presets.shelf.own))


def open_list(qtbot: QtBot, panel: Any) -> Any:
    qtbot.mouseClick(panel.presets.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.presets.popup is not None)
    return panel.presets.popup


def shown(popup: Any) -> list[str]:
    return [str(popup.rows.index(row).data()) for row in range(popup.rows.rowCount())]


def test_what_is_saved_comes_back_with_one_click(qtbot: QtBot, panel: Any, stand_in: StandInEngine) -> None:
    set_value(panel, PROMPT, "a fox at dawn")
    set_value(panel, STEPS, 31)
    save(qtbot, panel, "Dawn")
    assert panel.presets.button.accessibleName() == "Preset: Dawn"
    set_value(panel, STEPS, 8)
    qtbot.waitUntil(lambda: panel.presets.button.accessibleName() == "Preset: Dawn, edited")
    assert panel.presets.button.text().endswith("•")
    popup = open_list(qtbot, panel)
    assert shown(popup) == ["This workflow", "Dawn"]
    qtbot.keyClick(popup.search, Qt.Key.Key_Return)
    assert values(panel)[STEPS] == 31
    assert panel.sheet.rows[STEPS].editors[STEPS].value == 31
    qtbot.waitUntil(lambda: panel.presets.button.accessibleName() == "Preset: Dawn")
    kept = stand_in.library.content["sdxl"]["presets"]
    assert kept["active"] == "Dawn" and kept["presets"][0]["values"][STEPS] == 31
    assert SEED not in kept["presets"][0]["values"]  # or each run of it would be the same picture


def test_applying_is_one_step_back(qtbot: QtBot, panel: Any) -> None:
    before = dict(values(panel))
    panel.presets.shelf.apply(Preset("Two", values={STEPS: 9, CFG: 3.0}))
    assert (values(panel)[STEPS], values(panel)[CFG]) == (9, 3.0)
    assert panel.session.history.undo_what == "Two"
    panel.edits.undo()
    assert values(panel) == before
    panel.edits.redo()
    assert values(panel)[STEPS] == 9


def test_a_seed_of_a_preset_stays(qtbot: QtBot, panel: Any) -> None:
    panel.presets.shelf.apply(Preset("Lucky", values={SEED: 7}))
    assert values(panel)[SEED] == 7 and panel.session.state.modes[SEED].value == "fixed"
    panel.edits.undo()
    assert panel.session.state.modes[SEED].value == "random"


def test_a_style_is_for_all_workflows_and_a_second_press_takes_it_out(
    qtbot: QtBot, panel: Any, stand_in: StandInEngine
) -> None:
    shelf = panel.presets.shelf
    set_value(panel, PROMPT, "a fox")
    shelf.save(OIL)
    qtbot.waitUntil(lambda: shelf.styles == (OIL,))
    assert json.loads((stand_in.home.presets / "Oil.preset.json").read_text())["presets"][0]["name"] == "Oil"
    popup = open_list(qtbot, panel)
    qtbot.keyClick(popup.search, Qt.Key.Key_Return)
    assert (values(panel)[PROMPT], values(panel)[CFG]) == ("a fox, oil painting", 5.5)
    popup = open_list(qtbot, panel)
    assert "in the form" in popup.rows.index(1).data(Qt.ItemDataRole.AccessibleTextRole)
    qtbot.keyClick(popup.search, Qt.Key.Key_Return)
    assert values(panel)[PROMPT] == "a fox"
    panel.open("flux-schnell", "gpu-box")
    qtbot.waitUntil(lambda: shelf.own == () and shelf.styles == (OIL,))


def test_a_style_that_was_written_by_hand_is_found(qtbot: QtBot, panel: Any, stand_in: StandInEngine) -> None:
    content = {
        "format": "comfydesk.preset",
        "version": 1,
        "presets": [{"name": "Ink", "kind": "style", "prompt": "ink"}],
    }
    stand_in.home.presets.mkdir(parents=True)
    (stand_in.home.presets / "mine.preset.json").write_text(json.dumps(content))
    (stand_in.home.presets / "broken.preset.json").write_text("{")
    popup = open_list(qtbot, panel)
    qtbot.waitUntil(lambda: shown(popup) == ["Styles", "Ink"])
    assert popup.list.currentIndex().data(PRESET).name == "Ink"
    popup.close()


def test_the_list_is_narrowed_by_typing_and_moved_in_by_keys(qtbot: QtBot, panel: Any) -> None:
    for name in ("Dawn", "Dusk", "Night"):
        panel.presets.shelf.save(Preset(name, values={STEPS: 9}))
    panel.presets.shelf.save(OIL)
    qtbot.waitUntil(lambda: len(panel.presets.shelf.own) == 3 and len(panel.presets.shelf.styles) == 1)
    popup = open_list(qtbot, panel)
    assert shown(popup) == ["This workflow", "Dawn", "Dusk", "Night", "Styles", "Oil"]
    names = []
    for _ in range(5):
        names.append(popup.list.currentIndex().data(PRESET).name)
        qtbot.keyClick(popup.search, Qt.Key.Key_Down)
    assert names == ["Dawn", "Dusk", "Night", "Oil", "Oil"]  # headings are no place to stop
    qtbot.keyClicks(popup.search, "nig")
    assert shown(popup) == ["This workflow", "Night"]
    qtbot.keyClicks(popup.search, "zzz")
    assert popup.nothing.isVisible() and popup.nothing.text() == "No preset matches."
    popup.close()


def test_only_some_of_a_preset_is_taken(qtbot: QtBot, panel: Any) -> None:
    panel.presets.compare(Preset("Two", values={STEPS: 9, CFG: 3.0, PROMPT: "a wolf"}))
    dialog = panel.presets.open_one
    model = dialog.table.model
    assert [model.index(row, 0).data() for row in range(model.rowCount())] == ["Prompt", "Steps", "CFG"]
    assert [model.index(row, 2).data() for row in range(model.rowCount())] == ["a wolf", "9", "3.0"]
    assert dialog.take.text() == "Put 3 into the form"
    dialog.table.view.setCurrentIndex(model.index(0, 0))
    qtbot.keyClick(dialog.table.view, Qt.Key.Key_Space)
    assert dialog.take.text() == "Put 2 into the form"
    qtbot.mouseClick(dialog.take, Qt.MouseButton.LeftButton)
    assert (values(panel)[STEPS], values(panel)[CFG]) == (9, 3.0) and values(panel)[PROMPT] != "a wolf"


def test_a_preset_is_updated_renamed_and_deleted_and_comes_back(qtbot: QtBot, panel: Any) -> None:
    shelf = panel.presets.shelf
    shelf.save(Preset("Fast", values={STEPS: 9}))
    set_value(panel, STEPS, 5)
    shelf.update(shelf.own[0])
    assert shelf.own[0].values == {STEPS: 5}
    panel.presets.edit(shelf.own[0])
    dialog = panel.presets.open_one
    assert dialog.fields.ticked == {STEPS} and not dialog.kind.isVisible()
    dialog.name.setText("Quick")
    qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    assert [each.name for each in shelf.own] == ["Quick"]
    shelf.remove(shelf.own[0])
    assert shelf.own == ()
    said, word, undo = panel.toasts[-1]
    assert (said, word) == ("“Quick” is deleted.", "Undo")
    undo()
    assert [each.name for each in shelf.own] == ["Quick"]


def test_a_name_that_is_taken_is_said_before_it_is_replaced(qtbot: QtBot, panel: Any) -> None:
    panel.presets.shelf.save(Preset("Fast", values={STEPS: 9}))
    panel.presets.save_as()
    dialog = panel.presets.open_one
    assert not dialog.save.isEnabled()
    qtbot.keyClicks(dialog.name, "fast")
    assert dialog.save.text() == "Replace “fast”"
    dialog.reject()


def test_a_style_is_made_of_words_and_settings(qtbot: QtBot, panel: Any) -> None:
    panel.presets.save_as()
    dialog = panel.presets.open_one
    qtbot.keyClicks(dialog.name, "Ink")
    dialog.kind.set_value(PresetKind.STYLE)
    assert dialog.style_part.isVisible() and not dialog.save.isEnabled()
    qtbot.keyClicks(dialog.prompt, "ink drawing")
    dialog.settings.model.tick([CFG], True)
    qtbot.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(panel.presets.shelf.styles))
    (made,) = panel.presets.shelf.styles
    assert made.prompt == "ink drawing" and set(made.values) == {"cfg"}


def test_presets_go_into_a_file_and_come_out_of_it_under_a_free_name(qtbot: QtBot, panel: Any, tmp_path: Path) -> None:
    shelf = panel.presets.shelf
    shelf.save(Preset("Fast", values={STEPS: 9}))
    shelf.save(OIL)
    qtbot.waitUntil(lambda: bool(shelf.styles))
    shelf.give_out(str(tmp_path / "mine"), [*shelf.own, *shelf.styles])
    qtbot.waitUntil(lambda: (tmp_path / "mine.preset.json").is_file())
    shelf.bring_in(str(tmp_path / "mine.preset.json"))
    qtbot.waitUntil(lambda: len(shelf.own) == 2 and len(shelf.styles) == 2)
    assert [each.name for each in (*shelf.own, *shelf.styles)] == ["Fast", "Fast 2", "Oil", "Oil 2"]
    (tmp_path / "odd.json").write_text("[]")
    shelf.bring_in(str(tmp_path / "odd.json"))
    qtbot.waitUntil(lambda: panel.toasts[-1][0].startswith("odd.json holds no presets"))


def test_the_form_is_compared_with_a_result_and_takes_only_what_is_ticked(
    qtbot: QtBot, panel: Any, stand_in: StandInEngine
) -> None:
    workflow = panel.session.workflow
    prompt = freeze(workflow.graph, workflow.form, {STEPS: 44, CFG: 2.5, SEED: 99})
    panel.comparing.with_prompt(prompt, "fox.png")
    qtbot.waitUntil(lambda: panel.comparing.open_one is not None)
    dialog = panel.comparing.open_one
    assert dialog.heading.text() == "The form and fox.png"
    assert dialog.table.ticked == {STEPS, CFG}  # the seed would make the same picture again
    dialog.table.model.tick([CFG], False)
    qtbot.mouseClick(dialog.take, Qt.MouseButton.LeftButton)
    assert values(panel)[STEPS] == 44 and values(panel)[CFG] != 2.5
    panel.edits.undo()
    assert values(panel)[STEPS] != 44


def test_a_result_that_is_the_same_is_said_so(qtbot: QtBot, panel: Any) -> None:
    workflow = panel.session.workflow
    panel.comparing.with_prompt(freeze(workflow.graph, workflow.form, {}), "fox.png")
    qtbot.waitUntil(lambda: panel.comparing.open_one is not None)
    assert panel.comparing.open_one.text.text() == "Both say the same."
    panel.comparing.open_one.accept()


def test_the_file_is_compared_to_put_some_of_it_back(qtbot: QtBot, panel: Any) -> None:
    set_value(panel, STEPS, 44)
    set_value(panel, CFG, 2.5)
    panel.comparing.with_file()
    dialog = panel.comparing.open_one
    dialog.table.model.tick([CFG], False)
    qtbot.mouseClick(dialog.take, Qt.MouseButton.LeftButton)
    assert panel.session.state.changed() == [CFG]


def test_the_form_is_copied_in_each_way(qtbot: QtBot, panel: Any) -> None:
    set_value(panel, STEPS, 44)
    for way, part in (("posix", "--set steps=44"), ("python", '"steps": 44'), ("curl", "/prompt"), ("api", "KSampler")):
        QGuiApplication.clipboard().clear()
        panel.copying.copy(way)
        qtbot.waitUntil(lambda part=part: part in QGuiApplication.clipboard().text())
    assert panel.toasts[-1][0] == "API JSON is in the clipboard."


def test_everything_is_in_the_menu_of_the_form(qtbot: QtBot, panel: Any) -> None:
    made = panel.actions.menu(panel)
    words = {action.text() for action in made.actions()}
    inner = {action.text() for menu in made.actions() if menu.menu() for action in menu.menu().actions()}
    assert {"Presets…", "Save as a preset…", "Import presets…", "Copy as", "Compare with"} <= words
    assert {"Command line", "Python script", "curl", "API JSON", "Its newest result…"} <= inner
    made.deleteLater()


def test_a_preset_waits_for_the_fields_that_it_brings(qtbot: QtBot, panel: Any, monkeypatch: Any) -> None:
    shelf, applied = panel.presets.shelf, []
    monkeypatch.setattr("comfydesk.gui.form.presets.shelf.structure", SimpleNamespace(is_met=lambda *_: bool(applied)))
    shelf.apply(Preset("Deep", values={STEPS: 9}))
    set_value(panel, STEPS, 20)
    applied.append(True)
    panel.session.reshaped.emit()
    assert values(panel)[STEPS] == 9


# Sizes

WIDTH, HEIGHT = "5.width", "5.height"


def size(panel: Any) -> tuple[int, int]:
    return values(panel)[WIDTH], values(panel)[HEIGHT]


def choose(row: Any, words: str) -> None:
    row.shape.setCurrentIndex(row.shape.findText(words))
    row.shape.activated.emit(row.shape.findText(words))


def test_a_shape_is_one_step_and_has_a_size_of_the_models_family(qtbot: QtBot, panel: Any) -> None:
    row = panel.sheet.rows[WIDTH]
    choose(row, "3:2 Wide")
    assert size(panel) == (1216, 832) and row.shape.currentText() == "3:2 Wide"
    panel.session.history.close()  # as after a second
    qtbot.mouseClick(row.swap, Qt.MouseButton.LeftButton)
    assert size(panel) == (832, 1216)
    panel.edits.undo()
    assert size(panel) == (1216, 832)
    panel.edits.undo()
    assert size(panel) == (1024, 1024)
    set_value(panel, "4.ckpt_name", "v1-5-pruned.safetensors")
    choose(row, "2:3 Tall")
    assert size(panel) == (512, 768)


def test_the_other_side_follows_while_the_ratio_is_locked(qtbot: QtBot, panel: Any) -> None:
    row = panel.sheet.rows[WIDTH]
    choose(row, "3:2 Wide")
    qtbot.mouseClick(row.lock, Qt.MouseButton.LeftButton)
    assert row.lock.accessibleName() == "Width and height keep their ratio"
    row.wide.line.setFocus()
    row.wide.line.selectAll()
    qtbot.keyClicks(row.wide.line, "1520")
    assert size(panel) == (1520, 1024)  # 1040 as a multiple of the step; not the ratio of what was typed on the way
    row.high.line.selectAll()
    qtbot.keyClicks(row.high.line, "1664")
    assert size(panel) == (2432, 1664)
    qtbot.mouseClick(row.lock, Qt.MouseButton.LeftButton)
    row.wide.line.selectAll()
    qtbot.keyClicks(row.wide.line, "1024")
    assert size(panel) == (1024, 1664)


def test_a_favourite_size_is_kept_in_the_settings(qtbot: QtBot, panel: Any, context: Context) -> None:
    row = panel.sheet.rows[WIDTH]
    choose(row, "2:3 Tall")
    choose(row, "Keep 832 × 1216 as a favourite")
    assert context.settings.get("favourite_sizes") == ["832x1216"] and size(panel) == (832, 1216)
    choose(row, "1:1 Square")
    choose(row, "832 × 1216")
    assert size(panel) == (832, 1216)
    choose(row, "Forget 832 × 1216")
    assert context.settings.get("favourite_sizes") == []
