"""How long the window's loop keeps a person waiting while a server floods its socket."""

from __future__ import annotations

import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

import requests

from benchmarks.flood import RATE
from benchmarks.goal import Figure
from comfydesk.demo import process

SECONDS = 10.0
STEP_MS = 1500  # a job of 30 s: it runs all the while


def measure(rounds: int = 1) -> list[Figure]:
    """99th percentile of the wait of an event in the GUI loop, at 1,000 socket messages a second with previews."""
    seen = [one() for _ in range(rounds)]
    lags = sorted(lag for round_ in seen for lag in round_["lags"])
    reached, rate = seen[-1]["reached"], min(round_["rate"] for round_ in seen)
    if rate < 0.9 * RATE:
        raise RuntimeError(f"the flood was only {rate:.0f} messages a second: this machine is too slow to measure")
    figure = Figure(
        name="loop_lag",
        what=f"GUI loop lag p99 at {RATE:,} socket messages a second",
        seen=percentile(lags, 0.99),
        most=16.0,
        unit="ms",
        details={
            "median": f"{statistics.median(lags):.2f} ms",
            "p95": f"{percentile(lags, 0.95):.1f} ms",
            "worst": f"{lags[-1]:.1f} ms",
            "events": f"{len(lags):,}",
            "messages": f"{rate:.0f}/s",
            "shown": ", ".join(f"{name} {count / SECONDS:.0f}/s" for name, count in sorted(reached.items())),
        },
    )
    return [figure]


def one() -> dict[str, Any]:
    """One window under the flood: its lags, what it showed, and how many messages a second it was sent."""
    with (
        process.start(step_ms=STEP_MS) as server,
        flooding(server.url) as url,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
    ):
        comfydesk = [sys.executable, "-m", "comfydesk", "--home", home]
        subprocess.run([*comfydesk, "hosts", "add", "flood", url], check=True, capture_output=True, timeout=60)
        command = [sys.executable, "-m", "benchmarks.window_probe", home, str(SECONDS)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode:
            raise RuntimeError(f"the window under the flood ended with {done.returncode}:\n{done.stderr}")
        sent = requests.get(f"{url}/flood", timeout=10).json()
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {**found, "rate": sent["sent"] / max(sent["seconds"], 0.001)}


@contextlib.contextmanager
def flooding(upstream: str) -> Iterator[str]:
    """The address of a flooding proxy in front of a server."""
    command = [sys.executable, "-m", "benchmarks.flood", upstream]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as proxy:
        if proxy.stdin is None or proxy.stdout is None:
            raise RuntimeError("the proxy has no pipes")
        yield json.loads(proxy.stdout.readline())["url"]
        proxy.stdin.close()
        proxy.wait(10)


def percentile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
