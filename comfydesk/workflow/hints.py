"""What a workflow of ComfyUI's editor tells about what it needs: which pack has a node, and where a model comes from.

The editor writes both into `properties` of nodes: `cnr_id` (the pack's name in ComfyUI's registry), `aux_id`
("owner/repo" on GitHub), `ver`, and `models` [{name, url, directory}]. Older files list `models` at the top.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

CORE = "comfy-core"
MAX_NODES = 20_000  # looked at, with those of subgraphs and group nodes
MAX_MODELS = 2_000
MAX_TEXT = 200
MAX_URL = 2_000

# A page's address is made of these, so they may hold nothing that would lead elsewhere.
_ID = re.compile(r"(?!\.+$)[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_REPO = re.compile(r"(?!\.+/)[A-Za-z0-9][A-Za-z0-9._-]{0,99}/(?!\.+$)[A-Za-z0-9._-]{1,100}")
_VERSION = re.compile(r"v?\d+(\.\d+){1,3}[A-Za-z0-9.+-]{0,20}")


@dataclass(frozen=True, slots=True)
class Pack:
    """Where a node comes from. `url`: a page about it, "" where none is known; `version`: the one it was saved with."""

    name: str
    url: str = ""
    version: str = ""

    @property
    def is_core(self) -> bool:
        """Part of ComfyUI itself."""
        return self.name == CORE

    def is_newer_than(self, other: Pack) -> bool:
        return _number(self.version) > _number(other.version)


@dataclass(frozen=True, slots=True)
class ModelHint:
    """Where a model's file can be had, by the workflow's own word. `directory`: below the server's models folder."""

    name: str
    url: str
    directory: str

    @property
    def site(self) -> str:
        """The name of the machine that the address leads to, for people: "huggingface.co"."""
        return _site(self.url)


@dataclass(frozen=True, slots=True)
class Hints:
    """Packs by node class, models by file name (no folder, lower case). An API workflow tells nothing."""

    packs: Mapping[str, Pack] = field(default_factory=dict)
    models: Mapping[str, ModelHint] = field(default_factory=dict)

    def pack(self, class_type: str) -> Pack | None:
        return self.packs.get(class_type)

    def model(self, name: Any) -> ModelHint | None:
        """The hint for a model as an input names it, with or without folders."""
        return self.models.get(_leaf(name)) if isinstance(name, str) else None


NOTHING = Hints()


def hints_of(graph: Mapping[str, Any] | None) -> Hints:
    """The hints in a workflow as the editor saves it. Never raises: what is not as it should be tells nothing."""
    if graph is None:
        return NOTHING
    packs: dict[str, Pack] = {}
    models: dict[str, ModelHint] = {}
    _take_models(graph.get("models"), models)
    for number, node in enumerate(_nodes(graph)):
        if number >= MAX_NODES:
            break
        properties = node.get("properties")
        if not isinstance(properties, Mapping):
            continue
        _take_models(properties.get("models"), models)
        class_type = node.get("type")
        if isinstance(class_type, str) and (pack := _pack(properties)) is not None:
            known = packs.get(class_type)
            if known is None or pack.is_newer_than(known):
                packs[class_type] = pack
    return Hints(packs, models)


def _nodes(graph: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The nodes of a graph, of its subgraphs and of its group nodes."""
    yield from _listed(graph.get("nodes"))
    definitions, extra = graph.get("definitions"), graph.get("extra")
    if isinstance(definitions, Mapping):
        for subgraph in _listed(definitions.get("subgraphs")):
            yield from _listed(subgraph.get("nodes"))
    groups = extra.get("groupNodes") if isinstance(extra, Mapping) else None
    for group in groups.values() if isinstance(groups, Mapping) else ():
        if isinstance(group, Mapping):
            yield from _listed(group.get("nodes"))


def _listed(value: Any) -> Iterator[Mapping[str, Any]]:
    return (item for item in value if isinstance(item, Mapping)) if isinstance(value, list) else iter(())


def _pack(properties: Mapping[str, Any]) -> Pack | None:
    registered, repo, version = (properties.get(key) for key in ("cnr_id", "aux_id", "ver"))
    shown = version if isinstance(version, str) and _VERSION.fullmatch(version) else ""
    if isinstance(registered, str) and _ID.fullmatch(registered):
        url = "" if registered == CORE else f"https://registry.comfy.org/nodes/{registered}"
        return Pack(registered, url, shown)
    if isinstance(repo, str) and _REPO.fullmatch(repo):
        return Pack(repo.rsplit("/", 1)[-1], f"https://github.com/{repo}", shown)
    return None


def _take_models(listed: Any, models: dict[str, ModelHint]) -> None:
    for item in _listed(listed):
        name, url, directory = (item.get(key) for key in ("name", "url", "directory"))
        if not isinstance(name, str) or not name or len(name) > MAX_TEXT or len(models) >= MAX_MODELS:
            continue
        url = url if isinstance(url, str) and _site(url) else ""
        folder = directory if isinstance(directory, str) and len(directory) <= MAX_TEXT else ""
        if url or folder:
            models.setdefault(_leaf(name), ModelHint(name, url, folder))


def _site(url: str) -> str:
    """The host of a web address; "" where it is none, or hides another behind a user's name."""
    if len(url) > MAX_URL or not url.isprintable() or " " in url:
        return ""
    try:
        parts = urlsplit(url)
        name = parts.hostname or ""
    except ValueError:
        return ""
    return name if parts.scheme in ("http", "https") and "@" not in parts.netloc else ""


def _leaf(name: str) -> str:
    return name.replace("\\", "/").rsplit("/", 1)[-1].casefold()


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d{1,9}", version)[:4])
