"""One host's link: client, lanes, socket and state of the connection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from comfydesk.server.client import ServerClient
from comfydesk.server.types import Connection, Host, HostReport

T = TypeVar("T")


class HostLink:
    """What the rest of `jobs` knows of one connected host."""

    host: Host
    client: ServerClient
    connection: Connection
    report: HostReport | None

    async def control(self, fn: Callable[..., T], *args: Any, **kw: Any) -> T:
        """Run a short blocking request of `client` on this host's control lane."""
        raise NotImplementedError

    async def transfer(self, fn: Callable[..., T], *args: Any, **kw: Any) -> T:
        """Run a blocking upload or download on this host's transfer lane."""
        raise NotImplementedError
