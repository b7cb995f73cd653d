"""Workflows on a server: what a listing may hold, what travels in an address, and what a refusal means."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from comfydesk.base.errors import Problem
from comfydesk.demo import process
from comfydesk.server import userdata
from comfydesk.server.client import ServerClient
from comfydesk.server.transport import Transport
from tests.server.stub import Stub

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
GRAPH = b'{"nodes": [], "links": [], "version": 0.4}'
ONE_USER = {"storage": "server", "migrated": True}


@pytest.fixture
def transport(client: ServerClient) -> Transport:
    return client.transport


@pytest.fixture(scope="module", params=["0.33.0", "0.3.64"])
def demo(request: pytest.FixtureRequest) -> Any:
    with process.start(step_ms=1, profile=request.param) as server:
        client = ServerClient(server.url)
        yield client.transport
        client.close()


def test_workflows_are_saved_listed_and_read_as_they_were(demo: Transport) -> None:
    assert userdata.workflows(demo) == [], "nothing was ever saved there"
    names = ["fox.json", "sub/100%.json", "sub/a%20b ü.json", "sub/deeper/x.app.json"]
    for name in names:
        saved = userdata.write(demo, name, GRAPH, overwrite=False)
        assert (saved.path, saved.size) == (name, len(GRAPH))
        assert saved.modified_at > 1.7e9, "seconds, whatever the server counts in"
    found = userdata.workflows(demo)
    assert [item.path for item in found] == ["fox.json", "sub/100%.json", "sub/a%20b ü.json", "sub/deeper/x.app.json"]
    assert (found[1].folder, found[1].title) == ("sub", "100%")
    assert all(userdata.read(demo, name) == GRAPH for name in names)
    with pytest.raises(Problem) as caught:
        userdata.write(demo, "fox.json", b"{}", overwrite=False)
    assert caught.value.code == "remote_exists" and caught.value.next_step
    userdata.write(demo, "fox.json", b"{}", overwrite=True)
    assert userdata.read(demo, "fox.json") == b"{}"
    with pytest.raises(Problem) as caught:
        userdata.read(demo, "gone.json")
    assert caught.value.code == "remote_missing"


def test_a_file_that_did_not_change_is_not_sent_again(demo: Transport) -> None:
    userdata.write(demo, "watched.json", GRAPH, overwrite=True)
    first = userdata.fetch(demo, "watched.json")
    assert first.data == GRAPH
    assert userdata.fetch(demo, "watched.json", first.mark) == userdata.Fetched(b"", first.mark)
    userdata.write(demo, "watched.json", b'{"nodes": [1]}', overwrite=True)
    assert userdata.fetch(demo, "watched.json", first.mark).data == b'{"nodes": [1]}'


def test_a_server_without_marks_is_followed_by_the_bytes(stub: Stub, transport: Transport) -> None:
    stub.routes["GET", "/userdata/workflows/x.json"] = {"nodes": []}
    first = userdata.fetch(transport, "x.json")
    assert first.data and not userdata.fetch(transport, "x.json", first.mark).data


@pytest.mark.parametrize("version", ["0.33.0", "0.3.64"])
def test_the_listing_of_a_real_server_is_understood(version: str, stub: Stub, transport: Transport) -> None:
    recording = SHARED / "comfyui" / version / "userdata.jsonl"
    if not recording.exists():
        pytest.skip("the recordings are not here")
    for line in recording.read_text("utf-8").splitlines():
        entry = json.loads(line)
        if "full_info" in entry["http"]["path"]:
            stub.routes["GET", "/userdata"] = entry["json"]
    found = userdata.workflows(transport)
    assert [(item.path, item.size) for item in found] == [("portrait one.json", 42), ("sub/two.json", 42)]
    assert all(1.79e9 < item.modified_at < 1.8e9 for item in found)


def test_names_without_facts_are_listed_too(stub: Stub, transport: Transport) -> None:
    stub.routes["GET", "/userdata"] = ["b.json", ["c/a.json", "c", "a.json"], "sub\\win.json"]
    assert [item.path for item in userdata.workflows(transport)] == ["b.json", "c/a.json", "sub/win.json"]


def test_what_is_no_workflow_below_the_folder_is_left_out(stub: Stub, transport: Transport) -> None:
    odd = [
        "../up.json",
        "a/../../b.json",
        "/etc/x.json",
        "",
        ".json",
        "a//b.json",
        ".index.json",
        ".git/x.json",
        "x.png",
        None,
        7,
        {},
        [],
    ]
    stub.routes["GET", "/userdata"] = [*odd, {"path": "ok.json", "size": -1, "modified": 1e300}, *odd]
    assert userdata.workflows(transport) == [userdata.RemoteWorkflow("ok.json", "ok")]


def test_a_name_shows_nothing_that_turns_text_around(stub: Stub, transport: Transport) -> None:
    stub.routes["GET", "/userdata"] = ["a\u202egnp.exe\u0007.json"]
    (found,) = userdata.workflows(transport)
    assert found.name == "agnp.exe" and found.path == "a\u202egnp.exe\u0007.json"


@given(st.text(max_size=60), st.integers() | st.floats() | st.none() | st.text(max_size=3))
def test_any_listing_gives_workflows_that_can_be_asked_for(path: str, number: Any) -> None:
    for item in userdata._listed([{"path": path, "size": number, "modified": number}, path, [path]]):
        assert userdata.is_path(item.path) and item.name and item.size >= 0 and item.modified_at >= 0


@pytest.mark.parametrize(
    "path", ["../x.json", "x", "a/./b.json", "/x.json", "\\x.json", "a\0.json", "a" * 600 + ".json"]
)
def test_a_path_that_leads_elsewhere_is_never_asked_for(path: str, stub: Stub, transport: Transport) -> None:
    for attempt in (
        lambda: userdata.read(transport, path),
        lambda: userdata.write(transport, path, b"{}", overwrite=True),
    ):
        with pytest.raises(Problem) as caught:
            attempt()
        assert caught.value.code == "remote_refused"
    assert not stub.asked


def test_a_workflow_over_16_mb_is_refused(stub: Stub, transport: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(userdata, "MAX_WORKFLOW", 10)
    stub.routes["GET", "/userdata/workflows/x.json"] = {"nodes": [1, 2, 3, 4]}
    with pytest.raises(Problem) as caught:
        userdata.read(transport, "x.json")
    assert caught.value.code == "workflow_limits"


def test_a_server_with_several_users_is_told_whose_files_are_meant(stub: Stub, transport: Transport) -> None:
    async def listing(request: web.Request) -> web.Response:
        if request.headers.get("Comfy-User") not in ("anna_1", "bob_2"):
            return web.Response(status=500, text="KeyError: 'Unknown user: default'")
        return web.json_response([request.headers["Comfy-User"] + ".json"])

    stub.routes["GET", "/userdata"] = listing
    stub.routes["GET", "/users"] = {
        "storage": "server",
        "users": {"bob_2": "Bob", "anna_1": "Anna\u202e", "x\ny": "odd"},
    }
    assert [(user.user_id, user.name) for user in userdata.users(transport)] == [("anna_1", "Anna"), ("bob_2", "Bob")]
    with pytest.raises(Problem) as caught:
        userdata.workflows(transport)
    assert caught.value.code == "remote_user" and "Anna, Bob" in caught.value.message
    assert userdata.workflows(transport, user="anna_1")[0].path == "anna_1.json"
    assert userdata.workflows(transport, user="bob_2")[0].path == "bob_2.json"


def test_a_failure_for_another_reason_stays_a_failure(stub: Stub, transport: Transport) -> None:
    stub.routes["GET", "/userdata"] = (500, "disk")
    stub.routes["GET", "/users"] = ONE_USER
    with pytest.raises(Problem) as caught:
        userdata.workflows(transport)
    assert caught.value.code == "server_error"


def test_a_server_that_keeps_no_files_says_so(stub: Stub, transport: Transport) -> None:
    with pytest.raises(Problem) as caught:
        userdata.workflows(transport)
    assert caught.value.code == "remote_none"
    stub.routes["GET", "/users"] = ONE_USER
    assert userdata.workflows(transport) == [], "it keeps files, but the folder is not made yet"


def test_a_name_that_the_server_does_not_take_is_a_problem_with_a_next_step(stub: Stub, transport: Transport) -> None:
    stub.routes["POST", "/userdata/workflows/a:b.json"] = (400, "Invalid filename")
    with pytest.raises(Problem) as caught:
        userdata.write(transport, "a:b.json", b"{}", overwrite=True)
    assert caught.value.code == "remote_refused" and "a:b.json" in caught.value.message


def test_a_login_page_is_no_workflow(stub: Stub, transport: Transport) -> None:
    stub.routes["GET", "/userdata/workflows/x.json"] = (200, "<html>log in</html>")
    with pytest.raises(Problem) as caught:
        userdata.read(transport, "x.json")
    assert caught.value.code == "not_comfyui"
