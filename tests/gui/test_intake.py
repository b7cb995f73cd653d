"""What comes into the window by drop, paste and link: the library gets it, and what is no workflow is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from comfydesk.base.errors import Problem
from comfydesk.gui.drops import Drop
from comfydesk.gui.intake import Intake
from comfydesk.gui.widgets.question import Question
from comfydesk.gui.window import Window
from comfydesk.workflow.media.parameters import Parameters

from .conftest import until
from .shell import Shell
from .stand_in_library import StandInLibrary, entry

A1111 = "a red fox\nNegative prompt: blurry\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5, Size: 512x768"
LINK = "https://example.com/fox.png"


class Scribe(StandInLibrary):
    """The library's half of an engine, lent to the shell's fake one."""

    def __init__(self) -> None:
        self.entries = [entry("owl")]
        self.begin_library()

    def announce(self, *_: Any) -> None:
        pass


async def at_work(shell: Shell) -> tuple[Window, Intake, Scribe, list[Any], list[Any]]:
    """A window whose engine notes what it is asked: its intake, what was opened, and what was said."""
    window = await shell.open()
    scribe = Scribe()
    for name in ("import_workflow", "import_data", "import_url"):
        setattr(shell.engine, name, getattr(scribe, name))
    create = QWidget()
    create.attach = create.detach = lambda *_: None
    create.open_workflow = lambda _name: None
    window._pages["create"] = create
    window.stack.addWidget(create)
    opened: list[Any] = []
    said: list[Any] = []
    window.intake.opened.connect(lambda entry, count: opened.append((entry.name, count)))
    window.intake.said.connect(lambda *note: said.append(note))
    return window, window.intake, scribe, opened, said


def press_paste(window: Window) -> None:
    event = QKeyEvent(QKeyEvent.Type.KeyPress, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    window.keyPressEvent(event)


async def test_json_text_is_pasted_anywhere(shell: Shell) -> None:
    window, _, scribe, opened, _ = await at_work(shell)
    QGuiApplication.clipboard().setText('\n{"3": {"class_type": "KSampler"}}')
    press_paste(window)
    await until(lambda: opened)
    assert scribe.asked_for("import_data") == [(b'{"3": {"class_type": "KSampler"}}', "Pasted workflow", "")]


async def test_pasting_into_a_line_of_text_stays_there(shell: Shell, qtbot: Any) -> None:
    window, _, scribe, _, _ = await at_work(shell)
    line = QLineEdit(window)
    line.show()
    line.setFocus()
    QGuiApplication.clipboard().setText('{"3": {}}')
    qtbot.keyClick(line, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert line.text() == '{"3": {}}' and not scribe.asked


async def test_the_bytes_of_a_pasted_picture_and_its_folder_reach_the_library(shell: Shell) -> None:
    _, intake, scribe, opened, _ = await at_work(shell)
    intake.take(Drop(data=b"\x89PNG", name="Pasted picture.png", folder="cats"))
    intake.take(Drop(files=("/f/fox.png",), folder="cats"))
    await until(lambda: len(opened) == 2)
    assert scribe.asked_for("import_data") == [(b"\x89PNG", "Pasted picture.png", "cats")]
    assert scribe.asked_for("import_workflow") == [("/f/fox.png", "cats")]


async def test_nothing_to_take_is_said(shell: Shell) -> None:
    window, intake, scribe, _, said = await at_work(shell)
    QGuiApplication.clipboard().setText("a red fox in the snow")
    press_paste(window)
    assert "The clipboard holds no workflow" in said[-1][0]
    data = QMimeData()
    data.setText("a red fox in the snow")
    intake.drop(data)
    assert "That holds no workflow" in said[-1][0] and not scribe.asked


async def test_a_link_dropped_on_the_window_is_fetched_after_a_question(shell: Shell) -> None:
    window, intake, scribe, opened, said = await at_work(shell)
    data = QMimeData()
    data.setUrls([QUrl(LINK)])
    for answer, asked in (("leave", 0), ("fetch", 1)):
        intake.drop(data)
        question = await until(lambda: window.findChild(Question))
        intake.drop(data)  # one question at a time
        question.buttons[answer].click()
        await until(lambda: window.findChild(Question) is None)
        assert len(scribe.asked_for("import_url")) <= asked
    await until(lambda: opened)
    assert scribe.asked_for("import_url") == [(LINK, "")] and said[0][0] == "Fetching from example.com…"


async def test_a_link_that_was_meant_is_fetched_at_once_and_its_failure_is_told(shell: Shell) -> None:
    window, intake, scribe, _, _ = await at_work(shell)
    scribe.problems["import_url"] = Problem("url_failed", url=LINK, detail="it answers 404")
    intake.take(Drop(url=LINK, folder="cats"))
    await until(lambda: any("it answers 404" in toast.text for toast in window.toasts.toasts))
    assert scribe.asked_for("import_url") == [(LINK, "cats")]


async def test_settings_of_another_program_are_offered_to_the_form(shell: Shell, tmp_path: Path) -> None:
    _, intake, scribe, opened, said = await at_work(shell)
    put: list[Parameters] = []
    intake.parameters_dropped.disconnect()
    intake.parameters_dropped.connect(put.append)
    file = tmp_path / "fox.txt"
    file.write_text(A1111)
    for name in ("import_workflow", "import_data"):
        scribe.problems[name] = Problem("workflow_none", file="fox.txt")
    intake.take([str(file)])
    await until(lambda: len(said) == 1)
    intake.take(Drop(text=A1111, name="Pasted workflow"))
    await until(lambda: len(said) == 2)
    assert said[0][0] == "fox.txt carries no workflow, but the prompt and settings it was made with."
    assert said[0][1] == "Put them into the form" and put == [] and opened == []
    for note in said:
        note[2]()
    assert [(found.prompt, found.negative, found.settings["Seed"]) for found in put] == [
        ("a red fox", "blurry", "5")
    ] * 2
