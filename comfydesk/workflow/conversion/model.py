"""What a conversion gives: the prompt, what was odd, and where in the file each value sits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from comfydesk.workflow.conversion.places import Place, Places

SENTENCES: dict[str, str] = {
    "node_missing": "“{node}” ({id}) is of the type “{type}”, which the server does not have. It is kept as it is.",
    "subgraph_missing": "“{node}” ({id}) stands for a part of the workflow that the file does not hold ({type}).",
    "subgraph_recursive": "“{node}” ({id}) contains itself; it is not opened a second time.",
    "link_broken": "“{input}” of “{node}” ({id}) is not connected: {detail}.",
    "link_circular": "“{input}” of “{node}” ({id}) is connected in a circle; that connection is left out.",
    "text_choices": "“{input}” of “{node}” ({id}) lets the editor draw between texts; the first of them is used.",
    "values_odd": "“{node}” ({id}) holds values in a form that cannot be read; its defaults are used.",
    "promotion_failed": "“{input}” of “{node}” ({id}) names a widget inside it that is not there ({detail}).",
    "id_taken": "“{node}” has the id {id} of another node; only one of them can be run.",
    "node_odd": "An entry of the file's list of nodes is not a node and is left out ({detail}).",
    "graph_odd": "A part of the file is not what it should be and is left out ({detail}).",
    "capture_missing": "“{node}” ({id}) takes its “{input}” in the browser; it cannot be run from here as it is.",
}


@dataclass(frozen=True)
class Note:
    """Something about a workflow that a person should know: a code, its facts, and the sentence they make."""

    code: str
    facts: Mapping[str, Any]

    @property
    def sentence(self) -> str:
        facts = {key: str(value)[:120] for key, value in self.facts.items()}
        return SENTENCES[self.code].format_map(_Facts(facts))

    def __str__(self) -> str:
        return self.sentence


class _Facts(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


@dataclass(frozen=True)
class Conversion:
    """A workflow of the editor in API format.

    `prompt`: node id → `{"class_type", "inputs", "_meta"}`, as the editor's own export writes it; a node whose class
    the server lacks has no `class_type`, and `missing` names it. `places`: field key ("57:8.text") → where its value
    sits in the editor's graph; worked out when first asked for. `seed_modes`: field key → fixed, increment, decrement
    or randomize. `named`: what a node is called in `%NAME.widget%` → its id in the prompt. `undrawn`: (node id, input)
    of texts that the page sends as they are because a subgraph's node has them, although the class lets it draw there.
    """

    prompt: dict[str, Any]
    warnings: tuple[Note, ...] = ()
    seed_modes: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    named: Mapping[str, str] = field(default_factory=dict)
    undrawn: frozenset[tuple[str, str]] = frozenset()
    _find_places: Callable[[], Places] = field(default=Places, repr=False, compare=False)

    @cached_property
    def places(self) -> Mapping[str, Place]:
        return self._find_places()
