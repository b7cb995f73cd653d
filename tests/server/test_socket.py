"""The event socket: it delivers what comes, ends when told, and never hangs or swells."""

from __future__ import annotations

import json
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from comfydesk.base.errors import Problem
from comfydesk.server.client import ServerClient
from comfydesk.server.messages import Executing, ExecutionStart, PreviewImage, Unknown
from comfydesk.server.socket import EventSocket
from tests.server import proxy
from tests.server.serving import answer, raw, say
from tests.server.stub import Stub

Connect = Callable[..., ServerClient]
START = '{"type": "execution_start", "data": {"prompt_id": "p"}}'


@pytest.fixture
def events(client: ServerClient) -> Iterator[EventSocket]:
    events = EventSocket(client, "our id")
    events.connect()
    yield events
    events.close()


def wait_until(condition: Callable[[], Any]) -> None:
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.002)


def problem(call: Callable[[], Any]) -> Problem:
    with pytest.raises(Problem) as caught:
        call()
    return caught.value


def test_our_flags_are_the_first_message_and_the_id_is_in_the_address(stub: Stub, events: EventSocket) -> None:
    wait_until(lambda: stub.received)
    assert json.loads(stub.received[0]) == {"type": "feature_flags", "data": {"supports_preview_metadata": True}}
    assert stub.asked[-1].query == {"clientId": "our id"}


def test_no_origin_is_sent_because_servers_refuse_a_strange_one(stub: Stub, events: EventSocket) -> None:
    headers = stub.asked[-1].headers
    assert "Origin" not in headers
    assert headers["Host"] == f"127.0.0.1:{stub.port}"
    assert headers["User-Agent"].startswith("ComfyDesk/")


def test_messages_come_typed_and_in_order(stub: Stub, events: EventSocket) -> None:
    wait_until(lambda: stub.sockets)
    stub.say(START)
    stub.say('{"type": "executing", "data": {"node": null, "prompt_id": "p"}}')
    stub.say(struct.pack(">II", 1, 1) + b"jpeg")
    messages = events.messages()
    assert [next(messages) for _ in range(3)] == [
        ExecutionStart("p"),
        Executing("p", None),
        PreviewImage("image/jpeg", b"jpeg"),
    ]


def test_broken_and_unknown_messages_are_counted_and_do_no_harm(stub: Stub, events: EventSocket) -> None:
    wait_until(lambda: stub.sockets)
    for one in ("nonsense", b"\x00", '{"type": "monitor", "data": 1}', struct.pack(">I", 9), START):
        stub.say(one)
    messages = events.messages()
    assert [next(messages) for _ in range(3)] == [Unknown("monitor"), Unknown("binary 9"), ExecutionStart("p")]
    assert events.ignored == {"broken": 2, "monitor": 1, "binary 9": 1}


def test_close_wakes_a_reader_in_another_thread_at_once(stub: Stub, events: EventSocket) -> None:
    ended = threading.Event()

    def read() -> None:
        assert list(events.messages()) == []
        ended.set()

    thread = threading.Thread(target=read)
    thread.start()
    wait_until(lambda: events._reading)
    begun = time.monotonic()
    events.close()
    assert ended.wait(2)
    assert time.monotonic() - begun < 0.5
    thread.join()
    wait_until(lambda: stub.sockets[-1].closed)  # the server was told, so it forgets the id


def test_close_wakes_a_reader_over_tls_too(stub: Stub, connect: Connect) -> None:
    with proxy.start(stub.url) as behind:
        from comfydesk.server.types import Trust

        events = EventSocket(connect(behind.url, trust=Trust(pin=behind.fingerprint)), "id")
        events.connect()
        thread = threading.Thread(target=lambda: list(events.messages()))
        thread.start()
        wait_until(lambda: events._reading)
        events.close()
        thread.join(2)
        assert not thread.is_alive()


def test_large_messages_come_through_tls(stub: Stub, connect: Connect) -> None:
    from comfydesk.server.types import Trust

    picture = os.urandom(3_000_000)
    stub.frames = [struct.pack(">II", 1, 2) + picture, START]
    with proxy.start(stub.url) as behind:
        events = EventSocket(connect(behind.url, trust=Trust(pin=behind.fingerprint)), "id")
        events.connect()
        messages = events.messages()
        assert next(messages) == PreviewImage("image/png", picture)
        assert next(messages) == ExecutionStart("p")
        events.close()


def test_close_is_welcome_at_any_time(stub: Stub, client: ServerClient) -> None:
    never = EventSocket(client, "a")
    never.close()
    never.close()
    assert list(never.messages()) == []
    assert problem(never.connect).code == "reset"
    twice = EventSocket(client, "b")
    twice.connect()
    twice.close()
    twice.close()
    assert list(twice.messages()) == []
    assert twice.closed


def test_close_ends_a_handshake_that_hangs(connect: Connect) -> None:
    with raw(lambda connection, head: server.done.wait(5) and None) as server:
        events = EventSocket(connect(server.url), "id")
        codes: list[str] = []
        thread = threading.Thread(target=lambda: codes.append(problem(events.connect).code))
        thread.start()
        wait_until(lambda: server.heads)
        begun = time.monotonic()
        events.close()
        thread.join(3)
        assert codes == ["reset"]
        assert time.monotonic() - begun < 0.5


def test_a_dripped_handshake_ends_at_its_deadline(connect: Connect) -> None:
    def drip(connection: socket.socket, head: bytes) -> None:
        connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nX: ")
        while not server.done.wait(0.02):
            connection.sendall(b"x")

    with raw(drip) as server:
        begun = time.monotonic()
        assert problem(EventSocket(connect(server.url), "id", handshake=0.3).connect).code == "timeout"
        assert time.monotonic() - begun < 1.5


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (answer(b"", status="404 Not Found"), "live_off"),
        (answer(b"<html>", status="400 Bad Request"), "live_off"),
        (answer(b"<html>"), "live_off"),
        (answer(b"", status="426 Upgrade Required"), "live_off"),
        (answer(b"", status="401 Unauthorized"), "auth_needed"),
        (answer(b"", status="403 Forbidden"), "forbidden"),
        (answer(b"", status="503 Busy"), "server_busy"),
        (answer(b"", status="302 Found", more="Location: https://h/ws\r\n"), "redirect"),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", "live_off"),
        (b"nonsense\r\n\r\n", "live_off"),
        (b"", "reset"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n" + b"x" * 400_000, "reset"),
        (b"HTTP/1.1 400 No\r\nContent-Length: 99999999999\r\n\r\n" + b"x" * 400_000, "reset"),
        (b"HTTP/1.1 400 No\r\nContent-Length: x\r\n\r\n", "live_off"),
        (b"HTTP/1.1 101 X\r\n" + b"X: y\r\n" * 100_000, "reset"),
    ],
)
def test_a_refused_upgrade_gets_a_sentence(connect: Connect, data: bytes, code: str) -> None:
    with raw(say(data)) as server:
        assert problem(EventSocket(connect(server.url), "id").connect).code == code


def test_the_servers_goodbye_is_a_reset(stub: Stub, events: EventSocket) -> None:
    wait_until(lambda: stub.sockets)
    stub.hang_up()
    assert problem(lambda: list(events.messages())).code == "reset"
    assert events.closed


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts open files by /proc")  # noqa: PTH112
def test_no_file_stays_open(stub: Stub, client: ServerClient) -> None:
    def opened() -> int:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208

    for number in range(25):
        events = EventSocket(client, str(number))
        events.connect()
        if number % 2:
            stub_closed = threading.Thread(target=lambda e=events: list(e.messages()))  # type: ignore[misc]
            stub_closed.start()
            wait_until(lambda e=events: e._reading)  # type: ignore[misc]
            events.close()
            stub_closed.join(2)
        else:
            events.close()
        if number == 4:
            wait_until(lambda: all(s.closed for s in stub.sockets))
            before = opened()
    wait_until(lambda: all(s.closed for s in stub.sockets))
    wait_until(lambda: opened() <= before + 2)
