"""What the gallery's window tests stand on: a real gallery, and files as servers write them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

from PIL import Image, PngImagePlugin

from comfydesk.base.changes import ChangeStream
from comfydesk.base.paths import Home
from comfydesk.base.runtime import Runtime
from comfydesk.gallery.gallery import Gallery
from comfydesk.gallery.model import Entry
from comfydesk.library.model import WorkflowEntry


class GalleryEngine(SimpleNamespace):
    """As much of the engine as the gallery page needs; everything in it is real."""

    @classmethod
    def on(cls, folder: Path) -> GalleryEngine:
        home = Home(folder / "home", folder / "cache").make()
        runtime = Runtime()
        changes = ChangeStream(runtime.loop)
        gallery = Gallery(home, runtime, changes)
        runtime.call(gallery.start(watch=False))
        return cls(runtime=runtime, changes=changes, gallery=gallery, home=home, entries=[])

    async def workflows(self) -> list[WorkflowEntry]:
        return list(self.entries)

    def find(self, folder: Path) -> None:
        self.runtime.call(self.gallery.rebuild([folder]))

    def close(self) -> None:
        self.runtime.call(self.gallery.close())
        self.runtime.stop()


def paint(folder: Path, count: int, *, first: int = 0) -> list[Path]:
    """Pictures that carry a prompt, as a server writes them."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(first, first + count):
        info = PngImagePlugin.PngInfo()
        graph = {
            "3": {"class_type": "KSampler", "inputs": {"seed": number, "steps": 20, "positive": ["6", 0]}},
            "6": {"class_type": "CLIPTextEncode", "inputs": {"text": f"a fox number {number}"}},
        }
        info.add_text("prompt", json.dumps(graph))
        path = folder / f"picture_{number:03}.png"
        Image.new("RGB", (64, 48), (number * 7 % 256, 90, 140)).save(path, pnginfo=info)
        paths.append(path)
    return paths


def entries(count: int, folder: Path, *, workflows: Sequence[str] = ("SDXL", "Flux"), newest: float) -> list[Entry]:
    """Rows for files that need not be there, a minute apart, changing the workflow every 150."""
    return [
        Entry(
            path=str(folder / f"{number:05}.png"),
            kind="picture",
            size=1000,
            created_at=newest - 60.0 * number,
            workflow=workflows[number // 150 % len(workflows)],
            job_id=f"job {number}",
            seed=number,
            prompt=f"a fox number {number}",
            width=64,
            height=48,
            sha256=str(number),
        )
        for number in range(count)
    ]
