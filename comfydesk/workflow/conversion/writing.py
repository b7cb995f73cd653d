"""Putting a prompt's values back into the editor's graph, so that converting it again gives exactly that prompt.

Most values go where they came from. A place that feeds several fields can hold one value only; where the prompt has
several, fields are let go from it: by cutting the link from a primitive node, or, for nodes inside a subgraph that is
used more than once, by a further input of that subgraph for which every use has a value of its own.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from comfydesk.base.errors import Problem
from comfydesk.workflow.conversion.encoding import encoded, same, suits, unwrapped
from comfydesk.workflow.conversion.places import Entry, Place, Places, Spot
from comfydesk.workflow.conversion.reading import too_deep
from comfydesk.workflow.conversion.rewiring import Rewiring


@dataclass(slots=True)
class _Wish:
    """`inputs` are all that the prompt has for the node."""

    place: Place
    value: Any
    inputs: Mapping[str, Any]

    @property
    def unit(self) -> Spot:
        """The widget in the file that the field belongs to; a subgraph's node is one widget for all uses."""
        return self.place.own or self.place.spot


def write(
    graph: Mapping[str, Any], places: Mapping[str, Place], prompt: Mapping[str, Any], *, as_written: bool = False
) -> dict[str, Any]:
    """A copy of `graph` whose widgets hold the values of `prompt`. What has no place, or is a link, is passed over.

    `as_written`: texts are what a person wrote, {a|b} and comments included; without it they are spelled so that the
    page sends them exactly as they are.
    """
    if not isinstance(graph, Mapping):
        raise Problem("workflow_not", file="The workflow", detail="it is not a graph")
    try:
        changed = copy.deepcopy(dict(graph))
    except RecursionError:
        raise too_deep() from None
    rewiring = Rewiring(changed, places.shelves if isinstance(places, Places) else {})
    meant = {key: replace(place, kind="") for key, place in places.items()} if as_written else places
    wishes = [wish for wish in _wishes(meant, prompt) if _reachable(rewiring, wish.place)]
    chosen = [wish for wish in wishes if _chooses_anew(rewiring, wish)]
    lifted = _write_shared(rewiring, wishes)
    for unit in lifted:
        fields = [wish for wish in wishes if wish.unit == unit]
        rewiring.lift(unit, fields[0].place.type, [(wish.place.hosts, wish.value) for wish in fields])
    _write_choices(rewiring, [wish for wish in chosen if wish.unit not in lifted])
    return changed


def _chooses_anew(rewiring: Rewiring, wish: _Wish) -> bool:
    return wish.place.choices is not None and not same(rewiring.get(wish.place.spot), wish.value)


def _write_choices(rewiring: Rewiring, chosen: list[_Wish]) -> None:
    """Another choice brings other entries; from the last to the first, so that those before keep their numbers."""
    by_spot = {wish.place.spot: wish for wish in chosen}
    for spot, wish in sorted(by_spot.items(), key=lambda item: str(item[0].at).zfill(6), reverse=True):
        if not any(_is_inside(spot, other) for other in by_spot):
            entries = _chosen_entries(wish.place.choices, wish.value, wish)
            rewiring.replace_after(spot, wish.place.span, entries)
            kept = {name for name, _ in entries}
            for name in _all_names(wish.place.choices) - kept:
                rewiring.cut(Spot(spot.node, 0, name))


def _is_inside(spot: Spot, other: Spot) -> bool:
    return spot.node == other.node and spot.name.startswith(other.name + ".")


def _all_names(choices: Mapping[str, list[Entry]] | None) -> set[str]:
    """The widgets that any choice brings."""
    names: set[str] = set()
    for entries in (choices or {}).values():
        for entry in entries:
            names |= {entry.name, *_all_names(entry.choices)}
    return names


def _chosen_entries(choices: Mapping[str, list[Entry]] | None, key: Any, wish: _Wish) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for entry in (choices or {}).get(key, []) if isinstance(key, str) else ():
        given = wish.inputs.get(entry.name)
        value = entry.value if given is None or isinstance(given, list) else unwrapped(given)
        found.append((entry.name, value))
        found += _chosen_entries(entry.choices, value, wish)
    return found


def _reachable(rewiring: Rewiring, place: Place) -> bool:
    around = (Spot(path, 0) for path in place.hosts)
    return all(rewiring.reaches(spot) for spot in (place.spot, *((place.own,) if place.own else ()), *around))


def _wishes(places: Mapping[str, Place], prompt: Mapping[str, Any]) -> list[_Wish]:
    found = []
    for key, place in places.items():
        node_id, _, name = _split(key, prompt)
        node = prompt.get(node_id)
        inputs = node.get("inputs") if isinstance(node, Mapping) else None
        if isinstance(inputs, Mapping) and name in inputs and not isinstance(inputs[name], list):
            found.append(_Wish(place, unwrapped(inputs[name]), inputs))
    return found


def _split(key: str, prompt: Mapping[str, Any]) -> tuple[str, str, str]:
    """At the first dot behind a node's id; ids may hold dots themselves."""
    at = key.find(".")
    while at >= 0 and key[:at] not in prompt:
        at = key.find(".", at + 1)
    return key[:at], ".", key[at + 1 :]


def _write_shared(rewiring: Rewiring, wishes: list[_Wish]) -> dict[Spot, None]:
    """Write what each place can hold; gives the widgets that need a value for every use of their subgraph."""
    lifted: dict[Spot, None] = {}
    by_spot: dict[Spot, list[_Wish]] = {}
    for wish in wishes:
        by_spot.setdefault(wish.place.spot, []).append(wish)
    by_unit: dict[Spot, list[_Wish]] = {}
    for wish in wishes:
        by_unit.setdefault(wish.unit, []).append(wish)
    for spot, group in by_spot.items():
        group.sort(key=lambda wish: not wish.place.leads)
        kept = next((wish for wish in group if suits(wish.place, wish.value)), None)
        for wish in group:
            if kept is not None and same(wish.value, kept.value) and suits(wish.place, wish.value):
                continue
            fields = by_unit[wish.unit]
            if (wish.place.hosts and not (wish.place.spot != wish.unit and _agree(fields))) or _is_promoted(wish):
                lifted[wish.unit] = None
            elif wish.place.own is not None:
                rewiring.cut(wish.place.own)
                rewiring.put(wish.place.own, encoded(wish.place, wish.value, rewiring.get(wish.place.own)))
        if kept is not None:
            rewiring.put(spot, encoded(kept.place, kept.value, rewiring.get(spot)))
    return lifted


def _agree(wishes: list[_Wish]) -> bool:
    return all(same(wish.value, wishes[0].value) for wish in wishes)


def _is_promoted(wish: _Wish) -> bool:
    """Its value is that of a host around it."""
    return wish.place.own is not None and wish.place.spot.node in wish.place.hosts
