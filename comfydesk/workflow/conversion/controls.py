"""The editor's "control after generate" of a seed: a widget of its own, right behind the seed's."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from comfydesk.workflow.conversion.places import Place, Spot
from comfydesk.workflow.conversion.widgets import CONTROL

CHOICES = ("fixed", "increment", "decrement", "randomize")


def write_controls(graph: Mapping[str, Any], places: Mapping[str, Place], modes: Mapping[str, str]) -> dict[str, Any]:
    """A copy of `graph` with the controls of these fields set (field key → fixed, increment, decrement, randomize).

    A field without such a widget in the file is passed over: the file has no place for its mode.
    """
    changed = copy.deepcopy(dict(graph))
    for key, mode in modes.items():
        place = places.get(key)
        for spot in (place.spot, place.own) if place is not None and mode in CHOICES else ():
            if spot is not None and _set(changed, spot, mode):
                break
    return changed


def _set(graph: dict[str, Any], spot: Spot, mode: str) -> bool:
    node: Any = graph
    try:
        for step in spot.node:
            node = node[step]
        values = node.get("widgets_values")
    except (LookupError, TypeError, AttributeError):
        return False
    if isinstance(values, dict) and values.get(CONTROL) in CHOICES:
        values[CONTROL] = mode
        return True
    if not isinstance(values, list) or not isinstance(spot.at, int) or not 0 <= spot.at < len(values) - 1:
        return False
    has_control = values[spot.at + 1] in CHOICES and not isinstance(values[spot.at], str)
    if has_control:
        values[spot.at + 1] = mode
    return has_control
