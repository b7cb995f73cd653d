"""The engine's half that deals with the library: list, search, bring in, put in order, go back to versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from comfydesk.engine.librarywatch import AT_ONCE, STALE, LibraryWatch
from comfydesk.library.compare import Difference
from comfydesk.library.library import Kept
from comfydesk.library.model import Version, WorkflowEntry
from comfydesk.library.search import Sort


class LibraryDesk(LibraryWatch):
    """Workflows on disk. Mixed into Engine; files are touched on the "library" lane only.

    Announces LibraryChanged, and WorkflowFileChanged where a workflow's content is another than before.
    """

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
        return await self._library(self._search, query, folder, tag, favourites, sort)

    def _search(
        self, query: str, folder: str | None, tag: str | None, favourites: bool, sort: Sort
    ) -> list[WorkflowEntry]:
        is_watched = self._watch is not None and self._watch.is_on
        if not is_watched and self.library.shelf.age > STALE:
            self.library.refresh(AT_ONCE)
        return self.library.search(query, folder=folder, tag=tag, favourites=favourites, sort=sort, fresh=False)

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
