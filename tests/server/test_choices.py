"""Choices that a server lists at a route of its own: names, whatever else is in the answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from comfydesk.server import choices


class OneAnswer:
    """A transport that gives the same answer to everything."""

    limits = SimpleNamespace(json=1 << 20)

    def __init__(self, answer: Any, status: int = 200) -> None:
        self.answer, self.status, self.asked = answer, status, ""

    @contextmanager
    def open(self, method: str, path: str) -> Iterator[Any]:
        self.asked = f"{method} {path}"
        yield SimpleNamespace(status=self.status, json=lambda limit: self.answer)


@pytest.mark.parametrize(
    ("answer", "key", "names"),
    [
        (["a", "b"], "", ["a", "b"]),
        ({"models": ["a"]}, "models", ["a"]),
        ({"models": ["a"]}, "other", None),
        ({"models": ["a"]}, "", None),
        (["a", 3, None, "", ["x"], "b" * 1001, "c"], "", ["a", "c"]),
        ("no list", "", None),
        (["a"] * 30_000, "", ["a"] * 20_000),
    ],
)
def test_only_names_come_out(answer: Any, key: str, names: list[str] | None) -> None:
    server: Any = OneAnswer(answer)
    assert choices.fetch(server, "/models/list", key) == names
    assert server.asked == "GET /models/list"


def test_a_server_without_the_route_tells_nothing() -> None:
    server: Any = OneAnswer([], 404)
    assert choices.fetch(server, "/models/list", "") is None
