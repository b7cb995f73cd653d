"""The gallery, as the engine exposes it: results on disk, indexed, searchable, with thumbnails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from comfydesk.base.changes import Change, ChangeStream
from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.base.runtime import Runtime
from comfydesk.gallery import entries, sections, trash
from comfydesk.gallery.index import GalleryIndex
from comfydesk.gallery.model import Entry, GalleryAdded, GalleryChanged, GalleryItem, GalleryRemoved
from comfydesk.gallery.thumbnails import Thumbnails
from comfydesk.jobs.model import Job, JobChanged, JobRequest, OutputSaved
from comfydesk.workflow.media import metadata

log = logging.getLogger(__name__)

WATCH = 1.0  # seconds between looks for what other processes added
_SHOWN = frozenset(
    {"picture", "animation"}
)  # kinds that Pillow makes a thumbnail of; videos have a poster, the others an icon


class Gallery:
    """Coroutines on the engine's loop. Announces GalleryAdded, GalleryChanged and GalleryRemoved.

    Nothing here ever touches the server's copy of a file.
    """

    def __init__(self, home: Home, runtime: Runtime, changes: ChangeStream) -> None:
        self._runtime = runtime
        self._changes = changes
        self._index = GalleryIndex(home)
        self._thumbnails = Thumbnails(home.thumbnails)
        self._db = runtime.lane("gallery", 1)
        self._files = runtime.lane("gallery-files", 1)
        self._scan = runtime.lane("gallery-scan", 1)
        self._decode = runtime.lane("decode", 2)
        self._seen = 0  # the newest row that was announced
        self._unsubscribe: Callable[[], None] | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._checking: set[int] = set()

    @property
    def is_new(self) -> bool:
        """Whether the index was begun anew at `start`: `rebuild` finds what lies on disk."""
        return self._index.is_new

    async def start(self, *, watch: bool = True) -> None:
        """Open the index. `watch`: notice what other processes (a `run` beside the window) add."""
        await self._db.run(self._index.open)
        self._seen = await self._db.run(self._index.newest_id)
        self._unsubscribe = self._changes.subscribe(self._follow_jobs)
        if watch:
            self._spawn(self._watch(), "gallery watch")

    async def close(self) -> None:
        if self._unsubscribe is not None:
            self._unsubscribe()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._db.run(self._index.close)

    async def count(self, query: str = "") -> int:
        return await self._db.run(self._index.count, query)

    async def workflow_counts(self) -> dict[str, int]:
        """How many files there are of each workflow, by the title that it had when they were made."""
        return await self._db.run(self._index.workflow_counts)

    async def page(self, offset: int, limit: int, query: str = "", newest_first: bool = True) -> list[GalleryItem]:
        """Items by time; see `query` for what may be searched. Files that are gone are announced a moment later."""
        items = await self._db.run(self._index.page, offset, limit, query, newest_first)
        unchecked = [item for item in items if item.item_id not in self._checking]
        if unchecked:
            self._checking.update(item.item_id for item in unchecked)
            self._spawn(self._check(unchecked), "gallery check")
        return self._with_sections(items)

    async def sections(self, query: str = "", newest_first: bool = True) -> list[tuple[str, int]]:
        """(heading, how many items) in the order of `page`, so that a grid can be laid out before it has rows."""
        rows = await self._db.run(self._index.times, query, newest_first)
        return await self._files.run(sections.runs, rows, _today())

    async def item(self, item_id: int) -> GalleryItem:
        """Raises Problem("file_missing") for an id that is not there."""
        found = await self._db.run(self._index.item, item_id)
        if found is None:
            raise Problem("file_missing", file=f"number {item_id}")
        return self._with_sections([found])[0]

    async def items_of(self, paths: Iterable[str]) -> list[GalleryItem]:
        """The items of saved files by path; those that are not in the index are left out."""
        return self._with_sections(await self._db.run(self._index.items_of, list(paths)))

    async def thumbnail(self, item_id: int, px: int) -> str:
        """The path of a WebP with a longer side of at least `px` pixels (at most 1,024), or "" for an icon instead.

        Of a video: the picture that `keep_poster` was given.
        """
        item = await self.item(item_id)
        try:
            if item.kind == "video":
                return await self._decode.run(self._thumbnails.poster, Path(item.path))
            if item.kind not in _SHOWN:
                return ""
            return await self._decode.run(self._thumbnails.make, Path(item.path), px)
        except FileNotFoundError:
            await self._mark([] if item.missing else [item], missing=True)
            return ""

    async def keep_poster(self, item_id: int, picture: bytes) -> None:
        """Keep a frame of a video as its thumbnail: only the window has something that decodes videos."""
        item = await self.item(item_id)
        try:
            await self._decode.run(self._thumbnails.keep_poster, Path(item.path), picture)
        except (OSError, ValueError) as exc:
            log.info("no poster of %s: %s", item.name, exc)  # it will be made again when it is looked at

    async def place(self, item_id: int, query: str = "") -> int:
        """Which row of `page` an item is in, newest first; -1 if `query` leaves it out or it is gone."""
        return await self._db.run(self._index.place, item_id, query)

    async def details(self, item_id: int) -> dict[str, Any]:
        """Everything known of a file.

        item, params {label: value}, prompt (API graph or None), workflow (the editor's graph or None), parameters
        (AUTOMATIC1111's text), texts, width, height, bytes, sha256, seed, took (s), host, node_id, node_title, server
        {filename, subfolder, type} or None, notes (what could not be read).
        """
        item = await self.item(item_id)
        facts = await self._db.run(self._index.facts, item_id)
        if facts is None:
            raise Problem("file_missing", file=item.path)
        try:
            found = await self._files.run(metadata.read, Path(item.path))
        except Problem as problem:
            found = metadata.Metadata(notes=(problem.message,))
        remote = facts["remote"]
        server = {"filename": remote.filename, "subfolder": remote.subfolder, "type": remote.type} if remote else None
        return {
            "item": item,
            "params": facts["params"],
            "prompt": facts["graph"] or found.prompt,
            "workflow": found.workflow,
            "parameters": found.parameters,
            "texts": dict(found.texts),
            "width": found.width or item.width,
            "height": found.height or item.height,
            "bytes": item.size,
            "sha256": facts["sha256"],
            "seed": item.seed,
            "took": item.took,
            "host": item.host,
            "node_id": facts["node_id"],
            "node_title": facts["node_title"],
            "server": server,
            "notes": list(found.notes),
        }

    async def add_saved(
        self, change: OutputSaved, job: Job, request: JobRequest | None = None, host: str = ""
    ) -> GalleryItem | None:
        """Make a row of a file that was just saved. `request` brings parameters and prompt, `host` its name to show.

        None if the file is gone already, which is the user's right.
        """
        try:
            entry = await self._files.run(entries.of_output, change, job, request, host)
        except (Problem, OSError) as exc:
            log.info("a saved file is not there for the gallery: %s", exc)
            return None
        await self._add([entry])
        found = await self._db.run(self._index.items_of, [entry.path])
        return self._with_sections(found)[0] if found else None

    async def rebuild(self, folders: Sequence[Path], saved: Iterable[tuple[OutputSaved, Job]] = ()) -> int:
        """Find what the index does not have: files of known jobs first, then all media below `folders`.

        Returns how many were added. Rows that are there stay as they are.
        """
        added = 0
        known = await self._db.run(self._index.paths)
        for change, job in saved:
            if change.file.path not in known and await self.add_saved(change, job) is not None:
                known.add(change.file.path)
                added += 1
        for folder in folders:
            walk = entries.media_below(folder)
            while step := await self._scan.run(entries.next_entries, walk, folder, known):
                await self._add(step)
                added += len(step)
        return added

    async def trash(self, item_ids: Sequence[int]) -> None:
        """Move files to the system's trash; their copies on the server stay.

        Raises Problem("trash_failed") if some could not be moved; the others are gone all the same.
        """
        items = [item for item_id in item_ids if (item := await self._db.run(self._index.item, item_id)) is not None]
        gone, failed = await self._files.run(trash.move, items)
        await self._remove(gone)
        if failed:
            name, detail = failed[0]
            more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
            raise Problem("trash_failed", file=f"{name}{more}", detail=detail)

    async def forget_missing(self) -> int:
        """Drop the rows whose files are really not there any more; returns how many."""
        dropped = 0
        offset = 0
        while items := await self._db.run(self._index.page, offset, 500):
            offset += len(items)
            gone = await self._files.run(_gone, items)
            await self._remove([item.item_id for item in gone])
            offset -= len(gone)
            dropped += len(gone)
        return dropped

    async def prune_thumbnails(self) -> int:
        """Keep the cache of thumbnails within its size; returns how many files went."""
        return await self._decode.run(self._thumbnails.prune)

    async def _add(self, new: Sequence[Entry]) -> None:
        items = await self._db.run(self._index.add, new, self._seen)
        self._announce(items)

    def _announce(self, items: Sequence[GalleryItem]) -> None:
        fresh = [item for item in items if item.item_id > self._seen]  # two additions may have crossed
        if fresh:
            self._seen = max(item.item_id for item in fresh)
            self._changes.publish(GalleryAdded(tuple(self._with_sections(fresh))))

    async def _remove(self, item_ids: Sequence[int]) -> None:
        if item_ids:
            await self._db.run(self._index.remove, item_ids)
            self._changes.publish(GalleryRemoved(tuple(item_ids)))

    async def _check(self, items: Sequence[GalleryItem]) -> None:
        """Mark the shown items whose files went away or came back."""
        try:
            gone = {item.item_id for item in await self._files.run(_gone, items)}
            await self._mark([i for i in items if i.item_id in gone and not i.missing], missing=True)
            await self._mark([i for i in items if i.item_id not in gone and i.missing], missing=False)
        finally:
            self._checking.difference_update(item.item_id for item in items)

    async def _mark(self, items: Sequence[GalleryItem], *, missing: bool) -> None:
        if items:
            await self._db.run(self._index.mark, [item.item_id for item in items], missing)
            changed = [replace(item, missing=missing) for item in items]
            self._changes.publish(GalleryChanged(tuple(self._with_sections(changed))))

    async def _watch(self) -> None:
        version = await self._db.run(self._index.data_version)
        while True:
            await asyncio.sleep(WATCH)
            now = await self._db.run(self._index.data_version)
            if now != version:
                version = now
                self._announce(await self._db.run(self._index.add, [], self._seen))

    def _follow_jobs(self, changes: list[Change]) -> None:
        for change in changes:
            if isinstance(change, JobChanged) and change.job.state.is_final and change.job.files:
                started, ended = change.job.started_at, change.job.finished_at
                if started is not None and ended is not None:
                    self._spawn(self._took(change.job.job_id, ended - started), "gallery job time")

    async def _took(self, job_id: str, seconds: float) -> None:
        await self._db.run(self._index.set_took, job_id, seconds)

    def _spawn(self, coro: Coroutine[Any, Any, None], name: str) -> None:
        task = self._runtime.spawn(coro, name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @staticmethod
    def _with_sections(items: Sequence[GalleryItem]) -> list[GalleryItem]:
        today = _today()
        return [replace(item, section=sections.section_of(item, today)) for item in items]


def _today() -> date:
    return date.today()


def _gone(items: Sequence[GalleryItem]) -> list[GalleryItem]:
    return [item for item in items if not Path(item.path).exists()]
