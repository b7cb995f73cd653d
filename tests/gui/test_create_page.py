"""The Create page: stage, strip and arrangement, with the engine's changes played by hand."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from comfydesk.gallery.model import GalleryAdded, GalleryItem, GalleryRemoved
from comfydesk.gui.context import Context
from comfydesk.gui.create.follow import Follow, Kind
from comfydesk.gui.create.page import CreatePage
from comfydesk.gui.create.strip import said
from comfydesk.jobs.model import (
    HostChanged,
    Job,
    JobError,
    JobProgress,
    JobState,
    OutputPreview,
    OutputSaved,
    OwnerKind,
    Preview,
    QueueSummary,
    SavedFile,
)
from comfydesk.library.model import LibraryChanged, WorkflowEntry
from comfydesk.server.types import Connection, RemoteFile
from tests.gui.stand_in import HOST, NAMES, StandInEngine, StandInStates, job, object_info, starters

NOW = 1_800_000_000.0
MEMORY = JobError("out_of_memory", "KSampler ran out of memory on gpu-box.", "Free memory and retry.", "3", "KSampler")


def jpeg(colour: str, side: int = 64) -> bytes:
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "JPG")
    return bytes(data.data())


@pytest.fixture
def states() -> StandInStates:
    return StandInStates(HOST)


@pytest.fixture
def page(qtbot: QtBot, context: Context, stand_in: StandInEngine, states: StandInStates) -> Any:
    stand_in.info = object_info(["sd_xl_base_1.0.safetensors", *NAMES])
    made = CreatePage(context)
    qtbot.addWidget(made)
    made.resize(1367, 850)
    made.show()
    made.set_states(states)
    made.attach(stand_in)
    qtbot.waitUntil(lambda: made.form.sheet is not None)
    yield made
    made.detach()


def running(number: int = 1, **facts: Any) -> Job:
    return job(number, JobState.RUNNING, started_at=time.time(), **facts)


def picture(folder: Path, name: str, colour: str = "#336699") -> str:
    path = folder / name
    path.write_bytes(jpeg(colour))
    return str(path)


def saved(path: str, job_id: str = "job-1", kind: str = "picture") -> OutputSaved:
    return OutputSaved(job_id, 1, SavedFile(path, 1, "", "9", RemoteFile("a.png")), kind)


# the stage


def test_a_live_picture_is_shown_and_named_then_the_result(
    qtbot: QtBot, page: Any, stand_in: StandInEngine, tmp_path: Path
) -> None:
    assert page.stage.area.empty.isVisible()
    stand_in.put(running())
    stand_in.announce(Preview("job-1", "3", "image/jpeg", jpeg("#ff0000")))
    qtbot.waitUntil(lambda: page.stage.area.tag.isVisible() and page.stage.area.tag.text() == "Live")
    stand_in.announce(saved(picture(tmp_path, "a.png")))
    qtbot.waitUntil(lambda: page.stage.area.tag.text().startswith("Result · "))
    assert page.stage.area.view.has_image


def test_only_the_newest_of_many_live_pictures_is_decoded(qtbot: QtBot, page: Any, stand_in: StandInEngine) -> None:
    stand_in.put(running())
    decoded: list[int] = []
    ask = page.context.bridge.picture

    def count(data: Any, size: Any, then: Any) -> None:
        decoded.append(1)
        ask(data, size, then)

    page.context.bridge.picture = count
    for number in range(200):
        stand_in.announce(Preview("job-1", "3", "image/jpeg", jpeg(f"#{number:02x}0000", 32 + number % 7)))
    qtbot.waitUntil(lambda: page.stage.area.view.has_image)
    qtbot.wait(150)
    assert len(decoded) < 20


def test_pictures_of_commands_do_not_take_the_stage(qtbot: QtBot, page: Any, stand_in: StandInEngine) -> None:
    stand_in.put(running(1, owner_kind=OwnerKind.RUN), job(2))
    qtbot.waitUntil(lambda: page.queue.feed.model.rowCount() == 2)
    stand_in.announce(Preview("job-1", "3", "image/jpeg", jpeg("#ff0000")))
    stand_in.announce(QueueSummary(1, 0, 0, 3, paused=False))
    qtbot.waitUntil(lambda: page.queue.feed.done_today == 3)
    assert page.stage.follow.scene.kind is Kind.EMPTY


def test_a_picked_result_stays_until_back_to_live(
    qtbot: QtBot, page: Any, stand_in: StandInEngine, tmp_path: Path
) -> None:
    stand_in.put(running())
    stand_in.announce(Preview("job-1", "3", "image/jpeg", jpeg("#ff0000")))
    qtbot.waitUntil(lambda: page.stage.area.tag.text() == "Live")
    old = GalleryItem(7, picture(tmp_path, "old.png"), "old.png", "picture", 1, NOW, "SDXL")
    page.stage.show_item(old)
    qtbot.waitUntil(lambda: page.stage.area.live.isVisible())
    stand_in.announce(Preview("job-1", "3", "image/jpeg", jpeg("#00ff00")))
    qtbot.wait(100)
    assert page.stage.area.tag.text().startswith("Result · ")
    qtbot.mouseClick(page.stage.area.live, Qt.MouseButton.LeftButton)
    assert page.stage.area.tag.text() == "Live" and not page.stage.area.live.isVisible()


def test_an_unsaved_preview_says_so_and_can_be_kept(
    qtbot: QtBot, page: Any, stand_in: StandInEngine, tmp_path: Path
) -> None:
    stand_in.put(running())
    stand_in.announce(OutputPreview("job-1", 5, "9", RemoteFile("t.png", type="temp"), picture(tmp_path, "t.png")))
    qtbot.waitUntil(lambda: page.stage.area.tag.text() == "Preview, not saved" and page.stage.area.keep.isVisible())
    qtbot.mouseClick(page.stage.area.keep, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: stand_in.queue.calls == [("keep", 5)])


def test_a_failure_stands_over_the_dimmed_picture_with_one_action_first(
    qtbot: QtBot, page: Any, stand_in: StandInEngine
) -> None:
    stand_in.put(running())
    stand_in.announce(Preview("job-1", "3", "image/jpeg", jpeg("#ff0000")))
    qtbot.waitUntil(lambda: page.stage.area.view.has_image)
    stand_in.put(job(1, JobState.FAILED, finished_at=time.time(), error=MEMORY))
    qtbot.waitUntil(page.stage.area.card.isVisible)
    assert page.stage.area.card.sentence.text() == MEMORY.message
    assert page.stage.area.card.primary.text() == "Free memory and retry"
    qtbot.mouseClick(page.stage.area.card.primary, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: stand_in.queue.calls == [("retry", ["job-1"])])
    assert not page.stage.area.card.isVisible()


def test_the_next_run_takes_the_stage_back_from_an_error(qtbot: QtBot, page: Any, stand_in: StandInEngine) -> None:
    stand_in.put(job(1, JobState.FAILED, finished_at=time.time(), error=MEMORY), running(2))
    qtbot.waitUntil(page.stage.area.card.isVisible)
    stand_in.announce(Preview("job-2", "3", "image/jpeg", jpeg("#ff0000")))
    qtbot.waitUntil(lambda: not page.stage.area.card.isVisible() and page.stage.area.tag.text() == "Live")


def test_previews_are_asked_for_only_while_the_stage_is_seen(qtbot: QtBot, page: Any, stand_in: StandInEngine) -> None:
    qtbot.waitUntil(lambda: stand_in.queue.previews is True)
    page.hide()
    qtbot.waitUntil(lambda: stand_in.queue.previews is False)


def test_a_result_that_is_no_picture_is_named(qtbot: QtBot, page: Any, stand_in: StandInEngine, tmp_path: Path) -> None:
    stand_in.put(running())
    stand_in.announce(saved(str(tmp_path / "house.glb"), kind="model"))
    qtbot.waitUntil(page.stage.area.other.isVisible)
    assert page.stage.area.other.title.text() == "house.glb"


def test_a_video_is_played_until_something_else_is_shown(
    qtbot: QtBot, page: Any, stand_in: StandInEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played: list[str] = []

    class Player(QWidget):
        """Qt's own player writes to its log on a machine without sound."""

        def show_file(self, path: str, *, is_sound: bool = False) -> None:
            played.append(Path(path).name)

    monkeypatch.setattr("comfydesk.gui.gallery.media.MediaView", lambda _context: Player())
    stand_in.put(running())
    stand_in.announce(saved(str(tmp_path / "clip.mp4"), kind="video"))
    qtbot.waitUntil(lambda: played == ["clip.mp4"])
    assert page.stage.area.tag.text().startswith("Result · ")
    stand_in.announce(Preview("job-1", "3", "image/jpeg", jpeg("#ff0000")))
    qtbot.waitUntil(lambda: page.stage.area.view.isVisible())
    assert played == ["clip.mp4", ""]


def test_a_result_whose_file_is_gone_is_said(qtbot: QtBot, page: Any, stand_in: StandInEngine, tmp_path: Path) -> None:
    page.stage.show_item(GalleryItem(7, str(tmp_path / "old.png"), "old.png", "picture", 1, NOW, "SDXL"))
    qtbot.waitUntil(page.stage.area.other.isVisible)
    assert "not there any more" in page.stage.area.other.text.text()
    assert not page.stage.area.open_file.isVisible()


def test_the_stage_follows_until_a_person_picks() -> None:
    follow = Follow()
    assert follow.live("a") and follow.scene.kind is Kind.LIVE
    follow.pick("/x.png", "picture", NOW, "z")
    assert not follow.live("b") and follow.scene.kind is Kind.PICKED
    assert not follow.saved("b", "/b.png", "picture", NOW)
    assert follow.back().path == "/b.png"
    temp = OutputPreview("b", 1, "9", RemoteFile("t"), "/t.png")
    assert not follow.unsaved(temp), "a saved file of the same job is worth more"


# the strip


def test_the_strip_says_node_step_run_and_stops(qtbot: QtBot, page: Any, stand_in: StandInEngine) -> None:
    stand_in.put(running(0), job(1), job(2))
    stand_in.announce(JobProgress("job-0", "3", "KSampler", 13, 20, 0.57, "sampling", time.time()))
    strip = page.stage.strip
    qtbot.waitUntil(lambda: strip.step.text() == "13 of 20")
    assert strip.node.text() == "KSampler" and strip.rest.text() == "run 1 of 3 · SDXL"
    assert strip.bar.fraction == 0.57 and strip.more.isVisible()
    qtbot.mouseClick(strip.stop, Qt.MouseButton.LeftButton)
    strip.stop_all()
    qtbot.waitUntil(lambda: len(stand_in.queue.calls) == 2)
    assert stand_in.queue.calls == [("cancel", ["job-0"]), ("cancel", ["job-0", "job-1", "job-2"])]


def test_while_the_host_does_not_answer_or_only_files_come_nothing_is_called_live_or_promised(
    qtbot: QtBot, page: Any, stand_in: StandInEngine
) -> None:
    stand_in.announce(QueueSummary(1, 0, 0, 0, paused=False, eta=time.time() + 60))
    stand_in.put(running())
    stand_in.announce(Preview("job-1", "3", "image/jpeg", jpeg("#336699")))
    qtbot.waitUntil(lambda: page.stage.area.tag.text() == "Live")
    assert "done about" in page.queue.header.sentence.text()
    stand_in.announce(HostChanged(HOST.host_id, Connection.OFFLINE))
    qtbot.waitUntil(lambda: page.stage.area.tag.text() == "Last preview")
    assert page.stage.strip.when.text() == "waits for gpu-box"
    assert page.queue.header.sentence.text() == "1 running"
    stand_in.announce(HostChanged(HOST.host_id, Connection.LIVE))
    qtbot.waitUntil(lambda: page.stage.area.tag.text() == "Live")
    stand_in.put(job(1, JobState.SAVING, started_at=time.time()))
    qtbot.waitUntil(lambda: page.stage.area.tag.text() == "Last preview")
    assert page.queue.header.sentence.text() == "1 saving"


def test_a_model_that_loads_says_how_long_already() -> None:
    loading = JobProgress("j", "4", "Load Checkpoint", 0, 0, 0.1, "loading", NOW - 12)
    assert said(running(), loading, NOW) == ("Load Checkpoint", "loading · 12 s")
    assert said(running(), None, NOW) == ("Starting", "")
    assert said(running(cancelling=True), loading, NOW) == ("Stopping", "")


def test_escape_twice_stops_once_does_not(qtbot: QtBot, page: Any, stand_in: StandInEngine) -> None:
    stand_in.put(running())
    qtbot.waitUntil(lambda: page.stage.strip.job is not None)
    page._escaped()
    assert page.stage.strip.when.text() == "Esc again stops this run" and stand_in.queue.calls == []
    page._escaped()
    qtbot.waitUntil(lambda: stand_in.queue.calls == [("cancel", ["job-1"])])


# the newest results


def test_new_results_come_first_and_open_the_gallery(
    qtbot: QtBot, page: Any, stand_in: StandInEngine, tmp_path: Path
) -> None:
    items = [
        GalleryItem(n, picture(tmp_path, f"{n}.png"), f"{n}.png", "picture", 1, NOW + n, "SDXL") for n in range(1, 4)
    ]
    stand_in.items = items
    stand_in.announce(GalleryAdded(tuple(items)))
    strip = page.stage.newest
    qtbot.waitUntil(lambda: [item.item_id for item in strip.model.items] == [3, 2, 1] and strip.isVisible())
    qtbot.waitUntil(lambda: strip.model._pictures.get(3) is not None)
    stand_in.announce(GalleryRemoved((2,)))
    qtbot.waitUntil(lambda: [item.item_id for item in strip.model.items] == [3, 1])
    with qtbot.waitSignal(page.page_requested) as asked:
        qtbot.mouseClick(strip.open_gallery, Qt.MouseButton.LeftButton)
    assert asked.args == ["gallery"]


def test_the_stage_begins_with_the_last_picture_of_an_earlier_start(
    qtbot: QtBot, page: Any, stand_in: StandInEngine, tmp_path: Path
) -> None:
    page.detach()
    stand_in.items = [GalleryItem(1, picture(tmp_path, "1.png"), "1.png", "picture", 1, NOW, "SDXL")]
    page.attach(stand_in)
    qtbot.waitUntil(lambda: page.stage.area.view.has_image and page.stage.area.tag.text().startswith("Result · "))


# hosts and times


def test_without_a_host_queue_leads_to_the_hosts(
    qtbot: QtBot, page: Any, stand_in: StandInEngine, states: StandInStates
) -> None:
    states.current = stand_in.host = None
    states.become(Connection.UNKNOWN)
    assert page.form.footer.queue.note == "waits until a host is chosen"
    with qtbot.waitSignal(page.page_requested) as asked:
        page.form.queue()
    assert asked.args == ["hosts"] and stand_in.presses == []
    stand_in.host = HOST  # added a moment ago, not told yet
    page.form.queue()
    qtbot.waitUntil(lambda: [press["host_id"] for press in stand_in.presses] == ["gpu-box"])


def test_queue_stays_possible_while_the_host_is_away(
    qtbot: QtBot, page: Any, stand_in: StandInEngine, states: StandInStates
) -> None:
    states.become(Connection.OFFLINE)
    assert page.form.footer.queue.isEnabled()
    assert page.form.footer.queue.note == "starts when gpu-box answers"
    opened = page.form.session.workflow
    states.become(Connection.LIVE)
    qtbot.waitUntil(lambda: page.form.session.workflow is not opened)
    assert page.form.footer.queue.note == ""


def test_the_button_says_when_by_the_clock(qtbot: QtBot, page: Any, stand_in: StandInEngine) -> None:
    now = time.time()
    stand_in.put(job(9, JobState.DONE, started_at=now - 100, finished_at=now - 10, press="old"))
    qtbot.waitUntil(lambda: page.form.footer.queue.note.startswith("done about "))
    stand_in.announce(QueueSummary(0, 1, 0, 0, paused=True))
    qtbot.waitUntil(lambda: page.form.footer.queue.note == "waits: the queue is paused")


def test_runs_lost_by_a_restart_are_said_together_with_one_way_back(
    qtbot: QtBot, page: Any, stand_in: StandInEngine
) -> None:
    qtbot.waitUntil(lambda: page.queue.feed.model.host_name("gpu-box") == "gpu-box")
    with qtbot.waitSignal(page.toast_requested) as toast:
        stand_in.put(*(job(n, JobState.LOST, finished_at=time.time()) for n in (1, 2)))
    assert toast.args[:2] == ["gpu-box restarted: 2 runs were lost", "Run again"]
    toast.args[2]()
    qtbot.waitUntil(lambda: stand_in.queue.calls == [("retry", ["job-1", "job-2"])])


# arrangement


@pytest.mark.parametrize(
    ("width", "folded", "stacked"), [(1440, False, False), (1199, True, False), (999, True, True), (1201, False, False)]
)
def test_the_page_fits_its_width(qtbot: QtBot, page: Any, width: int, folded: bool, stacked: bool) -> None:
    page.resize(width - 73, 600)
    assert page.library.is_folded is folded
    assert (page.work.orientation() is Qt.Orientation.Vertical) is stacked
    assert page.queue.is_folded is stacked


def test_the_library_opens_searches_adds_and_removes(
    qtbot: QtBot, page: Any, stand_in: StandInEngine, context: Context
) -> None:
    mine = WorkflowEntry("cats", "Cats", starters()[0].path, 7, False, 0.0)
    stand_in.entries = [*starters(), mine]
    stand_in.announce(LibraryChanged())
    library = page.library
    qtbot.waitUntil(lambda: library.model.row_of("cats") >= 0)
    library.search.setText("flux")
    qtbot.keyClick(library.search, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.form.header.title.text() == "Flux Schnell")
    assert library.model.row_of("cats") == -1
    assert context.settings.get("last_workflow") == "flux-schnell"
    library.search.clear()
    library.commands.remove([starters()[0], mine])
    qtbot.waitUntil(lambda: [entry.name for entry in stand_in.entries] == ["sdxl", "flux-schnell"])


def test_nothing_is_left_of_an_engine_that_goes(qtbot: QtBot, page: Any, stand_in: StandInEngine) -> None:
    stand_in.put(running())
    qtbot.waitUntil(lambda: page.queue.feed.model.rowCount() == 1)
    page.detach()
    assert page.queue.feed.model.rowCount() == 0 and page.form.sheet is None and page.stage.area.empty.isVisible()
    page.attach(stand_in)
    qtbot.waitUntil(lambda: page.form.sheet is not None)
