"""A workflow's form follows the values that decide which fields there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from comfydesk.engine.model import OpenWorkflow
from comfydesk.form import build, structure
from comfydesk.workflow import conversion, editor_graph
from comfydesk.workflow.conversion import Place
from comfydesk.workflow.parse import from_prompt


def reshaped(opened: OpenWorkflow, values: Mapping[str, Any]) -> OpenWorkflow:
    """The workflow with the form that these values ask for; the same object where it has that form already.

    Costs 20 ms for the largest templates, nothing where no choice is another.
    """
    if structure.is_met(opened.form, values):
        return opened
    form = build.build(opened.graph, opened.specs, opened.profile, opened.seed_modes, values)
    return replace(opened, form=form)


def redrawn(opened: OpenWorkflow, prompt: Mapping[str, Any]) -> tuple[dict[str, Any], Mapping[str, Place]] | None:
    """The editor's graph of a run with other nodes or inputs than the file's, and where its values are in it.

    The file's own graph has no places for these, so the run is drawn anew as the editor draws a prompt: nothing that
    runs is missing, but notes, frames and subgraphs are. None for a run that the file's own graph can tell.
    """
    if opened.form.graph is None or opened.specs is None:
        return None
    info = opened.specs.object_info
    made = editor_graph.of_graph(from_prompt(prompt, opened.entry.name), info)
    return made, conversion.convert(made, info).places
