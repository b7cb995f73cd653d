"""Who may enter the demo server, and how it says no."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
import requests

from comfydesk.demo import process
from tests.demo.conftest import Server


@pytest.mark.parametrize(
    ("secret", "login", "token"), [("anna:pass:word", ("anna", "pass:word"), None), ("bearer:t0ken", None, "t0ken")]
)
def test_a_login_is_asked_for_on_requests_and_sockets(
    secret: str, login: tuple[str, str] | None, token: str | None
) -> None:
    import base64

    import websocket

    value = f"Bearer {token}" if token else "Basic " + base64.b64encode(":".join(login or ()).encode()).decode()
    with process.start(step_ms=1, environ={"COMFYDESK_DEMO_AUTH": secret}) as child:
        refused = requests.get(child.url + "/system_stats", timeout=5)
        wrong = requests.get(child.url + "/system_stats", auth=("anna", "wrong"), timeout=5)
        right = requests.get(child.url + "/system_stats", headers={"Authorization": value}, timeout=5)
        address = child.url.replace("http", "ws", 1) + "/ws"
        with pytest.raises(websocket.WebSocketBadStatusException) as caught:
            websocket.create_connection(address, timeout=5)
        ws = websocket.create_connection(address, timeout=5, header={"Authorization": value}, suppress_origin=True)
        first = json.loads(ws.recv())
        ws.close()
    assert [refused.status_code, wrong.status_code, right.status_code] == [401, 401, 200]
    assert "WWW-Authenticate" in refused.headers
    assert caught.value.status_code == 401
    assert first["type"] == "status"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": "http://evil.example", "Host": "gpu.example:8188"}, 200),
        ({"Origin": "null"}, 200),
    ],
)
def test_other_sites_may_not_speak_to_a_server_on_this_machine(
    server: Server, headers: dict[str, str], status: int
) -> None:
    assert requests.get(server.url + "/prompt", headers=headers, timeout=5).status_code == status


def test_the_own_page_may(server: Server) -> None:
    assert requests.get(server.url + "/prompt", headers={"Origin": server.url}, timeout=5).status_code == 200


def test_latency_is_added_to_every_answer(start: Callable[..., Server]) -> None:
    server = start("--latency", "80")
    begun = time.monotonic()
    server.get("/prompt")
    assert time.monotonic() - begun >= 0.08


def test_a_body_over_the_announced_limit_is_refused(server: Server) -> None:
    limit = server.get("/features").json()["max_upload_size"]
    try:
        status = requests.post(server.url + "/prompt", data=bytes(limit + 1), timeout=30).status_code
    except requests.ConnectionError:  # cut while it still came
        status = 413
    assert status == 413
