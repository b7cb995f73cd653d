"""Muting nodes in the editor's graph, so that converting it again gives a prompt without them."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

MUTED = 2  # a node's mode "never"


def mute(graph: Mapping[str, Any], node_ids: Iterable[str]) -> dict[str, Any]:
    """A copy of `graph` in which these nodes of its prompt ("3", "57:8") are muted.

    A node inside a subgraph that is used several times is one node of the file: it is muted only where no use of it
    is left. Ids that the file does not have, as those inside group nodes, are passed over.
    """
    changed = copy.deepcopy(dict(graph))
    subgraphs = _subgraphs(changed)
    uses = Counter(str(node.get("type")) for nodes in (changed, *subgraphs.values()) for node in _nodes(nodes))
    found: dict[int, tuple[dict[str, Any], int]] = {}
    asked: Counter[int] = Counter()
    for node_id in node_ids:
        node, times = _find(changed, subgraphs, uses, node_id)
        if node is not None:
            found[id(node)] = node, times
            asked[id(node)] += 1
    for key, (node, times) in found.items():
        if asked[key] >= times:
            node["mode"] = MUTED
    return changed


def _find(
    graph: dict[str, Any], subgraphs: Mapping[str, dict[str, Any]], uses: Mapping[str, int], node_id: str
) -> tuple[dict[str, Any] | None, int]:
    """The node, and how many nodes of the prompt it stands for."""
    inside: dict[str, Any] | None = graph
    node: dict[str, Any] | None = None
    times = 1
    for part in node_id.split(":"):
        if node is not None:
            kind = str(node.get("type"))
            inside, times = subgraphs.get(kind), times * uses.get(kind, 1)
        if inside is None:
            return None, 0
        node = next((item for item in _nodes(inside) if str(item.get("id")) == part), None)
        if node is None:
            return None, 0
    return node, times


def _nodes(graph: Mapping[str, Any]) -> list[dict[str, Any]]:
    nodes = graph.get("nodes")
    return [node for node in nodes if isinstance(node, dict)] if isinstance(nodes, list) else []


def _subgraphs(graph: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    definitions = graph.get("definitions")
    listed = definitions.get("subgraphs") if isinstance(definitions, Mapping) else None
    items = listed if isinstance(listed, list) else []
    return {str(item.get("id")): item for item in items if isinstance(item, dict)}
