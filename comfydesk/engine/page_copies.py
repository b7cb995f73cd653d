"""Which copies of the library's workflows lie on which host for its page, and in what state ComfyDesk left them.

What a person changed there since must never be written over; the state that was left tells that. Blocking.
"""

from __future__ import annotations

import hashlib
import json
import logging
from pathlib import Path

from comfydesk.base.errors import Problem
from comfydesk.library import files

log = logging.getLogger(__name__)

KEPT = 500  # copies; the oldest are forgotten, and then a new one gets another name


class PageCopies:
    """A small file in the home; losing it costs nothing but "fox 2" beside "fox" on a host."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def is_ours(self, host_id: str, path: str, data: bytes) -> bool:
        """Whether this is what ComfyDesk wrote there, or took from there, last."""
        return self._read().get(_key(host_id, path)) == _digest(data)

    def note(self, host_id: str, path: str, data: bytes) -> None:
        """These bytes are on the host now, and nothing in them is unknown here."""
        known = self._read()
        known.pop(_key(host_id, path), None)
        known[_key(host_id, path)] = _digest(data)
        newest = dict(list(known.items())[-KEPT:])
        try:
            files.write(self._file, json.dumps(newest).encode())
        except Problem as problem:
            log.info("what lies on hosts is not remembered: %s", problem)

    def _read(self) -> dict[str, str]:
        try:
            content = json.loads(self._file.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        items = content.items() if isinstance(content, dict) else ()
        return {key: value for key, value in items if isinstance(value, str)}


def _key(host_id: str, path: str) -> str:
    return f"{host_id}\n{path}"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
