"""A test's hand inside a demo server that was started with `--control`."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

PATIENCE = 10.0  # seconds to wait while the server refuses connections, as it does in a restart


class Control:
    """`executions()`, `log()` and `stats` say what really happened; `load_script()` and `do()` make things go wrong."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/") + "/__demo__"
        # No proxy from the environment: the server is on this machine.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def executions(self) -> list[dict[str, Any]]:
        """One entry for each prompt that was really executed: prompt_id, number, boot, status, files with sha256."""
        found: list[dict[str, Any]] = self._ask("/executions")
        return found

    def log(self, first: int = 0) -> list[dict[str, Any]]:
        """Requests, queued prompts, faults and remarks, in order, from entry `first` on."""
        found: list[dict[str, Any]] = self._ask(f"/log?from={first}")
        return found

    @property
    def stats(self) -> dict[str, Any]:
        """Counts: requests by route, bytes sent, open sockets, executions, boots; and the output folder."""
        found: dict[str, Any] = self._ask("/stats")
        return found

    def rules(self) -> list[dict[str, Any]]:
        """The rules of the script with how often each one matched and fired."""
        found: list[dict[str, Any]] = self._ask("/script")
        return found

    def load_script(self, rules: Sequence[Mapping[str, Any]], seed: int = 0) -> None:
        """Replace all rules; an empty list ends the faults."""
        self._ask("/script", {"rules": list(rules), "seed": seed})

    def do(self, action: str, **facts: Any) -> None:
        """One action of the whole server now, e.g. `restart:500`, `ws_drop`, `flood:1000:5`."""
        self._ask("/do", {"do": action, **facts})

    def _ask(self, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        deadline = time.monotonic() + PATIENCE
        while True:
            request = urllib.request.Request(self._url + path, data, {"Content-Type": "application/json"})  # noqa: S310
            try:
                with self._opener.open(request, timeout=30) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as exc:
                raise ValueError(f"{exc.code}: {exc.read().decode('utf-8', 'replace')}") from exc
            except (urllib.error.URLError, ConnectionError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
