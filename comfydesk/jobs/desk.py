"""What dispatcher and tracker of one host share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from comfydesk.base.changes import ChangeStream
from comfydesk.base.runtime import Lane, Runtime
from comfydesk.jobs.ear import Ear
from comfydesk.jobs.forecast import Forecast
from comfydesk.jobs.ledger import Ledger
from comfydesk.jobs.link import HostLink
from comfydesk.jobs.memory import HostMemory
from comfydesk.jobs.model import JobRequest
from comfydesk.jobs.places import Places
from comfydesk.jobs.store import Store
from comfydesk.jobs.uploads import Uploads


@dataclass(slots=True)
class Desk:
    """One host as the queue works with it. Lives on the engine's loop."""

    link: HostLink
    ear: Callable[[], Ear | None]
    memory: HostMemory
    ledger: Ledger
    store: Store
    db: Lane
    runtime: Runtime
    changes: ChangeStream
    places: Places
    uploads: Uploads
    forecast: Forecast
    may_send: Callable[[], bool]  # not paused, and the disk takes what comes
    wants_previews: Callable[[], bool]
    posting: set[str] = field(default_factory=set)  # prompt ids whose POST is under way
    reconciled: asyncio.Event = field(
        default_factory=asyncio.Event
    )  # every open attempt was looked up since the link is up
    sent_at: float = 0.0  # loop time of the last accepted POST

    @property
    def host_id(self) -> str:
        return self.link.host.host_id

    @property
    def loop_time(self) -> float:
        return self.runtime.loop.time()

    @property
    def hears(self) -> bool:
        """Whether the socket delivers, as far as we know."""
        return self.link.socket_delivers

    async def request(self, job_id: str) -> JobRequest:
        return await self.places.request(job_id)

    async def titles(self, job_id: str) -> Mapping[str, str]:
        return (await self.request(job_id)).titles

    async def ask(self, fn: Callable[..., Any], *args: Any, **kw: Any) -> Any:
        """A request on the control lane."""
        return await self.link.control(fn, *args, **kw)
