"""The files that a server keeps for its page, workflows above all: /userdata and /users. Blocking.

Facts: ComfyUI's app/user_manager.py, measured on 0.3.64 and 0.33.0. Everything that comes back is hostile.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from comfydesk.base.errors import Problem
from comfydesk.server.failures import is_html
from comfydesk.server.transport import MIB, Reply, Transport

FOLDER = "workflows"  # where the page keeps them
MAX_WORKFLOW = 16 * MIB
MAX_LISTED = 20_000
MAX_PATH = 500  # letters
MAX_USERS = 1_000
_MILLISECONDS = 1e11  # 0.33 says milliseconds, 0.3.64 seconds; in seconds this is the year 5138
_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{1,200}"')
_USER = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(frozen=True, slots=True)
class RemoteWorkflow:
    """A workflow on a server. `path` is its id there, below the folder of workflows, "/" between ("sub/fox.json")."""

    path: str
    name: str  # for people: the path without ".json" and without what cannot be shown
    size: int = 0  # bytes; 0: an old server does not say
    modified_at: float = 0.0  # seconds since 1970 by the server's clock; 0: unknown

    @property
    def folder(self) -> str:
        return self.name.rpartition("/")[0]

    @property
    def title(self) -> str:
        return self.name.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class RemoteUser:
    """Somebody on a server that runs with --multi-user. `user_id` is what the header Comfy-User carries."""

    user_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """The bytes of a workflow, b"" where they are as before; `mark` tells one state of the file from another."""

    data: bytes
    mark: str


def users(transport: Transport) -> list[RemoteUser]:
    """The users of a server that has several; [] on one that has not, which is the usual one."""
    with transport.open("GET", "/users") as reply:
        if reply.status in (404, 405):
            return []
        if reply.status != 200:
            raise reply.problem()
        answer = reply.json(transport.limits.json)
    known = answer.get("users") if isinstance(answer, dict) else None
    if not isinstance(known, dict):
        return []
    found = [RemoteUser(key, shown(str(name)[:200])) for key, name in known.items() if _USER.fullmatch(key)]
    return sorted(found, key=lambda user: user.name.casefold())[:MAX_USERS]


def workflows(transport: Transport, user: str = "") -> list[RemoteWorkflow]:
    """What the page shows under Workflows, by name. A server on which nothing was ever saved has none.

    Raises Problem("remote_user") where the server wants to know whose, ("remote_none") where it keeps no files.
    """
    params = {"dir": FOLDER, "recurse": "true", "split": "false", "full_info": "true"}
    with transport.open("GET", "/userdata", params=params, headers=_headers(user)) as reply:
        if reply.status == 404:
            _check_keeps_files(transport, reply)
            return []
        _check(transport, reply, user)
        answer = reply.json(transport.limits.json)
    if not isinstance(answer, list):
        raise Problem("not_comfyui", address=transport.address.url, detail="its /userdata is not ComfyUI's")
    found = {item.path: item for item in _listed(answer[:MAX_LISTED])}
    return sorted(found.values(), key=lambda item: (item.folder.casefold(), item.title.casefold()))


def read(transport: Transport, path: str, user: str = "") -> bytes:
    """The bytes of a workflow, at most 16 MiB.

    Raises Problem("remote_missing") where it is gone, ("workflow_limits") where it is larger.
    """
    return fetch(transport, path, user=user).data


def fetch(transport: Transport, path: str, known: str = "", user: str = "") -> Fetched:
    """As `read`, with the mark of these bytes; no bytes where `known`, the mark of an earlier call, still holds."""
    headers = _headers(user) | ({"If-None-Match": known} if known.endswith('"') else {})
    with transport.open("GET", _route(transport, path), headers=headers) as reply:
        if reply.status == 304:
            return Fetched(b"", known)
        if reply.status == 404:
            raise Problem("remote_missing", file=path, address=transport.address.url)
        _check(transport, reply, user)
        try:
            data = reply.read(MAX_WORKFLOW)
        except Problem as exc:
            if exc.code != "too_large":
                raise
            detail = f"it is larger than {MAX_WORKFLOW >> 20} MB"
            raise Problem("workflow_limits", file=path, detail=detail) from exc
        if is_html(reply.headers, data[:100]):
            raise Problem("not_comfyui", address=transport.address.url, detail="it answers with a web page")
        given = reply.headers.get("ETag", "")
    mark = given if _ETAG.fullmatch(given) else hashlib.sha256(data).hexdigest()
    return Fetched(b"" if mark == known else data, mark)


def write(transport: Transport, path: str, data: bytes, *, overwrite: bool, user: str = "") -> RemoteWorkflow:
    """Save a workflow on the server; its facts as the server gives them.

    Raises Problem("remote_exists") for a name that is taken and not to be overwritten, ("remote_refused") for a name
    that the server does not take.
    """
    params = {"overwrite": "true" if overwrite else "false", "full_info": "true"}
    headers = {"Content-Type": "application/json", **_headers(user)}
    where, total = _route(transport, path), transport.limits.post
    with transport.open("POST", where, params=params, data=data, headers=headers, total=total) as reply:
        if reply.status == 409:
            raise Problem("remote_exists", file=path, address=transport.address.url)
        if reply.status == 400:
            raise Problem("remote_refused", file=path, address=transport.address.url, details=reply.text())
        _check(transport, reply, user)
        answer = reply.json(transport.limits.json)
    facts = answer if isinstance(answer, dict) else {}
    return RemoteWorkflow(path, _name(path), _size(facts.get("size")), _seconds(facts.get("modified")))


def _route(transport: Transport, path: str) -> str:
    """Where a workflow is read and written: its path as one URL segment.

    The server decodes once more where it finds a percent sign (user_manager.py), so that one travels encoded twice.
    """
    if not is_path(path):
        raise Problem("remote_refused", file=shown(path)[:MAX_PATH], address=transport.address.url)
    return "/userdata/" + quote(f"{FOLDER}/{path}".replace("%", "%25"), safe="")


def is_path(path: str) -> bool:
    """Whether a text is the path of a workflow below the folder of workflows, and can travel in a URL."""
    parts = path.split("/")
    try:
        path.encode()
    except UnicodeEncodeError:  # a lone surrogate from the server's JSON
        return False
    is_inside = all(part not in ("", ".", "..") for part in parts) and "\0" not in path and not path.startswith("\\")
    return is_inside and len(path) <= MAX_PATH and path.lower().endswith(".json") and parts[-1].lower() != ".json"


def shown(text: str) -> str:
    """A server's text without control, direction and other characters that would change what is seen around it."""
    kept = ("" if unicodedata.category(char) in ("Cc", "Cf", "Cs") else char for char in text)
    return "".join(kept).strip() or "?"


def _name(path: str) -> str:
    return "/".join(shown(part) for part in path[: -len(".json")].split("/"))


def _listed(answer: list[Any]) -> Iterator[RemoteWorkflow]:
    """Servers without `full_info` list names, or lists that begin with one."""
    for item in answer:
        facts = item if isinstance(item, dict) else {}
        path = facts.get("path") if facts else item[0] if isinstance(item, list) and item else item
        if not isinstance(path, str):
            continue
        path = path if "/" in path else path.replace("\\", "/")  # a server on Windows
        hidden = any(part.startswith(".") for part in path.split("/"))  # the page's own notes, as .index.json
        if is_path(path) and not hidden:
            yield RemoteWorkflow(path, _name(path), _size(facts.get("size")), _seconds(facts.get("modified")))


def _size(value: Any) -> int:
    return value if type(value) is int and value >= 0 else 0


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e15 or math.isnan(value):
        return 0.0
    return value / 1000 if value > _MILLISECONDS else float(value)


def _headers(user: str) -> dict[str, str]:
    return {"Comfy-User": user} if _USER.fullmatch(user) else {}


def _check(transport: Transport, reply: Reply, user: str) -> None:
    """Raise what a refusal means. A server with several users answers 500 until it is told whose files are meant."""
    if reply.status == 200:
        return
    problem = reply.problem()
    if reply.status == 500 and (known := users(transport)) and all(item.user_id != user for item in known):
        names = ", ".join(item.name for item in known[:8])
        raise Problem("remote_user", address=transport.address.url, names=names) from problem
    raise problem


def _check_keeps_files(transport: Transport, reply: Reply) -> None:
    """A 404 on a server that keeps files means that no workflow was saved yet."""
    problem = reply.problem()
    with transport.open("GET", "/users") as asked:
        if asked.status != 200 or is_html(asked.headers, b""):
            raise Problem("remote_none", address=transport.address.url) from problem


def encode(graph: Any) -> bytes:
    """A graph as the page writes it. Raises Problem("remote_refused") for what JSON cannot carry."""
    try:
        return json.dumps(graph, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode()
    except (ValueError, TypeError, RecursionError) as exc:
        raise Problem("remote_refused", file="The workflow", address="The host", details=str(exc)) from exc
