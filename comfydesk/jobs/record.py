"""What the queue keeps of a job while it is open: frozen records that only `states.apply` makes anew."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from comfydesk.jobs.model import AttemptState, Job, JobError, JobState, OwnerKind, SavedFile
from comfydesk.server.types import RemoteFile


class Wish(StrEnum):
    """What was asked of a job that is on a server, until the server confirms. It survives a crash."""

    NONE = ""
    CANCEL = "cancel"
    TAKE_BACK = "take_back"  # pause: delete it from the server's queue and keep it waiting here


class OutputState(StrEnum):
    WANTED = "wanted"
    SAVED = "saved"
    MISSING = "missing"  # given up, with a reason
    PREVIEW = "preview"  # of type temp: shown, not saved


@dataclass(frozen=True, slots=True)
class Attempt:
    """One submission. `prompt_id` is ours and committed before the POST; `remote_id` what the server calls it.

    The two differ only on old servers that choose their own ids. `boot` counts the host's known starts (S4).
    """

    prompt_id: str
    state: AttemptState
    remote_id: str
    client_id: str = ""
    boot: int = 0
    number: float | None = None
    intended_at: float = 0.0
    sent_at: float | None = None
    finished_at: float | None = None

    @property
    def is_on_server(self) -> bool:
        return self.state in (AttemptState.SENT, AttemptState.SEEN)

    @property
    def is_open(self) -> bool:
        return self.is_on_server or self.state is AttemptState.INTENDED


@dataclass(frozen=True, slots=True)
class Output:
    """One file (or text) that a job made. Known by its place (node, slot, index), never by its name (S23).

    `ordinal` is its place among the job's files, from 1; it makes the `_2` of its name. `size` in bytes.
    """

    output_id: int
    node_id: str
    slot: str
    index: int
    state: OutputState
    ordinal: int
    remote: RemoteFile
    text: str | None = None  # the output itself, where it is text and no file
    path: str = ""
    size: int = 0
    sha256: str = ""
    reason: str = ""  # why it is missing

    @property
    def place(self) -> tuple[str, str, int]:
        return (self.node_id, self.slot, self.index)

    @property
    def is_temp(self) -> bool:
        return self.remote.type == "temp"

    def as_file(self) -> SavedFile:
        return SavedFile(self.path, self.size, self.sha256, self.node_id, self.remote)


@dataclass(frozen=True, slots=True)
class JobRecord:
    """One job as its owner knows it, without prompt."""

    job_id: str
    owner: str
    owner_kind: OwnerKind
    host_id: str
    workflow: str
    position: float
    created_at: float
    state: JobState = JobState.WAITING
    ending: JobState | None = None  # the state to end in once the outputs are settled
    hold: bool = False
    wish: Wish = Wish.NONE
    press: str = ""
    index: int = 0
    seed: int | None = None
    differs: str = ""
    attempt: Attempt | None = None
    attempts: int = 0
    reruns: int = 0  # new attempts after the server forgot the job
    started_at: float | None = None
    finished_at: float | None = None
    error: JobError | None = None
    outputs: tuple[Output, ...] = ()
    note: str = ""
    output_noun: str = "picture"
    keep_temp: bool = False
    previews: bool = False
    front: bool = False

    @property
    def is_open(self) -> bool:
        return not self.state.is_final

    @property
    def is_local(self) -> bool:
        """Waiting here, with nothing of it on any server."""
        return self.state is JobState.WAITING and self.attempt is None

    def output(self, output_id: int) -> Output | None:
        return next((o for o in self.outputs if o.output_id == output_id), None)

    def pending(self) -> tuple[Output, ...]:
        return tuple(o for o in self.outputs if o.state is OutputState.WANTED)

    def as_job(self) -> Job:
        saved = tuple(o.as_file() for o in self.outputs if o.state is OutputState.SAVED)
        return Job(
            job_id=self.job_id,
            state=self.state,
            workflow=self.workflow,
            host_id=self.host_id,
            owner=self.owner,
            owner_kind=self.owner_kind,
            position=self.position,
            created_at=self.created_at,
            hold=self.hold,
            press=self.press,
            index=self.index,
            seed=self.seed,
            differs=self.differs,
            prompt_id=self.attempt.remote_id if self.attempt else "",
            attempts=self.attempts,
            started_at=self.started_at,
            finished_at=self.finished_at,
            error=self.error,
            files=saved,
            wanted=sum(o.state is not OutputState.PREVIEW for o in self.outputs),
            missing=sum(o.state is OutputState.MISSING for o in self.outputs),
            note=self.note,
            output_noun=self.output_noun,
            cancelling=self.wish is Wish.CANCEL,
        )
