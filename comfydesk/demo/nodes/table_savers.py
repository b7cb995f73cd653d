"""The node types of the demo server: all that saves or shows a result."""

from __future__ import annotations

from comfydesk.demo.nodes import savers
from comfydesk.demo.nodes.spec import BOOLEAN, CHOICE, FLOAT, INT, LINK, STRING, Input, NodeType


def _codec(*names: str) -> dict[str, object]:
    return {"options": [{"key": name, "inputs": {"required": {}}} for name in names]}


SAVERS = (
    NodeType(
        "SaveImage",
        "Save Image",
        "image",
        {
            "images": LINK("IMAGE", "What to save."),
            "filename_prefix": STRING("ComfyUI", tooltip="How the file names begin; a slash makes a sub-folder."),
        },
        ("IMAGE",),
        savers.save_image,
        output_names=("images",),
        is_output=True,
        passes_input=True,
        description="Saves the pictures in the server's output folder.",
    ),
    NodeType(
        "PreviewImage",
        "Preview Image",
        "image",
        {"images": LINK("IMAGE")},
        ("IMAGE",),
        savers.preview_image,
        output_names=("images",),
        is_output=True,
        passes_input=True,
        description="Shows the pictures; nothing is kept.",
    ),
    NodeType(
        "SaveAnimatedWEBP",
        "Save Animated WEBP",
        "image",
        {
            "images": LINK("IMAGE"),
            "filename_prefix": STRING("ComfyUI", multiline=False),
            "fps": FLOAT(6.0, 0.01, 1000.0, 0.01),
            "lossless": BOOLEAN(True),
            "quality": INT(80, 0, 100),
            "method": CHOICE("default", "fastest", "slowest"),
        },
        ("IMAGE",),
        savers.save_animated_webp,
        output_names=("images",),
        is_output=True,
        passes_input=True,
        style="v3-new",
        module="comfy_extras.nodes_images",
        old_category="image/animation",
    ),
    NodeType(
        "SaveAnimatedPNG",
        "Save Animated PNG",
        "image",
        {
            "images": LINK("IMAGE"),
            "filename_prefix": STRING("ComfyUI", multiline=False),
            "fps": FLOAT(6.0, 0.01, 1000.0, 0.01),
            "compress_level": INT(4, 0, 9, advanced=True),
        },
        ("IMAGE",),
        savers.save_animated_png,
        output_names=("images",),
        is_output=True,
        passes_input=True,
        style="v3-new",
        module="comfy_extras.nodes_images",
        old_category="image/animation",
    ),
    NodeType(
        "SaveVideo",
        "Save Video",
        "video",
        {
            "video": LINK("VIDEO", "What to save."),
            "filename_prefix": STRING("video/ComfyUI", multiline=False),
            "format": Input(
                "COMFY_DYNAMICCOMBO_V3", facts=_codec("auto", "mp4"), before=CHOICE("auto", "mp4", default="auto")
            ),
            "codec": Input("COMBO", choices=("auto", "h264"), facts={"default": "auto"}, older=True),
        },
        ("VIDEO",),
        savers.save_video,
        optional={
            "codec": Input("COMFY_DYNAMICCOMBO_V3", facts={"hidden": True, **_codec("auto", "h264")}, modern=True)
        },
        output_names=("video",),
        is_output=True,
        passes_input=True,
        style="v3",
        module="comfy_extras.nodes_video",
        old_category="image/video",
    ),
    NodeType(
        "SaveAudio",
        "Save Audio (FLAC)",
        "audio",
        {"audio": LINK("AUDIO"), "filename_prefix": STRING("audio/ComfyUI", multiline=False)},
        ("AUDIO",),
        savers.save_audio,
        output_names=("audio",),
        is_output=True,
        passes_input=True,
        deprecated=True,
        style="v3-new",
        module="comfy_extras.nodes_audio",
    ),
    NodeType(
        "PreviewAudio",
        "Preview Audio",
        "audio",
        {"audio": LINK("AUDIO")},
        ("AUDIO",),
        savers.preview_audio,
        output_names=("audio",),
        is_output=True,
        passes_input=True,
        style="v3-new",
        module="comfy_extras.nodes_audio",
    ),
    NodeType(
        "SaveLatent",
        "Save Latent",
        "model/latent",
        {"samples": LINK("LATENT"), "filename_prefix": STRING("latents/ComfyUI")},
        ("LATENT",),
        savers.save_latent,
        output_names=("samples",),
        is_output=True,
        passes_input=True,
        old_category="_for_testing",
    ),
    NodeType(
        "PreviewAny",
        "Preview as Text",
        "utilities",
        {"source": Input("*", facts={})},
        ("STRING",),
        savers.preview_any,
        is_output=True,
        passes_input=True,
        description="Shows any value as text.",
        module="comfy_extras.nodes_preview_any",
        old_category="utils",
    ),
)
