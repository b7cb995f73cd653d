"""Looking into the library: what is there, and which file a name means. Blocking; one thread at a time."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from comfydesk.base import resources
from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.library import facts as file_facts
from comfydesk.library import files, folder, search
from comfydesk.library.facts import Facts
from comfydesk.library.history import History
from comfydesk.library.model import Refreshed, WorkflowEntry
from comfydesk.library.names import ENDING, SIDECAR, STARTERS, folded, is_starter, split, title_of
from comfydesk.library.shelf import Record, Shelf
from comfydesk.workflow import source

Entries = list[WorkflowEntry]  # `list` is a method below
Names = list[str]
Counts = list[tuple[str, int]]
LOCK_WAIT = 10.0  # seconds that another process of ours may take for its change


class Catalogue:
    """Workflow files in the home, by name, beside the starters that ship with ComfyDesk.

    Starters are read from the resources until they are changed; a changed one is a file of that name in the home.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self.root = home.workflows
        self.history = History(home.root / "versions.db")
        self.shelf = Shelf(home, self.history)

    def close(self) -> None:
        """Let the databases go. The library can be used again afterwards."""
        self.shelf.close()
        self.history.close()

    def list(self) -> Entries:
        """All workflows, read anew where files changed: starters first, then the person's own by name."""
        return self.search()

    def search(
        self,
        query: str = "",
        *,
        folder: str | None = None,
        tag: str | None = None,
        favourites: bool = False,
        sort: search.Sort = "name",
        fresh: bool = True,
    ) -> Entries:
        """Workflows that hold all words of `query`, best first, then by `sort`; see `search.search`.

        `fresh` False: of what the last `refresh` found, without a look at the disk.
        """
        if fresh or not self.shelf.is_loaded:
            self.shelf.refresh(None if fresh else 0.0)
        words = self.shelf.words() if query.strip() else None
        return search.search(self.shelf.rows(), query, words, folder=folder, tag=tag, favourites=favourites, sort=sort)

    def refresh(self, seconds: float | None = None) -> int:
        """Look at the folder and read what is new for at most `seconds`; returns how many files are left to read."""
        return self.shelf.refresh(seconds)

    def read_on(self, seconds: float) -> int:
        """Read on where `refresh` stopped; returns how many files are left."""
        return self.shelf.read_on(seconds)

    def news(self) -> Refreshed:
        """What changed since the last time that this was asked, by whomever."""
        return self.shelf.news()

    def folders(self) -> Names:
        """All folders, also empty ones: "a", "a/b", …"""
        if not self.shelf.is_loaded:
            self.shelf.refresh(0.0)
        return list(self.shelf.folders)

    def tags(self) -> Counts:
        """(tag, how many workflows have it) by name."""
        if not self.shelf.is_loaded:
            self.shelf.refresh(0.0)
        return search.tags_of(record.shown.entry for record in self.shelf.records.values())

    def entry(self, path: Path) -> WorkflowEntry:
        """What a list shows of one workflow file, in the library or anywhere else.

        Raises Problem file_missing or file_unreadable.
        """
        facts = files.facts_of(path)
        name = self.name_of(path)
        if name is None or not self.shelf.is_loaded:
            return _alone(path, name, facts)
        record = self.shelf.records.get(name)
        if record is None or record.row.stamp != folder.stamp_of(facts):
            self.shelf.refresh(0.0, first=[name])
            record = self.shelf.records.get(name)
        return record.shown.entry if record is not None else _alone(path, name, facts)

    def find(self, name_or_path: str | os.PathLike[str]) -> Path:
        """The file that is meant: an existing path wins, then a name in the library without regard to case.

        A title alone ("fox" for "portraits/fox") is enough where only one workflow has it. Raises Problem
        workflow_unknown with the names that there are.
        """
        text = os.fspath(name_or_path)
        with contextlib.suppress(OSError, ValueError):  # a text too long or too odd for a path is still a name
            path = Path(text).expanduser()
            if path.is_file():
                return path.absolute()
        if self.shelf.is_loaded and (record := self.shelf.records.get(text)) is not None:
            return Path(record.found.path)
        return _meant(text, self._paths())

    def read(self, name: str) -> bytes:
        """The bytes of a workflow, at most one over 16 MiB. Raises Problem workflow_unknown or file_unreadable."""
        return files.read(self.find(name))

    def name_of(self, path: Path) -> str | None:
        """The name of a file of the library (or of a starter), None for any other file."""
        if path.parent == resources.path("workflows") and is_starter(path.stem):
            return path.stem
        lower = path.name.lower()
        if not lower.endswith(ENDING) or lower.endswith(SIDECAR):
            return None
        try:
            inner = path.absolute().relative_to(self.root.absolute())
        except ValueError:
            return None
        return None if ".." in inner.parts else inner.as_posix()[: -len(ENDING)]

    def record(self, name: str) -> Record:
        """What is known of a workflow: by its exact name, then without regard to case. Raises workflow_unknown."""
        for _ in range(2):
            found = self.shelf.records.get(name)
            if found is None:
                wanted = folded(name)
                found = next((r for n, r in self.shelf.records.items() if folded(n) == wanted), None)
            if found is not None:
                return found
            self.shelf.refresh(0.0)  # it may have come just now
        raise _unknown(name, {n: Path(r.found.path) for n, r in self.shelf.records.items()})

    def own(self, name: str) -> Record:
        """As `record`, but not a starter as it came. Raises Problem usage for that."""
        found = self.record(name)
        if self.is_original(found):
            raise Problem("usage", detail=f"{found.shown.entry.title} came with ComfyDesk and stays")
        return found

    def is_original(self, record: Record) -> bool:
        """A starter that was not changed: its file lies in the program."""
        return Path(record.found.path).parent == resources.path("workflows")

    def taken(self) -> set[str]:
        """All names, `folded`."""
        return set(map(folded, self.shelf.records))

    def spelled(self, folder_name: str) -> str:
        """A folder as it is written on disk, where one differs from it by case or accents only."""
        known = {folded(name): name for name in self.shelf.folders}
        parts = folder_name.split("/") if folder_name else []
        there = ""
        for index, part in enumerate(parts):
            wanted = f"{there}/{part}" if there else part
            there = known.get(folded(wanted), "")
            if not there:
                return "/".join([wanted, *parts[index + 1 :]])
        return there

    @contextlib.contextmanager
    def changing(self) -> Iterator[None]:
        """One process at a time moves files. The folder has been looked at inside."""
        with self.locked():
            if not self.shelf.is_loaded:
                self.shelf.refresh(0.0)
            yield

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """One process at a time reads and writes a sidecar."""
        from filelock import FileLock, Timeout

        try:
            self._home.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            with FileLock(self._home.root / "library.lock", timeout=LOCK_WAIT):
                yield
        except Timeout as error:
            raise Problem("disk_write", folder=self.root, detail="another ComfyDesk is changing it") from error

    def changed(self, *names: str) -> Entries:
        """Look again after a change of ours; the entries of `names`."""
        self.shelf.refresh(0.0, first=names)
        return [self.record(name).shown.entry for name in names]

    def _paths(self) -> dict[str, Path]:
        """Every name with its file, starters first; nothing is read."""
        found = {name: Path(item.path) for name, item in folder.scan(self.root).files.items()}
        own = {name.casefold() for name in found}
        starters = {name: resources.path(f"workflows/{name}{ENDING}") for name in STARTERS if name not in own}
        return {name: path for name, path in starters.items() if path.is_file()} | found


def _meant(text: str, paths: dict[str, Path]) -> Path:
    wanted = {folded(text), folded(text).removesuffix(ENDING)}
    for name, path in paths.items():
        if folded(name) in wanted or STARTERS.get(name.casefold(), "").casefold() in wanted:
            return path
    titled = [path for name, path in paths.items() if folded(split(name)[1]) in wanted]
    if len(titled) == 1:
        return titled[0]
    raise _unknown(text, paths)


def _unknown(text: str, paths: dict[str, Path]) -> Problem:
    names = sorted(paths, key=lambda name: (not is_starter(name), name.casefold()))
    names.sort(key=lambda name: [*STARTERS, name].index(name.casefold()) if is_starter(name) else len(STARTERS))
    listed = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
    return Problem("workflow_unknown", name=text[:200], known=listed)


def _alone(path: Path, name: str | None, facts: os.stat_result) -> WorkflowEntry:
    """The entry of a file that is read for itself."""
    try:
        found = file_facts.of_source(source.read(path))
    except Problem as problem:
        if problem.code in ("file_missing", "file_unreadable"):
            raise
        found = Facts(problem=problem.message)
    where, title = split(name) if name is not None else ("", title_of(path.stem))
    starts = name is not None and is_starter(name)
    return WorkflowEntry(
        name=path.stem if name is None else name,
        title=STARTERS[title.casefold()] if starts else title if name is not None else path.stem,
        path=str(path),
        node_count=found.node_count,
        is_starter=starts,
        modified_at=facts.st_mtime,
        folder=where,
        kind=found.kind,
        models=found.models,
        problem=found.problem,
    )
