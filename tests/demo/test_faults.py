"""Every fault of the script's grammar, seen once from a client's side."""

from __future__ import annotations

import contextlib
import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image

from comfydesk.demo import faults, process
from tests.demo.conftest import Server, eventually, sdxl

VIEW = "GET /view"


def _script(server: Server, **rule: Any) -> None:
    server.control.load_script([rule])


# ── requests ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_reset_before_the_request_leaves_nothing_queued(server: Server) -> None:
    done = len(server.control.executions())
    _script(server, match="POST /prompt", nth=1, do="rst_before")
    with pytest.raises(requests.ConnectionError):
        server.submit(sdxl("reset"))
    server.run(sdxl("reset", seed=2))
    assert len(server.control.executions()) == done + 1


def test_a_reset_after_the_request_leaves_the_job_queued(server: Server) -> None:
    done = len(server.control.executions())
    _script(server, match="POST /prompt", nth=1, do="rst_after_enqueue")
    prompt_id = "11111111-1111-4111-8111-111111111111"
    with pytest.raises(requests.ConnectionError):
        server.submit(sdxl("reset after"), prompt_id=prompt_id)
    assert server.wait(prompt_id)["status"]["status_str"] == "success"
    assert [e["prompt_id"] for e in server.control.executions()[done:]] == [prompt_id]


def test_only_the_nth_request_fails(server: Server) -> None:
    _script(server, match="GET /features", nth=2, do="status:503:7")
    answers = [server.get("/features") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 503, 200]
    assert answers[1].headers["Retry-After"] == "7"


def test_a_rule_holds_with_and_without_api_before_the_path(server: Server) -> None:
    _script(server, match="GET /features", do="status:500")
    assert [server.get(path).status_code for path in ("/features", "/api/features")] == [500, 500]


def test_a_login_page_comes_as_html(server: Server) -> None:
    _script(server, match="GET /*", do="html")
    answer = server.get("/system_stats")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")


def test_a_request_hangs(server: Server) -> None:
    _script(server, match="GET /features", do="hang")
    with pytest.raises(requests.exceptions.ReadTimeout):
        server.http.get(server.url + "/features", timeout=0.2)


def test_an_answer_is_delayed(server: Server) -> None:
    _script(server, match="GET /features", do="delay:150")
    begun = time.monotonic()
    assert server.get("/features").ok
    assert time.monotonic() - begun >= 0.15


def test_a_redirect_keeps_method_and_target(server: Server) -> None:
    _script(server, match="GET /features", do="redirect:http://elsewhere.invalid/x")
    answer = server.http.get(server.url + "/features", allow_redirects=False, timeout=5)
    assert (answer.status_code, answer.headers["Location"]) == (307, "http://elsewhere.invalid/x")


def test_a_gzip_bomb_is_small_on_the_wire(server: Server) -> None:
    _script(server, match="GET /history/*", do="gzip_bomb")
    with server.http.get(server.url + "/history/x", stream=True, timeout=10) as answer:
        assert int(answer.headers["Content-Length"]) < 300_000
        assert len(next(answer.iter_content(1 << 20))) == 1 << 20


def test_a_scripted_reply_takes_the_place_of_the_answer(server: Server) -> None:
    _script(server, match="GET /queue", do="reply", status=418, json={"odd": None}, headers={"X-Odd": "yes"})
    answer = server.get("/queue")
    assert (answer.status_code, answer.json(), answer.headers["X-Odd"]) == (418, {"odd": None}, "yes")


def test_json_is_cut_in_the_middle(server: Server) -> None:
    _script(server, match="GET /queue", do="bad_json")
    with pytest.raises(requests.exceptions.JSONDecodeError):
        server.get("/queue").json()


# ── downloads ─────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def picture(server: Server) -> Callable[[], requests.Response]:
    entry = server.run(sdxl("a download", size=256))
    return lambda: server.picture(entry)


def test_a_truncated_file_is_noticed_by_its_length(server: Server, picture: Callable[[], requests.Response]) -> None:
    _script(server, match=VIEW, nth=1, do="trunc")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        picture()
    assert picture().content.endswith(b"IEND\xaeB`\x82")


def test_a_file_without_a_length_ends_early_unnoticed(server: Server, picture: Callable[[], requests.Response]) -> None:
    whole = picture().content
    _script(server, match=VIEW, nth=1, do="nolen")
    answer = picture()
    assert "Content-Length" not in answer.headers
    assert 0 < len(answer.content) < len(whole)


def test_a_wrong_length_hides_the_end_of_the_file(server: Server, picture: Callable[[], requests.Response]) -> None:
    whole = picture().content
    _script(server, match=VIEW, nth=1, do="wrong_len")
    answer = picture()
    assert int(answer.headers["Content-Length"]) == len(answer.content) < len(whole)


def test_a_file_comes_drop_by_drop(server: Server, picture: Callable[[], requests.Response]) -> None:
    whole = picture().content
    _script(server, match=VIEW, nth=1, do=f"drip:{len(whole) * 4}")
    begun = time.monotonic()
    assert picture().content == whole
    assert time.monotonic() - begun >= 0.2


def test_a_reused_name_has_other_bytes_and_another_tag(
    server: Server, picture: Callable[[], requests.Response]
) -> None:
    first = picture()
    _script(server, match=VIEW, nth=1, do="reuse_name")
    second = picture()
    assert second.content != first.content
    assert second.headers["ETag"] != first.headers["ETag"]
    stale = server.http.get(second.url, headers={"If-Match": first.headers["ETag"], "Range": "bytes=10-"}, timeout=5)
    assert stale.status_code == 412


# ── sockets ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_dropped_socket_closes(server: Server) -> None:
    listener = server.listen("dropped")
    server.control.do("ws_drop")
    listener.until(lambda: listener.closed)


def test_a_deaf_socket_hears_nothing_but_answers_pings(server: Server) -> None:
    listener = server.listen("deaf")
    server.control.do("ws_deaf")
    eventually(lambda: any(e.get("path") == "/prompt" for e in server.control.log()) or bool(server.run(sdxl("deaf"))))
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

    _script(server, match="GET /ws", do="no-upgrade")
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
    _script(server, match="JOB done", nth=1, do="evict")
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


# ── the script ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_script_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "script.json"
    file.write_text(json.dumps([{"match": "GET /features", "do": "status:599"}]))
    with process.start(step_ms=1, script=file) as child:
        assert requests.get(child.url + "/features", timeout=5).status_code == 599


def test_a_rule_without_an_action_is_refused(server: Server) -> None:
    with pytest.raises(ValueError, match="needs match and do"):
        server.control.load_script([{"match": "GET /features"}])


def test_without_control_there_is_no_back_door() -> None:
    with process.start(step_ms=1) as child:
        assert requests.get(child.url + "/__demo__/log", timeout=5).status_code == 404


def test_chance_is_repeatable() -> None:
    def fired(seed: int) -> list[int]:
        from comfydesk.demo.journal import Journal

        script = faults.Faults(Journal())
        script.load([{"match": "GET /x", "do": "status:500", "p": 0.3}], seed)
        return [n for n in range(50) if script.firing("GET /x")]

    assert fired(1) == fired(1) != fired(2)
    assert 5 < len(fired(1)) < 30


def test_rules_count_after_every_and_times() -> None:
    rule = faults.parse([{"match": "GET /x*", "do": "hang", "after": 2, "every": 2, "times": 2}])[0]
    import random

    assert [rule.fires(random.Random(0)) for _ in range(8)] == [False, False, False, True, False, True, False, False]
    assert rule.fits("GET /x/y")
    assert not rule.fits("POST /x")


def test_the_journal_knows_what_was_made_and_sent(server: Server) -> None:
    before = server.control.stats["bytes_sent"]
    entry = server.run(sdxl("counted", size=256))
    answer = server.picture(entry)
    made = server.control.executions()[-1]["files"][0]
    assert made["bytes"] == len(answer.content)
    with Image.open(io.BytesIO(answer.content)) as opened:
        assert opened.size == (256, 256)
    with contextlib.suppress(requests.ConnectionError):
        server.get("/prompt")
    eventually(lambda: server.control.stats["bytes_sent"] - before >= made["bytes"])
