"""A stand-in for the engine's half that the shell's pages use: scripted answers, recorded calls, real threads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from comfydesk.base.changes import ChangeStream
from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.base.runtime import Runtime
from comfydesk.jobs.model import HostChanged
from comfydesk.server.address import parse
from comfydesk.server.types import AuthKind, Connection, Credentials, Host, HostReport, Trust

REPORT = HostReport(
    url="http://127.0.0.1:8188",
    version="0.33.0",
    device="RTX 4090",
    vram_total=24 << 30,
    vram_free=14 << 30,
    has_jobs_api=True,
)


class FakeEngine:
    """`look_at` answers looks: a function (url, credentials, trust, allow_plain) -> HostReport, or it raises."""

    def __init__(self, folder: Path, *, demo: bool = False) -> None:
        home = Home(folder / "home", folder / "cache")
        self.home = home.demo() if demo else home
        self.runtime = Runtime()
        self.changes = ChangeStream(self.runtime.loop)
        self.calls: list[tuple[Any, ...]] = []
        self.saved: list[Host] = []
        self.default: str = ""
        self.local: list[HostReport] = []
        self.root = str(Path.home() / "Pictures" / "ComfyDesk")
        self.look_at: Callable[..., HostReport] = lambda url, *_: replace(REPORT, url=url)
        self.settings = SimpleNamespace(value=SimpleNamespace(), change=lambda **news: self.calls.append(("set", news)))

    def close(self, timeout: float = 5.0) -> None:
        self.runtime.stop()

    def publish(self, *changes: Any) -> None:
        """Announce changes, from any thread."""
        self.runtime.post(self.changes.publish, *changes)

    async def saved_hosts(self) -> list[Host]:
        return list(self.saved)

    async def default_host(self) -> Host | None:
        return next((host for host in self.saved if host.host_id == self.default), None)

    async def find_local(self) -> list[HostReport]:
        self.calls.append(("find_local",))
        return list(self.local)

    async def look(
        self,
        text: str,
        credentials: Credentials | None = None,
        trust: Trust | None = None,
        allow_plain_auth: bool = False,
    ) -> HostReport:
        login = credentials or Credentials()
        self.calls.append(("look", text, login, trust or Trust(), allow_plain_auth))
        await asyncio.sleep(0)
        return self.look_at(parse(text).url, login, trust or Trust(), allow_plain_auth)

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
        login = credentials or Credentials()
        self.calls.append(("add_host", name, url, login, trust or Trust(), allow_plain_auth, remember))
        host = Host(url, name, url, login.kind, login.user, trust or Trust(), allow_plain_auth)
        self.saved.append(host)
        if default:
            self.default = host.host_id
        return host

    async def use_host(self, host_id: str) -> Host:
        self.calls.append(("use_host", host_id))
        host = next((host for host in self.saved if host.host_id == host_id), None)
        if host is None:
            raise Problem("host_unknown", name=host_id)
        self.default = host_id
        self.changes.publish(HostChanged(host_id, Connection.LIVE, replace(REPORT, url=host.url)))
        return host

    async def remove_host(self, host_id: str) -> None:
        self.calls.append(("remove_host", host_id))
        self.saved = [host for host in self.saved if host.host_id != host_id]

    async def log_in(
        self, host_id: str, credentials: Credentials, remember: bool = True, allow_plain_auth: bool = False
    ) -> None:
        self.calls.append(("log_in", host_id, credentials, remember, allow_plain_auth))

    async def trust(self, host_id: str, pin: str) -> None:
        self.calls.append(("trust", host_id, pin))

    async def output_root(self) -> str:
        return self.root

    async def set_output_root(self, folder: str) -> None:
        self.calls.append(("set_output_root", folder))
        self.root = folder

    async def start_demo(self) -> Host:
        host = Host("demo", "Demo", "http://127.0.0.1:1", is_demo=True)
        self.saved, self.default = [host], "demo"
        return host


def said(name: str, engine: FakeEngine) -> list[tuple[Any, ...]]:
    """The recorded calls of that name."""
    return [call for call in engine.calls if call[0] == name]


def behind_login(user: str, password: str) -> Callable[..., HostReport]:
    """A server that asks for this login, over http only if that is allowed."""

    def look(url: str, login: Credentials, _trust: Trust, allow_plain: bool) -> HostReport:
        if login.kind is AuthKind.NONE:
            raise Problem("auth_needed", address=url)
        address = parse(url)
        if address.scheme == "http" and not address.is_loopback and not allow_plain:
            raise Problem("auth_plain", address=url)
        if (login.user, login.secret) != (user, password):
            raise Problem("auth_wrong", address=url)
        return replace(REPORT, url=url)

    return look
