"""Hand-made graphs of the editor, and a small `/object_info` for them."""

from __future__ import annotations

from typing import Any

from comfydesk.workflow.conversion import to_api

COMBO = ["COMBO", {"options": ["area", "bicubic"]}]


def node_class(required: dict[str, Any], outputs: list[str] | None = None, **more: Any) -> dict[str, Any]:
    kinds = outputs or []
    return {"input": {"required": required, **more.pop("input", {})}, "output": kinds, "output_name": kinds, **more}


OBJECT_INFO: dict[str, Any] = {
    "Picture": node_class(
        {"width": ["INT", {"min": 16, "max": 4096, "step": 8}], "height": ["INT", {"default": 512}]}, ["IMAGE"]
    ),
    "Invert": node_class({"image": ["IMAGE", {}]}, ["IMAGE"], display_name="Invert Colours"),
    "Scale": node_class({"image": ["IMAGE", {}], "method": COMBO, "factor": ["FLOAT", {"step": 0.1}]}, ["IMAGE"]),
    "Sample": node_class({"image": ["IMAGE", {}], "seed": ["INT", {}], "steps": ["INT", {"default": 20}]}, ["IMAGE"]),
    "Text": node_class({"text": ["STRING", {"multiline": True, "dynamicPrompts": True}]}, ["STRING"]),
    "Plain": node_class({"text": ["STRING", {"multiline": True}]}, ["STRING"]),
    "Load": node_class({"image": [["a.png", "b.png"], {"image_upload": True}], "channel": COMBO}, ["IMAGE"]),
    "SaveImage": node_class({"images": ["IMAGE", {}], "filename_prefix": ["STRING", {"default": "out"}]}, []),
    "Forced": node_class({"count": ["INT", {"forceInput": True}], "text": ["STRING", {}]}, ["STRING"]),
    "Number": node_class({"value": ["INT", {}]}, ["INT"]),
    "Colours": node_class({"colours": ["COLORS", {"default": ["#fff", "#000"]}], "curve": ["CURVE", {}]}, []),
    "Choice": node_class(
        {
            "model": [
                "COMFY_DYNAMICCOMBO_V3",
                {
                    "options": [
                        {"key": "fast", "inputs": {"required": {"steps": ["INT", {"default": 4}]}}},
                        {
                            "key": "good",
                            "inputs": {
                                "required": {"steps": ["INT", {"default": 30}], "guide": ["IMAGE", {}]},
                                "optional": {"strength": ["FLOAT", {"default": 0.5}]},
                            },
                        },
                    ]
                },
            ],
            "text": ["STRING", {}],
        },
        ["IMAGE"],
    ),
    "Batch": node_class(
        {
            "images": [
                "COMFY_AUTOGROW_V3",
                {"template": {"input": {"required": {"image": ["IMAGE", {}]}}, "prefix": "image", "min": 1, "max": 4}},
            ]
        },
        ["IMAGE"],
    ),
    "Switch": node_class(
        {
            "on": ["BOOLEAN", {}],
            "yes": ["COMFY_MATCHTYPE_V3", {"template": {"template_id": "t", "allowed_types": "*"}}],
            "no": ["COMFY_MATCHTYPE_V3", {"template": {"template_id": "t", "allowed_types": "*"}}],
        },
        ["COMFY_MATCHTYPE_V3"],
    ),
    "SaveGLB": node_class({"mesh": ["MESH", {}], "filename_prefix": ["STRING", {"default": "3d/out"}]}, []),
    "PreviewAny": node_class({"source": ["*", {}]}, []),
    "ImageCompare": node_class({"compare_view": ["IMAGECOMPARE", {"socketless": True}]}, []),
    "CustomCombo": node_class({"choice": ["COMBO", {"options": []}]}, ["STRING", "INT"]),
}


def node(node_id: Any, kind: str, *values: Any, **more: Any) -> dict[str, Any]:
    """`inputs`: {name: link id or None}; `links`: the link ids of each output; other facts as the file has them."""
    inputs = [{"name": name, "type": "*", "link": link} for name, link in more.pop("inputs", {}).items()]
    outputs = [{"name": f"out{i}", "type": "*", "links": ids} for i, ids in enumerate(more.pop("links", []))]
    made = {"id": node_id, "type": kind, "inputs": inputs, "outputs": outputs, "mode": 0, "properties": {}}
    return {**made, "widgets_values": list(values), **more}


def widget_input(name: str, link: Any = None, kind: str = "*") -> dict[str, Any]:
    return {"name": name, "type": kind, "widget": {"name": name}, "link": link}


def graph(nodes: list[dict[str, Any]], links: list[Any] = (), **more: Any) -> dict[str, Any]:  # type: ignore[assignment]
    """`links`: [id, from node, slot, to node, slot]."""
    last = max((n["id"] for n in nodes if isinstance(n.get("id"), int)), default=0)
    full = [[*link, "*"] if len(link) == 5 else link for link in links]
    return {"version": 0.4, "last_node_id": last, "nodes": nodes, "links": full, **more}


def subgraph(
    name: str,
    nodes: list[dict[str, Any]],
    links: list[list[Any]],
    inputs: dict[str, list[int]] | None = None,
    outputs: dict[str, list[int]] | None = None,
) -> dict[str, Any]:
    """A definition; links begin at -10 (its inputs) and end at -20 (its outputs)."""
    keys = ("id", "origin_id", "origin_slot", "target_id", "target_slot")
    return {
        "id": name,
        "name": name.title(),
        "version": 1,
        "nodes": nodes,
        "links": [{**dict(zip(keys, link, strict=True)), "type": "*"} for link in links],
        "inputs": _ports(inputs, "i"),
        "outputs": _ports(outputs, "o"),
    }


def _ports(ports: dict[str, list[int]] | None, side: str) -> list[dict[str, Any]]:
    named = (ports or {}).items()
    return [{"id": f"{side}{name}", "name": name, "type": "*", "linkIds": ids} for name, ids in named]


def with_subgraphs(root: dict[str, Any], *definitions: dict[str, Any]) -> dict[str, Any]:
    return {**root, "definitions": {"subgraphs": list(definitions)}}


def inputs_of(made: dict[str, Any], node_id: str = "1", info: dict[str, Any] | None = None) -> dict[str, Any]:
    """What one node gets in the prompt."""
    inputs: dict[str, Any] = to_api(made, info or OBJECT_INFO)[node_id]["inputs"]
    return inputs
