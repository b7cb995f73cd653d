"""/templates and /workflow_templates: what ComfyUI's page offers to begin with, here a few workflows of our own."""

from __future__ import annotations

import asyncio
import io
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from comfydesk.base import resources

if TYPE_CHECKING:
    from comfydesk.demo.server import DemoServer

EXAMPLES = "ComfyDesk-Demo"  # the custom node that the examples are said to come from
_THUMBNAIL = (400, 400)


class TemplateRoutes:
    """An older server has no templates of its own: its recording answers 404."""

    def __init__(self, server: DemoServer) -> None:
        self._modern = server.options.profile.modern_specs

    def routes(self) -> list[tuple[str, str, Any]]:
        shown = [("GET", "/templates/{name}", self.template)] if self._modern else []
        return [
            *shown,
            ("GET", "/workflow_templates", self.examples),
            ("GET", "/api/workflow_templates/{module}/{name}", self.example),
        ]

    async def template(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        stem = name.removesuffix("-1.webp")
        if stem != name and _file(f"{stem}.json") is not None:
            picture = await asyncio.to_thread(_thumbnail, stem)
            return web.Response(body=picture, content_type="image/webp")
        return _served(_file(name))

    async def examples(self, request: web.Request) -> web.Response:
        names = sorted(path.stem for path in resources.path("templates/examples").glob("*.json"))
        return web.json_response({EXAMPLES: names} if self._modern else {})

    async def example(self, request: web.Request) -> web.StreamResponse:
        is_known = self._modern and request.match_info["module"] == EXAMPLES
        return _served(_file(request.match_info["name"], "templates/examples") if is_known else None)


def _file(name: str, folder: str = "templates") -> Path | None:
    """A file of the resources; the name is compared, never joined."""
    return next((path for path in resources.path(folder).glob("*.json") if path.name == name), None)


def _served(path: Path | None) -> web.StreamResponse:
    return web.Response(status=404) if path is None else web.FileResponse(path)


@cache
def _thumbnail(name: str) -> bytes:
    from comfydesk.demo.painter import paint
    from comfydesk.demo.values import Scene

    out = io.BytesIO()
    paint(Scene(11, name.replace("_", " ")), *_THUMBNAIL, caption=False).save(out, "WEBP", quality=80)
    return out.getvalue()
