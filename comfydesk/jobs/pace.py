"""How often one server is asked about our jobs: rarely while its socket tells, often while something is doubtful."""

from __future__ import annotations

from collections.abc import Callable

from comfydesk.jobs.desk import Desk
from comfydesk.jobs.record import Wish


class Pace:
    """One host's. All figures in seconds."""

    COVERED = 5.0  # while the socket delivers
    BARE = (1.0, 2.0)  # without a socket: short jobs more often
    HURRY = 0.25  # while an answer is due: a wish, an absence to confirm
    LATE = 0.5  # how much a message may lag behind what a poll saw
    IDLE = 30.0  # on a host that has no socket and nothing of ours

    def __init__(self, desk: Desk, doubts: Callable[[], bool]) -> None:
        self._desk, self._doubts = desk, doubts
        self._failures = 0  # polls in a row
        self.remaining: int | None = None  # length of the server's queue, as its socket told last
        self.foreign = 0  # jobs there that are not this process's, at the last poll

    def failed(self) -> None:
        self._failures += 1

    def succeeded(self) -> None:
        self._failures = 0

    def interval(self) -> float:
        """Seconds between the last poll and the next. After a failed one it comes sooner at first."""
        usual = self._usual()
        return min(usual, self.HURRY * 2.0 ** min(self._failures, 8)) if self._failures else usual

    def _usual(self) -> float:
        desk = self._desk
        mine = desk.ledger.on_server(desk.host_id)
        if not mine:
            return self.IDLE
        if self._doubts() or not desk.reconciled.is_set() or any(r.wish is not Wish.NONE for r in mine):
            return self.HURRY
        ear = desk.ear()
        covered = all(r.attempt is not None and r.attempt.client_id == desk.link.client_id for r in mine)
        if not desk.hears or not covered or ear is None:
            return min(self.BARE[1], max(self.BARE[0], (desk.memory.mean or 0.0) / 2))
        if desk.sent_at > ear.heard_at:  # a POST is heard of at once, or the socket is deaf
            silent = desk.loop_time - desk.sent_at > self.LATE
            return self.BARE[0] if silent else self.LATE
        if self.remaining is None or self.remaining == len(mine) + self.foreign:
            return self.COVERED
        # Fewer than we think: one of ours may be gone. More: somebody else came.
        return self.LATE if self.remaining < len(mine) + self.foreign else self.BARE[0]
