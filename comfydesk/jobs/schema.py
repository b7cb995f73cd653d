"""The job store's tables, and how an older file becomes a newer one."""

from __future__ import annotations

import sqlite3

VERSION = 2

# Seeds reach 2^64-1 and are TEXT. Times are seconds since 1970. `rev` counts changes over all processes, so that each
# can ask for what the others changed. `owner` says which process acts on a job; the others only read it.
_V1 = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES ('rev', '0');

CREATE TABLE owners (
  owner TEXT PRIMARY KEY, kind TEXT NOT NULL, pid INTEGER NOT NULL, started_at REAL NOT NULL, ended_at REAL
) WITHOUT ROWID;

CREATE TABLE jobs (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  job_id TEXT NOT NULL UNIQUE,
  owner TEXT NOT NULL, owner_kind TEXT NOT NULL, host_id TEXT NOT NULL, workflow TEXT NOT NULL,
  state TEXT NOT NULL, is_open INTEGER NOT NULL, ending TEXT, hold INTEGER NOT NULL, wish TEXT NOT NULL,
  position REAL NOT NULL, front INTEGER NOT NULL, created_at REAL NOT NULL, started_at REAL, finished_at REAL,
  press TEXT NOT NULL, run_index INTEGER NOT NULL, seed TEXT, differs TEXT NOT NULL,
  prompt_id TEXT, attempts INTEGER NOT NULL, reruns INTEGER NOT NULL,
  error TEXT, note TEXT NOT NULL, output_noun TEXT NOT NULL, keep_temp INTEGER NOT NULL, previews INTEGER NOT NULL,
  rev INTEGER NOT NULL
);
CREATE INDEX jobs_open ON jobs (owner, position) WHERE is_open = 1;
CREATE INDEX jobs_created ON jobs (created_at);
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE is_open = 0;
CREATE INDEX jobs_press ON jobs (press);
CREATE INDEX jobs_rev ON jobs (rev);

CREATE TABLE requests (job_id TEXT PRIMARY KEY REFERENCES jobs (job_id) ON DELETE CASCADE, body BLOB NOT NULL)
  WITHOUT ROWID;

CREATE TABLE attempts (
  prompt_id TEXT PRIMARY KEY,
  job_id TEXT NOT NULL REFERENCES jobs (job_id) ON DELETE CASCADE,
  state TEXT NOT NULL, remote_id TEXT NOT NULL, client_id TEXT NOT NULL, boot INTEGER NOT NULL,
  number REAL, intended_at REAL NOT NULL, sent_at REAL, finished_at REAL
) WITHOUT ROWID;
CREATE INDEX attempts_job ON attempts (job_id);

CREATE TABLE outputs (
  output_id INTEGER PRIMARY KEY,
  job_id TEXT NOT NULL REFERENCES jobs (job_id) ON DELETE CASCADE,
  node_id TEXT NOT NULL, slot TEXT NOT NULL, place INTEGER NOT NULL,
  state TEXT NOT NULL, ordinal INTEGER NOT NULL,
  filename TEXT NOT NULL, subfolder TEXT NOT NULL, type TEXT NOT NULL, text TEXT,
  path TEXT NOT NULL, size INTEGER NOT NULL, sha256 TEXT NOT NULL, reason TEXT NOT NULL,
  UNIQUE (job_id, node_id, slot, place)
);

CREATE TABLE wishes (
  wish_id INTEGER PRIMARY KEY AUTOINCREMENT, owner TEXT NOT NULL, verb TEXT NOT NULL, jobs TEXT NOT NULL,
  asked_at REAL NOT NULL
);

CREATE TABLE uploaded (host_id TEXT NOT NULL, sha256 TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (host_id, sha256))
  WITHOUT ROWID;

CREATE TABLE hosts (
  host_id TEXT PRIMARY KEY, last_number REAL, boot INTEGER NOT NULL DEFAULT 0, witness TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;

CREATE TABLE durations (
  host_id TEXT NOT NULL, workflow TEXT NOT NULL, mean REAL NOT NULL, runs INTEGER NOT NULL,
  PRIMARY KEY (host_id, workflow)
) WITHOUT ROWID;
"""

# The editor's graph of a job, once for all jobs that share it; it goes with the last of them.
_V2 = """
CREATE TABLE editors (sha256 TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
ALTER TABLE requests ADD COLUMN editor TEXT REFERENCES editors (sha256);
CREATE INDEX requests_editor ON requests (editor) WHERE editor IS NOT NULL;
CREATE TRIGGER editors_unused AFTER DELETE ON requests WHEN OLD.editor IS NOT NULL BEGIN
  DELETE FROM editors WHERE sha256 = OLD.editor AND NOT EXISTS (SELECT 1 FROM requests WHERE editor = OLD.editor);
END;
"""

_STEPS = (_V1, _V2)


def version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def migrate(db: sqlite3.Connection) -> None:
    """Bring the file to VERSION, each step in one transaction. Call it under the schema lock."""
    for number in range(version(db), VERSION):
        db.executescript(f"BEGIN IMMEDIATE;\n{_STEPS[number]}\nPRAGMA user_version = {number + 1};\nCOMMIT;")
