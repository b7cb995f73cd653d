"""The server's queue and history: in memory only, so a restart forgets them (S5)."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from typing import Any

# (number, prompt id, prompt, extra data, output nodes). A plain tuple on a heap as in the real server: two items with
# equal number and id make the heap compare dicts, which breaks it for good (S3).
Item = tuple[float, str, dict[str, Any], dict[str, Any], list[str]]

HISTORY_LIMIT = 10_000
SECRETS = ("auth_token_comfy_org", "api_key_comfy_org")


class PromptQueue:
    """Thread-safe. `changed` is called, from any thread, after each change that clients are told of."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._ready = threading.Condition()
        self._waiting: list[Item] = []
        self._running: dict[int, Item] = {}
        self._history: dict[str, dict[str, Any]] = {}
        self._tasks = 0
        self._flags: dict[str, bool] = {}
        self._closed = False

    # ── the routes' side ──────────────────────────────────────────────────────────────────────────────────────────
    def put(self, item: Item) -> None:
        """Raises TypeError where number and id equal those of a waiting item; it is queued nevertheless (S3)."""
        with self._ready:
            heapq.heappush(self._waiting, item)
            self._ready.notify()
        self._changed()

    def remaining(self) -> int:
        with self._ready:
            return len(self._waiting) + len(self._running)

    def current(self) -> tuple[list[Item], list[Item]]:
        """Running and waiting items; secrets left out."""
        with self._ready:
            return [_public(i) for i in self._running.values()], [_public(i) for i in self._waiting]

    def delete(self, prompt_id: str) -> bool:
        with self._ready:
            kept = [item for item in self._waiting if item[1] != prompt_id]
            gone = len(self._waiting) - len(kept)
            if gone:
                self._waiting = kept
                heapq.heapify(self._waiting)
        if gone:
            self._changed()
        return bool(gone)

    def clear(self) -> None:
        with self._ready:
            self._waiting.clear()
        self._changed()

    def is_running(self, prompt_id: str) -> bool:
        with self._ready:
            return any(item[1] == prompt_id for item in self._running.values())

    def history(self, prompt_id: str | None = None, max_items: int | None = None, offset: int = -1) -> dict[str, Any]:
        with self._ready:
            if prompt_id is not None:
                return {prompt_id: self._history[prompt_id]} if prompt_id in self._history else {}
            entries = list(self._history.items())
        if offset < 0 and max_items is not None:
            offset = max(0, len(entries) - max_items)
        first = max(0, offset)
        return dict(entries[first : None if max_items is None else first + max_items])

    def forget(self, prompt_id: str | None = None) -> None:
        """Take one entry, or all, out of the history."""
        with self._ready:
            if prompt_id is None:
                self._history.clear()
            else:
                self._history.pop(prompt_id, None)

    def ask(self, flag: str) -> None:
        """`free_memory` or `unload_models`: done by the worker as soon as it is idle."""
        with self._ready:
            self._flags[flag] = True
            self._ready.notify()

    # ── the worker's side ─────────────────────────────────────────────────────────────────────────────────────────
    def take(self, timeout: float) -> tuple[Item, int] | None:
        """The next item, or None after `timeout` seconds or when something else needs doing."""
        with self._ready:
            if not self._waiting and not self._flags and not self._closed:
                self._ready.wait(timeout)
            if not self._waiting or self._closed:
                return None
            item = heapq.heappop(self._waiting)
            task = self._tasks
            self._tasks += 1
            self._running[task] = item
        self._changed()
        return item, task

    def done(self, task: int, entry: dict[str, Any]) -> None:
        """Move a running item into the history. `entry`: outputs, status, meta."""
        with self._ready:
            item = self._running.pop(task)
            while len(self._history) >= HISTORY_LIMIT:
                self._history.pop(next(iter(self._history)))
            self._history.pop(item[1], None)
            self._history[item[1]] = {"prompt": _public(item), **entry}
        self._changed()

    def flags(self) -> dict[str, bool]:
        with self._ready:
            flags, self._flags = self._flags, {}
            return flags

    def close(self) -> None:
        with self._ready:
            self._closed = True
            self._ready.notify_all()


def _public(item: Item) -> Item:
    extra = {key: value for key, value in item[3].items() if key not in SECRETS}
    return (item[0], item[1], item[2], extra, item[4])
