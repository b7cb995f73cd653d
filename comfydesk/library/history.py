"""What ComfyDesk itself remembers of workflows: each version of a file, when it was opened, its newest result.

One database in the home, not beside the files: it changes by mere use. Several processes may share it. Blocking.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import sqlite3
import threading
import time
import weakref
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comfydesk.base.errors import Problem
from comfydesk.base.transaction import writing
from comfydesk.library.model import Version

log = logging.getLogger(__name__)

MAX_VERSIONS = 50  # of one workflow; the oldest go
MAX_KEPT = 64 << 20  # bytes of one workflow's versions together, compressed
ALWAYS = 5  # versions that are kept whatever their size
FORGET_AFTER = 90 * 86_400.0  # seconds that a workflow's past is kept after its file is gone
_VERSION = 1
_SCHEMA = (
    """CREATE TABLE workflows (
        id INTEGER PRIMARY KEY, name TEXT UNIQUE, opened_at REAL NOT NULL DEFAULT 0, cover TEXT NOT NULL DEFAULT '',
        token TEXT NOT NULL DEFAULT '', gone_since REAL)""",
    """CREATE TABLE versions (
        id INTEGER PRIMARY KEY AUTOINCREMENT, workflow INTEGER NOT NULL, sha256 TEXT NOT NULL, saved_at REAL NOT NULL,
        size INTEGER NOT NULL, why TEXT NOT NULL)""",
    "CREATE INDEX versions_by_workflow ON versions (workflow, id)",
    "CREATE INDEX versions_by_content ON versions (sha256)",
    "CREATE TABLE contents (sha256 TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID",
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A state of a workflow's file. `why` is taken for all but the first one."""

    name: str
    data: bytes
    sha256: str
    at: float
    why: str = "outside"


@dataclass(frozen=True, slots=True)
class Use:
    """When a workflow was opened, and the file name of its newest result's picture."""

    opened_at: float = 0.0
    cover: str = ""


def sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class History:
    """The past of one home's workflows, by name. It is opened at first use."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._db: sqlite3.Connection | None = None
        self._closer: weakref.finalize[[], History] | None = None
        self._lock = threading.RLock()  # a connection that two threads use at once can end the process

    def close(self) -> None:
        with self._lock:
            if self._closer is not None:
                self._closer()
            self._db = self._closer = None

    def note(self, states: Sequence[Seen]) -> None:
        """Keep states that differ from the newest one of their workflow. Raises Problem disk_write or disk_full."""
        if not states:
            return
        with self._write() as db:
            for state in states:
                workflow = _id_of(db, state.name)
                newest = db.execute(
                    "SELECT sha256 FROM versions WHERE workflow = ? ORDER BY id DESC LIMIT 1", (workflow,)
                ).fetchone()
                if newest is not None and newest[0] == state.sha256:
                    continue
                _keep(db, state.sha256, state.data)
                why = state.why if newest is not None else "first"
                db.execute(
                    "INSERT INTO versions (workflow, sha256, saved_at, size, why) VALUES (?, ?, ?, ?, ?)",
                    (workflow, state.sha256, state.at, len(state.data), why),
                )
                if newest is not None:
                    _prune(db, workflow)

    def versions(self, name: str) -> list[Version]:
        """Newest first."""
        found = self._query(
            "SELECT v.id, v.saved_at, v.size, v.why FROM versions v JOIN workflows w ON w.id = v.workflow "
            "WHERE w.name = ? ORDER BY v.id DESC",
            (name,),
        )
        return [Version(key, at, size, why, index == 0) for index, (key, at, size, why) in enumerate(found)]

    def content(self, name: str, version_id: int) -> bytes:
        """The file as it was. Raises Problem version_gone."""
        found = self._query(
            "SELECT c.data, c.sha256 FROM versions v JOIN workflows w ON w.id = v.workflow "
            "JOIN contents c ON c.sha256 = v.sha256 WHERE w.name = ? AND v.id = ?",
            (name, version_id),
        )
        for packed, sha256 in found:
            with contextlib.suppress(zlib.error):
                data = zlib.decompress(packed)
                if sha256_of(data) == sha256:
                    return data
        raise Problem("version_gone", name=name)

    def uses(self) -> dict[str, Use]:
        """Of all workflows that were opened or made something, by name."""
        found = self._query(
            "SELECT name, opened_at, cover FROM workflows WHERE name IS NOT NULL AND (opened_at > 0 OR cover != '')"
        )
        return {name: Use(opened_at, cover) for name, opened_at, cover in found}

    def names_with(self, sha256: str) -> list[str]:
        """Workflows whose newest version has this content."""
        found = self._query(
            "SELECT w.name FROM versions v JOIN workflows w ON w.id = v.workflow WHERE v.sha256 = ? AND w.name IS NOT "
            "NULL AND v.id = (SELECT max(id) FROM versions WHERE workflow = w.id) ORDER BY v.id DESC",
            (sha256,),
        )
        return [name for (name,) in found]

    def has(self, name: str) -> bool:
        return bool(self._query("SELECT 1 FROM workflows WHERE name = ?", (name,)))

    def note_opened(self, name: str, at: float) -> None:
        with self._write() as db:
            db.execute("UPDATE workflows SET opened_at = ? WHERE id = ?", (at, _id_of(db, name)))

    def set_cover(self, name: str, cover: str) -> str:
        """Remember a picture's file name; returns the one before where nothing uses that any more, else ""."""
        with self._write() as db:
            workflow = _id_of(db, name)
            (before,) = db.execute("SELECT cover FROM workflows WHERE id = ?", (workflow,)).fetchone()
            db.execute("UPDATE workflows SET cover = ? WHERE id = ?", (cover, workflow))
            used = db.execute("SELECT 1 FROM workflows WHERE cover = ?", (before,)).fetchone()
        return "" if used else str(before)

    def rename(self, names: Mapping[str, str]) -> None:
        """Old names → new names."""
        with self._write() as db:
            for old, new in names.items():
                db.execute("UPDATE workflows SET name = NULL WHERE name = ? AND name != ?", (new, old))
                db.execute("UPDATE workflows SET name = ?, gone_since = NULL WHERE name = ?", (new, old))

    def rename_folder(self, old: str, new: str) -> None:
        names = [name for (name,) in self._query("SELECT name FROM workflows WHERE name IS NOT NULL")]
        self.rename({name: new + name[len(old) :] for name in names if name.startswith(f"{old}/")})

    def put_away(self, names: Sequence[str], token: str, at: float) -> None:
        """Keep the past of removed workflows aside, under the token of their removal."""
        with self._write() as db:
            for name in names:
                db.execute(
                    "UPDATE workflows SET name = NULL, token = ?, gone_since = ? WHERE name = ?",
                    (f"{token}/{name}", at, name),
                )

    def bring_back(self, token: str, names: Mapping[str, str]) -> None:
        """Name when removed → name now."""
        with self._write() as db:
            for old, new in names.items():
                kept = db.execute("SELECT id FROM workflows WHERE token = ?", (f"{token}/{old}",)).fetchone()
                if kept is not None:
                    db.execute("UPDATE workflows SET name = NULL WHERE name = ?", (new,))
                    db.execute(
                        "UPDATE workflows SET name = ?, token = '', gone_since = NULL WHERE id = ?", (new, kept[0])
                    )

    def sweep(self, present: set[str], now: float | None = None) -> None:
        """Forget what has been gone for three months: files that come back (another git branch) find their past."""
        now = time.time() if now is None else now
        with self._write() as db:
            rows = db.execute("SELECT id, name, gone_since FROM workflows").fetchall()
            back = [(row,) for row, name, since in rows if name in present and since is not None]
            gone = [(now, row) for row, name, since in rows if name not in present and since is None]
            db.executemany("UPDATE workflows SET gone_since = NULL WHERE id = ?", back)
            db.executemany("UPDATE workflows SET gone_since = ? WHERE id = ?", gone)
            old = db.execute("DELETE FROM workflows WHERE gone_since < ?", (now - FORGET_AFTER,)).rowcount
            if old:
                db.execute("DELETE FROM versions WHERE workflow NOT IN (SELECT id FROM workflows)")
                db.execute("DELETE FROM contents WHERE sha256 NOT IN (SELECT sha256 FROM versions)")

    def covers(self) -> set[str]:
        return {cover for (cover,) in self._query("SELECT cover FROM workflows WHERE cover != ''")}

    def data_version(self) -> int:
        """A number that changes when another process has written."""
        return int(self._query("PRAGMA data_version")[0][0])

    def _query(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        with self._lock:
            try:
                return self._read().execute(sql, values).fetchall()
            except sqlite3.OperationalError as error:
                raise Problem("disk_write", folder=self.file.parent, detail=str(error)) from error
            except sqlite3.DatabaseError as error:
                self._set_aside(error)
                return self._read().execute(sql, values).fetchall()

    def _read(self) -> sqlite3.Connection:
        if self._db is None:
            try:
                self._db = self._open()
            except sqlite3.OperationalError as error:
                raise Problem("disk_write", folder=self.file.parent, detail=str(error)) from error
            except sqlite3.DatabaseError as error:
                self._set_aside(error)
                self._db = self._open()
            self._closer = weakref.finalize(self, self._db.close)
            self._closer.atexit = False  # the lane's thread may still be at work then
        return self._db

    def _set_aside(self, error: Exception) -> None:
        """A damaged history begins anew; what the files hold now is its first state."""
        log.warning("the library's history %s is damaged and set aside: %s", self.file, error)
        self.close()
        for suffix in ("", "-wal", "-shm"):
            broken = Path(f"{self.file}{suffix}")
            with contextlib.suppress(FileNotFoundError):
                broken.replace(f"{self.file}.corrupt-{int(time.time())}{suffix}")

    def _open(self) -> sqlite3.Connection:
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        db = sqlite3.connect(self.file, timeout=10.0, isolation_level=None, check_same_thread=False)
        try:
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "trusted_schema=OFF"):
                db.execute(f"PRAGMA {pragma}")
            db.execute("BEGIN IMMEDIATE")
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version > _VERSION:
                raise Problem("store_newer", file=self.file)
            for statement in _SCHEMA if version < _VERSION else ():
                db.execute(statement)
            db.execute(f"PRAGMA user_version={_VERSION}")
            db.execute("COMMIT")
        except BaseException:
            db.close()
            raise
        return db

    @contextlib.contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            db = self._read()
            try:
                with writing(db, self.file.parent):
                    yield db
            except sqlite3.DatabaseError as error:
                self._set_aside(error)
                raise Problem("disk_write", folder=self.file.parent, detail=str(error)) from error


def _id_of(db: sqlite3.Connection, name: str) -> int:
    row = db.execute("SELECT id FROM workflows WHERE name = ?", (name,)).fetchone()
    return int(row[0]) if row else int(db.execute("INSERT INTO workflows (name) VALUES (?)", (name,)).lastrowid or 0)


def _keep(db: sqlite3.Connection, sha256: str, data: bytes) -> None:
    if db.execute("SELECT 1 FROM contents WHERE sha256 = ?", (sha256,)).fetchone() is None:
        db.execute("INSERT INTO contents VALUES (?, ?)", (sha256, zlib.compress(data, 4)))


def _prune(db: sqlite3.Connection, workflow: int) -> None:
    """Let the oldest versions go that are too many, or too large together."""
    rows = db.execute(
        "SELECT v.id, v.sha256, length(c.data) FROM versions v LEFT JOIN contents c ON c.sha256 = v.sha256 "
        "WHERE v.workflow = ? ORDER BY v.id DESC",
        (workflow,),
    ).fetchall()
    total = 0
    for index, (version, sha256, size) in enumerate(rows):
        total += size or 0
        if index >= MAX_VERSIONS or (total > MAX_KEPT and index >= ALWAYS):
            db.execute("DELETE FROM versions WHERE id = ?", (version,))
            db.execute(
                "DELETE FROM contents WHERE sha256 = ? AND NOT EXISTS (SELECT 1 FROM versions WHERE sha256 = ?)",
                (sha256, sha256),
            )
