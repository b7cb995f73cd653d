"""When the queue will be done, from what the same workflow took on the same host before. Pure."""

from __future__ import annotations

from collections.abc import Mapping

Place = tuple[str, str]  # (host id, workflow)
WEIGHT = 0.3  # of the newest run in the mean: models and sizes change, so old runs fade


class Forecast:
    """Mean durations by host and workflow, in seconds."""

    def __init__(self, known: Mapping[Place, tuple[float, int]]) -> None:
        self._known = dict(known)
        self.changed: dict[Place, tuple[float, int]] = {}

    def learn(self, host_id: str, workflow: str, took: float, *, repeat: bool) -> None:
        """Take in one finished run; a run that came whole from the cache says nothing."""
        if repeat or took <= 0:
            return
        mean, runs = self._known.get((host_id, workflow), (took, 0))
        weight = max(WEIGHT, 1 / (runs + 1))
        self._known[host_id, workflow] = self.changed[host_id, workflow] = (mean + (took - mean) * weight, runs + 1)

    def mean(self, host_id: str, workflow: str) -> float | None:
        known = self._known.get((host_id, workflow))
        return known[0] if known else None

    def seconds_left(self, open_jobs: Mapping[Place, int], done: Mapping[Place, float]) -> float | None:
        """Seconds until all is done; None where a workflow has never run on its host.

        `open_jobs`: how many wait or run; `done`: the summed fractions (0..1) of those that run. Hosts work side by
        side, jobs of one host one after the other.
        """
        hosts: dict[str, float] = {}
        for (host_id, workflow), count in open_jobs.items():
            mean = self.mean(host_id, workflow)
            if mean is None:
                return None
            left = max(0.0, count - done.get((host_id, workflow), 0.0))
            hosts[host_id] = hosts.get(host_id, 0.0) + mean * left
        return max(hosts.values(), default=None)
