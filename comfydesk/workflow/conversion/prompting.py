"""The open workflow as the prompt that the editor would send."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from comfydesk.workflow.conversion import custom_combo, primitives, viewports
from comfydesk.workflow.conversion.flattening import Flat, Flattened, flatten
from comfydesk.workflow.conversion.live import BYPASSED, MUTED, UNSET, LiveGraph, Slot, Widget, own_copy
from comfydesk.workflow.conversion.model import Note
from comfydesk.workflow.conversion.order import in_order
from comfydesk.workflow.conversion.page_additions import FILE_NAMERS
from comfydesk.workflow.conversion.page_nodes import PRIMITIVE
from comfydesk.workflow.conversion.resolving import BrokenLink, Circle, FromHost, FromNode, Resolver
from comfydesk.workflow.conversion.texts import draw, fill_names, has_choices, names_of


@dataclass(slots=True)
class Field:
    """One value of the prompt: the node's own `widget`, or the `promoted` input of a host that feeds it."""

    flat: Flat
    widget: Widget | None
    slot: Slot | None = None
    promoted: FromHost | None = None


@dataclass(slots=True)
class Prompt:
    nodes: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, Field] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)


def write_prompt(root: LiveGraph, notes: list[Note], *, as_written: bool = False) -> Prompt:
    """`as_written`: nothing is drawn or filled in. Broken links and missing types are named in `notes`.

    Raises Problem workflow_limits.
    """
    for node in in_order(root):
        inside = node.subgraph.all_nodes() if node.subgraph is not None else (node,)
        for inner in inside:
            if inner.virtual and inner.type == PRIMITIVE:
                primitives.apply(inner, as_written=as_written)
    flattened = flatten(root, notes)
    writer = _Writer(root, flattened, notes, as_written)
    for flat in flattened.nodes.values():
        if not flat.node.virtual and flat.node.mode not in (MUTED, BYPASSED):
            writer.write(flat)
    return writer.finished()


class _Writer:
    def __init__(self, root: LiveGraph, flattened: Flattened, notes: list[Note], as_written: bool) -> None:
        self._root = root
        self._resolver = Resolver(flattened)
        self._notes = notes
        self._now = datetime.now()
        self._as_written = as_written
        self._ids: dict[int, str] = {}  # of a node in a subgraph that is used twice, where it is used first
        self._prompt = Prompt()

    def write(self, flat: Flat) -> None:
        node = flat.node
        inputs: dict[str, Any] = {}
        fields: dict[str, Field] = {}
        for widget in node.widgets:
            if widget.name and widget.in_prompt:
                inputs[widget.name] = _wrapped(self._sent(flat, widget), widget.kind)
                fields[widget.name] = Field(flat, widget)
        for index, slot in enumerate(node.inputs):
            source = self._source(flat, index, slot)
            if isinstance(source, FromHost):
                assert source.slot.cell is not None
                inputs[slot.name] = _wrapped(source.slot.cell.value)
                fields[slot.name] = Field(flat, node.widget(slot.widget), slot, source)
            elif source is not None:
                inputs[slot.name] = [source.node_id, source.slot]
                fields.pop(slot.name, None)
            elif slot.widget in fields:
                fields[slot.widget].slot = slot
        written: dict[str, Any] = {"inputs": inputs}
        if node.known is not None:
            written["class_type"] = node.known.name
        else:
            self._name_missing(flat)
        written["_meta"] = {} if node.title is None else {"title": node.title}
        self._prompt.nodes[flat.id] = written
        self._ids.setdefault(id(node), flat.id)
        self._prompt.fields.update((f"{flat.id}.{name}", item) for name, item in fields.items())

    def finished(self) -> Prompt:
        """Drop what points to nodes that are not in the prompt, and what has no value."""
        nodes = self._prompt.nodes
        for node_id, node in nodes.items():
            inputs = node["inputs"]
            for name, value in list(inputs.items()):
                gone = isinstance(value, list) and len(value) == 2 and value[0] not in nodes
                if value is UNSET or gone:
                    del inputs[name]
                    self._prompt.fields.pop(f"{node_id}.{name}", None)
        self._prompt.named = {
            name: self._ids[id(node)] for name, node in names_of(self._root).items() if id(node) in self._ids
        }
        return self._prompt

    def _sent(self, flat: Flat, widget: Widget) -> Any:
        node, value = flat.node, widget.value
        if widget.kind == custom_combo.INDEX:
            return custom_combo.index(node)
        if widget.kind in viewports.KINDS:
            if node.type == "Load3D":
                self._note("capture_missing", flat, input=widget.name)
            return viewports.state(node, widget)
        if value is None and widget.kind == "customtext":
            return ""  # a text area without a text
        if self._as_written:
            return value
        if widget.draws and isinstance(value, str):
            if has_choices(value):
                self._note("text_choices", flat, input=widget.name)
            return draw(value)
        if widget.name == "filename_prefix" and node.type in FILE_NAMERS and isinstance(value, str):
            return fill_names(value, self._root, self._now)
        return value

    def _source(self, flat: Flat, index: int, slot: Slot) -> FromNode | FromHost | None:
        try:
            return self._resolver.source(flat, index)
        except Circle as problem:
            self._note("link_circular", flat, input=slot.name, detail=str(problem))
        except BrokenLink as problem:
            self._note("link_broken", flat, input=slot.name, detail=str(problem))
        return None

    def _name_missing(self, flat: Flat) -> None:
        kind = flat.node.file.type if flat.node.file else flat.node.type
        self._prompt.missing[flat.id] = kind
        self._note("subgraph_missing" if _is_uuid(kind) else "node_missing", flat, type=kind)

    def _note(self, code: str, flat: Flat, **facts: Any) -> None:
        title = flat.node.title or flat.node.type
        self._notes.append(Note(code, {"id": flat.id, "node": title, **facts}))


def _wrapped(value: Any, kind: str = "") -> Any:
    """A list stands for a link in a prompt, so a list that is a value is wrapped."""
    if not isinstance(value, list):
        return own_copy(value)
    return {"__type__": "CURVE", "__value__": own_copy(value)} if kind == "curve" else {"__value__": own_copy(value)}


def _is_uuid(kind: str) -> bool:
    return len(kind) == 36 and kind.count("-") == 4
