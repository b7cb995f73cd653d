from __future__ import annotations

import socket
import time

from comfydesk.server.discover import look_local
from tests.server.serving import raw, say
from tests.server.stub import Stub


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def test_servers_on_this_machine_are_found(stub: Stub) -> None:
    found = look_local((closed_port(), stub.port))
    assert [(r.url, r.version) for r in found] == [(stub.url, "0.33.0")]


def test_other_programs_are_not_taken_for_comfyui() -> None:
    with raw(say(b"SSH-2.0-OpenSSH\r\n")) as other:
        assert look_local((other.port,)) == []


def test_looking_where_nothing_is_takes_no_time() -> None:
    begun = time.monotonic()
    assert look_local((closed_port(), closed_port())) == []
    assert time.monotonic() - begun < 1
