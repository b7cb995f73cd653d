"""How many nodes each workflow file has, remembered by time and size so that a thousand files list at once."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

from comfydesk.base.errors import Problem
from comfydesk.library.sidecar import write_file
from comfydesk.workflow.json_text import MAX_BYTES
from comfydesk.workflow.parse import parse

log = logging.getLogger(__name__)


class NodeCounts:
    """A cache in one file; losing it costs one slow listing."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: dict[str, list[int]] | None = None
        self._is_changed = False

    def of(self, path: Path, facts: os.stat_result) -> int:
        """The number of nodes, 0 where the file is no workflow in API format."""
        known = self._load()
        stamp = [facts.st_mtime_ns, facts.st_size]
        found = known.get(str(path))
        if found is None or found[:2] != stamp:
            found = known[str(path)] = [*stamp, _count(path)]
            self._is_changed = True
        return found[2]

    def save(self) -> None:
        """Write what was learned, without the files that are gone."""
        if not self._is_changed or self._known is None:
            return
        kept = {name: item for name, item in self._known.items() if Path(name).exists()}
        try:
            write_file(self._file, json.dumps(kept).encode("utf-8", "replace"))
        except Problem as problem:
            log.info("node counts are not kept: %s", problem)
        self._is_changed = False

    def _load(self) -> dict[str, list[int]]:
        if self._known is None:
            self._known = {}
            try:
                content = json.loads(self._file.read_bytes())
            except (OSError, ValueError, RecursionError):
                content = {}
            for name, item in content.items() if isinstance(content, dict) else ():
                if isinstance(item, list) and len(item) == 3 and all(type(part) is int for part in item):
                    self._known[name] = item
        return self._known


def _count(path: Path) -> int:
    try:
        with path.open("rb") as file:  # a huge file costs nothing: `parse` refuses one byte over the limit
            return len(parse(file.read(MAX_BYTES + 1), path.name).nodes)
    except (OSError, Problem):
        return 0
