"""The servers that this process talks to: one `HostLink` each."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from comfydesk.base.changes import Change, ChangeStream
from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.base.runtime import Runtime
from comfydesk.jobs.ear import Ear
from comfydesk.jobs.link import HostLink, LinkListener
from comfydesk.server.types import Credentials, Host

SPECS_AGE = 60.0  # seconds for which specs that were just read count as fresh


@dataclass(frozen=True, slots=True)
class SpecsChanged(Change):
    """A host's nodes or models are not what its cache said; forms of it want to be built anew."""

    host_id: str

    @property
    def key(self) -> object:
        return ("specs", self.host_id)


class HostPool:
    """All host links of this process. Its coroutines run on the engine's loop."""

    def __init__(self, home: Home, runtime: Runtime, changes: ChangeStream) -> None:
        self._home, self._runtime, self._changes = home, runtime, changes
        self._links: dict[str, HostLink] = {}
        self._ears: dict[str, Ear] = {}
        self._refreshed: dict[str, float] = {}
        self._specs: dict[str, dict[str, Any]] = {}  # by address: what was read last
        self._refreshing: dict[str, asyncio.Task[dict[str, Any]]] = {}
        self.listener: LinkListener | None = None  # the queue

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
        by HostChanged. With it, the first answer is awaited for that many seconds, else its Problem is raised (and the
        link dropped); wrong logins, certificates and servers that are not ComfyUI are raised at once. Later outages
        are waited out. On a host that is connected already, name, trust and login change to these.
        """
        link = self._links.get(host.host_id)
        if link is None:
            link = HostLink(host, credentials or Credentials(), self._runtime, self._changes, lambda: self.listener)
            self._links[host.host_id] = link
        elif link.host != host or (credentials is not None and link.credentials != credentials):
            anew = link.use(host, _login(link, host) if credentials is None else credentials)
            if anew and (ear := self._ears.get(host.host_id)) is not None:
                ear.reconnect()
        if live and host.host_id not in self._ears:
            self._ears[host.host_id] = Ear(link, self._runtime)
        if wait_server is not None:
            try:
                await link.first_answer(wait_server)
            except Problem:
                await self.drop(host.host_id)
                raise
        return link

    def link(self, host_id: str) -> HostLink | None:
        """The link of a connected host."""
        return self._links.get(host_id)

    def links(self) -> tuple[HostLink, ...]:
        return tuple(self._links.values())

    def ear(self, host_id: str) -> Ear | None:
        """The socket's keeper, where the host was connected live."""
        return self._ears.get(host_id)

    async def set_credentials(self, host_id: str, credentials: Credentials | None) -> None:
        """Use another login (or none) and try at once."""
        link = self._links[host_id]
        await self.connect(link.host, credentials or Credentials(), live=False)

    async def set_host(self, host: Host) -> None:
        """The saved host changed (name, trust, address): use it from now on, if it is connected."""
        if host.host_id in self._links:
            await self.connect(host, live=False)

    async def drop(self, host_id: str) -> None:
        """Talk to this host no more; its jobs stay in the store."""
        ear, link = self._ears.pop(host_id, None), self._links.pop(host_id, None)
        if ear is not None:
            await ear.close()
        if link is not None:
            was_up = link.up.is_set()
            await link.close()
            if was_up and self.listener is not None:
                self.listener.link_down(link)

    async def close(self) -> None:
        for host_id in tuple(self._links):
            await self.drop(host_id)
        for task in self._refreshing.values():
            task.cancel()

    # -- what the nodes take

    async def specs(self, host_id: str, classes: Iterable[str] | None = None) -> dict[str, Any]:
        """What the host's nodes take (`/object_info`): from the disk cache at once and refreshed behind it, else asked.

        `classes`: only these are needed (the cache may bring more). SpecsChanged follows if the refresh finds other
        specs. Raises Problem when there is no cache and the host does not answer, or where it is not connected.
        """
        link = self._known(host_id)
        cached = await self._cached(link)
        if cached is not None:
            if link.up.is_set() and self._age(host_id) > SPECS_AGE:
                self._refresh(link)
            return cached
        if not link.up.is_set():
            raise link.problem or Problem("unreachable", address=link.host.url, detail="it has not answered yet")
        if classes is None:
            return await self._refresh(link)
        found: dict[str, Any] = {}
        for answer in await asyncio.gather(*(link.control(link.client.object_info, name) for name in set(classes))):
            found |= answer
        self._refresh(link)
        return found

    async def refresh_specs(self, host_id: str) -> dict[str, Any]:
        """Ask the host now, whatever the cache says (a model was added there)."""
        return await self._refresh(self._known(host_id))

    def _known(self, host_id: str) -> HostLink:
        link = self._links.get(host_id)
        if link is None:
            raise Problem("host_unknown", name=host_id)
        return link

    def _age(self, host_id: str) -> float:
        return self._runtime.loop.time() - self._refreshed.get(host_id, float("-inf"))

    async def _cached(self, link: HostLink) -> dict[str, Any] | None:
        from comfydesk.server.specs_cache import SpecsCache

        if link.host.url not in self._specs:
            cache = SpecsCache(self._home.object_info_cache)
            found: dict[str, Any] | None = await self._runtime.lane("decode", 2).run(cache.get, link.host.url)
            if found is None:
                return None
            self._specs[link.host.url] = found
        return self._specs[link.host.url]

    def _refresh(self, link: HostLink) -> asyncio.Task[dict[str, Any]]:
        """The refresh of this host that is under way, or a new one."""
        host_id = link.host.host_id
        task = self._refreshing.get(host_id)
        if task is None or task.done():
            task = self._runtime.loop.create_task(self._read_specs(link), name=f"specs {link.host.name}")
            task.add_done_callback(_ignore_network)
            self._refreshing[host_id] = task
        return task

    async def _read_specs(self, link: HostLink) -> dict[str, Any]:
        from comfydesk.server.specs_cache import SpecsCache

        cache = SpecsCache(self._home.object_info_cache)
        url = link.host.url
        found = await link.transfer(link.client.object_info)
        self._refreshed[link.host.host_id] = self._runtime.loop.time()
        self._specs[url] = found

        def keep() -> bool:
            old = cache.get(url)
            if old == found:
                return False
            cache.put(url, found)
            return old is not None

        if await self._runtime.lane("decode", 2).run(keep):
            self._changes.publish(SpecsChanged(link.host.host_id))
        return found


def _login(link: HostLink, host: Host) -> Credentials:
    """The login that goes on: only to the origin that it was given for (promise 8)."""
    from comfydesk.server.address import parse

    same = parse(link.host.url).origin == parse(host.url).origin
    return link.credentials if same else Credentials()


def _ignore_network(task: asyncio.Task[dict[str, Any]]) -> None:
    """A refresh behind the cache may fail: the link says why, and the next look at a form tries again."""
    if not task.cancelled():
        task.exception()
