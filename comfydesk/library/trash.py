"""Removed workflows: in the system's trash for the person, and a copy in the home so that "Undo" is exact. Blocking."""

from __future__ import annotations

import contextlib
import json
import logging
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from comfydesk.base.errors import Problem
from comfydesk.library import files

log = logging.getLogger(__name__)

KEPT = 30 * 86_400.0  # seconds that a copy is kept which the system's trash has too
_MANIFEST = "removed"


@dataclass(slots=True)
class Removal:
    """`items`: workflow name → its files below the library's folder, itself first; `folders`: that were removed too."""

    token: str
    removed_at: float
    items: dict[str, list[str]]
    folders: list[str] = field(default_factory=list)
    is_in_system_trash: bool = False


class Trash:
    """Copies of what was removed from one library, each removal in a folder of its own."""

    def __init__(self, folder: Path, root: Path) -> None:
        self._folder = folder
        self._root = root

    def remove(self, items: Mapping[str, Sequence[str]], folders: Sequence[str] = ()) -> Removal:
        """Copy the files here, then put them into the system's trash: all of them or none.

        `folders` go too if they are empty then. Raises Problem disk_write or disk_full.
        """
        now = time.time()
        token = f"{time.strftime('%Y%m%d-%H%M%S', time.localtime(now))}-{secrets.token_hex(4)}"
        removal = Removal(token, now, {name: list(paths) for name, paths in items.items()}, list(folders))
        held = self._folder / token
        try:
            for path in (path for paths in items.values() for path in paths):
                (held / "files" / path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                shutil.copy2(self._root / path, held / "files" / path)
            self._write(removal)
        except (OSError, Problem) as error:
            shutil.rmtree(held, ignore_errors=True)
            raise files.disk_problem(error, held) if isinstance(error, OSError) else error from error
        try:
            went = [_trash(self._root / path) for paths in items.values() for path in paths]
        except Problem:  # one of them cannot be removed: then none is
            for path in (path for paths in items.values() for path in paths):
                if not (self._root / path).exists():
                    _put(held / "files" / path, self._root / path)
            shutil.rmtree(held, ignore_errors=True)
            raise
        removal.is_in_system_trash = all(went)
        for folder in sorted(folders, key=len, reverse=True):
            with contextlib.suppress(OSError):  # something else is in it
                (self._root / folder).rmdir()
        try:
            self._write(removal)
        except Problem as problem:  # it is removed all the same, and can be brought back; the copy stays for longer
            log.info("whether the system's trash has %s is not remembered: %s", token, problem)
        return removal

    def find(self, token: str) -> Removal:
        """What is still to be brought back of a removal. Raises Problem undo_gone."""
        known = {path.name: path for path in self._all()}  # a token is compared, never made part of a path
        if token not in known:
            raise Problem("undo_gone")
        try:
            removal = Removal(**json.loads((known[token] / _MANIFEST).read_bytes()))
            held = known[token] / "files"  # a part may be back already, where the disk was full in the middle of it
            removal.items = {n: p for n, p in removal.items.items() if any((held / path).exists() for path in p)}
            return removal
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise Problem("undo_gone") from error

    def put_back(self, removal: Removal, names: Mapping[str, Mapping[str, str]]) -> None:
        """Bring files back to where `names` says: workflow name → {path as removed: path now}.

        Raises Problem disk_write, name_taken, …; what is back already stays, and the rest can be brought back later.
        """
        held = self._folder / removal.token
        for folder in removal.folders:
            with contextlib.suppress(OSError):
                (self._root / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
        for paths in names.values():
            for old, new in paths.items():
                _put(held / "files" / old, self._root / new)
        shutil.rmtree(held, ignore_errors=True)

    def sweep(self) -> None:
        """Let copies go that are old and in the system's trash too; where there is none, this is the only copy."""
        for path in self._all():
            with contextlib.suppress(Problem):
                removal = self.find(path.name)
                if removal.is_in_system_trash and time.time() - removal.removed_at > KEPT:
                    shutil.rmtree(path, ignore_errors=True)

    def _write(self, removal: Removal) -> None:
        data = json.dumps(asdict(removal), ensure_ascii=False)
        files.write(self._folder / removal.token / _MANIFEST, data.encode("utf-8", "replace"))

    def _all(self) -> Iterator[Path]:
        with contextlib.suppress(FileNotFoundError):
            yield from (path for path in self._folder.iterdir() if (path / _MANIFEST).is_file())


def _trash(path: Path) -> bool:
    """Whether the system's trash has it now; it is removed here in any case."""
    try:
        import send2trash

        send2trash.send2trash(path)
        return True
    except Exception as error:  # no trash on this drive, no session bus, …: every backend raises its own
        log.info("no system trash for %s: %s", path.name, error)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise files.disk_problem(error, path.parent) from error
    return False


def _put(held: Path, target: Path) -> None:
    """Bring one file back; the copy goes when it is there."""
    if not held.exists():
        return
    files.create(target, held.read_bytes())
    with contextlib.suppress(OSError):
        shutil.copystat(held, target)
    with contextlib.suppress(OSError):
        held.unlink()
