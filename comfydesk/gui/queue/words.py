"""What the rows of the queue say."""

from __future__ import annotations

import re
import time
from enum import StrEnum

from PySide6.QtCore import QCoreApplication

from comfydesk.jobs.model import Job, JobState

translate = QCoreApplication.translate
_BREAKS = re.compile(r"[\r\n\t ]+")  # a row is one line


class Action(StrEnum):
    """What a row offers."""

    NEXT = "next"
    CANCEL = "cancel"
    RETRY = "retry"
    FREE_RETRY = "free_retry"
    FETCH = "fetch"
    DETAILS = "details"
    DISMISS = "dismiss"


def state_word(job: Job) -> tuple[str, str]:
    """The word on a row's tag and its tone (as the style sheet's tags have it)."""
    if job.cancelling and not job.state.is_final:
        return translate("Queue", "Stopping"), ""
    if job.hold and job.state is JobState.WAITING:
        return translate("Queue", "Paused"), ""
    return {
        JobState.DRAFT: (translate("Queue", "Waiting"), ""),
        JobState.WAITING: (translate("Queue", "Waiting"), ""),
        JobState.RUNNING: (translate("Queue", "Running"), "accent"),
        JobState.SAVING: (translate("Queue", "Saving"), "accent"),
        JobState.DONE: (translate("Queue", "Done"), "good"),
        JobState.PARTIAL: (translate("Queue", "Incomplete"), "warning"),
        JobState.FAILED: (translate("Queue", "Failed"), "error"),
        JobState.CANCELLED: (translate("Queue", "Stopped"), ""),
        JobState.LOST: (translate("Queue", "Lost"), "warning"),
    }[job.state]


def row_text(job: Job, *, full: bool = False) -> str:
    """The second column: why it failed, else what differs from the run before, else its seed (whole where `full`)."""
    if job.error is not None and job.state.is_final and job.state is not JobState.CANCELLED:
        return _BREAKS.sub(" ", job.error.message)
    parts = [job.differs] if job.differs else []
    if job.seed is not None and "seed" not in job.differs.lower():
        parts.append(translate("Queue", "seed {seed}").format(seed=short_seed(job.seed)))
    if job.note:
        parts.append(job.note)
    if full and job.seed is not None:
        parts = [part.replace(short_seed(job.seed), grouped(job.seed)) for part in parts]
    return _BREAKS.sub(" ", " · ".join(parts))


def actions_of(job: Job) -> tuple[Action, ...]:
    """What can be done with a row; the first of a row in trouble is written out, the others are icons."""
    if job.state in (JobState.WAITING, JobState.DRAFT):
        return (Action.NEXT, Action.CANCEL)
    if not job.state.is_final:
        return () if job.cancelling else (Action.CANCEL,)
    if job.state is JobState.FAILED:
        retry = Action.FREE_RETRY if job.error is not None and job.error.code == "out_of_memory" else Action.RETRY
        return (retry, Action.DETAILS, Action.DISMISS)
    if job.state is JobState.PARTIAL:
        return (Action.FETCH, Action.DETAILS, Action.DISMISS)
    if job.state is JobState.LOST:
        return (Action.RETRY, Action.DETAILS, Action.DISMISS)
    return (Action.RETRY, Action.DISMISS)


def action_word(action: Action) -> str:
    return {
        Action.NEXT: translate("Queue", "Run next"),
        Action.CANCEL: translate("Queue", "Stop this run"),
        Action.RETRY: translate("Queue", "Run again"),
        Action.FREE_RETRY: translate("Queue", "Free memory and retry"),
        Action.FETCH: translate("Queue", "Fetch again"),
        Action.DETAILS: translate("Queue", "Details"),
        Action.DISMISS: translate("Queue", "Remove from the list"),
    }[action]


def when_text(job: Job, end: float | None, now: float) -> str:
    """The last column: when it will be done, or when it was and how long it took."""
    if job.state.is_final:
        if job.finished_at is None:
            return ""
        took = "" if job.started_at is None else " · " + span(job.finished_at - job.started_at)
        return clock(job.finished_at, now) + (took if job.state is JobState.DONE else "")
    if job.state is JobState.SAVING or end is None:
        return ""
    left = end - now
    if left < 60 and job.state is JobState.RUNNING:
        return translate("Queue", "in {seconds} s").format(seconds=max(1, round(left)))
    return translate("Queue", "about {time}").format(time=clock(end, now))


def clock(moment: float, now: float | None = None) -> str:
    """A time of day, with the day where it is not today's: "14:06", "Tue 02:40"."""
    then, today = time.localtime(moment), time.localtime(now)
    text = time.strftime("%H:%M", then)
    return text if then[:3] == today[:3] else time.strftime("%a ", then) + text


def span(seconds: float) -> str:
    """A duration in words as short as it allows: "4.1 s", "48 s", "2 min 5 s", "3 h 20 min"."""
    if seconds < 10:
        return f"{max(seconds, 0):.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def grouped(number: int) -> str:
    """Digits in groups of three, parted by narrow spaces."""
    return f"{number:,}".replace(",", "\u202f")


def short_seed(seed: int) -> str:
    """The end of a long seed: the part that tells two runs apart."""
    text = grouped(seed)
    return text if len(text) <= 11 else "…" + text[-7:]


def counted(number: int, one: str, many: str) -> str:
    """ "1 run", "8 runs": number and noun."""
    return f"{number:,} {one if number == 1 else many}"


def summary_sentence(
    running: int, waiting: int, failed: int, end: float | None, *, paused: bool, saving: int = 0
) -> str:
    """The header: "1 running · 11 waiting · 1 failed · done about 14:06"."""
    parts = []
    if paused:
        parts.append(translate("Queue", "paused"))
    if running:
        parts.append(translate("Queue", "{n} running").format(n=f"{running:,}"))
    if saving:
        parts.append(translate("Queue", "{n} saving").format(n=f"{saving:,}"))
    if waiting:
        parts.append(translate("Queue", "{n} waiting").format(n=f"{waiting:,}"))
    if failed:
        parts.append(translate("Queue", "{n} failed").format(n=f"{failed:,}"))
    if end is not None and (running or waiting) and not paused:
        parts.append(translate("Queue", "done about {time}").format(time=clock(end)))
    return " · ".join(parts)
