"""The queue below Create and as a page: buttons, keys, filters, undo."""

from __future__ import annotations

import time
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QPlainTextEdit
from pytestqt.qtbot import QtBot

from comfydesk.engine.model import Queued
from comfydesk.gui.context import Context
from comfydesk.gui.queue.details import JobDetails, report
from comfydesk.gui.queue.model import JOB_ROLE
from comfydesk.gui.queue.page import QueuePage
from comfydesk.gui.queue.panel import QueuePanel
from comfydesk.gui.queue.words import Action
from comfydesk.jobs.model import JobError, JobProgress, JobState, QueueSummary
from tests.gui.stand_in import StandInEngine, job

MEMORY = JobError(
    "out_of_memory", "KSampler ran out of memory on gpu-box.", "Free memory and retry.", "3", "KSampler", details="<b>"
)


@pytest.fixture
def panel(qtbot: QtBot, context: Context, stand_in: StandInEngine) -> Any:
    made = QueuePanel(context)
    qtbot.addWidget(made)
    made.resize(1300, 260)
    made.show()
    made.attach(stand_in)
    yield made
    made.detach()


def rows(panel: Any) -> list[str]:
    model = panel.view.model()
    return [model.index(row, 0).data(JOB_ROLE).job_id for row in range(model.rowCount())]


def click(qtbot: QtBot, panel: Any, job_id: str, action: Action) -> None:
    """Click a button of a row where it is painted."""
    view = panel.view
    index = view.model().index(rows(panel).index(job_id), 0)
    found = view._delegate.buttons(view.visualRect(index), index.data(JOB_ROLE))
    area = next(button.area for button in found if button.action is action)
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(area.center()))


def test_jobs_appear_run_and_end_as_the_engine_says(qtbot: QtBot, panel: Any, stand_in: StandInEngine) -> None:
    stand_in.put(job(1), job(2))
    qtbot.waitUntil(lambda: rows(panel) == ["job-1", "job-2"])
    stand_in.put(job(2, JobState.RUNNING, started_at=time.time()))
    stand_in.announce(JobProgress("job-2", "3", "KSampler", 13, 20, 0.57, "sampling", time.time()))
    qtbot.waitUntil(lambda: rows(panel) == ["job-2", "job-1"])
    assert "1 running · 1 waiting" in panel.header.sentence.text()


def test_jobs_of_an_earlier_start_are_there(
    qtbot: QtBot, context: Context, stand_in: StandInEngine, panel: Any
) -> None:
    panel.detach()
    stand_in.queue.rows = {each.job_id: each for each in (job(1), job(2))}
    panel.attach(stand_in)
    qtbot.waitUntil(lambda: rows(panel) == ["job-1", "job-2"])


def test_the_buttons_of_a_row_do_what_they_say(qtbot: QtBot, panel: Any, stand_in: StandInEngine) -> None:
    stand_in.put(job(1), job(2), job(3, JobState.FAILED, finished_at=time.time(), error=MEMORY))
    qtbot.waitUntil(lambda: len(rows(panel)) == 3)
    click(qtbot, panel, "job-2", Action.NEXT)
    click(qtbot, panel, "job-1", Action.CANCEL)
    qtbot.waitUntil(lambda: len(stand_in.queue.calls) == 2)
    assert stand_in.queue.calls == [("next", ["job-2"]), ("cancel", ["job-1"])]
    click(qtbot, panel, "job-3", Action.DISMISS)
    assert "job-3" not in rows(panel)


def test_out_of_memory_offers_to_free_memory_and_retries(qtbot: QtBot, panel: Any, stand_in: StandInEngine) -> None:
    class Link:
        class client:
            @staticmethod
            def free() -> None:
                stand_in.freed.append("gpu-box")

        @staticmethod
        async def control(fn: Any) -> None:
            fn()

    stand_in.hosts.link = lambda host_id: Link
    stand_in.put(job(3, JobState.FAILED, finished_at=time.time(), error=MEMORY))
    qtbot.waitUntil(lambda: rows(panel) == ["job-3"])
    with qtbot.waitSignal(panel.toast_requested) as toast:
        click(qtbot, panel, "job-3", Action.FREE_RETRY)
    assert stand_in.freed == ["gpu-box"] and stand_in.queue.calls == [("retry", ["job-3"])]
    assert toast.args[0] == "Queued 1 run again"


def test_delete_stops_the_selected_rows(qtbot: QtBot, panel: Any, stand_in: StandInEngine) -> None:
    stand_in.put(job(1), job(2), job(3))
    qtbot.waitUntil(lambda: len(rows(panel)) == 3)
    panel.view.selectAll()
    qtbot.keyClick(panel.view, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: bool(stand_in.queue.calls))
    assert stand_in.queue.calls == [("cancel", ["job-1", "job-2", "job-3"])]


def test_undo_takes_a_press_back_while_some_of_it_waits(qtbot: QtBot, panel: Any, stand_in: StandInEngine) -> None:
    runs = [job(1), job(2)]
    with qtbot.waitSignal(panel.toast_requested) as toast:
        panel.feed.offer_undo(Queued("press", tuple(runs), (1, 2), ""))
    text, action, undo = toast.args
    assert (text, action) == ("Queued 2 runs", "Undo")
    assert undo.is_open()  # not known to the list yet
    stand_in.put(*runs)
    qtbot.waitUntil(lambda: len(rows(panel)) == 2)
    stand_in.put(job(1, JobState.RUNNING, started_at=time.time()))
    qtbot.waitUntil(lambda: panel.feed.model.book.running_count == 1)
    assert undo.is_open()
    undo()
    qtbot.waitUntil(lambda: stand_in.queue.calls == [("undo", "press")])
    stand_in.put(job(2, JobState.RUNNING, started_at=time.time()))
    qtbot.waitUntil(lambda: not undo.is_open())


def test_clearing_what_waits_can_be_undone(qtbot: QtBot, panel: Any, stand_in: StandInEngine) -> None:
    stand_in.put(job(1), job(2))
    qtbot.waitUntil(lambda: panel.header.clear.isEnabled())
    with qtbot.waitSignal(panel.toast_requested) as toast:
        qtbot.mouseClick(panel.header.clear, Qt.MouseButton.LeftButton)
    text, action, undo = toast.args
    assert text == "Took out 2 waiting runs" and action == "Undo"
    undo()
    qtbot.waitUntil(lambda: stand_in.queue.calls[-1] == ("retry", ["job-1", "job-2"]))


def test_pause_becomes_resume(qtbot: QtBot, panel: Any, stand_in: StandInEngine) -> None:
    stand_in.put(job(1))
    stand_in.announce(QueueSummary(0, 1, 0, 0, paused=False))
    qtbot.waitUntil(lambda: panel.header.pause.isEnabled())
    qtbot.mouseClick(panel.header.pause, Qt.MouseButton.LeftButton)
    stand_in.announce(QueueSummary(0, 1, 0, 0, paused=True))
    qtbot.waitUntil(lambda: panel.header.pause.text() == "Resume")
    qtbot.mouseClick(panel.header.pause, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: stand_in.queue.names() == ["pause", "resume"])


def test_the_panel_folds_to_its_head(qtbot: QtBot, panel: Any) -> None:
    with qtbot.waitSignal(panel.folded) as folded:
        qtbot.mouseClick(panel.header.fold, Qt.MouseButton.LeftButton)
    assert folded.args == [True] and not panel.body.isVisible()


def test_the_page_filters_by_state_and_words(qtbot: QtBot, context: Context, stand_in: StandInEngine) -> None:
    page = QueuePage(context)
    qtbot.addWidget(page)
    page.show()
    page.attach(stand_in)
    stand_in.put(
        job(1, differs="prompt: fox → wolf"),
        job(2, JobState.RUNNING, started_at=time.time()),
        job(3, JobState.FAILED, finished_at=time.time(), error=MEMORY),
    )
    qtbot.waitUntil(lambda: len(rows(page)) == 3)
    qtbot.mouseClick(page.chips["failed"], Qt.MouseButton.LeftButton)
    assert rows(page) == ["job-3"]
    page.show_filter("all")
    page.search.setText("WOLF")
    assert rows(page) == ["job-1"]
    page.search.setText("nothing like it")
    assert page.empty_title.text() == "No row fits" and page.empty_title.isVisible()
    page.detach()


def test_the_empty_page_says_what_today_brought(qtbot: QtBot, context: Context, stand_in: StandInEngine) -> None:
    page = QueuePage(context)
    qtbot.addWidget(page)
    page.show()
    page.attach(stand_in)
    stand_in.announce(QueueSummary(0, 0, 0, 48, paused=False))
    qtbot.waitUntil(lambda: page.empty_text.text() == "Results of today: 48")
    assert page.empty_title.text() == "Nothing waits"
    page.detach()


def test_details_show_hostile_text_as_it_is_and_make_a_report(qtbot: QtBot, context: Context) -> None:
    failed = job(1, JobState.FAILED, workflow="<img src=x>", error=MEMORY, prompt_id="p-1")
    dialog = JobDetails(context, failed, "gpu-box")
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.findChild(QPlainTextEdit).toPlainText() == "<b>"
    text = report(failed, "gpu-box")
    assert "out_of_memory" in text and "<img src=x>" in text
    QApplication.clipboard().clear()
    dialog.close()


def test_progress_of_one_row_does_not_touch_the_others(qtbot: QtBot, panel: Any, stand_in: StandInEngine) -> None:
    panel.feed.model.load([job(0, JobState.RUNNING, started_at=time.time()), *(job(n) for n in range(1, 3000))])
    QApplication.processEvents()
    asked: list[int] = []
    count = panel.feed.model.rowCount
    panel.feed.model.rowCount = lambda *parent: asked.append(1) or count(*parent)
    panel.feed.model.take([], [JobProgress("job-0", "3", "KSampler", 5, 20, 0.3, "sampling", time.time())])
    QApplication.processEvents()
    assert len(asked) < 100, "the view laid all rows out again"
    del panel.feed.model.rowCount
