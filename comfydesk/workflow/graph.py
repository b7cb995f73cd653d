"""A workflow in API format: nodes with inputs, where an input is a value or a link to another node's output."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True, slots=True)
class Link:
    """Where an input comes from: output number `slot` of the node `node_id`."""

    node_id: str
    slot: int


@dataclass(frozen=True, slots=True)
class Node:
    """One node. Ids stay as the file has them ("3", "57:8"); `title` is "" where the file has none.

    `inputs` holds a `Link` for every link and the JSON value for everything else; `raw` is the node as it was read.
    `undrawn`: inputs whose texts the page sends as they are, although the class lets it draw in them.
    """

    node_id: str
    class_type: str
    title: str
    inputs: Mapping[str, Any]
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)
    undrawn: frozenset[str] = frozenset()

    def links(self) -> Iterator[tuple[str, Link]]:
        """The linked inputs, as (input name, link)."""
        for name, value in self.inputs.items():
            if isinstance(value, Link):
                yield name, value

    def link(self, name: str) -> Link | None:
        """The link of input `name`, None where it is a value or absent."""
        value = self.inputs.get(name)
        return value if isinstance(value, Link) else None


@dataclass(frozen=True)
class Graph:
    """All nodes of a workflow, in the file's order. `warnings` are sentences about what was odd in the file."""

    nodes: dict[str, Node]
    name: str = ""
    warnings: tuple[str, ...] = ()

    def to_prompt(self) -> dict[str, Any]:
        """The API prompt, equal to what was read (`_meta` and unknown keys of nodes are kept); safe to change."""
        return {node_id: copy.deepcopy(dict(node.raw)) for node_id, node in self.nodes.items()}

    @cached_property
    def consumers(self) -> Mapping[str, tuple[tuple[str, str, int], ...]]:
        """For each node that is linked from: (node id, input name, slot) of every input that takes from it."""
        found: dict[str, list[tuple[str, str, int]]] = {}
        for node in self.nodes.values():
            for name, link in node.links():
                found.setdefault(link.node_id, []).append((node.node_id, name, link.slot))
        return {node_id: tuple(places) for node_id, places in found.items()}

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Node ids, sources before those that use them; the file's order where there is a choice. Loops are cut."""
        done: dict[str, None] = {}
        for start in self.nodes:
            stack: list[tuple[str, Iterator[tuple[str, Link]]]] = []
            opened: set[str] = set()
            self._open(start, stack, opened, done)
            while stack:
                node_id, links = stack[-1]
                step = next(links, None)
                if step is None:
                    stack.pop()
                    done[node_id] = None
                else:
                    self._open(step[1].node_id, stack, opened, done)
        return tuple(done)

    def _open(
        self,
        node_id: str,
        stack: list[tuple[str, Iterator[tuple[str, Link]]]],
        opened: set[str],
        done: Mapping[str, None],
    ) -> None:
        if node_id not in done and node_id not in opened and node_id in self.nodes:
            opened.add(node_id)
            stack.append((node_id, self.nodes[node_id].links()))

    def upstream(self, node_ids: Iterable[str]) -> set[str]:
        """The given nodes and all that they depend on: what a server checks and runs for these outputs."""
        found: set[str] = set()
        waiting = [node_id for node_id in node_ids if node_id in self.nodes]
        while waiting:
            node_id = waiting.pop()
            if node_id in found:
                continue
            found.add(node_id)
            waiting.extend(link.node_id for _, link in self.nodes[node_id].links())
        return found
