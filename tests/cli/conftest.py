"""Commands are run as people run them: as processes, against a demo server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from comfydesk.demo import process
from comfydesk.demo.process import DemoProcess


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]


def comfydesk(*args: object, timeout: float = 50, **env: str) -> Done:
    """Run `comfydesk ARGS…` to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "comfydesk", *map(str, args)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=timeout,
        env={**os.environ, **env},
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def demo() -> Iterator[DemoProcess]:
    with process.start(step_ms=1) as server:
        yield server
