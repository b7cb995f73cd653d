"""Where a job is, and how it is cancelled; on servers with and without `/api/jobs`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from comfydesk.base.errors import Problem
from comfydesk.server.client import ServerClient
from comfydesk.server.types import RemoteJob, RemoteState
from tests.server.stub import Stub

ID = "990347ca-b146-4dca-930a-25a8aceed2ba"
DONE = {"images": [{"filename": "a.png", "subfolder": "", "type": "output"}]}
ENTRY = {
    "prompt": [1, ID, {}, {}, ["9"]],
    "outputs": {"9": DONE},
    "status": {"status_str": "success", "completed": True, "messages": [["execution_start", {"prompt_id": ID}]]},
}


def problem(call: Callable[[], Any]) -> Problem:
    with pytest.raises(Problem) as caught:
        call()
    return caught.value


@pytest.mark.parametrize(
    ("status", "state"),
    [("pending", RemoteState.PENDING), ("in_progress", RemoteState.RUNNING)],
)
def test_the_jobs_api_tells_where_a_job_is(stub: Stub, client: ServerClient, status: str, state: RemoteState) -> None:
    stub.routes["GET", f"/api/jobs/{ID}"] = {"id": ID, "status": status}
    assert client.job(ID) == RemoteJob(ID, state)
    assert [a.path for a in stub.asked] == [f"/api/jobs/{ID}"]


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_a_finished_job_carries_outputs_status_and_messages(stub: Stub, client: ServerClient, status: str) -> None:
    stub.routes["GET", f"/api/jobs/{ID}"] = {
        "status": status,
        "outputs": ENTRY["outputs"],
        "execution_status": ENTRY["status"],
    }
    job = client.job(ID)
    assert (job.state, job.status, job.outputs["9"]) == (RemoteState.DONE, "success", DONE)
    assert job.messages == [["execution_start", {"prompt_id": ID}]]


def test_a_job_is_absent_only_when_the_server_says_so_in_json(stub: Stub, client: ServerClient) -> None:
    stub.routes["GET", f"/api/jobs/{ID}"] = (404, '{"error": "Job not found"}')
    assert client.job(ID) == RemoteJob(ID, RemoteState.ABSENT)


def test_a_web_page_instead_of_a_job_means_unreachable(stub: Stub, client: ServerClient) -> None:
    stub.routes["GET", f"/api/jobs/{ID}"] = (404, "<html>nginx</html>")
    assert problem(lambda: client.job(ID)).code == "unreachable"


@pytest.mark.parametrize("path", [f"/history/{ID}", "/queue"])
def test_a_proxy_that_lost_its_server_makes_no_job_absent(stub: Stub, client: ServerClient, path: str) -> None:
    stub.routes["GET", f"/history/{ID}"] = {}
    stub.routes["GET", path] = (404, "<html>pod not found</html>")
    assert problem(lambda: client.job(ID)).code == "unreachable"


def test_without_a_jobs_api_history_and_queue_are_asked(stub: Stub, client: ServerClient) -> None:
    stub.routes["GET", f"/history/{ID}"] = {}
    assert client.job(ID) == RemoteJob(ID, RemoteState.ABSENT)
    stub.routes["GET", "/queue"] = {"queue_running": [[1, ID, {}]], "queue_pending": [[2, "other", {}]]}
    assert client.job(ID).state is RemoteState.RUNNING
    stub.routes["GET", "/queue"] = {"queue_running": [], "queue_pending": [[1, ID, {}]]}
    assert client.job(ID).state is RemoteState.PENDING
    stub.routes["GET", f"/history/{ID}"] = {ID: ENTRY}
    assert client.job(ID).outputs == {"9": DONE}
    assert [a.path for a in stub.asked].count(f"/api/jobs/{ID}") == 1  # asked once, then known to be missing


def test_a_job_that_finishes_between_two_questions_is_not_lost(stub: Stub, client: ServerClient) -> None:
    answers = iter([{}, {ID: ENTRY}])

    async def history(_: web.Request) -> web.Response:
        return web.json_response(next(answers))

    stub.routes["GET", f"/history/{ID}"] = history
    assert client.job(ID).state is RemoteState.DONE


def test_a_look_after_an_update_of_the_server_finds_the_jobs_api(stub: Stub, client: ServerClient) -> None:
    stub.routes["GET", f"/history/{ID}"] = {}
    api = stub.routes.pop(("GET", "/api/jobs"))
    client.look()
    client.job(ID)
    assert f"/api/jobs/{ID}" not in [a.path for a in stub.asked]
    stub.routes["GET", "/api/jobs"] = api
    stub.routes["GET", f"/api/jobs/{ID}"] = {"status": "pending"}
    client.look()
    assert client.job(ID).state is RemoteState.PENDING


@pytest.mark.parametrize("answer", [{"status": "strange"}, [], {"status": "completed"}])
def test_an_odd_answer_of_the_jobs_api_falls_back_to_the_history(stub: Stub, client: ServerClient, answer: Any) -> None:
    stub.routes["GET", f"/api/jobs/{ID}"] = answer
    stub.routes["GET", f"/history/{ID}"] = {ID: ENTRY}
    assert client.job(ID).outputs == {"9": DONE}


@pytest.mark.parametrize(
    "entry",
    [{}, {"outputs": None, "status": None}, {"outputs": [], "status": {"status_str": 5, "messages": [1, ["a"]]}}],
)
def test_a_history_with_missing_parts_is_still_a_finished_job(stub: Stub, client: ServerClient, entry: Any) -> None:
    stub.routes["GET", f"/history/{ID}"] = {ID: entry}
    assert client.history(ID) == RemoteJob(ID, RemoteState.DONE, messages=[])


def test_all_open_ids_come_from_the_jobs_api_page_by_page(stub: Stub, client: ServerClient) -> None:
    jobs = [{"id": f"job{i}", "status": "in_progress" if i == 0 else "pending"} for i in range(25)]

    async def page(request: web.Request) -> web.Response:
        if "status" not in request.query:
            return web.json_response({"jobs": []})
        offset = int(request.query.get("offset", "0"))
        more = offset + 10 < len(jobs)
        return web.json_response({"jobs": jobs[offset : offset + 10], "pagination": {"has_more": more}})

    stub.routes["GET", "/api/jobs"] = page
    found = client.open_ids()
    assert len(found) == 25
    assert [i for i, s in found.items() if s is RemoteState.RUNNING] == ["job0"]


def test_endless_pages_come_to_an_end(stub: Stub, client: ServerClient) -> None:
    stub.routes["GET", "/api/jobs"] = {"jobs": [{"id": "a", "status": "pending"}], "pagination": {"has_more": True}}
    assert client.open_ids() == {"a": RemoteState.PENDING}
    assert len(stub.asked) == 3


def test_all_open_ids_of_an_old_server_come_from_its_queue(stub: Stub, client: ServerClient) -> None:
    del stub.routes["GET", "/api/jobs"]
    stub.routes["GET", "/queue"] = {
        "queue_running": [[0, "a", {}]],
        "queue_pending": [[1, "b", {}], "odd", [2], [3, 4]],
    }
    assert client.open_ids() == {"a": RemoteState.RUNNING, "b": RemoteState.PENDING}


def bodies(stub: Stub, path: str) -> list[Any]:
    return [json.loads(a.body) for a in stub.asked if a.path == path and a.method == "POST"]


def test_waiting_jobs_are_deleted_and_nothing_is_asked_for_none(stub: Stub, client: ServerClient) -> None:
    stub.routes["POST", "/queue"] = (200, "")
    client.delete_waiting([])
    client.delete_waiting(["a", "b"])
    assert bodies(stub, "/queue") == [{"delete": ["a", "b"]}]


def test_cancel_uses_the_servers_own_cancel(stub: Stub, client: ServerClient) -> None:
    stub.routes["POST", f"/api/jobs/{ID}/cancel"] = {"cancelled": True}
    client.cancel(ID)
    assert [a.path for a in stub.asked] == [f"/api/jobs/{ID}/cancel"]


def test_cancelling_what_the_server_does_not_know_is_no_error(stub: Stub, client: ServerClient) -> None:
    stub.routes["POST", f"/api/jobs/{ID}/cancel"] = (404, '{"error": "Job not found"}')
    client.cancel(ID)
    assert len(stub.asked) == 1


@pytest.mark.parametrize("missing", [(404, ""), (405, "405: Method Not Allowed")])
def test_an_old_server_deletes_and_interrupts_only_our_job(stub: Stub, client: ServerClient, missing: Any) -> None:
    stub.routes["POST", f"/api/jobs/{ID}/cancel"] = missing
    stub.routes["POST", "/queue"] = (200, "")
    stub.routes["POST", "/interrupt"] = (200, "")
    stub.routes["GET", "/queue"] = {"queue_running": [[0, "theirs", {}]], "queue_pending": []}
    client.cancel(ID)
    assert bodies(stub, "/interrupt") == []
    stub.routes["GET", "/queue"] = {"queue_running": [[0, ID, {}]], "queue_pending": []}
    client.cancel(ID)
    assert bodies(stub, "/interrupt") == [{"prompt_id": ID}]
    assert bodies(stub, "/queue") == [{"delete": [ID]}] * 2


def test_memory_is_freed_on_request(stub: Stub, client: ServerClient) -> None:
    stub.routes["POST", "/free"] = (200, "")
    client.free(free_memory=False)
    assert bodies(stub, "/free") == [{"unload_models": True, "free_memory": False}]
