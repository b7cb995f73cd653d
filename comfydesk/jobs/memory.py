"""What is known of one host over time: signs of a restart, and how long its jobs take."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import replace

from comfydesk.jobs.facts import HostFacts
from comfydesk.jobs.record import Attempt

RECENT = 10  # jobs whose mean sizes the window
MOST = 16  # jobs on one server at a time, whatever the figures say
LEAST = 2
AHEAD = 1.0  # seconds of work that shall wait on the server


class HostMemory:
    """Signs of a restart (S4, S5) and durations of one host. `facts` is what the store keeps of it."""

    def __init__(self, facts: HostFacts | None = None) -> None:
        self.facts = facts or HostFacts()
        self._recent: deque[float] = deque(maxlen=RECENT)
        self._refusals = 0
        self.ignores_ids = False  # an old server that gives jobs ids of its own: nothing can be looked up by ours (S1)

    def note_number(self, number: float) -> bool:
        """Take in the counter of an answer to POST. True: it began anew, so the server did too (S4).

        Jobs put to the front have it negative.
        """
        number, last = abs(number), self.facts.last_number
        restarted = last is not None and number < last
        self.facts = replace(self.facts, last_number=number)
        if restarted:
            self.note_restart()
        return restarted

    def note_refusals(self, refusals: int) -> None:
        """Nothing listened at the address for a while: whoever answers now may have begun anew."""
        if refusals > self._refusals:
            self._refusals = refusals
            self.note_restart()

    def note_restart(self) -> None:
        self.facts = replace(self.facts, boot=self.facts.boot + 1, witness="")

    def note_finished(self, remote_id: str, took: float | None) -> None:
        self.facts = replace(self.facts, witness=remote_id)
        if took is not None and took >= 0:
            self._recent.append(took)

    def restarted_since(self, attempt: Attempt) -> bool:
        return self.facts.boot > attempt.boot

    @property
    def mean(self) -> float | None:
        """Seconds that the host's last jobs took on average."""
        return sum(self._recent) / len(self._recent) if self._recent else None


def window_size(mean: float | None, round_trip: float, poll: float | None) -> int:
    """How many of our jobs a server shall hold, the running one included.

    At least two; else enough that 1 s of work or two round trips wait behind the running one, or two poll intervals
    where no socket delivers (`poll` in seconds, None with a socket). `mean`: seconds of the host's last jobs.
    """
    if mean is None:
        return LEAST
    seconds = max(AHEAD, 2 * round_trip, 2 * poll if poll else 0.0)
    return max(LEAST, min(MOST, 1 + math.ceil(seconds / max(mean, 0.01))))
