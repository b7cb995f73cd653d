"""States of an arranged form to be pictured: own groups, hidden fields, a search; and "Arrange the form" itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from comfydesk.form.profile import OwnGroup, Profile, Range
from comfydesk.gui.window import Window

from .create_shots import SHARED, until

IMAGE_TO_VIDEO = "video_ltx2_3_i2v.json"
MINE = Profile(
    labels={"6.text": "What to paint"},
    hidden=("3.scheduler", "8.samples"),
    groups=(OwnGroup("Quality", ("3.steps", "3.cfg", "3.sampler_name")),),
    ranges={"3.steps": Range(10, 40, 5)},
    help={"3.steps": "Twenty will do for a draft."},
)


async def _open(window: Window, name: str) -> Any:
    page = window.page("create")
    window.go_to("create")
    page.library.tab_requested.emit(name)
    await until(lambda: page.form.session.workflow is not None and page.form.session.workflow.entry.name == name)
    return page.form


async def arranged(window: Window, _engine: Any) -> None:
    """One's own group stands open, a field has another name, one is hidden."""
    form = await _open(window, "sdxl")
    form.arranging.arranger.change(lambda _profile, _form: MINE)
    await until(lambda: bool(form.sheet.own.groups))
    next(iter(form.sheet.own.groups.values())).open()
    form.sheet.hidden.groups["hidden"].open()
    form.scroll.verticalScrollBar().setValue(10_000)


async def finding(window: Window, _engine: Any) -> None:
    """Somebody looks for a field."""
    form = await _open(window, "sdxl")
    form.sheet.own.groups["own:0"].section.set_open(False)
    form.arranging.bar.line.setText("sampler")
    await until(form.arranging.bar.count.isVisible)


async def image_to_video(window: Window, _engine: Any) -> None:
    """A public workflow that makes a video of a picture, where it is at hand."""
    page = window.page("create")
    if (SHARED / IMAGE_TO_VIDEO).is_file():
        window.import_files([str(SHARED / IMAGE_TO_VIDEO)])
        await until(lambda: "ltx2_3" in page.form.header.title.text())
        await asyncio.sleep(0.3)
        window.toasts.clear()


ARRANGE_SHOTS: list[tuple[str, Callable[[Window, Any], Awaitable[None]]]] = [
    ("arrange-form", arranged),
    ("arrange-find", finding),
    ("create-image-to-video", image_to_video),
]


async def arranging(window: Window, _engine: Any) -> Any:
    """The dialog, at a number."""
    form = await _open(window, "sdxl")
    form.arranging.arrange("3.steps")
    await until(lambda: form.arranging.dialog is not None)
    await asyncio.sleep(0.2)
    return form.arranging.dialog
