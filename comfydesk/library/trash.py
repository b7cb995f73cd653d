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
        """Copy the files here, then put them into the system's trash. Nothing is removed unless all were copied.

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
        went = [_trash(self._root / path) for paths in items.values() for path in paths]
        removal.is_in_system_trash = all(went)
        for folder in sorted(folders, key=len, reverse=True):
            with contextlib.suppress(OSError):  # something else is in it
                (self._root / folder).rmdir()
        self._write(removal)
        return removal

    def find(self, token: str) -> Removal:
        """Raises Problem undo_gone."""
        known = {path.name: path for path in self._all()}  # a token is compared, never made part of a path
        if token not in known:
            raise Problem("undo_gone")
        try:
            content = json.loads((known[token] / _MANIFEST).read_bytes())
            return Removal(**content)
        except (OSError, ValueError, TypeError) as error:
            raise Problem("undo_gone") from error

    def put_back(self, removal: Removal, names: Mapping[str, Mapping[str, str]]) -> None:
        """Bring files back to where `names` says: workflow name → {path as removed: path now}.

        Raises Problem disk_write, name_taken, …; what is back already stays.
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
    if not held.exists():
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if target.exists():
            raise Problem("name_taken", name=target.stem)
        part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
        shutil.move(held, part)  # the two may lie on different disks
        part.rename(target)
    except OSError as error:
        raise files.disk_problem(error, target.parent) from error
