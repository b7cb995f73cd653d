"""What was read from the workflow files, so that they need not be read again: a cache, never the truth. Blocking.

It can be deleted at any time, and several processes may write it: all of them write what stands in the same files.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import weakref
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from comfydesk.library.facts import Facts
from comfydesk.library.folder import Stamp

log = logging.getLogger(__name__)

_VERSION = 1  # of the rows and of how facts are read: another one begins anew
_SCHEMA = """CREATE TABLE files (
    name TEXT PRIMARY KEY, stamp TEXT NOT NULL, side TEXT NOT NULL, sha256 TEXT NOT NULL, kind TEXT NOT NULL,
    nodes INTEGER NOT NULL, words TEXT NOT NULL, models TEXT NOT NULL, problem TEXT NOT NULL, tags TEXT NOT NULL,
    favourite INTEGER NOT NULL, picture TEXT NOT NULL, chosen INTEGER NOT NULL) WITHOUT ROWID"""


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

    def close(self) -> None:
        if self._closer is not None:
            self._closer()
        self._db = self._closer = None

    def load(self) -> dict[str, Row]:
        """All rows by name."""
        try:
            db = self._connect()
            found = db.execute("SELECT * FROM files").fetchall() if db is not None else []
            return {row[0]: _row(row) for row in found}
        except (sqlite3.Error, ValueError, TypeError) as error:
            self._begin_anew(error)
            return {}

    def put(self, rows: Iterable[Row], gone: Iterable[str] = ()) -> None:
        """Write rows and remove others, in one transaction."""
        try:
            db = self._connect()
            if db is None:
                return
            with db:
                db.execute("BEGIN IMMEDIATE")
                db.executemany("DELETE FROM files WHERE name = ?", [(name,) for name in gone])
                db.executemany(f"INSERT OR REPLACE INTO files VALUES ({', '.join('?' * 13)})", map(_values, rows))  # noqa: S608
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
                db.execute("DROP TABLE IF EXISTS files")
                db.execute(_SCHEMA)
                db.execute(f"PRAGMA user_version={_VERSION}")
            db.execute("COMMIT")
    except BaseException:
        db.close()
        raise
    return db


def _values(row: Row) -> tuple[object, ...]:
    facts = row.facts
    models, tags = json.dumps(facts.models), json.dumps(row.tags)
    kept = (row.sha256, facts.kind, facts.node_count, facts.words, models, facts.problem, tags)
    return (row.name, _text(row.stamp), _text(row.side), *kept, int(row.favourite), row.picture, int(row.is_chosen))


def _row(row: tuple[str, str, str, str, str, int, str, str, str, str, int, str, int]) -> Row:
    name, stamp, side, sha256, kind, nodes, words, models, problem, tags, favourite, picture, chosen = row
    facts = Facts(kind, nodes, words, _list(models), problem)
    found = _stamp(stamp)
    return Row(
        name, found or (0, 0, 0), _stamp(side), sha256, facts, _list(tags), bool(favourite), picture, bool(chosen)
    )


def _list(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text)) if text != "[]" else ()


def _text(stamp: Stamp | None) -> str:
    """As text: an inode may be larger than an INTEGER."""
    return "" if stamp is None else " ".join(map(str, stamp))


def _stamp(text: str) -> Stamp | None:
    if not text:
        return None
    time, size, inode = map(int, text.split(" "))
    return (time, size, inode)
