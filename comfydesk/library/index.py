"""What was read from the workflow files, so that they need not be read again: a cache, never the truth. Blocking.

It can be deleted at any time, and several processes may write it: all of them write what stands in the same files.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from comfydesk.library.facts import Facts
from comfydesk.library.folder import Stamp

log = logging.getLogger(__name__)

_VERSION = 1  # of the rows and of how facts are read: another one begins anew
_SCHEMA = (
    """CREATE TABLE files (
        name TEXT PRIMARY KEY, stamp_time INTEGER, stamp_size INTEGER, stamp_inode INTEGER, side_time INTEGER,
        side_size INTEGER, side_inode INTEGER, sha256 TEXT, kind TEXT, nodes INTEGER, models TEXT, problem TEXT,
        tags TEXT, favourite INTEGER, picture TEXT, chosen INTEGER) WITHOUT ROWID""",
    # Apart, since it is most of the bytes: a list is shown before anybody searches.
    "CREATE TABLE words (name TEXT PRIMARY KEY, words TEXT NOT NULL) WITHOUT ROWID",
)
_COLUMNS = 16


class Row(NamedTuple):
    """One file. `stamp`, `side`: when file and sidecar were read; `picture`: the sidecar's, as a file of the cache."""

    name: str
    stamp: Stamp
    side: Stamp | None
    sha256: str
    facts: Facts
    tags: tuple[str, ...] = ()
    favourite: bool = False
    picture: str = ""
    is_chosen: bool = False


class LibraryIndex:
    """The rows of one home. Trouble with the database is logged and costs only time."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._db: sqlite3.Connection | None = None
        self._closer: weakref.finalize[[], LibraryIndex] | None = None
        self._is_off = False
        self._lock = threading.RLock()  # a connection that two threads use at once can end the process

    def close(self) -> None:
        with self._lock:
            if self._closer is not None:
                self._closer()
            self._db = self._closer = None

    def load(self) -> dict[str, Row]:
        """All rows by name, without their words."""
        with self._lock:
            try:
                db = self._connect()
                found = db.execute("SELECT * FROM files").fetchall() if db is not None else []
                return {row[0]: _row(row) for row in found}
            except (sqlite3.Error, ValueError, TypeError) as error:
                self._begin_anew(error)
                return {}

    def words(self) -> dict[str, str]:
        """Node classes and titles in folded case, by name."""
        with self._lock:
            try:
                db = self._connect()
                return dict(db.execute("SELECT name, words FROM words")) if db is not None else {}
            except sqlite3.Error as error:
                log.info("node names are not searched: %s", error)
                return {}

    def put(self, rows: Sequence[Row], gone: Sequence[str] = ()) -> None:
        """Write rows and remove others, in one transaction."""
        with self._lock:
            try:
                if (db := self._connect()) is not None:
                    _put(db, rows, gone)
            except sqlite3.OperationalError as error:  # another process writes, or the disk is full
                log.info("the library's index is not written: %s", error)
            except sqlite3.DatabaseError as error:
                self._begin_anew(error)

    def _connect(self) -> sqlite3.Connection | None:
        if self._db is None and not self._is_off:
            try:
                self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._db = _open(self._file)
                self._closer = weakref.finalize(self, self._db.close)
                self._closer.atexit = False  # the lane's thread may still be at work then
            except OSError as error:
                self._is_off = True
                log.info("there is no index of the library: %s", error)
        return self._db

    def _begin_anew(self, error: Exception) -> None:
        log.info("the library's index is made anew: %s", error)
        self.close()
        for suffix in ("", "-wal", "-shm"):
            try:
                Path(f"{self._file}{suffix}").unlink(missing_ok=True)
            except OSError:
                self._is_off = True


def _open(file: Path) -> sqlite3.Connection:
    db = sqlite3.connect(file, timeout=2.0, isolation_level=None, check_same_thread=False)
    try:
        for pragma in ("journal_mode=WAL", "synchronous=OFF", "trusted_schema=OFF"):
            db.execute(f"PRAGMA {pragma}")
        if db.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
            db.execute("BEGIN IMMEDIATE")
            if db.execute("PRAGMA user_version").fetchone()[0] != _VERSION:  # another process was quicker
                for table in ("files", "words"):
                    db.execute(f"DROP TABLE IF EXISTS {table}")
                for statement in _SCHEMA:
                    db.execute(statement)
                db.execute(f"PRAGMA user_version={_VERSION}")
            db.execute("COMMIT")
    except BaseException:
        db.close()
        raise
    return db


def _put(db: sqlite3.Connection, rows: Sequence[Row], gone: Sequence[str]) -> None:
    marks = ", ".join("?" * _COLUMNS)
    with db:
        db.execute("BEGIN IMMEDIATE")
        for table in ("files", "words"):
            db.executemany(f"DELETE FROM {table} WHERE name = ?", [(name,) for name in gone])  # noqa: S608
        db.executemany(f"INSERT OR REPLACE INTO files VALUES ({marks})", map(_values, rows))  # noqa: S608
        words = [(row.name, row.facts.words) for row in rows]
        db.executemany("INSERT OR REPLACE INTO words VALUES (?, ?)", words)


def _values(row: Row) -> tuple[object, ...]:
    facts = row.facts
    side = row.side or (None, None, None)
    read = (row.sha256, facts.kind, facts.node_count, "\n".join(facts.models), facts.problem)
    return (row.name, *row.stamp, *side, *read, "\n".join(row.tags), row.favourite, row.picture, row.is_chosen)


def _row(values: Any) -> Row:
    name, time, size, inode, side_time, side_size, side_inode, sha256, kind, nodes, models, problem, *rest = values
    tags, favourite, picture, chosen = rest
    facts = Facts(kind, nodes, "", tuple(models.split("\n")) if models else (), problem)
    side = None if side_time is None else (side_time, side_size, side_inode)
    known = tuple(tags.split("\n")) if tags else ()
    return Row(name, (time, size, inode), side, sha256, facts, known, bool(favourite), picture, bool(chosen))
