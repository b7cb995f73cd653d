"""The engine's part that deals with workflows on a host: its shelf, and the way to ComfyUI's page and back."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from comfydesk.base.errors import Problem
from comfydesk.engine.hostshelf import HostShelf, remote_path
from comfydesk.engine.model import OpenWorkflow, PageAddress
from comfydesk.engine.reshaping import reshaped
from comfydesk.form.values import freeze
from comfydesk.library.model import WorkflowFileChanged
from comfydesk.server import userdata
from comfydesk.server.userdata import RemoteWorkflow
from comfydesk.workflow import source as sources

if TYPE_CHECKING:
    from comfydesk.engine.page_copies import PageCopies
    from comfydesk.engine.page_watch import PageWatch
    from comfydesk.form.fields import Form
    from comfydesk.jobs.model import InputFile
    from comfydesk.jobs.queue import Queue

log = logging.getLogger(__name__)

RESUMED = 14 * 86_400.0  # seconds after which a copy on a host is no longer expected to be changed there
MOST_RESUMED = 8
PAGE_FOLDER = "ComfyDesk"  # where workflows go on a host that are opened in its page


class HostFiles(HostShelf):
    """What is on hosts. Mixed into Engine."""

    queue: Queue
    _page_copies: PageCopies
    _page_watch: PageWatch

    if TYPE_CHECKING:

        async def open_workflow(self, name_or_path: str, host_id: str | None) -> OpenWorkflow: ...

        def _take_inputs(self, form: Form, values: dict[str, Any]) -> tuple[dict[str, Any], tuple[InputFile, ...]]: ...

    # -- the way to the page and back

    async def open_in_comfyui(self, name: str, values: Mapping[str, Any] | None, host_id: str) -> PageAddress:
        """Save a workflow with the form's values in it on the host; the address of the page where it can be opened.

        From then on what is saved there under that name comes into the library as a new version, and
        WorkflowFileChanged says so. Files that the values name are uploaded. Nothing on the host is written over but
        what ComfyDesk put there itself. Raises Problem.
        """
        link = self._host_link(host_id)
        opened = await self.open_workflow(name, host_id)
        name = opened.entry.name
        data = await self._for_page(opened, values, host_id)
        saved = await self._put(host_id, f"{PAGE_FOLDER}/{remote_path(name)}", data, name)
        mark = (await self._as_user(host_id, userdata.fetch, saved.path)).mark
        self._follow_page(host_id, saved.path, mark)
        return PageAddress(link.host.url + "/", saved.path, saved.name, opens_itself=False)

    async def resume_pages(self) -> None:
        """Look again at what was opened in hosts' pages before: changes that were made there meanwhile come in."""
        since = time.time() - RESUMED
        for copy in await self._files().run(self._page_copies.newest, since, MOST_RESUMED):
            self._follow_page(copy.host_id, copy.path, is_calm=True)

    def _follow_page(self, host_id: str, path: str, mark: str = "", *, is_calm: bool = False) -> None:
        async def take(changed: bytes) -> bool:
            return await self._take_back(host_id, path, changed)

        async def fetch(known: str) -> userdata.Fetched:
            if self.hosts.link(host_id) is None and self.hostbook.get(host_id) is not None:
                raise Problem("unreachable", address=path, detail="the host is not connected yet")
            return await self._as_user(host_id, userdata.fetch, path, known)

        self._page_watch.follow((host_id, path), mark, fetch, take, is_calm=is_calm)

    async def _for_page(self, opened: OpenWorkflow, values: Mapping[str, Any] | None, host_id: str) -> bytes:
        """The editor's graph with these values; one is made for a workflow in API format."""
        if opened.needs_host:
            raise Problem("workflow_gui", file=opened.entry.title)
        prompt: Mapping[str, Any] | None = None
        if values is not None:
            opened = await self._files().run(reshaped, opened, values)
            chosen, inputs = await self._files().run(self._take_inputs, opened.form, dict(values))
            await self.queue.bring_inputs(host_id, inputs)
            prompt = await self._files().run(freeze, opened.graph, opened.form, chosen)
        info: Mapping[str, Any] = {}
        if opened.conversion is None:
            info = await self.hosts.specs(host_id, {node.class_type for node in opened.graph.nodes.values()})
        return await self._files().run(page_graph, opened, prompt, info)

    async def _put(self, host_id: str, path: str, data: bytes, name: str) -> RemoteWorkflow:
        """Save a copy of the workflow `name` under `path`, or "… 2" where somebody else's or a changed one has that."""
        stem = path.removesuffix(".json")
        for number in range(1, 100):
            free = path if number == 1 else f"{stem} {number}.json"
            if await self._may_write(host_id, free):
                saved = await self._as_user(host_id, userdata.write, free, data, overwrite=True)
                await self._files().run(self._page_copies.note, host_id, free, data, name)
                return saved
        raise Problem("remote_exists", file=path, address=self._host_link(host_id).host.url)

    async def _may_write(self, host_id: str, path: str) -> bool:
        try:
            there = await self._as_user(host_id, userdata.read, path)
        except Problem as problem:
            if problem.code != "remote_missing":
                raise
            return True
        return await self._files().run(self._page_copies.is_ours, host_id, path, there)

    async def _take_back(self, host_id: str, path: str, data: bytes) -> bool:
        """What was saved in the page becomes the newest version in the library, if it is a workflow at all.

        False: the workflow is not in the library any more.
        """
        copies = self._page_copies
        name = ""

        def save() -> bool:
            nonlocal name
            name = copies.name_of(host_id, path)
            if not name or copies.is_ours(host_id, path, data):
                return False
            if nodes_in(data, path) == 0:  # half written, cleared, or something else: the next save may be better
                log.info("%s on the host holds no nodes; the library keeps what it has", path)
                return False
            is_new = not _is_same(self.library.read(self.library.record(name).found.path), data)
            if is_new:
                self.library.save(name, data, "outside")
            copies.note(host_id, path, data, name)  # not before it is kept: a full disk tries again
            return is_new

        try:
            is_saved = await self._library(save)
        except Problem as problem:
            if problem.code == "workflow_unknown":
                return False
            raise
        if is_saved:
            self.changes.publish(WorkflowFileChanged(name))
        return bool(name)


def page_graph(opened: OpenWorkflow, prompt: Mapping[str, Any] | None, info: Mapping[str, Any]) -> bytes:
    """What is saved for the page: the editor's graph with the values of `prompt` (None: the file's own)."""
    from comfydesk.workflow import conversion, editor_graph
    from comfydesk.workflow.parse import from_prompt

    source, made = opened.source, opened.conversion
    if made is None or source is None or source.gui is None:
        graph = opened.graph if prompt is None else from_prompt(prompt, opened.entry.name)
        return userdata.encode(editor_graph.of_graph(graph, info, as_written=True))
    if prompt is None:
        return userdata.encode(source.gui)
    if opened.form.graph is not None and opened.specs is not None:  # it has no places for what the prompt has
        drawn = from_prompt(prompt, opened.entry.name)
        return userdata.encode(editor_graph.of_graph(drawn, opened.specs.object_info, as_written=True))
    off = opened.graph.nodes.keys() - prompt.keys()
    gui = conversion.mute(source.gui, off) if off else source.gui
    return userdata.encode(conversion.write_back(gui, made.places, prompt, as_written=True))


def nodes_in(data: bytes, name: str) -> int:
    """How many nodes a workflow has; 0 where the bytes are none."""
    try:
        found = sources.of_bytes(data, name)
    except Problem:
        return 0
    return len(found.gui["nodes"]) if found.gui is not None else len(found.prompt or ())


def _is_same(old: bytes, new: bytes) -> bool:
    """Equal as JSON: saving anew without a change is no new version."""
    try:
        return old == new or bool(json.loads(old) == json.loads(new))
    except (ValueError, RecursionError):
        return False
