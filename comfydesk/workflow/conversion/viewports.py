"""The 3D views of the page: what they send while nobody has moved the camera or loaded a model."""

from __future__ import annotations

import copy
from typing import Any

from comfydesk.workflow.conversion.live import LiveNode, Widget
from comfydesk.workflow.conversion.page_additions import VIEWPORTS

KINDS = frozenset({"load3D", "load3DAdvanced"})
# As the page's camera stands when a view is new.
_CAMERA = {
    "position": {"x": 10, "y": 10, "z": 10.000000000000002},
    "target": {"x": 0, "y": 0, "z": 0},
    "zoom": 1,
    "cameraType": "perspective",
    "quaternion": {
        "x": -0.2798481423331213,
        "y": 0.3647051996310008,
        "z": 0.11591689595929511,
        "w": 0.8804762392171493,
    },
    "fov": 35,
    "aspect": 1,
    "near": 0.01,
    "far": 10000,
    "frustum": {"left": -5, "right": 5, "top": 5, "bottom": -5},
}


def state(node: LiveNode, widget: Widget) -> Any:
    """The value of a view's widget; "" for views that only show, and for pictures that only the page can take."""
    camera = {"camera_info": _camera(node), "model_3d_info": []}
    if node.type == "Load3DAdvanced":
        return camera
    if node.type in VIEWPORTS:
        return {"image": "", "mask": "", "normal": "", **camera, "recording": ""}
    return widget.value


def _camera(node: LiveNode) -> dict[str, Any]:
    """The camera that the file keeps, else the new one at the view's own proportions."""
    saved = node.properties.get("Camera Config")
    kept = saved.get("state") if isinstance(saved, dict) else None
    if isinstance(kept, dict):
        return copy.deepcopy(kept)
    camera: dict[str, Any] = copy.deepcopy(_CAMERA)
    wide, high = (widget.value if widget else None for widget in (node.widget("width"), node.widget("height")))
    if isinstance(wide, int) and isinstance(high, int) and 0 < wide < 1_000_000 and 0 < high < 1_000_000:
        camera["aspect"] = wide / high
    return camera
