"""All jobs that the window knows, in the order of the queue, and when each will be done. No Qt."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from comfydesk.jobs.model import Job, JobProgress, JobState

OPEN_STATES = frozenset({JobState.RUNNING, JobState.SAVING})
WAITING_STATES = frozenset({JobState.WAITING, JobState.DRAFT})
TROUBLE_STATES = frozenset({JobState.FAILED, JobState.LOST, JobState.PARTIAL})
# The mean of a host's last jobs says how long the next takes; more of them would remember other settings.
LAST_JOBS = 8


@dataclass(frozen=True, slots=True)
class Step:
    """One change of the rows: "insert" at `row`, "remove" at `row`, "move" `row` → `to`, "change" at `row`."""

    kind: str
    row: int
    to: int = -1


class JobBook:
    """Jobs by id and by row: what runs, then what waits, then trouble, then what is finished (newest first)."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.progress: dict[str, JobProgress] = {}
        self.rows: list[str] = []
        self.counts: Counter[JobState] = Counter()
        self.dismissed: set[str] = set()
        self._durations: dict[str, deque[float]] = {}
        self._presses: dict[str, set[str]] = {}
        self._left_of: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Job]:
        return (self.jobs[job_id] for job_id in self.rows)

    def at(self, row: int) -> Job:
        return self.jobs[self.rows[row]]

    def row_of(self, job_id: str) -> int:
        """The row of a job, or -1."""
        job = self.jobs.get(job_id)
        if job is None:
            return -1
        row = self._place(sort_key(job))
        return row if row < len(self.rows) and self.rows[row] == job_id else -1

    def takes(self, job: Job) -> bool:
        """Whether a job has a row: not one that was dismissed, nor one that was taken out before it ever ran."""
        never_ran = job.state is JobState.CANCELLED and job.started_at is None
        return not never_ran and job.job_id not in self.dismissed

    def place_of(self, job: Job) -> int:
        """The row where a new state of a job would stand, its old row still counted; -1 where it has none."""
        return self._place(sort_key(job)) if self.takes(job) else -1

    def load(self, jobs: Iterable[Job], *, keep: bool = False) -> None:
        """Take all jobs at once, oldest states forgotten; with `keep`, beside those that are known (older pages)."""
        known = dict(self.jobs) if keep else {}
        self.jobs = {job.job_id: job for job in jobs if self.takes(job)} | known
        self.rows = sorted(self.jobs, key=lambda job_id: sort_key(self.jobs[job_id]))
        self.progress = {k: v for k, v in self.progress.items() if k in self.jobs}
        self.counts = Counter(job.state for job in self.jobs.values())
        self._presses, self._left_of = {}, Counter()
        for job in sorted(self.jobs.values(), key=lambda job: job.finished_at or 0):
            self._note(None, job)

    def put(self, job: Job) -> list[Step]:
        """Add or change one job. Returns what happened to the rows, in order."""
        old = self.jobs.get(job.job_id)
        if not self.takes(job):
            return [] if old is None else self._drop(old, job)
        row = self.row_of(job.job_id)
        self._note(old, job)
        self.counts[job.state] += 1
        if old is not None:
            self.counts[old.state] -= 1
        if job.state not in OPEN_STATES:
            self.progress.pop(job.job_id, None)
        if old is None:
            self.jobs[job.job_id] = job
            place = self._place(sort_key(job))
            self.rows.insert(place, job.job_id)
            return [Step("insert", place)]
        if sort_key(old) == sort_key(job):
            self.jobs[job.job_id] = job
            return [Step("change", row)]
        del self.rows[row]
        self.jobs[job.job_id] = job
        place = self._place(sort_key(job))
        self.rows.insert(place, job.job_id)
        return [Step("change", row)] if place == row else [Step("move", row, place), Step("change", place)]

    def remove(self, job_id: str) -> list[Step]:
        """Take a finished row away; it does not come back while the window is open."""
        self.dismissed.add(job_id)
        job = self.jobs.get(job_id)
        return [] if job is None else self._drop(job, job)

    def _drop(self, old: Job, job: Job) -> list[Step]:
        row = self.row_of(old.job_id)
        self._note(old, job)
        del self.rows[row], self.jobs[old.job_id]
        self.counts[old.state] -= 1
        self.progress.pop(old.job_id, None)
        return [Step("remove", row)]

    def advance(self, progress: JobProgress) -> int:
        """Take the progress of a running job. Returns its row, or -1 where there is none."""
        job = self.jobs.get(progress.job_id)
        if job is None or job.state.is_final:
            return -1
        old = self.progress.get(progress.job_id)
        if old is not None and progress.fraction < old.fraction:
            progress = replace(progress, fraction=old.fraction)  # a bar never goes back
        self.progress[progress.job_id] = progress
        return self.row_of(progress.job_id)

    @property
    def running_count(self) -> int:
        return self.counts[JobState.RUNNING] + self.counts[JobState.SAVING]

    @property
    def saving_count(self) -> int:
        """Of these, those whose host has done its part: only files are still on their way."""
        return self.counts[JobState.SAVING]

    @property
    def waiting_count(self) -> int:
        return self.counts[JobState.WAITING] + self.counts[JobState.DRAFT]

    @property
    def running(self) -> list[Job]:
        """What runs or is being saved; these are the first rows."""
        return [self.jobs[job_id] for job_id in self.rows[: self.running_count]]

    def waiting(self) -> list[Job]:
        """What waits, in the order in which it will run; these rows follow."""
        running = self.running_count
        return [self.jobs[job_id] for job_id in self.rows[running : running + self.waiting_count]]

    def waits(self, press: str) -> bool:
        """Whether a run of one press waits still, or is not known yet."""
        ids = self._presses.get(press, ())
        return not ids or any(self.jobs[i].state in WAITING_STATES for i in ids if i in self.jobs)

    def left_of(self, press: str) -> int:
        """How many runs of one press are not over yet."""
        return self._left_of[press]

    def runs_of(self, press: str) -> int:
        """How many runs one press of Queue made."""
        return len(self._presses.get(press, ()))

    def duration(self, host_id: str, workflow: str = "") -> float | None:
        """Seconds that a job takes there: the mean of the last ones, of that workflow where known."""
        found = self._durations.get(f"{host_id}\n{workflow}") or self._durations.get(f"{host_id}\n")
        return sum(found) / len(found) if found else None

    def ends(self, now: float | None = None, *, paused: bool = False, away: Collection[str] = ()) -> dict[str, float]:
        """When each open job will be done, as far as that is known: job id → seconds since 1970.

        While the queue is `paused`, nobody knows that of what waits; nor of the jobs of hosts that are `away`.

        Hosts work side by side, one job at a time each; a row never ends before the one above it on its host.
        """
        now = time.time() if now is None else now
        free: dict[str, float | None] = {}
        found: dict[str, float] = {}
        lasts: dict[tuple[str, str], float | None] = {}
        for job in [*self.running, *(() if paused else self.waiting())]:
            if job.hold or job.host_id in away:
                continue
            before = free.get(job.host_id, now)
            kind = (job.host_id, job.workflow)
            if kind not in lasts:
                lasts[kind] = self.duration(*kind)
            took, end = lasts[kind], None
            if job.state in OPEN_STATES:
                left = self._left(job, took, now)
                end = None if left is None else max(before or now, now + left)
            elif before is not None and took is not None:
                end = before + took
            free[job.host_id] = end
            if end is not None:
                found[job.job_id] = end
        return found

    def _left(self, job: Job, took: float | None, now: float) -> float | None:
        if job.state is JobState.SAVING:
            return 0.0
        progress = self.progress.get(job.job_id)
        passed = max(0.0, now - (job.started_at or now))
        if progress is not None and progress.fraction >= 0.15 and passed > 0.5:
            return passed / progress.fraction - passed
        return None if took is None else max(0.0, took - passed)

    def _note(self, old: Job | None, job: Job) -> None:
        if job.press:
            self._presses.setdefault(job.press, set()).add(job.job_id)
            self._left_of[job.press] += (not job.state.is_final) - (old is not None and not old.state.is_final)
        if job.state is JobState.DONE and (old is None or old.state is not JobState.DONE):
            if job.started_at is None or job.finished_at is None:
                return
            took = job.finished_at - job.started_at
            for key in (f"{job.host_id}\n{job.workflow}", f"{job.host_id}\n"):
                self._durations.setdefault(key, deque(maxlen=LAST_JOBS)).append(max(0.0, took))

    def _place(self, key: tuple[int, float, str]) -> int:
        low, high = 0, len(self.rows)
        while low < high:
            middle = (low + high) // 2
            if sort_key(self.jobs[self.rows[middle]]) < key:
                low = middle + 1
            else:
                high = middle
        return low


def sort_key(job: Job) -> tuple[int, float, str]:
    """Where a row stands."""
    if job.state in OPEN_STATES:
        return (0, job.started_at or job.position, job.job_id)
    if job.state in (JobState.WAITING, JobState.DRAFT):
        return (1, job.position, job.job_id)
    ended = job.finished_at or job.created_at
    return (2 if job.state in TROUBLE_STATES else 3, -ended, job.job_id)
