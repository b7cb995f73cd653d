"""What a job is: plain frozen types, no I/O. Times are seconds since 1970 (float), sizes are bytes."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from comfydesk.base.changes import Change
from comfydesk.base.errors import Problem
from comfydesk.server.types import Connection, HostReport, RemoteFile


class JobState(StrEnum):
    DRAFT = "draft"
    WAITING = "waiting"
    RUNNING = "running"
    SAVING = "saving"
    DONE = "done"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"

    @property
    def is_final(self) -> bool:
        return self in FINAL


FINAL = frozenset({JobState.DONE, JobState.PARTIAL, JobState.FAILED, JobState.CANCELLED, JobState.LOST})


class AttemptState(StrEnum):
    INTENDED = "intended"
    SENT = "sent"
    SEEN = "seen"
    FINISHED = "finished"
    REJECTED = "rejected"
    VANISHED = "vanished"


class OwnerKind(StrEnum):
    WINDOW = "window"
    RUN = "run"
    BATCH = "batch"
    API = "api"

    @property
    def asks_before_rerun(self) -> bool:
        """Whether somebody looks who can decide about a lost job; the others send it again by themselves."""
        return self is OwnerKind.WINDOW


@dataclass(frozen=True, slots=True)
class JobError:
    """Why a job failed: a code of base.errors with its facts, and the place in the workflow."""

    code: str
    message: str
    next: str
    node_id: str | None = None
    node_title: str = ""
    field: str | None = None  # field key "3.steps"
    details: str = ""  # traceback or the server's own words


@dataclass(frozen=True, slots=True)
class InputFile:
    """A local file that the prompt names: `sha256` of its bytes, `name` as the prompt has it (comfydesk/<16>.<ext>)."""

    sha256: str
    name: str
    path: str  # the copy in home/inputs


MAX_EDITOR_GRAPH = 2 << 20  # bytes of JSON: the server writes it into every file, and into every answer of /queue


@dataclass(frozen=True, slots=True)
class EditorGraph:
    """The editor's graph that a prompt was made from, packed as the store keeps it: once for all jobs that share it.

    With the values of a job in its widgets it becomes `workflow` in that job's files, so that one of them dropped on
    ComfyUI's page opens as it was made.
    """

    sha256: str
    packed: bytes = field(repr=False, compare=False)

    @classmethod
    def of(cls, graph: Mapping[str, Any], places: Mapping[str, Any]) -> EditorGraph | None:
        """`places`: where each value of the prompt sits in `graph`, as JSON (`conversion.places_to_json`).

        None for a graph that cannot travel in files: larger than 2 MiB, or with numbers that JSON does not have.
        Takes 5 ms for 250 KB; make it once for all runs of a press.
        """
        try:
            content = json.dumps({"graph": graph, "places": places}, allow_nan=False, separators=(",", ":")).encode()
        except (ValueError, TypeError, RecursionError):
            return None
        if len(content) > MAX_EDITOR_GRAPH:
            return None
        return cls(hashlib.sha256(content).hexdigest(), zlib.compress(content, 1))

    def read(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Graph and places."""
        content = json.loads(zlib.decompress(self.packed))
        return content["graph"], content["places"]


@dataclass(frozen=True, slots=True)
class JobRequest:
    """What one job shall do; becomes a Job when it is committed. `prompt` is the frozen API graph."""

    workflow: str  # display name, also the folder of its results
    prompt: Mapping[str, Any]
    host_id: str
    seed: int | None = None
    differs: str = ""  # what differs from the run before, for the queue row
    index: int = 0  # place among the runs of one press or batch
    press: str = ""  # one id for all runs of one press of Queue
    out_dir: str | None = None  # flat folder; None: {root}/{workflow}/{date}
    template: str = "{time}_{seed}"
    keep_temp: bool = False
    previews: bool = False
    inputs: tuple[InputFile, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)  # node id -> readable title
    params: Mapping[str, Any] = field(default_factory=dict)  # label -> value, for gallery and search
    front: bool = False
    output_noun: str = "picture"
    editor: EditorGraph | None = None
    targets: tuple[str, ...] = ()  # output nodes that shall run; () is all of them


@dataclass(frozen=True, slots=True)
class SavedFile:
    """One output on disk."""

    path: str
    size: int
    sha256: str
    node_id: str
    remote: RemoteFile


@dataclass(frozen=True, slots=True)
class Job:
    """One row of the queue, light enough to be sent by the thousand (no prompt)."""

    job_id: str
    state: JobState
    workflow: str
    host_id: str
    owner: str
    owner_kind: OwnerKind
    position: float  # order of waiting jobs
    created_at: float
    hold: bool = False
    press: str = ""
    index: int = 0
    seed: int | None = None
    differs: str = ""
    prompt_id: str = ""  # of the newest attempt
    attempts: int = 0
    started_at: float | None = None
    finished_at: float | None = None
    error: JobError | None = None
    files: tuple[SavedFile, ...] = ()
    wanted: int = 0  # outputs named so far
    missing: int = 0  # outputs given up
    note: str = ""  # "same as before (cached)", "lost when the server restarted; run again as …"
    output_noun: str = "picture"
    cancelling: bool = False


@dataclass(frozen=True, slots=True)
class JobChanged(Change):
    """A job was added or changed; the whole new row."""

    job: Job

    @property
    def key(self) -> object:
        return ("job", self.job.job_id)


@dataclass(frozen=True, slots=True)
class JobProgress(Change):
    """How far a running job is. `fraction` 0..1 of the whole job; `node_value`/`node_max` of the running node.

    `phase`: "loading" (a node runs without progress), "sampling", "working", "cached". `since`: when the node began.
    """

    job_id: str
    node_id: str
    node_title: str
    node_value: float
    node_max: float
    fraction: float
    phase: str
    since: float
    nodes_done: int = 0
    nodes_total: int = 0

    @property
    def key(self) -> object:
        return ("progress", self.job_id)


@dataclass(frozen=True, slots=True)
class Preview(Change):
    """A live preview picture of a running job, as the server sent it."""

    job_id: str
    node_id: str
    mime: str
    data: bytes = field(repr=False)

    @property
    def key(self) -> object:
        return ("preview", self.job_id)


@dataclass(frozen=True, slots=True)
class OutputSaved(Change):
    """A file is durably on disk under its final name."""

    job_id: str
    output_id: int
    file: SavedFile
    kind: str  # picture | animation | video | sound | model | latent | text | file


@dataclass(frozen=True, slots=True)
class OutputPreview(Change):
    """An output of type temp: shown as "preview, not saved" with Keep."""

    job_id: str
    output_id: int
    node_id: str
    remote: RemoteFile
    cache_path: str  # a copy in the cache, for showing


@dataclass(frozen=True, slots=True)
class HostChanged(Change):
    """The state of a host. `problem_code`/`sentence` say why it is not live."""

    host_id: str
    connection: Connection
    report: HostReport | None = None
    sentence: str = ""
    next_step: str = ""
    problem_code: str = ""
    others: int = 0  # jobs of other people in its queue

    @property
    def key(self) -> object:
        return ("host", self.host_id)


@dataclass(frozen=True, slots=True)
class QueueSummary(Change):
    """Counts over all owners, for the header of the queue, the rail's badge and the title bar."""

    running: int
    waiting: int
    failed_today: int
    done_today: int
    paused: bool
    eta: float | None = None  # when all is done, seconds since 1970; None: unknown

    @property
    def key(self) -> object:
        return "queue"


@dataclass(frozen=True, slots=True)
class DiskTrouble(Change):
    """Downloads, or the queue itself, wait for the disk of `folder`; sentence "" and no problem when that is over."""

    folder: str
    sentence: str
    problem: Problem | None = field(default=None, compare=False)

    @property
    def key(self) -> object:
        return ("disk", self.folder)
