"""Reading and writing single files: within limits, at once or not at all, never over another file. Blocking."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from comfydesk.base.errors import Problem
from comfydesk.workflow.json_text import MAX_BYTES

_TRIES = 10 if os.name == "nt" else 1


def facts_of(path: Path) -> os.stat_result:
    """Raises Problem file_missing or file_unreadable."""
    try:
        return path.stat()
    except FileNotFoundError as error:
        raise Problem("file_missing", file=path) from error
    except OSError as error:
        raise Problem("file_unreadable", file=path, detail=error.strerror or str(error)) from error


def check(path: Path) -> None:
    """Raise Problem file_missing, or file_unreadable for what is no plain file: a pipe would be waited for for ever."""
    mode = facts_of(path).st_mode
    if not stat.S_ISREG(mode):
        raise Problem("file_unreadable", file=path, detail="it is a folder" if stat.S_ISDIR(mode) else "it is no file")


def read(path: Path, limit: int = MAX_BYTES) -> bytes:
    """At most one byte over the limit, so that a huge file costs nothing; who parses it refuses it then."""
    check(path)
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        raise Problem("file_unreadable", file=path, detail=error.strerror or str(error)) from error


def write(path: Path, data: bytes) -> None:
    """Replace a file at once or not at all; its permissions stay. Raises Problem disk_write or disk_full."""
    with _written(path, data) as part:
        with contextlib.suppress(OSError):  # there is none, or a disk without permissions
            part.chmod(stat.S_IMODE(path.stat().st_mode))
        _patiently(lambda: part.replace(path))


def create(path: Path, data: bytes) -> None:
    """Write a new file at once or not at all. Raises Problem name_taken where there is one, disk_write or disk_full.

    A name may be taken although nobody has seen it: a synchronised folder got it just now, or the disk takes two
    spellings for one name.
    """
    with _written(path, data) as part:
        try:
            os.link(part, path)
        except FileExistsError as error:
            raise Problem("name_taken", name=path.stem) from error
        except OSError as error:  # a disk without links
            if path.exists() or path.is_symlink():
                raise Problem("name_taken", name=path.stem) from error
            _patiently(lambda: part.rename(path))  # on Windows this fails where there is a file


@contextlib.contextmanager
def _written(path: Path, data: bytes) -> Iterator[Path]:
    """A hidden file beside `path` that holds `data` on the disk; it does not stay."""
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield part
    except OSError as error:
        raise disk_problem(error, path.parent) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def move(source: Path, target: Path) -> None:
    """Give a file another name. Raises Problem name_taken where there is one, disk_write, disk_full."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if target.exists() and not target.samefile(source):  # the same: only upper and lower case differ
            raise Problem("name_taken", name=target.stem)
        _patiently(lambda: source.rename(target))
    except OSError as error:
        raise disk_problem(error, target.parent) from error


def _patiently(act: Callable[[], object]) -> None:
    """Virus scanners and synchronising programs hold new files open for a moment, which stops a rename on Windows."""
    for left in reversed(range(_TRIES)):
        try:
            act()
            return
        except PermissionError:
            if not left:
                raise
            time.sleep(0.1)


def disk_problem(error: OSError, folder: Path) -> Problem:
    """What went wrong with writing, in words."""
    code = "disk_full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "disk_write"
    return Problem(code, folder=folder, detail=error.strerror or str(error))
