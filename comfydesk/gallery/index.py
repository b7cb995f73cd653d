"""The gallery's own database: one row a file, with full-text search. It can be thrown away and built anew."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.base.transaction import writing
from comfydesk.gallery import query as queries
from comfydesk.gallery.model import Entry, GalleryItem
from comfydesk.gallery.rows import row_of
from comfydesk.gallery.schema import VERSION, statements
from comfydesk.server.types import RemoteFile

# ruff: noqa: S608 (only names from this file and question marks are put into SQL; values are always bound)
_ITEM = "id, path, name, kind, size, created_at, workflow, job_id, seed, prompt, width, height, host, took, missing"
_FIELDS = ("item_id", *_ITEM.split(", ")[1:])
_TEXTS = "name, workflow, prompt, settings"
_SEARCHABLE = f"INSERT INTO search (rowid, {_TEXTS}) SELECT id, {_TEXTS} FROM files WHERE id = ?"
_UNSEARCHABLE = f"INSERT INTO search (search, rowid, {_TEXTS}) SELECT 'delete', id, {_TEXTS} FROM files WHERE id = ?"


class GalleryIndex:
    """Open it, use it and close it on one thread at a time; several processes may share the file."""

    def __init__(self, home: Home) -> None:
        self.file = home.gallery_db
        self._lock_file = home.schema_lock
        self._db: sqlite3.Connection | None = None
        self.is_new = False  # made or begun anew just now: what lies on disk is not in it yet

    def open(self) -> None:
        """Open or make the database; a broken one is set aside. Raises Problem: `store_newer`, `disk_write`."""
        from filelock import FileLock

        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(self._lock_file):  # several processes may start on a fresh home
            try:
                self._db = self._connect()
            except sqlite3.DatabaseError as exc:
                if isinstance(exc, sqlite3.OperationalError) and "malformed" not in str(exc):
                    raise Problem("disk_write", folder=self.file.parent, detail=str(exc)) from exc
                self._set_aside()
                self._db = self._connect()

    def close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    def add(self, entries: Sequence[Entry], after: int = 0) -> list[GalleryItem]:
        """Add rows and return every row newer than `after`, those of other processes too.

        A path that is there already with the same bytes keeps its facts; with other bytes it gets the new ones.
        """
        with self._write() as db:
            for entry in entries:
                row = row_of(entry)
                known = db.execute("SELECT id, sha256, missing FROM files WHERE path = ?", (entry.path,)).fetchone()
                if known is None:
                    names = ", ".join(row)
                    marks = ", ".join(f":{name}" for name in row)
                    added = db.execute(f"INSERT INTO files ({names}) VALUES ({marks})", row).lastrowid
                    db.execute(_SEARCHABLE, (added,))
                elif known[1] != entry.sha256 or known[2]:
                    sets = ", ".join(f"{name} = :{name}" for name in row)
                    db.execute(_UNSEARCHABLE, known[:1])
                    db.execute(f"UPDATE files SET {sets}, missing = 0 WHERE path = :path", row)
                    db.execute(_SEARCHABLE, known[:1])
            return self._items(db.execute(f"SELECT {_ITEM} FROM files WHERE id > ? ORDER BY id", (after,)))

    def count(self, query: str = "") -> int:
        where, arguments = queries.where(query)
        return int(self._read().execute(f"SELECT count(*) FROM files{where}", arguments).fetchone()[0])

    def workflow_counts(self) -> dict[str, int]:
        """How many files each workflow has, by its title. Some 20 ms for 100,000 files."""
        found = self._read().execute("SELECT workflow, count(*) FROM files WHERE workflow != '' GROUP BY workflow")
        return dict(found.fetchall())

    def page(self, offset: int, limit: int, query: str = "", newest_first: bool = True) -> list[GalleryItem]:
        """Rows by time. At 100,000 rows a page at any offset takes a few milliseconds: the order is an index."""
        where, arguments = queries.where(query)
        way = "DESC" if newest_first else "ASC"
        order = f"ORDER BY created_at {way}, id {way}"
        found = self._read().execute(
            f"SELECT {_ITEM} FROM files WHERE id IN (SELECT id FROM files{where} {order} LIMIT ? OFFSET ?) {order}",
            [*arguments, max(0, limit), max(0, offset)],
        )
        return self._items(found)

    def times(self, query: str = "", newest_first: bool = True) -> list[tuple[float, str]]:
        """(created_at, workflow) of all rows in the order of `page`, for the headings of the grid."""
        where, arguments = queries.where(query)
        way = "DESC" if newest_first else "ASC"
        sql = f"SELECT created_at, workflow FROM files{where} ORDER BY created_at {way}, id {way}"
        return self._read().execute(sql, arguments).fetchall()

    def place(self, item_id: int, query: str = "") -> int:
        """The row of an item in `page`, newest first; -1 if it is not among those that `query` finds."""
        where, arguments = queries.where(query)
        both = f"{where} AND " if where else " WHERE "
        db = self._read()
        found = db.execute(f"SELECT created_at FROM files{both}id = ?", [*arguments, item_id]).fetchone()
        if found is None:
            return -1
        newer = f"SELECT count(*) FROM files{both}(created_at, id) > (?, ?)"
        return int(db.execute(newer, [*arguments, found[0], item_id]).fetchone()[0])

    def item(self, item_id: int) -> GalleryItem | None:
        found = self._items(self._read().execute(f"SELECT {_ITEM} FROM files WHERE id = ?", (item_id,)))
        return found[0] if found else None

    def items_of(self, paths: Sequence[str]) -> list[GalleryItem]:
        marks = ", ".join("?" * len(paths))
        return self._items(self._read().execute(f"SELECT {_ITEM} FROM files WHERE path IN ({marks})", list(paths)))

    def facts(self, item_id: int) -> dict[str, Any] | None:
        """What only the details need: params, graph, sha256, node_id, node_title, remote, output_id."""
        names = ("params", "graph", "sha256", "node_id", "node_title", "remote", "output_id")
        row = self._read().execute(f"SELECT {', '.join(names)} FROM files WHERE id = ?", (item_id,)).fetchone()
        if row is None:
            return None
        facts = dict(zip(names, row, strict=True))
        facts["params"] = json.loads(facts["params"])
        facts["graph"] = json.loads(zlib.decompress(facts["graph"])) if facts["graph"] else None
        remote = json.loads(facts["remote"]) if facts["remote"] else None
        facts["remote"] = RemoteFile(*remote) if remote else None
        return facts

    def paths(self) -> set[str]:
        return {path for (path,) in self._read().execute("SELECT path FROM files")}

    def remove(self, item_ids: Sequence[int]) -> None:
        with self._write() as db:
            for item_id in item_ids:
                db.execute(_UNSEARCHABLE, (item_id,))
                db.execute("DELETE FROM files WHERE id = ?", (item_id,))

    def mark(self, item_ids: Sequence[int], missing: bool) -> None:
        with self._write() as db:
            db.executemany("UPDATE files SET missing = ? WHERE id = ?", [(int(missing), i) for i in item_ids])

    def set_took(self, job_id: str, seconds: float) -> None:
        """How long the job took, known when it is over."""
        with self._write() as db:
            db.execute("UPDATE files SET took = ? WHERE job_id = ?", (seconds, job_id))

    def newest_id(self) -> int:
        return int(self._read().execute("SELECT coalesce(max(id), 0) FROM files").fetchone()[0])

    def data_version(self) -> int:
        """A number that changes when another process has written."""
        return int(self._read().execute("PRAGMA data_version").fetchone()[0])

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.file, timeout=5.0, isolation_level=None, check_same_thread=False)
        try:
            # NORMAL may lose the last rows in a power loss; they can be had again from the files themselves.
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "trusted_schema=OFF", "cache_size=-16000"):
                db.execute(f"PRAGMA {pragma}")
            db.execute("BEGIN IMMEDIATE")
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version > VERSION:
                raise Problem("store_newer", file=self.file)
            if version < VERSION:
                self.is_new = True
                for statement in statements():
                    db.execute(statement)
                db.execute(f"PRAGMA user_version={VERSION}")
            db.execute("COMMIT")
        except BaseException:
            db.close()
            raise
        return db

    def _set_aside(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            broken = Path(f"{self.file}{suffix}")
            with contextlib.suppress(FileNotFoundError):
                broken.replace(f"{self.file}.corrupt-{int(time.time())}{suffix}")

    def _read(self) -> sqlite3.Connection:
        if self._db is None:
            raise RuntimeError("the gallery's index is not open")
        return self._db

    @contextlib.contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with writing(self._read(), self.file.parent) as db:
            yield db

    @staticmethod
    def _items(cursor: sqlite3.Cursor) -> list[GalleryItem]:
        return [_item(row) for row in cursor]


def _item(row: tuple[Any, ...]) -> GalleryItem:
    facts = dict(zip(_FIELDS, row, strict=True))
    facts["seed"] = None if facts["seed"] is None else int(facts["seed"])
    facts["missing"] = bool(facts["missing"])
    return GalleryItem(**facts)
