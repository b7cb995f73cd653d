"""The person's workflows on disk, beside the starters that ship with ComfyDesk. Blocking file access only."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from comfydesk.base import resources
from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.jobs.naming import leaf
from comfydesk.library import sidecar
from comfydesk.library.counts import NodeCounts
from comfydesk.library.model import WorkflowEntry
from comfydesk.workflow.json_text import MAX_BYTES
from comfydesk.workflow.parse import parse

log = logging.getLogger(__name__)

STARTERS = {"sdxl": "SDXL", "flux-schnell": "Flux Schnell"}  # name → title, in the order of the list
MAX_NAME = 80  # bytes of a name: room for " 2" and the sidecar's ending


class Library:
    """Workflow files in the home, by name. A name is the file's stem, unique without regard to case.

    Starters are read from the resources until they are changed; a changed one is a file of that name in the home.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._counts = NodeCounts(home.cache / "workflow_counts.json")

    def list(self) -> list[WorkflowEntry]:
        """All workflows: starters first, then the person's own by name."""
        own = self._own()
        starters = [self.entry(own.pop(name, _starter(name))) for name in STARTERS if own.get(name) or _has(name)]
        rest = [self.entry(path) for path in sorted(own.values(), key=lambda path: path.stem.casefold())]
        self._counts.save()
        return starters + rest

    def entry(self, path: Path) -> WorkflowEntry:
        """What a list shows of one workflow file, in the library or anywhere else.

        Raises Problem file_missing or file_unreadable.
        """
        facts = _stat(path)
        name = path.stem
        is_starter = name.casefold() in STARTERS and path.parent in (self._home.workflows, _starter(name).parent)
        title = STARTERS[name.casefold()] if is_starter else name
        count = self._counts.of(path, facts)
        return WorkflowEntry(name, title, str(path), count, is_starter, facts.st_mtime)

    def find(self, name_or_path: str | os.PathLike[str]) -> Path:
        """The file that is meant: an existing path wins, then a name in the library without regard to case.

        Raises Problem workflow_unknown with the names that there are.
        """
        text = os.fspath(name_or_path)
        with contextlib.suppress(OSError, ValueError):  # a text too long or too odd for a path is still a name
            path = Path(text).expanduser()
            if path.is_file():
                return path.absolute()
        wanted = {text.casefold(), text.casefold().removesuffix(".json")}
        known = self._known()
        for name, path in known.items():
            if name in wanted or STARTERS.get(name, "").casefold() in wanted:
                return path
        names = [path.stem for path in known.values()]
        listed = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
        raise Problem("workflow_unknown", name=text[:200], known=listed)

    def read(self, name: str) -> bytes:
        """The bytes of a workflow, at most one over 16 MiB. Raises Problem workflow_unknown or file_unreadable."""
        return _read(self.find(name))

    def add(self, path: Path) -> WorkflowEntry:
        """Copy a workflow file into the library. The same file twice is one entry; another of its name is "name 2".

        Raises Problem file_missing, file_unreadable or what `parse` finds; nothing is copied then.
        """
        data = _read(path)
        parse(data, path.name)
        wanted = leaf(path.stem, limit=MAX_NAME, fallback="workflow")
        known = self._known()
        for number in range(1, 10_000):
            name = wanted if number == 1 else f"{wanted} {number}"
            there = known.get(name.casefold())
            if there is None:
                return self._write(name, data)
            if there.absolute() == path.absolute() or _read(there) == data:
                return self.entry(there)
        raise Problem("file_unreadable", file=path, detail="too many workflows have this name")

    def save(self, name: str, data: bytes) -> WorkflowEntry:
        """Change a workflow of the library; a starter is copied into the home by it. Raises Problem as `add` does."""
        parse(data, name)
        known = self._known().get(name.casefold())
        return self._write(known.stem if known else leaf(name, limit=MAX_NAME, fallback="workflow"), data)

    def remove(self, name: str) -> None:
        """Put a workflow and its draft into the trash. A changed starter goes back to what it was.

        Raises Problem workflow_unknown, usage for a starter itself, or disk_write.
        """
        path = self._own().get(name.casefold())
        if path is None:
            if name.casefold() in STARTERS:
                raise Problem("usage", detail=f"{STARTERS[name.casefold()]} came with ComfyDesk and stays")
            path = self.find(name)
            raise Problem("usage", detail=f"{path} is not in the library")
        self._trash(path)
        draft = sidecar.path_of(self._home, path.stem)
        if draft.exists():
            self._trash(draft)

    def draft(self, name: str) -> dict[str, Any] | None:
        """What was typed into the form of a workflow, None where nothing was."""
        return sidecar.read_draft(self._home, name)

    def save_draft(self, name: str, draft: Mapping[str, Any]) -> None:
        """Keep what was typed into a form; the workflow does not change. Raises Problem disk_write or disk_full."""
        sidecar.write_draft(self._home, name, draft)

    def _own(self) -> dict[str, Path]:
        """The files in the home, by folded name. Where two differ by case only, the first by name counts."""
        found: dict[str, Path] = {}
        for path in sorted(_json_files(self._home.workflows)):
            found.setdefault(path.stem.casefold(), path)
        return found

    def _known(self) -> dict[str, Path]:
        return {name: _starter(name) for name in STARTERS if _has(name)} | self._own()

    def _write(self, name: str, data: bytes) -> WorkflowEntry:
        target = self._home.workflows / f"{name}.json"
        sidecar.write_file(target, data)
        return self.entry(target)

    def _trash(self, path: Path) -> None:
        try:
            import send2trash

            send2trash.send2trash(path)
            return
        except Exception as error:  # no trash on this drive, no session bus, …: every backend raises its own
            log.info("no system trash for %s: %s", path.name, error)
        try:
            folder = self._home.root / "trash"
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            kept = Path(tempfile.mkdtemp(dir=folder)) / path.name
            shutil.move(path, kept)
        except OSError as error:
            raise Problem("disk_write", folder=path.parent, detail=error.strerror or str(error)) from error


def _starter(name: str) -> Path:
    return resources.path(f"workflows/{name.casefold()}.json")


def _has(name: str) -> bool:
    return _starter(name).is_file()


def _json_files(folder: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                name = entry.name
                if name.lower().endswith(".json") and not name.endswith(sidecar.ENDING) and not name.startswith("."):
                    yield Path(entry.path)
    except FileNotFoundError:
        return


def _stat(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except FileNotFoundError as error:
        raise Problem("file_missing", file=path) from error
    except OSError as error:
        raise Problem("file_unreadable", file=path, detail=error.strerror or str(error)) from error


def _read(path: Path) -> bytes:
    """At most one byte over the limit is read, so that a huge file costs nothing; `parse` refuses it then."""
    mode = _stat(path).st_mode
    if not stat.S_ISREG(mode):  # a pipe would be waited for without end
        raise Problem("file_unreadable", file=path, detail="it is a folder" if stat.S_ISDIR(mode) else "it is no file")
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Problem("file_unreadable", file=path, detail=error.strerror or str(error)) from error
