"""The stream by which the engine announces what changed."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Change:
    """Base of all changes. `key`: a later change with the same key replaces an undelivered earlier one."""

    @property
    def key(self) -> object | None:
        return None


Subscriber = Callable[[list[Change]], None]


class ChangeStream:
    """Collects changes on the engine's loop and delivers them in lists, at most once per `interval` seconds.

    The first change after a quiet time is delivered at once, the last one always. Subscribers are called on the
    engine's thread; one that raises is logged and never felt by the engine.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, interval: float = 0.033) -> None:
        self._loop = loop
        self._interval = interval
        self._subscribers: list[Subscriber] = []
        self._pending: dict[object, Change] = {}
        self._serial = 0
        self._timer: asyncio.TimerHandle | None = None
        self._last = float("-inf")
        self._lock = threading.Lock()

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """Call `callback` with each list of changes. Returns the function that ends it. Thread-safe."""
        with self._lock:
            self._subscribers = [*self._subscribers, callback]

        def unsubscribe() -> None:
            with self._lock:
                self._subscribers = [s for s in self._subscribers if s is not callback]

        return unsubscribe

    def publish(self, *changes: Change) -> None:
        """Announce changes. Call it on the engine's loop thread only."""
        for change in changes:
            key = change.key
            if key is None:
                self._serial += 1
                key = self._serial
            else:
                self._pending.pop(key, None)  # so that the newer one keeps its place in the order
            self._pending[key] = change
        if self._pending and self._timer is None:
            wait = max(0.0, self._last + self._interval - self._loop.time())
            self._timer = self._loop.call_later(wait, self._deliver)

    def flush(self) -> None:
        """Deliver at once what waits. On the engine's loop thread only."""
        if self._timer is not None:
            self._timer.cancel()
            self._deliver()

    def _deliver(self) -> None:
        self._timer = None
        self._last = self._loop.time()
        changes, self._pending = list(self._pending.values()), {}
        for callback in self._subscribers:
            try:
                callback(changes)
            except Exception:
                log.exception("a subscriber of the change stream raised")
