"""App mode: the inputs and outputs that a workflow's author chose for those who only use it.

The editor's files name them in `extra.linearData`: `{"inputs": [[node, widget, …], …], "outputs": [node, …]}`. A node
is its id, or `graph:node:widget` in one text; nodes inside subgraphs are named by the id that they have there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

MAX_CHOSEN = 500  # inputs or outputs that are read from a file


@dataclass(frozen=True, slots=True)
class AppMode:
    """`inputs`: (node id, widget name) in the author's order; `outputs`: node ids."""

    inputs: tuple[tuple[str, str], ...] = ()
    outputs: tuple[str, ...] = ()


def read(graph: Mapping[str, Any]) -> AppMode:
    """What a file in the editor's format says; nothing where it says nothing, or not in this way."""
    extra = graph.get("extra")
    chosen = extra.get("linearData") if isinstance(extra, Mapping) else None
    if not isinstance(chosen, Mapping):
        return AppMode()
    inputs = [_input(item) for item in _list(chosen.get("inputs"))]
    outputs = [_node_id(item) for item in _list(chosen.get("outputs"))]
    return AppMode(
        tuple(dict.fromkeys(item for item in inputs if item is not None)),
        tuple(dict.fromkeys(item for item in outputs if item)),
    )


def nodes_named(node_id: str, known: Iterable[str]) -> list[str]:
    """The ids of a flat prompt that are meant: the id itself, else the nodes of that id inside subgraphs ("57:8")."""
    known = list(known)
    if node_id in known:
        return [node_id]
    return [item for item in known if item.rpartition(":")[2] == node_id]


def _input(item: Any) -> tuple[str, str] | None:
    if not isinstance(item, list) or len(item) < 2 or not isinstance(item[1], str):
        return None
    node_id, widget = _node_id(item[0]), item[1]
    parts = node_id.split(":", 2)
    if len(parts) == 3 and parts[2] == widget:  # graph:node:widget
        node_id = parts[1]
    return (node_id, widget) if node_id else None


def _node_id(value: Any) -> str:
    return str(value) if isinstance(value, str) or type(value) is int else ""


def _list(value: Any) -> list[Any]:
    return value[:MAX_CHOSEN] if isinstance(value, list) else []
