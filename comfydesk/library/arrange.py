"""Putting the library in order: rename, move, duplicate, folders, remove and bring back. Blocking."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.library import files, sidecar
from comfydesk.library.catalogue import Catalogue, Entries
from comfydesk.library.model import WorkflowEntry
from comfydesk.library.names import ENDING, SIDECAR, folded, folder_of, free, join, split, title_of
from comfydesk.library.shelf import Record
from comfydesk.library.trash import Trash


class Arrange(Catalogue):
    """A workflow always moves with its sidecar and its past."""

    def __init__(self, home: Home) -> None:
        super().__init__(home)
        self.trash = Trash(home.root / "trash", home.workflows)

    def duplicate(self, name: str) -> WorkflowEntry:
        """A copy beside it ("fox 2") with its tags, draft and profile; its past begins anew."""
        with self.changing():
            record = self.record(name)
            folder, title = split(record.found.name)
            copy = free(folder, title, self.taken())
            data = files.read(Path(record.found.path))
            kept = sidecar.read(self.shelf.sidecar(record.found.name))
            files.create(self._file(copy), data)
            sidecar.change(self.shelf.sidecar(copy), **{**kept, "favourite": None})
            return self.changed(copy)[0]

    def rename(self, name: str, new_title: str) -> WorkflowEntry:
        """Give a workflow another title in its folder. Raises Problem name_taken, usage for a starter as it came."""
        with self.changing():
            record = self.own(name)
            folder, _ = split(record.found.name)
            new = join(folder, title_of(new_title))
            if new == record.found.name:
                return record.shown.entry
            others = self.taken() - {folded(record.found.name)}
            if folded(new) in others:
                raise Problem("name_taken", name=split(new)[1])
            self._move({record.found.name: new})
            return self.changed(new)[0]

    def move(self, names: Sequence[str], folder: str) -> Entries:
        """Put workflows into a folder, made if it is not there; "" is the top. A taken name becomes "name 2"."""
        with self.changing():
            target = self.spelled(folder_of(folder))
            taken = self.taken()
            moves: dict[str, str] = {}
            for name in names:
                old = self.own(name).found.name
                where, title = split(old)
                if where == target:
                    moves.setdefault(old, old)
                    continue
                taken.discard(folded(old))
                moves[old] = free(target, title, taken)
                taken.add(folded(moves[old]))
            self._move({old: new for old, new in moves.items() if old != new})
            return self.changed(*moves.values())

    def make_folder(self, folder: str) -> str:
        """Make a folder (and those above it); returns its name as it is on disk. One that is there is no error."""
        with self.changing():
            made = self.spelled(folder_of(folder))
            if not made:
                raise Problem("usage", detail="A folder needs a name")
            try:
                (self.root / made).mkdir(parents=True, exist_ok=True, mode=0o700)
            except OSError as error:
                raise files.disk_problem(error, self.root) from error
            self.changed()
            return made

    def rename_folder(self, folder: str, new_name: str) -> str:
        """Give a folder another name where it is; returns its new name. Raises Problem name_taken, file_missing."""
        with self.changing():
            old = self._folder(folder)
            above, _ = split(old)
            new = join(above, folder_of(new_name.replace("/", " ").replace("\\", " ")))
            if not split(new)[1]:
                raise Problem("usage", detail="A folder needs a name")
            if folded(new) != folded(old) and folded(new) in map(folded, self.folders()):
                raise Problem("name_taken", name=split(new)[1])
            files.move(self.root / old, self.root / new)
            self.history.rename_folder(old, new)
            inside = (name for name in self.shelf.records if name.startswith(f"{old}/"))
            self.shelf.note_renamed({name: new + name[len(old) :] for name in inside})
            self.changed()
            return new

    def remove_folder(self, folder: str) -> str:
        """Put a folder's workflows into the trash, and the folder if nothing else is in it; returns the undo token."""
        with self.changing():
            where = self._folder(folder)
            names = [name for name in self.shelf.records if name.startswith(f"{where}/")]
            inner = [known for known in self.folders() if known.startswith(f"{where}/")]
            return self._remove([self.record(name) for name in names], [where, *inner])

    def remove(self, names: str | Sequence[str]) -> str:
        """Put workflows and their sidecars into the trash; returns a token for `restore`.

        A changed starter goes back to what it was. Raises Problem workflow_unknown, usage for a starter as it came,
        or disk_write; nothing is removed then.
        """
        with self.changing():
            chosen = [names] if isinstance(names, str) else names
            records = {record.found.name: record for record in map(self.own, chosen)}
            return self._remove(list(records.values()))

    def restore(self, token: str) -> Entries:
        """Bring back what `remove` took: file, sidecar and versions where they were, or as "name 2" if that is taken.

        Raises Problem undo_gone, or disk_write.
        """
        with self.changing():
            removal = self.trash.find(token)
            self.shelf.refresh(0.0)
            # The sidecar of a starter may have been made anew without its file; the one that comes back has the draft.
            taken = {name for name in self.taken() if not self.is_original(self.record(name))}
            names: dict[str, str] = {}
            for old in removal.items:
                folder, title = split(old)
                names[old] = free(folder, title, taken)
                taken.add(folded(names[old]))
            paths = {}
            for old, new in names.items():
                endings = {path: path[len(old) :] for path in removal.items[old] if path.startswith(old)}
                paths[old] = {path: new + ending for path, ending in endings.items()}
                if SIDECAR in endings.values():
                    self.shelf.sidecar(new).unlink(missing_ok=True)
            self.trash.put_back(removal, paths)
            self.history.bring_back(token, names)
            self.shelf.note_renamed({})
            return self.changed(*names.values())

    def _remove(self, records: Sequence[Record], folders: Sequence[str] = ()) -> str:
        items: dict[str, list[str]] = {}
        for record in records:
            name = record.found.name
            side = self.shelf.sidecar(name)
            paths = [Path(record.found.path), *([side] if side.exists() else [])]
            items[name] = [path.relative_to(self.root).as_posix() for path in paths]
        removal = self.trash.remove(items, folders)
        self.history.put_away(list(items), removal.token, removal.removed_at)
        self.shelf.note_renamed(dict.fromkeys(items, ""))
        self.changed()
        return removal.token

    def _move(self, moves: dict[str, str]) -> None:
        moved: dict[str, str] = {}
        try:
            for old, new in moves.items():
                ending = self.record(old).found.path[-len(ENDING) :]
                files.move(self.root / f"{old}{ending}", self._file(new))
                moved[old] = new
                side = self.shelf.sidecar(old)
                if side.exists():
                    here = self.shelf.sidecar(new)
                    if here.exists() and not here.samefile(side):
                        here.unlink()  # left behind by a workflow that is gone
                    files.move(side, here)
        finally:  # what has moved keeps its past also where the next one failed
            self.history.rename(moved)
            self.shelf.note_renamed(moved)

    def _file(self, name: str) -> Path:
        return self.root / f"{name}{ENDING}"

    def _folder(self, folder: str) -> str:
        for _ in range(2):
            if folder in self.shelf.folders:
                return folder
            known = {folded(name): name for name in self.shelf.folders}
            if folded(folder) in known:
                return known[folded(folder)]
            self.shelf.refresh(0.0)
        raise Problem("file_missing", file=self.root / folder_of(folder))
