"""What reaches the disk in which order, on odd file systems, with planted links, at once and after a crash."""

from __future__ import annotations

import errno
import io
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from comfydesk.base.errors import Problem
from comfydesk.jobs import result_folder, saving
from comfydesk.jobs.downloads import Fetched, fetch, sweep
from comfydesk.jobs.naming import Target
from tests.jobs.samples import picture, png
from tests.jobs.served import FREE, REMOTE, Body, Served, get, names

PNG = png()
OTHER = picture("PNG")
posix = pytest.mark.skipif(os.name == "nt", reason="POSIX only")


# order on disk


class Recorder:
    """Notes what is done to the disk, in order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done: list[str] = []
        recorder = self

        class Noted(io.FileIO):
            def write(self, data: Any, /) -> int:
                recorder.done.append("write")
                return super().write(data)

        monkeypatch.setattr(saving, "FileIO", Noted)
        for name in ("fsync", "link", "replace", "unlink"):
            monkeypatch.setattr(os, name, self._noting(name, getattr(os, name)))

    def _noting(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*args: Any, **kwargs: Any) -> Any:
            what = name
            if name == "fsync":
                what = "fsync folder" if stat.S_ISDIR(os.fstat(args[0]).st_mode) else "fsync file"
            self.done.append(what)
            return call(*args, **kwargs)

        return noted


@posix
def test_bytes_are_durable_before_the_name_and_the_name_before_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(monkeypatch)
    get(tmp_path, Body(PNG, piece=len(PNG)))
    assert recorder.done == ["write", "fsync file", "link", "unlink", "fsync folder", "unlink"]


@posix
def test_a_new_folder_is_made_durable_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder(monkeypatch)
    fetch(Served(Body(PNG)), REMOTE, Target(tmp_path / "a" / "b", "x", ".png", tmp_path), "9", limits=FREE)
    assert recorder.done[:2] == ["fsync folder", "fsync folder"]


# file systems without hard links


def _no_link(*args: Any, **kwargs: Any) -> None:
    raise OSError(errno.EPERM, "no links here")


@posix
@pytest.mark.parametrize("can_rename_exclusively", [True, False])
def test_a_file_system_without_links_overwrites_nothing_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_rename_exclusively: bool
) -> None:
    monkeypatch.setattr(os, "link", _no_link)
    if not can_rename_exclusively:
        monkeypatch.setattr(result_folder, "_exclusive_rename", lambda: None)
    (tmp_path / "140223_551.png").write_bytes(b"mine")
    assert get(tmp_path, Body(PNG)).path.name == "140223_551_2.png"
    assert get(tmp_path, Body(OTHER)).path.name == "140223_551_3.png"
    assert get(tmp_path, Body(PNG)).adopted
    assert (tmp_path / "140223_551.png").read_bytes() == b"mine"
    assert names(tmp_path) == ["140223_551.png", "140223_551_2.png", "140223_551_3.png"]


@posix
def test_a_failed_replace_gives_the_reserved_name_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", _no_link)
    monkeypatch.setattr(result_folder, "_exclusive_rename", lambda: None)

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise OSError(errno.EIO, "broken disk")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(Problem):
        get(tmp_path, Body(PNG))
    assert names(tmp_path) == []


# links that somebody planted


@posix
def test_a_planted_link_under_the_final_name_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.png"
    outside.write_bytes(PNG)
    inside = tmp_path / "in"
    inside.mkdir()
    (inside / "140223_551.png").symlink_to(outside)
    (inside / "140223_551_2.png").symlink_to(tmp_path / "nowhere")
    fetched = get(inside, Body(PNG))
    assert (fetched.path.name, fetched.adopted) == ("140223_551_3.png", False)
    assert not (tmp_path / "nowhere").exists()


@posix
@pytest.mark.parametrize("level", ["SDXL", "SDXL/2026-03-01"])
def test_a_planted_link_in_place_of_a_folder_is_not_followed(tmp_path: Path, level: str) -> None:
    outside = tmp_path / "outside"
    (outside / "2026-03-01").mkdir(parents=True)
    link = tmp_path / "root" / level
    link.parent.mkdir(parents=True)
    link.symlink_to(outside)
    place = Target(tmp_path / "root" / "SDXL" / "2026-03-01", "x", ".png", tmp_path / "root")
    with pytest.raises(Problem) as raised:
        fetch(Served(Body(PNG)), REMOTE, place, "9", limits=FREE)
    assert raised.value.code == "disk_write"
    assert list(outside.rglob("*.png")) == []


@posix
def test_a_root_that_is_a_link_is_the_users_own_choice(tmp_path: Path) -> None:
    (tmp_path / "big disk").mkdir()
    (tmp_path / "root").symlink_to(tmp_path / "big disk")
    place = Target(tmp_path / "root" / "SDXL", "x", ".png", tmp_path / "root")
    fetch(Served(Body(PNG)), REMOTE, place, "9", limits=FREE)
    assert (tmp_path / "big disk" / "SDXL" / "x.png").exists()


def test_the_root_of_a_drive_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    place = Target(tmp_path / "usb" / "SDXL", "x", ".png", tmp_path / "usb", create_root=False)
    with pytest.raises(Problem, match="gone") as raised:
        fetch(Served(Body(PNG)), REMOTE, place, "9", limits=FREE)
    assert raised.value.code == "disk_write"
    assert not (tmp_path / "usb").exists()


def test_a_file_in_place_of_the_folder_is_a_disk_problem(tmp_path: Path) -> None:
    (tmp_path / "SDXL").write_bytes(b"")
    with pytest.raises(Problem) as raised:
        get(tmp_path / "SDXL", Body(PNG))
    assert raised.value.code == "disk_write"


def test_a_folder_outside_its_root_is_refused(tmp_path: Path) -> None:
    place = Target(tmp_path / "root" / ".." / "x", "x", ".png", tmp_path / "root")
    with pytest.raises(Problem):
        fetch(Served(Body(PNG)), REMOTE, place, "9", limits=FREE)


# several at once


def test_many_at_once_with_one_name_all_get_a_place(tmp_path: Path) -> None:
    pictures = [picture("PNG", (8 + i, 8)) for i in range(4)]
    found: list[Fetched] = []
    ready = threading.Barrier(8)

    def work(data: bytes) -> None:
        ready.wait()
        found.append(get(tmp_path, Body(data, piece=50)))

    threads = [threading.Thread(target=work, args=(data,)) for data in pictures * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert sorted(path.read_bytes() for path in tmp_path.iterdir()) == sorted(pictures)
    assert sum(fetched.adopted for fetched in found) == 4


# what a crash leaves


def _old_part(folder: Path, name: str = ".comfydesk-0123456789abcdef.part") -> Path:
    part = folder / name
    part.write_bytes(b"half")
    os.utime(part, (1, 1))
    return part


def test_a_sweep_takes_what_a_crash_left_and_nothing_else(tmp_path: Path) -> None:
    _old_part(tmp_path)
    kept = [
        _old_part(tmp_path, name)
        for name in ("x.part", ".comfydesk-1.part", "mine.png", ".comfydesk-0123456789abcdef.part2")
    ]
    assert sweep(tmp_path) == 1
    assert sorted(tmp_path.iterdir()) == sorted(kept)
    assert sweep(tmp_path / "not there") == 0


def test_a_sweep_leaves_a_download_alone_that_is_going_on(tmp_path: Path) -> None:
    def look(start: int) -> None:
        for age in (time.time(), 1):
            for part in tmp_path.glob(".comfydesk-*"):
                os.utime(part, (age, age))
            assert sweep(tmp_path) == 0

    assert get(tmp_path, Body(PNG, on_piece=look)).path.exists()


@posix
def test_a_sweep_does_not_follow_a_planted_link(tmp_path: Path) -> None:
    (tmp_path / "mine").write_bytes(b"mine")
    (tmp_path / ".comfydesk-0123456789abcdef.part").symlink_to(tmp_path / "mine")
    assert sweep(tmp_path) == 0
    assert (tmp_path / "mine").exists()


@posix
def test_kill_leaves_no_half_file_and_the_next_start_sweeps(tmp_path: Path) -> None:
    script = f"""
import os, signal, sys
from pathlib import Path
from comfydesk.jobs.downloads import Limits, fetch
from comfydesk.jobs.naming import Target
from comfydesk.server.types import RemoteFile
from tests.jobs.served import Body, Served
def die(start):
    if start:
        os.kill(os.getpid(), signal.SIGKILL)
body = Body(bytes(5000), on_piece=die)
fetch(Served(body), RemoteFile("x.txt"), Target(Path({str(tmp_path)!r}), "x", ".txt"), "9", limits=Limits(floor=0))
"""
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True)
    assert done.returncode < 0, done.stderr
    (part,) = tmp_path.iterdir()
    assert part.name.startswith(".comfydesk-")
    assert sweep(tmp_path) == 1, "at once: nobody holds it"
    assert names(tmp_path) == []
