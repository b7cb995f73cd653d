"""What a server's words mean for a job: how it ended, why it was refused, what it made. Pure."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from comfydesk.base.errors import Problem
from comfydesk.jobs import events as ev
from comfydesk.jobs import naming
from comfydesk.jobs.model import JobError
from comfydesk.server.outputs import files_of, texts_of
from comfydesk.server.types import Rejected, RemoteFile, RemoteJob

MAX_DETAILS = 20_000  # characters of a traceback that are kept
MAX_FILES = 10_000  # of one job: frames of a video saved one by one are many, a hostile answer is more
_MEMORY = ("out of memory", "outofmemory", "allocation on device", "not enough memory")


def draw_output_id() -> int:
    """An id for an output, drawn here so that no trip to the store is needed: 48 random bits."""
    return secrets.randbits(48)


def job_error(
    problem: Problem,
    titles: Mapping[str, str],
    *,
    node_id: str | None = None,
    field: str | None = None,
    details: str = "",
) -> JobError:
    """A Problem as a job carries it."""
    node = node_id or problem.node_id
    return JobError(
        code=problem.code,
        message=problem.message,
        next=problem.next_step,
        node_id=node,
        node_title=titles.get(node, node) if node else "",
        field=field or problem.field,
        details=(details or problem.details)[:MAX_DETAILS],
    )


def named_outputs(
    node_id: str, output: Mapping[str, Any] | None, draw: Callable[[], int] = draw_output_id
) -> tuple[ev.NamedOutput, ...]:
    """The files and texts of one node's output. `output` may be null (S11) or anything else.

    A node that saves a text (SaveText) says it as well, for its page to show: the file is enough.
    """
    if not isinstance(output, Mapping):
        return ()
    found = [ev.NamedOutput(draw(), node_id, slot, index, remote) for slot, index, remote in files_of(output)]
    has_text_file = any(naming.extension(item.remote.filename)[1:] in naming.TEXTS for item in found)
    for slot, index, text in [] if has_text_file else texts_of(output):
        remote = RemoteFile(f"{slot}_{index}.txt", "", "text")
        found.append(ev.NamedOutput(draw(), node_id, slot, index, remote, text))
    return tuple(found[:MAX_FILES])


def finished(
    remote: RemoteJob, titles: Mapping[str, str], host: str, at: float, note: str = "", remote_id: str = ""
) -> ev.Finished:
    """How a job that is in the history ended. Failed if the status or any message says so (S12, S13)."""
    outputs: list[ev.NamedOutput] = []
    for node_id, output in remote.outputs.items():
        outputs += named_outputs(str(node_id), output)
    error, interrupted = None, False
    for message in remote.messages:
        name, data = message[0], message[1] if isinstance(message[1], Mapping) else {}
        if name == "execution_interrupted":
            interrupted = True
            error = job_error(Problem("interrupted", host=host), titles, node_id=_text(data.get("node_id")) or None)
        elif name == "execution_error" and "ExecutionBlocked" not in _text(data.get("exception_type")):
            error = node_error(data, titles, host)
    if error is None and remote.status == "error":
        error = job_error(Problem("node_failed", node="The workflow", detail="the server gives no reason"), titles)
    return ev.Finished(
        remote_id or remote.prompt_id, tuple(outputs[:MAX_FILES]), at, error=error, interrupted=interrupted, note=note
    )


def node_error(data: Mapping[str, Any], titles: Mapping[str, str], host: str) -> JobError:
    """An `execution_error` message as the job's error; out of memory is told apart."""
    node_id = _text(data.get("node_id"))
    title = titles.get(node_id) or _text(data.get("node_type")) or node_id or "A node"
    message, kind = _text(data.get("exception_message")).strip(), _text(data.get("exception_type"))
    traceback = data.get("traceback")
    lines = "".join(_text(line) for line in traceback) if isinstance(traceback, list) else _text(traceback)
    details = "\n".join(part for part in (lines.rstrip(), f"{kind}: {message}") if part.strip(": "))
    if any(word in f"{kind} {message}".lower() for word in _MEMORY):
        problem = Problem("out_of_memory", node=title, host=host)
    else:
        first = message.splitlines()[0].rstrip(".") if message else kind or "it gives no reason"
        problem = Problem("node_failed", node=title, detail=first[:500])
    return job_error(problem, titles, node_id=node_id or None, details=details)


def rejection(problem: Rejected, titles: Mapping[str, str]) -> JobError:
    """A 400 with the place in the workflow that it concerns: the first input that the server names."""
    for node_id, error in _errors(problem.node_errors):
        info = error.get("extra_info")
        name = _text(info.get("input_name")) if isinstance(info, Mapping) else ""
        field = f"{node_id}.{name}" if name else None
        return job_error(problem, titles, node_id=node_id, field=field, details=all_errors(problem, titles))
    extra = problem.error.get("extra_info")
    node_id = _text(extra.get("node_id")) if isinstance(extra, Mapping) else ""
    kind = _text(extra.get("class_type")) if isinstance(extra, Mapping) else ""
    old = re.search(r"node (\S+) does not exist", _text(problem.error.get("message")))  # 0.3.64
    if old is not None:
        kind = old.group(1)
        place = re.search(r"#(.+?)'?$", _text(problem.error.get("details")))
        node_id = place.group(1) if place else ""
    if problem.error.get("type") == "missing_node_type" or old is not None:
        missing = Problem("nodes_missing", address=problem.facts.get("address", ""), nodes=kind or "?")
        return job_error(missing, titles, node_id=node_id or None, details=all_errors(problem, titles))
    return job_error(problem, titles, node_id=node_id or None, details=all_errors(problem, titles))


def all_errors(problem: Rejected, titles: Mapping[str, str]) -> str:
    """Everything that the server said, a line each, for Details."""
    lines = [
        f"{titles.get(node, node)}: {_text(e.get('message'))} {_text(e.get('details'))}".rstrip()
        for node, e in _errors(problem.node_errors)
    ]
    head = f"{_text(problem.error.get('message'))} {_text(problem.error.get('details'))}".strip()
    return "\n".join([head, *lines] if head else lines)


def partial(node_errors: Mapping[str, Any], titles: Mapping[str, str], address: str) -> JobError:
    """A 200 that drops outputs (S5c): the nodes that would not run."""
    dropped: list[str] = []
    place: tuple[str, str] | None = None
    for node_id, error in _errors(node_errors):
        info = error.get("extra_info")
        name = _text(info.get("input_name")) if isinstance(info, Mapping) else ""
        place = place or (node_id, name)
        what = _text(error.get("message")).rstrip(".")
        dropped.append(f"{titles.get(node_id, node_id)}: {what}" + (f" ({name})" if name else ""))
    node_id, name = place or ("", "")
    problem = Problem("partial_outputs", address=address, detail="; ".join(dropped)[:500] or "some outputs")
    field = f"{node_id}.{name}" if name else None
    return job_error(problem, titles, node_id=node_id or None, field=field, details="\n".join(dropped))


def names_an_input(problem: Rejected, names: set[str]) -> bool:
    """Whether a 400 is about an uploaded file that the server does not have any more."""
    for _, error in _errors(problem.node_errors):
        info = error.get("extra_info")
        received = info.get("received_value") if isinstance(info, Mapping) else None
        said = f"{_text(error.get('details'))} {_text(received)}".replace("\\", "/")
        if any(name in said for name in names):
            return True
    return False


def took(remote: RemoteJob) -> float | None:
    """Seconds that the server worked on the job, by its own clock; None where it does not say."""
    times: dict[str, float] = {}
    for message in remote.messages:
        data = message[1]
        stamp = data.get("timestamp") if isinstance(data, Mapping) else None
        if isinstance(stamp, int | float) and not isinstance(stamp, bool):
            times[str(message[0])] = float(stamp)
    begun, ended = times.get("execution_start"), times.get("execution_success")
    return (ended - begun) / 1000 if begun is not None and ended is not None and ended >= begun else None


def cached_nodes(remote: RemoteJob) -> int:
    """How many nodes the server took from its cache."""
    for message in remote.messages:
        if message[0] == "execution_cached" and isinstance(message[1], Mapping):
            nodes = message[1].get("nodes")
            return len(nodes) if isinstance(nodes, list) else 0
    return 0


def _errors(node_errors: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    found: list[tuple[str, Mapping[str, Any]]] = []
    for node_id, entry in node_errors.items():
        errors = entry.get("errors") if isinstance(entry, Mapping) else None
        found += [(str(node_id), e) for e in (errors if isinstance(errors, list) else []) if isinstance(e, Mapping)]
    return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)
