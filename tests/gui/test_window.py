from __future__ import annotations

import asyncio
import base64
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from comfydesk.base.errors import Problem
from comfydesk.gui import closing
from comfydesk.gui.drop_hint import DropHint
from comfydesk.gui.settings.store import DEFAULTS, WindowSettings, read_early
from comfydesk.gui.widgets.question import Question
from comfydesk.jobs.model import Job, JobChanged, JobProgress, JobState, OwnerKind, QueueSummary

from .conftest import until
from .shell import Shell


def job(job_id: str, state: JobState) -> Job:
    return Job(job_id, state, "SDXL", "h", "me", OwnerKind.WINDOW, 1.0, 0.0)


def progress(job_id: str, fraction: float) -> JobProgress:
    return JobProgress(job_id, "3", "KSampler", 1, 20, fraction, "sampling", 0.0)


async def test_the_rail_and_keys_lead_to_the_pages(shell: Shell) -> None:
    window = await shell.open()
    QTest.mouseClick(window.rail.button("settings"), Qt.MouseButton.LeftButton)
    assert window.current == "settings"
    assert window.rail.button("settings").isChecked()
    window.activateWindow()
    await until(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_F1)
    assert window.current == "help"
    window.go_to("start")
    assert not window.rail.button("help").isChecked()


async def test_pages_are_made_when_they_are_first_needed(shell: Shell) -> None:
    window = await shell.open()
    assert window.page("settings") is None
    window.go_to("settings")
    made = window.page("settings")
    window.go_to("help")
    window.go_to("settings")
    assert window.page("settings") is made


async def test_the_title_and_the_badge_tell_how_far_the_work_is(shell: Shell) -> None:
    window = await shell.open()
    shell.engine.publish(
        QueueSummary(1, 12, 0, 0, paused=False), JobChanged(job("j", JobState.RUNNING)), progress("j", 0.374)
    )
    await until(lambda: window.windowTitle() == "37 % · SDXL · 12 waiting · ComfyDesk")
    assert window.rail.button("queue").badge == 13
    shell.engine.publish(QueueSummary(0, 0, 0, 1, paused=False), JobChanged(job("j", JobState.DONE)))
    await until(lambda: window.windowTitle() == "ComfyDesk")
    assert window.rail.button("queue").badge == 0


async def test_a_problem_that_no_panel_shows_is_a_toast_with_its_next_step(shell: Shell) -> None:
    window = await shell.open()

    async def fails() -> None:
        raise Problem("disk_full", folder="/data")

    shell.bridge.run(fails)
    await until(lambda: window.toasts.toasts)
    assert "full" in window.toasts.toasts[0].text
    assert "Free some space" in window.toasts.toasts[0].text


async def test_dropped_and_given_files_go_into_the_library_and_the_last_one_opens(shell: Shell) -> None:
    window = await shell.open()
    imported, opened = [], []

    async def import_workflow(file: str, _folder: str) -> SimpleNamespace:
        if file.endswith("bad.json"):
            raise Problem("workflow_not", file="bad.json", detail="it is a PNG picture")
        imported.append(file)
        return SimpleNamespace(name=file, title="Mine")

    shell.engine.import_workflow = import_workflow
    create = QWidget()
    create.attach = create.detach = lambda *_: None
    create.open_workflow = opened.append
    window._pages["create"] = create
    window.stack.addWidget(create)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(f"/f/{name}") for name in ("one.json", "bad.json", "two.json")])
    mime.setUrls([*mime.urls(), QUrl("https://example.com/x.json")])
    arguments = (Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    entered = QDragEnterEvent(QPointF(5, 5).toPoint(), *arguments)
    window.dragEnterEvent(entered)
    assert entered.isAccepted()
    window.dropEvent(QDropEvent(QPointF(5, 5), *arguments))
    await until(lambda: opened)
    assert imported == ["/f/one.json", "/f/two.json"]
    assert opened == ["/f/two.json"]
    assert window.current == "create"
    assert any("is not a ComfyUI workflow" in toast.text for toast in window.toasts.toasts)


async def test_files_over_the_window_are_told_where_they_go(shell: Shell) -> None:
    window = await shell.open()
    mime = QMimeData()
    keys = (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    for name, says in (("fox.json", "Drop to add this workflow"), ("fox.png", "on an image field")):
        mime.setUrls([QUrl.fromLocalFile(f"/f/{name}")])
        QApplication.sendEvent(window, QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, mime, *keys))
        (hint,) = window.findChildren(DropHint)
        assert hint.isVisible() and says in hint.text
        assert not hint.grab().toImage().isNull()
        QApplication.sendEvent(window, QDragLeaveEvent())
        assert not hint.isVisible()


async def test_closing_asks_and_never_closes_by_itself(shell: Shell) -> None:
    window = await shell.open()
    asked = []
    window.close_requested.connect(lambda: asked.append(1))
    window.close()
    assert asked == [1]
    assert window.isVisible()


async def test_size_and_place_are_remembered(shell: Shell) -> None:
    window = await shell.open()
    window.remember()
    assert base64.b64decode(shell.settings.get("window"))


async def test_an_engine_that_cannot_be_opened_is_said_in_place_of_the_pages(shell: Shell) -> None:
    window = shell.window
    retried = []
    window.show_blocked(Problem("store_newer", file="jobs.db"), lambda: retried.append(1))
    page = window.stack.currentWidget()
    assert "newer ComfyDesk" in page.title.text()
    window._unblock()
    assert window.stack.currentWidget() is not page


# ------------------------------------------------------------------------------------------------------------ closing


async def answer_of(shell: Shell, key: str, *, always: bool = False) -> str:
    window = await shell.open()
    asking = asyncio.ensure_future(closing.decide(window, shell.settings, QueueSummary(1, 11, 0, 0, paused=False)))
    question = await until(lambda: window.findChild(Question))
    await until(question.isVisible)
    question.tick.setChecked(always)
    if key == "escape":
        QTest.keyClick(question, Qt.Key.Key_Escape)
    elif key == "enter":
        QTest.keyClick(question, Qt.Key.Key_Return)
    else:
        question.buttons[key].click()
    return await asking


@pytest.mark.parametrize(
    ("key", "answer"),
    [("enter", "background"), ("escape", "stay"), ("finish", "finish"), ("quit", "quit"), ("background", "background")],
)
async def test_with_work_left_closing_asks_and_working_on_is_the_default(shell: Shell, key: str, answer: str) -> None:
    assert await answer_of(shell, key) == answer
    assert shell.settings.get("on_close") == "ask"


async def test_always_do_this_is_kept_and_asked_no_more(shell: Shell) -> None:
    assert await answer_of(shell, "quit", always=True) == "quit"
    assert shell.settings.get("on_close") == "quit"
    assert await closing.decide(shell.window, shell.settings, QueueSummary(1, 0, 0, 0, paused=False)) == "quit"


async def test_escape_is_never_kept_as_always(shell: Shell) -> None:
    await answer_of(shell, "escape", always=True)
    assert shell.settings.get("on_close") == "ask"


@pytest.mark.parametrize("summary", [QueueSummary(0, 0, 1, 9, False), QueueSummary(0, 5, 0, 0, True)])
async def test_without_work_to_do_nothing_is_asked(shell: Shell, summary: QueueSummary) -> None:
    assert await closing.decide(shell.window, shell.settings, summary) == "quit"


# ----------------------------------------------------------------------------------------------------------- settings


def test_settings_are_seen_at_once_and_written_when_there_is_a_store() -> None:
    settings = WindowSettings({"theme": "dark", "previews": "nonsense", "unknown": 1})
    assert settings.get("theme") == "dark"
    assert settings.get("previews") is True
    heard, written = [], []
    settings.changed.connect(heard.append)
    settings.set(theme="light")
    settings.set(theme="light")
    assert heard == ["theme"]
    stored = SimpleNamespace(**{**DEFAULTS, "theme": "dark", "on_close": "quit"})
    settings.attach(stored, written.append)
    assert written == [{"theme": "light"}]
    assert settings.get("theme") == "light"
    assert settings.get("on_close") == "quit"
    settings.set_splitter("create", "abc")
    assert written[-1] == {"splitters": {"create": "abc"}}
    assert settings.splitter("create") == "abc"


def test_what_belongs_to_the_window_stays_when_the_home_is_swapped() -> None:
    settings = WindowSettings({"theme": "light"})
    heard, written = [], []
    settings.changed.connect(heard.append)
    settings.attach(SimpleNamespace(**DEFAULTS), written.append, keep=("theme",))
    assert settings.get("theme") == "light"
    assert written == [{"theme": "light"}]
    assert "theme" not in heard


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"theme": 5}'])
def test_a_broken_settings_file_never_stops_the_window(tmp_path, content: bytes) -> None:
    file = tmp_path / "settings.json"
    file.write_bytes(content)
    assert WindowSettings(read_early(file)).get("theme") == "system"
    assert read_early(tmp_path / "none.json") == {}


async def test_the_settings_page_shows_and_changes_them(shell: Shell) -> None:
    window = await shell.open()
    window.go_to("settings")
    page = window.page("settings")
    page.theme.set_value("dark")
    page.previews.click()
    page.on_close.set_value("finish")
    assert [shell.settings.get(name) for name in ("theme", "previews", "on_close")] == ["dark", False, "finish"]
    shell.settings.set(on_close="ask", theme="system", previews=True)
    assert [page.on_close.value, page.theme.value, page.previews.isChecked()] == ["ask", "system", True]
    await until(lambda: page.results.path.text())
