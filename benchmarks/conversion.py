"""How long the editor's workflows take to become prompts: as many as there are public templates, in one process."""

from __future__ import annotations

import importlib.util
import json
import os
import statistics
import time
from pathlib import Path
from typing import Any

from benchmarks.goal import Figure
from comfydesk.workflow.conversion import is_gui, to_api

COUNT = 502  # as many as the public templates
CLASSES = 887  # as many as a ComfyUI server lists
INPUTS = 10
NODES = 16  # of a made workflow, as public templates have on average; half of them inside a subgraph


def measure(rounds: int = 3) -> list[Figure]:
    """Seconds for all of them, the fastest of the rounds; the time to read their JSON is not in it."""
    what, graphs, object_info = _templates() or ("made", _made_graphs(), _made_object_info())
    seen = []
    for _ in range(rounds):
        start = time.perf_counter()
        for graph in graphs:
            to_api(graph, object_info)
        seen.append(time.perf_counter() - start)
    figure = Figure(
        name="conversion",
        what=f"{len(graphs)} workflows of ComfyUI's editor converted",
        seen=min(seen),
        most=3.0,
        unit="s",
        details={
            "workflows": what,
            "median round": f"{statistics.median(seen):.2f} s",
            "each": f"{min(seen) / len(graphs) * 1000:.1f} ms",
        },
    )
    return [figure]


def _templates() -> tuple[str, list[Any], Any] | None:
    """The public templates and a real server's node classes, where both are at hand."""
    spec = importlib.util.find_spec("comfyui_workflow_templates_json")
    installed = Path(spec.origin).parent / "templates" if spec and spec.origin else None
    given = os.environ.get("COMFYDESK_TEMPLATES")
    folder = Path(given) if given else installed
    classes = Path(__file__).resolve().parents[2] / "shared" / "comfyui" / "0.33.0" / "object_info.json"
    if folder is None or not classes.is_file():
        return None
    graphs = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.json"))]
    kept = [graph for graph in graphs if is_gui(graph)]
    return ("public templates", kept, json.loads(classes.read_text(encoding="utf-8"))) if kept else None


def _made_object_info() -> dict[str, Any]:
    widgets = {f"value{i}": ["INT", {"default": i}] for i in range(INPUTS)}
    made = {"input": {"required": {"image": ["IMAGE", {}], **widgets}}, "output": ["IMAGE"], "output_name": ["IMAGE"]}
    return {f"Class{i}": made for i in range(CLASSES)}


def _made_graphs() -> list[dict[str, Any]]:
    return [_made_graph(number) for number in range(COUNT)]


def _made_graph(number: int) -> dict[str, Any]:
    """A chain of nodes, the second half of which is a subgraph."""
    half = NODES // 2
    outer = [_node(i, f"Class{(number + i) % CLASSES}", i - 1 or None, i) for i in range(1, half + 1)]
    links = [[i, i, 0, i + 1, 0, "IMAGE"] for i in range(1, half + 1)]
    host = _node(half + 1, "sub", half, None)
    inner = [_node(100 + i, f"Class{(number + 3 * i) % CLASSES}", i, i + 1) for i in range(1, half + 1)]
    names = ("id", "origin_id", "origin_slot", "target_id", "target_slot")
    ends = [(1, -10, 0, 101, 0), *((i, 99 + i, 0, 100 + i, 0) for i in range(2, half + 1))]
    definition = {
        "id": "sub",
        "name": "Half",
        "nodes": inner,
        "links": [{**dict(zip(names, end, strict=True)), "type": "IMAGE"} for end in ends],
        "inputs": [{"id": "in", "name": "image", "type": "IMAGE", "linkIds": [1]}],
        "outputs": [],
    }
    return {
        "version": 0.4,
        "nodes": [*outer, host],
        "links": links,
        "definitions": {"subgraphs": [definition]},
    }


def _node(node_id: int, kind: str, link: int | None, out: int | None) -> dict[str, Any]:
    return {
        "id": node_id,
        "type": kind,
        "mode": 0,
        "inputs": [{"name": "image", "type": "IMAGE", "link": link}],
        "outputs": [{"name": "IMAGE", "type": "IMAGE", "links": [] if out is None else [out]}],
        "properties": {},
        "widgets_values": list(range(INPUTS)),
    }
