"""Who acts on which job: each process is an owner, held by a lock file for its life. Blocking, on the db lane."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comfydesk.base.paths import Home
from comfydesk.jobs.model import OwnerKind
from comfydesk.jobs.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from filelock import BaseFileLock


# A second end without a goodbye within this time may be the work's own doing: then it waits for a person.
AGAIN_WITHIN = 600.0


@dataclass(frozen=True, slots=True)
class Crash:
    """What a window left that ended without saying so: open jobs, and whether that happened twice in ten minutes."""

    jobs: int = 0
    again: bool = False


def _lock(home: Home, owner: str) -> BaseFileLock:
    from filelock import FileLock

    return FileLock(home.owners / f"{owner}.lock", blocking=False, thread_local=False)


class Owner:
    """This process as an owner. The system lets the lock go however the process ends."""

    def __init__(self, home: Home, kind: OwnerKind) -> None:
        self.home = home
        self.kind = kind
        self.id = uuid.uuid4().hex
        self._held = _lock(home, self.id)

    def begin(self, store: Store) -> None:
        """Take the lock first, then say so in the store: an owner in the store without a lock is a dead one."""
        self._held.acquire()
        with store.writing() as db:
            db.execute(
                "INSERT INTO owners (owner, kind, pid, started_at) VALUES (?, ?, ?, ?)",
                (self.id, self.kind.value, os.getpid(), time.time()),
            )

    def end(self, store: Store) -> None:
        """Say that this was a clean end and let go. An owner of no open job leaves nothing behind."""
        with store.writing() as db:
            db.execute("UPDATE owners SET ended_at = ? WHERE owner = ?", (time.time(), self.id))
        self.let_go()

    def let_go(self) -> None:
        self._held.release()
        (self.home.owners / f"{self.id}.lock").unlink(missing_ok=True)


def others_alive(home: Home, me: str) -> bool:
    """Whether any other process may be at work on this home (cheap: a look at the folder)."""
    try:
        with os.scandir(home.owners) as found:
            return any(entry.name.endswith(".lock") and entry.name != f"{me}.lock" for entry in found)
    except FileNotFoundError:
        return False


def is_alive(home: Home, owner: str) -> bool:
    """Whether the process that is this owner still lives."""
    from filelock import Timeout

    if not (home.owners / f"{owner}.lock").exists():
        return False
    lock = _lock(home, owner)
    try:
        lock.acquire()
    except Timeout:
        return True
    lock.release()
    return False


@contextmanager
def _held_dead(home: Home, owners: Iterable[str]) -> Iterator[list[str]]:
    """Those of `owners` that are dead, each held so that nobody else adopts from it meanwhile."""
    from filelock import Timeout

    held: list[tuple[str, BaseFileLock]] = []
    for owner in owners:
        lock = _lock(home, owner)
        try:
            lock.acquire()
        except Timeout:
            continue
        held.append((owner, lock))
    try:
        yield [owner for owner, _ in held]
    finally:
        for owner, lock in held:
            lock.release()
            (home.owners / f"{owner}.lock").unlink(missing_ok=True)


def _owners_with_work(store: Store, me: str, kinds: Iterable[OwnerKind]) -> list[str]:
    wanted = [kind.value for kind in kinds]
    marks = ", ".join("?" * len(wanted))
    found = store.db.execute(
        f"SELECT DISTINCT j.owner FROM jobs j JOIN owners o ON o.owner = j.owner "  # noqa: S608
        f"WHERE j.is_open = 1 AND j.owner != ? AND o.kind IN ({marks})",
        (me, *wanted),
    )
    return [row[0] for row in found.fetchall()]


def dead_owners(store: Store, me: str, kinds: Iterable[OwnerKind]) -> list[str]:
    """Owners of these kinds that ended and left open jobs."""
    return [owner for owner in _owners_with_work(store, me, kinds) if not is_alive(store.home, owner)]


def note_crash(store: Store, me: str) -> Crash:
    """What a window that died left open, before it is adopted; and remember when that was."""
    dead = dead_owners(store, me, [OwnerKind.WINDOW])
    marks = ", ".join("?" * len(dead))
    jobs = store.db.execute(
        "SELECT COUNT(*) FROM jobs j JOIN owners o ON o.owner = j.owner "  # noqa: S608
        f"WHERE j.is_open = 1 AND o.ended_at IS NULL AND j.owner IN ({marks})",
        dead,
    ).fetchone()[0]
    if not jobs:
        return Crash()
    now, last = time.time(), float(store.meta("crashed_at", "0"))
    store.set_meta("crashed_at", repr(now))
    return Crash(int(jobs), again=0 <= now - last < AGAIN_WITHIN)


def adopt_all(store: Store, me: str, kinds: Iterable[OwnerKind]) -> int:
    """Take over every open job of dead owners of these kinds. Returns how many jobs that were."""
    with _held_dead(store.home, _owners_with_work(store, me, kinds)) as dead, store.writing() as db:
        taken = 0
        for owner in dead:
            taken += db.execute("UPDATE jobs SET owner = ? WHERE owner = ? AND is_open = 1", (me, owner)).rowcount
        return taken


def adopt(store: Store, me: str, job_ids: Iterable[str]) -> list[str]:
    """Take over these jobs where their owners are dead. Returns which those were."""
    wanted = list(job_ids)
    owners: dict[str, list[str]] = {}
    for job_id in wanted:
        row = store.db.execute("SELECT owner FROM jobs WHERE job_id = ?", (job_id,)).fetchone()
        if row is not None and row[0] != me:
            owners.setdefault(row[0], []).append(job_id)
    taken: list[str] = []
    with _held_dead(store.home, owners) as dead, store.writing() as db:
        rev = db.execute("UPDATE meta SET value = value + 1 WHERE key = 'rev' RETURNING value").fetchone()[0]
        for owner in dead:
            for job_id in owners[owner]:
                db.execute("UPDATE jobs SET owner = ?, rev = ? WHERE job_id = ?", (me, int(rev), job_id))
                taken.append(job_id)
    return taken


def sweep(store: Store, me: str) -> None:
    """Forget owners that are dead and own nothing open."""
    known = [row[0] for row in store.db.execute("SELECT owner FROM owners WHERE owner != ?", (me,)).fetchall()]
    with _held_dead(store.home, known) as dead, store.writing() as db:
        for owner in dead:
            left = db.execute("SELECT 1 FROM jobs WHERE owner = ? AND is_open = 1", (owner,)).fetchone()
            if left is None:
                db.execute("DELETE FROM owners WHERE owner = ?", (owner,))
            db.execute("DELETE FROM wishes WHERE owner = ?", (owner,))
