"""Optional pictures: a media field that is left empty switches off the part of the graph that needs it.

The link into the optional input is left out of the prompt, with the nodes on the way to it and those that served only
them. A field whose picture something requires cannot be left empty; it is then missing, as any value is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from comfydesk.form.fields import Field, Form, Kind
from comfydesk.form.kinds import UPLOAD_KINDS
from comfydesk.form.outputs import PREVIEW
from comfydesk.workflow.dynamic import expand, names_of
from comfydesk.workflow.graph import Graph, Link, Node
from comfydesk.workflow.specs import AUTOGROW, Specs

Sources = Mapping[str, Collection[str]]  # for each node the nodes that it takes from


def find(graph: Graph, specs: Specs | None, fields: Iterable[Field]) -> dict[str, tuple[str, ...]]:
    """The media fields that may be left empty, by key: the nodes that cannot run then, its own first.

    A node cannot run without an input that its spec requires; of nodes that the host does not know, all are. Where
    that would reach a node that saves, the field may not be left empty. Previews on the way are no reason.
    """
    if specs is None:
        return {}
    found = {}
    for field in fields:
        # Where "" is what a new node has (a painter's mask), it is a value and takes nothing away.
        if field.kind in UPLOAD_KINDS and field.node_id in graph.nodes and field.default != "":
            nodes = _needing(graph, specs, field.node_id)
            if nodes is not None:
                found[field.key] = nodes
    return found


def empty(form: Form, values: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields among those that are left empty."""
    return tuple(key for key in form.branches if not values.get(key, form.by_key[key].value))


def off(form: Form, values: Mapping[str, Any]) -> frozenset[str]:
    """The media fields of nodes that are left out: the empty ones, and those that served only what these switch off."""
    keys = empty(form, values)
    if not keys:
        return frozenset()
    sources: dict[str, list[str]] = {field.node_id: [] for field in form.fields}
    for field in form.fields:
        if field.kind is Kind.LINK and isinstance(field.value, Link):
            sources[field.node_id].append(field.value.node_id)
    gone = _lost(sources, form, keys)
    return frozenset(field.key for field in form.fields if field.kind in UPLOAD_KINDS and field.node_id in gone)


def lost(graph: Graph, form: Form, values: Mapping[str, Any]) -> frozenset[str]:
    """The nodes that a prompt with these values does not have."""
    if not empty(form, values):
        return frozenset()
    sources = {node_id: [link.node_id for _, link in node.links()] for node_id, node in graph.nodes.items()}
    return frozenset(_lost(sources, form, empty(form, values)))


def cut(prompt: dict[str, Any], form: Form, values: Mapping[str, Any]) -> dict[str, Any]:
    """The prompt without the branches of empty fields; the same one where none is empty. Changes `prompt`."""
    keys = empty(form, values)
    if not keys:
        return prompt
    sources = {node_id: [value[0] for value in _linked(node)] for node_id, node in prompt.items()}
    gone = _lost(sources, form, keys)
    kept = {node_id: node for node_id, node in prompt.items() if node_id not in gone}
    for node in kept.values():
        inputs = node.get("inputs")
        if isinstance(inputs, dict):
            is_cut = {name for name, value in inputs.items() if _is_link(value) and value[0] in gone}
            node["inputs"] = {name: value for name, value in inputs.items() if name not in is_cut}
    return kept


def _needing(graph: Graph, specs: Specs, start: str) -> tuple[str, ...] | None:
    """The nodes that cannot run without `start`, which is the first; None where nothing would be saved."""
    found, waiting = {start: None}, [start]
    while waiting:
        for node_id, name, _ in graph.consumers.get(waiting.pop(), ()):
            if node_id in found or not _is_required(graph.nodes[node_id], specs, name):
                continue
            spec = specs.node(graph.nodes[node_id].class_type)
            if spec is None or (spec.output_node and not PREVIEW.search(spec.class_type)):
                return None
            found[node_id] = None
            waiting.append(node_id)
    if len(found) == 1 and start not in graph.consumers:
        return None  # it feeds nothing at all
    return tuple(found)


def _is_required(node: Node, specs: Specs, name: str) -> bool:
    spec = specs.node(node.class_type)
    if spec is None:
        return True
    items = {item.name: item for item in expand(spec, node.inputs)}
    item = items.get(name)
    parent = items.get(name.rpartition(".")[0])
    if parent is not None and parent.type == AUTOGROW:
        template, names = parent.options.get("template"), names_of(parent)
        least = template.get("min") if isinstance(template, Mapping) else 0
        return name.rpartition(".")[2] in names[: least if isinstance(least, int) else 0]
    return item is None or item.required


def _lost(sources: Sources, form: Form, keys: Iterable[str]) -> set[str]:
    """The nodes that need what is missing, and those that served nothing else."""
    gone = {node_id for key in keys for node_id in form.branches[key]}
    outputs = [node_id for node_id, _, _ in form.outputs]
    served = _upstream(sources, outputs, ())
    return gone | (served - _upstream(sources, outputs, gone))


def _upstream(sources: Sources, outputs: Iterable[str], without: Collection[str]) -> set[str]:
    found: set[str] = set()
    waiting = list(outputs)
    while waiting:
        node_id = waiting.pop()
        if node_id in sources and node_id not in found and node_id not in without:
            found.add(node_id)
            waiting.extend(sources[node_id])
    return found


def _linked(node: Any) -> list[Any]:
    inputs = node.get("inputs") if isinstance(node, Mapping) else None
    return [value for value in inputs.values() if _is_link(value)] if isinstance(inputs, Mapping) else []


def _is_link(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and type(value[1]) is int
