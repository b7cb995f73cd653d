"""Values that decide which further fields there are: the choice of a dynamic combo, the names of a growing input, the
list of LoRAs.

A form is made for one such structure. `shape` gives the graph as the file would have it with other values there: roles,
labels and order follow it, and runs are frozen from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from comfydesk.form import loras
from comfydesk.form.fields import Form
from comfydesk.workflow.dynamic import expand, names_of, typed_template
from comfydesk.workflow.graph import Graph, Link, Node
from comfydesk.workflow.specs import AUTOGROW, DYNAMIC_COMBO, InputSpec, NodeSpec, Specs

Spot = tuple[str, str]  # node id, input name


@dataclass(frozen=True, slots=True)
class Shape:
    """`graph` with the inputs and nodes that these values bring. `fresh`: inputs of it that the file has not, or has
    for another choice. `is_other`: it is not the file's."""

    graph: Graph
    fresh: frozenset[Spot] = frozenset()
    is_other: bool = False


def shape(graph: Graph, specs: Specs | None, values: Mapping[str, Any]) -> Shape:
    """The graph for the structural values among `values` (by field key); the file's where there is none."""
    changed: dict[str, Node] = {}
    fresh: set[Spot] = set()
    for node_id, node in graph.nodes.items():
        spec = specs.node(node.class_type) if specs else None
        if spec is None or not spec.is_dynamic:
            continue
        shaping = _Shaping(node, values)
        shaping.go_through(spec)
        if shaping.is_changed:
            changed[node_id] = loras.with_inputs(node, shaping.inputs)
            fresh.update((node_id, name) for name in shaping.fresh)
    made = Graph({**graph.nodes, **changed}, graph.name, graph.warnings) if changed else graph
    made, added = loras.splice(made, specs, values)
    return Shape(made, frozenset(fresh | added), made is not graph)


def is_met(form: Form, values: Mapping[str, Any]) -> bool:
    """Whether the form has the fields that these values ask for."""
    return all(key not in values or _same(values[key], value) for key, value in form.structure.items())


def grown(spec: InputSpec, inputs: Mapping[str, Any]) -> list[str]:
    """The names, without the growing input's own, that are there and hold no link."""
    start = spec.name + "."
    typed = [name for name, value in inputs.items() if name.startswith(start) and not isinstance(value, Link)]
    return [name[len(start) :] for name in typed]


class _Shaping:
    """One node on its way to the inputs that the values ask for."""

    def __init__(self, node: Node, values: Mapping[str, Any]) -> None:
        self.node = node
        self.values = values
        self.inputs = dict(node.inputs)
        self.fresh: set[str] = set()
        self.is_changed = False
        self._moved: list[str] = []  # prefixes of choices that are not the file's: below, only what they bring may stay

    def go_through(self, spec: NodeSpec) -> None:
        kept: set[str] = set()
        for item in expand(spec, self.inputs):
            kept.add(item.name)
            if item.type == DYNAMIC_COMBO:
                self._choose(item)
            elif item.type == AUTOGROW:
                self._grow(item)
            elif self._is_moved(item.name) and item.is_editable and not self._has_link(item.name):
                self._fill(item)
        for name in [name for name in self.inputs if name not in kept and self._is_moved(name)]:
            del self.inputs[name]

    def _choose(self, item: InputSpec) -> None:
        """Where nobody chose, a combo that the file has not stands at its default, if the host requires it."""
        name, held, moved = item.name, self.node.inputs.get(item.name), self._is_moved(item.name)
        if self._has_link(name) or item.is_hidden:
            return
        chosen = self.values.get(f"{self.node.node_id}.{name}", held)
        if not _is_among(chosen, item.choices):
            if held is not None and not moved:
                return  # a choice of the file's that the host does not know stays as it is
            chosen = held if _is_among(held, item.choices) else item.default if item.required or moved else None
        if chosen is None or (held is not None and _same(chosen, held)):
            return
        self._set(name, chosen)
        self._moved.append(name + ".")
        if not _is_among(held, item.choices):
            self.fresh.add(name)

    def _grow(self, item: InputSpec) -> None:
        names, inner = self.values.get(f"{self.node.node_id}.{item.name}"), typed_template(item)
        if inner is None or not isinstance(names, list):
            return
        known = names_of(item)
        for name in grown(item, self.inputs):
            if name in known and name not in names:
                del self.inputs[f"{item.name}.{name}"]
                self.is_changed = True
        for name in known:
            full = f"{item.name}.{name}"
            if name in names and full not in self.inputs:
                self._set(full, inner.default)
                self.fresh.add(full)

    def _fill(self, item: InputSpec) -> None:
        """A field that came with another choice: the file's value of that name where it fits, else a new node's."""
        if item.name in self.inputs and _fits(item, self.inputs[item.name]):
            return
        self.fresh.add(item.name)
        self._set(item.name, item.default)

    def _set(self, name: str, value: Any) -> None:
        self.inputs[name] = value
        self.is_changed = True

    def _is_moved(self, name: str) -> bool:
        return any(name.startswith(prefix) for prefix in self._moved)

    def _has_link(self, name: str) -> bool:
        return isinstance(self.node.inputs.get(name), Link)


def _fits(item: InputSpec, value: Any) -> bool:
    if item.type == "COMBO":
        return item.choices is None or _is_among(value, item.choices)
    if item.type in ("INT", "FLOAT"):
        low, high = item.number("min"), item.number("max")
        good = isinstance(value, int if item.type == "INT" else int | float) and not isinstance(value, bool)
        return good and (low is None or value >= low) and (high is None or value <= high)
    return isinstance(value, {"STRING": str, "BOOLEAN": bool, "COLOR": str}.get(item.type, object))


def _is_among(value: Any, choices: tuple[Any, ...] | None) -> bool:
    return value is not None and any(_same(value, choice) for choice in choices or ())


def _same(a: Any, b: Any) -> bool:
    return bool(a == b) and isinstance(a, bool) == isinstance(b, bool)
