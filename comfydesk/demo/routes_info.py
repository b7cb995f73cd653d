"""What the server says of itself: versions, nodes, models."""

from __future__ import annotations

import platform
import sys
from typing import TYPE_CHECKING, Any

from aiohttp import web

from comfydesk.demo.boot import model_folders, model_lists
from comfydesk.demo.hub import features
from comfydesk.demo.nodes.catalog import NODES
from comfydesk.demo.nodes.choices import MODEL_FILES

if TYPE_CHECKING:
    from comfydesk.demo.server import DemoServer

GIB = 1024**3
HOME_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>ComfyDesk demo server</title>
<body><h1>ComfyDesk demo server</h1><p>This stands in for a ComfyUI server. It paints pictures; no model runs.</p>
</body></html>"""


class InfoRoutes:
    def __init__(self, server: DemoServer) -> None:
        self._server = server

    def routes(self) -> list[tuple[str, str, Any]]:
        return [
            ("GET", "/system_stats", self.system_stats),
            ("GET", "/features", self.features),
            ("GET", "/object_info", self.object_info),
            ("GET", "/object_info/{node_class}", self.object_info_of),
            ("GET", "/models", self.models),
            ("GET", "/models/{folder}", self.models_in),
            ("GET", "/embeddings", self.embeddings),
            ("GET", "/extensions", self.extensions),
        ]

    async def home(self, request: web.Request) -> web.Response:
        return web.Response(text=HOME_PAGE, content_type="text/html")

    async def system_stats(self, request: web.Request) -> web.Response:
        options = self._server.options
        argv = ["main.py", "--listen", options.host, "--port", str(self._server.port)]
        if options.preview_method != "none":
            argv += ["--preview-method", options.preview_method]
        system: dict[str, Any] = {
            "os": options.profile.os_name,
            "ram_total": 32 * GIB,
            "ram_free": 24 * GIB,
            "comfyui_version": options.profile.name,
            "required_frontend_version": "0.0.0",
            "installed_templates_version": "0.0.0",
            "required_templates_version": "0.0.0",
        }
        if options.profile.modern_specs:
            system["comfy_package_versions"] = []
        system |= {"python_version": sys.version, "pytorch_version": "none", "embedded_python": False}
        if options.profile.modern_specs:
            system["deploy_environment"] = "demo"
        system |= {"argv": argv, "comfydesk_demo": True}
        device = {
            "name": f"ComfyDesk demo ({platform.machine() or 'no GPU'})",
            "type": "cpu",
            "index": None,
            "vram_total": 16 * GIB,
            "vram_free": 14 * GIB,
            "torch_vram_total": 0,
            "torch_vram_free": 0,
        }
        return web.json_response({"system": system, "devices": [device]})

    async def features(self, request: web.Request) -> web.Response:
        return web.json_response(features(self._server.options.profile))

    async def object_info(self, request: web.Request) -> web.Response:
        return web.json_response({name: self._shown(name) for name in NODES})

    async def object_info_of(self, request: web.Request) -> web.Response:
        name = request.match_info["node_class"]
        return web.json_response({name: self._shown(name)} if name in NODES else {})

    def _shown(self, name: str) -> dict[str, Any]:
        server = self._server
        return NODES[name].show(
            lambda folder: model_lists(server.options, server.folders, folder), server.options.profile.modern_specs
        )

    async def models(self, request: web.Request) -> web.Response:
        return web.json_response(model_folders(self._server.options))

    async def models_in(self, request: web.Request) -> web.Response:
        folder = request.match_info["folder"]
        if folder not in model_folders(self._server.options):
            return web.Response(status=404)
        return web.json_response(model_lists(self._server.options, self._server.folders, folder))

    async def embeddings(self, request: web.Request) -> web.Response:
        return web.json_response([name.rpartition(".")[0] for name in MODEL_FILES["embeddings"]])

    async def extensions(self, request: web.Request) -> web.Response:
        return web.json_response([])
