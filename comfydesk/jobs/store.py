"""The job store: one SQLite file, many processes. Blocking; every method runs on the db lane's one thread."""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.jobs import rows, schema
from comfydesk.jobs.model import EditorGraph, JobRequest
from comfydesk.jobs.record import Attempt, JobRecord, Output

log = logging.getLogger(__name__)

BUSY = 5.0  # seconds that SQLite waits for another writer
PATIENCE = 6  # times that, before a writer gives up: a stalled disk must not lose a job

_JOB = rows.upsert("jobs", [*rows.JOB_COLUMNS, "rev"], "job_id")
_ATTEMPT = rows.upsert("attempts", rows.ATTEMPT_COLUMNS, "prompt_id")
_OUTPUT = rows.upsert("outputs", rows.OUTPUT_COLUMNS, "output_id")


@dataclass(frozen=True, slots=True)
class Written:
    """One job to write: as the store has it now (None: new), as it is to be, and the attempts that ended between."""

    old: JobRecord | None
    new: JobRecord
    closed: tuple[Attempt, ...] = ()


class Store:
    """`home/jobs.db`. Opened by `open`, which also mends: a damaged file is set aside and a new one begun."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.trouble: Problem | None = None  # a damaged file was set aside
        self._db: sqlite3.Connection | None = None
        self._last_editor: EditorGraph | None = None

    # -- opening

    def open(self) -> None:
        """Open and migrate under the schema lock. Raises Problem("store_newer" | "disk_write" | "disk_full")."""
        from filelock import FileLock

        self.home.make()
        with FileLock(self.home.schema_lock), contextlib.ExitStack() as undo:
            undo.callback(self.close)  # a connection in the middle of something would lock others out
            try:
                self._db = self._connect()
                self._prepare(self._db)
            except sqlite3.DatabaseError as exc:
                if isinstance(exc, sqlite3.OperationalError) and "malformed" not in str(exc):
                    raise disk_problem(self.home, exc) from exc
                self._set_aside(exc)
                self._db = self._connect()
                self._prepare(self._db)
            undo.pop_all()

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.home.jobs_db, timeout=BUSY, isolation_level=None, cached_statements=256)
        db.row_factory = sqlite3.Row
        return db

    def _prepare(self, db: sqlite3.Connection) -> None:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA trusted_schema = OFF")
        db.execute("PRAGMA journal_size_limit = 8388608")
        found = schema.version(db)
        if found > schema.VERSION:
            db.close()
            raise Problem("store_newer", file=self.home.jobs_db)
        unclean = found and db.execute("SELECT 1 FROM owners WHERE ended_at IS NULL").fetchone()
        if unclean and (answer := db.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise sqlite3.DatabaseError(answer)
        if 0 < found < schema.VERSION:
            self._keep_copy(db, self.home.jobs_db.with_name(f"jobs.v{found}.db"))
        schema.migrate(db)

    def _keep_copy(self, db: sqlite3.Connection, target: Path) -> None:
        """Copy the store as an older version left it, in whole. Trouble with the copy says nothing of the store."""
        part = target.with_name(f"{target.name}.part")
        try:
            part.unlink(missing_ok=True)  # of an attempt that broke off
            with contextlib.closing(sqlite3.connect(part)) as copy:
                db.backup(copy)
            part.replace(target)
        except (sqlite3.Error, OSError) as exc:
            raise disk_problem(self.home, exc) from exc

    def _set_aside(self, why: Exception) -> None:
        if self._db is not None:
            self._db.close()
        stamp = time.strftime("%Y%m%d-%H%M%S")
        aside = self.home.jobs_db.with_name(f"jobs.db.corrupt-{stamp}")
        for ending in ("", "-wal", "-shm"):
            file = self.home.jobs_db.with_name(f"jobs.db{ending}")
            if file.exists():
                file.rename(aside.with_name(aside.name + ending))
        self.trouble = Problem("store_broken", file=self.home.jobs_db, detail=why, aside=aside)
        log.error("%s", self.trouble.message)

    def close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    @property
    def db(self) -> sqlite3.Connection:
        assert self._db is not None, "the store is not open"
        return self._db

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction; durable when the block is left. Raises Problem where the disk refuses."""
        db = self.db
        self._begin(db)
        try:
            yield db
            db.execute("COMMIT")
        except BaseException as exc:
            if db.in_transaction:
                db.execute("ROLLBACK")
            if isinstance(exc, sqlite3.OperationalError):
                raise disk_problem(self.home, exc) from exc
            raise

    def _begin(self, db: sqlite3.Connection) -> None:
        for left in reversed(range(PATIENCE)):
            try:
                db.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as exc:
                if not left or exc.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise disk_problem(self.home, exc) from exc

    # -- jobs

    def add(self, jobs: Iterable[tuple[JobRecord, JobRequest]]) -> None:
        """Commit new jobs with their requests."""
        items = list(jobs)
        bodies = [(job.job_id, *rows.pack(request)) for job, request in items]  # outside the transaction: others write
        editors = {request.editor.sha256: request.editor.packed for _, request in items if request.editor is not None}
        with self.writing() as db:
            rev = self._next_rev(db)
            db.executemany(_JOB, [(*rows.job_row(job), rev) for job, _ in items])
            db.executemany("INSERT OR IGNORE INTO editors (sha256, body) VALUES (?, ?)", editors.items())
            db.executemany("INSERT INTO requests (job_id, body, editor) VALUES (?, ?, ?)", bodies)

    def save(self, changes: Sequence[Written]) -> None:
        """Commit what changed, all of it or nothing."""
        with self.writing() as db:
            rev = self._next_rev(db)
            for change in changes:
                new, old = change.new, change.old
                db.execute(_JOB, (*rows.job_row(new), rev))
                attempts = [*change.closed, *([new.attempt] if new.attempt else [])]
                known = old.attempt if old else None
                db.executemany(_ATTEMPT, [rows.attempt_row(new.job_id, a) for a in attempts if a != known])
                before = set(old.outputs) if old else set[Output]()
                db.executemany(_OUTPUT, [rows.output_row(new.job_id, o) for o in new.outputs if o not in before])

    @staticmethod
    def _next_rev(db: sqlite3.Connection) -> int:
        row = db.execute("UPDATE meta SET value = value + 1 WHERE key = 'rev' RETURNING value").fetchone()
        return int(row[0])

    def records(self, where: str, parameters: Sequence[Any] = (), order: str = "position, seq") -> list[JobRecord]:
        """The jobs that `where` (ours, never a stranger's text) selects, whole."""
        found = self.db.execute(f"SELECT * FROM jobs WHERE {where} ORDER BY {order}", parameters).fetchall()  # noqa: S608
        records: list[JobRecord] = []
        for start in range(0, len(found), 500):
            records += self._whole(found[start : start + 500])
        return records

    def _whole(self, found: list[sqlite3.Row]) -> list[JobRecord]:
        ids = [row["job_id"] for row in found]
        marks = ", ".join("?" * len(ids))
        outputs: dict[str, list[Output]] = {}
        for row in self.db.execute(
            f"SELECT * FROM outputs WHERE job_id IN ({marks}) ORDER BY ordinal, output_id",  # noqa: S608
            ids,
        ):
            outputs.setdefault(row["job_id"], []).append(rows.output_record(row))
        prompts = [row["prompt_id"] for row in found if row["prompt_id"]]
        marks = ", ".join("?" * len(prompts))
        attempts = {
            row["prompt_id"]: rows.attempt_record(row)
            for row in self.db.execute(f"SELECT * FROM attempts WHERE prompt_id IN ({marks})", prompts)  # noqa: S608
        }
        return [
            rows.job_record(row, attempts.get(row["prompt_id"]), tuple(outputs.get(row["job_id"], ()))) for row in found
        ]

    def record(self, job_id: str) -> JobRecord | None:
        found = self.records("job_id = ?", (job_id,))
        return found[0] if found else None

    def request(self, job_id: str) -> JobRequest:
        """The request as it was committed. Raises Problem("usage") for an unknown job."""
        row = self.db.execute("SELECT body, editor FROM requests WHERE job_id = ?", (job_id,)).fetchone()
        if row is None:
            raise Problem("usage", detail=f"There is no job {job_id}")
        return rows.unpack(row["body"], self._editor(row["editor"]))

    def _editor(self, sha256: str | None) -> EditorGraph | None:
        """The editor's graph by its hash. The last one is remembered: jobs of one press share it."""
        if sha256 is None or (self._last_editor is not None and self._last_editor.sha256 == sha256):
            return self._last_editor if sha256 is not None else None
        row = self.db.execute("SELECT body FROM editors WHERE sha256 = ?", (sha256,)).fetchone()
        self._last_editor = EditorGraph(sha256, row["body"]) if row is not None else None
        return self._last_editor

    def owner_of_output(self, output_id: int) -> JobRecord | None:
        row = self.db.execute("SELECT job_id FROM outputs WHERE output_id = ?", (output_id,)).fetchone()
        return self.record(row["job_id"]) if row else None

    # -- small facts

    def meta(self, key: str, default: str = "") -> str:
        row = self.db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else default

    def set_meta(self, key: str, value: str) -> None:
        with self.writing() as db:
            db.execute(rows.upsert("meta", ["key", "value"], "key"), (key, value))

    def ask(self, owner: str, verb: str, job_ids: Iterable[str]) -> None:
        """Leave a wish for another process, which answers it within half a second."""
        with self.writing() as db:
            db.execute(
                "INSERT INTO wishes (owner, verb, jobs, asked_at) VALUES (?, ?, ?, ?)",
                (owner, verb, json.dumps(list(job_ids)), time.time()),
            )

    def take_wishes(self, owner: str) -> list[tuple[str, list[str]]]:
        """What other processes asked of this one, once."""
        if not self.db.execute("SELECT 1 FROM wishes WHERE owner = ?", (owner,)).fetchone():
            return []
        with self.writing() as db:
            found = db.execute("DELETE FROM wishes WHERE owner = ? RETURNING verb, jobs, wish_id", (owner,)).fetchall()
        return [(row["verb"], json.loads(row["jobs"])) for row in sorted(found, key=lambda row: row["wish_id"])]

    def data_version(self) -> int:
        """Changes exactly when another connection has committed something."""
        return int(self.db.execute("PRAGMA data_version").fetchone()[0])


def disk_problem(home: Home, exc: sqlite3.Error | OSError) -> Problem:
    """A sentence for what SQLite or the system says of the disk."""
    if "full" in str(exc) or getattr(exc, "errno", None) == errno.ENOSPC:
        return Problem("disk_full", folder=home.root, details=str(exc))
    return Problem("disk_write", folder=home.root, detail=exc, details=str(exc))
