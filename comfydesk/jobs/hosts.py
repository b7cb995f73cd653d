"""The servers that this process talks to: one `HostLink` each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from comfydesk.base.changes import ChangeStream
from comfydesk.base.paths import Home
from comfydesk.base.runtime import Runtime
from comfydesk.jobs.link import HostLink
from comfydesk.server.types import Credentials, Host


class HostPool:
    """All host links of this process. Its coroutines run on the engine's loop."""

    def __init__(self, home: Home, runtime: Runtime, changes: ChangeStream) -> None:
        raise NotImplementedError

    async def connect(
        self,
        host: Host,
        credentials: Credentials | None = None,
        *,
        live: bool = True,
        wait_server: float | None = None,
    ) -> HostLink:
        """Talk to `host` from now on. `live`: with the event socket.

        Without `wait_server` this returns at once and the link looks for the server for ever; its state is announced
        by HostChanged. With it, the first answer is awaited for that many seconds, else its Problem is raised;
        wrong logins, certificates and servers that are not ComfyUI are raised at once. Later outages are waited out.
        """
        raise NotImplementedError

    def link(self, host_id: str) -> HostLink | None:
        """The link of a connected host."""
        raise NotImplementedError

    def links(self) -> tuple[HostLink, ...]:
        raise NotImplementedError

    async def set_credentials(self, host_id: str, credentials: Credentials | None) -> None:
        """Use another login (or none) and try at once."""
        raise NotImplementedError

    async def set_host(self, host: Host) -> None:
        """The saved host changed (name, trust, address): use it from now on."""
        raise NotImplementedError

    async def drop(self, host_id: str) -> None:
        """Talk to this host no more; its jobs stay in the store."""
        raise NotImplementedError

    async def specs(self, host_id: str, classes: Iterable[str] | None = None) -> dict[str, Any]:
        """What the host's nodes take (`/object_info`): from the disk cache at once and refreshed behind it, else asked.

        `classes`: only these are needed. Raises Problem when there is no cache and the host does not answer.
        """
        raise NotImplementedError

    async def refresh_specs(self, host_id: str) -> dict[str, Any]:
        """Ask the host now, whatever the cache says (a model was added there)."""
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError
