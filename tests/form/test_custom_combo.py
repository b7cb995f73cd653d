"""Choices that the author of a workflow wrote into a node."""

from __future__ import annotations

from comfydesk.form.build import build
from comfydesk.form.fields import Kind
from comfydesk.form.values import freeze
from comfydesk.workflow.specs import Specs
from tests.form.graphs import graph_of


def test_choices_that_an_author_wrote_into_a_node_can_be_chosen() -> None:
    spec = {"input": {"required": {"choice": [[], {}]}}, "output": ["STRING", "INT"]}
    specs = Specs.from_object_info({"CustomCombo": spec})
    inputs = {"choice": "day", "index": 0, "option1": "day", "option2": "night", "option3": ""}
    graph = graph_of(n1=("CustomCombo", inputs))
    form = build(graph, specs)
    field = form.by_key["1.choice"]
    assert field.kind is Kind.COMBO and field.choices == ("day", "night") and not field.choices_known
    assert freeze(graph, form, {})["1"]["inputs"] == inputs
    assert freeze(graph, form, {"1.choice": "night"})["1"]["inputs"] == {**inputs, "choice": "night", "index": 1}
    assert freeze(graph, form, {"1.choice": "dusk"})["1"]["inputs"] == {**inputs, "choice": "dusk"}
