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
