"""The job store: what is committed is there again, whatever happens to the process or the file."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.jobs import events as ev
from comfydesk.jobs import facts, listing, owners, schema
from comfydesk.jobs.model import InputFile, JobError, JobRequest, JobState, OwnerKind
from comfydesk.jobs.record import JobRecord, Output, OutputState
from comfydesk.jobs.states import apply
from comfydesk.jobs.store import Store, Written
from comfydesk.server.types import RemoteFile

from .rig import graph

REQUEST = JobRequest(
    workflow="SDXL",
    prompt=graph(seed=2**64 - 1),
    host_id="demo",
    seed=2**64 - 1,
    inputs=(InputFile("ab" * 32, "comfydesk/abab.png", "/home/inputs/ab.png"),),
    titles={"3": "KSampler"},
    params={"Prompt": "a fox \ud800", "Seed": 2**64 - 1},
)


def record(job_id: str = "j1", owner: str = "me", **fields: object) -> JobRecord:
    made = JobRecord(job_id, owner, OwnerKind.WINDOW, "demo", "SDXL", position=1.0, created_at=5.0, seed=2**64 - 1)
    return replace(made, **fields)  # type: ignore[arg-type]


@pytest.fixture
def store(home: Home) -> Store:
    made = Store(home)
    made.open()
    yield made  # type: ignore[misc]
    made.close()


def test_a_job_comes_back_as_it_was_committed(store: Store) -> None:
    new = record()
    store.add([(new, REQUEST)])
    assert store.record("j1") == new
    assert store.request("j1").prompt == REQUEST.prompt and store.request("j1").inputs == REQUEST.inputs
    job = new
    for event in (
        ev.Intended("p1", "c", 2, 1.0),
        ev.Accepted("p1", 2.0, "p1", 7),
        ev.Seen("p1", 3.0),
        ev.Named("p1", (ev.NamedOutput(11, "9", "images", 0, RemoteFile("a\ud800.png", "s", "output")),), 4.0),
        ev.Finished("p1", (), 5.0, error=JobError("node_failed", "m", "n", "3", "KSampler", details="d")),
        ev.Saved(11, "/x/a.png", 2**40, "cd" * 32, 6.0),
    ):
        changes = apply(job, event)
        store.save([Written(job, changes.job, (changes.closed,) if changes.closed else ())])
        job = changes.job
    found = store.record("j1")
    assert found is not None
    (output,) = found.outputs
    assert output.remote.filename == "a?.png", "a broken letter of a server's name is no reason to lose a job"
    assert replace(found, outputs=()) == replace(job, outputs=())
    assert output.size == 2**40 and output.state is OutputState.SAVED


def test_an_attempt_that_was_given_up_stays_in_the_books(store: Store) -> None:
    job = record(owner_kind=OwnerKind.RUN)
    store.add([(job, REQUEST)])
    for event in (ev.Intended("p1", "c", 0, 1.0), ev.Accepted("p1", 2.0), ev.Absent("p1", True, 3.0)):
        changes = apply(job, event)
        store.save([Written(job, changes.job, (changes.closed,) if changes.closed else ())])
        job = changes.job
    found = store.db.execute("SELECT prompt_id, state FROM attempts").fetchall()
    assert [tuple(row) for row in found] == [("p1", "vanished")]
    again = store.record("j1")
    assert again is not None and again.is_local and again.reruns == 1


def test_a_page_has_all_open_jobs_and_the_newest_others(store: Store) -> None:
    jobs = [record(f"j{n}", created_at=float(n), position=float(n)) for n in range(10)]
    store.add([(job, REQUEST) for job in jobs])
    ended = [apply(job, ev.CancelAsked(20.0)).job for job in jobs[:8]]
    store.save([Written(old, new) for old, new in zip(jobs, ended, strict=False)])
    assert [job.job_id for job in listing.page(store, 3, None, None)] == ["j9", "j8", "j7", "j6", "j5"]
    assert [job.job_id for job in listing.page(store, 3, None, 5.0)] == ["j4", "j3", "j2"]
    assert [job.job_id for job in listing.page(store, 9, 6.0, None)] == ["j9", "j8", "j7", "j6"]


def test_what_others_changed_is_told_once(store: Store, home: Home) -> None:
    other = Store(home)
    other.open()
    try:
        before = store.data_version()
        other.add([(record("theirs", owner="them"), REQUEST)])
        assert store.data_version() != before
        rev, jobs = listing.changed_by_others(store, "me", 0)
        assert [job.job_id for job in jobs] == ["theirs"]
        assert listing.changed_by_others(store, "me", rev) == (rev, [])
        assert listing.changed_by_others(store, "them", 0)[1] == []
    finally:
        other.close()


def test_a_wish_is_answered_once(store: Store) -> None:
    store.ask("me", "cancel", ["a", "b"])
    store.ask("them", "pause", [])
    assert store.take_wishes("me") == [("cancel", ["a", "b"])]
    assert store.take_wishes("me") == []


def test_a_damaged_file_is_set_aside_and_said(home: Home) -> None:
    home.make()
    home.jobs_db.write_bytes(b"this is no database, but it is long enough to be taken for one" * 100)
    store = Store(home)
    store.open()
    assert store.trouble is not None and store.trouble.code == "store_broken"
    assert [path.name for path in home.root.glob("jobs.db.corrupt-*")]
    store.add([(record(), REQUEST)])
    store.close()


def test_a_newer_store_is_refused_and_left_alone(home: Home) -> None:
    store = Store(home)
    store.open()
    store.db.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    store.close()
    with pytest.raises(Problem) as refused:
        Store(home).open()
    assert refused.value.code == "store_newer"


def test_fault_37_two_writers_never_see_a_lock(home: Home) -> None:
    stores = [Store(home), Store(home)]
    problems: list[BaseException] = []

    def write(number: int) -> None:
        try:
            stores[number].open()
            for n in range(60):
                stores[number].add([(record(f"{number}-{n}", owner=str(number)), REQUEST)])
        except BaseException as exc:
            problems.append(exc)
        finally:
            stores[number].close()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    db = sqlite3.connect(home.jobs_db)
    assert db.execute("SELECT COUNT(*), COUNT(DISTINCT rev) FROM jobs").fetchone() == (120, 120)
    db.close()


def test_a_dead_owner_is_adopted_by_one_and_a_living_one_by_none(store: Store, home: Home) -> None:
    living, dead = owners.Owner(home, OwnerKind.WINDOW), owners.Owner(home, OwnerKind.WINDOW)
    for owner in (living, dead):
        owner.begin(store)
        store.add([(record(f"of {owner.id}", owner=owner.id), REQUEST)])
    dead.let_go()
    assert owners.is_alive(home, living.id) and not owners.is_alive(home, dead.id)
    assert owners.dead_owners(store, "me", [OwnerKind.WINDOW]) == [dead.id]
    assert owners.adopt_all(store, "me", [OwnerKind.RUN]) == 0
    assert owners.adopt_all(store, "me", [OwnerKind.WINDOW]) == 1
    assert owners.adopt_all(store, "you", [OwnerKind.WINDOW]) == 0
    assert owners.adopt(store, "you", [f"of {living.id}"]) == []
    owners.sweep(store, "me")
    assert {row[0] for row in store.db.execute("SELECT owner FROM owners")} == {living.id}
    assert {path.stem for path in home.owners.glob("*.lock")} == {living.id}
    living.end(store)
    assert not owners.others_alive(home, "me")


def test_a_window_that_ended_without_saying_so_is_noticed_and_the_second_in_ten_minutes_too(
    store: Store, home: Home
) -> None:
    clean = owners.Owner(home, OwnerKind.WINDOW)
    clean.begin(store)
    store.add([(record("kept", owner=clean.id), REQUEST)])
    clean.end(store)
    assert owners.note_crash(store, "me") == owners.Crash()
    for again in (False, True):
        crashed = owners.Owner(home, OwnerKind.WINDOW)
        crashed.begin(store)
        assert owners.adopt_all(store, crashed.id, [OwnerKind.WINDOW]) == 1
        crashed.let_go()
        assert owners.note_crash(store, "me") == owners.Crash(1, again)


def test_facts_about_hosts_are_kept(store: Store, tmp_path: Path) -> None:
    assert facts.host_facts(store, "demo") == facts.HostFacts()
    facts.save_host_facts(store, "demo", facts.HostFacts(12.0, 3, "w"))
    assert facts.host_facts(store, "demo") == facts.HostFacts(12.0, 3, "w")
    assert facts.not_uploaded(store, "demo", ["a", "b"]) == {"a", "b"}
    facts.save_uploaded(store, "demo", "a")
    assert facts.not_uploaded(store, "demo", ["a", "b"]) == {"b"}
    facts.forget_uploaded(store, "demo", ["a"])
    assert facts.not_uploaded(store, "demo", ["a"]) == {"a"}
    facts.save_durations(store, {("demo", "SDXL"): (3.5, 2)})
    assert facts.durations(store) == {("demo", "SDXL"): (3.5, 2)}


def test_a_long_list_of_jobs_is_read_with_its_outputs(store: Store) -> None:
    jobs = []
    for n in range(1200):
        output = Output(n, "9", "images", 0, OutputState.SAVED, 1, RemoteFile(f"{n}.png"), path=f"/x/{n}.png")
        jobs.append(record(f"j{n}", outputs=(output,), position=float(n), state=JobState.DONE))
    store.add([(job, REQUEST) for job in jobs])
    store.save([Written(None, job) for job in jobs])
    found = listing.page(store, 2000, None, None)
    assert len(found) == 1200 and all(len(job.files) == 1 for job in found)
