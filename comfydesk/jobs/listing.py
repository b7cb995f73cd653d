"""What the store tells about many jobs at once: pages, counts, what others changed. Blocking, on the db lane."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from comfydesk.jobs.model import Job
from comfydesk.jobs.store import Store


@dataclass(frozen=True, slots=True)
class Counts:
    """Over all owners. `open`: (host, workflow) -> jobs waiting or running there."""

    running: int
    waiting: int
    done_today: int
    failed_today: int
    open: dict[tuple[str, str], int]


def page(store: Store, limit: int, since: float | None, before: float | None) -> list[Job]:
    """All open jobs and up to `limit` others made in that time, newest first."""
    span = "is_open = 0 AND created_at >= ? AND created_at < ?"
    closed = store.records(
        f"seq IN (SELECT seq FROM jobs WHERE {span} ORDER BY created_at DESC, seq DESC LIMIT ?)",  # noqa: S608
        (since if since is not None else 0.0, before if before is not None else float("inf"), limit),
        "created_at DESC, seq DESC",
    )
    opened = store.records("is_open = 1", (), "created_at DESC, seq DESC") if before is None else []
    return [record.as_job() for record in (*opened, *closed)]


def of_press(store: Store, press: str) -> list[str]:
    found = store.db.execute("SELECT job_id FROM jobs WHERE press = ? AND is_open = 1", (press,)).fetchall()
    return [row[0] for row in found]


def counts(store: Store) -> Counts:
    midnight = datetime.now().replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    open_by: dict[tuple[str, str], int] = {}
    running = waiting = 0
    for row in store.db.execute(
        "SELECT state, host_id, workflow, COUNT(*) AS n FROM jobs WHERE is_open = 1 GROUP BY state, host_id, workflow"
    ):
        if row["state"] == "waiting":
            waiting += row["n"]
        else:
            running += row["n"]
        if row["state"] in ("waiting", "running"):
            place = (row["host_id"], row["workflow"])
            open_by[place] = open_by.get(place, 0) + row["n"]
    today = dict(
        store.db.execute(
            "SELECT state, COUNT(*) FROM jobs WHERE is_open = 0 AND finished_at >= ? GROUP BY state", (midnight,)
        ).fetchall()
    )
    return Counts(
        running=running,
        waiting=waiting,
        done_today=today.get("done", 0) + today.get("partial", 0),
        failed_today=today.get("failed", 0) + today.get("lost", 0),
        open=open_by,
    )


def changed_by_others(store: Store, owner: str, rev: int) -> tuple[int, list[Job]]:
    """The jobs of other owners that changed after `rev`, and the newest rev."""
    newest = int(store.meta("rev", "0"))
    if newest == rev:
        return rev, []
    found = store.records("rev > ? AND rev <= ? AND owner != ?", (rev, newest, owner))
    return newest, [record.as_job() for record in found]


def edges(store: Store) -> tuple[float, float]:
    """The lowest and the highest position of open jobs, over all owners."""
    row = store.db.execute("SELECT MIN(position), MAX(position) FROM jobs WHERE is_open = 1").fetchone()
    return (row[0] or 0.0, row[1] or 0.0)


def forget_before(store: Store, when: float) -> int:
    """Drop the wishes nobody answered any more. Returns how many."""
    with store.writing() as db:
        return db.execute("DELETE FROM wishes WHERE asked_at < ?", (when,)).rowcount
