"""Faults of sockets and of the server as a whole, seen once from a client's side."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
import requests

from tests.demo.conftest import Server, eventually, sdxl


def test_a_dropped_socket_closes(server: Server) -> None:
    listener = server.listen("dropped")
    server.control.do("ws_drop")
    listener.until(lambda: listener.closed)


def test_a_deaf_socket_hears_nothing_but_answers_pings(server: Server) -> None:
    listener = server.listen("deaf")
    server.control.do("ws_deaf")
    server.run(sdxl("deaf"), client_id="deaf")
    listener.ws.ping()
    listener.until(lambda: listener.pongs == 1)
    assert "execution_start" not in listener.kinds()


def test_a_mute_socket_does_not_even_answer_pings(server: Server) -> None:
    listener = server.listen("mute")
    server.control.do("ws_mute")
    server.run(sdxl("mute"))
    listener.ws.ping()
    server.run(sdxl("mute", seed=2))
    assert listener.pongs == 0
    assert "status" not in listener.kinds()[2:]


def test_a_large_frame_comes_in_one_message(server: Server) -> None:
    listener = server.listen("large")
    server.control.do("ws_frame:2000000")
    listener.until(lambda: "large" in listener.kinds())
    assert len(json.dumps(listener.of("large")[0])) > 1_900_000


def test_messages_are_dropped_or_replaced_by_the_script(server: Server) -> None:
    rules = [
        {"match": "WS executed", "do": "drop"},
        {"match": "WS execution_cached", "do": "replace", "json": {"x": 1}},
    ]
    server.control.load_script(rules)
    listener = server.listen("odd")
    listener.until_end(server.submit(sdxl("odd"), client_id="odd"))
    assert "executed" not in listener.kinds()
    assert listener.of("execution_cached") == [{"x": 1}]


def test_no_socket_is_opened_where_a_proxy_lacks_upgrades(server: Server) -> None:
    import websocket

    server.control.load_script([{"match": "GET /ws", "do": "no-upgrade"}])
    with pytest.raises(websocket.WebSocketBadStatusException) as caught:
        websocket.create_connection(server.url.replace("http", "ws", 1) + "/ws", timeout=5)
    assert caught.value.status_code == 404


def test_a_second_socket_of_a_client_goes_deaf_when_the_first_one_ends(server: Server) -> None:
    """A fault of real servers (S7): the id is forgotten whoever holds it."""
    first = server.listen("twin")
    second = server.listen("twin")
    first.ws.send_close()
    first.until(lambda: first.closed)
    server.wait(server.submit(sdxl("twins"), client_id="twin"))
    second.ws.ping()
    second.until(lambda: second.pongs == 1)
    assert "execution_start" not in second.kinds()


def test_a_flood_sends_as_much_as_was_asked(server: Server) -> None:
    listener = server.listen("flooded")
    server.control.do("flood:1000:0.5")
    eventually(lambda: any(entry["kind"] == "flood" for entry in server.control.log()))
    sent = next(entry["messages"] for entry in server.control.log() if entry["kind"] == "flood")
    listener.until(lambda: len(listener.events) >= sent)
    assert sent >= 450
    assert {"progress", "progress_state", 4} <= set(listener.kinds())


# ── the server as a whole ─────────────────────────────────────────────────────────────────────────────────────────
def test_a_restart_forgets_queue_and_history_but_not_files(start: Callable[..., Server]) -> None:
    server = start("--boot-number", "40")
    listener = server.listen("before")
    entry = server.run(sdxl("kept"))
    lost = [server.submit(sdxl("lost", steps=5000, seed=seed)) for seed in (2, 3)]
    assert entry["prompt"][0] == 40
    server.control.do("restart:100")
    listener.until(lambda: listener.closed)
    eventually(lambda: server.control.stats["boots"] == 1)
    assert server.get("/queue").json() == {"queue_running": [], "queue_pending": []}
    assert [server.get(f"/api/jobs/{prompt_id}").status_code for prompt_id in lost] == [404, 404]
    assert server.get("/history").json() == {}
    assert server.picture(entry).status_code == 200
    assert server.run(sdxl("after", seed=4))["prompt"][0] == 0


def test_connections_are_refused_while_it_restarts(start: Callable[..., Server]) -> None:
    server = start()
    server.control.do("restart:400")
    refused = False
    deadline = time.monotonic() + 5
    while not refused and time.monotonic() < deadline:
        try:
            requests.get(server.url + "/prompt", timeout=1)
        except requests.ConnectionError:
            refused = True
    assert refused
    eventually(lambda: server.control.stats["boots"] == 1)


def test_a_wedged_worker_leaves_its_job_running_for_ever(start: Callable[..., Server]) -> None:
    server = start(script=[{"match": "JOB start", "nth": 1, "do": "wedge"}])
    first, second = server.submit(sdxl("stuck")), server.submit(sdxl("stuck", seed=2))
    eventually(lambda: server.get(f"/api/jobs/{first}").json()["status"] == "in_progress")
    assert server.post(f"/api/jobs/{first}/cancel").json() == {"cancelled": True}
    assert server.get(f"/api/jobs/{first}").json()["status"] == "in_progress"
    assert server.get(f"/api/jobs/{second}").json()["status"] == "pending"


def test_equal_ids_and_numbers_break_the_queue_for_good(start: Callable[..., Server]) -> None:
    """A fault of real servers (S3)."""
    server = start()
    server.submit(sdxl("long", steps=5000))
    eventually(lambda: bool(server.get("/queue").json()["queue_running"]))
    body = {"prompt": sdxl(), "prompt_id": "22222222-2222-4222-8222-222222222222", "number": 5}
    assert server.post("/prompt", body).status_code == 200
    assert server.post("/prompt", {**body, "prompt": sdxl(seed=2)}).status_code == 500
    assert len(server.get("/queue").json()["queue_pending"]) == 2


def test_an_evicted_job_is_not_in_the_history(server: Server) -> None:
    server.control.load_script([{"match": "JOB done", "nth": 1, "do": "evict"}])
    listener = server.listen("evicted")
    prompt_id = server.submit(sdxl("evicted"), client_id="evicted")
    listener.until_end(prompt_id)
    assert server.get(f"/history/{prompt_id}").json() == {}
    assert listener.of("executed")


def test_a_cleared_queue_leaves_no_trace_of_what_waited(server: Server) -> None:
    running = server.submit(sdxl("long", steps=5000, seed=5))
    waiting = server.submit(sdxl("waiting", seed=6))
    eventually(lambda: bool(server.get("/queue").json()["queue_running"]))
    server.control.do("clear_queue")
    eventually(lambda: server.get(f"/api/jobs/{waiting}").status_code == 404)
    server.post("/interrupt", {"prompt_id": running})
    server.wait(running)
