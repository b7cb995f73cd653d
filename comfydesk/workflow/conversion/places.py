"""Where a value of the prompt sits in the editor's graph, and the same as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Spot:
    """One entry of a node's `widgets_values`.

    `node` leads to the node in the file: ("nodes", 3) or ("definitions", "subgraphs", 0, "nodes", 5). `at` is the entry's
    index, or its name where the values are a dict. `name` is the widget's name. `fill` holds what the editor shows in the
    entries before this one where the file's list is too short to have it.
    """

    node: Path
    at: int | str
    name: str = ""
    fill: tuple[Any, ...] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where one field's value sits: at `spot`, which may feed other fields too.

    `own` is the entry of the node's own widget and `link` the connection that hides it; cutting that link makes the
    value independent of the other fields at `spot`. `hosts` are the paths of the subgraph nodes around the node, outermost
    first, and `host_ids` their ids. `kind` says how the value is written: "" as it is, "prompt" as text in which the
    editor resolves {a|b} and comments, "number" for one that the editor rounds by `rounding`, "combo" for a dynamic combo.
    """

    spot: Spot
    own: Spot | None = None
    link: str | None = None
    hosts: tuple[Path, ...] = ()
    kind: str = ""


def places_to_json(places: Mapping[str, Place]) -> dict[str, Any]:
    """Plain JSON of places; `places_from_json` reads it back."""
    return {}


def places_from_json(value: Any) -> dict[str, Place]:
    return {}
