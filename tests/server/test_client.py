"""The calls, against a server whose answers the test sets."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from comfydesk.base.errors import Problem
from comfydesk.server.client import ServerClient
from comfydesk.server.types import RemoteJob, RemoteState
from tests.server.stub import STATS, Stub

Connect = Callable[..., ServerClient]
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


def test_a_look_tells_what_the_server_is(stub: Stub, client: ServerClient) -> None:
    report = client.look()
    assert report.url == stub.url
    assert (report.version, report.device, report.vram_total) == ("0.33.0", "RTX 4090", 24)
    assert (report.queue_remaining, report.has_jobs_api, report.has_preview_metadata) == (3, True, True)
    assert (report.max_upload_size, report.previews_on, report.is_demo) == (1000, False, False)
    assert report.latency > 0


def test_a_look_at_an_old_server_finds_no_jobs_api_and_no_flags(stub: Stub, client: ServerClient) -> None:
    del stub.routes["GET", "/api/jobs"], stub.routes["GET", "/features"]
    report = client.look()
    assert not report.has_jobs_api
    assert not report.has_preview_metadata
    assert report.max_upload_size == 104_857_600


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("cuda:0 NVIDIA GeForce RTX 4090 : cudaMallocAsync", "RTX 4090"),
        ("cuda:1 NVIDIA A100-SXM4-80GB : native", "A100-SXM4-80GB"),
        ("cuda:0 AMD Radeon RX 7900 XTX : native", "Radeon RX 7900 XTX"),
        ("cpu", "CPU"),
        ("mps", "MPS"),
        ("", ""),
        (None, ""),
    ],
)
def test_the_device_is_named_as_people_name_it(stub: Stub, client: ServerClient, name: str, shown: str) -> None:
    stub.routes["GET", "/system_stats"] = {"system": {}, "devices": [{"name": name}]}
    assert client.look().device == shown


@pytest.mark.parametrize(
    ("argv", "previews_on"),
    [
        (["main.py"], False),
        (["main.py", "--preview-method", "auto"], True),
        (["main.py", "--preview-method=taesd"], True),
        (["main.py", "--preview-method", "none"], False),
        (["main.py", "--preview-method"], False),
        (None, None),
    ],
)
def test_whether_previews_are_on_is_read_from_the_command_line(
    stub: Stub, client: ServerClient, argv: Any, previews_on: bool | None
) -> None:
    stub.routes["GET", "/system_stats"] = {"system": {"argv": argv}, "devices": None}
    assert client.look().previews_on is previews_on


def test_the_demo_server_says_that_it_is_the_demo(stub: Stub, client: ServerClient) -> None:
    stub.routes["GET", "/system_stats"] = {**STATS, "system": {"comfydesk_demo": True}}
    assert client.look().is_demo


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ([], "not_comfyui"),
        ({"devices": []}, "not_comfyui"),
        ((200, "<html>Sign in</html>"), "not_comfyui"),
        ((200, "hello"), "not_comfyui"),
        ((200, ""), "not_comfyui"),
        ((404, "<h1>no</h1>"), "not_comfyui"),
        ((404, ""), "not_comfyui"),
        ((401, "no"), "auth_needed"),
        ((403, "no"), "forbidden"),
        ((500, "no"), "server_error"),
        ((418, "no"), "server_error"),
        ((429, "no"), "server_busy"),
        ((502, "<html>"), "server_busy"),
        ((503, "no"), "server_busy"),
        ((504, "no"), "server_busy"),
        ((522, "no"), "server_busy"),
    ],
)
def test_every_wrong_answer_has_a_sentence_of_its_own(stub: Stub, client: ServerClient, answer: Any, code: str) -> None:
    stub.routes["GET", "/system_stats"] = answer
    got = problem(client.look)
    assert got.code == code
    assert stub.url in got.message
    assert got.next_step


def test_a_busy_server_may_say_when_to_come_back(stub: Stub, client: ServerClient) -> None:
    async def busy(_: web.Request) -> web.Response:
        return web.Response(status=503, headers={"Retry-After": "7"})

    async def forever(_: web.Request) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": "86400"})

    stub.routes["GET", "/system_stats"] = busy
    assert problem(client.system_stats).facts["retry_after"] == 7
    stub.routes["GET", "/system_stats"] = forever
    assert problem(client.system_stats).facts["retry_after"] == 60


def test_a_redirect_is_not_followed_but_offered(stub: Stub, client: ServerClient) -> None:
    async def on(_: web.Request) -> web.Response:
        return web.Response(status=301, headers={"Location": "https://gpu.example/comfy/system_stats"})

    stub.routes["GET", "/system_stats"] = on
    got = problem(client.look)
    assert (got.code, got.facts["target"]) == ("redirect", "https://gpu.example/comfy")
    assert len(stub.asked) == 1


def test_specs_come_whole_or_for_one_class_with_progress(stub: Stub, client: ServerClient) -> None:
    specs = {f"Node{i}": {"input": {"required": {}}} for i in range(3000)}
    stub.routes["GET", "/object_info"] = specs
    stub.routes["GET", "/object_info/A/B c"] = {"A/B c": {}}
    steps: list[tuple[int, int]] = []
    assert client.object_info(progress=lambda done, all_: steps.append((done, all_))) == specs
    assert len(steps) > 1
    assert steps[-1][0] == steps[-1][1]
    assert client.object_info("A/B c") == {"A/B c": {}}
    assert client.object_info("Unknown") == {} if ("GET", "/object_info/Unknown") in stub.routes else True


def test_specs_with_nan_are_read(stub: Stub, client: ServerClient) -> None:
    stub.routes["GET", "/object_info"] = (200, '{"A": {"is_changed": NaN}}')
    assert "A" in client.object_info()


# jobs


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


# threads and endings


def test_many_threads_share_one_client(stub: Stub, client: ServerClient) -> None:
    failures: list[BaseException] = []

    def ask() -> None:
        try:
            for _ in range(5):
                client.system_stats()
        except BaseException as exc:
            failures.append(exc)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(stub.asked) == 40


def test_a_closed_client_says_so(client: ServerClient) -> None:
    client.system_stats()
    client.close()
    assert problem(client.system_stats).code == "reset"


def test_every_request_names_the_program_and_no_page_it_comes_from(stub: Stub, client: ServerClient) -> None:
    client.look()
    for asked in stub.asked:
        assert asked.headers["User-Agent"].startswith("ComfyDesk/")
        assert not {"Origin", "Referer", "Cookie", "Authorization", "Sec-Fetch-Site"} & set(asked.headers)


def test_a_sub_path_is_kept_for_every_call(stub: Stub, connect: Connect) -> None:
    stub.routes["GET", "/comfy/system_stats"] = STATS
    assert connect(f"{stub.url}/comfy/").system_stats() == STATS
    assert stub.asked[-1].path == "/comfy/system_stats"
