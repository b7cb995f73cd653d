"""What a hostile or dying server does on the event socket: it ends, in time and within the limits."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from comfydesk.base.errors import Problem
from comfydesk.server import socket as event_socket
from comfydesk.server.client import ServerClient
from comfydesk.server.messages import ExecutionStart
from comfydesk.server.socket import EventSocket
from tests.server.frames import BINARY, CONT, PING, PONG, TEXT, frame, read_frames, upgraded
from tests.server.serving import RawServer, raw, reset

Connect = Callable[..., ServerClient]
START = '{"type": "execution_start", "data": {"prompt_id": "p"}}'


def problem(call: Callable[[], Any]) -> Problem:
    with pytest.raises(Problem) as caught:
        call()
    return caught.value


def connected(connect: Connect, server: RawServer, **kwargs: Any) -> EventSocket:
    events = EventSocket(connect(server.url), "id", **kwargs)
    events.connect()
    return events


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
