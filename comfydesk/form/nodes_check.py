"""What a host lacks or thinks of a workflow's nodes: missing, paid, deprecated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from comfydesk.base.errors import Problem
from comfydesk.form import paid
from comfydesk.form.fields import Issue
from comfydesk.workflow.graph import Graph
from comfydesk.workflow.hints import Hints, Pack
from comfydesk.workflow.specs import Specs

SHOWN = 8  # names in a sentence; `facts["names"]` has them all
MAX_SHOWN = 80  # letters of one


def missing(
    graph: Graph, specs: Specs | None, hints: Hints, address: str, known: Mapping[str, str] | None = None
) -> list[Issue]:
    """One issue a pack for the node classes that the host does not have, which are `facts["names"]`.

    `known`: the classes of nodes that came without one, by node id. `nodes_of_pack` also has `pack` and `url`,
    `nodes_newer` the `version` of ComfyUI that the workflow was saved with.
    """
    by_pack: dict[Pack | None, dict[str, None]] = {}
    for node in graph.nodes.values():
        class_type = node.class_type or (known or {}).get(node.node_id, "")
        if not class_type:  # the editor exports nodes without a class that it does not know itself
            by_pack.setdefault(None, {})[node.title or node.node_id] = None
        elif not node.class_type or (specs is not None and specs.node(class_type) is None):
            by_pack.setdefault(_one_version(hints.pack(class_type), by_pack), {})[class_type] = None
    return [_missing(pack, tuple(names), address) for pack, names in sorted(by_pack.items(), key=_order)]


def paid_nodes(graph: Graph, specs: Specs | None) -> Iterator[Issue]:
    """That a run costs money; it is only asked when it comes to that."""
    found = paid.paid_nodes(graph, specs)
    if found:
        names = tuple(map(str, found))
        yield _whole("paid_used", "warning", nodes=paid.listed(found), names=names)


def deprecated(graph: Graph, specs: Specs | None) -> Iterator[Issue]:
    """Nodes that still run and may be gone in a later ComfyUI."""
    names: dict[str, None] = {}
    for class_type in {node.class_type: None for node in graph.nodes.values()} if specs is not None else ():
        spec = specs.node(class_type) if specs is not None else None
        if spec is not None and spec.deprecated:
            names[_short(spec.display_name or class_type)] = None
    if names:
        yield _whole("nodes_deprecated", "note", nodes=listed(tuple(names)), names=tuple(names))


def listed(names: Sequence[str]) -> str:
    """Names in a sentence."""
    more = len(names) - SHOWN
    return ", ".join(map(_short, names[:SHOWN])) + (f" and {more} more" if more > 0 else "")


def _one_version(pack: Pack | None, known: dict[Pack | None, dict[str, None]]) -> Pack | None:
    """Nodes of one pack that were saved with different versions of it are one pack; the newest counts."""
    if pack is None:
        return None
    there = next((item for item in known if item is not None and (item.name, item.url) == (pack.name, pack.url)), None)
    if there is None or there.is_newer_than(pack):
        return there or pack
    known[pack] = known.pop(there)
    return pack


def _order(item: tuple[Pack | None, dict[str, None]]) -> tuple[bool, bool, int]:
    """What is known first, the pack with the most nodes before the others; ComfyUI itself at the front."""
    pack, names = item
    return pack is None, pack is not None and not pack.is_core, -len(names)


def _missing(pack: Pack | None, names: tuple[str, ...], address: str) -> Issue:
    facts = {"address": address, "nodes": listed(names), "names": names}
    if pack is None:
        return _whole("nodes_missing", "error", **facts)
    if pack.is_core:
        return _whole("nodes_newer", "error", **facts, version=pack.version or "of a newer version")
    return _whole("nodes_of_pack", "error", **facts, pack=pack.name, url=pack.url)


def _short(name: str) -> str:
    return name if len(name) <= MAX_SHOWN else name[: MAX_SHOWN - 1] + "…"


def _whole(code: str, severity: str, **facts: Any) -> Issue:
    return Issue("", code, facts, severity, message=Problem(code, **facts).message)
