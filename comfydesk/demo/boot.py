"""All that the server keeps in memory, from one start to the next: a restart makes a new one."""

from __future__ import annotations

import shutil
from pathlib import Path

from comfydesk.demo.call import Folders
from comfydesk.demo.executor import Executor
from comfydesk.demo.faults import Faults
from comfydesk.demo.hub import Hub
from comfydesk.demo.journal import Journal
from comfydesk.demo.nodes.choices import MODEL_FILES, MODEL_FOLDERS, NEWER_MODEL_FOLDERS
from comfydesk.demo.options import Options
from comfydesk.demo.prompt_queue import PromptQueue


class Boot:
    """Queue, history, sockets, caches and counters of one life of the server. Made inside the running loop."""

    def __init__(self, options: Options, folders: Folders, journal: Journal, faults: Faults, first_number: int) -> None:
        self.options = options
        self.folders = folders
        self.number = first_number
        _empty(folders.temp)
        self.hub = Hub(options.profile, faults)
        self.queue = PromptQueue(self._changed)
        self.executor = Executor(options, folders, self.queue, self.hub, journal, faults)
        self.executor.start()

    def status(self) -> dict[str, dict[str, int]]:
        return {"exec_info": {"queue_remaining": self.queue.remaining()}}

    def _changed(self) -> None:
        self.hub.send("status", {"status": self.status()})

    def next_number(self) -> int:
        number = self.number
        self.number += 1
        return number

    def end(self) -> None:
        """Forget everything: the running job ends unheard."""
        self.executor.abandon()
        self.hub.close()


def make_folders(root: Path) -> Folders:
    folders = Folders(root / "output", root / "input", root / "temp", root / "user")
    for folder in (folders.output, folders.input, folders.temp, folders.user):
        folder.mkdir(parents=True, exist_ok=True)
    example = folders.input / "example.png"
    if not example.exists():
        from comfydesk.demo.painter import paint
        from comfydesk.demo.values import Scene

        paint(Scene(7, "an example"), 512, 512).save(example, "PNG")
    return folders


def model_lists(options: Options, folders: Folders, folder: str) -> list[str]:
    """The names that a combo offers: model files, or what was uploaded ("input", without its sub-folders)."""
    if folder == "checkpoints":
        return list(options.checkpoints)
    if folder == "input":
        return sorted(path.name for path in folders.input.iterdir() if path.is_file())
    return list(MODEL_FILES.get(folder, ()))


def model_folders(options: Options) -> list[str]:
    modern = options.profile.modern_specs
    return [name for name in MODEL_FOLDERS if modern or name not in NEWER_MODEL_FOLDERS]


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
