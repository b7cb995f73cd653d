"""POST /upload/image: any kind of file, streamed from disk."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from comfydesk.base.errors import Problem
from comfydesk.server.dial import Exchange
from comfydesk.server.failures import human
from comfydesk.server.multipart import Multipart
from comfydesk.server.transport import MIB, Transport
from comfydesk.server.types import RemoteFile


def send_file(transport: Transport, path: Path, name: str, subfolder: str, cap: int | None) -> RemoteFile:
    """Upload `path` as `subfolder`/`name` of the server's input folder; `cap`: the size the server takes, if known."""
    address, limits = transport.address.url, transport.limits
    fields = {"type": "input", "subfolder": subfolder}
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    exchange = Exchange(limits.upload, limits.idle)
    try:
        body = Multipart(fields, "image", name, path, kind)
    except FileNotFoundError as exc:
        raise Problem("file_missing", file=str(path)) from exc
    except OSError as exc:
        raise Problem("file_unreadable", file=str(path), detail=exc.strerror or str(exc)) from exc
    with body:
        if cap is not None and len(body) > cap:
            raise Problem("upload_too_large", address=address, limit=human(cap))
        headers = {"Content-Type": body.content_type}
        try:
            with transport.open("POST", "/upload/image", data=body, headers=headers, exchange=exchange) as reply:
                if reply.status == 413:
                    raise Problem(
                        "upload_too_large", address=address, limit=_limit(cap, len(body)), details=reply.text()
                    )
                if reply.status in (400, 404, 405, 415, 422, 500):
                    raise Problem(
                        "upload_failed",
                        file=path.name,
                        address=address,
                        detail=f"the server answered {reply.status}",
                        details=reply.text(),
                    )
                if reply.status != 200:
                    raise reply.problem()
                answer = reply.json(limits.json)
        except Problem as exc:
            # Proxies cut the connection in the middle of a body over their limit.
            if exc.code == "reset" and exchange.sent and len(body) > MIB:
                raise Problem(
                    "upload_too_large", address=address, limit=_limit(cap, len(body)), details=exc.details
                ) from exc
            raise
    return _named(answer, path, address)


def _limit(cap: int | None, size: int) -> str:
    """The limit for the sentence: the server's own where the file is over it, else a proxy's that is under the file."""
    if cap is not None and size > cap:
        return human(cap)
    return "1 MiB (a proxy's usual limit)" if size > MIB else f"{human(size)} or less"


def _named(answer: object, path: Path, address: str) -> RemoteFile:
    if isinstance(answer, dict):
        name, subfolder, kind = answer.get("name"), answer.get("subfolder", ""), answer.get("type", "input")
        if isinstance(name, str) and name and isinstance(subfolder, str) and isinstance(kind, str):
            return RemoteFile(name, subfolder, kind)
    raise Problem("upload_failed", file=path.name, address=address, detail="its answer names no file")
