"""From a socket's reader thread to the engine's loop: bounded, in batches, and never losing a state message.

A reader that waits for anything stalls the events of every client of the server (S8), so `put` never blocks.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from comfydesk.server.messages import Message, PreviewImage, Progress, ProgressState, Status, TextOutput

LIMIT = 2_000  # messages that wait at most; beyond it the newest of these go first
_PASSING = (PreviewImage, Progress, ProgressState, TextOutput, Status)  # the next one replaces what is lost


class Inbox:
    """Holds messages until the loop takes them. `post` hops to the loop once for all that came meanwhile."""

    def __init__(
        self,
        post: Callable[[Callable[[], None]], None],
        deliver: Callable[[list[Message]], None],
        limit: int = LIMIT,
    ) -> None:
        self._post = post
        self._deliver = deliver
        self._limit = limit
        self._lock = threading.Lock()
        self._waiting: deque[Message] = deque()
        self._posted = False
        self.dropped = 0

    def put(self, message: Message) -> None:
        """Add a message; from the reader's thread."""
        with self._lock:
            if len(self._waiting) >= self._limit and not self._make_room(message):
                self.dropped += 1
                return
            self._waiting.append(message)
            if self._posted:
                return
            self._posted = True
        self._post(self._drain)

    def _make_room(self, message: Message) -> bool:
        """Whether `message` may come in although the box is full: previews go first, then progress, states never."""
        if isinstance(message, PreviewImage):
            return False
        for kinds in ((PreviewImage,), _PASSING):
            before = len(self._waiting)
            self._waiting = deque(m for m in self._waiting if not isinstance(m, kinds))
            if len(self._waiting) < before:
                self.dropped += before - len(self._waiting)
                return True
        return not isinstance(message, _PASSING)

    def _drain(self) -> None:
        with self._lock:
            messages = list(self._waiting)
            self._waiting.clear()
            self._posted = False
        self._deliver(messages)
