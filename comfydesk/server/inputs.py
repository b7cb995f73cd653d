"""The files in a server's input folder: their names, small pictures of them, their bytes. Blocking; all is hostile.

Facts: api_server/routes/internal/internal_routes.py and server.py of 0.33.0. The list is the page's own and may go; who
calls must do without it.
"""

from __future__ import annotations

import re
from typing import Any

from comfydesk.base.errors import Problem
from comfydesk.server.transport import MIB, Transport

LIST = "/internal/files/"
MAX_NAMES = 20_000
MAX_NAME = 1_000  # letters
MAX_PREVIEW = 32 * MIB  # in the picture's own size, at the quality asked for
MAX_FILE = 512 * MIB
_QUALITY = "webp;50"
_PLACE = re.compile(r"(.*?) ?\[(input|output|temp)\]")


def names(transport: Transport, kind: str = "input") -> list[str] | None:
    """The names in a folder itself (input, output, temp), newest first; None where the server does not tell.

    Those of other folders than the input folder end in "[output]", as values do.
    """
    with transport.open("GET", LIST + kind) as reply:
        if reply.status in (400, 403, 404, 405, 500):
            return None
        if reply.status != 200:
            raise reply.problem()
        answer = reply.json(transport.limits.json)
    listed = answer if isinstance(answer, list) else []
    return [name for name in map(_plain, listed[:MAX_NAMES]) if name]


def preview(transport: Transport, name: str) -> bytes:
    """A picture as WebP. Raises Problem("remote_missing") for what is gone or no picture."""
    return _view(transport, name, MAX_PREVIEW, preview=_QUALITY)


def read(transport: Transport, name: str) -> bytes:
    """The bytes of a file as it is there. Raises Problem("remote_missing"), ("too_large")."""
    return _view(transport, name, MAX_FILE)


def parts(name: str) -> tuple[str, str, str]:
    """Folder, file and kind (input, output, temp) of a value such as "sub/fox.png [output]"."""
    found = _PLACE.fullmatch(name)
    path, kind = (found[1], found[2]) if found else (name, "input")
    folder, _, leaf = path.replace("\\", "/").rpartition("/")
    return folder, leaf, kind


def _view(transport: Transport, name: str, cap: int, **more: str) -> bytes:
    folder, leaf, kind = parts(name)
    params = {"filename": leaf, "subfolder": folder, "type": kind, **more}
    with transport.open("GET", "/view", params=params) as reply:
        if reply.status in (400, 403, 404, 500):  # 500: the server could not open it as a picture
            raise Problem("remote_missing", file=name, address=transport.address.url)
        if reply.status != 200:
            raise reply.problem()
        return reply.read(cap)


def _plain(name: Any) -> str:
    """The name without "[input]"; "" for what is none."""
    if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME:
        return ""
    return name.removesuffix("[input]").rstrip()
