"""The saved hosts: names, addresses, how they are trusted. Logins are not in here but in the system's keychain."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from comfydesk.base.errors import Problem
from comfydesk.base.settings import SettingsStore
from comfydesk.server.address import Address, parse
from comfydesk.server.types import AuthKind, Host, Trust


class HostBook:
    """The hosts of one home's settings. Thread-safe."""

    def __init__(self, settings: SettingsStore) -> None:
        self._settings = settings

    def list(self) -> list[Host]:
        """All saved hosts in the order they were saved; entries that cannot be understood are left out, not removed."""
        return [host for host in map(_from_entry, self._settings.value.hosts) if host is not None]

    def get(self, host_id_or_name: str) -> Host | None:
        """The host of that id, else of that name (exact, then case-blind)."""
        hosts, wanted = self.list(), host_id_or_name.strip()
        by_id = next((h for h in hosts if h.host_id == wanted), None)
        by_name = next((h for h in hosts if h.name == wanted), None)
        return by_id or by_name or next((h for h in hosts if h.name.casefold() == wanted.casefold()), None)

    def resolve(self, text: str) -> Host:
        """The saved host that `text` names or whose address it is; else a host for that address that is not saved.

        An unsaved host's id is its URL, so it stays the same. Raises Problem("host_invalid").
        """
        host = self.get(text)
        if host is not None:
            return host
        address = parse(text)
        for host in self.list():
            if host.url == address.url:
                return host
        return Host(address.url, short_name(address), address.url)

    def add(
        self,
        name: str,
        url: str,
        *,
        auth: AuthKind = AuthKind.NONE,
        user: str = "",
        trust: Trust = Trust(),  # noqa: B008  # frozen
        allow_plain_auth: bool = False,
    ) -> Host:
        """Save a host. One with the same address is replaced and keeps its id; a name that is taken gets a number."""
        address = parse(url)
        hosts = self.list()
        old = next((h for h in hosts if h.url == address.url), None)
        taken = {h.name.casefold() for h in hosts if h is not old}
        host = Host(
            host_id=old.host_id if old else uuid.uuid4().hex,
            name=_free(name.strip()[:80] or short_name(address), taken),
            url=address.url,
            auth=auth,
            user=user,
            trust=trust,
            allow_plain_auth=allow_plain_auth,
        )
        self._put(host)
        return host

    def update(self, host: Host) -> Host:
        """Save a changed host under its id; a new address keeps its history. Raises Problem("host_unknown")."""
        if all(h.host_id != host.host_id for h in self.list()):
            raise Problem("host_unknown", name=host.name)
        self._put(host)
        return host

    def remove(self, host_id: str) -> None:
        """Forget a host; its login is forgotten by `secrets.forget`."""
        entries = [e for e in self._settings.value.hosts if e.get("host_id") != host_id]
        default = self._settings.value.default_host
        self._settings.change(hosts=entries, default_host="" if default == host_id else default)

    def default(self) -> Host | None:
        """The host that is used when none is named: the chosen one, else the only one."""
        hosts, wanted = self.list(), self._settings.value.default_host
        for host in hosts:
            if host.host_id == wanted:
                return host
        return hosts[0] if len(hosts) == 1 else None

    def set_default(self, host_id: str) -> None:
        self._settings.change(default_host=host_id)

    def _put(self, host: Host) -> None:
        entry = _to_entry(host)
        entries = [dict(e) for e in self._settings.value.hosts]
        for index, old in enumerate(entries):
            if old.get("host_id") == host.host_id:
                entries[index] = {**old, **entry}
                break
        else:
            entries.append(entry)
        self._settings.change(hosts=entries)


def short_name(address: Address) -> str:
    """What an address is called until somebody names it: "This computer", "gpu-box", "h/comfy"."""
    if address.is_loopback:
        return "This computer" if address.port == 8188 else f"This computer ({address.port})"
    host = address.host if ":" in address.host or address.host[-1:].isdigit() else address.host.split(".")[0]
    return host + address.path


def _free(name: str, taken: set[str]) -> str:
    candidate, number = name, 2
    while candidate.casefold() in taken:
        candidate, number = f"{name} {number}", number + 1
    return candidate


def _to_entry(host: Host) -> dict[str, Any]:
    return {
        "host_id": host.host_id,
        "name": host.name,
        "url": parse(host.url).url,
        "auth": host.auth.value,
        "user": host.user,
        "pin": host.trust.pin,
        "ca_file": host.trust.ca_file,
        "allow_plain_auth": host.allow_plain_auth,
        "comfy_user": host.comfy_user,
    }


def _from_entry(entry: Mapping[str, Any]) -> Host | None:
    """A host from the settings file, which a person may have edited."""

    def text(key: str) -> str:
        value = entry.get(key)
        return value if isinstance(value, str) else ""

    try:
        address = parse(text("url"))
    except Problem:
        return None
    auth = text("auth")
    return Host(
        host_id=text("host_id") or address.url,
        name=text("name") or short_name(address),
        url=address.url,
        auth=AuthKind(auth) if auth in list(AuthKind) else AuthKind.NONE,
        user=text("user"),
        trust=Trust(text("pin"), text("ca_file")),
        allow_plain_auth=entry.get("allow_plain_auth") is True,
        comfy_user=text("comfy_user"),
    )
