"""A stand-in for the engine: real runtime, changes and forms; a queue that records what it is asked."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from PySide6.QtWidgets import QApplication

from comfydesk.base import resources
from comfydesk.base.changes import Change, ChangeStream
from comfydesk.base.paths import Home
from comfydesk.base.runtime import Lane, Runtime
from comfydesk.base.settings import SettingsStore
from comfydesk.engine.formdesk import FormDesk
from comfydesk.engine.model import OpenWorkflow, Queued
from comfydesk.engine.promptdesk import PromptDesk
from comfydesk.engine.reshaping import reshaped
from comfydesk.form import build, check, match, runs
from comfydesk.form.fields import SeedMode
from comfydesk.gallery.model import GalleryItem
from comfydesk.gui.bridge import Bridge
from comfydesk.gui.context import Context
from comfydesk.gui.settings.store import WindowSettings
from comfydesk.gui.style.icons import Icons
from comfydesk.gui.style.theme import Theme
from comfydesk.jobs.model import HostChanged, Job, JobChanged, JobState, OwnerKind, QueueSummary
from comfydesk.jobs.owners import Crash
from comfydesk.library.model import WorkflowEntry
from comfydesk.server.types import Connection, Host
from comfydesk.workflow.parse import parse
from comfydesk.workflow.specs import Specs

from .stand_in_library import StandInLibrary
from .stand_in_presets import KeptInMemory, StandInPresets

NAMES = ["dreamshaperXL.safetensors", "sd_xl_base_0.9.safetensors", "juggernautXL_v9.safetensors"]
HOST = Host("gpu-box", "gpu-box", "http://gpu-box:8188")


def object_info(models: Sequence[str] = NAMES) -> dict[str, Any]:
    """Specs of the nodes in the SDXL starter, in the server's own shape."""

    def node(required: dict[str, Any], outputs: list[str], *, saves: bool = False) -> dict[str, Any]:
        return {
            "input": {"required": required},
            "input_order": {"required": list(required)},
            "output": outputs,
            "output_is_list": [False] * len(outputs),
            "output_name": outputs,
            "output_node": saves,
        }

    side = ["INT", {"default": 512, "min": 16, "max": 16384, "step": 8}]
    clip = {"text": ["STRING", {"multiline": True, "tooltip": "The <b>text</b> to encode"}], "clip": ["CLIP"]}
    return {
        "CheckpointLoaderSimple": node({"ckpt_name": [list(models), {}]}, ["MODEL", "CLIP", "VAE"]),
        "EmptyLatentImage": node(
            {"width": side, "height": side, "batch_size": ["INT", {"default": 1, "min": 1, "max": 4096}]}, ["LATENT"]
        ),
        "CLIPTextEncode": node(clip, ["CONDITIONING"]),
        "KSampler": node(
            {
                "model": ["MODEL"],
                "seed": ["INT", {"default": 0, "min": 0, "max": 2**64 - 1, "control_after_generate": True}],
                "steps": ["INT", {"default": 20, "min": 1, "max": 10000}],
                "cfg": ["FLOAT", {"default": 8.0, "min": 0.0, "max": 100.0, "step": 0.1, "round": 0.01}],
                "sampler_name": [["euler", "euler_ancestral", "dpmpp_2m", "dpmpp_sde"], {}],
                "scheduler": [["normal", "karras", "simple"], {}],
                "positive": ["CONDITIONING"],
                "negative": ["CONDITIONING"],
                "latent_image": ["LATENT"],
                "denoise": ["FLOAT", {"default": 1.0, "min": 0.0, "max": 1.0, "step": 0.01}],
            },
            ["LATENT"],
        ),
        "VAEDecode": node({"samples": ["LATENT"], "vae": ["VAE"]}, ["IMAGE"]),
        "SaveImage": node({"images": ["IMAGE"], "filename_prefix": ["STRING", {"default": "ComfyUI"}]}, [], saves=True),
        "LoadImage": node({"image": [["example.png"], {"image_upload": True}]}, ["IMAGE", "MASK"]),
    }


def job(number: int, state: JobState = JobState.WAITING, **facts: Any) -> Job:
    """A row with sensible facts; any may be given."""
    base: dict[str, Any] = {
        "job_id": f"job-{number}",
        "state": state,
        "workflow": "SDXL",
        "host_id": HOST.host_id,
        "owner": "me",
        "owner_kind": OwnerKind.WINDOW,
        "position": float(number),
        "created_at": time.time() - 100 + number,
        "press": "press",
        "index": number,
        "seed": 14_028_771_930_551 + number,
    }
    return Job(**{**base, **facts})


class RecordingQueue:
    """Answers like the queue and writes down what was asked: `calls` is a list of (name, arguments)."""

    def __init__(self, engine: StandInEngine) -> None:
        self._engine = engine
        self.calls: list[tuple[str, Any]] = []
        self.rows: dict[str, Job] = {}
        self.prompts: dict[str, dict[str, Any]] = {}
        self.previews: bool | None = None
        self.crash = Crash()

    def names(self) -> list[str]:
        return [name for name, _ in self.calls]

    async def jobs(self, limit: int = 500, since: float | None = None, before: float | None = None) -> list[Job]:
        return [] if before is not None else list(self.rows.values())

    async def summary(self) -> QueueSummary:
        return QueueSummary(0, 0, 0, 0, paused=False)

    async def prompt(self, job_id: str) -> dict[str, Any]:
        return self.prompts[job_id]

    def set_previews(self, wanted: bool) -> None:
        self.previews = wanted

    def __getattr__(self, name: str) -> Callable[..., Any]:
        async def record(*args: Any) -> Any:
            self.calls.append((name, args[0] if args else None))
            if name in ("undo", "stop_running", "clear_waiting"):
                return len(self.rows)
            return [self.rows[i] for i in args[0] if i in self.rows] if name == "retry" else None

        return record


class StandInEngine(PromptDesk, StandInLibrary, StandInPresets, FormDesk):
    """What pages ask of an engine. `info` None: the host was never seen."""

    def __init__(
        self, root: Path, info: Mapping[str, Any] | None = None, entries: Iterable[WorkflowEntry] = ()
    ) -> None:
        self.home = Home(root, root / "cache").make()
        self.runtime = Runtime()
        self.changes = ChangeStream(self.runtime.loop)
        self.settings = SettingsStore(self.home.settings_file)
        self.info = object_info() if info is None else info
        self.queue = RecordingQueue(self)
        self.drafts: dict[str, Any] = {}
        self.presses: list[dict[str, Any]] = []
        self.items: list[GalleryItem] = []
        self.host: Host | None = HOST
        self.entries = list(entries) or starters()
        self.begin_library()
        self.library = KeptInMemory()
        self.hosts = SimpleNamespace(links=tuple, link=lambda _id: None)
        self.gallery = SimpleNamespace(page=self._gallery_page, thumbnail=self._thumbnail)
        self.freed: list[str] = []

    def close(self) -> None:
        self.runtime.stop()

    def _files(self) -> Lane:
        return self.runtime.lane("files", 1)

    def announce(self, *changes: Change) -> None:
        """Publish changes as the engine would."""
        self.runtime.post(self.changes.publish, *changes)

    def put(self, *jobs: Job) -> None:
        for each in jobs:
            self.queue.rows[each.job_id] = each
        self.announce(*(JobChanged(each) for each in jobs))

    async def default_host(self) -> Host | None:
        return self.host

    async def saved_hosts(self) -> list[Host]:
        return [self.host] if self.host else []

    async def output_root(self) -> str:
        return str(self.home.root / "results")

    async def save_draft(self, name: str, draft: Mapping[str, Any]) -> None:
        self.drafts[name] = dict(draft)

    async def open_workflow(self, name: str, host_id: str | None) -> OpenWorkflow:
        return self._open(next(entry for entry in self.entries if entry.name == name), host_id)

    def _open(self, entry: WorkflowEntry, host_id: str | None) -> OpenWorkflow:
        graph = parse(Path(entry.path).read_bytes(), entry.name)
        specs = Specs.from_object_info(self.info) if self.info else None
        form = build.build(graph, specs)
        values = {field.key: field.value for field in form.fields}
        issues = tuple(check.check(graph, form, values, specs, HOST.name))
        draft = self.drafts.get(entry.name)
        known = "host" if specs else "none"
        return OpenWorkflow(entry, host_id or "", graph, form, specs, known, draft, issues, HOST.name)

    async def reshape(self, opened: OpenWorkflow, values: Mapping[str, Any]) -> OpenWorkflow:
        return reshaped(opened, values)

    async def check(self, opened: OpenWorkflow, values: Mapping[str, Any]) -> list[Any]:
        return check.check(opened.graph, opened.form, values, opened.specs, opened.address)

    async def mend(self, opened: OpenWorkflow, values: Mapping[str, Any], issues: Sequence[Any]) -> dict[str, Any]:
        return match.mend(opened.form, values, issues)

    async def queue_runs(
        self,
        opened: OpenWorkflow,
        values: Mapping[str, Any],
        modes: Mapping[str, SeedMode],
        count: int,
        host_id: str,
        **options: Any,
    ) -> Queued:
        plan = runs.plan_runs(opened.graph, opened.form, values, modes, count)
        press = uuid.uuid4().hex
        self.presses.append({"values": dict(values), "count": count, "host_id": host_id, "plan": plan, **options})
        made = []
        for index, run in enumerate(plan.runs):
            number = len(self.queue.rows)
            made.append(job(number, press=press, index=index, seed=run.seed, differs=run.differs))
            self.queue.prompts[made[-1].job_id] = run.prompt
            self.put(made[-1])
        return Queued(press, tuple(made), tuple(run.seed for run in plan.runs), plan.reason)

    async def _gallery_page(self, offset: int, limit: int, **_: Any) -> list[GalleryItem]:
        return self.items[offset : offset + limit]

    async def _thumbnail(self, item_id: int, px: int) -> str:
        return next(item.path for item in self.items if item.item_id == item_id)


class StandInStates:
    """What a page asks of the window's host states."""

    def __init__(self, host: Host | None, connection: Connection = Connection.LIVE) -> None:
        from PySide6.QtCore import QObject, Signal

        class Source(QObject):
            changed = Signal()

        self._source = Source()
        self.changed = self._source.changed
        self.current = host
        self._connection = connection

    def connection(self) -> Connection:
        return self._connection

    def state(self, host_id: str) -> HostChanged:
        return HostChanged(host_id, self._connection)

    def become(self, connection: Connection) -> None:
        self._connection = connection
        self.changed.emit()


def starters() -> list[WorkflowEntry]:
    """The workflows that ship with ComfyDesk."""
    folder = resources.path("workflows")
    return [
        WorkflowEntry("sdxl", "SDXL", str(folder / "sdxl.json"), 7, True, 0.0),
        WorkflowEntry("flux-schnell", "Flux Schnell", str(folder / "flux-schnell.json"), 6, True, 0.0),
    ]


def make_context(app: QApplication, theme: Theme) -> Context:
    return Context(Bridge(app), theme, Icons(theme), WindowSettings())
