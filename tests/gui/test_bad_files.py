"""Bad files in the window: refused with a sentence and a next step; nothing is lost and nothing stands still."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QImage

from comfydesk.engine import Engine

from .conftest import until
from .workbench import LONGEST_BLOCK, OPENING, SLOW, holds_no_markup, says, sdxl, step

pytestmark = pytest.mark.timeout(120)


def _png() -> bytes:
    held = QByteArray()
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture = QImage(64, 64, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.darkGreen)
    picture.save(buffer, "PNG")
    return bytes(held.data())


BAD_FILES = {
    "no JSON": [
        ("broken.json", json.dumps(sdxl()).encode()[:-40], "workflow_json", "is not valid JSON"),
        ("empty.json", b"", "workflow_json", "it is empty"),
        ("page.json", b"<!doctype html><title>404</title>", "workflow_json", "it is a web page"),
        ("<img src=x>.json", b'["<b>', "workflow_json", "a text in quotes does not end"),
    ],
    "no workflow": [
        ("package.json", b'{"name": "left-pad", "<b>": "1.0.0"}', "workflow_not", "it holds “name”, “<b>”"),
        ("photo.png", _png(), "workflow_none", "carries no workflow"),
    ],
    "hostile": [
        ("deep.json", b'{"a":' * 100_000, "workflow_limits", "nested deeper than 100 levels"),
        ("huge.json", b'{"1": {"class_type": "A"}}' + b" " * (50 << 20), "workflow_limits", "larger than 16 MB"),
        ("flat.json", b'{"a":["' + b'","' * 3_000_000 + b'"]}', "workflow_limits", "more values than any"),
    ],
}


@pytest.mark.parametrize("kind", BAD_FILES)
async def test_a_bad_file_dropped_on_the_window(at_work: Any, tmp_path: Path, kind: str) -> None:
    async with at_work() as bench:
        before = [entry.name for entry in bench.create.library.model.entries]
        for name, content, code, detail in BAD_FILES[kind]:
            (tmp_path / name).write_bytes(content)
            bench.pulse.begin()
            bench.drop(tmp_path / name)
            await until(lambda: bench.toasts, SLOW)
            bench.pulse.beat()
            assert bench.pulse.longest < LONGEST_BLOCK
            (text,) = bench.toasts
            sentence, _, next_step = text.partition("\n")
            assert sentence.startswith(f"{name} ")
            assert detail in sentence
            assert next_step == step(code)
            holds_no_markup(bench.window)
            bench.window.toasts.clear()
        assert bench.is_as_before()
        assert [entry.name for entry in bench.create.library.model.entries] == before


async def test_runs_go_on_while_bad_files_come_in(at_work: Any, tmp_path: Path) -> None:
    (tmp_path / "deep.json").write_bytes(b"[" * 100_000)
    async with at_work() as bench:
        bench.create.form.footer.runs.value_changed.emit(4)
        working = asyncio.ensure_future(bench.works(runs=4))
        while not working.done():
            bench.drop(tmp_path / "deep.json")
            await asyncio.sleep(0.05)
        await working
        assert len(bench.toasts) <= 3
        assert bench.is_as_before()


async def test_a_folder_and_a_file_that_is_gone(at_work: Any, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    async with at_work() as bench:
        bench.drop(tmp_path / "models", tmp_path / "gone.json")
        await until(lambda: len(bench.toasts) == 2, SLOW)
        assert "models cannot be read: it is a folder." in bench.toasts[0]
        assert "There is no file" in bench.toasts[1]
        assert bench.toasts[1].endswith(step("file_missing"))


async def test_of_several_files_with_a_bad_one_the_good_ones_arrive(at_work: Any, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("one.json", "broken.json", "two.json")]
    for file in files:
        graph = sdxl()
        graph["_name"] = file.stem  # the same content twice would be one workflow
        file.write_text(json.dumps(graph) if file.stem != "broken" else "{")
    async with at_work(OPENING) as bench:
        bench.drop(*files)
        await until(lambda: bench.title == "two", SLOW)
        await until(lambda: {"one", "two"} <= {entry.name for entry in bench.create.library.model.entries}, SLOW)
        assert "Added 2 workflows; “two” is open" in bench.toasts
        assert [text for text in bench.toasts if "broken.json is not valid JSON" in text]
        await bench.works()


async def test_many_bad_files_at_once_are_one_note(at_work: Any, tmp_path: Path) -> None:
    files = [tmp_path / f"holiday {number}.png" for number in range(12)]
    for file in files:
        file.write_bytes(b"\x89PNG\r\n")
    async with at_work() as bench:
        bench.drop(*files)
        await until(lambda: bench.toasts, SLOW)
        (text,) = bench.toasts
        assert "12 files" in text
        assert "holiday 0.png" in text
        assert text.endswith(step("workflow_not"))
        assert bench.is_as_before()


async def test_a_workflow_that_turned_bad_in_the_library(at_work: Any, real_engine: Engine) -> None:
    real_engine.home.workflows.mkdir(parents=True, exist_ok=True)
    (real_engine.home.workflows / "rotten.json").write_text('{"3": {"class_type": ')
    async with at_work() as bench:
        bench.create.open_workflow("rotten")
        await until(lambda: bench.create.form.problem.isVisible(), SLOW)
        sentence, next_step = says(bench.create.form.problem)
        assert sentence == "rotten.json is not valid JSON: it ends too early at line 1, column 22."
        assert next_step == step("workflow_json")
        assert bench.is_as_before()
