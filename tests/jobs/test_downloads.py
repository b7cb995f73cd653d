"""A file under its final name is whole and verified; a file that was there before is never touched."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from comfydesk.base.errors import Problem
from comfydesk.jobs import downloads, naming, saving
from comfydesk.jobs.downloads import BrokenBodyError, Limits, fetch
from comfydesk.server.types import RemoteFile
from tests.jobs.samples import picture, png, whole_files
from tests.jobs.served import FREE, REMOTE, Body, Served, get, names, target

PNG = png()
OTHER = picture("PNG")
posix = pytest.mark.skipif(os.name == "nt", reason="POSIX only")


def test_a_file_arrives_whole_under_its_name(tmp_path: Path) -> None:
    fetched = get(tmp_path / "SDXL" / "2026-03-01", Body(PNG))
    assert fetched.path == tmp_path / "SDXL" / "2026-03-01" / "140223_551.png"
    assert fetched.path.read_bytes() == PNG
    assert (fetched.size, fetched.sha256) == (len(PNG), hashlib.sha256(PNG).hexdigest())
    assert (fetched.content_type, fetched.adopted, fetched.kind) == ("image/png", False, "picture")
    assert names(fetched.path.parent) == ["140223_551.png"]


def test_the_server_gets_its_own_words_back_and_they_never_become_a_path(tmp_path: Path) -> None:
    client = Served(Body(PNG))
    fetch(client, REMOTE, target(tmp_path / "in"), "9", limits=FREE)
    assert client.asked == [REMOTE]
    assert [path.name for path in tmp_path.rglob("*")] == ["in", "140223_551.png"]


@posix
def test_the_file_may_be_read_by_all_and_run_by_nobody(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        fetched = get(tmp_path, Body(PNG))
    finally:
        os.umask(old)
    assert stat.S_IMODE(fetched.path.stat().st_mode) == 0o644


def test_a_name_that_is_taken_gets_a_number_and_the_other_file_stays(tmp_path: Path) -> None:
    (tmp_path / "140223_551.png").write_bytes(b"mine")
    (tmp_path / "140223_551_2.png").write_bytes(b"mine too")
    fetched = get(tmp_path, Body(PNG))
    assert fetched.path.name == "140223_551_3.png"
    assert (tmp_path / "140223_551.png").read_bytes() == b"mine"
    assert (tmp_path / "140223_551_2.png").read_bytes() == b"mine too"


def test_the_same_bytes_are_adopted(tmp_path: Path) -> None:
    first = get(tmp_path, Body(PNG))
    second = get(tmp_path, Body(PNG))
    assert (second.path, second.adopted) == (first.path, True)
    assert names(tmp_path) == ["140223_551.png"]


def test_a_type_that_could_run_is_kept_under_a_harmless_name(tmp_path: Path) -> None:
    facts = naming.NameFacts("w", datetime(2026, 3, 1), 1)
    place = naming.target(tmp_path, facts, "{seed}", "x.png.html", flat=True)
    fetched = fetch(Served(Body(b"<html>", content_type="text/html")), RemoteFile("x.html"), place, "9", limits=FREE)
    assert (fetched.path.name, fetched.kind) == ("1.html.untrusted", "file")


@pytest.mark.parametrize("name", sorted(whole_files()))
def test_a_file_without_a_length_is_taken_if_its_format_says_it_is_whole(tmp_path: Path, name: str) -> None:
    data = whole_files()[name]
    fetched = get(tmp_path, Body(data, None, "application/octet-stream"), ext=Path(name).suffix)
    assert fetched.path.read_bytes() == data


@pytest.mark.parametrize("name", sorted(whole_files()))
@pytest.mark.parametrize("part", [0, 0.3, 0.9])
def test_a_cut_file_without_a_length_is_refused(tmp_path: Path, name: str, part: float) -> None:
    data = whole_files()[name]
    with pytest.raises(BrokenBodyError):
        get(tmp_path, Body(data[: int(len(data) * part)], None, "application/octet-stream"), ext=Path(name).suffix)
    assert names(tmp_path) == []


def test_a_format_without_an_end_mark_needs_a_length(tmp_path: Path) -> None:
    with pytest.raises(BrokenBodyError, match="how long"):
        get(tmp_path, Body(b"a text", None, "text/plain"), ext=".txt")
    assert get(tmp_path, Body(b"a text", content_type="text/plain"), ext=".txt").kind == "text"
    assert get(tmp_path, Body(b"", content_type="text/plain"), ext=".txt").size == 0


@pytest.mark.parametrize("length", [len(PNG) + 1, len(PNG) - 1, 0, 10**9])
def test_a_wrong_length_is_refused(tmp_path: Path, length: int) -> None:
    with pytest.raises(BrokenBodyError):
        get(tmp_path, Body(PNG, length))
    assert names(tmp_path) == []


def test_a_damaged_byte_is_noticed(tmp_path: Path) -> None:
    data = bytearray(OTHER)
    data[len(data) // 2] ^= 1
    with pytest.raises(BrokenBodyError):
        get(tmp_path, Body(bytes(data)))


@pytest.mark.parametrize(
    "body",
    [
        Body(b"<!DOCTYPE html><html>Log in</html>", content_type="text/html"),
        Body(b"<!DOCTYPE html><html>Log in</html>", content_type="image/png"),
        Body(b'{"error": "x"}', content_type="application/json"),
        Body(PNG, content_type="text/html; charset=utf-8"),
        Body(b""),
    ],
)
def test_something_else_than_a_picture_is_refused(tmp_path: Path, body: Body) -> None:
    with pytest.raises(BrokenBodyError):
        get(tmp_path, body)
    assert names(tmp_path) == []


def test_a_node_that_writes_webp_under_png_loses_nothing(tmp_path: Path) -> None:
    assert get(tmp_path, Body(picture("WEBP"))).kind == "picture"


def test_a_text_that_begins_like_a_bitmap_is_a_text(tmp_path: Path) -> None:
    assert get(tmp_path, Body(b"BMW, a red car in the snow, golden hour, 50 mm"), ext=".txt").size > 0


def test_a_file_over_the_cap_is_cut_off_with_or_without_a_length(tmp_path: Path) -> None:
    small = Limits(cap=5_000, floor=0)
    asked: list[int] = []
    for body in (Body(bytes(10**6), on_piece=asked.append), Body(bytes(10**6), None, on_piece=asked.append)):
        with pytest.raises(Problem) as raised:
            get(tmp_path, body, limits=small)
        assert raised.value.code == "too_large"
    assert max(asked) <= 5_000
    assert names(tmp_path) == []


@pytest.mark.parametrize("fault", [Problem("reset", address="gpu"), KeyboardInterrupt(), ValueError("odd")])
def test_whatever_happens_on_the_way_no_part_is_left(tmp_path: Path, fault: Any) -> None:
    with pytest.raises(type(fault)):
        get(tmp_path, Body(PNG, cut=40, fault=fault, piece=20))
    assert names(tmp_path) == []


def test_what_the_client_says_is_passed_on(tmp_path: Path) -> None:
    with pytest.raises(Problem) as raised:
        get(tmp_path, Problem("output_missing", file="x", detail="404"))
    assert not isinstance(raised.value, BrokenBodyError)


def test_a_part_that_was_deleted_on_the_way_is_a_disk_problem(tmp_path: Path) -> None:
    def delete(start: int) -> None:
        for part in tmp_path.glob(".comfydesk-*"):
            part.unlink()

    with pytest.raises(Problem, match="removed by another program") as raised:
        get(tmp_path, Body(PNG, on_piece=delete, piece=20))
    assert raised.value.code == "disk_write"


class FullDisk(io.FileIO):
    code = errno.ENOSPC

    def write(self, data: Any, /) -> int:
        raise OSError(self.code, os.strerror(self.code))


@pytest.mark.parametrize(
    ("code", "expected"),
    [(errno.ENOSPC, "disk_full"), (errno.EDQUOT, "disk_full"), (errno.EROFS, "disk_write"), (errno.EIO, "disk_write")],
)
def test_a_disk_that_refuses_is_named_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, expected: str
) -> None:
    monkeypatch.setattr(FullDisk, "code", code)
    monkeypatch.setattr(saving, "FileIO", FullDisk)
    with pytest.raises(Problem) as raised:
        get(tmp_path, Body(PNG))
    assert raised.value.code == expected
    assert str(tmp_path) in raised.value.message
    assert names(tmp_path) == []


def test_a_write_that_takes_only_a_part_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(io.FileIO):
        def write(self, data: Any, /) -> int:
            return super().write(data[:7])

    monkeypatch.setattr(saving, "FileIO", Slow)
    assert get(tmp_path, Body(OTHER)).path.read_bytes() == OTHER


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="tmpfs is of Linux")
def test_a_really_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", tmp_path], capture_output=True)
    if done.returncode:
        pytest.skip("mounting needs rights that are not here")
    try:
        big = bytes(200_000)
        with pytest.raises(Problem) as raised:
            get(tmp_path, Body(big, None), ext=".txt")
        assert raised.value.code == "disk_full"
        assert names(tmp_path) == []
        assert get(tmp_path, Body(PNG)).path.exists()
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_the_last_gigabyte_of_a_disk_stays_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = SimpleNamespace(total=10**12, free=(1 << 30) + 50)
    monkeypatch.setattr(saving.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(Problem) as raised:
        get(tmp_path, Body(PNG), limits=Limits())
    assert raised.value.code == "disk_full"
    assert names(tmp_path) == []


def test_the_free_space_is_looked_at_again_in_long_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = iter([10**10, 0])
    monkeypatch.setattr(saving.shutil, "disk_usage", lambda path: SimpleNamespace(total=10**12, free=next(looks)))
    monkeypatch.setattr(saving, "LOOK_EVERY", 2_000)
    with pytest.raises(Problem) as raised:
        get(tmp_path, Body(bytes(10_000), None), ext=".txt", limits=Limits())
    assert raised.value.code == "disk_full"


# copies


def test_a_copy_overwrites_nothing(tmp_path: Path) -> None:
    source = get(tmp_path / "a", Body(PNG)).path
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / source.name).write_bytes(b"mine")
    copied = downloads.copy_into(source, tmp_path / "b")
    assert (copied.name, copied.read_bytes()) == ("140223_551_2.png", PNG)
    assert downloads.copy_into(source, tmp_path / "b") == copied
    assert downloads.copy_into(source, source.parent) == source
    with pytest.raises(Problem) as raised:
        downloads.copy_into(tmp_path / "not there.png", tmp_path)
    assert raised.value.code == "file_missing"
