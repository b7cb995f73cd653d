"""Input pictures (and other media) that prompts name: copied, so that a queued job keeps what it was queued with.

The copy lies in `home/inputs/<sha256>.<ext>`; its name on every server is `comfydesk/<sha256[:16]>.<ext>`. Same bytes,
same name, so the prompt can be frozen before anything is uploaded, and an upload may be repeated at no harm.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
import time
from collections.abc import Collection
from io import FileIO
from pathlib import Path
from typing import BinaryIO

from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.jobs import naming
from comfydesk.jobs.model import InputFile
from comfydesk.jobs.result_folder import ResultFolder
from comfydesk.jobs.saving import disk_problems

MAX_BYTES = 4 << 30
SUBFOLDER = "comfydesk"
_BLOCK = 1 << 20
_COPY = re.compile(r"([0-9a-f]{64})(\.[a-z0-9]{1,12})?")


class Inputs:
    """The copies of one home. Several processes may use it at once. All methods block."""

    def __init__(self, home: Home) -> None:
        self.folder = home.inputs

    def take(self, path: Path) -> InputFile:
        """Copy the file that the user picked.

        Raises Problem: `input_missing` (not there), `input_unusable` (a folder, too large, not readable), `disk_full`,
        `disk_write`.
        """
        with _opened(path) as source, disk_problems(self.folder), ResultFolder.open(self.folder) as folder:
            part, fd = folder.create_part()
            with contextlib.ExitStack() as cleanup:
                cleanup.callback(folder.remove, part)  # runs last; fine if the part has its name by then
                copy = cleanup.enter_context(FileIO(fd, "r+"))
                digest = _copy(path, source, copy)
                name = digest + naming.extension(path.name)
                try:
                    folder.publish(part, name, copy.close)
                except FileExistsError:
                    os.utime(self.folder / name)  # so that no sweep takes it before its job is committed
                folder.sync()
        return InputFile(digest, f"{SUBFOLDER}/{digest[:16]}{naming.extension(path.name)}", str(self.folder / name))

    def release(self, sha256: str) -> None:
        """Remove the copies of these bytes; call it when no job needs them any more."""
        for file in self._copies():
            if file.name.startswith(sha256) and len(sha256) == 64:
                file.unlink(missing_ok=True)

    def sweep(self, needed: Collection[str], older_than: float = 86_400.0) -> int:
        """Remove copies whose sha256 is not in `needed`; returns how many.

        Those taken less than `older_than` seconds ago stay: their job may be about to be committed.
        """
        removed = 0
        for file in self._copies():
            if file.name[:64] not in needed and time.time() - file.stat().st_mtime >= older_than:
                file.unlink(missing_ok=True)
                removed += 1
        if self.folder.is_dir():
            with ResultFolder.open(self.folder, create_root=False) as folder:
                folder.sweep()
        return removed

    def is_empty(self) -> bool:
        """Whether there are no copies at all."""
        return not self._copies()

    def _copies(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        return [file for file in self.folder.iterdir() if _COPY.fullmatch(file.name)]


def _opened(path: Path) -> BinaryIO:
    try:
        # Without O_NONBLOCK a named pipe would hold this thread for ever.
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (FileNotFoundError, NotADirectoryError) as exc:
        raise Problem("input_missing", file=path) from exc
    except IsADirectoryError as exc:
        raise Problem("input_unusable", file=path, detail="it is a folder") from exc
    except (OSError, ValueError) as exc:
        detail = getattr(exc, "strerror", None) or str(exc)
        raise Problem("input_unusable", file=path, detail=detail) from exc
    found = os.fstat(fd)
    reason = ""
    if stat.S_ISDIR(found.st_mode):
        reason = "it is a folder"
    elif not stat.S_ISREG(found.st_mode):
        reason = "it is not a file"
    elif found.st_size > MAX_BYTES:
        reason = f"it is larger than {MAX_BYTES >> 30} GiB"
    if reason:
        os.close(fd)
        raise Problem("input_unusable", file=path, detail=reason)
    return os.fdopen(fd, "rb")


def _copy(path: Path, source: BinaryIO, copy: FileIO) -> str:
    digest, size = hashlib.sha256(), 0
    while block := _read(path, source):
        size += len(block)
        if size > MAX_BYTES:  # it grew meanwhile
            raise Problem("input_unusable", file=path, detail=f"it is larger than {MAX_BYTES >> 30} GiB")
        digest.update(block)
        view = memoryview(block)
        while view:
            view = view[copy.write(view) :]
    os.fsync(copy.fileno())
    return digest.hexdigest()


def _read(path: Path, source: BinaryIO) -> bytes:
    try:
        return source.read(_BLOCK)
    except OSError as exc:
        raise Problem("input_unusable", file=path, detail=exc.strerror or str(exc)) from exc
