"""The choices that a server lists at a route of its own. Blocking; all is hostile."""

from __future__ import annotations

from collections.abc import Mapping

from comfydesk.server.transport import Transport

MAX_NAMES = 20_000
MAX_NAME = 1_000  # letters


def fetch(transport: Transport, route: str, key: str) -> list[str] | None:
    """The names in the answer, or in its entry `key`; None where the server has none to tell."""
    with transport.open("GET", route) as reply:
        if reply.status != 200:
            return None
        answer = reply.json(transport.limits.json)
    listed = answer.get(key) if key and isinstance(answer, Mapping) else answer
    if not isinstance(listed, list):
        return None
    return [name for name in listed[:MAX_NAMES] if isinstance(name, str) and 0 < len(name) <= MAX_NAME]
