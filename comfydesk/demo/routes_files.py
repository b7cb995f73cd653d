"""/view and the uploads."""

from __future__ import annotations

import hashlib
import io
import json
import mimetypes
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from PIL.Image import Image

    from comfydesk.demo.server import DemoServer

# Types that a browser would run are sent as plain bytes.
ACTIVE_TYPES = {"text/html", "text/html-sandboxed", "application/xhtml+xml", "text/javascript", "text/css"}


class FileRoutes:
    def __init__(self, server: DemoServer) -> None:
        self._server = server
        self._folders = server.folders

    def routes(self) -> list[tuple[str, str, Any]]:
        return [
            ("GET", "/view", self.view),
            ("GET", "/internal/files/{kind}", self.listed),
            ("POST", "/upload/image", self.upload_image),
            ("POST", "/upload/mask", self.upload_mask),
        ]

    async def view(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        if "filename" not in query:
            return web.Response(status=404)
        name, kind = _annotated(query["filename"], query.get("type", "output"))
        if not name or name[0] == "/" or ".." in name:
            return web.Response(status=400)
        root = self._folders.of(kind)
        if root is None:
            return web.Response(status=400)
        folder = (root / query.get("subfolder", "")).resolve()
        if not folder.is_relative_to(root.resolve()):
            return web.Response(status=403)
        path = folder / Path(name).name
        if not path.is_file():
            return web.Response(status=404)
        headers = {"Content-Disposition": f'filename="{path.name}"'}
        if "preview" in query:
            return _converted(path, headers, *_wanted(query["preview"], query.get("channel", "")))
        if query.get("channel") in ("rgb", "a"):
            return _channel(path, headers, query["channel"])
        content_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        headers["Content-Type"] = "application/octet-stream" if content_type in ACTIVE_TYPES else content_type
        if self._server.options.profile.nosniff:
            headers["X-Content-Type-Options"] = "nosniff"
        response = web.FileResponse(path, headers=headers)
        response["file"] = path
        return response

    async def listed(self, request: web.Request) -> web.Response:
        """The files in a folder itself, newest first, as internal_routes.py of 0.33.0 lists them."""
        kind = request.match_info["kind"]
        root = self._folders.of(kind)
        if root is None:
            return web.json_response({"error": "Invalid directory type"}, status=400)
        found = [path for path in root.iterdir() if path.is_file() and not path.name.startswith(".")]
        found.sort(key=lambda path: -path.stat().st_mtime)
        return web.json_response([f"{path.name} [{kind}]" for path in found])

    async def upload_image(self, request: web.Request) -> web.Response:
        return await self._upload(request, None)

    async def upload_mask(self, request: web.Request) -> web.Response:
        return await self._upload(request, _with_mask)

    async def _upload(self, request: web.Request, combine: Any) -> web.Response:
        form = await request.post()
        sent = form.get("image")
        if not isinstance(sent, web.FileField) or not sent.filename:
            return web.Response(status=400)
        kind = str(form.get("type", "input") or "input")
        root = self._folders.of(kind)
        if root is None:
            raise web.HTTPInternalServerError
        subfolder = str(form.get("subfolder", ""))
        folder = (root / subfolder).resolve()
        path = folder / sent.filename
        if not path.resolve().is_relative_to(root.resolve()):
            return web.Response(status=400)
        data = sent.file.read()
        if combine is not None:
            reference = json.loads(str(form.get("original_ref", "null")))
            original = self._folders.of(reference.get("type", "output"))
            if original is None:
                return web.Response(status=400)
            data = combine(original / reference.get("subfolder", "") / reference["filename"], data)
        folder.mkdir(parents=True, exist_ok=True)
        overwrite = form.get("overwrite") in ("true", "1")
        path = path if overwrite else _free_name(path, data)
        path.write_bytes(data)
        self._server.journal.note("upload", name=path.name, bytes=len(data))
        return web.json_response({"name": path.name, "subfolder": subfolder, "type": kind})


def _annotated(name: str, kind: str) -> tuple[str, str]:
    for suffix in ("output", "input", "temp"):
        if name.endswith(f"[{suffix}]"):
            return name[: -len(suffix) - 2].rstrip(), suffix
    return name, kind


def _free_name(path: Path, data: bytes) -> Path:
    """The same name for the same bytes, `name (1).png` and so on for others (S28)."""
    digest = hashlib.sha256(data).digest()
    candidate, number = path, 0
    while candidate.exists():
        if hashlib.sha256(candidate.read_bytes()).digest() == digest:
            return candidate
        number += 1
        candidate = path.with_name(f"{path.stem} ({number}){path.suffix}")
    return candidate


def _with_mask(original: Path, mask: bytes) -> bytes:
    from PIL import Image

    with Image.open(original) as below, Image.open(io.BytesIO(mask)) as above:
        picture = below.convert("RGBA")
        picture.putalpha(above.convert("RGBA").getchannel("A").resize(picture.size))
        return _encoded(picture, "png")


def _wanted(preview: str, channel: str) -> tuple[str, int]:
    """`webp;75` → format and quality; anything odd gives WebP at 90."""
    kind, _, quality = preview.partition(";")
    if kind not in ("webp", "jpeg") or (channel == "a" and kind == "jpeg"):
        kind = "webp"
    return kind, int(quality) if quality.isdigit() else 90


def _converted(path: Path, headers: dict[str, str], kind: str, quality: int) -> web.Response:
    from PIL import Image

    with Image.open(path) as picture:
        shown = picture.convert("RGB") if kind == "jpeg" else picture.copy()
    return web.Response(body=_encoded(shown, kind, quality=quality), content_type=f"image/{kind}", headers=headers)


def _channel(path: Path, headers: dict[str, str], channel: str) -> web.Response:
    from PIL import Image

    with Image.open(path) as picture:
        if channel == "rgb":
            shown = picture.convert("RGB")
        else:
            alpha = picture.getchannel("A") if "A" in picture.getbands() else Image.new("L", picture.size, 255)
            shown = Image.new("RGBA", picture.size)
            shown.putalpha(alpha)
    return web.Response(body=_encoded(shown, "png"), content_type="image/png", headers=headers)


def _encoded(picture: Image, kind: str, **settings: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind.upper(), **settings)
    return out.getvalue()
