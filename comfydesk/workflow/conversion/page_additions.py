"""What the editor's page adds to node classes on its own: inputs, widgets and behaviour that `/object_info` lacks.

Behaviour of ComfyUI's frontend 1.49.6. The page knows these classes by name, so a table of names is the fact itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

AUDIO_PLAYERS = frozenset(
    {"LoadAudio", "SaveAudio", "PreviewAudio", "SaveAudioMP3", "SaveAudioOpus", "SaveAudioAdvanced"}
)
TEXT_PREVIEWS = frozenset({"PreviewAny", "SaveText"})
MODEL_VIEWERS = frozenset({"Preview3D", "SaveGLB"})
VIEWPORTS = frozenset(
    {
        "Preview3DAdvanced",
        "Save3DAdvanced",
        "PreviewGaussianSplat",
        "PreviewPointCloud",
        "SaveGaussianSplat",
        "SavePointCloud",
    }
)
CUSTOM_COMBO = "CustomCombo"
MODEL_FILE_SHOWN = "Last Time Model File"  # a property that the page leaves on nodes that show a model
# Their file name may name other nodes' values: %KSampler.seed%
FILE_NAMERS = frozenset(
    {
        "SaveImage",
        "SaveImageAdvanced",
        "SaveSVGNode",
        "SaveVideo",
        "SaveAnimatedWEBP",
        "SaveWEBM",
        "SaveAudio",
        "SaveAudioMP3",
        "SaveAudioOpus",
        "SaveAudioAdvanced",
        "SaveGLB",
        "Save3DAdvanced",
        "SaveGaussianSplat",
        "SavePointCloud",
        "SaveAnimatedPNG",
        "CLIPSave",
        "VAESave",
        "ModelSave",
        "LoraSave",
        "SaveLatent",
    }
)


def inputs_of(class_name: str, required: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs that the page adds to a class's required ones, in the form of `/object_info`."""
    added: dict[str, Any] = {}
    upload = next((name for name, raw in required.items() if _takes_upload(raw)), None)
    if class_name in AUDIO_PLAYERS:
        added["audioUI"] = ["AUDIO_UI", {}]
    if _option(required.get("audio"), "audio_upload") is True:
        added["upload"] = ["AUDIOUPLOAD", {}]
    if upload is not None:
        added["upload"] = ["IMAGEUPLOAD", {}]
    if class_name in MODEL_VIEWERS:
        added["image"] = ["PREVIEW_3D", {}]
    if class_name == "Load3DAdvanced":
        added["viewport_state"] = ["LOAD_3D_ADVANCED", {}]
    return added


def _takes_upload(raw: Any) -> bool:
    if not isinstance(raw, list | tuple) or not raw or not (isinstance(raw[0], list | tuple) or raw[0] == "COMBO"):
        return False
    return any(_option(raw, name) is True for name in ("image_upload", "video_upload", "animated_image_upload"))


def _option(raw: Any, name: str) -> Any:
    if isinstance(raw, list | tuple) and len(raw) > 1 and isinstance(raw[1], Mapping):
        return raw[1].get(name)
    return None
