"""Putting bytes on disk as a whole file that overwrites nothing: part, check, fsync, publish, fsync of the folder."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import logging
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import BinaryIO

from comfydesk.base.errors import Problem
from comfydesk.jobs import media_kinds
from comfydesk.jobs.naming import Target
from comfydesk.jobs.result_folder import ResultFolder, numbered

log = logging.getLogger(__name__)

LOOK_EVERY = 64 << 20  # bytes after which the free space is looked at again


@dataclass(frozen=True, slots=True)
class Saved:
    """A file that is durably on disk. `adopted`: the very same bytes lay there under that name already."""

    path: Path
    size: int
    sha256: str
    adopted: bool
    kind: str  # picture | animation | video | sound | model | latent | text | file


def open_folder(target: Target) -> ResultFolder:
    """The target's folder, made if need be. Raises Problem("disk_write")."""
    with disk_problems(target.folder):
        return ResultFolder.open(target.folder, target.root, create_root=target.create_root)


def save(
    folder: ResultFolder,
    target: Target,
    chunks: Iterable[bytes],
    check: Callable[[BinaryIO, int], None],
    *,
    expected: int = 0,
    floor: int = 0,
) -> Saved:
    """Write `chunks` to the target. `check(file, size)` raises if they are not what they should be.

    `expected`: bytes that will come, if known; `floor`: bytes that stay free on the disk. Whatever is raised, by chunks
    and check too, no part is left behind. Raises Problem: `disk_full`, `disk_write`.
    """
    check_room(folder.path, expected, floor)
    with disk_problems(folder.path):
        part, fd = folder.create_part()
    with contextlib.ExitStack() as cleanup:
        cleanup.callback(_discard, folder, part)  # runs last: the name goes after the descriptor
        file = cleanup.enter_context(FileIO(fd, "r+"))  # unbuffered: a full disk shows at once, not at close
        digest, size = _write(chunks, file, folder.path, expected, floor)
        with disk_problems(folder.path):
            with os.fdopen(os.dup(file.fileno()), "rb") as reader:
                check(reader, size)
                kind = media_kinds.kind_of_open(reader, target.stem + target.ext)
            os.fsync(file.fileno())
            name, adopted = _publish(folder, part, target, digest, size, file.close)
            folder.sync()
    return Saved(target.folder / name, size, digest, adopted, kind)


def _write(chunks: Iterable[bytes], file: FileIO, folder: Path, expected: int, floor: int) -> tuple[str, int]:
    digest, size, looked = hashlib.sha256(), 0, 0
    for chunk in chunks:
        size += len(chunk)
        digest.update(chunk)
        with disk_problems(folder):
            view = memoryview(chunk)
            while view:
                view = view[file.write(view) or 0 :]
        if size - looked >= LOOK_EVERY:
            looked = size
            check_room(folder, max(0, expected - size), floor)
    return digest.hexdigest(), size


def _publish(
    folder: ResultFolder, part: str, target: Target, digest: str, size: int, release: Callable[[], None]
) -> tuple[str, bool]:
    """The name that the part got, or the file of the same bytes that lay there; a file of the user is never touched."""
    for name in numbered(target.stem, target.ext):
        if _holds(folder, name, digest, size):
            return name, True
        try:
            folder.publish(part, name, release)
        except FileExistsError:
            if _holds(folder, name, digest, size):  # another process was faster with the same file
                return name, True
            continue
        except FileNotFoundError as exc:
            detail = "the file in the making was removed by another program"
            raise Problem("disk_write", folder=folder.path, detail=detail) from exc
        return name, False
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(folder.path / target.stem))


def _holds(folder: ResultFolder, name: str, digest: str, size: int) -> bool:
    """Whether a regular file of that name holds exactly these bytes."""
    fd = folder.open_existing(name)
    if fd is None:
        return False
    with os.fdopen(fd, "rb") as file:
        return os.fstat(fd).st_size == size and hashlib.file_digest(file, "sha256").hexdigest() == digest


def _discard(folder: ResultFolder, part: str) -> None:
    try:
        folder.remove(part)
    except OSError:  # the next sweep takes it
        log.warning("a part of a file could not be removed", exc_info=True)


def check_room(folder: Path, wanted: int, floor: int) -> None:
    """Raise Problem("disk_full") if `wanted` more bytes would leave less than `floor` on the disk."""
    with disk_problems(folder):
        usage = shutil.disk_usage(folder)
    if usage.total and usage.free - wanted < floor:  # some shares tell nothing: total is 0
        raise Problem("disk_full", folder=folder, details=f"{usage.free} bytes are free, {floor} must stay free")


@contextlib.contextmanager
def disk_problems(folder: Path) -> Iterator[None]:
    """Turn the system's disk errors into sentences."""
    try:
        yield
    except OSError as exc:
        if exc.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Problem("disk_full", folder=folder, details=str(exc)) from exc
        detail = {
            errno.EACCES: "permission denied",
            errno.EPERM: "permission denied",
            errno.EROFS: "it is read-only",
            errno.ENOENT: "the folder is gone; is its drive connected?",
            errno.ELOOP: "a link stands where a folder should be",
            errno.ENOTDIR: "a file or a link stands where a folder should be",
            errno.EEXIST: "a file or a link stands where a folder should be",
        }.get(exc.errno or 0, exc.strerror or str(exc))
        raise Problem("disk_write", folder=folder, detail=detail, details=str(exc)) from exc
