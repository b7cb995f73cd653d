"""From what a file holds to a graph that a form can be made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from comfydesk.base.errors import Problem
from comfydesk.workflow import conversion
from comfydesk.workflow.conversion import Conversion
from comfydesk.workflow.graph import Graph
from comfydesk.workflow.parse import from_conversion, from_prompt
from comfydesk.workflow.source import Source


@dataclass(frozen=True, slots=True)
class Opened:
    """`conversion`: how the editor's graph became this one, None where the file gave it in API format.

    `needs_host`: the file has the editor's graph alone and no host told what its nodes take; the graph is empty then.
    """

    graph: Graph
    conversion: Conversion | None = None
    needs_host: bool = False


def classes_of(source: Source) -> set[str]:
    """The node classes that a host must be asked about before the source can be opened."""
    if source.gui is not None:
        return conversion.classes_of(source.gui)
    return {node.class_type for node in from_prompt(source.prompt or {}, source.name).nodes.values()}


def graph_of(source: Source, object_info: Mapping[str, Any] | None) -> Opened:
    """The graph in API format of a workflow in any format. `object_info` None: no host has been asked yet.

    The editor's graph comes first, since all that a person sees and edits is in it; a prompt that lies beside it in
    the same file serves while there is no host. Raises Problem workflow_limits for a graph without measure,
    workflow_settings for a source that has no graph.
    """
    if source.gui is not None and object_info is not None:
        made = conversion.convert(source.gui, object_info, as_written=True)
        graph = _named(from_conversion(made.prompt, source.name), source)
        for node_id in {node_id for node_id, _ in made.undrawn}:
            names = frozenset(name for each, name in made.undrawn if each == node_id)
            graph.nodes[node_id] = replace(graph.nodes[node_id], undrawn=names)
        return Opened(graph, made)
    if source.prompt is not None:
        return Opened(_named(from_prompt(source.prompt, source.name), source))
    if source.gui is None:
        raise Problem("workflow_settings", file=source.name)
    return Opened(Graph({}, source.name, source.warnings), needs_host=True)


def _named(graph: Graph, source: Source) -> Graph:
    return Graph(graph.nodes, source.name, (*source.warnings, *graph.warnings))
