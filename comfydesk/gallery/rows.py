"""How an entry becomes a row of the index. Pure."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

from comfydesk.gallery.model import Entry


def row_of(entry: Entry) -> dict[str, Any]:
    """The columns of `files` by name."""
    graph = None
    if entry.graph is not None:
        graph = zlib.compress(json.dumps(entry.graph, separators=(",", ":")).encode(), 6)
    remote = entry.remote
    return {
        "path": entry.path,
        "name": Path(entry.path).name,
        "kind": entry.kind,
        "size": entry.size,
        "created_at": entry.created_at,
        "workflow": _clean(entry.workflow),
        "job_id": entry.job_id,
        "output_id": entry.output_id,
        "node_id": entry.node_id,
        "node_title": _clean(entry.node_title),
        "seed": None if entry.seed is None else str(entry.seed),
        "prompt": _clean(entry.prompt),
        "settings": _clean(_settings(entry)),
        "params": json.dumps(entry.params, default=str),
        "graph": graph,
        "width": entry.width,
        "height": entry.height,
        "host": _clean(entry.host),
        "took": entry.took,
        "sha256": entry.sha256,
        "remote": json.dumps([remote.filename, remote.subfolder, remote.type]) if remote else "",
    }


def _settings(entry: Entry) -> str:
    words = [f"{label} {value}" for label, value in entry.params.items() if value != entry.prompt]
    if entry.seed is not None:
        words.append(f"seed {entry.seed}")
    return "\n".join([*words, entry.node_title, entry.host, entry.kind])


def _clean(text: str) -> str:
    """SQLite takes neither lone surrogates nor, in a search, NUL."""
    return text.encode("utf-8", "replace").decode().replace("\0", " ")
