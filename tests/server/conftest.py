from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from comfydesk.server.client import ServerClient
from tests.server.stub import Stub


@pytest.fixture
def stub() -> Iterator[Stub]:
    stub = Stub()
    yield stub
    stub.stop()


@pytest.fixture
def connect() -> Iterator[Callable[..., ServerClient]]:
    """Makes clients and closes them after the test."""
    made: list[ServerClient] = []

    def make(url: str, *args: Any, **kwargs: Any) -> ServerClient:
        made.append(ServerClient(url, *args, **kwargs))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(stub: Stub, connect: Callable[..., ServerClient]) -> ServerClient:
    return connect(stub.url)
