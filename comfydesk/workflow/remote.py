"""Combos whose choices a host lists at a route of its own: which routes there are, and specs with what came of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ROUTE = re.compile(r"/[A-Za-z0-9_.~-]+(/[A-Za-z0-9_.~-]+){0,9}")
MAX_ROUTES = 20  # of one workflow


@dataclass(frozen=True, slots=True)
class Listing:
    """A path on the host, and the entry of its answer that holds the list, "" where the answer is the list."""

    route: str
    key: str = ""


def listing_of(options: Mapping[str, Any]) -> Listing | None:
    """Where an input's choices are listed; None for an input without, and for what is no path of the host itself."""
    remote = options.get("remote")
    route = remote.get("route") if isinstance(remote, Mapping) else None
    if not isinstance(route, str) or not ROUTE.fullmatch(route) or "/." in route:
        return None
    key = remote.get("response_key") if isinstance(remote, Mapping) else None
    return Listing(route, key if isinstance(key, str) else "")


def listings(info: Mapping[str, Any]) -> list[Listing]:
    """All that the inputs of these classes ask for."""
    found = dict.fromkeys(listing for _, listing in _remote_inputs(info))
    return list(found)[:MAX_ROUTES]


def with_choices(info: Mapping[str, Any], found: Mapping[Listing, Sequence[str]]) -> dict[str, Any]:
    """`info` with the choices that were found; nothing of the one given is changed."""
    made = dict(info)
    for (class_type, section, name), listing in _remote_inputs(info):
        if listing in found:
            node = made[class_type]
            inputs = node["input"]
            kind, options = inputs[section][name][:2]
            item = [kind, {**options, "options": list(found[listing])}]
            made[class_type] = {**node, "input": {**inputs, section: {**inputs[section], name: item}}}
    return made


def _remote_inputs(info: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str, str], Listing]]:
    for class_type, node in info.items():
        inputs = node.get("input") if isinstance(node, Mapping) else None
        for section, items in inputs.items() if isinstance(inputs, Mapping) else ():
            for name, item in items.items() if isinstance(items, Mapping) else ():
                if isinstance(item, list) and len(item) > 1 and item[0] == "COMBO" and isinstance(item[1], Mapping):
                    listing = listing_of(item[1])
                    if listing is not None:
                        yield (class_type, section, name), listing
