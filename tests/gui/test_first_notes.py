"""What is said once: where results go, that previews are off, and what a crash left."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from comfydesk.gui.context import Context
from comfydesk.gui.create.first_notes import FirstNotes
from comfydesk.gui.queue.feed import QueueFeed
from comfydesk.jobs.model import Job, JobProgress, JobState, OutputSaved, Preview, SavedFile
from comfydesk.jobs.owners import Crash
from comfydesk.server.types import RemoteFile
from tests.gui.stand_in import StandInEngine, job


class Desk:
    """Notes on a feed, and what they said."""

    def __init__(self, context: Context) -> None:
        self.feed = QueueFeed(context)
        self.notes = FirstNotes(context, self.feed)
        self.said: list[tuple[str, str, Any]] = []
        self.notes.toast_requested.connect(lambda *toast: self.said.append(toast))
        self.notes.set_watched(True)

    def attach(self, engine: StandInEngine) -> None:
        self.feed.attach(engine)
        self.notes.attach(engine)


@pytest.fixture
def desk(qapp: Any, context: Context, stand_in: StandInEngine) -> Iterator[Desk]:
    made = Desk(context)
    yield made
    made.notes.detach()
    made.feed.detach()


def running(number: int) -> Job:
    return job(number, JobState.RUNNING, started_at=time.time(), created_at=time.time() + 1)


def test_where_results_go_is_said_once(qtbot: QtBot, desk: Desk, stand_in: StandInEngine) -> None:
    desk.attach(stand_in)
    for number in (1, 2):
        begun = running(number)
        stand_in.put(begun)
        file = SavedFile("/results/a.png", 1, "", "9", RemoteFile("a.png"))
        stand_in.announce(OutputSaved(begun.job_id, 1, file, "picture"))
        stand_in.put(replace(begun, state=JobState.DONE, finished_at=time.time()))
        qtbot.waitUntil(lambda n=number: desk.feed.model.book.counts[JobState.DONE] == n)
    qtbot.waitUntil(lambda: bool(desk.said))
    ((text, action, _),) = desk.said
    assert text == f"Saved to {stand_in.home.root / 'results'}. The server keeps its own copy."
    assert action == "Open folder"


@pytest.mark.parametrize("previews", [True, False])
def test_a_server_that_sends_no_previews_is_said_once(
    qtbot: QtBot, desk: Desk, stand_in: StandInEngine, previews: bool
) -> None:
    desk.attach(stand_in)
    for number in (1, 2):
        begun = running(number)
        stand_in.put(begun)
        if previews:  # first: the window may hear the two at different times
            stand_in.announce(Preview(begun.job_id, "3", "image/jpeg", b""))
        stand_in.announce(JobProgress(begun.job_id, "3", "KSampler", 9, 20, 0.5, "sampling", time.time()))
        qtbot.waitUntil(lambda job_id=begun.job_id: job_id in desk.feed.model.book.progress)
        stand_in.put(replace(begun, state=JobState.DONE, finished_at=time.time()))
        qtbot.waitUntil(lambda n=number: desk.feed.model.book.counts[JobState.DONE] == n)
    assert len(desk.said) == (0 if previews else 1)
    assert previews or "--preview-method auto" in desk.said[0][0]


@pytest.mark.parametrize("again", [False, True])
def test_what_a_crash_left_is_said(qtbot: QtBot, desk: Desk, stand_in: StandInEngine, again: bool) -> None:
    stand_in.queue.crash = Crash(18, again)
    desk.attach(stand_in)
    ((text, action, act),) = desk.said
    assert "18 runs kept" in text
    assert action == ("Resume" if again else "Pause")
    act()
    qtbot.waitUntil(lambda: stand_in.queue.names()[-1:] == ["resume" if again else "pause"])
