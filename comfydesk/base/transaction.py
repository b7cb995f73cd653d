"""One change of a SQLite file: all of it or nothing, and a sentence where the disk refuses."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from comfydesk.base.errors import Problem


@contextlib.contextmanager
def writing(db: sqlite3.Connection, folder: Path) -> Iterator[sqlite3.Connection]:
    """A transaction on `db`, whose file lies in `folder`. Raises Problem disk_full or disk_write."""
    try:
        db.execute("BEGIN IMMEDIATE")  # a read that becomes a write fails at once when another process writes
        try:
            yield db
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")
    except sqlite3.OperationalError as error:
        code = "disk_full" if "full" in str(error) else "disk_write"
        raise Problem(code, folder=folder, detail=str(error)) from error
