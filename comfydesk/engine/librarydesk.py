"""The engine's half that deals with the library: list, search, bring in, put in order, go back, notice changes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from comfydesk.base.changes import Change
from comfydesk.base.errors import Problem
from comfydesk.gallery.model import GalleryAdded, GalleryItem
from comfydesk.library.compare import Difference
from comfydesk.library.library import Kept, Library
from comfydesk.library.model import LibraryChanged, Version, WorkflowEntry, WorkflowFileChanged
from comfydesk.library.search import Sort
from comfydesk.library.watch import FolderWatch

if TYPE_CHECKING:
    from comfydesk.base.changes import ChangeStream
    from comfydesk.base.runtime import Lane, Runtime
    from comfydesk.gallery.gallery import Gallery

log = logging.getLogger(__name__)
T = TypeVar("T")

QUIET = 0.25  # seconds without a change outside before the folder is looked at: tools write in several steps
LATEST = 2.0  # seconds after the first change when it is looked at in any case
AT_ONCE = 0.02  # seconds of reading before a list is shown; the names of all files are in it already
STEP = 0.03  # seconds of reading in the background before the lane is free for somebody who waits
AGAIN = 0.5  # seconds until a file that may be half written is read again
COVER_PAUSE = 1.0  # seconds between two pictures of results
CAUGHT_UP = 100  # newest results that are looked at when a window starts
_COVER = 256  # pixels


class LibraryDesk:
    """Workflows on disk. Mixed into Engine; files are touched on the "files" lane only.

    Announces LibraryChanged, and WorkflowFileChanged where a workflow's content is another than before.
    """

    runtime: Runtime
    changes: ChangeStream
    library: Library
    gallery: Gallery
    _watch: FolderWatch | None = None
    _look_at: asyncio.TimerHandle | None = None
    _first_notice: float = 0.0
    _reading: asyncio.Task[None] | None = None
    _unsubscribe_library: Callable[[], None] | None = None
    _covers: dict[str, GalleryItem]  # newest results that are not shown with their workflow yet, by its title
    _covering: asyncio.Task[None] | None = None

    def _files(self) -> Lane:
        return self.runtime.lane("files", 1)

    # Looking

    async def workflows(
        self,
        query: str = "",
        *,
        folder: str | None = None,
        tag: str | None = None,
        favourites: bool = False,
        sort: Sort = "name",
    ) -> list[WorkflowEntry]:
        """Workflows that hold all words of `query` in title, tags, folder, models or nodes; best first, then by `sort`.

        `folder`: with the folders in it; "" means those in no folder. `sort`: "name" (starters first), "modified" or
        "opened" (newest first; opened_at 0 is never). What has not been read yet is found by its name; LibraryChanged
        follows.
        """
        is_watched = self._watch is not None and self._watch.is_on
        return await self._library(self._search, query, folder, tag, favourites, sort, not is_watched and not query)

    def _search(
        self, query: str, folder: str | None, tag: str | None, favourites: bool, sort: Sort, is_asked: bool
    ) -> list[WorkflowEntry]:
        if is_asked or not self.library.shelf.is_loaded:
            self.library.refresh(AT_ONCE)
        return self.library.search(query, folder=folder, tag=tag, favourites=favourites, sort=sort, fresh=False)

    async def refresh_library(self) -> None:
        """Look at the folder now: for the window when it comes to the front, as not every disk tells of changes."""
        await self._library(self._renew)

    def _renew(self) -> None:
        if self._watch is not None:
            self._watch.renew()
        self.library.refresh(AT_ONCE)

    async def workflow_entry(self, name: str) -> WorkflowEntry:
        """One workflow of the library. Raises Problem workflow_unknown."""
        return await self._library(lambda: self.library.record(name).shown.entry)

    async def workflow_folders(self) -> list[str]:
        """All folders, also empty ones: "a", "a/b", …"""
        return await self._library(self.library.folders)

    async def workflow_tags(self) -> list[tuple[str, int]]:
        """(tag, how many workflows have it) by name."""
        return await self._library(self.library.tags)

    # Bringing in

    async def import_workflow(self, path: str, folder: str = "") -> WorkflowEntry:
        """Put a workflow file, or what a picture, video or sound carries, into the library.

        Never runs or uploads anything. Raises Problem when there is no workflow in it.
        """
        return await self._library(self.library.add, Path(path), folder)

    async def import_data(self, data: bytes, name: str, folder: str = "") -> WorkflowEntry:
        """As `import_workflow`, for bytes that were dropped or pasted. `name`: of the file, or the title it gets."""
        return await self._library(self.library.add_bytes, data, name, folder)

    async def import_url(self, url: str, folder: str = "") -> WorkflowEntry:
        """Fetch what a person typed the address of, and put it into the library. http and https only.

        Raises Problem url_failed, or as `import_workflow` does.
        """
        from comfydesk.library import fetch

        fetched = await self.runtime.lane("fetch", 1).run(fetch.fetch, url)
        entry = await self._library(self.library.add_bytes, fetched.data, fetched.name, folder)
        await self._library(self.library.keep, entry.name, "origin", {"url": fetched.origin})
        return entry

    # Putting in order

    async def duplicate_workflow(self, name: str) -> WorkflowEntry:
        """A copy beside it, "name 2"."""
        return await self._library(self.library.duplicate, name)

    async def rename_workflow(self, name: str, new_title: str) -> WorkflowEntry:
        """Give it another title; the entry has its new name. Raises Problem name_taken, usage for a starter."""
        return await self._library(self.library.rename, name, new_title)

    async def move_workflows(self, names: Sequence[str], folder: str) -> list[WorkflowEntry]:
        """Put workflows into a folder, made where it is not there; "" is the top."""
        return await self._library(self.library.move, list(names), folder)

    async def remove_workflows(self, names: Sequence[str]) -> str:
        """Put workflows of the person's own into the trash; returns the token for `restore_workflows`."""
        return await self._library(self.library.remove, list(names))

    async def remove_workflow(self, name: str) -> str:
        """Put one workflow into the trash."""
        return await self.remove_workflows([name])

    async def restore_workflows(self, token: str) -> list[WorkflowEntry]:
        """Undo a removal: files, what belongs to them, and their versions. Raises Problem undo_gone."""
        return await self._library(self.library.restore, token)

    async def make_folder(self, folder: str) -> str:
        """Make a folder; returns its name as it is on disk."""
        return await self._library(self.library.make_folder, folder)

    async def rename_folder(self, folder: str, new_name: str) -> str:
        """Give a folder another name where it is. Raises Problem name_taken."""
        return await self._library(self.library.rename_folder, folder, new_name)

    async def remove_folder(self, folder: str) -> str:
        """Put a folder and the workflows in it into the trash; returns the token for `restore_workflows`."""
        return await self._library(self.library.remove_folder, folder)

    # What a person says of a workflow

    async def set_favourite(self, name: str, favourite: bool = True) -> WorkflowEntry:
        return await self._library(self.library.set_favourite, name, favourite)

    async def set_tags(self, name: str, tags: Sequence[str]) -> WorkflowEntry:
        """Give a workflow these tags instead of those that it has."""
        return await self._library(self.library.set_tags, name, list(tags))

    def opened_workflow(self, entry: WorkflowEntry) -> None:
        """A workflow becomes a form: in the window that makes it a recent one, if it lies in the library."""
        if self._watch is not None and self.library.name_of(Path(entry.path)) == entry.name:
            self.runtime.spawn(self.note_opened(entry.name), "library opened")

    async def note_opened(self, name: str) -> None:
        """A person opened it: it leads the recent ones."""
        await self._library(self.library.note_opened, name)

    async def set_workflow_picture(self, name: str, picture: str) -> WorkflowEntry:
        """Show this picture with the workflow, whatever it makes later. Raises Problem input_unusable."""
        return await self._library(lambda: self.library.set_thumbnail(name, Path(picture), is_chosen=True))

    async def save_draft(self, name: str, draft: Mapping[str, Any]) -> None:
        """Keep what was typed into a form for the next start; the workflow file itself does not change."""
        await self._files().run(self.library.save_draft, name, dict(draft))

    async def workflow_kept(self, name: str, what: Kept) -> dict[str, Any]:
        """The "profile", "presets" or "origin" of a workflow, {} where there is none."""
        return await self._files().run(self.library.kept, name, what)

    async def keep_workflow(self, name: str, what: Kept, content: Mapping[str, Any] | None) -> None:
        """Put a profile, presets or an origin beside the workflow; None takes it out."""
        await self._files().run(self.library.keep, name, what, content)

    # Versions

    async def workflow_versions(self, name: str) -> list[Version]:
        """Every state of the file that is kept, newest first."""
        return await self._files().run(self.library.versions, name)

    async def compare_versions(self, name: str, old_id: int, new_id: int | None = None) -> list[Difference]:
        """What differs between a version and another, or what the file holds now (None)."""
        return await self._files().run(self.library.compare, name, old_id, new_id)

    async def restore_version(self, name: str, version_id: int) -> WorkflowEntry:
        """Go back to a version, as a new version. WorkflowFileChanged follows."""
        return await self._library(self.library.restore_version, name, version_id)

    # Noticing

    async def start_library(self) -> None:
        """For a window: watch the folder, read what is new in the background, give workflows their newest result."""
        self._covers = {}
        self._unsubscribe_library = self.changes.subscribe(self._follow_results)
        self._watch = FolderWatch(self.library.root, lambda: self.runtime.post(self._noticed))
        await self._files().run(self._watch.start)
        self.runtime.spawn(self._catch_up_covers(), "library covers")
        self.runtime.spawn(self._get_ready(), "library words")

    async def _get_ready(self) -> None:
        """What a search needs is there before the first key."""
        await self._library(self._renew)
        await self._files().run(self.library.shelf.words)

    async def close_library(self) -> None:
        if self._unsubscribe_library is not None:
            self._unsubscribe_library()
        if self._look_at is not None:
            self._look_at.cancel()
        tasks = [task for task in (self._reading, self._covering) if task is not None]
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

    def _announce(self, news: Any) -> None:
        if news.is_changed:
            self.changes.publish(LibraryChanged())
        self.changes.publish(*(WorkflowFileChanged(name) for name in news.contents))
        if news.left and (self._reading is None or self._reading.done()):
            self._reading = self.runtime.spawn(self._read_on(news.left), "library index")

    async def _read_on(self, left: int) -> None:
        """Read the files that are new, in steps that let others have the lane between them."""
        while left:
            now_left = await self._files().run(self.library.read_on, STEP)
            news = await self._files().run(self.library.news)
            if news.is_changed:
                self.changes.publish(LibraryChanged())
            self.changes.publish(*(WorkflowFileChanged(name) for name in news.contents))
            if now_left == left:  # only files that may be half written
                await asyncio.sleep(AGAIN)
                now_left = await self._files().run(self.library.refresh, STEP)
            left = now_left
        await self._files().run(self.library.tidy)

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
