"""Runs with other nodes or fields than their file: the form follows, and their files get a graph that tells them."""

from __future__ import annotations

from typing import Any

import pytest

from comfydesk.base.errors import Problem
from comfydesk.engine.headless import HeadlessRun, Order
from comfydesk.engine.model import OpenWorkflow
from comfydesk.engine.reshaping import redrawn, reshaped
from comfydesk.form.build import build
from comfydesk.form.values import freeze
from comfydesk.library.model import WorkflowEntry
from comfydesk.workflow import conversion, editor_graph, opening
from comfydesk.workflow.source import Source
from comfydesk.workflow.specs import Specs
from tests.form.graphs import graph_of
from tests.form.test_loras import INFO, LOADER, chained
from tests.form.test_structure import INFO as CHOICES

HOST: dict[str, Any] = {**INFO, "LoraLoader": LOADER, **CHOICES}


def opened() -> OpenWorkflow:
    """A chain of LoRAs in the editor's format."""
    gui = editor_graph.of_graph(chained(), HOST)
    source = Source("chain.json", "json", gui=gui)
    made = opening.graph_of(source, HOST)
    specs = Specs.from_object_info(HOST)
    form = build(made.graph, specs)
    entry = WorkflowEntry("chain", "chain", "chain.json", 5, False, 0.0)
    return OpenWorkflow(entry, "box", made.graph, form, specs, "host", None, (), "box", source, made)


def test_a_form_that_has_what_is_asked_for_is_not_made_again() -> None:
    workflow = opened()
    assert reshaped(workflow, {"3.seed": 7, "10.loras": [["10", True], ["11", True]]}) is workflow


def test_a_run_that_the_files_graph_can_tell_is_not_drawn_anew() -> None:
    workflow = opened()
    assert redrawn(workflow, freeze(workflow.graph, workflow.form, {})) is None


def test_a_run_with_another_loader_is_drawn_so_that_it_opens_as_it_ran() -> None:
    values = {"10.loras": [["10", False], ["11", True], ["12", True]], "12.strength_model": 0.25}
    workflow = reshaped(opened(), values)
    prompt = freeze(workflow.graph, workflow.form, values)
    found = redrawn(workflow, prompt)
    assert found is not None
    graph, places = found
    again = conversion.to_api(graph, HOST)
    assert {key: node["inputs"] for key, node in again.items()} == {key: node["inputs"] for key, node in prompt.items()}
    assert "12.strength_model" in places  # further runs of the press write their own values there
    prompt["3"]["inputs"]["seed"] = 99
    assert conversion.to_api(conversion.write_back(graph, places, prompt), HOST)["3"]["inputs"]["seed"] == 99


def test_going_back_to_the_files_choice_gives_the_files_form() -> None:
    workflow = opened()
    other = reshaped(workflow, {"10.loras": [["11", True]]})
    assert other.form.graph is not None
    back = reshaped(other, {"10.loras": [["10", True], ["11", True]]})
    assert back.form == workflow.form and back.form.graph is None


def test_a_command_may_choose_and_then_set_what_the_choice_brings() -> None:
    graph = graph_of(n1=("Resize", {"how": "box", "how.width": 640, "how.height": 480, "method": "area"}))
    specs = Specs.from_object_info(CHOICES)
    entry = WorkflowEntry("resize", "resize", "resize.json", 1, False, 0.0)
    workflow = OpenWorkflow(entry, "box", graph, build(graph, specs), specs, "host", None, ())
    order = Order("resize", assignments=["1.how=factor", "1.how.by=4"])
    shaped, values = HeadlessRun(None, order)._values(workflow)  # type: ignore[arg-type]
    assert freeze(graph, shaped.form, values)["1"]["inputs"] == {"how": "factor", "how.by": 4.0, "method": "area"}
    with pytest.raises(Problem) as told:
        HeadlessRun(None, Order("resize", assignments=["1.how.by=4"]))._values(workflow)  # type: ignore[arg-type]
    assert told.value.code == "key_unknown"
