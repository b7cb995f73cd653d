"""/userdata: the files that the server keeps for its page, workflows above all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from aiohttp import web

if TYPE_CHECKING:
    from comfydesk.demo.server import DemoServer


class UserDataRoutes:
    def __init__(self, server: DemoServer) -> None:
        self._root = server.folders.user.resolve()
        self._modern = server.options.profile.modern_specs

    def routes(self) -> list[tuple[str, str, Any]]:
        return [
            ("GET", "/users", self.users),
            ("GET", "/userdata", self.listing),
            ("GET", "/v2/userdata", self.listing_v2),
            ("GET", "/userdata/{file}", self.read),
            ("POST", "/userdata/{file}", self.write),
            ("DELETE", "/userdata/{file}", self.delete),
            ("POST", "/userdata/{file}/move/{dest}", self.move),
        ]

    async def users(self, request: web.Request) -> web.Response:
        return web.json_response({"storage": "server", "migrated": True})

    def _inside(self, name: str) -> Path | None:
        """A file of the user's folder. The real server decodes a name once more that has a percent sign in it."""
        path = (self._root / unquote(name)).resolve()
        return path if path.is_relative_to(self._root) and path != self._root else None

    async def listing(self, request: web.Request) -> web.Response:
        query = request.query
        if not query.get("dir"):
            return web.Response(status=400, text="Directory not provided")
        folder = self._inside(query["dir"])
        if folder is None:
            return web.Response(status=403, text="Invalid directory")
        if not folder.exists():
            return web.Response(status=404, text="Directory not found")
        recurse, whole = (query.get(key, "").lower() == "true" for key in ("recurse", "full_info"))
        split = query.get("split", "").lower() == "true"
        shown: list[Any] = []
        for path in sorted(folder.rglob("*") if recurse else folder.iterdir()):
            if not path.is_file():
                continue
            name = path.relative_to(folder).as_posix()
            if whole:
                shown.append(self._info(path, name))
            else:
                shown.append([name, *name.split("/")] if split else name)
        return web.json_response(shown)

    def _info(self, path: Path, name: str) -> dict[str, Any]:
        stat = path.stat()
        modified = round(stat.st_mtime * 1000) if self._modern else stat.st_mtime
        return {"path": name, "size": stat.st_size, "modified": modified, "created": modified}

    async def listing_v2(self, request: web.Request) -> web.Response:
        folder = self._inside(request.query["path"]) if request.query.get("path") else self._root
        if folder is None:
            return web.Response(status=403, text="Invalid directory")
        if not folder.is_dir():
            return web.json_response([])
        return web.json_response(self._tree(folder))

    def _tree(self, folder: Path) -> list[dict[str, Any]]:
        shown: list[dict[str, Any]] = []
        for current, folders, files in os.walk(folder):
            for name in sorted(folders):
                path = Path(current, name).relative_to(self._root).as_posix()
                shown.append({"name": name, "path": path, "type": "directory"})
            for name in sorted(files):
                file = Path(current, name)
                stat = file.stat()
                path = file.relative_to(self._root).as_posix()
                modified = stat.st_mtime * 1000 if self._modern else stat.st_mtime
                facts = {"name": name, "path": path, "type": "file", "size": stat.st_size, "modified": modified}
                shown.append(facts)
        return shown

    async def read(self, request: web.Request) -> web.StreamResponse:
        path = self._inside(request.match_info["file"])
        if path is None:
            return web.Response(status=403)
        if not path.is_file():
            return web.Response(status=404)
        headers = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"} if self._modern else {}
        response = web.FileResponse(path, headers=headers)
        response["file"] = path
        return response

    async def write(self, request: web.Request) -> web.Response:
        path = self._inside(request.match_info["file"])
        if path is None:
            return web.Response(status=403)
        if request.query.get("overwrite") == "false" and path.exists():
            return web.Response(status=409, text="File already exists")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(await request.read())
        return self._named(request, path)

    async def delete(self, request: web.Request) -> web.Response:
        path = self._inside(request.match_info["file"])
        if path is None:
            return web.Response(status=403)
        if not path.is_file():
            return web.Response(status=404)
        path.unlink()
        return web.Response(status=204)

    async def move(self, request: web.Request) -> web.Response:
        path, target = (self._inside(request.match_info[key]) for key in ("file", "dest"))
        if path is None or target is None:
            return web.Response(status=403)
        if not path.is_file():
            return web.Response(status=404)
        if request.query.get("overwrite") == "false" and target.exists():
            return web.Response(status=409, text="File already exists")
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
        return self._named(request, target)

    def _named(self, request: web.Request, path: Path) -> web.Response:
        name = path.relative_to(self._root).as_posix()
        whole = request.query.get("full_info", "").lower() == "true"
        return web.json_response(self._info(path, name) if whole else name)
