"""Which copies of the library's workflows lie on which host for its page, and in what state ComfyDesk left them.

What a person changed there since must never be written over; the state that was left tells that. It tells too what was
changed there while no window was open. Blocking, on the "library" lane.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from comfydesk.base.errors import Problem
from comfydesk.library import files

log = logging.getLogger(__name__)

KEPT = 500  # copies; the oldest are forgotten, and then a new one gets another name


class Copy(NamedTuple):
    """A copy of the workflow `name` ("": of none any more) on a host. `at`: when it was left there or taken."""

    host_id: str
    path: str
    name: str
    sha256: str
    at: float


class PageCopies:
    """A small file in the home; losing it costs nothing but "fox 2" beside "fox" on a host."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def is_ours(self, host_id: str, path: str, data: bytes) -> bool:
        """Whether this is what ComfyDesk wrote there, or took from there, last."""
        found = self._find(host_id, path)
        return found is not None and found.sha256 == _digest(data)

    def name_of(self, host_id: str, path: str) -> str:
        """The workflow of the library that a copy belongs to, whatever it is called by now; "" for none."""
        found = self._find(host_id, path)
        return found.name if found is not None else ""

    def note(self, host_id: str, path: str, data: bytes, name: str) -> None:
        """These bytes are on the host now, and nothing in them is unknown here."""
        others = [copy for copy in self._read() if (copy.host_id, copy.path) != (host_id, path)]
        self._write([*others, Copy(host_id, path, name, _digest(data), time.time())])

    def renamed(self, names: Mapping[str, str]) -> None:
        """Workflows of the library have other names now; "": they are gone, and what is saved there is nobody's."""
        known = self._read()
        changed = [copy._replace(name=names.get(copy.name, copy.name)) for copy in known]
        if changed != known:
            self._write(changed)

    def newest(self, since: float, most: int) -> list[Copy]:
        """Copies of workflows that were left or taken since then, the newest last."""
        return [copy for copy in self._read() if copy.name and copy.at >= since][-most:]

    def _find(self, host_id: str, path: str) -> Copy | None:
        return next((copy for copy in self._read() if (copy.host_id, copy.path) == (host_id, path)), None)

    def _write(self, copies: list[Copy]) -> None:
        try:
            files.write(self._file, json.dumps([copy._asdict() for copy in copies[-KEPT:]]).encode())
        except Problem as problem:
            log.info("what lies on hosts is not remembered: %s", problem)

    def _read(self) -> list[Copy]:
        try:
            content = json.loads(self._file.read_bytes())
        except (OSError, ValueError, RecursionError):
            return []
        found = map(_copy, content if isinstance(content, list) else ())
        return [copy for copy in found if copy is not None]


def _copy(item: Any) -> Copy | None:
    if not isinstance(item, dict):
        return None
    values: list[Any] = [item.get(key) for key in Copy._fields]
    host_id, path, name, sha256, at = values
    if not all(isinstance(text, str) for text in (host_id, path, name, sha256)) or not isinstance(at, int | float):
        return None
    return Copy(host_id, path, name, sha256, at)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
