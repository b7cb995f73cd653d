"""What the rooms above know of a server: plain frozen types, no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from comfydesk.base.errors import Problem


class AuthKind(StrEnum):
    NONE = "none"
    BASIC = "basic"
    BEARER = "bearer"
    HEADER = "header"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A login for one origin. `user` is the header's name for HEADER; `secret` never appears in repr or logs.

    `origin` is where it was saved for ("https://gpu:443"); a client of any other origin does not send it. "": typed
    in or from the environment for this one use.
    """

    kind: AuthKind = AuthKind.NONE
    user: str = ""
    secret: str = field(default="", repr=False)
    extra_headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    origin: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Trust:
    """How TLS is checked. `pin`: SHA-256 of the certificate in hex, `ca_file`: a PEM file; both empty: public CAs."""

    pin: str = ""
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class Host:
    """A saved host. `url` is normalised (`http://gpu:8188`, `https://h/comfy`); no secret is ever in here."""

    host_id: str
    name: str
    url: str
    auth: AuthKind = AuthKind.NONE
    user: str = ""  # user name for BASIC, header name for HEADER
    trust: Trust = Trust()
    allow_plain_auth: bool = False  # send a login over http to a machine that is not this one
    is_demo: bool = False
    comfy_user: str = ""  # whose files are meant on a server with several users (--multi-user)


@dataclass(frozen=True, slots=True)
class HostReport:
    """What a look at a server found. Sizes in bytes."""

    url: str
    version: str = ""
    device: str = ""  # "RTX 4090", "CPU"
    vram_total: int = 0
    vram_free: int = 0
    queue_remaining: int = 0
    has_jobs_api: bool = False
    has_preview_metadata: bool = False
    max_upload_size: int = 104_857_600
    previews_on: bool | None = None  # from argv; None: unknown
    is_demo: bool = False
    latency: float = 0.0  # seconds of one /system_stats round trip


class Connection(StrEnum):
    """What the window shows about a host at all times."""

    UNKNOWN = "unknown"
    CONNECTING = "connecting"
    LIVE = "live"  # answers, socket delivers
    POLLING = "polling"  # answers, no socket: everything works, live view is off
    OFFLINE = "offline"
    LOGIN = "login"  # 401
    UNTRUSTED = "untrusted"  # certificate
    WRONG = "wrong"  # answers, but is not ComfyUI
    STUCK = "stuck"


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as the server names it. All three are opaque and hostile: send them back verbatim, never use as paths."""

    filename: str
    subfolder: str = ""
    type: str = "output"


@dataclass(frozen=True, slots=True)
class Submitted:
    prompt_id: str
    number: float
    node_errors: Mapping[str, Any] = field(default_factory=dict)


class RemoteState(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"  # in the history, whatever its status
    ABSENT = "absent"  # the server said, in JSON, that it does not know it


@dataclass(frozen=True, slots=True)
class RemoteJob:
    """The truth about one prompt id, from `/api/jobs/{id}` or `/history/{id}` and `/queue`.

    `outputs`: node id -> the `ui` dict as in history. `status`: "success" | "error" | "". `messages`: [name, data].
    """

    prompt_id: str
    state: RemoteState
    outputs: Mapping[str, Any] = field(default_factory=dict)
    status: str = ""
    messages: Sequence[Sequence[Any]] = ()


class Rejected(Problem):
    """A 400 on POST /prompt. `node_errors` as the server gave them, `error` its error object."""

    def __init__(self, *, address: str, detail: str, error: Mapping[str, Any], node_errors: Mapping[str, Any]) -> None:
        super().__init__("rejected", address=address, detail=detail)
        self.error = error
        self.node_errors = node_errors


class AmbiguousError(Exception):
    """A POST that may or may not have reached the server (time-out, reset, 5xx): look the id up first."""

    def __init__(self, cause: Problem) -> None:
        super().__init__(cause.message)
        self.cause = cause
