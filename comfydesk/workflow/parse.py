"""From the bytes of a file to a Graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comfydesk.base.errors import Problem
from comfydesk.workflow import json_text
from comfydesk.workflow.graph import Graph, Link, Node

MAX_NODES = 10_000
MAX_LINKS = 50_000
MAX_NAME = 1_000  # letters of a node id, class or input name

_MAGIC = (
    (b"\x89PNG", "it is a PNG picture"),
    (b"\xff\xd8\xff", "it is a JPEG picture"),
    (b"RIFF", "it is a picture or sound"),
    (b"GIF8", "it is a GIF picture"),
    (b"PK\x03\x04", "it is an archive"),
    (b"fLaC", "it is a sound"),
    (b"%PDF", "it is a PDF document"),
    (b"II*\0", "it is a TIFF picture"),
    (b"MM\0*", "it is a TIFF picture"),
    (b"\x1f\x8b", "it is an archive"),
    (b"7z\xbc\xaf", "it is an archive"),
    (b"Rar!", "it is an archive"),
    (b"\x7fELF", "it is a program"),
    (b"MZ\x90", "it is a program"),
)


def parse(data: bytes, name: str) -> Graph:
    """Read a workflow in API format. `name` is the file's name, for messages.

    Also takes `{"prompt": {…}}` and `{"output": {…}}`, as tools and the server's own page wrap it.
    Raises Problem workflow_json, workflow_limits, workflow_gui (the editor's own format) or workflow_not.
    """
    kind = other_kind(data)
    if kind:
        raise Problem("workflow_not", file=name, detail=kind)
    document = json_text.read(data, name)
    nodes, dropped = _nodes_or_problem(document.value, name)
    if len(nodes) > MAX_NODES:
        raise Problem("workflow_limits", file=name, detail=f"it has {len(nodes):,} nodes, more than {MAX_NODES:,}")
    return _graph(nodes, name, (*document.warnings, *dropped))


def from_prompt(prompt: Mapping[str, Any], name: str = "", warnings: tuple[str, ...] = ()) -> Graph:
    """A Graph of an API prompt that is already decoded. Raises Problem as `parse` does."""
    nodes, dropped = _nodes_or_problem(dict(prompt), name)
    return _graph(nodes, name, (*warnings, *dropped))


def from_conversion(prompt: Mapping[str, Any], name: str = "", warnings: tuple[str, ...] = ()) -> Graph:
    """A Graph of what a conversion gave: it may well be empty, or hold only nodes that the host lacks. Raises Problem
    workflow_limits.
    """
    return _graph(dict(prompt), name, warnings)


def other_kind(data: bytes) -> str:
    """What a file is that is surely no JSON, in words that fit behind a colon; "" where it may be."""
    return next((detail for magic, detail in _MAGIC if data.startswith(magic)), "")


def nodes_of(value: Mapping[str, Any]) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The nodes of an API prompt, and sentences about what else was in it; no nodes where none has a class."""
    nodes = {key: item for key, item in value.items() if _is_node(item)}
    if not any("class_type" in item for item in nodes.values()):
        return {}, []
    dropped = [f"“{key[:80]}” is not a node and is left out." for key in value if key not in nodes]
    return nodes, dropped[:5]


def why_not(value: Any) -> str:
    """Why a JSON value is no workflow, in words that fit behind a colon."""
    if not isinstance(value, dict):
        kind = {list: "a list", str: "a text", bool: "a yes or no", type(None): "nothing"}.get(type(value), "a number")
        return f"it holds {kind}, not nodes"
    if not value:
        return "it has no nodes"
    names = ", ".join(f"“{key[:40]}”" for key in list(value)[:3])
    return f"no node was found in it (it holds {names})"


def _nodes_or_problem(value: Any, name: str) -> tuple[dict[str, dict[str, Any]], list[str]]:
    if not isinstance(value, dict):
        raise Problem("workflow_not", file=name, detail=why_not(value))
    for key in ("prompt", "output"):
        inner = value.get(key)
        if isinstance(inner, dict) and any(map(_is_node, inner.values())):
            value = inner
            break
    nodes, dropped = nodes_of(value)
    if nodes:
        return nodes, dropped
    gui = (value, value.get("workflow"))
    if any(isinstance(item, dict) and isinstance(item.get("nodes"), list) for item in gui):
        raise Problem("workflow_gui", file=name)
    raise Problem("workflow_not", file=name, detail=why_not(value))


def _is_node(item: Any) -> bool:
    """A node has a class; the editor exports nodes that it does not know without one."""
    if not isinstance(item, dict):
        return False
    return isinstance(item.get("class_type"), str) or isinstance(item.get("inputs"), dict)


def _graph(nodes: dict[str, dict[str, Any]], name: str, warnings: tuple[str, ...]) -> Graph:
    links = 0
    made: dict[str, Node] = {}
    for node_id, item in nodes.items():
        _check_names(node_id, item, name)
        raw = {key: part for key, part in item.items() if key != "is_changed"}  # an old server's own note, often NaN
        given = raw.get("inputs")
        if not isinstance(given, dict):
            given = raw["inputs"] = {}
        inputs: dict[str, Any] = {}
        for key, part in given.items():
            link = _link(part, nodes)
            links += link is not None
            inputs[key] = part if link is None else link
        class_type = raw.get("class_type")
        meta = raw.get("_meta")
        title = meta.get("title") if isinstance(meta, dict) else None
        made[node_id] = Node(
            node_id,
            class_type if isinstance(class_type, str) else "",
            title.strip() if isinstance(title, str) else "",
            inputs,
            raw,
        )
    if links > MAX_LINKS:
        raise Problem("workflow_limits", file=name, detail=f"it has {links:,} links, more than {MAX_LINKS:,}")
    return Graph(made, name, warnings)


def _check_names(node_id: str, item: dict[str, Any], file: str) -> None:
    names = [node_id, item.get("class_type"), *(item["inputs"] if isinstance(item.get("inputs"), dict) else ())]
    longest = max(len(name) for name in names if isinstance(name, str))
    if longest > MAX_NAME:
        raise Problem("workflow_limits", file=file, detail=f"it has a name of {longest:,} letters")


def _link(value: Any, nodes: Mapping[str, Any]) -> Link | None:
    """`[node id, slot]` of a node that is there. Any other list is a value."""
    if not isinstance(value, list) or len(value) != 2:
        return None
    node_id, slot = value
    if not isinstance(node_id, str) or type(slot) is not int or node_id not in nodes:
        return None
    return Link(node_id, slot)
