"""States of the Gallery page to be pictured: `EMPTY_SHOTS` before anything was made, `GALLERY_SHOTS` at the end."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QItemSelectionModel, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from comfydesk.gui.gallery.page import GalleryPage
from comfydesk.gui.window import Window
from comfydesk.jobs.model import JobRequest

from .create_shots import until

PROMPTS = (
    "a red fox in fresh snow, blue hour, 85mm, shallow depth of field",
    "a lighthouse at dusk, ink painting",
    "paper boats on a rainy street, warm window light",
    "an old observatory above a sea of clouds",
    "a kitchen garden in June, seen from above",
    "two cranes over a misty rice field, woodcut",
)


def node(class_type: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs}


def graph(seed: int, prompt: str, *, width: int = 512, height: int = 512, frames: int = 1) -> dict[str, Any]:
    return {
        "4": node("CheckpointLoaderSimple", ckpt_name="sd_xl_base_1.0.safetensors"),
        "5": node("EmptyLatentImage", width=width, height=height, batch_size=frames),
        "6": node("CLIPTextEncode", text=prompt, clip=["4", 1]),
        "7": node("CLIPTextEncode", text="blurry, low quality, watermark", clip=["4", 1]),
        "3": node(
            "KSampler",
            seed=seed,
            steps=2,
            cfg=7.0,
            sampler_name="euler",
            scheduler="normal",
            denoise=1.0,
            model=["4", 0],
            positive=["6", 0],
            negative=["7", 0],
            latent_image=["5", 0],
        ),
        "8": node("VAEDecode", samples=["3", 0], vae=["4", 2]),
    }


def requests(host: str) -> list[JobRequest]:
    """Some pictures, and one of every other kind."""
    found = []
    for number, prompt in zip(range(24), itertools.cycle(PROMPTS), strict=False):
        width, height = ((512, 512), (640, 384), (384, 640))[number % 3]
        made = graph(14_028_771_930_500 + number, prompt, width=width, height=height)
        made["9"] = node("SaveImage", images=["8", 0], filename_prefix="fox")
        found.append(("Flux Schnell" if number < 9 else "SDXL", made, prompt))
    made = graph(7, PROMPTS[1], frames=48)
    made["9"] = node("CreateVideo", images=["8", 0], fps=12.0)
    made["10"] = node("SaveVideo", video=["9", 0], filename_prefix="video/C", format="auto", codec="auto")
    found.append(("Waves to video", made, PROMPTS[1]))
    made = graph(8, PROMPTS[3], frames=8)
    made["9"] = node(
        "SaveAnimatedWEBP", filename_prefix="w", fps=8.0, lossless=False, quality=80, method="default", images=["8", 0]
    )
    made["10"] = node("EmptyAudio", duration=74.0, sample_rate=44100, channels=2)
    made["11"] = node("SaveAudio", audio=["10", 0], filename_prefix="audio/C")
    made["12"] = node("PrimitiveStringMultiline", value=f"{PROMPTS[3]}.\nSeen from the east, {PROMPTS[4]}.")
    made["13"] = node("PreviewAny", source=["12", 0])
    made["14"] = node("SaveLatent", samples=["3", 0], filename_prefix="latents/C")
    found.append(("Waves to video", made, PROMPTS[3]))
    params = {"Checkpoint": "sd_xl_base_1.0.safetensors", "Sampler": "euler", "Steps": 2, "CFG": 7.0}
    return [
        JobRequest(
            workflow,
            prompt,
            host,
            seed=prompt["3"]["inputs"]["seed"],
            params={"Prompt": words, **params, "Negative prompt": "blurry, low quality, watermark"},
        )
        for workflow, prompt, words in found
    ]


def page_of(window: Window) -> GalleryPage:
    page = window.page("gallery")
    assert isinstance(page, GalleryPage)
    return page


def row_of(page: GalleryPage, kind: str, skip: int = 0) -> int:
    rows = [r for r in range(page.model.total) if (i := page.model.item(r)) is not None and i.kind == kind]
    return rows[skip]


async def fill(window: Window, engine: Any) -> None:
    """The gallery with something of everything; its first picture is selected."""
    window.go_to("gallery")
    bridge, page = window.context.bridge, page_of(window)
    host = window.states.current
    assert host is not None
    if not any(item is not None and item.kind == "sound" for item in map(page.model.item, range(page.model.total))):
        before = page.model.total
        jobs = await bridge.call(engine.queue.add, requests(host.host_id))
        await bridge.call(engine.queue.wait, [job.job_id for job in jobs], 60.0)
        await until(lambda: page.model.total >= before + 29)
    window.toasts.clear()
    row = row_of(page, "picture", 8)
    await until(lambda: page.thumbnails.picture(page.model.item(row).item_id))  # type: ignore[union-attr]
    page.grid.select_row(row)
    hover(page.grid.viewport(), page.grid.visualRect(page.model.index(row - 2)).center())
    await asyncio.sleep(0.5)


async def empty(window: Window, _engine: Any) -> None:
    window.go_to("gallery")
    await until(lambda: not page_of(window).model.is_loading)


async def several(window: Window, _engine: Any) -> None:
    page = page_of(window)
    page.grid.clearSelection()
    for row in (1, 2, 3, 8, 9):
        page.grid.selectionModel().select(page.model.index(row), QItemSelectionModel.SelectionFlag.Select)


async def missing(window: Window, _engine: Any) -> None:
    page = page_of(window)
    row = row_of(page, "picture", 3)
    item = page.model.item(row)
    assert item is not None
    Path(item.path).rename(f"{item.path}.away")  # noqa: ASYNC240
    page.model.ask(page.model.query)
    await until(lambda: (now := page.model.item(row)) is not None and now.missing)
    page.grid.select_row(row)


async def videos(window: Window, _engine: Any) -> None:
    page = page_of(window)
    page.bar.kinds.set_value("kind:video")
    await until(lambda: page.model.total == 1)
    page.grid.select_row(0)
    await asyncio.sleep(0.5)


async def nothing(window: Window, _engine: Any) -> None:
    page = page_of(window)
    page.bar.search.setText("a walrus playing chess")
    await until(lambda: page.model.total == 0)


def view(kind: str, skip: int = 0, seconds: float = 0.8) -> Callable[[Window, Any], Awaitable[None]]:
    async def show(window: Window, _engine: Any) -> None:
        page = page_of(window)
        if page.bar.query:
            page.bar.clear()
            await until(lambda: page.model.total > 20)
        page.open_row(row_of(page, kind, skip))
        hover(page.viewer.stage, page.viewer.stage.rect().center())
        await asyncio.sleep(seconds)

    return show


async def zoomed(window: Window, engine: Any) -> None:
    await view("picture", 8)(window, engine)
    viewer = page_of(window).viewer
    await until(lambda: viewer.image.has_image)
    viewer.image.zoom_to(3.0)


def hover(widget: QWidget, point: Any) -> None:
    """The pointer rests there."""
    none = Qt.MouseButton.NoButton
    place = QPointF(point)
    event = QMouseEvent(
        QMouseEvent.Type.MouseMove, place, widget.mapToGlobal(place), none, none, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(widget, event)


EMPTY_SHOTS: list[tuple[str, Callable[[Window, Any], Awaitable[None]]]] = [("gallery-empty", empty)]
GALLERY_SHOTS: list[tuple[str, Callable[[Window, Any], Awaitable[None]]]] = [
    ("gallery", fill),
    ("gallery-several", several),
    ("gallery-missing", missing),
    ("gallery-videos", videos),
    ("gallery-nothing", nothing),
    ("gallery-viewer", view("picture", 8)),
    ("gallery-viewer-zoomed", zoomed),
    ("gallery-viewer-animation", view("animation")),
    ("gallery-viewer-video", view("video")),
    ("gallery-viewer-sound", view("sound")),
    ("gallery-viewer-text", view("text")),
    ("gallery-viewer-other", view("latent")),
]
