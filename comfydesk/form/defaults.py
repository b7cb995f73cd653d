"""The values of a form as the new defaults of its workflow: the content of the workflow's own file, in its format."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from comfydesk.base.errors import Problem
from comfydesk.form.fields import Form, LocalFile, SeedMode
from comfydesk.form.values import freeze
from comfydesk.workflow import conversion
from comfydesk.workflow.graph import Graph
from comfydesk.workflow.opening import Opened
from comfydesk.workflow.source import Source

_CONTROLS = {
    SeedMode.FIXED: "fixed",
    SeedMode.RANDOM: "randomize",
    SeedMode.INCREMENT: "increment",
    SeedMode.DECREMENT: "decrement",
}


def content(
    source: Source, made: Opened, form: Form, values: Mapping[str, Any], modes: Mapping[str, SeedMode]
) -> bytes:
    """The file with these values in it, indented if it was. What has no place in it stays as it is: files of this
    computer, fields that a choice brings in the editor's format, seed modes in the API format.

    Raises Problem value_type for a value that is none, workflow_gui where no host has told what the nodes take.
    """
    if made.needs_host:
        raise Problem("workflow_gui", file=source.name)
    kept = {key: value for key, value in values.items() if not isinstance(value, LocalFile)}
    prompt = _whole(made.graph, freeze(made.graph, form, kept))
    document: Any = prompt
    if source.gui is not None and made.conversion is not None:
        document = conversion.write_back(source.gui, made.conversion.places, prompt, as_written=True)
        wanted = {key: _CONTROLS[mode] for key, mode in modes.items()}
        document = conversion.write_controls(document, made.conversion.places, wanted)
        if source.prompt is not None:  # a file that has both keeps both
            document = {"prompt": prompt, "workflow": document}
    is_indented = source.data is None or b"\n" in source.data.strip()[:200]
    text = json.dumps(document, ensure_ascii=False, indent=2 if is_indented else None)
    return text.encode("utf-8", "replace")


def _whole(graph: Graph, frozen: Mapping[str, Any]) -> dict[str, Any]:
    """A frozen prompt with the nodes and links that a branch switched off took out of it: the file keeps them."""
    whole = {}
    for node_id, node in graph.to_prompt().items():
        now = frozen.get(node_id)
        links = {name: node["inputs"][name] for name, _ in graph.nodes[node_id].links()}
        whole[node_id] = {**node, **now, "inputs": {**links, **now["inputs"]}} if now is not None else node
    return whole
