"""What the socket told of each job, held against what polls saw: finds a socket that is open but deaf. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from comfydesk.jobs.record import Attempt

KEPT = 2_000  # jobs whose level is remembered


class Level(IntEnum):
    NOTHING = 0
    STARTED = 1
    ENDED = 2
    SUCCESS = 3


@dataclass(slots=True)
class Mark:
    """One poll's comparison. `doubts`: remote id -> the level that the socket should have told by now."""

    hearing: Hearing
    doubts: dict[str, Level] = field(default_factory=dict)

    def expect(self, attempt: Attempt, level: Level, client_id: str) -> None:
        """A poll saw this; with the client id of the socket, its message should be here or on its way."""
        if (
            attempt.client_id == client_id
            and self.hearing.is_due(attempt)
            and self.hearing.level(attempt.remote_id) < level
        ):
            self.doubts[attempt.remote_id] = level


class Hearing:
    """The levels of one host's jobs as its socket told them."""

    def __init__(self) -> None:
        self._levels: dict[str, Level] = {}
        self._before: set[str] = set()  # jobs of which an earlier socket may have heard the rest

    def hear(self, remote_id: str, level: Level) -> None:
        if level > self._levels.get(remote_id, Level.NOTHING):
            self._levels[remote_id] = level
            while len(self._levels) > KEPT:
                self._levels.pop(next(iter(self._levels)))

    def level(self, remote_id: str) -> Level:
        return self._levels.get(remote_id, Level.NOTHING)

    def begin_anew(self, on_server: list[str]) -> None:
        """A new socket. What the server had before it came may have told its news to nobody."""
        self._before = set(on_server)

    def is_due(self, attempt: Attempt) -> bool:
        return attempt.remote_id not in self._before

    def mark(self) -> Mark:
        return Mark(self)

    def missed(self, doubts: dict[str, Level]) -> bool:
        """Whether any of these has still not been told."""
        return any(self.level(remote_id) < level for remote_id, level in doubts.items())
