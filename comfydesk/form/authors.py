"""What the author of a workflow chose for those who use it: fields first of all, and how its seeds go on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from comfydesk.form.fields import SeedMode
from comfydesk.form.profile import Profile
from comfydesk.workflow import app_mode
from comfydesk.workflow.app_mode import nodes_named
from comfydesk.workflow.conversion import Conversion
from comfydesk.workflow.graph import Graph
from comfydesk.workflow.opening import Opened
from comfydesk.workflow.source import Source

MODES = {
    "fixed": SeedMode.FIXED,
    "randomize": SeedMode.RANDOM,
    "increment": SeedMode.INCREMENT,
    "decrement": SeedMode.DECREMENT,
}


def choices_of(source: Source, opened: Opened) -> tuple[Profile, Mapping[str, SeedMode]]:
    """The profile by app mode, and the modes of seeds by field key; both empty for a workflow in API format."""
    if source.gui is None or opened.conversion is None:
        return Profile(), {}
    chosen = app_mode.read(source.gui)
    shown = [key for input_ in chosen.inputs for key in _keys_of(*input_, opened.graph, source.gui, opened.conversion)]
    outputs = [found for node_id in chosen.outputs for found in nodes_named(node_id, opened.graph.nodes)]
    modes = {key: MODES[mode] for key, mode in opened.conversion.seed_modes.items() if mode in MODES}
    return Profile(tuple(dict.fromkeys(shown)) or None, outputs=tuple(outputs)), modes


def _keys_of(node_id: str, widget: str, graph: Graph, gui: Mapping[str, Any], made: Conversion) -> Iterator[str]:
    """The fields that a widget of the editor feeds: its own, those inside a subgraph that shows it, or those that a
    primitive gives its value to."""
    own = [found for found in nodes_named(node_id, graph.nodes) if widget in graph.nodes[found].inputs]
    if own:
        yield f"{own[0]}.{widget}"
        return
    for key, place in made.places.items():
        if place.spot.name == widget and _id_at(gui, place.spot.node) == node_id:
            yield key


def _id_at(gui: Mapping[str, Any], path: tuple[str | int, ...]) -> str:
    """The id of the node that a path into the file leads to."""
    found: Any = gui
    for step in path:
        found = found[step]
    return str(found.get("id"))
