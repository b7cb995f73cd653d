"""LoRA loaders that follow each other, as one list: order, on and off, more of them. Pure.

A run's prompt gets the chain as the list has it: loaders that are off are passed by, new ones are spliced in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from comfydesk.form.fields import Field, Kind
from comfydesk.workflow.graph import Graph, Link, Node
from comfydesk.workflow.specs import Specs

NAME = "loras"  # the list's input name; no node has an input of that name that a person edits
FILE = "lora_name"
WIRES = ("model", "clip")  # inputs of a loader and, in this order, its outputs
MAX_LORAS = 32  # in one list
Entry = list[Any]  # [node id, is on]


@dataclass(frozen=True, slots=True)
class Chain:
    """Loaders of one class from the model on; the first one's id names the chain."""

    nodes: tuple[Node, ...]

    @property
    def key(self) -> str:
        return f"{self.nodes[0].node_id}.{NAME}"

    @property
    def wires(self) -> tuple[str, ...]:
        return tuple(name for name in WIRES if name in self.nodes[0].inputs)


def chains(graph: Graph, specs: Specs | None) -> list[Chain]:
    """The chains of a graph, in its order. A loader whose model comes from nowhere is in none."""
    loaders = [node for node_id in graph.order if _is_loader(node := graph.nodes[node_id], specs)]
    after = {a.node_id: b for b in loaders if (a := _before(graph, b, loaders)) is not None}
    later = {node.node_id for node in after.values()}
    found = []
    for node in loaders:
        if node.node_id not in later:
            members = [node]
            while (following := after.get(members[-1].node_id)) is not None and len(members) < MAX_LORAS:
                members.append(following)
            found.append(Chain(tuple(members)))
    return found


def list_field(chain: Chain, graph: Graph) -> Field:
    """The field that holds a chain's list. Its choices are ids that new loaders may have."""
    first = chain.nodes[0]
    value = [[node.node_id, True] for node in chain.nodes]
    return Field(
        chain.key,
        first.node_id,
        NAME,
        "",
        Kind.LORAS,
        value,
        required=False,
        choices=tuple(_free_ids(graph, first.node_id)),
        structural=True,
    )


def entries_of(value: Any) -> list[tuple[str, bool]] | None:
    """(node id, is on) of a list's value; None for anything else."""
    if not isinstance(value, list) or len(value) > MAX_LORAS:
        return None
    found: dict[str, bool] = {}
    for item in value:
        if not isinstance(item, list | tuple) or len(item) != 2 or not isinstance(item[0], str):
            return None
        found[item[0]] = item[1] is not False
    return list(found.items())


def splice(graph: Graph, specs: Specs | None, values: Mapping[str, Any]) -> tuple[Graph, set[tuple[str, str]]]:
    """The graph with its chains as the values have them, and the inputs of loaders that are new in it."""
    fresh: set[tuple[str, str]] = set()
    for chain in chains(graph, specs) if specs is not None else ():
        entries = entries_of(values.get(chain.key))
        if entries is None or entries == [(node.node_id, True) for node in chain.nodes]:
            continue
        graph, added = _relinked(graph, specs, chain, entries)
        fresh |= added
    return graph, fresh


def _relinked(
    graph: Graph, specs: Specs | None, chain: Chain, entries: Sequence[tuple[str, bool]]
) -> tuple[Graph, set[tuple[str, str]]]:
    own = {node.node_id: node for node in chain.nodes}
    free = set(_free_ids(graph, chain.nodes[0].node_id))
    listed = [(node_id, is_on) for node_id, is_on in entries if node_id in own or node_id in free]
    new = {node_id: _new_node(chain, specs, node_id) for node_id, _ in listed if node_id not in own}
    nodes = {node_id: node for node_id, node in graph.nodes.items() if node_id not in own or node_id in dict(listed)}
    nodes.update(new)
    source: dict[str, Link] = {name: link for name in chain.wires if (link := chain.nodes[0].link(name)) is not None}
    for node_id, is_on in listed:
        # One that is off is linked too, for it stays in the prompt; nothing takes from it.
        nodes[node_id] = with_inputs(nodes[node_id], {**nodes[node_id].inputs, **source})
        if is_on:
            source = {name: Link(node_id, slot) for slot, name in enumerate(WIRES) if name in source}
    last = chain.nodes[-1].node_id
    ends = {Link(last, slot): source[name] for slot, name in enumerate(WIRES) if name in source}
    for node_id, node in list(nodes.items()):
        if node_id not in own and node_id not in new and any(link in ends for _, link in node.links()):
            inputs = {
                name: ends.get(value, value) if isinstance(value, Link) else value
                for name, value in node.inputs.items()
            }
            nodes[node_id] = with_inputs(node, inputs)
    added = {(node_id, name) for node_id, node in new.items() for name in node.inputs if name not in WIRES}
    return Graph(nodes, graph.name, graph.warnings), added


def with_inputs(node: Node, inputs: Mapping[str, Any]) -> Node:
    """The node with these inputs, also in what is sent of it."""
    raw = {name: [value.node_id, value.slot] if isinstance(value, Link) else value for name, value in inputs.items()}
    return replace(node, inputs=inputs, raw={**node.raw, "inputs": raw})


def _new_node(chain: Chain, specs: Specs | None, node_id: str) -> Node:
    first = chain.nodes[0]
    spec = specs.node(first.class_type) if specs else None
    inputs: dict[str, Any] = {name: Link("", 0) for name in chain.wires}
    for item in spec.inputs if spec else ():
        if item.is_editable and item.default is not None:
            inputs[item.name] = item.default
    raw = {"class_type": first.class_type, "inputs": {}, "_meta": {"title": spec.display_name if spec else ""}}
    return with_inputs(Node(node_id, first.class_type, "", {}, raw), inputs)


def _is_loader(node: Node, specs: Specs | None) -> bool:
    spec = specs.node(node.class_type) if specs else None
    if spec is None or (file := spec.input(FILE)) is None or file.type != "COMBO":
        return False
    held = tuple(name for name in WIRES if spec.input(name) is not None)
    if not held or held[0] != "model" or spec.outputs[: len(held)] != ("MODEL", "CLIP")[: len(held)]:
        return False
    return all(node.link(name) is not None for name in held) and not isinstance(node.inputs.get(FILE), Link)


def _before(graph: Graph, node: Node, loaders: Sequence[Node]) -> Node | None:
    """The loader that this one follows, where nothing else takes from between them."""
    link = node.link("model")
    before = graph.nodes.get(link.node_id) if link is not None and link.slot == 0 else None
    if before is None or before.class_type != node.class_type or before not in loaders or before is node:
        return None
    takers = graph.consumers.get(before.node_id, ())
    wires = [name for name in WIRES if name in node.inputs]
    expected = {(node.node_id, name, slot) for slot, name in enumerate(wires)}
    return before if set(takers) == expected else None


def _free_ids(graph: Graph, like: str) -> Iterator[str]:
    """Ids that no node has, in the subgraph of the node `like`: "57:9" beside "57:8"."""
    prefix, colon, _ = like.rpartition(":")
    numbers = [
        int(part) for node_id in graph.nodes for part in node_id.split(":") if part.isdecimal() and len(part) < 10
    ]
    first = max(numbers, default=0) + 1
    return (f"{prefix}{colon}{first + index}" for index in range(MAX_LORAS))
