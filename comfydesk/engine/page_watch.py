"""Watches the workflows that a person opened in ComfyUI's page: what is saved there comes into the library."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from comfydesk.base.errors import Problem

if TYPE_CHECKING:
    from comfydesk.base.runtime import Runtime
    from comfydesk.server.userdata import Fetched

log = logging.getLogger(__name__)

EVERY = 3.0  # seconds between looks while somebody is likely to be at work there
LATER = 15.0  # … and after ten quiet minutes, or while the host is away
QUIET = 600.0
LONGEST = 8 * 3600.0  # seconds after the last change until nobody is expected to save there any more
MOST = 20  # workflows at a time

Fetch = Callable[[str], "Awaitable[Fetched]"]  # mark → what the host has, raises Problem
Take = Callable[[bytes], Awaitable[bool]]  # False: the workflow is not in the library any more


class PageWatch:
    """Looks every few seconds, one task a file. Lives on the engine's loop; all ends with it."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._tasks: dict[object, asyncio.Task[None]] = {}
        self._is_closed = False
        self.every, self.later = EVERY, LATER  # tests hurry

    def follow(self, key: object, mark: str, fetch: Fetch, take: Take, *, is_calm: bool = False) -> None:
        """Follow one file from the state `mark` on ("": unknown); instead of whatever was followed under `key`.

        `is_calm`: nobody is likely to be at work there just now.
        """
        if self._is_closed:
            return
        self.leave(key)
        while len(self._tasks) >= MOST:
            self.leave(next(iter(self._tasks)))
        task = self._runtime.spawn(
            self._keep(mark, fetch, take, QUIET if is_calm else 0.0), "a workflow in ComfyUI's page"
        )
        self._tasks[key] = task
        task.add_done_callback(lambda done: self._tasks.pop(key, None) if self._tasks.get(key) is done else None)

    def leave(self, key: object) -> None:
        task = self._tasks.pop(key, None)
        if task is not None:
            task.cancel()

    @property
    def followed(self) -> tuple[object, ...]:
        return tuple(self._tasks)

    async def close(self) -> None:
        self._is_closed = True
        tasks = list(self._tasks.values())
        for key in self.followed:
            self.leave(key)
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep(self, mark: str, fetch: Fetch, take: Take, quiet_for: float) -> None:
        loop = self._runtime.loop
        changed_at = loop.time() - quiet_for
        while (quiet := loop.time() - changed_at) < LONGEST:
            await asyncio.sleep(self.every if quiet < QUIET else self.later)
            try:
                found = await fetch(mark)
            except Problem as problem:
                if problem.code == "host_unknown":  # it was removed
                    return
                await asyncio.sleep(self.later)  # away, or the file was renamed there: it may come back
                continue
            if found.data:
                changed_at = loop.time()
                try:
                    if not await take(found.data):
                        return
                except Exception:  # a disk that is full, …: the same state is taken again later
                    log.exception("what was saved in ComfyUI's page could not be taken")
                    await asyncio.sleep(self.later)
                    continue
            mark = found.mark
