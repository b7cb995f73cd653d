"""From the fields of a prompt to the places of their values in the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from comfydesk.workflow.conversion.choices import count_brought, entries_by_choice
from comfydesk.workflow.conversion.hosts import promoted
from comfydesk.workflow.conversion.live import UNSET, Cell, LiveGraph, LiveNode, Slot, own_copy
from comfydesk.workflow.conversion.places import SET_ASIDE, Place, Places, Shelf, Spot
from comfydesk.workflow.conversion.prompting import Field, Prompt

_ROUNDED = ("INT", "FLOAT")
_LIMITS = ("min", "max", "step", "round")


def find_places(prompt: Prompt, root: LiveGraph) -> Places:
    """A field whose value is not in the file, because the page makes it up each time, has no place."""
    finder = _Finder()
    for key, item in prompt.fields.items():
        place = finder.place(item)
        if place is not None:
            finder.places[key] = place
    for node in root.all_nodes():
        if node.subgraph is not None:
            finder.shelve_host(node)
    return finder.places


class _Finder:
    def __init__(self) -> None:
        self.places = Places()
        self._spots: dict[int, Spot | None] = {}

    def place(self, item: Field) -> Place | None:
        widget = item.widget
        own = self._widget_spot(item.flat.node, widget.cell) if widget and not widget.fixed else None
        hosts = tuple(host.node.path for host in item.flat.hosts())
        kind = str(item.slot.type) if item.slot is not None else ""
        if item.promoted is not None:
            slot = item.promoted.slot
            spot = self._host_spot(item.promoted.host.node, slot)
            shown = slot.source.deepest or slot.source if slot.source else None
            return Place(spot, own, hosts, kind, leads=widget is shown) if spot else None
        if widget is None or own is None:
            return None
        drawn = "drawn" if widget.draws else ""
        feeder = widget.cell.feeder
        if feeder is None:
            choices = entries_by_choice(widget)
            span = count_brought(item.flat.node, choices, widget.value)
            return Place(own, None, hosts, kind, drawn, choices=choices, span=span)
        if feeder.spot is None:
            return None
        options = widget.spec.options if widget.spec else {}
        limits = [options] if widget.spec and widget.spec.widget_type in _ROUNDED else []
        limits += [feeder.limits] if feeder.limits is not None else []
        kinds = widget.spec.widget_type if widget.spec else ""
        return Place(feeder.spot, own, hosts, kind, drawn, tuple(_limits(kinds, item) for item in limits))

    def shelve_host(self, node: LiveNode) -> None:
        """What its entries are by order; further ones come behind."""
        if not node.legacy:
            self.places.shelves.setdefault(node.path, _shelf((slot.name, slot.cell) for slot in promoted(node)))
        for slot in promoted(node):
            spot = self._host_spot(node, slot)
            if spot is not None and spot.at == SET_ASIDE:
                self.places.shelves[(*node.path, SET_ASIDE, slot.name)] = _shelf([(slot.name, slot.cell)])

    def _widget_spot(self, node: LiveNode, cell: Cell) -> Spot | None:
        if cell.spot is not None:
            return cell.spot
        if node.file is None:
            return None
        if isinstance(node.file.values, dict):
            name = next(widget.name for widget in node.widgets if widget.cell is cell)
            return Spot(node.path, name, name)
        counted = [widget for widget in node.widgets if widget.in_file]
        index = next((i for i, widget in enumerate(counted) if widget.cell is cell), None)
        if index is None:
            return None
        self.places.shelves.setdefault(node.path, _shelf((widget.name, widget.cell) for widget in counted))
        return Spot(node.path, index, counted[index].name)

    def _host_spot(self, node: LiveNode, slot: Slot) -> Spot | None:
        """Older files count by what they promote, newer ones by the inputs."""
        if node.legacy:
            at = next((i for i, item in reversed(list(enumerate(node.legacy))) if item is slot), None)
            self.places.shelves.setdefault(
                node.path, _shelf((s.name, s.cell) if s else ("", None) for s in node.legacy)
            )
            return Spot(node.path, SET_ASIDE if at is None else at, slot.name)
        if slot.cell is not None and slot.cell.spot is not None and slot.cell.spot.at == SET_ASIDE:
            return slot.cell.spot
        if isinstance(node.file.values if node.file else None, dict):
            return Spot(node.path, slot.name, slot.name)
        at = next((i for i, item in enumerate(promoted(node)) if item is slot), None)
        return None if at is None else Spot(node.path, at, slot.name)


def _shelf(entries: Iterable[tuple[str, Cell | None]]) -> Shelf:
    return [(name, None if cell is None or cell.value is UNSET else own_copy(cell.value)) for name, cell in entries]


def _limits(kind: str, options: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: options[name] for name in _LIMITS if isinstance(options.get(name), int | float)}
    return {"kind": kind, **{name: value for name, value in found.items() if abs(value) < 1e300}}
