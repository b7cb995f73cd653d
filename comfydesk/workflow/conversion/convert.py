"""The conversion's three questions: which classes, which prompt, and what was odd."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from comfydesk.workflow.conversion.declared import Classes
from comfydesk.workflow.conversion.finding import find_places
from comfydesk.workflow.conversion.loading import load
from comfydesk.workflow.conversion.model import Conversion, Note
from comfydesk.workflow.conversion.page_nodes import is_page_node
from comfydesk.workflow.conversion.prompting import Prompt, write_prompt
from comfydesk.workflow.conversion.reading import read, too_deep


def to_api(graph: Mapping[str, Any], object_info: Mapping[str, Any]) -> dict[str, Any]:
    """The prompt that ComfyUI's page would send for this graph on a host with this `/object_info`.

    Raises Problem workflow_not or workflow_limits.
    """
    return convert(graph, object_info).prompt


def convert(graph: Mapping[str, Any], object_info: Mapping[str, Any], *, as_written: bool = False) -> Conversion:
    """The prompt with warnings and places; neither argument is changed.

    `as_written`: texts with {a|b} and comments, and %date% in the names of results, stay as the file has them, for a
    form in which a person edits them; without it they come out as the page would send them.

    Raises Problem workflow_not or workflow_limits.
    """
    notes: list[Note] = []
    try:
        root = load(read(graph, notes), Classes(object_info), notes)
        prompt = write_prompt(root, notes, as_written=as_written)
    except RecursionError:
        raise too_deep() from None
    modes = _seed_modes(prompt)
    return Conversion(
        prompt.nodes,
        tuple(notes),
        modes,
        prompt.missing,
        prompt.named,
        frozenset(
            (item.flat.id, item.slot.name)
            for item in prompt.fields.values()
            if item.promoted is not None and item.slot is not None and item.widget is not None and item.widget.draws
        ),
        lambda: find_places(prompt, root),
    )


def classes_of(graph: Mapping[str, Any]) -> set[str]:
    """The node classes to ask a host for: all in the graph, in its subgraphs and in its group nodes."""
    workflow = read(graph, [])
    own = {held.id for held in workflow.subgraphs}
    names = {node.type for held in (workflow.root, *workflow.subgraphs) for node in held.nodes}
    names.update(_grouped(workflow.groups))
    return {name for name in names if name not in own and not is_page_node(name) and not _is_group(name)}


def _grouped(groups: Mapping[str, Any]) -> Iterator[str]:
    for group in groups.values():
        nodes = group.get("nodes") if isinstance(group, Mapping) else None
        for node in nodes if isinstance(nodes, list) else ():
            if isinstance(node, Mapping) and isinstance(node.get("type"), str):
                yield node["type"]


def _is_group(name: str) -> bool:
    return name.startswith(("workflow>", "workflow/"))


def _seed_modes(prompt: Prompt) -> dict[str, str]:
    modes: dict[str, str] = {}
    for key, item in prompt.fields.items():
        if item.widget is None:
            continue
        feeder = item.widget.cell.feeder if item.promoted is None else None
        control = next((w for w in item.flat.node.widgets if w.controls == item.widget.name), None)
        mode = feeder.mode if feeder is not None else control.value if control is not None else ""
        if isinstance(mode, str) and mode:
            modes[key] = mode
    return modes
