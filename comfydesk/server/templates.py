"""The templates that a server offers: those that ship with ComfyUI and the examples of custom nodes. Blocking.

Facts: ComfyUI's app/frontend_management.py and app/custom_node_manager.py; the page asks the same addresses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from comfydesk.base.errors import Problem
from comfydesk.server.failures import is_html
from comfydesk.server.transport import MIB, Transport
from comfydesk.server.userdata import MAX_WORKFLOW, shown

CORE = "default"  # the source of templates that ship with ComfyUI, as the page calls it
MAX_TEMPLATES = 20_000
MAX_THUMBNAIL = 8 * MIB
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z]{2,4})?")
_KIND = re.compile(r"[a-z0-9]{1,8}")


@dataclass(frozen=True, slots=True)
class RemoteTemplate:
    """One template. Texts are for showing, plain; `name` and `source` are its id on that server.

    `models`: names of model families, not of files. `size`: bytes of all its models together, 0: unknown.
    `thumbnail_url`: path below the server's address, "" where there is none.
    """

    name: str
    title: str
    description: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    media_type: str = ""  # image | video | audio | 3d, or "" where nobody says
    thumbnail_url: str = ""
    source: str = CORE  # else the custom node's folder
    size: int = 0
    date: str = ""
    usage: int = 0  # how often it was used in the world: for sorting
    open_source: bool = True  # False: needs a paid service
    is_app: bool = False


@dataclass(frozen=True, slots=True)
class Templates:
    """What a server offers. `reason`: why ComfyUI's own templates are not among them, None where they are."""

    items: tuple[RemoteTemplate, ...]
    reason: Problem | None = None


def templates(transport: Transport, language: str = "en") -> Templates:
    """All templates in the server's order, those of custom nodes last; titles in `language` where it has them.

    Raises Problem for a server that does not answer; one without templates gives none and a reason.
    """
    core = _index(transport, language)
    items = [*_core(core if isinstance(core, list) else []), *_examples(_json(transport, "/workflow_templates"))]
    reason = None if isinstance(core, list) else Problem("templates_none", address=transport.address.url)
    return Templates(tuple(items[:MAX_TEMPLATES]), reason)


def read(transport: Transport, template: RemoteTemplate) -> bytes:
    """The workflow of a template, at most 16 MiB. Raises Problem("remote_missing") where it is gone."""
    return _fetch(transport, f"{_place(template)}.json", MAX_WORKFLOW, template.title)


def thumbnail(transport: Transport, template: RemoteTemplate) -> bytes:
    """The bytes of a template's picture, in whatever format. Raises Problem("remote_missing") where there is none."""
    if not template.thumbnail_url:
        raise Problem("remote_missing", file=f"picture of {template.title}", address=transport.address.url)
    return _fetch(transport, template.thumbnail_url, MAX_THUMBNAIL, f"picture of {template.title}")


def _fetch(transport: Transport, path: str, cap: int, what: str) -> bytes:
    with transport.open("GET", path) as reply:
        if reply.status == 404:
            raise Problem("remote_missing", file=what, address=transport.address.url)
        if reply.status != 200:
            raise reply.problem()
        data = reply.read(cap)
        if is_html(reply.headers, data[:100] if path.endswith(".json") else b""):
            raise Problem("not_comfyui", address=transport.address.url, detail="it answers with a web page")
    return data


def _index(transport: Transport, language: str) -> Any:
    if language != "en" and _LANGUAGE.fullmatch(language):
        localized = _json(transport, f"/templates/index.{language}.json")
        if isinstance(localized, list):
            return localized
    return _json(transport, "/templates/index.json")


def _json(transport: Transport, path: str) -> Any:
    """The JSON at a path, None where the server has nothing there; a page for people counts as nothing."""
    with transport.open("GET", path) as reply:
        if reply.status in (404, 405):
            return None
        if reply.status != 200:
            raise reply.problem()
        if is_html(reply.headers, b""):
            return None
        return reply.json(transport.limits.json)


def _core(index: list[Any]) -> Iterator[RemoteTemplate]:
    """The categories of index.json with their templates. A name may occur in several categories."""
    for group in index:
        if not isinstance(group, dict) or not isinstance(group.get("templates"), list):
            continue
        source = _text(group.get("moduleName"), 200) or CORE
        for item in group["templates"]:
            if isinstance(item, dict) and _is_name(item.get("name")) and _is_name(source):
                yield _template(item, source, group)


def _template(item: dict[str, Any], source: str, group: dict[str, Any]) -> RemoteTemplate:
    name = item["name"]
    kind = _text(item.get("mediaSubtype"), 8)
    place = _place_of(source, name) + ("-1" if source == CORE else "")
    return RemoteTemplate(
        name=name,
        title=_text(item.get("title"), 200) or shown(name),
        description=_text(item.get("description"), 4_000),
        category=_text(group.get("title"), 200),
        tags=_texts(item.get("tags")),
        models=_texts(item.get("models")),
        media_type=_text(group.get("type"), 20) or _text(item.get("mediaType"), 20),
        thumbnail_url=f"{place}.{kind}" if _KIND.fullmatch(kind) else "",
        source=source,
        size=_count(item.get("size")),
        date=_text(item.get("date"), 40),
        usage=_count(item.get("usage")),
        open_source=item.get("openSource") is not False,
        is_app=item.get("isApp") is True,
    )


def _examples(answer: Any) -> Iterator[RemoteTemplate]:
    """The examples of custom nodes: folder name → names of workflows; the page looks for a .jpg beside each."""
    for source, names in answer.items() if isinstance(answer, dict) else ():
        if not _is_name(source) or not isinstance(names, list):
            continue
        for name in dict.fromkeys(n for n in names if _is_name(n)):
            picture = f"{_place_of(source, name)}.jpg"
            yield RemoteTemplate(name, shown(name), category=shown(source), thumbnail_url=picture, source=source)


def _place(template: RemoteTemplate) -> str:
    return _place_of(template.source, template.name)


def _place_of(source: str, name: str) -> str:
    if source == CORE:
        return f"/templates/{quote(name, safe='')}"
    return f"/api/workflow_templates/{quote(source, safe='')}/{quote(name, safe='')}"


def _is_name(value: Any) -> bool:
    """Whether a text can be one segment of a path and nothing else."""
    if not isinstance(value, str) or not 0 < len(value) <= 300 or value in (".", "..") or "/" in value or "\0" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _text(value: Any, most: int) -> str:
    return shown(value[:most]) if isinstance(value, str) and value.strip() else ""


def _texts(value: Any) -> tuple[str, ...]:
    items = value[:40] if isinstance(value, list) else []
    return tuple(text for text in (_text(item, 80) for item in items) if text)


def _count(value: Any) -> int:
    return value if type(value) is int and 0 <= value < 1 << 62 else 0
