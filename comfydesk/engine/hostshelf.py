"""The engine's part that deals with workflows on a host: list, open and save them, and its templates."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from comfydesk.base.errors import Problem
from comfydesk.jobs.naming import leaf
from comfydesk.library.model import WorkflowEntry
from comfydesk.server import templates, userdata
from comfydesk.server.templates import RemoteTemplate, Templates
from comfydesk.server.userdata import RemoteUser, RemoteWorkflow

if TYPE_CHECKING:
    from comfydesk.base.changes import ChangeStream
    from comfydesk.base.paths import Home
    from comfydesk.base.runtime import Lane, Runtime
    from comfydesk.jobs.hosts import HostPool
    from comfydesk.jobs.link import HostLink
    from comfydesk.library.library import Library
    from comfydesk.server.hosts import HostBook
    from comfydesk.server.transport import Transport

T = TypeVar("T")


class HostShelf:
    """Workflows and templates of hosts. Part of HostFiles; requests run on the host's transfer lane."""

    home: Home
    runtime: Runtime
    changes: ChangeStream
    hosts: HostPool
    hostbook: HostBook
    library: Library
    _host_users: dict[str, str]  # by host: the only user there is, on a server with several in principle

    if TYPE_CHECKING:

        def _files(self) -> Lane: ...

        async def _library(self, work: Callable[..., T], *arguments: Any) -> T: ...

    # -- workflows on the host

    async def host_users(self, host_id: str) -> list[RemoteUser]:
        """Who has files there, on a host that runs for several people; [] on the usual one."""
        link = self._host_link(host_id)
        return await link.transfer(userdata.users, link.client.transport)

    async def set_host_user(self, host_id: str, user_id: str) -> None:
        """Whose files are meant on that host, from now on; kept with the saved host."""
        link = self._host_link(host_id)
        host = dataclasses.replace(link.host, comfy_user=user_id)
        if self.hostbook.get(host_id) is not None:
            host = await self.runtime.lane("hosts", 2).run(self.hostbook.update, host)
        self._host_users.pop(host_id, None)
        await self.hosts.set_host(host)

    async def host_workflows(self, host_id: str) -> list[RemoteWorkflow]:
        """What ComfyUI's page shows under Workflows there; [] where nothing was saved yet.

        Raises Problem (remote_user, remote_none, refused, …).
        """
        return await self._as_user(host_id, userdata.workflows)

    async def open_host_workflow(self, host_id: str, path: str) -> WorkflowEntry:
        """Copy a workflow of the host into the library; where it came from is kept with it.

        Raises Problem (remote_missing, workflow_not, workflow_limits, …).
        """
        link = self._host_link(host_id)
        data = await self._as_user(host_id, userdata.read, path)
        origin = {"kind": "host", "host_id": host_id, "address": link.host.url, "path": path}
        return await self._bring_in(data, path.rpartition("/")[2], origin)

    async def save_to_host(
        self, name: str, host_id: str, path: str | None = None, overwrite: bool = False
    ) -> RemoteWorkflow:
        """Save a workflow of the library on the host, as it is; `path` below its folder of workflows, by default the
        library's name. Raises Problem("remote_exists") for a name that is taken, unless `overwrite`.
        """
        data = await self._files().run(self.library.read, name)
        return await self._as_user(host_id, userdata.write, path or remote_path(name), data, overwrite=overwrite)

    # -- templates

    async def host_templates(self, host_id: str, language: str = "en") -> Templates:
        """What ComfyUI's page shows under Templates there: those of ComfyUI and the examples of custom nodes.

        `.reason` is a Problem where the host has none of ComfyUI's own.
        """
        link = self._host_link(host_id)
        return await link.transfer(templates.templates, link.client.transport, language)

    async def template_thumbnail(self, host_id: str, template: RemoteTemplate) -> bytes:
        """The bytes of a template's picture. Raises Problem("remote_missing") where there is none."""
        link = self._host_link(host_id)
        return await link.transfer(templates.thumbnail, link.client.transport, template)

    async def open_template(self, host_id: str, template: RemoteTemplate) -> WorkflowEntry:
        """Copy a template of the host into the library under its title."""
        link = self._host_link(host_id)
        data = await link.transfer(templates.read, link.client.transport, template)
        origin = {
            "kind": "template",
            "host_id": host_id,
            "address": link.host.url,
            "name": template.name,
            "source": template.source,
        }
        return await self._bring_in(data, f"{template.title}.json", origin)

    # -- inside

    def _host_link(self, host_id: str) -> HostLink:
        link = self.hosts.link(host_id)
        if link is None:
            raise Problem("host_unknown", name=host_id)
        return link

    async def _as_user(self, host_id: str, fn: Callable[..., T], *args: Any, **kw: Any) -> T:
        """A request for files, as the user that was chosen for the host, or as the only one that it has."""
        link = self._host_link(host_id)
        transport: Transport = link.client.transport
        user = link.host.comfy_user or self._host_users.get(host_id, "")
        try:
            return await link.transfer(fn, transport, *args, user=user, **kw)
        except Problem as problem:
            if problem.code != "remote_user" or user:
                raise
            known = await link.transfer(userdata.users, transport)
            if len(known) != 1:
                raise
        self._host_users[host_id] = known[0].user_id
        return await link.transfer(fn, transport, *args, user=known[0].user_id, **kw)

    async def _bring_in(self, data: bytes, file_name: str, origin: Mapping[str, Any]) -> WorkflowEntry:
        """Put what came from a host into the library, with the word where it came from."""
        entry = await self._library(self.library.add_bytes, data, file_name)
        await self._library(self.library.keep, entry.name, "origin", origin)
        return entry


def remote_path(name: str) -> str:
    """A library's name as the path of a file on any host."""
    return "/".join(leaf(part, fallback="workflow") for part in name.split("/")) + ".json"
