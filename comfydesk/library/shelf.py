"""All workflows with what is known of them, kept in step with the files. Blocking; one thread at a time."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from comfydesk.base import resources
from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.library import facts as file_facts
from comfydesk.library import files, folder, sidecar
from comfydesk.library.entries import entry_of, starters
from comfydesk.library.facts import Facts
from comfydesk.library.folder import Found
from comfydesk.library.history import History, Seen, Use, sha256_of
from comfydesk.library.index import LibraryIndex, Row
from comfydesk.library.model import Refreshed, WorkflowEntry
from comfydesk.library.names import SIDECAR, is_starter, split
from comfydesk.library.search import Shown, shown
from comfydesk.library.vocabulary import Vocabulary

log = logging.getLogger(__name__)

YOUNG = 2.0  # seconds after its last change in which a file that makes no sense may still be being written
REFUSED = 10.0  # seconds after which a file that the system did not give is asked for again
_CHUNK, _CHUNK_BYTES = 200, 8 << 20  # files and bytes that are read between two writes of index and history
_UNREAD = Facts()


@dataclass(slots=True)
class Record:
    """One workflow. `facts` belong to the state of the file that `row` has the stamp of."""

    found: Found
    row: Row
    shown: Shown


class Shelf:
    """Records by name. `refresh` looks at the folder and reads what is new."""

    def __init__(self, home: Home, history: History) -> None:
        self._home = home
        self.root = home.workflows
        self.history = history
        self.records: dict[str, Record] = {}
        self.folders: list[str] = []
        self._index = LibraryIndex(home.cache / "library.db")
        self.is_loaded = False
        self._looked_at = float("-inf")
        self._unread: dict[str, None] = {}
        self._rows: list[Shown] | None = None
        self._words: Vocabulary | None = None
        self._unsaid: dict[str, str] = {}  # what the index has of words that are not in the vocabulary yet
        self._uses: dict[str, Use] = {}
        self._results: dict[str, int] = {}
        self._names_now: dict[str, str] = {}
        self._refused: dict[str, float] = {}  # files that could not be read, and when: nothing that the index keeps
        self._history_version = -1
        self._is_changed = False
        self._contents: dict[str, None] = {}
        self.when_renamed: Callable[[Mapping[str, str]], None] | None = None

    def close(self) -> None:
        self._index.close()

    def refresh(self, seconds: float | None = None, first: Iterable[str] = ()) -> int:
        """Look at the folder, then read new and changed files for at most `seconds`; returns how many are left.

        None reads all. `first` are read in any case.
        """
        self._look()
        return self.read_on(seconds, first)

    @property
    def age(self) -> float:
        """Seconds since the last look at the folder."""
        return time.monotonic() - self._looked_at

    def read_on(self, seconds: float | None = None, first: Iterable[str] = ()) -> int:
        """Read files that `refresh` left; returns how many are left."""
        end = None if seconds is None else time.monotonic() + seconds
        chosen = [name for name in first if name in self._unread]
        waiting = iter([*chosen, *(name for name in self._unread if name not in set(chosen))])
        at_least = len(chosen)
        while True:
            chunk, is_over = self._read_chunk(waiting, end, at_least)
            at_least = max(0, at_least - len(chunk))
            if is_over:
                return len(self._unread)

    def news(self) -> Refreshed:
        """What changed since the last time that this was asked."""
        found = Refreshed(self._is_changed, tuple(self._contents), len(self._unread))
        self._is_changed = False
        self._contents = {}
        return found

    def rows(self) -> list[Shown]:
        """What is searched, by name with the starters first."""
        if self._rows is None:
            self._rows = sorted((record.shown for record in self.records.values()), key=attrgetter("by_name"))
        return self._rows

    def words(self, at_most: int | None = None) -> Vocabulary | None:
        """Node classes and titles in folded case. `at_most`: of so many more workflows; None while some are left."""
        if self._words is None:
            self._words = Vocabulary()
            read = {name: record.row.facts.words for name, record in self.records.items() if record.row.facts.words}
            self._unsaid = self._index.words() | read
        for _ in range(len(self._unsaid) if at_most is None else min(at_most, len(self._unsaid))):
            name, text = self._unsaid.popitem()
            if (record := self.records.get(name)) is not None:
                self._words.put(name, record.row.facts.words or text)
        return None if self._unsaid else self._words

    def note_use(self, name: str, use: Use) -> None:
        """A workflow was opened, or has a new picture."""
        self._uses[name] = use
        if (record := self.records.get(name)) is not None:
            self._show(record)

    def note_results(self, counts: Mapping[str, int]) -> None:
        """How many results there are by title; of a title that several workflows have nobody knows whose they are."""
        titles = Counter(record.shown.entry.title for record in self.records.values())
        before, self._results = self._results, {title: n for title, n in counts.items() if titles[title] == 1}
        for record in self.records.values():
            title = record.shown.entry.title
            if self._results.get(title) != before.get(title):
                self._show(record)

    def name_now(self, name: str) -> str:
        """What a workflow is called that had this name a while ago; "" where it was removed."""
        for _ in range(100):  # there and back again
            if not name or name in self.records or name not in self._names_now:
                break
            name = self._names_now[name]
        return name

    def note_renamed(self, names: Mapping[str, str]) -> None:
        """Workflows have other names now, "" where they were removed; their past went with them."""
        self._history_version = -1  # read it again at the next look
        self._names_now.update(names)
        if names and self.when_renamed is not None:
            self.when_renamed(names)

    def use_of(self, name: str) -> Use:
        return self._uses.get(name, Use())

    def sidecar(self, name: str) -> Path:
        """Where the sidecar of a workflow of the library lies."""
        return self.root / f"{name}{SIDECAR}"

    @property
    def pictures(self) -> Path:
        """Newest results in small; they outlive the results."""
        return self._home.root / "covers"

    def _look(self) -> None:
        """Bring the records in step with names, times and sizes; what changed is unread then."""
        scan = folder.scan(self.root)
        found = starters(scan) | scan.files
        self._looked_at = time.monotonic()
        first = not self.is_loaded
        known = self._index.load() if first else {}
        self.is_loaded = True
        self._load_uses(force=first)
        gone = [name for name in self.records if name not in found]
        for name in gone:
            self._rows = None
            del self.records[name]
            self._unread.pop(name, None)
            self._refused.pop(name, None)
            if self._words is not None:
                self._words.drop(name)
        for item in found.values():
            self._place(item, known)
        self._is_changed |= bool(gone) or scan.folders != self.folders
        self.folders = scan.folders
        self._is_changed &= not first  # nobody has seen another state
        if dropped := [*gone, *(name for name in known if name not in found)]:
            self._index.put((), dropped)

    def _place(self, item: Found, known: dict[str, Row]) -> None:
        record = self.records.get(item.name)
        if record is None:
            row = known.get(item.name) or Row(item.name, (0, 0, 0), None, "", _UNREAD)
            record = self.records[item.name] = Record(item, row, _NOT_SHOWN)
            self._show(record)
        elif record.found != item:
            record.found = item
            self._show(record)
        if item.problem:
            self._unread.pop(item.name, None)
        elif record.row.stamp != item.stamp or record.row.side != item.side:
            self._unread[item.name] = None
        elif time.monotonic() - self._refused.get(item.name, float("inf")) > REFUSED:
            record.row = record.row._replace(stamp=(0, 0, 0))  # its permissions, or the disk, may be well again
            self._unread[item.name] = None

    def _load_uses(self, *, force: bool) -> None:
        """Other processes open workflows and make results too."""
        version = self.history.data_version()
        if force or version != self._history_version:
            before, self._uses = self._uses, self.history.uses()
            self._history_version = version
            for name in self._uses.keys() | before.keys():
                if self._uses.get(name) != before.get(name) and (record := self.records.get(name)) is not None:
                    self._show(record)

    def _read_chunk(self, waiting: Iterator[str], end: float | None, at_least: int) -> tuple[list[Row], bool]:
        rows: list[Row] = []
        states: list[Seen] = []
        size = 0
        is_over = True
        for name in waiting:
            row, state = self._read(self.records[name], is_patient=end is not None)
            if row is not None:
                rows.append(row)
            if state is not None:
                states.append(state)
                size += len(state.data)
            is_late = end is not None and time.monotonic() >= end and len(rows) >= at_least
            if is_late or len(rows) >= _CHUNK or size >= _CHUNK_BYTES:
                is_over = is_late
                break
        try:
            self.history.note(states)
        except Problem as problem:  # a list is shown also while the disk is full
            log.warning("versions of %d workflows are not kept: %s", len(states), problem)
        if rows:
            self._index.put(rows)
        return rows, is_over

    def _read(self, record: Record, *, is_patient: bool) -> tuple[Row | None, Seen | None]:
        """Read what is new of one workflow: the row for the index, and the state that its history shall have."""
        item, row, state = record.found, record.row, None
        if row.stamp != item.stamp:
            try:
                data = files.read(Path(item.path))
            except Problem as problem:
                data, sha256, found = b"", "", Facts(problem=problem.message)
                self._refused[item.name] = time.monotonic()
            else:
                self._refused.pop(item.name, None)
                sha256 = sha256_of(data)
                found = row.facts if sha256 == row.sha256 else file_facts.of_bytes(data, f"{split(item.name)[1]}.json")
            if found.problem and is_patient and 0 <= time.time() - item.stamp[0] / 1e9 < YOUNG:
                return None, None  # perhaps half written: it stays as it was, and unread
            if not found.problem and not self._is_original(item):
                item = record.found = self._adopt(item, sha256)
                state = Seen(item.name, data, sha256, min(item.stamp[0] / 1e9, time.time()))
                if row.sha256 and sha256 != row.sha256:
                    self._contents[item.name] = None
            row = row._replace(stamp=item.stamp, sha256=sha256, facts=found)
        if row.side != item.side:
            row = self._with_side(row, item)
        record.row = row
        if self._words is not None and row.facts.words:
            self._words.put(item.name, row.facts.words)
        self._unread.pop(item.name, None)
        self._show(record)
        return None if item.name in self._refused else row, state

    def _with_side(self, row: Row, item: Found) -> Row:
        side = sidecar.side_of(sidecar.read(self.sidecar(item.name))) if item.side is not None else sidecar.Side()
        picture = self._cached(side.picture) if side.picture else ""
        return row._replace(
            side=item.side, tags=side.tags, favourite=side.favourite, picture=picture, is_chosen=side.is_chosen
        )

    def _cached(self, picture: bytes) -> str:
        """A sidecar's picture as a file that can be shown; its name follows from what is in it."""
        file = self._home.cache / "covers" / f"{hashlib.sha256(picture).hexdigest()[:24]}.webp"
        try:
            if not file.exists():
                files.write(file, picture)
        except Problem as problem:
            log.info("a thumbnail is not kept: %s", problem)
            return ""
        return str(file)

    def _is_original(self, item: Found) -> bool:
        return Path(item.path).parent == resources.path("workflows")

    def _adopt(self, item: Found, sha256: str) -> Found:
        """A file that was renamed by another program keeps its past, and its sidecar where that stayed behind."""
        with contextlib.suppress(Problem, OSError):
            if self.history.has(item.name):
                return item
            old = next((name for name in self.history.names_with(sha256) if name not in self.records), None)
            if old is None:
                return item
            self.history.rename({old: item.name})
            self.note_renamed({old: item.name})
            self._uses[item.name] = self._uses.pop(old, Use())
            here = self.sidecar(item.name)
            if item.side is None and not is_starter(old) and self.sidecar(old).is_file():
                files.move(self.sidecar(old), here)
                return item._replace(side=folder.stamp_of(here.stat()))
        return item

    def _show(self, record: Record) -> None:
        use = self._uses.get(record.found.name, Use())
        entry = entry_of(record.found, record.row, use, self.pictures, self._results)
        if record.shown is _NOT_SHOWN or entry != record.shown.entry:
            self._is_changed = True
            self._rows = None
            record.shown = shown(entry)


_NOBODY = WorkflowEntry("", "", "", 0, is_starter=False, modified_at=0.0)
_NOT_SHOWN = Shown(_NOBODY, "", "", "", "", (0, "", ""))
