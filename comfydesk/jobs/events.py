"""Everything that can happen to a job: user commands, server messages and poll answers alike."""

from __future__ import annotations

from dataclasses import dataclass

from comfydesk.jobs.model import JobError
from comfydesk.server.types import RemoteFile


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events. Times are seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Intended(Event):
    """An attempt is about to be committed; nothing was sent yet."""

    prompt_id: str
    client_id: str
    boot: int
    at: float


@dataclass(frozen=True, slots=True)
class Accepted(Event):
    """The server took it: an answer to the POST, or a look-up that found it. `remote_id`: the id it goes by there."""

    prompt_id: str
    at: float
    remote_id: str = ""
    number: float | None = None
    boot: int | None = None  # the host's known starts at that moment


@dataclass(frozen=True, slots=True)
class Declined(Event):
    """The server or we refuse to run it; it never ran."""

    error: JobError
    at: float


@dataclass(frozen=True, slots=True)
class Seen(Event):
    """It runs on the server."""

    remote_id: str
    at: float


@dataclass(frozen=True, slots=True)
class NamedOutput:
    """An output as the server named it; `output_id` is drawn by the caller, so that `apply` stays pure."""

    output_id: int
    node_id: str
    slot: str
    index: int
    remote: RemoteFile
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Named(Event):
    """A node's outputs are known, while the job still runs."""

    remote_id: str
    outputs: tuple[NamedOutput, ...]
    at: float


@dataclass(frozen=True, slots=True)
class Finished(Event):
    """The server's history knows how it ended. `error` None: success; `interrupted`: somebody stopped it."""

    remote_id: str
    outputs: tuple[NamedOutput, ...]
    at: float
    error: JobError | None = None
    interrupted: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Absent(Event):
    """The server said, in JSON, that it does not know the attempt. `restarted`: it was started anew since the POST."""

    prompt_id: str
    restarted: bool
    at: float
    error: JobError | None = None  # what to show if the job is lost by this


@dataclass(frozen=True, slots=True)
class CancelAsked(Event):
    at: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Condemned(Event):
    """It must not go on though the server took it (S5c): cancel it there and fail with `error`."""

    error: JobError


@dataclass(frozen=True, slots=True)
class TakeBackAsked(Event):
    pass


@dataclass(frozen=True, slots=True)
class Saved(Event):
    output_id: int
    path: str
    size: int
    sha256: str
    at: float


@dataclass(frozen=True, slots=True)
class Missing(Event):
    """An output was given up."""

    output_id: int
    reason: str
    at: float


@dataclass(frozen=True, slots=True)
class FetchAgain(Event):
    """Try the missing outputs once more."""


@dataclass(frozen=True, slots=True)
class Held(Event):
    hold: bool


@dataclass(frozen=True, slots=True)
class Moved(Event):
    position: float
    front: bool = False


@dataclass(frozen=True, slots=True)
class Adopted(Event):
    owner: str


@dataclass(frozen=True, slots=True)
class Noted(Event):
    """Something to say beside the job, whatever its state."""

    note: str
