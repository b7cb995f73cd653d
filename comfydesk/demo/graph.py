"""In which order the nodes of a prompt run, and what makes two nodes the same for the cache."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from comfydesk.demo.nodes.catalog import NODES

Prompt = Mapping[str, Any]


def is_link(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], int)


def links(prompt: Prompt, node_id: str) -> list[str]:
    """The nodes that `node_id` takes from, in the order of its inputs."""
    return [value[0] for value in prompt[node_id]["inputs"].values() if is_link(value)]


def signatures(prompt: Prompt, changed: Callable[[str], Any]) -> dict[str, str]:
    """A digest for each node of itself and all before it. `changed(node)`: what else its result depends on."""
    known: dict[str, str] = {}

    def of(node_id: str, path: tuple[str, ...]) -> str:
        if node_id in known:
            return known[node_id]
        node = prompt.get(node_id)
        if node is None or node_id in path:
            return f"none:{node_id}"
        shown = {
            name: ["link", of(value[0], (*path, node_id)), value[1]] if is_link(value) else ["value", value]
            for name, value in sorted(node.get("inputs", {}).items())
        }
        text = json.dumps([node.get("class_type"), changed(node_id), shown], sort_keys=True, default=str)
        known[node_id] = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        return known[node_id]

    for node_id in prompt:
        of(node_id, ())
    return known


class Order:
    """Hands out nodes that are ready: outputs first, then what feeds them, as the real server does."""

    def __init__(self, prompt: Prompt, outputs: list[str], cached: Callable[[str], bool]) -> None:
        self._prompt = prompt
        self._cached = cached
        self._pending: dict[str, None] = {}
        self._waits_for: dict[str, set[str]] = {}
        self._feeds: dict[str, dict[str, None]] = {}
        for node_id in outputs:
            self._add(node_id)

    def _add(self, node_id: str) -> None:
        stack, found = [node_id], []
        while stack:
            current = stack.pop()
            if current in self._pending:
                continue
            self._pending[current] = None
            self._waits_for.setdefault(current, set())
            self._feeds.setdefault(current, {})
            for source in links(self._prompt, current):
                if not self._cached(source):
                    stack.append(source)
                    found.append((source, current))
        for source, target in found:
            self._feeds[source][target] = None
            self._waits_for[target].add(source)

    def __bool__(self) -> bool:
        return bool(self._pending)

    def next(self) -> str | None:
        """The node to run now; None where only a cycle is left."""
        ready = [node_id for node_id in self._pending if not self._waits_for[node_id]]
        if not ready:
            return None
        for distance in range(3):
            for node_id in ready:
                if self._reaches_output(node_id, distance):
                    return node_id
        return ready[0]

    def _reaches_output(self, node_id: str, distance: int) -> bool:
        if distance == 0:
            return NODES[self._prompt[node_id]["class_type"]].is_output
        return any(self._reaches_output(target, distance - 1) for target in self._feeds[node_id])

    def done(self, node_id: str) -> None:
        del self._pending[node_id]
        for target in self._feeds[node_id]:
            self._waits_for[target].discard(node_id)
