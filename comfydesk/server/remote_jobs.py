"""What a server says about jobs: `/api/jobs`, `/history`, `/queue`. Pure; odd answers are taken as far as they go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from comfydesk.server.types import RemoteJob, RemoteState

_STATES = {
    "pending": RemoteState.PENDING,
    "in_progress": RemoteState.RUNNING,
    "completed": RemoteState.DONE,
    "failed": RemoteState.DONE,
    "cancelled": RemoteState.DONE,
}


def from_jobs_api(prompt_id: str, answer: Any) -> RemoteJob | None:
    """A job of `/api/jobs/{id}`; None: that is not such an answer."""
    if not isinstance(answer, Mapping):
        return None
    state = _STATES.get(str(answer.get("status")))
    if state is None:
        return None
    if state is not RemoteState.DONE:
        return RemoteJob(prompt_id, state)
    return _done(prompt_id, answer.get("outputs"), answer.get("execution_status"))


def from_history(prompt_id: str, answer: Any) -> RemoteJob | None:
    """A job of `/history/{id}`; None: not (yet) in the history."""
    entry = answer.get(prompt_id) if isinstance(answer, Mapping) else None
    if not isinstance(entry, Mapping):
        return None
    return _done(prompt_id, entry.get("outputs"), entry.get("status"))


def from_queue(answer: Any) -> dict[str, RemoteState]:
    """All prompt ids of `/queue`: items are lists whose second member is the id."""
    if not isinstance(answer, Mapping):
        return {}
    found: dict[str, RemoteState] = {}
    for key, state in (("queue_pending", RemoteState.PENDING), ("queue_running", RemoteState.RUNNING)):
        for item in _list(answer.get(key)):
            if isinstance(item, list | tuple) and len(item) > 1 and isinstance(item[1], str):
                found[item[1]] = state
    return found


def open_of_jobs_api(answer: Any) -> tuple[dict[str, RemoteState], bool]:
    """The unfinished ids of one page of `/api/jobs`, and whether there are more pages."""
    if not isinstance(answer, Mapping):
        return {}, False
    found: dict[str, RemoteState] = {}
    for job in _list(answer.get("jobs")):
        if isinstance(job, Mapping) and isinstance(job.get("id"), str):
            state = _STATES.get(str(job.get("status")))
            if state in (RemoteState.PENDING, RemoteState.RUNNING):
                found[job["id"]] = state
    pagination = answer.get("pagination")
    return found, isinstance(pagination, Mapping) and pagination.get("has_more") is True


def _done(prompt_id: str, outputs: Any, status: Any) -> RemoteJob:
    status = status if isinstance(status, Mapping) else {}
    name = status.get("status_str")
    messages = [m for m in _list(status.get("messages")) if isinstance(m, list | tuple) and len(m) == 2]
    return RemoteJob(
        prompt_id,
        RemoteState.DONE,
        outputs=outputs if isinstance(outputs, Mapping) else {},
        status=name if isinstance(name, str) else "",
        messages=messages,
    )


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()
