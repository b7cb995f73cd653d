"""A queue wired up as the engine does it, without window: home, runtime, changes, hosts, queue, and one demo server."""

from __future__ import annotations

import copy
import json
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from comfydesk.base.changes import Change, ChangeStream
from comfydesk.base.paths import Home
from comfydesk.base.runtime import Runtime
from comfydesk.jobs.hosts import HostPool
from comfydesk.jobs.link import HostLink
from comfydesk.jobs.model import HostChanged, Job, JobChanged, JobRequest, JobState, OwnerKind
from comfydesk.jobs.queue import Queue
from comfydesk.server.types import Connection, Host

T = TypeVar("T")
C = TypeVar("C", bound=Change)

PATIENCE = 20.0  # seconds until a condition counts as never coming true
TITLES = {"3": "KSampler", "4": "Load Checkpoint", "6": "Prompt", "9": "Save Image"}

GRAPH: dict[str, Any] = {
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sd_xl_base_1.0.safetensors"}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a red fox", "clip": ["4", 1]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry", "clip": ["4", 1]}},
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "seed": 1,
            "steps": 4,
            "cfg": 7.0,
            "sampler_name": "euler",
            "scheduler": "normal",
            "denoise": 1.0,
            "model": ["4", 0],
            "positive": ["6", 0],
            "negative": ["7", 0],
            "latent_image": ["5", 0],
        },
    },
    "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
    "9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "ComfyDesk", "images": ["8", 0]}},
}


def graph(seed: int = 1, *, steps: int = 4, prompt: str = "a red fox", **nodes: Any) -> dict[str, Any]:
    """The SDXL picture, small; `nodes` replace (or, None, remove) whole nodes, "n10" being node 10."""
    made = copy.deepcopy(GRAPH)
    made["3"]["inputs"] |= {"seed": seed, "steps": steps}
    made["6"]["inputs"]["text"] = prompt
    for name, node in nodes.items():
        if node is None:
            made.pop(name[1:])
        else:
            made[name[1:]] = node
    return made


class Rig:
    """One process's worth of engine. Blocking calls from the test's thread."""

    def __init__(self, home: Home, results: Path, kind: OwnerKind = OwnerKind.WINDOW) -> None:
        self.home, self.results = home.make(), results
        self.runtime = Runtime()
        self.errors: list[BaseException] = []
        self.runtime.on_error = self.errors.append
        self.changes = ChangeStream(self.runtime.loop)
        self.pool = HostPool(home, self.runtime, self.changes)
        self.queue = Queue(home, self.runtime, self.changes, self.pool, kind, lambda: results)
        self._seen: list[Change] = []
        self._news = threading.Condition()
        self._closed = False
        self.changes.subscribe(self._take)

    def _take(self, changes: list[Change]) -> None:
        with self._news:
            self._seen += changes
            self._news.notify_all()

    def call(self, work: Coroutine[Any, Any, T], timeout: float = PATIENCE) -> T:
        return self.runtime.call(work, timeout)

    def start(self) -> Rig:
        self.call(self.queue.start())
        return self

    def connect(self, url: str, *, live: bool = True, wait: float | None = 10.0) -> HostLink:
        host = Host(host_id="demo", name="demo", url=url)
        return self.call(self.pool.connect(host, live=live, wait_server=wait))

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        try:
            self.call(self.queue.close())
            self.call(self.pool.close())
        finally:
            self.runtime.stop()
        assert self.errors == []

    # -- doing

    def add(self, *prompts: dict[str, Any], **fields: Any) -> list[Job]:
        requests = [
            JobRequest(
                workflow="SDXL",
                prompt=prompt,
                host_id="demo",
                seed=prompt.get("3", {}).get("inputs", {}).get("seed"),
                index=index,
                press="press",
                titles=TITLES,
            )
            for index, prompt in enumerate(prompts)
        ]
        return self.call(self.queue.add([replace(request, **fields) for request in requests]))

    def wait(self, jobs: Sequence[Job], timeout: float = PATIENCE) -> list[Job]:
        return self.call(self.queue.wait([job.job_id for job in jobs], timeout), timeout + 5)

    def job(self, job: Job) -> Job:
        return self.call(self.queue.job(job.job_id))

    # -- seeing

    def seen(self, kind: type[C]) -> list[C]:
        with self._news:
            return [change for change in self._seen if isinstance(change, kind)]

    def wait_for(self, kind: type[C], fits: Callable[[C], bool] = lambda _: True, timeout: float = PATIENCE) -> C:
        """The first announced change of this kind that fits, already seen or to come."""
        deadline = time.monotonic() + timeout
        with self._news:
            while True:
                for change in self._seen:
                    if isinstance(change, kind) and fits(change):
                        return change
                left = deadline - time.monotonic()
                if left <= 0 or not self._news.wait(left):
                    raise AssertionError(f"no such {kind.__name__} came; the last were {self._seen[-8:]}")

    def forget(self) -> None:
        """Look only at what comes from now on."""
        with self._news:
            self._seen.clear()

    def until_state(self, job: Job, *states: JobState, timeout: float = PATIENCE) -> Job:
        found = self.wait_for(JobChanged, lambda c: c.job.job_id == job.job_id and c.job.state in states, timeout)
        return found.job

    def until_connection(self, *wanted: Connection, timeout: float = PATIENCE) -> HostChanged:
        return self.wait_for(HostChanged, lambda c: c.connection in wanted, timeout)

    def files(self) -> list[Path]:
        return sorted(path for path in self.results.rglob("*") if path.is_file())


def until(condition: Callable[[], Any], timeout: float = PATIENCE) -> Any:
    """Wait until a condition of another process is true (nothing announces it here)."""
    deadline = time.monotonic() + timeout
    pause = threading.Event()
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"never came true: {condition}")
        pause.wait(0.02)
    return found


def no_half_files(folder: Path) -> bool:
    """Whether no part of a download lies about."""
    return not [path for path in folder.rglob("*") if ".part" in path.name or path.name.startswith(".")]


def dump(value: Any) -> str:
    return json.dumps(value, indent=1, default=str)
