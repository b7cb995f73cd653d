"""Between records and the store's rows."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from comfydesk.jobs.model import AttemptState, EditorGraph, InputFile, JobError, JobRequest, JobState, OwnerKind
from comfydesk.jobs.record import Attempt, JobRecord, Output, OutputState, Wish
from comfydesk.server.types import RemoteFile


def _names(row: str) -> list[str]:
    return row.split()


JOB_COLUMNS = _names(
    "job_id owner owner_kind host_id workflow state is_open ending hold wish position front created_at started_at "
    "finished_at press run_index seed differs prompt_id attempts reruns error note output_noun keep_temp previews"
)
ATTEMPT_COLUMNS = _names("prompt_id job_id state remote_id client_id boot number intended_at sent_at finished_at")
OUTPUT_COLUMNS = _names(
    "output_id job_id node_id slot place state ordinal filename subfolder type text path size sha256 reason"
)


def upsert(table: str, columns: Iterable[str], key: str) -> str:
    """The statement that writes one row of these columns, new or not."""
    names = list(columns)
    marks = ", ".join("?" * len(names))
    news = ", ".join(f"{name} = excluded.{name}" for name in names if name != key)
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks}) ON CONFLICT ({key}) DO UPDATE SET {news}"  # noqa: S608 (names are ours)


def text(value: str) -> str:
    """Text that SQLite takes: a lone surrogate from a server's JSON cannot be encoded."""
    return value.encode("utf-8", "replace").decode("utf-8")


def job_row(job: JobRecord) -> tuple[Any, ...]:
    return (
        job.job_id,
        job.owner,
        job.owner_kind.value,
        job.host_id,
        text(job.workflow),
        job.state.value,
        int(job.is_open),
        job.ending.value if job.ending else None,
        int(job.hold),
        job.wish.value,
        job.position,
        int(job.front),
        job.created_at,
        job.started_at,
        job.finished_at,
        job.press,
        job.index,
        None if job.seed is None else str(job.seed),
        text(job.differs),
        job.attempt.prompt_id if job.attempt else None,
        job.attempts,
        job.reruns,
        json.dumps(dataclasses.asdict(job.error)) if job.error else None,
        text(job.note),
        text(job.output_noun),
        int(job.keep_temp),
        int(job.previews),
    )


def job_record(row: sqlite3.Row, attempt: Attempt | None, outputs: tuple[Output, ...]) -> JobRecord:
    return JobRecord(
        job_id=row["job_id"],
        owner=row["owner"],
        owner_kind=OwnerKind(row["owner_kind"]),
        host_id=row["host_id"],
        workflow=row["workflow"],
        position=row["position"],
        created_at=row["created_at"],
        state=JobState(row["state"]),
        ending=JobState(row["ending"]) if row["ending"] else None,
        hold=bool(row["hold"]),
        wish=Wish(row["wish"]),
        press=row["press"],
        index=row["run_index"],
        seed=None if row["seed"] is None else int(row["seed"]),
        differs=row["differs"],
        attempt=attempt,
        attempts=row["attempts"],
        reruns=row["reruns"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        error=JobError(**json.loads(row["error"])) if row["error"] else None,
        outputs=outputs,
        note=row["note"],
        output_noun=row["output_noun"],
        keep_temp=bool(row["keep_temp"]),
        previews=bool(row["previews"]),
        front=bool(row["front"]),
    )


def attempt_row(job_id: str, attempt: Attempt) -> tuple[Any, ...]:
    return (
        attempt.prompt_id,
        job_id,
        attempt.state.value,
        text(attempt.remote_id),
        attempt.client_id,
        attempt.boot,
        attempt.number,
        attempt.intended_at,
        attempt.sent_at,
        attempt.finished_at,
    )


def attempt_record(row: sqlite3.Row) -> Attempt:
    return Attempt(
        prompt_id=row["prompt_id"],
        state=AttemptState(row["state"]),
        remote_id=row["remote_id"],
        client_id=row["client_id"],
        boot=row["boot"],
        number=row["number"],
        intended_at=row["intended_at"],
        sent_at=row["sent_at"],
        finished_at=row["finished_at"],
    )


def output_row(job_id: str, output: Output) -> tuple[Any, ...]:
    return (
        output.output_id,
        job_id,
        text(output.node_id),
        text(output.slot),
        output.index,
        output.state.value,
        output.ordinal,
        text(output.remote.filename),
        text(output.remote.subfolder),
        text(output.remote.type),
        None if output.text is None else text(output.text),
        text(output.path),
        output.size,
        output.sha256,
        text(output.reason),
    )


def output_record(row: sqlite3.Row) -> Output:
    return Output(
        output_id=row["output_id"],
        node_id=row["node_id"],
        slot=row["slot"],
        index=row["place"],
        state=OutputState(row["state"]),
        ordinal=row["ordinal"],
        remote=RemoteFile(row["filename"], row["subfolder"], row["type"]),
        text=row["text"],
        path=row["path"],
        size=row["size"],
        sha256=row["sha256"],
        reason=row["reason"],
    )


def pack(request: JobRequest) -> tuple[bytes, str | None]:
    """A request as bytes, and the hash of its editor's graph, which is kept elsewhere.

    Numbers keep every digit (JSON of the standard library has no limit on integers).
    """
    body = {field.name: getattr(request, field.name) for field in dataclasses.fields(request) if field.name != "editor"}
    body["inputs"] = [dataclasses.asdict(item) for item in request.inputs]
    packed = zlib.compress(json.dumps(body, default=_plain, separators=(",", ":")).encode(), 1)
    return packed, request.editor.sha256 if request.editor is not None else None


def unpack(body: bytes, editor: EditorGraph | None = None) -> JobRequest:
    fields = json.loads(zlib.decompress(body))
    fields["inputs"] = tuple(InputFile(**item) for item in fields["inputs"])
    fields["targets"] = tuple(fields.get("targets", ()))  # requests of older versions have none
    known = {field.name for field in dataclasses.fields(JobRequest)}
    return JobRequest(**{name: value for name, value in fields.items() if name in known}, editor=editor)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return str(value)
