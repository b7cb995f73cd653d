"""Keeps the library's list in step: changes from outside, files that are new, the newest result of each workflow."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from comfydesk.base.changes import Change
from comfydesk.base.errors import Problem
from comfydesk.gallery.model import GalleryAdded, GalleryItem, GalleryRemoved
from comfydesk.library.library import Library
from comfydesk.library.model import LibraryChanged, Refreshed, WorkflowFileChanged
from comfydesk.library.watch import FolderWatch

if TYPE_CHECKING:
    from comfydesk.base.changes import ChangeStream
    from comfydesk.base.runtime import Lane, Runtime
    from comfydesk.gallery.gallery import Gallery

log = logging.getLogger(__name__)
T = TypeVar("T")

QUIET = 0.25  # seconds without a change outside before the folder is looked at: tools write in several steps
LATEST = 2.0  # seconds after the first change when it is looked at in any case
STALE = 1.0  # seconds after which a list looks at the folder again where changes are not noticed by themselves
AT_ONCE = 0.02  # seconds of reading before a list is shown; the names of all files are in it already
STEP = 0.03  # seconds of reading in the background before the lane is free for somebody who waits
WORDS = 200  # workflows whose node names are made ready for the search in one step
BREATH = 0.005  # seconds between two steps: decoding lets no other thread run
TOLD = 1.0  # seconds between two lists while files are read
AGAIN = 0.5  # seconds until a file that may be half written is read again
COVER_PAUSE = 1.0  # seconds between two pictures of results
CAUGHT_UP = 100  # newest results that are looked at when a window starts
_COVER = 256  # pixels


class LibraryWatch:
    """Part of LibraryDesk; files are touched on the "library" lane only."""

    runtime: Runtime
    changes: ChangeStream
    library: Library
    gallery: Gallery
    _watch: FolderWatch | None = None
    _look_at: asyncio.TimerHandle | None = None
    _first_notice: float = 0.0
    _starting: asyncio.Task[None] | None = None
    _reading: asyncio.Task[None] | None = None
    _unsubscribe_library: Callable[[], None] | None = None
    _covers: dict[str, GalleryItem]  # newest results that are not shown with their workflow yet, by its title
    _covering: asyncio.Task[None] | None = None
    _counting: asyncio.Task[None] | None = None
    _count_again: bool = False

    def _files(self) -> Lane:
        return self.runtime.lane("library", 1)  # its own: that of the downloads has two threads

    async def start_library(self) -> None:
        """For a window: watch the folder, read what is new in the background, give workflows their newest result."""
        self._covers = {}
        self._unsubscribe_library = self.changes.subscribe(self._follow_results)
        self._watch = FolderWatch(self.library.root, lambda: self.runtime.post(self._noticed))
        self._starting = self.runtime.spawn(self._get_ready(self._watch), "library start")

    async def refresh_library(self) -> None:
        """Look at the folder now: for the window when it comes to the front, as not every disk tells of changes."""
        await self._library(self._renew)

    def _renew(self) -> None:
        if self._watch is not None and self._watch.is_on:
            self._watch.renew()
        self.library.refresh(AT_ONCE)

    async def _get_ready(self, watch: FolderWatch) -> None:
        """What a search needs is there before the first key."""
        await self.refresh_library()
        while await self._files().run(self.library.shelf.words, WORDS) is None:  # noqa: ASYNC110 (it works, not waits)
            await asyncio.sleep(BREATH)
        await self._files().run(watch.start)
        await self.refresh_library()  # for what changed before the watch began
        await self._files().run(self.library.tidy)
        self._want_counts()
        await self._catch_up_covers()

    async def close_library(self) -> None:
        if self._unsubscribe_library is not None:
            self._unsubscribe_library()
        if self._look_at is not None:
            self._look_at.cancel()
        tasks = [task for task in (self._starting, self._reading, self._covering, self._counting) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._watch is not None:
            await self._files().run(self._watch.stop)
        await self._files().run(self.library.close)

    async def _library(self, work: Callable[..., T], *arguments: Any) -> T:
        """Do something with the library on its lane, and announce what changed by it."""
        try:
            return await self._files().run(work, *arguments)
        finally:
            self._announce(await self._files().run(self.library.news))

    def _announce(self, news: Refreshed) -> None:
        if news.is_changed:
            self.changes.publish(LibraryChanged())
        self.changes.publish(*(WorkflowFileChanged(name) for name in news.contents))
        if news.left and (self._reading is None or self._reading.done()):
            self._reading = self.runtime.spawn(self._read_on(news.left), "library index")

    async def _read_on(self, left: int) -> None:
        """Read the files that are new, in steps that let others have the lane between them."""
        is_changed, told_at = False, self.runtime.loop.time()
        while left:
            now_left = await self._files().run(self.library.read_on, STEP)
            if now_left == left:  # only files that may be half written
                await asyncio.sleep(AGAIN)
                now_left = await self._files().run(self.library.refresh, STEP)
            left = now_left
            news = await self._files().run(self.library.news)
            self.changes.publish(*(WorkflowFileChanged(name) for name in news.contents))
            is_changed |= news.is_changed
            if is_changed and (not left or self.runtime.loop.time() - told_at > TOLD):
                self.changes.publish(LibraryChanged())
                is_changed, told_at = False, self.runtime.loop.time()
            await asyncio.sleep(BREATH)

    def _noticed(self) -> None:
        """Something changed in the folder: look when it has been quiet for a moment."""
        now = self.runtime.loop.time()
        if self._look_at is None:
            self._first_notice = now
        else:
            self._look_at.cancel()
        wait = max(0.0, min(QUIET, self._first_notice + LATEST - now))
        self._look_at = self.runtime.loop.call_later(wait, self._look)

    def _look(self) -> None:
        self._look_at = None
        self.runtime.spawn(self.refresh_library(), "library look")

    def _follow_results(self, changes: list[Change]) -> None:
        items = [item for change in changes if isinstance(change, GalleryAdded) for item in change.items]
        self._want_covers(items)
        if any(isinstance(change, GalleryAdded | GalleryRemoved) for change in changes):
            self._want_counts()

    def _want_counts(self) -> None:
        """Count the results of each workflow; while there are new ones all the time, once a second."""
        self._count_again = True
        if self._counting is None or self._counting.done():
            self._counting = self.runtime.spawn(self._count_results(), "library results")

    async def _count_results(self) -> None:
        while self._count_again:
            self._count_again = False
            counts = await self.gallery.workflow_counts()
            await self._library(self.library.shelf.note_results, counts)
            await asyncio.sleep(TOLD)

    def _want_covers(self, items: Sequence[GalleryItem]) -> None:
        """Remember the newest result of each workflow; a batch of hundreds must not paint a picture for each."""
        self._covers.update((item.workflow, item) for item in items if item.workflow)
        if self._covers and (self._covering is None or self._covering.done()):
            self._covering = self.runtime.spawn(self._take_covers(), "library covers")

    async def _take_covers(self) -> None:
        while self._covers:
            title = next(iter(self._covers))
            await self._take_cover(self._covers.pop(title))
            await asyncio.sleep(COVER_PAUSE)

    async def _take_cover(self, item: GalleryItem) -> None:
        """Show a new result with the workflow that made it."""
        try:
            picture = await self.gallery.thumbnail(item.item_id, _COVER)
            name = await self._files().run(self._named, item.workflow) if picture else ""
            if name:
                await self._library(self.library.set_thumbnail, name, Path(picture))
        except Problem as problem:  # the file is gone already, or no picture
            log.info("no picture for %s: %s", item.workflow, problem)

    async def _catch_up_covers(self) -> None:
        """Results that were made while no window was open."""
        items = await self.gallery.page(0, CAUGHT_UP)
        self._want_covers(items[::-1])

    def _named(self, title: str) -> str:
        """The workflow that a job's title means; of several, the one that was opened last."""
        if not self.library.shelf.is_loaded:
            self.library.refresh(0.0)
        found = [entry for entry in self.library.search(fresh=False, sort="opened") if entry.title == title]
        return found[0].name if found else ""
