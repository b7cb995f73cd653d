"""The same four pictures by 50 lines of requests, by one Python call and by one line of shell."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.goal import Figure
from comfydesk.base import resources
from comfydesk.demo import process

PICTURES = 4
STEP_MS = 50
ONE_CALL = """
import sys, comfydesk
host, count, seed, out = sys.argv[1:]
comfydesk.generate("sdxl", host=host, set={"prompt": "a red fox"}, seed=int(seed), count=int(count), out=out)
"""


def measure(rounds: int = 3) -> list[Figure]:
    """Median wall time of each way, start of Python included, runs interleaved, no picture twice."""
    ways: dict[str, Callable[[str, int, Path], list[str]]] = {
        "50 lines of requests": by_requests,
        "one Python call": by_one_call,
        "one line of shell": by_one_line,
    }
    seen: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, command in ways.items():
            # A server for each run: the requests have fixed seeds, and must not be answered from a cache.
            with process.start(step_ms=STEP_MS) as server, tempfile.TemporaryDirectory() as folder:
                seen[name].append(seconds(command(server.url, PICTURES, Path(folder)), Path(folder, "out")))
    return [
        Figure(name, f"{PICTURES} pictures, {STEP_MS} ms a step: {name}", statistics.median(times), "s")
        for name, times in seen.items()
    ]


def by_requests(url: str, count: int, folder: Path) -> list[str]:
    script = Path(__file__).resolve().parents[1] / "examples" / "with_requests.py"
    workflow, host = resources.path("workflows/sdxl.json"), url.removeprefix("http://")
    return [sys.executable, str(script), host, str(workflow), "a red fox", str(count), str(folder / "out")]


def by_one_call(url: str, count: int, folder: Path) -> list[str]:
    return [sys.executable, "-c", ONE_CALL, url, str(count), "42", str(folder / "out")]


def by_one_line(url: str, count: int, folder: Path) -> list[str]:
    run = ["run", "sdxl", "--host", url, "--set", "prompt=a red fox", "--seed", "42", "--count", str(count)]
    return [sys.executable, "-m", "comfydesk", *run, "--out", str(folder / "out"), "--quiet"]


def seconds(command: list[str], out: Path) -> float:
    started = time.perf_counter()
    environ = {**os.environ, "COMFYDESK_HOME": str(out.parent / "home")}
    subprocess.run(command, check=True, capture_output=True, timeout=120, env=environ)
    ended = time.perf_counter()
    if len(list(out.glob("*.png"))) != PICTURES:
        raise RuntimeError(f"{command} did not leave {PICTURES} pictures")
    return ended - started
