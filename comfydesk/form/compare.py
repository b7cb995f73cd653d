"""What is different between a form and something else: a result, a preset, the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from comfydesk.base.errors import Problem
from comfydesk.form.fields import Field, Form, Kind, LocalFile
from comfydesk.form.kinds import unwrap
from comfydesk.form.values import coerce, same
from comfydesk.workflow.graph import Graph


@dataclass(frozen=True, slots=True)
class Difference:
    """One field: `now` in the form, `other` in what it is compared with. `place`: the node, "" for essentials."""

    key: str
    label: str
    place: str
    now: Any
    other: Any


def differences(form: Form, values: Mapping[str, Any], other: Mapping[str, Any]) -> list[Difference]:
    """The fields in which `other` (by field key) has another value: essentials first, then in the form's order.

    Fields that `other` does not name are no difference.
    """
    found: list[Difference] = []
    for item in in_order(form):
        if item.key in other:
            now = values.get(item.key, item.value)
            if not same(now, other[item.key]):
                found.append(Difference(item.key, item.label, place_of(form, item), now, other[item.key]))
    return found


def in_order(form: Form) -> list[Field]:
    """What can be edited: essentials in their order, then the rest."""
    first = [item for key in form.essentials if (item := form.get(key)) is not None]
    rest = [item for item in form.fields if not item.essential]
    return [item for item in (*first, *rest) if item.kind is not Kind.LINK]


def place_of(form: Form, item: Field) -> str:
    """The node that a field belongs to, where its label alone does not say it."""
    return "" if item.essential else form.titles.get(item.node_id, item.node_id)


def defaults(form: Form) -> dict[str, Any]:
    """The file's own values."""
    return {item.key: item.value for item in form.fields if item.kind is not Kind.LINK}


def of_prompt(graph: Graph, form: Form, prompt: Mapping[str, Any]) -> dict[str, Any]:
    """The values that a prompt (API format) was run with, by field key, for nodes that are in it under the same id and
    of the same class. An input that the prompt lacks or takes from another node is not there."""
    found: dict[str, Any] = {}
    for item in form.fields:
        inputs = _inputs(graph, prompt, item.node_id)
        if item.kind in (Kind.LINK, Kind.GROW) or item.input_name not in inputs:
            continue
        raw = inputs[item.input_name]
        if not isinstance(raw, list):  # a bare list is a link; a list as a value comes wrapped
            _take(found, item, unwrap(raw))
    return found


def is_of(graph: Graph, prompt: Mapping[str, Any]) -> bool:
    """Whether a prompt was made of this workflow: most nodes of both are the same."""
    known: int = sum(_class_of(prompt.get(node_id)) == node.class_type for node_id, node in graph.nodes.items())
    return known * 2 > max(len(graph.nodes), len(prompt))


def by_role(form: Form, other: Form) -> dict[str, Any]:
    """What the form of another workflow says for the fields of this one: of each role the first, second, … of both.
    Media and models are left out where the other host's names are no choices here."""
    sources: dict[tuple[str, Kind], list[Field]] = {}
    for item in other.fields:
        if item.role and item.kind is not Kind.LINK:
            sources.setdefault((item.role, item.kind), []).append(item)
    found: dict[str, Any] = {}
    for item in form.fields:
        matching = sources.get((item.role, item.kind)) if item.role and item.kind is not Kind.LINK else None
        if matching:
            value = matching.pop(0).value
            if not item.choices or not item.choices_known or item.upload_kinds or value in item.choices:
                _take(found, item, value)
    return found


def _inputs(graph: Graph, prompt: Mapping[str, Any], node_id: str) -> Mapping[str, Any]:
    node, here = prompt.get(node_id), graph.nodes.get(node_id)
    if here is None or not isinstance(node, Mapping) or node.get("class_type") != here.class_type:
        return {}
    inputs = node.get("inputs")
    return inputs if isinstance(inputs, Mapping) else {}


def _class_of(node: Any) -> Any:
    return node.get("class_type") if isinstance(node, Mapping) else None


def _take(found: dict[str, Any], item: Field, value: Any) -> None:
    try:
        found[item.key] = value if isinstance(value, LocalFile) else coerce(item, value)
    except Problem:
        return  # a value of another kind than the field takes: nothing that could be applied
