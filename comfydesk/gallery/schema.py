"""The tables of the gallery's index."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

VERSION = 1
_SCHEMA = """
CREATE TABLE files (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    size INTEGER NOT NULL,
    created_at REAL NOT NULL,
    workflow TEXT NOT NULL,
    job_id TEXT NOT NULL,
    output_id INTEGER NOT NULL,
    node_id TEXT NOT NULL,
    node_title TEXT NOT NULL,
    seed TEXT,                -- up to 2^64-1, more than INTEGER holds
    prompt TEXT NOT NULL,
    settings TEXT NOT NULL,   -- the parameters in words, for the search
    params TEXT NOT NULL,     -- JSON
    graph BLOB,               -- the API prompt, JSON, zlib
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    host TEXT NOT NULL,
    took REAL,
    sha256 TEXT NOT NULL,
    remote TEXT NOT NULL,     -- JSON
    missing INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX files_by_time ON files (created_at, id, workflow);
CREATE INDEX files_by_job ON files (job_id);
-- Kept up by GalleryIndex: triggers may not touch it while the schema is not trusted.
CREATE VIRTUAL TABLE search USING fts5(
    name, workflow, prompt, settings, content='files', content_rowid='id', tokenize='trigram'
);
"""


def statements() -> Iterator[str]:
    """The schema, one statement at a time: `executescript` would end the transaction around it."""
    statement = ""
    for line in _SCHEMA.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
