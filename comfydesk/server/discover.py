"""Look for ComfyUI on this machine."""

from __future__ import annotations

from collections.abc import Iterable

from comfydesk.base.errors import Problem
from comfydesk.server.client import ServerClient
from comfydesk.server.transport import Limits
from comfydesk.server.types import HostReport

LOCAL_PORTS = (8188, 8000)  # ComfyUI itself; its desktop app
_QUICK = Limits(connect=0.5, idle=2.0, control=3.0)


def look_local(ports: Iterable[int] = LOCAL_PORTS) -> list[HostReport]:
    """The ComfyUI servers that answer on this machine. Without any it takes milliseconds, at worst some seconds."""
    found: list[HostReport] = []
    for port in ports:
        client = ServerClient(f"http://127.0.0.1:{port}", limits=_QUICK)
        try:
            found.append(client.look())
        except Problem:
            continue  # nothing there, or something else
        finally:
            client.close()
    return found
