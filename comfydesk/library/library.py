"""The person's workflows on disk, beside the starters that ship with ComfyDesk. Blocking; one thread at a time."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from comfydesk.base.errors import Problem
from comfydesk.jobs.naming import ALLOWED, extension
from comfydesk.library import compare, files, pictures, sidecar
from comfydesk.library.arrange import Arrange
from comfydesk.library.compare import Difference
from comfydesk.library.history import Seen, Use, sha256_of
from comfydesk.library.model import Version, WorkflowEntry
from comfydesk.library.names import folded, folder_of, free, join, split, title_of
from comfydesk.workflow import source
from comfydesk.workflow.source import Source

Kept = Literal["profile", "presets", "origin"]


class Library(Arrange):
    """A folder of plain files that a person may edit, sync or put in git; all else is made from them at any time."""

    # What comes in

    def add(self, path: Path, folder: str = "") -> WorkflowEntry:
        """Put a workflow file, or the workflow that a picture, video or sound carries, into the library.

        The same content twice is one entry; another of its name is "name 2". Raises Problem file_missing,
        file_unreadable or what `workflow/source` finds; nothing is written then.
        """
        name = self.name_of(path)
        if name is not None:
            return self.entry(path)
        files.check(path)
        return self._add(source.read(path), title_of(path.stem), folder)

    def add_bytes(self, data: bytes, name: str, folder: str = "") -> WorkflowEntry:
        """As `add`, for what was dropped, pasted or fetched. `name`: a file's name, or the title it shall have."""
        ending = extension(name)
        title = name[: -len(ending)] if ending[1:] in ALLOWED else name
        return self._add(source.of_bytes(data, name), title_of(title), folder)

    def save(self, name: str, data: bytes, why: str = "saved") -> WorkflowEntry:
        """Change a workflow of the library, or make one; a starter is copied into the home by it.

        The state before stays among its versions. Raises Problem as `add` does.
        """
        source.of_bytes(data, name)
        with self.changing():
            found = self.shelf.records.get(name) or self._by_case(name)
            target = found.found.name if found is not None else join(*_safe(name))
            if found is not None:
                self._keep(target, files.read(Path(found.found.path)), found.found.stamp[0] / 1e9)
            path = Path(found.found.path) if found is not None and not self.is_original(found) else self._file(target)
            files.write(path, data)
            self._keep(target, data, time.time(), why)
            return self.changed(target)[0]

    def _add(self, found: Source, title: str, folder: str) -> WorkflowEntry:
        data = found.data if found.data is not None else _as_json(found)
        with self.changing():
            self.shelf.refresh(0.0)
            same = self._same(data, title)
            if same is not None:
                return self.changed(same)[0]
            name = free(self.spelled(folder_of(folder)), title, self.taken())
            files.create(self._file(name), data)
            return self.changed(name)[0]

    def _same(self, data: bytes, title: str) -> str | None:
        """A workflow with this content: any of the person's own, or a starter where that is what the file is called."""
        sha256 = sha256_of(data)
        for name, record in self.shelf.records.items():
            item, row = record.found, record.row
            if item.stamp[1] != len(data) or item.problem:
                continue
            if self.is_original(record) and folded(name) != folded(title):
                continue
            if row.sha256 == sha256 if row.stamp == item.stamp else files.read(Path(item.path)) == data:
                return name
        return None

    # What a person says of a workflow

    def draft(self, name: str) -> dict[str, Any] | None:
        """What was typed into the form of a workflow, None where nothing was."""
        path = self._sidecar(name)
        return sidecar.draft_of(sidecar.read(path)) if path is not None else None

    def save_draft(self, name: str, draft: Mapping[str, Any]) -> None:
        """Keep what was typed into a form; the workflow does not change. Raises Problem disk_write or disk_full.

        A form may not have heard yet that its workflow was renamed or removed.
        """
        self._say(name, draft=sidecar.plain(dict(draft)))

    def kept(self, name: str, what: Kept) -> dict[str, Any]:
        """The profile, the presets or the origin of a workflow as they were given; {} where there are none."""
        path = self._sidecar(name)
        found = sidecar.read(path).get(what) if path is not None else None
        return found if isinstance(found, dict) else {}

    def keep(self, name: str, what: Kept, content: Mapping[str, Any] | None) -> None:
        """Put a profile, presets or an origin into the sidecar; nothing takes it out."""
        self._say(name, **{what: sidecar.plain(dict(content)) if content else None})

    def set_favourite(self, name: str, favourite: bool = True) -> WorkflowEntry:
        return self._change(name, favourite=favourite or None)

    def set_tags(self, name: str, tags: Iterable[str]) -> WorkflowEntry:
        """Give a workflow these tags instead of those that it has."""
        return self._change(name, tags=list(sidecar.clean_tags(tags)) or None)

    def note_opened(self, name: str) -> WorkflowEntry:
        """It was opened now: it leads the recent ones."""
        record = self.record(name)
        now = time.time()
        self.history.note_opened(record.found.name, now)
        before = self.shelf.use_of(record.found.name)
        self.shelf.note_use(record.found.name, Use(now, before.cover))
        return record.shown.entry

    def set_thumbnail(self, name: str, picture: Path, *, is_chosen: bool = False) -> WorkflowEntry:
        """Show a small copy of a picture with the workflow; it outlives the picture.

        The newest result is kept in the home; the sidecar gets the first one, or one that is chosen by the person,
        which no result replaces: otherwise the file would change with every run. Raises Problem input_unusable.
        """
        record = self.record(name)
        name = record.found.name
        if is_chosen or not record.row.picture:
            small = sidecar.thumbnail(pictures.small(picture, pictures.IN_SIDECAR), is_chosen=is_chosen)
            self._change(name, thumbnail=small)
        if not is_chosen:
            data = pictures.small(picture, pictures.SHOWN)
            cover = f"{hashlib.sha256(data).hexdigest()[:24]}.webp"
            files.write(self.shelf.pictures / cover, data)
            old = self.history.set_cover(name, cover)
            if old and old != cover:
                (self.shelf.pictures / old).unlink(missing_ok=True)
            self.shelf.note_use(name, Use(self.shelf.use_of(name).opened_at, cover))
        return self.record(name).shown.entry

    def _change(self, name: str, **values: Any) -> WorkflowEntry:
        with self.changing():
            found = self.record(name).found.name
            sidecar.change(self.shelf.sidecar(found), **values)
            return self.changed(found)[0]

    def _say(self, name: str, **values: Any) -> None:
        path = self._sidecar(name)
        if path is not None:
            with self.locked():
                sidecar.change(path, **values)

    def _sidecar(self, name: str) -> Path | None:
        """Of a workflow of the library, or of the name that a file elsewhere has; None of one that was removed."""
        name = self.shelf.name_now(name)
        if not name:
            return None
        path = self.shelf.sidecar(name)
        is_known = name in self.shelf.records or (not self.shelf.is_loaded and _is_inside(path, self.root))
        if is_known and (path.exists() or self._file(name).exists()):
            return path
        return self.shelf.sidecar(join(*_safe(name)))

    # Versions

    def versions(self, name: str) -> list[Version]:
        """Every state of the file that is kept, newest first. A starter as it came has none."""
        return self.history.versions(self.record(name).found.name)

    def version(self, name: str, version_id: int) -> bytes:
        """The file as it was. Raises Problem version_gone."""
        return self.history.content(self.record(name).found.name, version_id)

    def compare(self, name: str, old_id: int, new_id: int | None = None) -> list[Difference]:
        """What differs between a version and another, or what the file holds now (None)."""
        record = self.record(name)
        old = self.history.content(record.found.name, old_id)
        new = self.history.content(record.found.name, new_id) if new_id is not None else self.read(record.found.path)
        return compare.differences(source.of_bytes(old, name), source.of_bytes(new, name))

    def restore_version(self, name: str, version_id: int) -> WorkflowEntry:
        """Go back to a version; what the file held until now stays among its versions."""
        return self.save(name, self.version(name, version_id), "restored")

    def tidy(self) -> None:
        """Let go of what nobody can ask for any more: old copies of removed files, the past of files long gone."""
        self.trash.sweep()
        self.history.sweep(set(self.shelf.records))
        pictures.sweep(self.shelf.pictures, self.history.covers())

    def _keep(self, name: str, data: bytes, at: float, why: str = "outside") -> None:
        self.history.note([Seen(name, data, sha256_of(data), at, why)])

    def _by_case(self, name: str) -> Any:
        try:
            return self.record(name)
        except Problem:
            return None


def _safe(name: str) -> tuple[str, str]:
    folder, title = split(name)
    return folder_of(folder), title_of(title)


def _is_inside(path: Path, root: Path) -> bool:
    return ".." not in path.parts and path.is_relative_to(root)


def _as_json(found: Source) -> bytes:
    """The workflow of a picture: the editor's graph, else the prompt. Raises Problem workflow_none."""
    content = found.gui if found.gui is not None else found.prompt
    if content is None:
        raise Problem("workflow_none", file=found.name)
    return json.dumps(content, ensure_ascii=False, indent=2).encode("utf-8", "replace")
