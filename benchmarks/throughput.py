"""How much of a busy server's time `comfydesk run` costs, against a queue that is filled at once."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import requests

from benchmarks.goal import Figure
from comfydesk.base import resources
from comfydesk.demo import process

JOBS = 30
STEP_MS = 20
PATIENCE = 300.0  # seconds for one batch


def measure(rounds: int = 3) -> list[Figure]:
    """Total of 30 SDXL jobs by `comfydesk run`, over the server's own time for 30 that all wait in its queue.

    The median of pairs that were measured one after the other: a machine gets slower and faster by itself.
    """
    baselines, runs = [], []
    with process.start(step_ms=STEP_MS) as server, tempfile.TemporaryDirectory() as folder:
        for round_ in range(rounds):
            # Seeds are never used twice: the server would answer from its cache.
            baselines.append(server_alone(server.url, first_seed=1_000_000 * (2 * round_ + 1)))
            runs.append(by_comfydesk(server.url, Path(folder, str(round_)), first_seed=1_000_000 * (2 * round_ + 2)))
    ratio = statistics.median(run / alone for run, alone in zip(runs, baselines, strict=True))
    figure = Figure(
        name="throughput",
        what=f"{JOBS} SDXL jobs by `comfydesk run` / all waiting in the server's queue",
        seen=ratio,
        most=1.10,
        unit="×",
        details={
            "server alone": " ".join(f"{seconds:.2f} s" for seconds in baselines),
            "comfydesk run": " ".join(f"{seconds:.2f} s" for seconds in runs),
        },
    )
    return [figure]


def server_alone(url: str, first_seed: int) -> float:
    """Seconds from the first POST until the server has ended the last of 30 jobs posted at once."""
    graph = json.loads(resources.path("workflows/sdxl.json").read_text(encoding="utf-8"))
    sampler = next(node for node in graph.values() if node["class_type"] == "KSampler")
    prompt_ids = []
    with requests.Session() as session:
        session.trust_env = False
        started = time.time()
        for index in range(JOBS):
            sampler["inputs"]["seed"] = first_seed + index
            body = {"prompt": graph, "client_id": "bench", "prompt_id": str(uuid.uuid4())}
            answer = session.post(f"{url}/prompt", json=body, timeout=30)
            answer.raise_for_status()
            prompt_ids.append(answer.json()["prompt_id"])
        while not (entry := history(session, url, prompt_ids[-1])):
            if time.time() - started > PATIENCE:
                raise TimeoutError(f"the server did not end {JOBS} jobs in {PATIENCE:.0f} s")
            time.sleep(0.1)  # the end is taken from the server's own clock, so this costs no precision
        failed = [entry for prompt_id in prompt_ids if failure(entry := history(session, url, prompt_id))]
    if failed:
        raise RuntimeError(f"{len(failed)} of {JOBS} jobs failed on the server")
    return ended(entry) - started


def history(session: requests.Session, url: str, prompt_id: str) -> dict[str, Any]:
    """The history entry of a job, empty while it is not in history."""
    entry: dict[str, Any] = session.get(f"{url}/history/{prompt_id}", timeout=30).json().get(prompt_id, {})
    return entry


def failure(entry: dict[str, Any]) -> bool:
    return bool(entry.get("status", {}).get("status_str") != "success")


def ended(entry: dict[str, Any]) -> float:
    """When the server ended the job, in seconds since the epoch (its messages carry milliseconds)."""
    stamps = [facts["timestamp"] for name, facts in entry["status"]["messages"] if name == "execution_success"]
    return float(stamps[-1]) / 1000


def by_comfydesk(url: str, out: Path, first_seed: int) -> float:
    """Seconds of the whole command: start of Python, submission, 30 verified files on disk, end of the process."""
    command = [sys.executable, "-m", "comfydesk", "--home", str(out / "home"), "run", "sdxl", "--host", url]
    command += ["--count", str(JOBS), "--seed", str(first_seed), "--out", str(out / "files")]
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    seconds = time.perf_counter() - started
    if done.returncode:
        raise RuntimeError(f"comfydesk run ended with {done.returncode}:\n{done.stderr}")
    if len(list((out / "files").iterdir())) != JOBS:
        raise RuntimeError(f"comfydesk run did not leave {JOBS} files")
    return seconds
