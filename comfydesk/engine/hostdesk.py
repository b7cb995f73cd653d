"""The engine's half that deals with hosts: look, save, log in, trust, use."""

from __future__ import annotations

import dataclasses
import logging
from typing import TYPE_CHECKING

from comfydesk.base.errors import Problem
from comfydesk.server.types import AuthKind, Credentials, Host, HostReport, Trust

if TYPE_CHECKING:
    from comfydesk.base.paths import Home
    from comfydesk.base.runtime import Lane, Runtime
    from comfydesk.engine.demo import DemoServer
    from comfydesk.jobs.hosts import HostPool
    from comfydesk.server.hosts import HostBook

log = logging.getLogger(__name__)

DEMO_HOST_ID = "demo"


class HostDesk:
    """Saved hosts and their logins. Mixed into Engine; blocking parts run on the "hosts" lane."""

    home: Home
    runtime: Runtime
    hosts: HostPool
    hostbook: HostBook
    demo: DemoServer

    def _lane(self) -> Lane:
        return self.runtime.lane("hosts", 2)

    async def saved_hosts(self) -> list[Host]:
        """Hosts in the order they were saved; in the demo the demo's server while it runs."""
        if self.home.is_demo:
            return [link.host for link in self.hosts.links()]
        return list(self.hostbook.list())

    async def default_host(self) -> Host | None:
        """The host that the window and the commands use when none is named; in the demo the demo's server."""
        if self.home.is_demo:
            link = self.hosts.link(DEMO_HOST_ID)
            return link.host if link is not None else None
        return self.hostbook.default()

    async def look(
        self,
        text: str,
        credentials: Credentials | None = None,
        trust: Trust | None = None,
        allow_plain_auth: bool = False,
    ) -> HostReport:
        """What answers at the address that a person typed. Raises Problem (auth_needed, tls_untrusted, refused, …)."""

        def probe() -> HostReport:
            from comfydesk.server import address
            from comfydesk.server.client import ServerClient

            url = address.parse(text).url
            client = ServerClient(
                url, credentials or Credentials(), trust or Trust(), allow_plain_auth=allow_plain_auth
            )
            try:
                return client.look()
            finally:
                client.close()

        return await self._lane().run(probe)

    async def find_local(self) -> list[HostReport]:
        """The ComfyUI servers that answer on this machine's ports 8188 and 8000."""

        def probe() -> list[HostReport]:
            from comfydesk.server import discover

            return discover.look_local()

        return await self._lane().run(probe)

    async def add_host(
        self,
        name: str,
        url: str,
        credentials: Credentials | None = None,
        trust: Trust | None = None,
        allow_plain_auth: bool = False,
        remember: bool = True,
        default: bool = True,
    ) -> Host:
        """Save a host, keep its login in the keychain if `remember`, and connect to it."""
        login = credentials or Credentials()

        def save() -> Host:
            host = self.hostbook.add(
                name,
                url,
                auth=login.kind,
                user=login.user,
                trust=trust or Trust(),
                allow_plain_auth=allow_plain_auth,
            )
            if default:
                self.hostbook.set_default(host.host_id)
            return host

        host = await self._lane().run(save)
        if remember and login.kind is not AuthKind.NONE:
            await self._remember(host, login)
        await self.hosts.connect(host, login)
        return host

    async def use_host(self, host_id: str) -> Host:
        """Make a saved host the default and connect to it with the login that the keychain has."""
        host = self.hostbook.get(host_id)
        if host is None:
            raise Problem("host_unknown", name=host_id)
        if not host.is_demo:
            await self._lane().run(self.hostbook.set_default, host.host_id)
        await self.connect(host)
        return host

    async def connect(
        self, host: Host, credentials: Credentials | None = None, *, wait_server: float | None = None
    ) -> None:
        """Connect to a host; without `credentials` those of the keychain are used. Raises only with `wait_server`."""
        login = credentials
        if login is None and host.auth is not AuthKind.NONE:
            login = await self._lane().run(_load_login, host)
        await self.hosts.connect(host, login or Credentials(), wait_server=wait_server)

    async def remove_host(self, host_id: str) -> None:
        """Forget a host and its login."""
        host = self.hostbook.get(host_id)
        if host is None:
            return
        await self.hosts.drop(host_id)

        def remove() -> None:
            from comfydesk.server import secrets

            secrets.forget(host)
            self.hostbook.remove(host_id)

        await self._lane().run(remove)

    async def log_in(
        self, host_id: str, credentials: Credentials, remember: bool = True, allow_plain_auth: bool = False
    ) -> None:
        """Use another login for a host, from now on. `allow_plain_auth` allows it over http too, and is kept."""
        host = self._known(host_id)
        changed = dataclasses.replace(
            host,
            auth=credentials.kind,
            user=credentials.user,
            allow_plain_auth=host.allow_plain_auth or allow_plain_auth,
        )
        if self.hostbook.get(host_id) is not None:
            changed = await self._lane().run(self.hostbook.update, changed)
        if remember:
            await self._remember(changed, credentials)
        await self.hosts.connect(changed, credentials)

    async def trust(self, host_id: str, pin: str) -> None:
        """Trust the certificate with this SHA-256 fingerprint for a host."""
        host = dataclasses.replace(self._known(host_id), trust=Trust(pin=pin))
        if self.hostbook.get(host_id) is not None:
            host = await self._lane().run(self.hostbook.update, host)
        await self.connect(host)

    async def start_demo(self, *, step_ms: int = 60) -> Host:
        """Start the demo server and connect to it. Only in the demo's own home, so that nothing is ever mixed."""
        if not self.home.is_demo:
            raise ValueError("the demo runs in its own home only")
        url = await self.demo.url(step_ms=step_ms)
        host = Host(DEMO_HOST_ID, "Demo", url, is_demo=True)
        await self.hosts.connect(host, Credentials(), wait_server=20)
        return host

    def _known(self, host_id: str) -> Host:
        link = self.hosts.link(host_id)
        host = self.hostbook.get(host_id) or (link.host if link else None)
        if host is None:
            raise Problem("host_unknown", name=host_id)
        return host

    async def _remember(self, host: Host, credentials: Credentials) -> None:
        def save() -> None:
            from comfydesk.server import secrets

            if secrets.available():
                secrets.save(host, credentials)
            else:
                log.warning("this system has no keychain; the login of %s lasts until the end of the program", host.url)

        await self._lane().run(save)


def _load_login(host: Host) -> Credentials | None:
    from comfydesk.server import secrets

    return secrets.load(host)
