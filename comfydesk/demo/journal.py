"""What really happened on the server, kept apart from what clients were told, so that a test can compare.

It outlives the server's own restarts.
"""

from __future__ import annotations

import hashlib
import threading
import time
from typing import Any

from comfydesk.demo.call import Folders

LONGEST = 200_000  # entries kept


class Journal:
    """Thread-safe. `log`: one entry a request, fault or remark; `executions`: one an executed prompt, in order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begun = time.monotonic()
        self.log: list[dict[str, Any]] = []
        self.executions: list[dict[str, Any]] = []
        self.counts: dict[str, int] = {}
        self.bytes_sent = 0
        self.boots = 0

    def note(self, kind: str, **facts: Any) -> None:
        with self._lock:
            if len(self.log) < LONGEST:
                self.log.append({"t": round(time.monotonic() - self._begun, 4), "kind": kind, **facts})

    def request(self, method: str, path: str, status: int, sent: int, seconds: float) -> None:
        with self._lock:
            key = f"{method} {path}"
            self.counts[key] = self.counts.get(key, 0) + 1
            self.bytes_sent += sent
        self.note("http", method=method, path=path, status=status, bytes=sent, seconds=round(seconds, 4))

    def begin(self, prompt_id: str, number: float) -> None:
        with self._lock:
            self.executions.append(
                {"prompt_id": prompt_id, "number": number, "boot": self.boots, "status": "running", "files": []}
            )

    def end(self, prompt_id: str, status: str, ui: dict[str, Any], folders: Folders) -> None:
        files = [facts for node_id, shown in ui.items() for facts in _files(node_id, shown, folders)]
        with self._lock:
            for entry in reversed(self.executions):
                if entry["prompt_id"] == prompt_id and entry["status"] == "running":
                    entry |= {"status": status, "files": files}
                    return


def _files(node_id: str, shown: dict[str, Any], folders: Folders) -> list[dict[str, Any]]:
    """Name, size and SHA-256 of each file that a node named."""
    found = []
    for items in shown.values():
        for item in items:
            root = folders.of(item.get("type", "")) if isinstance(item, dict) else None
            if root is None:
                continue
            path = root / item["subfolder"] / item["filename"]
            if path.is_file():
                data = path.read_bytes()
                facts = {"node": node_id, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
                found.append({**item, **facts})
    return found
