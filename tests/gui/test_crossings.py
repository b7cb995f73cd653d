"""From a result to the page that shows or uses it, clicked through on the real engine and the demo's server."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from comfydesk.base.paths import Home
from comfydesk.form.fields import SeedMode
from comfydesk.gui.create.reuse import settings_of
from comfydesk.gui.style.theme import Theme

from .conftest import until
from .test_main_job import SLOW, window

pytestmark = pytest.mark.timeout(120)
PROMPT, SEED = "6.text", "3.seed"


async def test_a_result_leads_to_the_viewer_and_back_into_the_form(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    async with window(qapp, theme, Home(tmp_path / "home", tmp_path / "cache").demo()) as clicks:
        shown = clicks.session.window
        (file,) = await clicks.queue()
        create: Any = shown.page("create")
        strip = create.stage.newest.view
        await until(lambda: create.stage.newest.model.rowCount() == 1, SLOW)
        place = strip.visualRect(create.stage.newest.model.index(0)).center()
        QTest.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=place)
        QTest.mouseDClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=place)
        gallery: Any = await until(lambda: shown.page("gallery"))
        await until(lambda: gallery.viewer.isVisible(), SLOW)
        assert gallery.viewer.name.text() == file.name
        QTest.keyClick(gallery.viewer, Qt.Key.Key_Escape)

        state = create.form.session.state
        made_with = state.values[PROMPT], state.values[SEED]
        create.form.sheet.rows[PROMPT].set_value(PROMPT, "something else")
        create.form.sheet.rows[PROMPT].edited.emit(PROMPT, "something else")
        assert state.values[PROMPT] == "something else" and state.modes[SEED] is SeedMode.RANDOM
        await until(lambda: gallery.details.use.isVisible(), SLOW)
        QTest.mouseClick(gallery.details.use, Qt.MouseButton.LeftButton)
        await until(lambda: shown.current == "create" and state.values[PROMPT] == made_with[0], SLOW)
        assert (state.values[PROMPT], state.values[SEED]) == made_with
        assert state.modes[SEED] is SeedMode.FIXED, "the same picture again, until something is changed"


async def test_a_result_is_compared_with_the_form_and_a_preset_is_kept_beside_the_workflow(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    async with window(qapp, theme, Home(tmp_path / "home", tmp_path / "cache").demo()) as clicks:
        shown = clicks.session.window
        (file,) = await clicks.queue()
        create: Any = shown.page("create")
        state = create.form.session.state
        made_with = state.values[PROMPT]
        create.form.sheet.rows[PROMPT].set_value(PROMPT, "something else")
        create.form.sheet.rows[PROMPT].edited.emit(PROMPT, "something else")
        create.form.presets.save_as()
        saving = create.form.presets.open_one
        saving.name.setText("Else")
        QTest.keyClick(saving.name, Qt.Key.Key_Return)
        shown.go_to("gallery")
        gallery: Any = shown.page("gallery")
        await until(lambda: gallery.model.rowCount() == 1 and gallery.model.item(0) is not None, SLOW)
        gallery.grid.select_row(0)
        entry = next(a for a in gallery.commands.menu(gallery.selected(), 1).actions() if "Compare" in a.text())
        entry.trigger()
        dialog = await until(lambda: create.form.comparing.open_one, SLOW)
        assert shown.current == "create" and dialog.heading.text() == f"The form and {file.name}"
        assert PROMPT in dialog.table.ticked
        QTest.mouseClick(dialog.take, Qt.MouseButton.LeftButton)
        assert state.values[PROMPT] == made_with
        create.form.presets.shelf.read()
        await until(lambda: [each.name for each in create.form.presets.shelf.own] == ["Else"], SLOW)
        create.form.presets.shelf.apply(create.form.presets.shelf.own[0])
        assert state.values[PROMPT] == "something else"


def test_only_nodes_that_are_still_the_same_kind_take_settings() -> None:
    def field(key: str) -> Any:
        node_id, _, input_name = key.partition(".")
        return SimpleNamespace(key=key, node_id=node_id, input_name=input_name, link="Load" if key == "3.model" else "")

    kinds = {"1": "CLIPTextEncode", "2": "KSampler", "3": "KSampler", "9": "Note"}
    workflow = SimpleNamespace(
        form=SimpleNamespace(fields=[field(key) for key in ("1.text", "2.seed", "3.model", "9.text")]),
        graph=SimpleNamespace(nodes={number: SimpleNamespace(class_type=kind) for number, kind in kinds.items()}),
    )
    prompt = {
        "1": {"class_type": "CLIPTextEncode", "inputs": {"text": "a fox"}},
        "2": {"class_type": "KSamplerAdvanced", "inputs": {"seed": 4}},
        "3": {"class_type": "KSampler", "inputs": {"model": ["4", 0]}},
        "9": "nonsense",
    }
    assert settings_of(prompt, workflow) == {"1.text": "a fox"}
