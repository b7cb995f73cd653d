"""What the store remembers of hosts: uploads, signs of a restart, how long jobs take. Blocking, on the db lane."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from comfydesk.jobs import rows
from comfydesk.jobs.store import Store


@dataclass(frozen=True, slots=True)
class HostFacts:
    """`last_number`: of the last answer to a POST; lower later means a restart (S4). `boot`: known starts so far.

    `witness`: the last id that its history was seen to hold; gone later means that its memory is gone.
    """

    last_number: float | None = None
    boot: int = 0
    witness: str = ""


def host_facts(store: Store, host_id: str) -> HostFacts:
    row = store.db.execute("SELECT last_number, boot, witness FROM hosts WHERE host_id = ?", (host_id,)).fetchone()
    return HostFacts(row["last_number"], row["boot"], row["witness"]) if row else HostFacts()


def save_host_facts(store: Store, host_id: str, facts: HostFacts) -> None:
    with store.writing() as db:
        db.execute(
            rows.upsert("hosts", ["host_id", "last_number", "boot", "witness"], "host_id"),
            (host_id, facts.last_number, facts.boot, facts.witness),
        )


def not_uploaded(store: Store, host_id: str, digests: Iterable[str]) -> set[str]:
    """Which of these files (by SHA-256) the host does not have yet, as far as we know."""
    wanted = set(digests)
    for digest in tuple(wanted):
        if store.db.execute("SELECT 1 FROM uploaded WHERE host_id = ? AND sha256 = ?", (host_id, digest)).fetchone():
            wanted.discard(digest)
    return wanted


def save_uploaded(store: Store, host_id: str, digest: str) -> None:
    with store.writing() as db:
        db.execute("INSERT OR REPLACE INTO uploaded VALUES (?, ?, ?)", (host_id, digest, time.time()))


def forget_uploaded(store: Store, host_id: str, digests: Iterable[str]) -> None:
    with store.writing() as db:
        db.executemany("DELETE FROM uploaded WHERE host_id = ? AND sha256 = ?", [(host_id, d) for d in digests])


def durations(store: Store) -> dict[tuple[str, str], tuple[float, int]]:
    """(host, workflow) -> (mean seconds, runs it is made of)."""
    found = store.db.execute("SELECT host_id, workflow, mean, runs FROM durations").fetchall()
    return {(row["host_id"], row["workflow"]): (row["mean"], row["runs"]) for row in found}


def save_durations(store: Store, changed: dict[tuple[str, str], tuple[float, int]]) -> None:
    with store.writing() as db:
        db.executemany(
            "INSERT OR REPLACE INTO durations VALUES (?, ?, ?, ?)",
            [(host, rows.text(workflow), mean, runs) for (host, workflow), (mean, runs) in changed.items()],
        )
