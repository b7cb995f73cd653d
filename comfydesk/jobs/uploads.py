"""Brings the input files of a job to its host, once a host."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from comfydesk.base.errors import Problem
from comfydesk.base.runtime import Lane
from comfydesk.jobs import facts
from comfydesk.jobs.link import HostLink
from comfydesk.jobs.model import InputFile
from comfydesk.jobs.store import Store


class Uploads:
    """Uploads what the table `uploaded(host, sha256)` lacks: the same bytes under the same name do no harm (S28)."""

    def __init__(self, store: Store, db: Lane) -> None:
        self._store, self._db = store, db

    async def bring(self, link: HostLink, inputs: Iterable[InputFile]) -> None:
        """Upload what the host lacks. Raises Problem."""
        wanted = {item.sha256: item for item in inputs}
        if not wanted:
            return
        host_id = link.host.host_id
        for digest in sorted(await self._db.run(facts.not_uploaded, self._store, host_id, wanted)):
            item = wanted[digest]
            subfolder, _, leaf = item.name.rpartition("/")
            remote = await link.transfer(link.client.upload, Path(item.path), leaf, subfolder)
            there = f"{remote.subfolder}/{remote.filename}".lstrip("/").replace("\\", "/")
            if there != item.name:
                raise Problem(
                    "upload_failed",
                    file=leaf,
                    address=link.host.url,
                    detail=f"the server keeps it under another name, {remote.filename}",
                )
            await self._db.run(facts.save_uploaded, self._store, host_id, digest)

    async def forget(self, link: HostLink, inputs: Iterable[InputFile]) -> None:
        """The host does not have them any more, whatever the table says."""
        digests = [item.sha256 for item in inputs]
        await self._db.run(facts.forget_uploaded, self._store, link.host.host_id, digests)
