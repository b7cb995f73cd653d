"""Opening a file as the editor does: subgraphs first, then the workflow; nodes are made new, then take their values."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from comfydesk.base.errors import Problem
from comfydesk.workflow.conversion import groups, hosts, legacy_promotion, primitives
from comfydesk.workflow.conversion.assembly import assign, new_node
from comfydesk.workflow.conversion.configuring import configure
from comfydesk.workflow.conversion.declared import Classes
from comfydesk.workflow.conversion.ids import Numbers, make_unique
from comfydesk.workflow.conversion.live import (
    INPUT_PORTS,
    OUTPUT_PORTS,
    LiveGraph,
    LiveNode,
    Output,
    Port,
    Slot,
    Wire,
)
from comfydesk.workflow.conversion.model import Note
from comfydesk.workflow.conversion.page_additions import MODEL_FILE_SHOWN
from comfydesk.workflow.conversion.page_nodes import PRIMITIVE, REROUTE, is_page_node
from comfydesk.workflow.conversion.reading import MAX_DEPTH, MAX_NODES, FileGraph, FileNode, FileWorkflow
from comfydesk.workflow.conversion.settling import settle


def load(workflow: FileWorkflow, classes: Classes, notes: list[Note]) -> LiveGraph:
    """The workflow as it stands in the editor after opening."""
    loader = _Loader(workflow, classes, notes)
    return loader.load()


class _Loader:
    def __init__(self, workflow: FileWorkflow, classes: Classes, notes: list[Note]) -> None:
        self._workflow = workflow
        self._classes = classes
        self._notes = notes
        self._numbers = Numbers(workflow.last_node_id)
        self._subgraphs: dict[str, LiveGraph] = {}
        self._renamed: Mapping[str, Mapping[str, str]] = {}

    def load(self) -> LiveGraph:
        for node in self._workflow.root.nodes:
            node.type = _current_type(node.type)
        self._renamed = make_unique(self._workflow, self._numbers)
        for held in self._workflow.subgraphs:
            self._subgraphs[held.id] = _with_ports(LiveGraph(held.id, held.name), held)
        for held in _inner_first(self._workflow.subgraphs):
            graph = self._subgraphs[held.id]
            self._fill(graph, held)
            _repair_ports(graph)
        root = LiveGraph("")
        self._fill(root, self._workflow.root)
        _check_depth(root)
        self._finish(root)
        self._unpack_groups(root)
        return root

    def _unpack_groups(self, root: LiveGraph) -> None:
        for node in list(root.nodes):
            group = groups.group_of(node.type, self._workflow.groups, self._classes) if node.missing else None
            if group is None or node.file is None:
                continue
            host = groups.unpack(group, node.file, root, self._numbers, self._notes)
            root.nodes[root.nodes.index(node)] = host
            root.by_id.pop(node.id, None)
            root.by_id[host.id] = host
            for wire in root.wires.values():
                wire.origin = host.id if wire.origin == node.id else wire.origin
                wire.target = host.id if wire.target == node.id else wire.target
            root.renumber(host)
            if len(root.by_id) + self._numbers.made > MAX_NODES:
                raise Problem("workflow_limits", file="The workflow", detail=f"it has more than {MAX_NODES:,} nodes")

    def _fill(self, graph: LiveGraph, held: FileGraph) -> None:
        for link in held.links:
            graph.wires[link.id] = Wire(
                link.id, link.origin, link.origin_slot, link.target, link.target_slot, link.type
            )
        pairs: list[tuple[LiveNode, FileNode]] = []
        for file in held.nodes:
            node = self._create(file, graph)
            graph.nodes.append(node)
            graph.by_id[node.id] = node
            node.attach()
            pairs.append((node, file))
        for node, file in pairs:
            if node.id != file.id:
                self._notes.append(Note("id_taken", {"id": file.id, "node": node.title or node.type}))
            if node.subgraph is not None:
                hosts.configure(node, file)
            else:
                configure(node, file, self._notes)
        _remove_doubled(graph)
        for node, file in pairs:
            if node.subgraph is not None:
                legacy_promotion.migrate(node, file, self._renamed.get(node.subgraph.id, {}), self._notes)

    def _create(self, file: FileNode, graph: LiveGraph) -> LiveNode:
        node_id = file.id
        if node_id is None or node_id == "-1" or node_id in graph.by_id:
            node_id = self._numbers.next()
        else:
            self._numbers.seen(node_id)
        known = self._classes.get(file.type)
        if known is not None:
            node = new_node(known, node_id, graph)
        elif file.type in self._subgraphs:
            node = LiveNode(node_id, file.type, graph, virtual=True, subgraph=self._subgraphs[file.type])
            node.title = self._subgraphs[file.type].name
            self._subgraphs[file.type].hosts.append(node)
        elif is_page_node(file.type):
            node = _page_node(file.type, node_id, graph)
        else:
            node = LiveNode(node_id, file.type, graph, missing=True)
        node.file = file
        return node

    def _finish(self, root: LiveGraph) -> None:
        """What the editor does once all nodes are there."""
        for graph in _graphs(root, set()):
            for node in graph.nodes:
                graph.renumber(node)
        for node in root.all_nodes():
            if node.known is not None:
                _drop_inputs_without_widget(node)
        for node in root.all_nodes():
            if node.type == PRIMITIVE and node.virtual:
                primitives.connect(node)
        for node in root.all_nodes():
            _mend_values(node)
        for graph in _graphs(root, set()):
            settle(graph)


def _check_depth(root: LiveGraph) -> None:
    """Subgraphs may lie inside each other only so deep; what comes later relies on it."""
    seen = {id(root)}
    stack = [iter(root.nodes)]
    while stack:
        node = next(stack[-1], None)
        if node is None:
            stack.pop()
        elif node.subgraph is not None and id(node.subgraph) not in seen:
            seen.add(id(node.subgraph))
            stack.append(iter(node.subgraph.nodes))
            if len(stack) > MAX_DEPTH:
                detail = f"its subgraphs lie more than {MAX_DEPTH} deep inside each other"
                raise Problem("workflow_limits", file="The workflow", detail=detail)


def _graphs(graph: LiveGraph, seen: set[str]) -> list[LiveGraph]:
    """This graph and every subgraph that it uses, once each."""
    if graph.id in seen:
        return []
    seen.add(graph.id)
    found = [graph]
    for node in graph.nodes:
        if node.subgraph is not None:
            found += _graphs(node.subgraph, seen)
    return found


def _current_type(name: str) -> str:
    """Group nodes of the oldest files are named with a slash."""
    return "workflow>" + name.removeprefix("workflow/") if name.startswith("workflow/") else name


def _page_node(name: str, node_id: str, graph: LiveGraph) -> LiveNode:
    node = LiveNode(node_id, name, graph, virtual=True, title=name)
    if name == REROUTE:
        node.inputs.append(Slot("", "*"))
        node.outputs.append(Output("", "*"))
    elif name == PRIMITIVE:
        node.title = "Primitive"
        node.outputs.append(Output("connect to widget input", "*"))
    return node


def _with_ports(graph: LiveGraph, held: FileGraph) -> LiveGraph:
    graph.inputs = [Port(port.name, port.type, list(port.links), port.id) for port in held.inputs]
    graph.outputs = [Port(port.name, port.type, list(port.links), port.id) for port in held.outputs]
    return graph


def _inner_first(held: list[FileGraph]) -> list[FileGraph]:
    """Definitions that others use come before those; the file's order where they use each other in a circle."""
    by_id = {graph.id: graph for graph in held}
    users: dict[str, list[str]] = {graph.id: [] for graph in held}
    waiting = dict.fromkeys(by_id, 0)
    for graph in by_id.values():
        for used in {node.type for node in graph.nodes if node.type in by_id}:
            users[used].append(graph.id)
            waiting[graph.id] += 1
    ready = deque(name for name, count in waiting.items() if not count)
    done: list[FileGraph] = []
    while ready:
        name = ready.popleft()
        done.append(by_id[name])
        for user in users[name]:
            waiting[user] -= 1
            if not waiting[user]:
                ready.append(user)
    return done if len(done) == len(by_id) else list(by_id.values())


def _remove_doubled(graph: LiveGraph) -> None:
    """Of several links between the same two slots only the one that the input names is kept."""
    same: dict[tuple[Any, ...], list[str]] = {}
    for wire in graph.wires.values():
        same.setdefault((wire.origin, wire.origin_slot, wire.target, wire.target_slot), []).append(wire.id)
    for (origin, slot, target, _), ids in same.items():
        if len(ids) < 2:
            continue
        node, source = graph.by_id.get(target), graph.by_id.get(origin)
        inputs = node.inputs if node else []
        kept = next((item.link for item in inputs if item.link in ids), None) or ids[0]
        for item in inputs:
            if item.link in ids:
                item.link = kept
        gone = [link for link in ids if link != kept]
        for link in gone:
            del graph.wires[link]
        for output in source.outputs[slot : slot + 1] if source else ():
            output.links[:] = [link for link in output.links if link not in gone]


def _repair_ports(graph: LiveGraph) -> None:
    """Ports that name a removed link take the one that is left at their place."""
    for ports, is_end in (
        (graph.inputs, lambda wire, index: (wire.origin, wire.origin_slot) == (INPUT_PORTS, index)),
        (graph.outputs, lambda wire, index: (wire.target, wire.target_slot) == (OUTPUT_PORTS, index)),
    ):
        for index, port in enumerate(ports):
            port.links[:] = [_present(graph, link, index, is_end) for link in port.links]


def _present(graph: LiveGraph, link: str, index: int, is_end: Callable[[Wire, int], bool]) -> str:
    if link in graph.wires:
        return link
    return next((wire.id for wire in graph.wires.values() if is_end(wire, index)), link)


def _drop_inputs_without_widget(node: LiveNode) -> None:
    for slot in list(node.inputs):
        if slot.widget is None:
            continue
        slot.spec = slot.spec or (node.known.input(slot.widget) if node.known else None)
        if node.widget(slot.widget) is None:
            node.graph.remove_input(node, node.inputs.index(slot))


def _mend_values(node: LiveNode) -> None:
    """Old spellings of values, and combos without one."""
    shown = node.properties.get(MODEL_FILE_SHOWN)
    for widget in list(node.widgets):
        value = widget.value
        if node.type == "Preview3D" and widget.name == "model_file" and isinstance(shown, str) and shown:
            widget.cell.value, widget.fixed = shown, True  # what was looked at last counts
        if node.type in ("KSampler", "KSamplerAdvanced", PRIMITIVE):
            sampler = widget.name == "sampler_name" and node.type != PRIMITIVE
            if sampler and isinstance(value, str) and value.startswith("sample_"):
                assign(node, widget, value.removeprefix("sample_"))
            if widget.name == "control_after_generate" and isinstance(value, bool):
                assign(node, widget, "randomize" if value else "fixed")
        if widget.kind == "combo" and widget.value is None:
            choices = ["fixed"] if widget.controls else widget.spec.choices if widget.spec else None
            if choices and not (widget.spec and widget.spec.options.get("remote")):
                assign(node, widget, choices[0])
