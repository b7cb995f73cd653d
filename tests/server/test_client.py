"""The calls, against a server whose answers the test sets."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from comfydesk.base.errors import Problem
from comfydesk.server.client import ServerClient
from tests.server.stub import STATS, Stub

Connect = Callable[..., ServerClient]


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


def test_one_connection_serves_call_after_call(stub: Stub, client: ServerClient) -> None:
    stub.routes["POST", "/queue"] = (200, "")
    stub.routes["GET", "/object_info"] = {"A": {}}
    stub.routes["GET", "/api/jobs/a"] = (404, '{"error": "Job not found"}')
    for _ in range(3):
        client.look()
        client.delete_waiting(["a"])
        client.object_info()
        client.job("a")
    assert len(stub.connections) == 1


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
