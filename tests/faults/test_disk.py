"""A disk that refuses pauses everything with one banner, and everything goes on by itself when it takes again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from comfydesk.base.errors import Problem
from comfydesk.jobs.model import DiskTrouble, JobState
from tests.jobs.conftest import Demo
from tests.jobs.rig import Rig, graph, until


class FullDisk:
    """In place of `fetch`: raises until there is room again."""

    def __init__(self, rig: Rig, problem: Problem) -> None:
        self._fetcher = rig.queue._fetcher
        self._fetch, self._problem = self._fetcher._fetch, problem
        self._fetcher._fetch = self
        self._fetcher.pause = (0.05, 1.0)
        self.full, self.tries = True, 0

    def __call__(self, *args: Any) -> Any:
        self.tries += 1
        if self.full:
            raise self._problem
        return self._fetch(*args)


@pytest.mark.parametrize("code", ["disk_full", "disk_write"])
def test_fault_28_a_full_disk_pauses_with_one_banner_and_loses_nothing(code: str, rig: Rig, demo: Demo) -> None:
    disk = FullDisk(rig, Problem(code, folder="/pictures", detail="it is read-only"))
    jobs = rig.add(*[graph(seed=n, steps=1) for n in range(40)])
    trouble = rig.wait_for(DiskTrouble)
    assert trouble.folder == "/pictures" and trouble.sentence
    until(lambda: disk.tries > 20)
    assert len(demo.executions()) < 40, "nothing new is sent while results cannot be kept"
    assert len([t for t in rig.seen(DiskTrouble) if t.sentence]) == 1
    disk.full = False
    assert {job.state for job in rig.wait(jobs)} == {JobState.DONE}
    rig.wait_for(DiskTrouble, lambda t: t.sentence == "")
    assert len(demo.executions()) == 40 and len(rig.files()) == 40


def test_a_store_that_cannot_be_written_holds_everything_until_it_can(rig: Rig, demo: Demo) -> None:
    store = rig.queue._store
    save, refusals = store.save, []

    def refuse(changes: Any) -> None:
        if len(refusals) < 2:
            refusals.append(changes)
            raise Problem("disk_full", folder="home")
        save(changes)

    store.save = refuse  # type: ignore[method-assign]
    (job,) = rig.add(graph(seed=1))
    rig.wait_for(DiskTrouble, lambda t: t.sentence != "")
    assert demo.posts() == 0, "nothing is sent before its attempt is on the disk"
    assert rig.wait([job])[0].state is JobState.DONE
    rig.wait_for(DiskTrouble, lambda t: t.sentence == "")
    assert len(demo.executions()) == 1


def test_fault_29_a_result_folder_that_vanished_with_its_drive_is_not_made_anew(rig: Rig, tmp_path: Path) -> None:
    drive = tmp_path / "drive"
    out = drive / "out"
    rig.queue._fetcher.pause = (0.05, 1.0)
    rig.wait(rig.add(graph(seed=1), out_dir=str(out)))
    drive.rename(tmp_path / "unplugged")
    (job,) = rig.add(graph(seed=2), out_dir=str(out))
    rig.wait_for(DiskTrouble, lambda t: t.sentence != "")
    assert not drive.exists()
    (tmp_path / "unplugged").rename(drive)
    assert rig.wait([job])[0].state is JobState.DONE


def test_a_result_folder_that_was_deleted_is_made_anew(rig: Rig, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (first,) = rig.wait(rig.add(graph(seed=1), out_dir=str(out)))
    Path(first.files[0].path).unlink()
    out.rmdir()
    (second,) = rig.wait(rig.add(graph(seed=2), out_dir=str(out)))
    assert second.state is JobState.DONE and Path(second.files[0].path).is_file()


def test_fault_30_a_file_of_the_users_is_never_overwritten(rig: Rig, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "SDXL_0001_3.png").write_bytes(b"mine")
    (job,) = rig.wait(rig.add(graph(seed=3), out_dir=str(out), template="{workflow}_{index:04}_{seed}"))
    assert job.state is JobState.DONE and (out / "SDXL_0001_3.png").read_bytes() == b"mine"
    assert Path(job.files[0].path).name == "SDXL_0001_3_2.png"
