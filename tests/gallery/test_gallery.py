"""Results become rows as they are saved; what is deleted here is deleted nowhere else."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from comfydesk.base.changes import Change, ChangeStream
from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.base.runtime import Runtime
from comfydesk.gallery import gallery as module
from comfydesk.gallery.gallery import Gallery
from comfydesk.gallery.model import GalleryAdded, GalleryChanged, GalleryItem, GalleryRemoved
from comfydesk.jobs.model import Job, JobChanged, JobRequest, JobState, OutputSaved, OwnerKind, SavedFile
from comfydesk.server.types import RemoteFile
from tests.jobs.samples import mp4, picture, png, png_chunk

GRAPH: dict[str, Any] = {
    "3": {"class_type": "KSampler", "inputs": {"seed": 551, "positive": ["6", 0], "steps": 20}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a red fox"}},
}
SELF_TELLING = png(png_chunk(b"tEXt", b"prompt\0" + json.dumps(GRAPH).encode()))


class Seen:
    """The changes that were announced, and a way to wait for one."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self._news = threading.Condition()

    def __call__(self, changes: list[Change]) -> None:
        with self._news:
            self.changes.extend(changes)
            self._news.notify_all()

    def wait(self, kind: type[Change], count: int = 1) -> list[Any]:
        def found() -> list[Change]:
            return [change for change in self.changes if isinstance(change, kind)]

        with self._news:
            assert self._news.wait_for(lambda: len(found()) >= count, 5), f"no {kind.__name__} came"
            return found()


class Room:
    """A gallery with its runtime, as the engine would make them."""

    def __init__(self, home: Home) -> None:
        self.runtime = Runtime()
        self.errors: list[BaseException] = []
        self.runtime.on_error = self.errors.append
        self.changes = ChangeStream(self.runtime.loop, interval=0.0)
        self.seen = Seen()
        self.changes.subscribe(self.seen)
        self.gallery = Gallery(home, self.runtime, self.changes)

    def do(self, coro: Any) -> Any:
        return self.runtime.call(coro, 10)

    def publish(self, change: Change) -> None:
        async def publish() -> None:
            self.changes.publish(change)

        self.do(publish())

    def end(self) -> None:
        self.do(self.gallery.close())
        self.runtime.stop()
        assert self.errors == []


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home", tmp_path / "cache")


@pytest.fixture
def room(home: Home) -> Iterator[Room]:
    opened = Room(home)
    opened.do(opened.gallery.start(watch=False))
    yield opened
    opened.end()


def job(number: int = 1, **facts: Any) -> Job:
    given = {
        "job_id": f"job{number}", "state": JobState.RUNNING, "workflow": "SDXL", "host_id": "gpu", "owner": "o",
        "owner_kind": OwnerKind.WINDOW, "position": 1.0, "created_at": 1.0, "seed": 551, "started_at": 100.0,
    }  # fmt: skip
    return Job(**(given | facts))


def saved(folder: Path, name: str, data: bytes, kind: str = "picture", number: int = 1) -> OutputSaved:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    return OutputSaved(f"job{number}", number, SavedFile(str(file), len(data), digest, "9", RemoteFile("a.png")), kind)


def test_a_saved_file_becomes_a_row_with_everything_about_it(room: Room, tmp_path: Path) -> None:
    request = JobRequest(
        workflow="SDXL",
        prompt=GRAPH,
        host_id="gpu",
        titles={"9": "Save Image"},
        params={"Prompt": "a wolf", "Steps": 20},
    )
    change = saved(tmp_path / "r", "a.png", picture("PNG", (64, 48)))
    item = room.do(room.gallery.add_saved(change, job(finished_at=104.5), request, "gpu-box"))
    assert (item.workflow, item.kind, item.seed, item.prompt) == ("SDXL", "picture", 551, "a wolf")
    assert (item.width, item.height, item.host, item.took) == (64, 48, "gpu-box", 4.5)
    assert item.section == "Today · SDXL"
    (added,) = room.seen.wait(GalleryAdded)
    assert added.items == (item,)
    assert room.do(room.gallery.page(0, 10)) == [item]
    assert room.do(room.gallery.count("wolf")) == 1
    details = room.do(room.gallery.details(item.item_id))
    assert details["params"] == {"Prompt": "a wolf", "Steps": 20}
    assert details["prompt"] == GRAPH
    assert (details["node_id"], details["node_title"]) == ("9", "Save Image")
    assert details["server"] == {"filename": "a.png", "subfolder": "", "type": "output"}
    assert details["sha256"] == change.file.sha256
    assert details["notes"] == []


def test_without_the_request_the_file_tells_about_itself(room: Room, tmp_path: Path) -> None:
    item = room.do(room.gallery.add_saved(saved(tmp_path, "a.png", SELF_TELLING), job(seed=None)))
    assert (item.prompt, item.seed, item.host) == ("a red fox", 551, "gpu")
    details = room.do(room.gallery.details(item.item_id))
    assert details["params"]["Steps"] == 20
    assert details["prompt"] == GRAPH


def test_a_file_that_the_user_took_away_at_once_is_no_row(room: Room, tmp_path: Path) -> None:
    change = saved(tmp_path, "a.png", SELF_TELLING)
    Path(change.file.path).unlink()
    assert room.do(room.gallery.add_saved(change, job())) is None
    assert room.do(room.gallery.count()) == 0


def test_the_time_that_a_job_took_is_known_when_it_is_over(room: Room, tmp_path: Path) -> None:
    change = saved(tmp_path, "a.png", SELF_TELLING)
    item = room.do(room.gallery.add_saved(change, job()))
    assert item.took is None
    room.publish(JobChanged(job(state=JobState.DONE, finished_at=107.0, files=(change.file,))))
    room.seen.wait(JobChanged)

    def took() -> float | None:
        found: float | None = room.do(room.gallery.item(item.item_id)).took
        return found

    for _ in range(1000):
        if took() is not None:
            break
    assert took() == 7.0


def test_the_same_path_twice_is_one_row(room: Room, tmp_path: Path) -> None:
    change = saved(tmp_path, "a.png", SELF_TELLING)
    first = room.do(room.gallery.add_saved(change, job()))
    second = room.do(room.gallery.add_saved(change, job(2)))
    assert first.item_id == second.item_id
    assert room.do(room.gallery.count()) == 1


def test_a_thumbnail_is_for_pictures_and_others_get_an_icon(room: Room, tmp_path: Path, home: Home) -> None:
    shown = room.do(room.gallery.add_saved(saved(tmp_path, "a.png", picture("PNG")), job()))
    film = room.do(room.gallery.add_saved(saved(tmp_path, "b.mp4", mp4(), "video"), job()))
    path = room.do(room.gallery.thumbnail(shown.item_id, 200))
    assert Path(path).is_relative_to(home.thumbnails)
    assert Path(path).suffix == ".webp"
    assert room.do(room.gallery.thumbnail(film.item_id, 200)) == ""
    with pytest.raises(Problem):
        room.do(room.gallery.thumbnail(99, 200))


def test_a_file_that_went_away_is_marked_when_it_is_shown(room: Room, tmp_path: Path) -> None:
    change = saved(tmp_path, "a.png", SELF_TELLING)
    item = room.do(room.gallery.add_saved(change, job()))
    Path(change.file.path).rename(tmp_path / "elsewhere.png")
    room.do(room.gallery.page(0, 10))
    (changed,) = room.seen.wait(GalleryChanged)
    assert [(i.item_id, i.missing) for i in changed.items] == [(item.item_id, True)]
    (row,) = room.do(room.gallery.page(0, 10))
    assert row.missing
    assert room.do(room.gallery.thumbnail(item.item_id, 200)) == ""
    details = room.do(room.gallery.details(item.item_id))
    assert details["prompt"] == GRAPH
    assert details["notes"]
    (tmp_path / "elsewhere.png").rename(change.file.path)
    room.do(room.gallery.page(0, 10))
    while not any(not i.missing for c in room.seen.wait(GalleryChanged, 2) for i in c.items):
        room.do(room.gallery.page(0, 10))


def test_only_what_is_really_gone_is_forgotten(room: Room, tmp_path: Path) -> None:
    gone = saved(tmp_path, "a.png", SELF_TELLING)
    first = room.do(room.gallery.add_saved(gone, job()))
    room.do(room.gallery.add_saved(saved(tmp_path, "b.png", SELF_TELLING + b"x"), job()))
    Path(gone.file.path).unlink()
    assert room.do(room.gallery.forget_missing()) == 1
    (removed,) = room.seen.wait(GalleryRemoved)
    assert removed.item_ids == (first.item_id,)
    assert room.do(room.gallery.count()) == 1


@pytest.fixture
def bin_(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    import send2trash

    folder = tmp_path / "trash"
    folder.mkdir()

    def move(path: str) -> None:
        if "stubborn" in path:
            raise send2trash.TrashPermissionError(path)
        Path(path).rename(folder / Path(path).name)

    monkeypatch.setattr(send2trash, "send2trash", move)
    return folder


def test_deleting_moves_the_file_to_the_trash(room: Room, tmp_path: Path, bin_: Path) -> None:
    item = room.do(room.gallery.add_saved(saved(tmp_path, "a.png", SELF_TELLING), job()))
    room.do(room.gallery.trash([item.item_id, 99]))
    assert (bin_ / "a.png").read_bytes() == SELF_TELLING
    assert room.seen.wait(GalleryRemoved)[0].item_ids == (item.item_id,)
    assert room.do(room.gallery.count()) == 0


def test_what_cannot_go_to_the_trash_stays_and_is_named(room: Room, tmp_path: Path, bin_: Path) -> None:
    easy = room.do(room.gallery.add_saved(saved(tmp_path, "a.png", SELF_TELLING), job()))
    hard = room.do(room.gallery.add_saved(saved(tmp_path, "stubborn.png", SELF_TELLING + b"x"), job()))
    with pytest.raises(Problem, match=r"stubborn\.png") as raised:
        room.do(room.gallery.trash([easy.item_id, hard.item_id]))
    assert raised.value.code == "trash_failed"
    assert [item.item_id for item in room.do(room.gallery.page(0, 9))] == [hard.item_id]
    assert (tmp_path / "stubborn.png").exists()


def test_a_file_that_is_gone_already_can_be_deleted(room: Room, tmp_path: Path, bin_: Path) -> None:
    change = saved(tmp_path, "a.png", SELF_TELLING)
    item = room.do(room.gallery.add_saved(change, job()))
    Path(change.file.path).unlink()
    room.do(room.gallery.trash([item.item_id]))
    assert room.do(room.gallery.count()) == 0


def test_a_lost_index_is_built_anew_from_the_files(room: Room, tmp_path: Path) -> None:
    root = tmp_path / "results"
    known = saved(root / "SDXL" / "2026-03-01", "a.png", SELF_TELLING)
    saved(root / "Flux" / "2026-03-01", "b.png", SELF_TELLING + b"x")
    saved(root, "c.mp4", mp4())
    a1111 = png(png_chunk(b"tEXt", b"parameters\0a cat\nNegative prompt: dog\nSteps: 9, Seed: 77, Size: 4x4"))
    saved(root / "old", "d.png", a1111)
    for name in ("x.py", ".hidden.png", ".comfydesk-0123456789abcdef.part"):
        (root / name).write_bytes(SELF_TELLING)
    (root / ".cache").mkdir()
    (root / ".cache" / "e.png").write_bytes(SELF_TELLING)
    if os.name != "nt":
        (root / "link.png").symlink_to(root / "old" / "d.png")
        (root / "loop").symlink_to(root)
    assert room.gallery.is_new
    assert room.do(room.gallery.rebuild([root], [(known, job())])) == 4
    found: dict[str, GalleryItem] = {item.name: item for item in room.do(room.gallery.page(0, 20))}
    assert set(found) == {"a.png", "b.png", "c.mp4", "d.png"}
    assert found["a.png"].job_id == "job1"
    assert (found["b.png"].workflow, found["b.png"].prompt, found["b.png"].seed) == ("Flux", "a red fox", 551)
    assert (found["c.mp4"].kind, found["c.mp4"].workflow) == ("video", "results")
    assert (found["d.png"].prompt, found["d.png"].seed) == ("a cat", 77)
    assert room.do(room.gallery.rebuild([root, tmp_path / "not there"], [(known, job())])) == 0


def test_what_another_process_adds_is_announced(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WATCH", 0.01)
    window, run = Room(home), Room(home)
    try:
        window.do(window.gallery.start())
        run.do(run.gallery.start(watch=False))
        item = run.do(run.gallery.add_saved(saved(tmp_path, "a.png", SELF_TELLING), job()))
        assert window.seen.wait(GalleryAdded)[0].items == (item,)
        later = window.do(window.gallery.add_saved(saved(tmp_path, "b.png", SELF_TELLING + b"x"), job()))
        assert window.seen.wait(GalleryAdded, 2)[1].items == (later,)
    finally:
        window.end()
        run.end()


def test_the_grid_learns_its_sections_before_the_rows(room: Room, tmp_path: Path) -> None:
    for number in range(3):
        change = saved(tmp_path, f"{number}.png", SELF_TELLING + bytes([number]), number=number)
        room.do(room.gallery.add_saved(change, job(number, workflow="Flux" if number == 2 else "SDXL")))
    assert room.do(room.gallery.sections()) == [("Today · Flux", 1), ("Today · SDXL", 2)]
    assert room.do(room.gallery.sections("workflow:flux")) == [("Today · Flux", 1)]


def test_items_are_found_by_the_paths_of_a_job(room: Room, tmp_path: Path) -> None:
    change = saved(tmp_path, "a.png", SELF_TELLING)
    item = room.do(room.gallery.add_saved(change, job()))
    assert room.do(room.gallery.items_of([change.file.path, "/nowhere"])) == [item]
    assert room.do(room.gallery.items_of([])) == []


def test_the_gallery_can_be_closed_while_it_looks(home: Home, tmp_path: Path) -> None:
    room = Room(home)
    room.do(room.gallery.start())
    for number in range(20):
        room.do(room.gallery.add_saved(saved(tmp_path, f"{number}.png", SELF_TELLING), job()))
    room.do(room.gallery.page(0, 20))
    room.end()
