"""The library's and the host's half of the stand-in engine: entries in memory, recorded calls, scripted problems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from comfydesk.base.changes import Change
from comfydesk.base.errors import Problem
from comfydesk.library.compare import Difference
from comfydesk.library.model import LibraryChanged, Version, WorkflowEntry
from comfydesk.server.templates import RemoteTemplate, Templates
from comfydesk.server.userdata import RemoteUser, RemoteWorkflow

NOON = 1_790_000_000.0


def entry(name: str, **facts: Any) -> WorkflowEntry:
    """A workflow of the person's own; any fact may be given."""
    folder, _, title = name.rpartition("/")
    base: dict[str, Any] = {
        "title": title.capitalize(),
        "path": f"/home/ann/workflows/{name}.json",
        "node_count": 7,
        "is_starter": False,
        "modified_at": NOON,
        "folder": folder,
        "kind": "gui",
    }
    return WorkflowEntry(name, **{**base, **facts})


class StandInLibrary:
    """`asked` lists the calls; `problems` maps a method's name to what it raises."""

    entries: list[WorkflowEntry]

    def begin_library(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.problems: dict[str, Problem] = {}
        self.extra_folders: list[str] = []
        self.trash: dict[str, list[WorkflowEntry]] = {}
        self.versions: list[Version] = []
        self.differences: list[Difference] = []
        self.remote: list[RemoteWorkflow] = []
        self.users: list[RemoteUser] = []
        self.templates = Templates(())

    def announce(self, *changes: Change) -> None:
        raise NotImplementedError

    def asked_for(self, name: str) -> list[tuple[Any, ...]]:
        return [call[1:] for call in self.asked if call[0] == name]

    def _note(self, name: str, *args: Any) -> None:
        self.asked.append((name, *args))
        if name in self.problems:
            raise self.problems[name]

    def _replace(self, old_name: str, /, **news: Any) -> WorkflowEntry:
        made = [replace(old, **news) if old.name == old_name else old for old in self.entries]
        self.entries = made
        self.announce(LibraryChanged())
        return next(e for e in made if e.name == news.get("name", old_name))

    # the library

    async def workflows(self, query: str = "", **options: Any) -> list[WorkflowEntry]:
        self._note("workflows", query, options)
        words = query.casefold().split()
        return [e for e in self.entries if all(w in f"{e.title} {' '.join(e.tags)}".casefold() for w in words)]

    async def workflow_folders(self) -> list[str]:
        return sorted({e.folder for e in self.entries if e.folder} | set(self.extra_folders))

    async def workflow_tags(self) -> list[tuple[str, int]]:
        tags = [tag for e in self.entries for tag in e.tags]
        return [(tag, tags.count(tag)) for tag in dict.fromkeys(tags)]

    async def refresh_library(self) -> None:
        self._note("refresh_library")

    async def import_workflow(self, path: str, folder: str = "") -> WorkflowEntry:
        self._note("import_workflow", path, folder)
        return self._add(path.rpartition("/")[2].partition(".")[0])

    async def import_data(self, data: bytes, name: str, folder: str = "") -> WorkflowEntry:
        self._note("import_data", data, name, folder)
        return self._add(name.partition(".")[0])

    async def import_url(self, url: str, folder: str = "") -> WorkflowEntry:
        self._note("import_url", url, folder)
        return self._add("fetched")

    def _add(self, name: str) -> WorkflowEntry:
        made = entry(name, path=self.entries[0].path)
        self.entries = [*self.entries, made]
        self.announce(LibraryChanged())
        return made

    async def duplicate_workflow(self, name: str) -> WorkflowEntry:
        self._note("duplicate_workflow", name)
        return self._add(f"{name} 2")

    async def rename_workflow(self, name: str, title: str) -> WorkflowEntry:
        self._note("rename_workflow", name, title)
        folder = name.rpartition("/")[0]
        return self._replace(name, name=f"{folder}/{title}" if folder else title, title=title)

    async def move_workflows(self, names: Sequence[str], folder: str) -> list[WorkflowEntry]:
        self._note("move_workflows", list(names), folder)
        leaves = {name: name.rpartition("/")[2] for name in names}
        return [
            self._replace(name, name=f"{folder}/{leaf}" if folder else leaf, folder=folder)
            for name, leaf in leaves.items()
        ]

    async def remove_workflows(self, names: Sequence[str]) -> str:
        self._note("remove_workflows", list(names))
        token = f"token {len(self.trash)}"
        self.trash[token] = [e for e in self.entries if e.name in names]
        self.entries = [e for e in self.entries if e.name not in names]
        self.announce(LibraryChanged())
        return token

    async def restore_workflows(self, token: str) -> list[WorkflowEntry]:
        self._note("restore_workflows", token)
        self.entries = [*self.entries, *self.trash.pop(token)]
        self.announce(LibraryChanged())
        return []

    async def set_favourite(self, name: str, favourite: bool) -> None:
        self._note("set_favourite", name, favourite)
        self._replace(name, favourite=favourite)

    async def set_tags(self, name: str, tags: Sequence[str]) -> None:
        self._note("set_tags", name, list(tags))
        self._replace(name, tags=tuple(tags))

    async def make_folder(self, folder: str) -> str:
        self._note("make_folder", folder)
        self.extra_folders.append(folder)
        self.announce(LibraryChanged())
        return folder

    async def rename_folder(self, folder: str, new: str) -> str:
        self._note("rename_folder", folder, new)
        return new

    async def remove_folder(self, folder: str) -> str:
        self._note("remove_folder", folder)
        return await self.remove_workflows([e.name for e in self.entries if e.folder == folder])

    async def workflow_versions(self, name: str) -> list[Version]:
        self._note("workflow_versions", name)
        return self.versions

    async def compare_versions(self, name: str, old: int, new: int | None) -> list[Difference]:
        self._note("compare_versions", name, old, new)
        return self.differences

    async def restore_version(self, name: str, version: int) -> None:
        self._note("restore_version", name, version)

    # the host

    async def host_workflows(self, host_id: str) -> list[RemoteWorkflow]:
        self._note("host_workflows", host_id)
        return self.remote

    async def host_users(self, host_id: str) -> list[RemoteUser]:
        return self.users

    async def set_host_user(self, host_id: str, user_id: str) -> None:
        self._note("set_host_user", host_id, user_id)
        self.problems.pop("host_workflows", None)

    async def open_host_workflow(self, host_id: str, path: str) -> WorkflowEntry:
        self._note("open_host_workflow", host_id, path)
        return self._add(path.rpartition("/")[2].removesuffix(".json"))

    async def host_templates(self, host_id: str, language: str = "en") -> Templates:
        self._note("host_templates", host_id)
        return self.templates

    async def template_thumbnail(self, host_id: str, template: RemoteTemplate) -> bytes:
        self._note("template_thumbnail", host_id, template.name)
        return b"no picture"

    async def open_template(self, host_id: str, template: RemoteTemplate) -> WorkflowEntry:
        self._note("open_template", host_id, template.name)
        return self._add(template.title)

    async def save_to_host(self, name: str, host_id: str, path: str | None = None, overwrite: bool = False) -> Any:
        self._note("save_to_host", name, host_id, overwrite)
        return RemoteWorkflow(f"{name}.json", name)

    async def open_in_comfyui(self, name: str, values: Any, host_id: str) -> Any:
        self._note("open_in_comfyui", name, values, host_id)
        return SimpleNamespace(url="http://gpu-box:8188/", path=f"{name}.json", name=name, opens_itself=False)
