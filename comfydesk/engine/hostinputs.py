"""The engine's part that deals with the files in a host's input folder: what a field can hold without an upload."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

from comfydesk.jobs.naming import leaf
from comfydesk.library import files
from comfydesk.server import inputs

if TYPE_CHECKING:
    from comfydesk.base.paths import Home
    from comfydesk.base.runtime import Lane
    from comfydesk.jobs.link import HostLink

KEPT_BYTES = 24 << 20  # of previews
KEPT_FOR = 600.0  # seconds: a file may get other bytes under its name


class Previews:
    """Previews by host and name, the longest unused go first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], tuple[float, bytes]] = OrderedDict()
        self._bytes = 0

    def get(self, key: tuple[str, str]) -> bytes | None:
        found = self._kept.get(key)
        if found is None or time.monotonic() - found[0] > KEPT_FOR:
            return None
        self._kept.move_to_end(key)
        return found[1]

    def put(self, key: tuple[str, str], data: bytes) -> None:
        self._bytes += len(data) - len(self._kept.pop(key, (0.0, b""))[1])
        self._kept[key] = time.monotonic(), data
        while self._bytes > KEPT_BYTES and len(self._kept) > 1:
            self._bytes -= len(self._kept.popitem(last=False)[1][1])


class HostInputs:
    """Inputs of hosts. Mixed into Engine; requests run on the host's transfer lane."""

    home: Home
    _previews: Previews

    if TYPE_CHECKING:

        def _files(self) -> Lane: ...

        def _host_link(self, host_id: str) -> HostLink: ...

    async def host_inputs(self, host_id: str, kind: str = "input") -> list[str] | None:
        """The names in the host's input folder (or "output"), newest first; None where it does not tell: then the
        choices of the node's own list are all that is known. Raises Problem."""
        link = self._host_link(host_id)
        return await link.transfer(inputs.names, link.client.transport, kind)

    async def host_input_preview(self, host_id: str, name: str) -> bytes:
        """An input picture as WebP, in its own size. Raises Problem("remote_missing") for what is no picture."""
        known = self._previews.get((host_id, name))
        if known is None:
            link = self._host_link(host_id)
            known = await link.transfer(inputs.preview, link.client.transport, name)
            self._previews.put((host_id, name), known)
        return known

    async def copy_host_input(self, host_id: str, name: str) -> str:
        """Copy an input file from the host into the home, to change it here; the path of the copy.

        The same bytes get the same name. Raises Problem (remote_missing, disk_full, …).
        """
        link = self._host_link(host_id)
        data = await link.transfer(inputs.read, link.client.transport, name)
        return await self._files().run(self._keep_copy, name, data)

    def _keep_copy(self, name: str, data: bytes) -> str:
        plain = Path(leaf(inputs.parts(name)[1], fallback="input"))
        folder = self.home.root / "pasted"
        path = folder / f"{plain.stem}_{hashlib.sha256(data).hexdigest()[:8]}{plain.suffix}"
        if not path.is_file():
            files.write(path, data)
        return str(path)
