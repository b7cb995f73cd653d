"""The main job on the Create page: the real window, the real engine, a server that lacks the starter's model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from comfydesk.base.paths import Home
from comfydesk.base.settings import SettingsStore
from comfydesk.demo import process
from comfydesk.demo.process import DemoProcess
from comfydesk.engine import Engine
from comfydesk.gui.context import Context
from comfydesk.gui.create.follow import Kind
from comfydesk.gui.create.page import CreatePage
from comfydesk.gui.queue.words import Action
from comfydesk.gui.window import Window
from comfydesk.jobs.model import Job, JobState
from comfydesk.server.types import Connection
from tests.gui.conftest import until
from tests.gui.stand_in import make_context

MODELS = "dreamshaperXL.safetensors,sd_xl_refiner_1.0.safetensors"
PROMPT, STEPS, CHECKPOINT = "6.text", "3.steps", "4.ckpt_name"


@pytest.fixture(scope="module")
def server() -> Iterator[DemoProcess]:
    """A server that lacks the starter's model, as a first server does."""
    with process.start(step_ms=15, extra=("--models", MODELS)) as demo:
        yield demo


class Desk:
    """The window on a real engine with a host of its own."""

    def __init__(self, context: Context, engine: Engine) -> None:
        self.context, self.engine = context, engine
        self.window = Window(context, first_page="create")
        self.window.resize(1440, 900)

    async def open(self, url: str) -> CreatePage:
        self.window.show()
        await until(lambda: self.window.isVisible())
        self.window.make_current_page()
        await self.window.attach(self.engine)
        host = await self.context.bridge.call(self.engine.add_host, "gpu-box", url)
        await self.window.states.reload()
        self.window.go_to("create")
        await until(lambda: self.window.states.state(host.host_id).connection is Connection.LIVE)
        page = self.page
        await until(lambda: page.form.sheet is not None and page.form.session.issues != [])
        return page

    @property
    def page(self) -> CreatePage:
        found = self.window.page("create")
        assert isinstance(found, CreatePage)
        return found

    def rows(self) -> list[Job]:
        return list(self.page.queue.feed.model.book)

    def close(self) -> None:
        self.window.detach()
        self.window.finish()
        self.window.deleteLater()


@pytest.fixture
def desk(qapp: QApplication, theme: Any, context: Context, tmp_path: Path) -> Iterator[Desk]:
    home = Home.locate(tmp_path / "home").make()
    SettingsStore(home.settings_file).change(output_root=str(tmp_path / "Pictures"))  # before anything looks around
    engine = Engine.open(home)
    made = Desk(context, engine)
    yield made
    made.close()
    engine.close()


def click(widget: Any) -> None:
    assert widget.isVisible() and widget.isEnabled()
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def type_in(widget: Any, text: str) -> None:
    widget.setFocus()
    widget.selectAll()
    QTest.keyClicks(widget, text)


async def in_front(desk: Desk) -> None:
    """Shortcuts reach only the active window."""
    desk.window.activateWindow()
    await until(desk.window.isActiveWindow)


async def mended(desk: Desk, url: str) -> CreatePage:
    """The page with the missing model replaced by one click."""
    page = await desk.open(url)
    row = page.form.sheet.rows[CHECKPOINT]
    assert "sd_xl_base_1.0 is not on this server" in row.issue_line.sentence.text()
    click(row.issue_line.use)
    await until(page.form.footer.queue.isEnabled)
    return page


async def test_from_the_prompt_to_the_picture_in_the_folder(desk: Desk, server: DemoProcess, tmp_path: Path) -> None:
    page = await mended(desk, server.url)
    seen: set[str] = set()
    page.stage.shown.connect(seen.add)
    type_in(page.form.sheet.rows[PROMPT].editors[PROMPT].box, "a wolf at night")
    type_in(page.form.footer.runs.line, "2")
    assert page.form.footer.queue.headline == "Queue 2 runs · 2 pictures"
    click(page.form.footer.queue)
    await until(lambda: len(desk.rows()) == 2)
    await until(lambda: page.stage.strip.job is not None and page.stage.strip.stop.isVisible())
    await until(lambda: "of 20" in page.stage.strip.step.text())
    await until(lambda: [job.state for job in desk.rows()] == [JobState.DONE] * 2, 15)
    files = sorted((tmp_path / "Pictures" / "SDXL").rglob("*.png"))
    assert len(files) == 2 and sorted(Path(job.files[0].path) for job in desk.rows()) == files
    await until(lambda: page.stage.follow.scene.kind is Kind.RESULT and page.stage.area.view.has_image)
    await until(lambda: page.stage.newest.model.rowCount() == 2)
    assert "live" in seen, "previews were asked for and shown while the picture was made"
    await until(lambda: page.stage.area.tag.text().startswith("Result · "))
    prompt = await desk.context.bridge.call(desk.engine.queue.prompt, desk.rows()[0].job_id)
    assert prompt["6"]["inputs"]["text"] == "a wolf at night"


async def test_the_keyboard_alone_queues_and_the_focus_stays_in_the_prompt(desk: Desk, server: DemoProcess) -> None:
    page = await mended(desk, server.url)
    box = page.form.sheet.rows[PROMPT].editors[PROMPT].box
    await in_front(desk)
    type_in(box, "a heron")
    QTest.keyClick(box, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: len(desk.rows()) == 1)
    assert box.hasFocus() and box.toPlainText() == "a heron"
    await until(lambda: desk.rows()[0].state is JobState.DONE)


async def test_stop_ends_the_run_and_undo_takes_the_rest_back(desk: Desk, server: DemoProcess) -> None:
    page = await mended(desk, server.url)
    toasts: list[tuple[str, str, Any]] = []
    page.toast_requested.connect(lambda *toast: toasts.append(toast))
    type_in(page.form.sheet.rows[STEPS].editors[STEPS].line, "200")
    type_in(page.form.footer.runs.line, "3")
    click(page.form.footer.queue)
    await until(lambda: any(job.state is JobState.RUNNING for job in desk.rows()))
    await until(lambda: bool(toasts))
    toasts[0][2]()
    await until(lambda: len(desk.rows()) == 1)  # what never ran leaves no row
    await until(page.stage.strip.stop.isVisible)
    await in_front(desk)
    for _ in range(2):
        QTest.keyClick(page, Qt.Key.Key_Escape)
    await until(lambda: all(job.state is JobState.CANCELLED for job in desk.rows()))
    await until(lambda: not page.stage.strip.stop.isVisible())


async def test_out_of_memory_is_said_on_the_stage_with_one_way_on(desk: Desk, server: DemoProcess) -> None:
    page = await mended(desk, server.url)
    type_in(page.form.sheet.rows[PROMPT].editors[PROMPT].box, "OOM please")
    click(page.form.footer.queue)
    await until(page.stage.area.card.isVisible)
    assert "ran out of memory" in page.stage.area.card.sentence.text()
    assert page.stage.area.card.primary.text() == "Free memory and retry"
    click(page.stage.area.card.primary)
    await until(lambda: len(desk.rows()) == 2)
    await until(lambda: all(job.state is JobState.FAILED for job in desk.rows()))


async def test_a_failed_row_offers_details_and_run_again(desk: Desk, server: DemoProcess) -> None:
    page = await mended(desk, server.url)
    type_in(page.form.sheet.rows[PROMPT].editors[PROMPT].box, "FAIL please")
    click(page.form.footer.queue)
    await until(lambda: [job.state for job in desk.rows()] == [JobState.FAILED])
    failed = desk.rows()[0]
    page.queue.view.press_button(failed, Action.DETAILS)
    dialog = next(w for w in desk.window.children() if type(w).__name__ == "JobDetails")
    assert dialog.isVisible()
    dialog.close()
    page.queue.view.press_button(failed, Action.RETRY)
    await until(lambda: len(desk.rows()) == 2)


async def test_what_was_typed_and_queued_is_there_after_a_restart(
    desk: Desk, server: DemoProcess, tmp_path: Path, qapp: QApplication, theme: Any
) -> None:
    page = await mended(desk, server.url)
    type_in(page.form.sheet.rows[PROMPT].editors[PROMPT].box, "a heron")
    click(page.form.footer.queue)
    await until(lambda: [job.state for job in desk.rows()] == [JobState.DONE])
    desk.window.detach()
    desk.engine.close()
    context = make_context(qapp, theme)
    again = Desk(context, Engine.open(Home.locate(tmp_path / "home")))
    again.window.show()
    again.window.make_current_page()
    await again.window.attach(again.engine)
    again.window.go_to("create")
    await until(lambda: again.page.form.sheet is not None)
    assert again.page.form.sheet.rows[PROMPT].editors[PROMPT].value == "a heron"
    await until(lambda: [job.state for job in again.rows()] == [JobState.DONE])
    await until(lambda: again.page.stage.newest.model.rowCount() == 1)
    again.close()
    await context.bridge.aclose()
    again.engine.close()
    context.bridge.deleteLater()
