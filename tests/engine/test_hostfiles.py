"""Workflows of hosts: they come into the library, go back, and what is saved in ComfyUI's page is noticed."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from comfydesk.base.changes import Change
from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.demo import process
from comfydesk.engine import Engine
from comfydesk.engine.page_copies import KEPT, PageCopies
from comfydesk.form.fields import LocalFile
from comfydesk.jobs.model import OwnerKind
from comfydesk.library.model import WorkflowFileChanged
from comfydesk.server import userdata
from comfydesk.server.client import ServerClient
from comfydesk.server.types import Host
from comfydesk.workflow import conversion

T = TypeVar("T")
PATIENCE = 20.0


class Desk:
    """An engine with one host, and somebody who works in that host's page."""

    def __init__(self, home: Home, url: str) -> None:
        self.engine = Engine.open(home, OwnerKind.RUN)
        self.engine._page_watch.every = self.engine._page_watch.later = 0.02
        self._news = threading.Condition()
        self._seen: list[Change] = []
        self.engine.changes.subscribe(self._take)
        self.page = ServerClient(url).transport
        self.call(self.engine.hosts.connect(Host("box", "Box", url), wait_server=10))

    def _take(self, changes: list[Change]) -> None:
        with self._news:
            self._seen += changes
            self._news.notify_all()

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        return self.engine.runtime.call(work, PATIENCE)

    def wait_for(self, happened: Callable[[], bool]) -> None:
        with self._news:
            assert self._news.wait_for(happened, PATIENCE)

    def reloaded(self, name: str) -> bool:
        return WorkflowFileChanged(name) in self._seen

    def close(self) -> None:
        self.engine.close()
        self.page.close()


@pytest.fixture(scope="module")
def server() -> Iterator[process.DemoProcess]:
    with process.start(step_ms=1, extra=("--control",)) as child:
        yield child


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home", tmp_path / "home" / "cache")


@pytest.fixture
def desk(home: Home, server: process.DemoProcess) -> Iterator[Desk]:
    made = Desk(home, server.url)
    yield made
    made.close()


def template(desk: Desk, name: str) -> str:
    """The library's name of one of the host's templates."""
    found = desk.call(desk.engine.host_templates("box"))
    chosen = next(item for item in found.items if item.name == name)
    return desk.call(desk.engine.open_template("box", chosen)).name


def test_a_workflow_of_the_host_comes_into_the_library_with_the_word_where_it_came_from(desk: Desk) -> None:
    graph = json.dumps({"1": {"class_type": "SaveImage", "inputs": {}}}, indent=3).encode()
    userdata.write(desk.page, "mine/owl.json", graph, overwrite=True)
    assert "mine/owl.json" in [item.path for item in desk.call(desk.engine.host_workflows("box"))]
    entry = desk.call(desk.engine.open_host_workflow("box", "mine/owl.json"))
    assert entry.name == "owl" and Path(entry.path).read_bytes() == graph, "byte for byte"
    origin = desk.call(desk.engine.workflow_kept("owl", "origin"))
    assert (origin["kind"], origin["host_id"], origin["path"]) == ("host", "box", "mine/owl.json")
    with pytest.raises(Problem) as caught:
        desk.call(desk.engine.open_host_workflow("box", "mine/gone.json"))
    assert caught.value.code == "remote_missing"


def test_what_is_no_workflow_there_does_not_come_into_the_library(desk: Desk) -> None:
    userdata.write(desk.page, "notes.json", b'{"a": 1}', overwrite=True)
    with pytest.raises(Problem) as caught:
        desk.call(desk.engine.open_host_workflow("box", "notes.json"))
    assert caught.value.code == "workflow_not"
    assert all(entry.is_starter for entry in desk.call(desk.engine.workflows()))


def test_saving_back_never_writes_over_anything_unasked(desk: Desk) -> None:
    saved = desk.call(desk.engine.save_to_host("sdxl", "box"))
    assert saved.path == "sdxl.json"
    with pytest.raises(Problem) as caught:
        desk.call(desk.engine.save_to_host("flux-schnell", "box", "sdxl.json"))
    assert caught.value.code == "remote_exists"
    desk.call(desk.engine.save_to_host("flux-schnell", "box", "sdxl.json", overwrite=True))
    assert userdata.read(desk.page, "sdxl.json") == desk.engine.library.read("flux-schnell")


def test_a_template_opens_as_a_form(desk: Desk) -> None:
    name = template(desk, "comfydesk_picture_to_picture")
    assert name == "Paint a picture anew"
    opened = desk.call(desk.engine.open_workflow(name, "box"))
    assert opened.form.by_key["10.image"].value == "example.png"
    assert opened.conversion is not None


@pytest.mark.parametrize("name", ["sdxl", "comfydesk_sdxl"], ids=["API format", "the editor's format"])
def test_the_page_gets_the_graph_with_the_values_of_the_form(name: str, desk: Desk) -> None:
    name = template(desk, name) if name.startswith("comfydesk") else name
    address = desk.call(desk.engine.open_in_comfyui(name, {"3.seed": 2**64 - 1, "6.text": "a {blue} fox"}, "box"))
    assert address.name == f"ComfyDesk/{name}" and not address.opens_itself
    graph = json.loads(userdata.read(desk.page, address.path))
    info = desk.call(desk.engine.hosts.specs("box"))
    prompt = conversion.to_api(graph, info)
    opened = desk.call(desk.engine.open_workflow(name, "box"))
    wanted = opened.graph.to_prompt()
    # What the form shows is what the page shows; both send it without the braces.
    wanted["3"]["inputs"]["seed"], wanted["6"]["inputs"]["text"] = 2**64 - 1, "a blue fox"
    assert prompt == wanted


def test_what_is_saved_in_the_page_becomes_a_version_and_the_old_one_stays(desk: Desk) -> None:
    before = desk.engine.library.read("sdxl")
    address = desk.call(desk.engine.open_in_comfyui("sdxl", None, "box"))
    graph = json.loads(userdata.read(desk.page, address.path))
    graph["nodes"][0]["title"] = "Changed there"
    changed = json.dumps(graph).encode()
    userdata.write(desk.page, address.path, changed, overwrite=True)
    desk.wait_for(lambda: desk.reloaded("sdxl"))
    assert desk.engine.library.read("sdxl") == changed
    versions = desk.call(desk.engine.workflow_versions("sdxl"))
    assert before in [desk.engine.library.version("sdxl", version.version_id) for version in versions]
    opened = desk.call(desk.engine.open_workflow("sdxl", "box"))
    assert opened.conversion is not None and "3.seed" in opened.form.by_key, "the form keeps its values by these keys"


def test_a_broken_cleared_or_removed_file_there_leaves_the_library_alone(desk: Desk) -> None:
    before = desk.engine.library.read("flux-schnell")
    address = desk.call(desk.engine.open_in_comfyui("flux-schnell", None, "box"))
    good = json.loads(userdata.read(desk.page, address.path))
    for odd in (b'{"nodes": [', b'{"nodes": [], "links": []}', b"[1]", b""):
        userdata.write(desk.page, address.path, odd, overwrite=True)
    with desk.page.open("DELETE", userdata._route(desk.page, address.path)) as reply:
        assert reply.status == 204
    assert desk.engine.library.read("flux-schnell") == before
    good["nodes"][0]["title"] = "Back again"
    userdata.write(desk.page, address.path, json.dumps(good).encode(), overwrite=True)
    desk.wait_for(lambda: desk.reloaded("flux-schnell"))
    assert b"Back again" in desk.engine.library.read("flux-schnell")


def test_what_a_person_changed_on_the_host_meanwhile_is_not_written_over(desk: Desk, home: Home) -> None:
    name = template(desk, "comfydesk_flux_schnell")
    first = desk.call(desk.engine.open_in_comfyui(name, None, "box"))
    again = desk.call(desk.engine.open_in_comfyui(name, None, "box"))
    assert again.path == first.path, "it is as ComfyDesk left it"
    desk.engine._page_watch.every = 1000
    desk.call(desk.engine._page_watch.close())
    userdata.write(desk.page, first.path, b'{"nodes": [{"id": 1}]}', overwrite=True)
    other = desk.call(desk.engine.open_in_comfyui(name, None, "box"))
    assert other.path == first.path.removesuffix(".json") + " 2.json"
    assert userdata.read(desk.page, first.path) == b'{"nodes": [{"id": 1}]}'


def test_a_picked_picture_goes_along_under_a_name_that_tells_nothing(desk: Desk, tmp_path: Path) -> None:
    from PIL import Image

    photo = tmp_path / "private folder" / "aunt.png"
    photo.parent.mkdir()
    Image.new("RGB", (8, 8)).save(photo)
    name = template(desk, "comfydesk_picture_to_picture")
    address = desk.call(desk.engine.open_in_comfyui(name, {"10.image": LocalFile(str(photo))}, "box"))
    text = userdata.read(desk.page, address.path).decode()
    assert "private" not in text and "aunt" not in text and "comfydesk/" in text
    sent = next(node for node in json.loads(text)["nodes"] if node["id"] == 10)["widgets_values"][0]
    folder, _, file = sent.rpartition("/")
    with desk.page.open("GET", "/view", params={"filename": file, "subfolder": folder, "type": "input"}) as reply:
        assert reply.status == 200


def test_one_workflow_is_followed_once_and_all_end_with_the_engine(desk: Desk) -> None:
    for _ in range(3):
        desk.call(desk.engine.open_in_comfyui("sdxl", None, "box"))
    assert len(desk.engine._page_watch.followed) == 1
    desk.engine.close()
    assert desk.engine._page_watch.followed == ()


def test_a_change_that_could_not_be_taken_is_taken_later(desk: Desk) -> None:
    tries: list[bytes] = []
    done = threading.Event()

    async def fetch(mark: str) -> userdata.Fetched:
        return userdata.Fetched(b"" if mark == "second" else b"new", "second")

    async def take(data: bytes) -> bool:
        tries.append(data)
        if len(tries) == 1:
            raise OSError("the disk is full")
        done.set()
        return False

    async def begin() -> None:
        desk.engine._page_watch.follow("key", "first", fetch, take)

    desk.call(begin())
    assert done.wait(PATIENCE) and tries == [b"new", b"new"]


def test_a_host_that_is_not_connected_is_a_problem_with_a_next_step(desk: Desk) -> None:
    with pytest.raises(Problem) as caught:
        desk.call(desk.engine.host_workflows("elsewhere"))
    assert caught.value.code == "host_unknown"


def saved_in_the_page(desk: Desk, path: str, title: str) -> bytes:
    graph = json.loads(userdata.read(desk.page, path))
    graph["nodes"][0]["title"] = title
    data = json.dumps(graph).encode()
    userdata.write(desk.page, path, data, overwrite=True)
    return data


def test_what_was_saved_in_the_page_while_no_window_was_open_comes_in_later(
    home: Home, server: process.DemoProcess
) -> None:
    first = Desk(home, server.url)
    first.call(first.engine.duplicate_workflow("sdxl"))
    first.call(first.engine.duplicate_workflow("flux-schnell"))
    address = first.call(first.engine.open_in_comfyui("sdxl 2", {"3.seed": 7}, "box"))
    other = first.call(first.engine.open_in_comfyui("flux-schnell 2", {"3.seed": 7}, "box"))
    flux = first.engine.library.read("flux-schnell 2")
    first.close()
    second = Desk(home, server.url)
    try:
        changed = saved_in_the_page(second, address.path, "Changed overnight")
        second.call(second.engine.resume_pages())
        second.wait_for(lambda: second.reloaded("sdxl 2"))
        assert second.engine.library.read("sdxl 2") == changed
        assert {path for _, path in second.engine._page_watch.followed} == {address.path, other.path}
        assert second.engine.library.read("flux-schnell 2") == flux, "nobody changed the copy that was left there"
    finally:
        second.close()


def test_a_workflow_is_followed_under_its_new_name_and_not_when_it_is_gone(desk: Desk) -> None:
    name = template(desk, "comfydesk_sdxl")
    address = desk.call(desk.engine.open_in_comfyui(name, None, "box"))
    desk.call(desk.engine.rename_workflow(name, "renamed"))
    desk.call(desk.engine.make_folder("pets"))
    desk.call(desk.engine.move_workflows(["renamed"], "pets"))
    desk.call(desk.engine.rename_folder("pets", "animals"))
    changed = saved_in_the_page(desk, address.path, "Changed there")
    desk.wait_for(lambda: desk.reloaded("animals/renamed"))
    assert desk.engine.library.read("animals/renamed") == changed
    desk.call(desk.engine.remove_workflow("animals/renamed"))
    desk.call(desk.engine.import_data(changed, "renamed.json", "animals"))
    saved_in_the_page(desk, address.path, "Of the removed one")
    while desk.engine._page_watch.followed:
        desk.call(asyncio.sleep(0.02))
    assert desk.engine.library.read("animals/renamed") == changed, "another workflow of its name is not written over"


def test_copies_are_remembered_over_a_restart_and_not_for_ever(tmp_path: Path) -> None:
    file = tmp_path / "on-hosts.json"
    copies = PageCopies(file)
    copies.note("box", "a.json", b"1", "a")
    assert PageCopies(file).is_ours("box", "a.json", b"1")
    assert not copies.is_ours("box", "a.json", b"2") and not copies.is_ours("other", "a.json", b"1")
    copies.renamed({"a": "b", "other": "c"})
    assert copies.name_of("box", "a.json") == "b"
    assert [copy.path for copy in copies.newest(0.0, 5)] == ["a.json"]
    copies.renamed({"b": ""})
    assert copies.newest(0.0, 5) == [] and copies.is_ours("box", "a.json", b"1")
    known = {"host_id": "box", "name": "x", "sha256": "x", "at": 1}
    file.write_text(json.dumps([known | {"path": str(number)} for number in range(KEPT)]))
    copies.note("box", "b.json", b"1", "b")
    assert len(json.loads(file.read_text())) == KEPT
    for odd in (b"{", b"[1, {}]", b'{"box": "x"}', b'[{"host_id": 1, "path": "b.json"}]'):
        file.write_bytes(odd)
        assert not copies.is_ours("box", "b.json", b"1"), "a broken file means only that nothing is known"
