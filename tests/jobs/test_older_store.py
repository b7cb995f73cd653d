"""A home of an older ComfyDesk opens: its jobs and what they were asked to do are all there."""

from __future__ import annotations

import json
import sqlite3
import zlib
from contextlib import closing

import pytest

from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.jobs import rows, schema
from comfydesk.jobs.model import EditorGraph, JobRequest, JobState, OwnerKind
from comfydesk.jobs.record import JobRecord
from comfydesk.jobs.store import Store

from .rig import graph

SEED = 2**64 - 1
# What version 1 wrote of a request: every field it knew, and one that nobody knows any more.
BODY = {
    "workflow": "SDXL",
    "prompt": graph(seed=SEED),
    "host_id": "demo",
    "seed": SEED,
    "differs": "",
    "index": 0,
    "press": "p",
    "out_dir": None,
    "template": "{time}_{seed}",
    "keep_temp": False,
    "previews": True,
    "inputs": [{"sha256": "ab" * 32, "name": "comfydesk/abab.png", "path": "/home/inputs/ab.png"}],
    "titles": {"3": "KSampler"},
    "params": {"Seed": SEED},
    "front": False,
    "output_noun": "picture",
    "gone": 1,
}


def job(job_id: str) -> JobRecord:
    return JobRecord(job_id, "me", OwnerKind.WINDOW, "demo", "SDXL", position=1.0, created_at=5.0, seed=SEED)


@pytest.fixture
def old(home: Home) -> Home:
    """A home with two jobs, as version 1 left it."""
    home.make()
    with closing(sqlite3.connect(home.jobs_db, isolation_level=None)) as db:
        db.executescript(f"BEGIN;{schema._STEPS[0]} PRAGMA user_version = 1; COMMIT;")
        for name in ("a", "b"):
            db.execute(rows.upsert("jobs", [*rows.JOB_COLUMNS, "rev"], "job_id"), (*rows.job_row(job(name)), 1))
            db.execute("INSERT INTO requests VALUES (?, ?)", (name, zlib.compress(json.dumps(BODY).encode())))
    return home


def test_jobs_of_version_1_are_there_with_all_they_were_asked(old: Home) -> None:
    store = Store(old)
    store.open()
    try:
        assert [found.job_id for found in store.records("is_open = 1")] == ["a", "b"]
        found, request = store.record("a"), store.request("a")
        assert found is not None and found.state is JobState.WAITING and found.seed == SEED
        assert request.prompt == BODY["prompt"] and request.params == {"Seed": SEED}
        assert request.inputs[0].name == "comfydesk/abab.png"
        assert (request.editor, request.targets) == (None, ())
        editor = EditorGraph.of({"nodes": []}, {})
        store.add([(job("c"), JobRequest("SDXL", graph(), "demo", editor=editor))])
        assert store.request("c").editor == editor
    finally:
        store.close()


def test_the_older_file_is_kept_beside(old: Home) -> None:
    store = Store(old)
    store.open()
    store.close()
    with closing(sqlite3.connect(old.jobs_db.with_name("jobs.v1.db"))) as db:
        assert schema.version(db) == 1
        assert db.execute("SELECT count(*) FROM requests").fetchone() == (2,)


def test_a_migration_that_breaks_off_leaves_the_older_file_whole(old: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = (schema._STEPS[0], f"{schema._STEPS[1]}\nINSERT INTO nowhere VALUES (1);")
    with monkeypatch.context() as patch:
        patch.setattr(schema, "_STEPS", steps)
        with pytest.raises(Problem):
            Store(old).open()
    with closing(sqlite3.connect(old.jobs_db)) as db:
        assert schema.version(db) == 1
        assert "editors" not in {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
    store = Store(old)
    store.open()
    assert len(store.records("1")) == 2
    store.close()


def test_the_copy_of_an_older_file_may_be_there_from_an_attempt_before(old: Home) -> None:
    for name in ("jobs.v1.db", "jobs.v1.db.part"):
        old.jobs_db.with_name(name).write_bytes(b"half a copy")
    store = Store(old)
    store.open()
    assert len(store.records("1")) == 2
    store.close()
