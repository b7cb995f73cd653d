"""The event socket: it delivers what comes, ends when told, and never hangs or swells."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from comfydesk.base.errors import Problem
from comfydesk.server import socket as event_socket
from comfydesk.server.client import ServerClient
from comfydesk.server.messages import Executing, ExecutionStart, PreviewImage, Unknown
from comfydesk.server.socket import EventSocket
from tests.server import proxy
from tests.server.serving import RawServer, answer, raw, reset, say
from tests.server.stub import Stub

Connect = Callable[..., ServerClient]
START = '{"type": "execution_start", "data": {"prompt_id": "p"}}'
TEXT, BINARY, CONT, PING, PONG, CLOSE = 1, 2, 0, 9, 10, 8


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


def frame(opcode: int, data: bytes = b"", *, fin: bool = True, length: int | None = None) -> bytes:
    size = len(data) if length is None else length
    head = bytes([(0x80 if fin else 0) | opcode])
    if size < 126:
        return head + bytes([size]) + data
    if size < 65536:
        return head + b"\x7e" + struct.pack(">H", size) + data
    return head + b"\x7f" + struct.pack(">Q", size) + data


def upgraded(then: Callable[[socket.socket], Any]) -> Callable[[socket.socket, bytes], None]:
    """A handler that accepts the upgrade and goes on with `then`."""

    def handle(connection: socket.socket, head: bytes) -> None:
        key = re.search(rb"Sec-WebSocket-Key: (\S+)", head)
        assert key
        digest = hashlib.sha1(key[1] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
        connection.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n\r\n"
        )
        then(connection)

    return handle


def connected(connect: Connect, server: RawServer, **kwargs: Any) -> EventSocket:
    events = EventSocket(connect(server.url), "id", **kwargs)
    events.connect()
    return events


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


@pytest.mark.parametrize(
    "data",
    [b"", frame(TEXT, b"x")[:2], frame(TEXT, b"x" * 300)[:50], b"\xf1\x05hello", frame(CONT, b"x"), frame(3, b"x")],
    ids=["cut", "cut in a frame", "cut in a payload", "nonsense", "lonely piece", "unknown opcode"],
)
def test_a_connection_that_breaks_is_a_reset(connect: Connect, data: bytes) -> None:
    with raw(upgraded(lambda connection: connection.sendall(data))) as server:
        assert problem(lambda: list(connected(connect, server).messages())).code == "reset"


def test_a_connection_that_is_reset_is_a_reset(connect: Connect) -> None:
    with raw(upgraded(reset)) as server:
        with pytest.raises(Problem) as caught:
            list(connected(connect, server).messages())
        assert caught.value.code == "reset"


MIB = 1 << 20


@pytest.mark.parametrize(
    "data",
    [
        frame(TEXT, length=17 * MIB),
        frame(BINARY, length=33 * MIB),
        frame(BINARY, length=1 << 62),
        frame(TEXT, b"x" * MIB, fin=False) + frame(CONT, b"x" * MIB, fin=False) * 15 + frame(CONT, length=MIB),
        frame(TEXT, b"x", fin=False) + frame(CONT, b"x", fin=False) * 1_100,
        frame(PING, b"x" * 126),
    ],
    ids=["text", "binary", "absurd", "sum of pieces", "number of pieces", "ping"],
)
def test_a_message_over_the_limits_ends_the_connection_before_it_is_read(connect: Connect, data: bytes) -> None:
    def then(connection: socket.socket) -> None:
        connection.sendall(data)
        server.done.wait(5)

    with raw(upgraded(then)) as server:
        assert problem(lambda: list(connected(connect, server).messages())).code == "too_large"


def test_a_message_in_pieces_is_put_together(connect: Connect) -> None:
    text = START.encode()
    pieces = frame(TEXT, text[:5], fin=False) + frame(PING, b"hi") + frame(CONT, text[5:9], fin=False)

    def then(connection: socket.socket) -> None:
        connection.sendall(pieces + frame(CONT, text[9:]))
        server.done.wait(5)

    with raw(upgraded(then)) as server:
        events = connected(connect, server)
        assert next(events.messages()) == ExecutionStart("p")
        events.close()


def read_frames(connection: socket.socket) -> Iterator[int]:
    """The opcodes of what the client sends (short frames, masked)."""
    with connection.makefile("rb") as stream:
        while head := stream.read(2):
            stream.read(4 + (head[1] & 0x7F))
            yield head[0] & 0x0F


def test_silence_is_ended_by_pings_and_a_living_server_stays_connected(connect: Connect) -> None:
    pings = 0

    def then(connection: socket.socket) -> None:
        nonlocal pings
        for opcode in read_frames(connection):
            if opcode == PING:
                pings += 1
                connection.sendall(frame(PONG))
            if pings == 3:
                connection.sendall(frame(TEXT, START.encode()))

    with raw(upgraded(then)) as server:
        events = connected(connect, server, ping_after=0.03, pong_within=5)
        assert next(events.messages()) == ExecutionStart("p")
        assert pings >= 3
        events.close()


def test_a_dead_line_is_given_up_after_a_ping(connect: Connect) -> None:
    with raw(upgraded(lambda connection: server.done.wait(5))) as server:
        events = connected(connect, server, ping_after=0.1, pong_within=0.1)
        begun = time.monotonic()
        assert problem(lambda: list(events.messages())).code == "timeout"
        assert 0.15 < time.monotonic() - begun < 1.5


def test_a_large_frame_on_a_slow_line_is_waited_for(connect: Connect) -> None:
    text = START.encode()
    data = frame(TEXT, text + b" " * 400)

    def then(connection: socket.socket) -> None:
        for at in range(0, len(data), 20):  # half a second in all
            connection.sendall(data[at : at + 20])
            server.done.wait(0.02)
        server.done.wait(5)

    with raw(upgraded(then)) as server:
        events = connected(connect, server, ping_after=0.1, pong_within=0.1)
        assert next(events.messages()) == ExecutionStart("p")
        events.close()


def test_a_frame_that_drips_for_ever_is_given_up(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_socket, "MAX_FRAME_AGE", 0.3)

    def then(connection: socket.socket) -> None:
        connection.sendall(frame(TEXT, length=10_000))
        while not server.done.wait(0.02):
            connection.sendall(b"x")

    with raw(upgraded(then)) as server:
        events = connected(connect, server, ping_after=0.1, pong_within=0.1)
        assert problem(lambda: list(events.messages())).code == "timeout"


def test_pings_of_the_server_are_answered(connect: Connect) -> None:
    seen: list[int] = []

    def then(connection: socket.socket) -> None:
        connection.sendall(frame(PING, b"there?"))
        for opcode in read_frames(connection):
            seen.append(opcode)
            if opcode == PONG:
                connection.sendall(frame(TEXT, START.encode()))

    with raw(upgraded(then)) as server:
        events = connected(connect, server)
        assert next(events.messages()) == ExecutionStart("p")
        events.close()
        assert seen[:2] == [TEXT, PONG]


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
