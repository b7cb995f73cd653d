"""States of the Create and Queue pages to be pictured; taken after `create-done` in the same window."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from PySide6.QtGui import QImage

from comfydesk.form.fields import LocalFile
from comfydesk.gui.window import Window
from comfydesk.jobs.model import HostChanged
from comfydesk.server.types import Connection

PROMPT, CHECKPOINT = "6.text", "4.ckpt_name"
LARGEST = "templates-1_click_multiple_scene_angles-v1.0.json"  # 131 fields
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "conversion" / "expected"


async def until(condition: Callable[[], Any], seconds: float = 30.0) -> Any:
    deadline = asyncio.get_running_loop().time() + seconds
    while not (value := condition()):
        if asyncio.get_running_loop().time() > deadline:
            raise TimeoutError("the state to be pictured did not come")
        await asyncio.sleep(0.02)
    return value


def put(page: Any, key: str, value: Any) -> None:
    """Set a field as if a person did."""
    row = page.form.sheet.rows[key]
    row.set_value(key, value)
    row.edited.emit(key, value)


async def advanced(window: Window, _engine: Any) -> None:
    page = window.page("create")
    window.go_to("create")
    page.form.sheet.advanced.section.set_open(True)
    put(page, "3.denoise", 0.85)
    page.form.scroll.verticalScrollBar().setValue(10_000)


async def missing(window: Window, _engine: Any) -> None:
    page = window.page("create")
    page.form.sheet.advanced.section.set_open(False)
    page.form.header.reset.click()
    put(page, CHECKPOINT, "SDXL/sd_xl_base_1.0_0.9vae.safetensors")
    await until(lambda: page.form.sheet.rows[CHECKPOINT].issue_line.isVisible())


async def failed(window: Window, _engine: Any) -> None:
    page = window.page("create")
    page.form.header.reset.click()
    put(page, PROMPT, "a red fox in fresh snow OOM")
    page.form.footer.runs.set_value(1)
    page.form.footer.runs.value_changed.emit(1)
    await until(page.form.footer.queue.isEnabled)
    page.form.queue()
    await until(page.stage.area.card.isVisible)
    window.toasts.clear()


async def offline(window: Window, engine: Any) -> None:
    page = window.page("create")
    page.stage.area.card.closed.emit()
    page.form.header.reset.click()
    window.toasts.clear()
    host = window.states.current.host_id
    engine.runtime.post(engine.changes.publish, HostChanged(host, Connection.OFFLINE))
    await until(lambda: "starts when" in page.form.footer.queue.note)


async def media(window: Window, engine: Any) -> None:
    """A picture comes in: two tiles, one filled."""
    page = window.page("create")
    host = window.states.current.host_id
    engine.runtime.post(engine.changes.publish, HostChanged(host, Connection.LIVE))
    folder = Path(tempfile.mkdtemp(prefix="shots", dir=engine.home.root))
    photo = folder / "kitchen.png"
    QImage(str(next(iter(page.stage.newest.model.items)).path)).save(str(photo))
    (folder / "Photo to painting.json").write_text(json.dumps(photo_to_painting()), encoding="utf-8")
    window.import_files([str(folder / "Photo to painting.json")])
    await until(lambda: page.form.header.title.text() == "Photo to painting")
    put(page, "1.image", LocalFile(str(photo)))
    await asyncio.sleep(0.3)
    window.toasts.clear()


async def tabs(window: Window, engine: Any) -> None:
    """Three workflows are open; the one that is shown saves twice, one of them is left out."""
    page = window.page("create")
    folder = Path(tempfile.mkdtemp(prefix="shots", dir=engine.home.root))
    twice = photo_to_painting()
    twice["9"] = {"class_type": "ImageInvert", "inputs": {"image": ["7", 0]}}
    twice["10"] = {"class_type": "SaveImage", "_meta": {"title": "Save negative"}, "inputs": {"images": ["9", 0]}}
    twice["11"] = {"class_type": "PreviewImage", "_meta": {"title": "Preview"}, "inputs": {"images": ["9", 0]}}
    (folder / "Painting and negative.json").write_text(json.dumps(twice), encoding="utf-8")
    page.library.tab_requested.emit("flux-schnell")
    await until(lambda: page.form.header.title.text() == "Flux Schnell")
    page.library.tab_requested.emit("sdxl")
    await until(lambda: page.form.header.title.text() == "SDXL")
    window.import_files([str(folder / "Painting and negative.json")])
    await until(lambda: page.form.header.title.text() == "Painting and negative")
    page.form.sheet.outputs.boxes["10"].click()
    page.form.sheet.advanced.section.set_open(True)
    page.form.scroll.verticalScrollBar().setValue(10_000)
    await asyncio.sleep(0.3)
    page.form.scroll.verticalScrollBar().setValue(260)
    window.toasts.clear()


async def largest(window: Window, _engine: Any) -> None:
    """The largest public template, where it is at hand."""
    page = window.page("create")
    if (SHARED / LARGEST).is_file():
        window.import_files([str(SHARED / LARGEST)])
        await until(lambda: "scene_angles" in page.form.header.title.text())
        window.toasts.clear()


async def lacking(window: Window, engine: Any) -> None:
    """A workflow of the editor that needs a pack and two models; the bar is open."""
    page = window.page("create")
    folder = Path(tempfile.mkdtemp(prefix="shots", dir=engine.home.root))
    (folder / "Portrait with details.json").write_text(json.dumps(portrait()), encoding="utf-8")
    window.import_files([str(folder / "Portrait with details.json")])
    await until(lambda: page.form.header.title.text() == "Portrait with details" and page.form.bar.isVisible())
    await until(lambda: "missing" in page.form.bar.headline.text())
    page.form.bar.toggle.click()
    await asyncio.sleep(0.3)
    window.toasts.clear()


def portrait() -> dict[str, Any]:
    """Text to picture as ComfyUI's editor saves it, with nodes and models that the demo server lacks."""
    impact = {"cnr_id": "comfyui-impact-pack", "ver": "8.28.2"}
    models = [
        {
            "name": name,
            "directory": directory,
            "url": f"https://huggingface.co/author/models/resolve/main/{name}",
        }
        for name, directory in (("portraitXL_v30.safetensors", "checkpoints"), ("4x_crisp.pth", "upscale_models"))
    ]
    nodes: list[dict[str, Any]] = []
    links: list[list[Any]] = []

    def node(
        kind: str, widgets: list[Any], outputs: str = "", more: dict[str, Any] | None = None, **inputs: Any
    ) -> int:
        number = len(nodes) + 1
        taken = []
        for name, (source, slot, type_name) in inputs.items():
            links.append([len(links) + 1, source, slot, number, len(taken), type_name])
            taken.append({"name": name, "type": type_name, "link": len(links)})
        given = [{"name": name, "type": name, "links": []} for name in outputs.split()]
        made = {"id": number, "type": kind, "mode": 0, "widgets_values": widgets, "properties": more or {}}
        nodes.append({**made, "inputs": taken, "outputs": given})
        return number

    loader = node("CheckpointLoaderSimple", ["portraitXL_v30.safetensors"], "MODEL CLIP VAE", {"models": models})
    clip = (loader, 1, "CLIP")
    good = node("CLIPTextEncode", ["portrait of a fisherman, overcast light"], "CONDITIONING", clip=clip)
    bad = node("CLIPTextEncode", ["blurry"], "CONDITIONING", clip=clip)
    empty = node("EmptyLatentImage", [832, 1216, 1], "LATENT")
    sampler = node(
        "KSampler", [7, "randomize", 24, 6.0, "euler", "normal", 1.0], "LATENT",
        model=(loader, 0, "MODEL"), positive=(good, 0, "CONDITIONING"), negative=(bad, 0, "CONDITIONING"),
        latent_image=(empty, 0, "LATENT"),
    )  # fmt: skip
    picture = node("VAEDecode", [], "IMAGE", samples=(sampler, 0, "LATENT"), vae=(loader, 2, "VAE"))
    faces = node("FaceDetailer", [], "IMAGE", impact, image=(picture, 0, "IMAGE"))
    hands = node("HandDetailer", [], "IMAGE", impact, image=(faces, 0, "IMAGE"))
    up = node("UpscaleModelLoader", ["4x_crisp.pth"], "UPSCALE_MODEL")
    large = node(
        "ImageUpscaleWithModel", [], "IMAGE", upscale_model=(up, 0, "UPSCALE_MODEL"), image=(hands, 0, "IMAGE")
    )
    node("SaveImage", ["portrait"], images=(large, 0, "IMAGE"))
    return {"nodes": nodes, "links": links, "version": 0.4}


def photo_to_painting() -> dict[str, Any]:
    """A small image-to-image workflow in API format."""

    def node(kind: str, title: str, **inputs: Any) -> dict[str, Any]:
        return {"class_type": kind, "_meta": {"title": title}, "inputs": inputs}

    return {
        "1": node("LoadImage", "Photo", image="example.png"),
        "2": node("CheckpointLoaderSimple", "Load Checkpoint", ckpt_name="sd_xl_base_1.0.safetensors"),
        "3": node("VAEEncode", "VAE Encode", pixels=["1", 0], vae=["2", 2]),
        "4": node("CLIPTextEncode", "Prompt", text="an oil painting, loose brush strokes", clip=["2", 1]),
        "5": node("CLIPTextEncode", "Negative prompt", text="photo", clip=["2", 1]),
        "6": node(
            "KSampler",
            "KSampler",
            seed=7,
            steps=20,
            cfg=6.0,
            sampler_name="euler",
            scheduler="normal",
            denoise=0.6,
            model=["2", 0],
            positive=["4", 0],
            negative=["5", 0],
            latent_image=["3", 0],
        ),
        "7": node("VAEDecode", "VAE Decode", samples=["6", 0], vae=["2", 2]),
        "8": node("SaveImage", "Save Image", images=["7", 0], filename_prefix="painting"),
    }


CREATE_SHOTS: list[tuple[str, Callable[[Window, Any], Awaitable[None]]]] = [
    ("create-advanced", advanced),
    ("create-missing", missing),
    ("create-failed", failed),
    ("create-offline", offline),
    ("create-media", media),
    ("create-tabs", tabs),
    ("create-largest", largest),
    ("create-lacking", lacking),
]
