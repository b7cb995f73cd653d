"""States of the library to be pictured: in the window on the demo, and its dialogs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from comfydesk.base import resources
from comfydesk.gui.library.sections import Filter, Which
from comfydesk.gui.window import Window

from .create_shots import photo_to_painting, until

FILES = ("Fox portrait", "portraits/Studio light", "portraits/film/Sepia", "video/Still to motion", "video/Upscale")


def _write(folder: Path) -> None:
    graph = json.loads(resources.path("workflows/sdxl.json").read_text(encoding="utf-8"))
    for number, name in enumerate(FILES):
        file = folder / f"{name}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        graph["3"]["inputs"]["steps"] = 20 + number
        file.write_text(json.dumps(graph if number % 2 == 0 else photo_to_painting() | graph), encoding="utf-8")
    (folder / "video" / "Half copied.json").write_text('{"3": {"class_type": ', encoding="utf-8")


async def library(window: Window, engine: Any) -> None:
    """Workflows in folders, with stars and tags, one of them broken."""
    window.go_to("create")
    _write(Path(engine.home.workflows))
    call = window.context.bridge.call
    await call(engine.refresh_library)
    for name in FILES[:3:2]:
        await call(engine.set_favourite, name, True)
    for name, tags in ((FILES[0], ("portrait", "animals")), (FILES[1], ("portrait",)), (FILES[3], ("clip",))):
        await call(engine.set_tags, name, tags)
    panel = window.page("create").library
    await until(lambda: panel.model.row_of(FILES[4]) >= 0 and len(panel.tags) == 3)
    panel.open(FILES[0])
    await until(lambda: window.page("create").form.header.title.text() == "Fox portrait")
    window.toasts.clear()


async def search(window: Window, _engine: Any) -> None:
    panel = window.page("create").library
    panel.search.setText("portrait")
    await until(lambda: panel.model.rowCount() and panel.model.rows[0].key == "found")


async def nothing(window: Window, _engine: Any) -> None:
    panel = window.page("create").library
    panel.search.setText("no such thing")
    await until(lambda: panel.model.rowCount() == 0)


async def favourites(window: Window, _engine: Any) -> None:
    panel = window.page("create").library
    panel.show_all()
    panel.set_filter(Filter(Which.FAVOURITES))


async def unfolded(window: Window, _engine: Any) -> None:
    """The list by hand in a window that is too narrow for it; seen at the smaller sizes."""
    panel = window.page("create").library
    panel.show_all()


LIBRARY_SHOTS: list[tuple[str, Callable[[Window, Any], Awaitable[None]]]] = [
    ("library", library),
    ("library-search", search),
    ("library-nothing", nothing),
    ("library-favourites", favourites),
    ("library-all", unfolded),
]


# Dialogs: (name, what opens one). They are pictured by themselves.


def _entry(window: Window) -> Any:
    return next(entry for entry in window.page("create").library.model.entries if entry.name == FILES[0])


async def tags(window: Window, _engine: Any) -> None:
    panel = window.page("create").library
    panel.dialogs.tags([entry for entry in panel.model.entries if entry.name in FILES])


def _change(file: Path) -> None:
    graph = json.loads(file.read_text(encoding="utf-8"))
    graph["3"]["inputs"] |= {"steps": 36, "cfg": 4.5}
    graph["6"]["inputs"]["text"] = "an owl at night, moonlight"
    file.write_text(json.dumps(graph), encoding="utf-8")


async def versions(window: Window, engine: Any) -> None:
    """Changed by another program since it was added."""
    _change(Path(_entry(window).path))
    call = window.context.bridge.call
    deadline = asyncio.get_running_loop().time() + 20
    while len(await call(engine.workflow_versions, FILES[0])) < 2 and asyncio.get_running_loop().time() < deadline:
        await call(engine.refresh_library)
        await asyncio.sleep(0.1)
    window.page("create").library.dialogs.versions(_entry(window))
    dialog = window.page("create").library.dialogs.open_one
    await until(lambda: dialog.pages.currentWidget() is dialog.table)


async def host(window: Window, engine: Any) -> None:
    panel = window.page("create").library
    current = window.states.current.host_id
    for name in FILES[:4]:
        await window.context.bridge.call(engine.save_to_host, name, current, overwrite=True)
    panel.dialogs.from_host("workflows")
    await until(lambda: panel.dialogs.open_one.models["workflows"].rowCount())


async def templates(window: Window, _engine: Any) -> None:
    panel = window.page("create").library
    panel.dialogs.from_host("templates")
    await until(lambda: panel.dialogs.open_one.models["templates"].rowCount())


async def link(window: Window, _engine: Any) -> None:
    window.page("create").library.dialogs.link()


LIBRARY_DIALOGS: list[tuple[str, Callable[[Window, Any], Awaitable[None]]]] = [
    ("library-tags", tags),
    ("library-versions", versions),
    ("library-host", host),
    ("library-templates", templates),
    ("library-link", link),
]
