"""POST /prompt: what was surely queued, what was surely not, and what must be looked up."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any

import pytest

from comfydesk.base.errors import Problem
from comfydesk.server.client import ServerClient
from comfydesk.server.transport import Limits
from comfydesk.server.types import AmbiguousError, Rejected
from tests.server.serving import answer, raw, reset, say
from tests.server.stub import Stub

Connect = Callable[..., ServerClient]
ID = "793f5ae9-a22a-43f7-a75b-aa4a9b2a703f"
PROMPT = {"9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0], "seed": 2**64 - 1, "größe": "ä"}}}


def submit(client: ServerClient, **more: Any) -> Any:
    return client.submit(PROMPT, prompt_id=ID, client_id="c", **more)


def test_a_prompt_is_sent_under_our_own_id_and_never_with_a_number(stub: Stub, client: ServerClient) -> None:
    stub.routes["POST", "/prompt"] = {"prompt_id": ID, "number": 7, "node_errors": {}}
    got = submit(client)
    assert (got.prompt_id, got.number, got.node_errors) == (ID, 7.0, {})
    body = json.loads(stub.asked[-1].body)
    assert body == {"prompt": PROMPT, "client_id": "c", "prompt_id": ID}
    assert stub.asked[-1].headers["Content-Type"] == "application/json"


def test_extras_are_sent_only_when_asked_for(stub: Stub, client: ServerClient) -> None:
    stub.routes["POST", "/prompt"] = {"prompt_id": ID}
    submit(client, extra_data={"preview_method": "auto"}, front=True, partial_execution_targets=["9"])
    body = json.loads(stub.asked[-1].body)
    assert body["extra_data"] == {"preview_method": "auto"}
    assert body["front"] is True
    assert body["partial_execution_targets"] == ["9"]
    assert "number" not in body


def test_a_server_that_chooses_its_own_id_is_believed(stub: Stub, client: ServerClient) -> None:
    stub.routes["POST", "/prompt"] = {"prompt_id": "theirs", "number": 1}
    assert submit(client).prompt_id == "theirs"


def test_dropped_outputs_are_told(stub: Stub, client: ServerClient) -> None:
    errors = {"10": {"errors": [{"type": "required_input_missing"}], "class_type": "SaveImage"}}
    stub.routes["POST", "/prompt"] = {"prompt_id": ID, "number": 1, "node_errors": errors}
    assert submit(client).node_errors == errors


def test_a_rejected_prompt_says_what_is_wrong(stub: Stub, client: ServerClient) -> None:
    error = {"type": "prompt_outputs_failed_validation", "message": "Prompt outputs failed validation", "details": ""}
    item = {"type": "value_not_in_list", "message": "Value not in list", "details": "ckpt_name: 'x' not in []"}
    node_errors = {"4": {"errors": [item], "class_type": "CheckpointLoaderSimple"}}
    stub.routes["POST", "/prompt"] = (400, json.dumps({"error": error, "node_errors": node_errors}))
    with pytest.raises(Rejected) as caught:
        submit(client)
    assert (caught.value.error, caught.value.node_errors) == (error, node_errors)
    assert "CheckpointLoaderSimple: Value not in list (ckpt_name: 'x' not in [])" in caught.value.message


def test_a_missing_node_is_named(stub: Stub, client: ServerClient) -> None:
    error = {"type": "missing_node_type", "message": "Node 'NoSuchNode' not found.", "extra_info": {"node_id": "3"}}
    stub.routes["POST", "/prompt"] = (400, json.dumps({"error": error, "node_errors": {}}))
    with pytest.raises(Rejected, match="NoSuchNode") as caught:
        submit(client)
    assert ".." not in caught.value.message


@pytest.mark.parametrize(
    "body", ['{"error": "odd"}', '{"error": null, "node_errors": []}', '{"error": {"message": 5}}']
)
def test_an_odd_rejection_is_still_a_rejection(stub: Stub, client: ServerClient, body: str) -> None:
    stub.routes["POST", "/prompt"] = (400, body)
    with pytest.raises(Rejected):
        submit(client)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((400, "<html>Bad Request</html>"), "server_error"),
        ((401, ""), "auth_needed"),
        ((403, ""), "forbidden"),
        ((404, "<html>"), "not_comfyui"),
        ((429, ""), "server_busy"),
        ((200, "<html>Sign in</html>"), "not_comfyui"),
    ],
)
def test_what_surely_was_not_queued_is_a_plain_problem(
    stub: Stub, client: ServerClient, answer: Any, code: str
) -> None:
    stub.routes["POST", "/prompt"] = answer
    with pytest.raises(Problem) as caught:
        submit(client)
    assert caught.value.code == code
    assert not isinstance(caught.value, Rejected)


@pytest.mark.parametrize(
    "answer",
    [
        (500, "500 Internal Server Error"),
        (502, "<html>"),
        (503, ""),
        (504, ""),
        (409, '{"error": "duplicate"}'),
        (200, '{"prompt_id": '),
        (200, "{}"),
        (200, "[]"),
    ],
)
def test_what_may_have_been_queued_must_be_looked_up(stub: Stub, client: ServerClient, answer: Any) -> None:
    stub.routes["POST", "/prompt"] = answer
    with pytest.raises(AmbiguousError) as caught:
        submit(client)
    assert caught.value.cause.message
    assert len(stub.asked) == 1  # never sent twice by itself


def test_a_refused_connection_means_that_nothing_was_sent(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(Problem) as caught:
        submit(connect(f"127.0.0.1:{port}"))
    assert caught.value.code == "refused"


def test_a_reset_after_the_request_left_is_ambiguous_and_not_repeated(connect: Connect) -> None:
    with raw(lambda connection, head: reset(connection)) as server:
        with pytest.raises(AmbiguousError) as caught:
            submit(connect(server.url))
        assert caught.value.cause.code == "reset"
        assert len(server.heads) == 1


def test_a_reset_before_the_answer_is_complete_is_ambiguous(connect: Connect) -> None:
    cut = answer(json.dumps({"prompt_id": ID}).encode())[:-5]
    with raw(say(cut)) as server, pytest.raises(AmbiguousError):
        submit(connect(server.url))


def test_no_answer_in_time_is_ambiguous(connect: Connect) -> None:
    with raw(lambda connection, head: server.done.wait(5) and None) as server:
        with pytest.raises(AmbiguousError) as caught:
            submit(connect(server.url, limits=Limits(post=0.2)))
        assert caught.value.cause.code == "timeout"


def test_a_stale_kept_connection_is_ambiguous_for_a_post_and_no_matter_for_a_get(connect: Connect) -> None:
    """Proxies drop idle connections; requests finds out only when it writes."""

    def once(connection: socket.socket, head: bytes) -> None:
        body = b'{"system": {}}'
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n" + body)
        connection.recv(65536)  # the second request arrives, and the connection is gone
        reset(connection)

    with raw(once) as server:
        client = connect(server.url)
        client.system_stats()
        client.system_stats()
        with pytest.raises(AmbiguousError):
            submit(client)


def test_a_number_that_json_does_not_have_is_not_sent(stub: Stub, client: ServerClient) -> None:
    with pytest.raises(Problem) as caught:
        client.submit({"3": {"inputs": {"cfg": float("nan")}}}, prompt_id=ID, client_id="c")
    assert caught.value.code == "usage"
    assert not stub.asked
