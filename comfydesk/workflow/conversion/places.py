"""Where the values of the prompt sit in the editor's graph, and the same as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]
Shelf = list[tuple[str, Any]]
MAX_NESTING = 10  # of choices
SET_ASIDE = "properties"  # a host's value that is kept by the input's name, beside its `widgets_values`


@dataclass(frozen=True, slots=True)
class Spot:
    """One entry of a node's `widgets_values`.

    `node` leads to the node in the file: ("nodes", 3) or ("definitions", "subgraphs", 0, "nodes", 5). `at` is the
    entry's index, its name where the values are a dict, or SET_ASIDE. `name` is the widget's name.
    """

    node: Path
    at: int | str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one widget puts into a list of values: its name, the value of a new one, and what its choices bring."""

    name: str
    value: Any
    choices: Mapping[str, list[Entry]] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where one field's value sits: at `spot`, which may feed other fields too.

    `own` is the entry of the node's own widget where `spot` is that of a host or of a primitive node. `hosts` leads to
    the subgraph nodes around the node, outermost first. `type` is the type of the widget's socket, "" for none.
    `kind`: "drawn" for a text in which the editor resolves {a|b} and comments, else "". `limits` are the options of
    the numbers by which the editor rounds what a primitive node gives. `leads` marks the field that a host's entry is
    named after; it is the last to be let go. A dynamic combo has `choices`, the entries that each brings, of which
    `span` follow its own entry now.
    """

    spot: Spot
    own: Spot | None = None
    hosts: tuple[Path, ...] = ()
    type: str = ""
    kind: str = ""
    limits: tuple[Mapping[str, Any], ...] = ()
    leads: bool = False
    choices: Mapping[str, list[Entry]] | None = None
    span: int = 0


class Places(dict[str, Place]):
    """Field key → place. `shelves`: what the editor shows in all entries of a node, as (name, value), where the node's
    list in the file is too short to write to, or may get or lose entries."""

    def __init__(self, places: Mapping[str, Place] | Iterable[tuple[str, Place]] = ()) -> None:
        super().__init__(places)
        self.shelves: dict[Path, Shelf] = {}


def places_to_json(places: Mapping[str, Place]) -> dict[str, Any]:
    """Plain JSON of places; `places_from_json` reads it back."""
    shelves = places.shelves if isinstance(places, Places) else {}
    return {
        "fields": {key: _place_to_json(place) for key, place in places.items()},
        "shelves": [[list(path), [list(entry) for entry in shelf]] for path, shelf in shelves.items()],
    }


def places_from_json(value: Any) -> Places:
    """What `places_to_json` gave; entries that are not places are left out."""
    fields = value.get("fields") if isinstance(value, Mapping) else None
    shelves = value.get("shelves") if isinstance(value, Mapping) else None
    places = Places()
    for key, raw in fields.items() if isinstance(fields, Mapping) else ():
        place = _place(raw)
        if place is not None:
            places[str(key)] = place
    for raw in shelves if isinstance(shelves, list) else ():
        if isinstance(raw, list) and len(raw) == 2 and isinstance(raw[1], list) and _path(raw[0]):
            entries = [item for item in raw[1] if isinstance(item, list) and len(item) == 2]
            places.shelves[_path(raw[0])] = [(str(name), value) for name, value in entries]
    return places


def _place_to_json(place: Place) -> dict[str, Any]:
    raw: dict[str, Any] = {"spot": _spot_to_json(place.spot)}
    if place.own is not None:
        raw["own"] = _spot_to_json(place.own)
    if place.hosts:
        raw["hosts"] = [list(path) for path in place.hosts]
    if place.limits:
        raw["limits"] = [dict(item) for item in place.limits]
    if place.leads:
        raw["leads"] = True
    if place.choices is not None:
        raw.update(choices=_choices_to_json(place.choices), span=place.span)
    raw.update({name: text for name, text in (("type", place.type), ("kind", place.kind)) if text})
    return raw


def _place(raw: Any) -> Place | None:
    spot = _spot(raw.get("spot")) if isinstance(raw, Mapping) else None
    if spot is None:
        return None
    hosts, limits = raw.get("hosts"), raw.get("limits")
    return Place(
        spot,
        _spot(raw.get("own")),
        tuple(filter(None, map(_path, hosts))) if isinstance(hosts, list) else (),
        str(raw.get("type", "")),
        str(raw.get("kind", "")),
        tuple(item for item in limits if isinstance(item, Mapping)) if isinstance(limits, list) else (),
        raw.get("leads") is True,
        _choices(raw.get("choices"), 0),
        raw["span"] if type(raw.get("span")) is int and raw["span"] >= 0 else 0,
    )


def _choices_to_json(choices: Mapping[str, list[Entry]]) -> dict[str, Any]:
    return {key: [_entry_to_json(entry) for entry in entries] for key, entries in choices.items()}


def _entry_to_json(entry: Entry) -> list[Any]:
    return [entry.name, entry.value, None if entry.choices is None else _choices_to_json(entry.choices)]


def _choices(raw: Any, depth: int) -> dict[str, list[Entry]] | None:
    if not isinstance(raw, Mapping) or depth > MAX_NESTING:
        return None
    return {str(key): _entries(items, depth) for key, items in raw.items()}


def _entries(raw: Any, depth: int) -> list[Entry]:
    good = (item for item in (raw if isinstance(raw, list) else ()) if isinstance(item, list) and len(item) == 3)
    return [Entry(str(item[0]), item[1], _choices(item[2], depth + 1)) for item in good]


def _spot_to_json(spot: Spot) -> list[Any]:
    return [list(spot.node), spot.at, spot.name]


def _spot(raw: Any) -> Spot | None:
    if not isinstance(raw, list) or len(raw) != 3 or not _path(raw[0]):
        return None
    return Spot(_path(raw[0]), raw[1], str(raw[2])) if isinstance(raw[1], int | str) else None


def _path(raw: Any) -> Path:
    good = isinstance(raw, list) and all(isinstance(part, int | str) for part in raw)
    return tuple(raw) if good else ()
