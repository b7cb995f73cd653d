"""How a file on disk becomes an entry of the index: from its job where that is known, else from the file itself."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from comfydesk.base.errors import Problem
from comfydesk.gallery.graph_facts import GraphFacts, facts_of
from comfydesk.gallery.model import Entry
from comfydesk.jobs import media_kinds, naming
from comfydesk.jobs.model import Job, JobRequest, OutputSaved
from comfydesk.workflow.media import metadata, parameters

log = logging.getLogger(__name__)

STEP = 50  # files that become rows at once while a folder is looked through
MAX_DEPTH = 12  # folders below the one that is looked through
_PROMPT_LABELS = ("prompt", "positive prompt", "positive")


def of_output(change: OutputSaved, job: Job, request: JobRequest | None, host: str) -> Entry:
    """The entry of a file that a job saved. Raises Problem if the file is gone already."""
    path = Path(change.file.path)
    found = metadata.read(path)
    graph = request.prompt if request is not None else found.prompt
    facts = facts_of(graph) if graph else GraphFacts()
    params = dict(request.params) if request is not None and request.params else dict(facts.params)
    titles = request.titles if request is not None else {}
    started, ended = job.started_at, job.finished_at
    return Entry(
        path=str(path),
        kind=change.kind,
        size=change.file.size,
        created_at=path.stat().st_mtime,
        workflow=job.workflow,
        job_id=job.job_id,
        output_id=change.output_id,
        node_id=change.file.node_id,
        node_title=titles.get(change.file.node_id, ""),
        seed=job.seed if job.seed is not None else facts.seed,
        prompt=_prompt(params) or facts.prompt,
        params=params,
        graph=graph,
        width=found.width,
        height=found.height,
        host=host or job.host_id,
        took=ended - started if started is not None and ended is not None else None,
        sha256=change.file.sha256,
        remote=change.file.remote,
    )


def of_file(path: Path, root: Path) -> Entry:
    """The entry of a file that was found below `root`: what it tells about itself, and its place in the folders."""
    try:
        found = metadata.read(path)
        stat = path.stat()
        kind = media_kinds.kind_of_file(path)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as exc:
        raise Problem("file_unreadable", file=path, detail=exc.strerror or str(exc)) from exc
    facts = facts_of(found.prompt) if found.prompt else _from_parameters(found.parameters)
    return Entry(
        path=str(path),
        kind=kind,
        size=stat.st_size,
        created_at=stat.st_mtime,
        workflow=_workflow(path, root),
        seed=facts.seed,
        prompt=facts.prompt,
        params=facts.params,
        graph=found.prompt,
        width=found.width,
        height=found.height,
        sha256=digest,
    )


def media_below(root: Path) -> Iterator[Path]:
    """The media files below a folder, in order; hidden ones and links are left out."""
    base = len(root.parts)
    for folder, folders, files in os.walk(root, followlinks=False):
        place = Path(folder)
        deep = len(place.parts) - base >= MAX_DEPTH
        folders[:] = [] if deep else sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = place / name
            is_ours = not naming.is_untrusted(name) or name.lower().endswith(naming.UNTRUSTED)
            if not name.startswith(".") and is_ours and path.is_file() and not path.is_symlink():
                yield path


def next_entries(walk: Iterator[Path], root: Path, known: set[str]) -> list[Entry]:
    """The next few entries of a walk over `media_below(root)`, [] at its end; `known` paths are left out and grow."""
    found: list[Entry] = []
    for path in walk:
        if str(path) in known:
            continue
        known.add(str(path))
        try:
            found.append(of_file(path, root))
        except Problem as problem:
            log.info("left out of the gallery: %s", problem)
        if len(found) == STEP:
            break
    return found


def _workflow(path: Path, root: Path) -> str:
    """`{root}/{workflow}/{date}/…`, as results are laid out; files elsewhere go under their folder's name."""
    parts = path.relative_to(root).parts[:-1]
    return parts[0] if parts else root.name


def _prompt(params: Mapping[str, Any]) -> str:
    for label in _PROMPT_LABELS:
        for key, value in params.items():
            if key.casefold() == label and isinstance(value, str):
                return value
    return ""


def _from_parameters(text: str) -> GraphFacts:
    if not text:
        return GraphFacts()
    found = parameters.parse(text)
    seed = found.settings.get("Seed", "")
    number = int(seed) if seed.isascii() and seed.isdigit() and len(seed) <= 20 else None
    words = {"Prompt": found.prompt, "Negative prompt": found.negative}
    params = {label: value for label, value in words.items() if value} | dict(found.settings)
    return GraphFacts(found.prompt, found.negative, number, params)
