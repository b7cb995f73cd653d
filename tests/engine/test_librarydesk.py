"""The library as the window sees it: lists at once, changes announced, results shown, nothing blocked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import send2trash
from PIL import Image

from comfydesk.base.changes import Change
from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.engine import Engine, librarywatch
from comfydesk.gallery.model import Entry
from comfydesk.jobs.model import OwnerKind
from comfydesk.library import fetch
from comfydesk.library.compare import Difference
from comfydesk.library.fetch import Fetched
from comfydesk.library.model import LibraryChanged, WorkflowEntry, WorkflowFileChanged
from comfydesk.library.watch import FolderWatch
from tests.library import graphs


class Heard:
    """What the engine announced; `wait` until it did."""

    def __init__(self, engine: Engine) -> None:
        self.changes: list[Change] = []
        self._more = threading.Condition()
        engine.changes.subscribe(self._take)

    def wait(self, wanted: Callable[[list[Change]], bool], seconds: float = 15.0) -> None:
        with self._more:
            assert self._more.wait_for(lambda: wanted(self.changes), seconds), self.changes

    def clear(self) -> None:
        with self._more:
            self.changes = []

    def _take(self, changes: list[Change]) -> None:
        with self._more:
            self.changes = [*self.changes, *changes]
            self._more.notify_all()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home", tmp_path / "home" / "cache").make()


@pytest.fixture(autouse=True)
def _no_real_trash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(send2trash, "send2trash", lambda path: Path(path).unlink())


@pytest.fixture
def engine(home: Home) -> Iterator[Engine]:
    made = Engine.open(home, OwnerKind.WINDOW)
    yield made
    made.close()


def ask(engine: Engine, work: Any) -> Any:
    return engine.runtime.call(work, 30)


def put(home: Home, name: str, text: str) -> Path:
    file = home.workflows / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(graphs.data(graphs.prompt(text)))
    return file


def entry(engine: Engine, name: str) -> WorkflowEntry | None:
    found: list[WorkflowEntry] = ask(engine, engine.workflows())
    return next((item for item in found if item.name == name), None)


def until(wanted: Callable[[], Any], seconds: float = 15.0) -> Any:
    """Ask again and again until the answer is yes."""
    end = time.monotonic() + seconds
    while not (answer := wanted()):
        assert time.monotonic() < end
        threading.Event().wait(0.02)
    return answer


def test_a_window_does_with_workflows_what_a_person_asks(engine: Engine, home: Home) -> None:
    async def work() -> None:
        first = await engine.import_data(graphs.data(graphs.prompt()), "fox.json")
        assert (await engine.duplicate_workflow("fox")).name == "fox 2"
        assert (await engine.rename_workflow("fox 2", "wolf")).name == "wolf"
        assert await engine.make_folder("animals") == "animals"
        assert [item.name for item in await engine.move_workflows(["fox", "wolf"], "animals")] == [
            "animals/fox",
            "animals/wolf",
        ]
        assert (await engine.set_tags("animals/fox", ["red"])).tags == ("red",)
        assert (await engine.set_favourite("animals/fox")).favourite
        assert await engine.workflow_tags() == [("red", 1)]
        assert await engine.rename_folder("animals", "beasts") == "beasts"
        assert await engine.workflow_folders() == ["beasts"]
        assert [item.name for item in await engine.workflows("red", folder="beasts", favourites=True)] == ["beasts/fox"]
        token = await engine.remove_workflows(["beasts/fox", "beasts/wolf"])
        assert await engine.workflows(folder="beasts") == []
        assert len(await engine.restore_workflows(token)) == 2
        token = await engine.remove_folder("beasts")
        assert await engine.workflow_folders() == []
        await engine.restore_workflows(token)
        assert (await engine.workflow_entry("beasts/fox")).tags == ("red",)
        await engine.keep_workflow("beasts/fox", "presets", {"a": 1})
        assert await engine.workflow_kept("beasts/fox", "presets") == {"a": 1}
        assert first.kind == "api"

    heard = Heard(engine)
    ask(engine, work())
    heard.wait(lambda changes: LibraryChanged() in changes)


def test_versions_are_listed_compared_and_restored(engine: Engine, home: Home) -> None:
    heard = Heard(engine)

    async def work() -> None:
        await engine.import_data(graphs.data(graphs.prompt("one")), "fox")
        await engine._files().run(engine.library.save, "fox", graphs.data(graphs.prompt("two")))
        new, old = await engine.workflow_versions("fox")
        assert await engine.compare_versions("fox", old.version_id) == [
            Difference("value", "2", "Prompt", "text", "one", "two")
        ]
        await engine.restore_version("fox", old.version_id)
        assert new.is_current

    ask(engine, work())
    assert b"one" in (home.workflows / "fox.json").read_bytes()
    heard.wait(lambda changes: WorkflowFileChanged("fox") in changes)


def test_what_another_program_does_in_the_folder_is_noticed(engine: Engine, home: Home) -> None:
    heard = Heard(engine)
    until(lambda: engine._watch is not None and engine._watch.is_on)
    file = put(home, "deep/fox", "one")
    until(lambda: (found := entry(engine, "deep/fox")) is not None and found.kind == "api")
    heard.clear()
    part = file.with_name(".fox.sync-part")
    part.write_bytes(graphs.data(graphs.prompt("two")))
    part.replace(file)
    heard.wait(lambda changes: WorkflowFileChanged("deep/fox") in changes and LibraryChanged() in changes)
    versions = ask(engine, engine.workflow_versions("deep/fox"))
    assert [version.why for version in versions] == ["outside", "first"]
    heard.clear()
    file.unlink()
    heard.wait(lambda changes: LibraryChanged() in changes)
    assert entry(engine, "deep/fox") is None


def test_a_half_written_file_is_not_announced_before_it_is_whole(engine: Engine, home: Home) -> None:
    heard = Heard(engine)
    until(lambda: engine._watch is not None and engine._watch.is_on)
    file = put(home, "fox", "one")
    until(lambda: (found := entry(engine, "fox")) is not None and found.kind == "api")
    heard.clear()
    whole = graphs.data(graphs.prompt("two"))
    with file.open("wb") as writing:
        writing.write(whole[:50])
        writing.flush()
        ask(engine, engine.refresh_library())
        found = entry(engine, "fox")
        assert found is not None
        assert (found.kind, found.problem) == ("api", "")
        writing.write(whole[50:])
    heard.wait(lambda changes: WorkflowFileChanged("fox") in changes)
    assert len(ask(engine, engine.workflow_versions("fox"))) == 2


def test_a_draft_of_our_own_is_no_change(engine: Engine, home: Home) -> None:
    async def announced() -> None:
        await engine.refresh_library()
        engine.changes.flush()

    heard = Heard(engine)
    ask(engine, engine.import_data(graphs.data(graphs.prompt()), "fox"))
    ask(engine, announced())
    heard.clear()
    ask(engine, engine.save_draft("fox", {"2.text": "typed"}))
    ask(engine, announced())
    assert heard.changes == []


def test_without_watches_the_folder_is_looked_at_when_it_is_asked(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    from watchdog.observers import Observer

    def no_more(self: Any, *args: Any, **options: Any) -> None:
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(Observer, "start", no_more)
    engine = Engine.open(home, OwnerKind.WINDOW)
    try:
        put(home, "fox", "one")
        until(lambda: (found := entry(engine, "fox")) is not None and found.kind == "api")
        heard = Heard(engine)
        put(home, "fox", "changed")
        ask(engine, engine.refresh_library())
        heard.wait(lambda changes: WorkflowFileChanged("fox") in changes)
        assert engine._watch is not None
        assert not engine._watch.is_on
    finally:
        engine.close()


def test_a_folder_that_was_replaced_is_watched_again(tmp_path: Path) -> None:
    seen = threading.Event()
    folder = tmp_path / "workflows"
    watch = FolderWatch(folder, seen.set)
    watch.start()
    try:
        folder.rename(tmp_path / "old")
        folder.mkdir()
        watch.renew()
        seen.clear()
        (folder / ".hidden").write_text("x")
        (folder / "fox.json").write_text("{}")
        assert seen.wait(10)
    finally:
        watch.stop()
    assert not watch.is_on


def test_names_are_there_at_once_and_the_rest_follows(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(librarywatch, "AT_ONCE", 0.0)
    monkeypatch.setattr(librarywatch, "STEP", 0.001)
    monkeypatch.setattr(librarywatch, "TOLD", 0.0)
    for number in range(120):
        put(home, f"fox {number}", str(number))
    engine = Engine.open(home, OwnerKind.WINDOW)
    try:
        heard = Heard(engine)
        assert len(ask(engine, engine.workflows())) == 122
        until(lambda: all(item.kind for item in ask(engine, engine.workflows())))
        heard.wait(lambda changes: LibraryChanged() in changes)
    finally:
        engine.close()


def test_what_is_opened_in_the_window_leads_the_recent_ones(engine: Engine, home: Home, tmp_path: Path) -> None:
    ask(engine, engine.import_data(graphs.data(graphs.prompt()), "fox", "deep"))
    outside = put(Home(tmp_path, tmp_path), "sdxl", "not in the library")
    ask(engine, engine.open_workflow(str(outside), None))
    ask(engine, engine.open_workflow("deep/fox", None))
    until(lambda: (found := entry(engine, "deep/fox")) is not None and found.opened_at > 0)
    found = ask(engine, engine.workflows(sort="opened"))
    assert [item.name for item in found if item.opened_at] == ["deep/fox"]


def test_the_newest_result_is_shown_with_its_workflow(
    engine: Engine, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(librarywatch, "COVER_PAUSE", 0.0)
    ask(engine, engine.import_data(graphs.data(graphs.prompt()), "fox", "deep"))
    until(lambda: engine._watch is not None and engine._watch.is_on)
    result = tmp_path / "result.png"
    Image.new("RGB", (600, 300), "red").save(result)
    row = Entry(str(result), "picture", result.stat().st_size, time.time(), "fox")
    ask(engine, engine.gallery._add([row]))
    shown = until(lambda: (found := entry(engine, "deep/fox")) is not None and found.thumbnail)
    result.unlink()
    with Image.open(shown) as picture:
        assert picture.size == (256, 128)


def test_results_are_counted_where_it_is_known_whose_they_are(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(librarywatch, "TOLD", 0.0)
    for number, name in enumerate(("fox", "dog", "more/dog")):
        folder, _, title = name.rpartition("/")
        ask(engine, engine.import_data(graphs.data(graphs.prompt(str(number))), title, folder))
    rows = [Entry(str(tmp_path / f"{n}.png"), "picture", 1, 1.0, "fox" if n else "dog") for n in range(4)]
    for row in rows:
        Path(row.path).write_bytes(b"x")
    ask(engine, engine.gallery._add(rows))
    until(lambda: (found := entry(engine, "fox")) is not None and found.results == 3)
    assert {found.results for found in ask(engine, engine.workflows("dog"))} == {0}
    ask(engine, engine.gallery._remove([ask(engine, engine.gallery.page(0, 1, "workflow:fox"))[0].item_id]))
    until(lambda: (found := entry(engine, "fox")) is not None and found.results == 2)


def test_a_workflow_from_the_web_says_where_it_is_from(
    engine: Engine, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    got = Fetched(graphs.data(graphs.gui()), "fox.json", "https://example.com/fox.json")
    monkeypatch.setattr(fetch, "fetch", lambda url: got)
    found = ask(engine, engine.import_url("https://example.com/fox.json?x=1"))
    assert (found.name, found.kind) == ("fox", "gui")
    assert ask(engine, engine.workflow_kept("fox", "origin")) == {"url": "https://example.com/fox.json"}


@pytest.mark.parametrize("url", ["file:///etc/passwd", "fox", ""])
def test_only_web_addresses_are_fetched(engine: Engine, url: str) -> None:
    with pytest.raises(Problem) as caught:
        ask(engine, engine.import_url(url))
    assert caught.value.code == "url_failed"


def test_a_command_neither_watches_nor_keeps_pictures(home: Home) -> None:
    engine = Engine.open(home, OwnerKind.RUN)
    try:
        ask(engine, engine.open_workflow("sdxl", None))
        assert engine._watch is None
        assert not (home.root / "versions.db").exists()
    finally:
        engine.close()
