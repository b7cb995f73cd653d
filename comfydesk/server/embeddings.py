"""Which embeddings a server has: `GET /embeddings`, a list of names without endings (server.py, get_embeddings)."""

from __future__ import annotations

from comfydesk.server.transport import Transport

MOST = 20_000
MAX_NAME = 300  # letters


def names(transport: Transport) -> list[str]:
    """By name; [] on a server that has no such route. Raises Problem."""
    with transport.open("GET", "/embeddings") as reply:
        if reply.status in (404, 405):
            return []
        if reply.status != 200:
            raise reply.problem()
        answer = reply.json(transport.limits.json)
    found = answer if isinstance(answer, list) else []
    good = {name for name in found if isinstance(name, str) and 0 < len(name) <= MAX_NAME and name.isprintable()}
    return sorted(good, key=str.casefold)[:MOST]
