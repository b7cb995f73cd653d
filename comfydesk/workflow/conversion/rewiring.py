"""Changes to the editor's graph as it is in the file: values, cut links, and inputs that a subgraph gets."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from comfydesk.workflow.conversion.encoding import same
from comfydesk.workflow.conversion.places import SET_ASIDE, Path, Shelf, Spot

_KEPT_BY_NAME = "proxyWidgetErrorQuarantine"
Raw = dict[str, Any]


class Rewiring:
    """Works on a graph that it may change. `shelves`: the entries that nodes show where their own list is too short."""

    def __init__(self, graph: Raw, shelves: Mapping[Path, Shelf]) -> None:
        self._graph = graph
        self._shelves = {path: list(values) for path, values in shelves.items()}

    def reaches(self, spot: Spot) -> bool:
        """Whether the graph has the node; places may be of another version of it."""
        try:
            return isinstance(self._node(spot.node), dict) and isinstance(self._graph_of(spot.node), dict)
        except (LookupError, TypeError):
            return False

    def get(self, spot: Spot) -> Any:
        """What the editor shows in an entry."""
        if spot.at == SET_ASIDE:
            return next((value for _, value in self._shelves.get((*spot.node, SET_ASIDE, spot.name), [])), None)
        values = self._node(spot.node).get("widgets_values")
        if isinstance(spot.at, str):
            return values.get(spot.at) if isinstance(values, dict) else None
        shelf = self._shelves.get(spot.node, [])
        shown = values if isinstance(values, list) and spot.at < len(values) else [value for _, value in shelf]
        return shown[spot.at] if 0 <= spot.at < len(shown) else None

    def put(self, spot: Spot, value: Any) -> None:
        """Set an entry; entries before it are filled in as the editor shows them."""
        if same(self.get(spot), value):
            return
        node, value = self._node(spot.node), copy.deepcopy(value)
        named = node.get("widgets_values_named")
        if isinstance(named, dict) and spot.name in named:
            named[spot.name] = value
        if spot.at == SET_ASIDE:
            self._set_aside(node, spot.name, value)
            return
        values = node.get("widgets_values")
        if isinstance(spot.at, str):
            if isinstance(values, dict):
                values[spot.at] = value
            return
        if not isinstance(values, list):
            values = node["widgets_values"] = []
        shelf = self._shelves.get(spot.node, [])
        if spot.at >= len(values):
            self._set_others_aside(spot.node, node)
            values += copy.deepcopy([value for _, value in shelf[len(values) :]])
            values += [None] * (spot.at + 1 - len(values))
        values[spot.at] = value

    def replace_after(self, spot: Spot, span: int, entries: list[tuple[str, Any]]) -> None:
        """Put other entries in the place of the `span` that follow one."""
        node = self._node(spot.node)
        values = node.get("widgets_values")
        named = node.get("widgets_values_named")
        if isinstance(named, dict):
            named.update(copy.deepcopy(dict(entries)))
        if isinstance(values, dict):
            values.update(copy.deepcopy(dict(entries)))
        if not isinstance(spot.at, int) or isinstance(values, dict):
            return
        values, shelf = _list(node, "widgets_values"), self._shelves.get(spot.node, [])
        values += copy.deepcopy([value for _, value in shelf[len(values) :]])
        values[spot.at + 1 : spot.at + 1 + span] = copy.deepcopy([value for _, value in entries])

    def cut(self, spot: Spot) -> None:
        """Let the widget's input go from what it is linked to."""
        slot = self._input(self._node(spot.node), spot.name)
        link = slot.get("link") if slot else None
        if slot is None or link is None:
            return
        slot["link"] = None
        graph = self._graph_of(spot.node)
        links = graph.get("links")
        if isinstance(links, list):
            links[:] = [item for item in links if _link_id(item) != link]
        for ends in _ends(graph):
            if link in ends:
                ends.remove(link)
        for port in _list(graph, "inputs") if len(spot.node) > 2 else ():
            if isinstance(port, dict) and port.get("linkIds") == []:
                self._forget(graph.get("id"), str(port.get("name")))

    def _forget(self, definition: Any, name: str) -> None:
        """An input of a subgraph that feeds nothing any more has no entry in the lists of its hosts."""
        for path, shelf in list(self._shelves.items()):
            if SET_ASIDE in path or self._node(path).get("type") != definition:
                continue
            host = self._node(path)
            properties = host.get("properties")
            at = next((index for index, (shown, _) in enumerate(shelf) if shown == name), None)
            if at is None or (isinstance(properties, dict) and properties.get("proxyWidgets") is not None):
                continue
            del shelf[at]
            values = host.get("widgets_values")
            if isinstance(values, list) and at < len(values):
                del values[at]
            if len(path) > 2:  # what fed it from further out may feed nothing now
                self.cut(Spot(path, 0, name))

    def lift(self, spot: Spot, kind: str, wanted: list[tuple[tuple[Path, ...], Any]]) -> None:
        """Give a widget inside a subgraph an input of the subgraph, and every use of it the value wanted there."""
        self.cut(spot)
        graph = self._graph_of(spot.node)
        name = self._add_port(graph, spot, kind)
        by_host: dict[Path, list[tuple[tuple[Path, ...], Any]]] = {}
        for hosts, value in wanted:
            by_host.setdefault(hosts[-1], []).append((hosts[:-1], value))
        for path, items in by_host.items():
            host = self._node(path)
            if self._input(host, name) is None:
                _list(host, "inputs").append({"name": name, "type": kind, "widget": {"name": name}, "link": None})
            if not all(above for above, _ in items) or all(same(value, items[0][1]) for _, value in items):
                self._add_value(path, name, [str(self._node(spot.node).get("id")), spot.name], items[0][1])
            else:
                if path in self._shelves:  # it takes a place there, though it is linked
                    self._shelves[path].append((name, copy.deepcopy(items[0][1])))
                self.lift(Spot(path, 0, name), kind, items)

    def _add_value(self, path: Path, name: str, source: list[str], value: Any) -> None:
        """`source`: the inner node and its widget, as an older host's list names what it promotes."""
        host, shelf = self._node(path), self._shelves.get(path)
        properties = host.get("properties")
        older = properties.get("proxyWidgets") if isinstance(properties, dict) else None
        if shelf is None or older is not None:
            listed = [item[:2] for item in older if isinstance(item, list)] if isinstance(older, list) else []
            for index in (i for i, item in enumerate(listed) if item == source):
                self.put(Spot(path, index, name), value)
            self._set_aside(host, name, copy.deepcopy(value))
            return
        values = host.get("widgets_values")
        if isinstance(values, dict):
            values[name] = copy.deepcopy(value)
            return
        self.put(Spot(path, len(shelf), name), value)
        shelf.append((name, value))

    def _add_port(self, graph: Raw, spot: Spot, kind: str) -> str:
        """A further input of the subgraph, linked to the widget's input."""
        ports = _list(graph, "inputs")
        taken = {port.get("name") for port in ports if isinstance(port, dict)}
        name, number = spot.name, 0
        while name in taken:
            number += 1
            name = f"{spot.name}_{number}"
        link, node = self._new_link(graph), self._node(spot.node)
        slot = self._input(node, spot.name)
        inputs = _list(node, "inputs")
        if slot is None:
            slot = {"name": spot.name, "type": kind, "widget": {"name": spot.name}}
            inputs.append(slot)
        slot["link"] = link
        made = uuid.uuid5(uuid.NAMESPACE_URL, f"comfydesk:{graph.get('id')}:{name}")
        ports.append({"id": str(made), "name": name, "type": kind, "linkIds": [link]})
        ends = (-10, len(ports) - 1, node.get("id"), inputs.index(slot))
        links = _list(graph, "links")
        if any(isinstance(item, list) for item in links):
            links.append([link, *ends, kind])
        else:
            names = ("origin_id", "origin_slot", "target_id", "target_slot")
            links.append({"id": link, **dict(zip(names, ends, strict=True)), "type": kind})
        return name

    def _new_link(self, graph: Raw) -> int:
        used = [_link_id(item) for item in _list(graph, "links")]
        highest = max((item for item in used if isinstance(item, int)), default=0)
        state = graph.get("state")
        if isinstance(state, dict) and isinstance(state.get("lastLinkId"), int):
            highest = max(highest, state["lastLinkId"])
            state["lastLinkId"] = highest + 1
        return highest + 1

    def _set_others_aside(self, path: Path, node: Raw) -> None:
        """The entries of an older host's list are read in two ways; a longer list must not change what it lacked."""
        for place, values in self._shelves.items():
            if place[:-2] == path and place[-2] == SET_ASIDE:
                self._set_aside(node, str(place[-1]), copy.deepcopy(values[0][1]), replace=False)

    def _set_aside(self, node: Raw, name: str, value: Any, replace: bool = True) -> None:
        properties = node.get("properties")
        if not isinstance(properties, dict):
            properties = node["properties"] = {}
        kept = properties.get(_KEPT_BY_NAME)
        if not replace and isinstance(kept, list) and any(_is_of(item, name) for item in kept):
            return
        others = [item for item in kept if not _is_of(item, name)] if isinstance(kept, list) else []
        entry = {"originalEntry": ["-1", name], "reason": "missingSubgraphInput", "hostValue": value}
        properties[_KEPT_BY_NAME] = [*others, {**entry, "attemptedAtVersion": 1}]

    def _node(self, path: Path) -> Raw:
        found: Any = self._graph
        for part in path:
            found = found[part]
        if not isinstance(found, dict):
            raise KeyError(path)
        return found

    def _graph_of(self, path: Path) -> Raw:
        return self._node(path[:-2])

    @staticmethod
    def _input(node: Raw, name: str) -> Raw | None:
        for slot in _list(node, "inputs"):
            if isinstance(slot, dict):
                widget = slot.get("widget")
                if (isinstance(widget, dict) and widget.get("name") == name) or slot.get("name") == name:
                    return slot
        return None


def _link_id(item: Any) -> Any:
    if isinstance(item, list):
        return item[0] if item else None
    return item.get("id") if isinstance(item, dict) else None


def _ends(graph: Raw) -> Iterator[list[Any]]:
    """The lists that name links by where they begin."""
    for node in _list(graph, "nodes"):
        for output in _list(node, "outputs") if isinstance(node, dict) else ():
            if isinstance(output, dict) and isinstance(output.get("links"), list):
                yield output["links"]
    for port in _list(graph, "inputs"):
        if isinstance(port, dict) and isinstance(port.get("linkIds"), list):
            yield port["linkIds"]


def _is_of(item: Any, name: str) -> bool:
    return isinstance(item, dict) and item.get("originalEntry") == ["-1", name]


def _list(raw: Raw, name: str) -> list[Any]:
    """The list of that name; an empty one takes the place of anything else."""
    found = raw.get(name)
    if not isinstance(found, list):
        found = raw[name] = []
    return found
