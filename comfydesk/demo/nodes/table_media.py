"""The node types of the demo server: pictures, video, audio and text."""

from __future__ import annotations

from comfydesk.demo.nodes import pictures, words
from comfydesk.demo.nodes.choices import CROPS, UPSCALERS
from comfydesk.demo.nodes.spec import BOOLEAN, CHOICE, FILE, FLOAT, INT, LINK, STRING, Input, NodeType
from comfydesk.demo.nodes.table_models import SIDE

LARGEST = 2**63 - 1
SAMPLE_RATE = Input(
    "INT",
    facts={"default": 44100, "min": 1, "max": 192000, "advanced": True},
    formerly={"min": None, "max": None},
)

PICTURES = (
    NodeType(
        "LoadImage",
        "Load Image",
        "image",
        {"image": FILE("input", image_upload=True)},
        ("IMAGE", "MASK"),
        pictures.load_image,
    ),
    NodeType(
        "LoadImageMask",
        "Load Image (as Mask)",
        "image",
        {"image": FILE("input", image_upload=True), "channel": CHOICE("alpha", "red", "green", "blue")},
        ("MASK",),
        pictures.load_mask,
        old_category="mask",
    ),
    NodeType(
        "EmptyImage",
        "Empty Image",
        "image",
        {
            "width": INT(512, 1, SIDE, 1),
            "height": INT(512, 1, SIDE, 1),
            "batch_size": INT(1, 1, 4096),
            "color": INT(0, 0, 0xFFFFFF, 1, display="color"),
        },
        ("IMAGE",),
        pictures.empty_image,
    ),
    NodeType(
        "ImageScale",
        "Upscale Image",
        "image/upscaling",
        {
            "image": LINK("IMAGE"),
            "upscale_method": CHOICE(*UPSCALERS),
            "width": INT(512, 0, SIDE, 1),
            "height": INT(512, 0, SIDE, 1),
            "crop": CHOICE(*CROPS),
        },
        ("IMAGE",),
        pictures.scale,
    ),
    NodeType(
        "ImageScaleBy",
        "Upscale Image By",
        "image/upscaling",
        {"image": LINK("IMAGE"), "upscale_method": CHOICE(*UPSCALERS), "scale_by": FLOAT(1.0, 0.01, 8.0, 0.01)},
        ("IMAGE",),
        pictures.scale_by,
    ),
    NodeType(
        "ImageScaleToTotalPixels",
        "Scale Image to Total Pixels",
        "image/upscaling",
        {
            "image": LINK("IMAGE"),
            "upscale_method": CHOICE(*UPSCALERS),
            "megapixels": FLOAT(1.0, 0.01, 16.0, 0.01),
            "resolution_steps": INT(1, 1, 256, advanced=True, modern=True),
        },
        ("IMAGE",),
        pictures.scale_to_pixels,
        style="v3",
        module="comfy_extras.nodes_post_processing",
    ),
    NodeType(
        "ImageUpscaleWithModel",
        "Upscale Image (using Model)",
        "image/upscaling",
        {"upscale_model": LINK("UPSCALE_MODEL"), "image": LINK("IMAGE")},
        ("IMAGE",),
        pictures.upscale,
        style="v3",
        module="comfy_extras.nodes_upscale_model",
    ),
    NodeType(
        "ImageBatch",
        "Batch Images",
        "image/batch",
        {"image1": LINK("IMAGE"), "image2": LINK("IMAGE")},
        ("IMAGE",),
        pictures.batch,
        old_category="image",
        deprecated=True,
    ),
    NodeType(
        "ImageInvert",
        "Invert Image Colors",
        "image/color",
        {"image": LINK("IMAGE")},
        ("IMAGE",),
        pictures.invert,
        old_category="image",
    ),
    NodeType(
        "CreateVideo",
        "Create Video",
        "video",
        {"images": LINK("IMAGE", "The frames."), "fps": FLOAT(30.0, 1.0, 120.0, 1.0)},
        ("VIDEO",),
        pictures.create_video,
        optional={"audio": LINK("AUDIO"), "bit_depth": INT(8, 8, 10, 2, display="number", modern=True)},
        style="v3",
        module="comfy_extras.nodes_video",
        old_category="image/video",
    ),
)

WORDS = (
    NodeType(
        "StringConcatenate",
        "Concatenate Text",
        "text",
        {
            "string_a": STRING(multiline=True),
            "string_b": STRING(multiline=True),
            "delimiter": STRING("", multiline=False),
        },
        ("STRING",),
        words.concatenate,
        style="v3",
        module="comfy_extras.nodes_string",
        old_category="utils/string",
    ),
    *(
        NodeType(
            name,
            title,
            "utilities/primitive",
            {"value": value},
            (value.kind,),
            words.plain,
            style="v3",
            module="comfy_extras.nodes_primitive",
            old_category="utils/primitive",
        )
        for name, title, value in (
            ("PrimitiveString", "Text", STRING(multiline=False)),
            ("PrimitiveStringMultiline", "Text (Multiline)", STRING(multiline=True)),
            (
                "PrimitiveInt",
                "Int",
                Input(
                    "INT",
                    facts={"min": -LARGEST, "max": LARGEST, "control_after_generate": "fixed"},
                    formerly={"control_after_generate": True},
                ),
            ),
            (
                "PrimitiveFloat",
                "Float",
                Input("FLOAT", facts={"min": -LARGEST, "max": LARGEST, "step": 0.1}, formerly={"step": None}),
            ),
            ("PrimitiveBoolean", "Boolean", BOOLEAN()),
        )
    ),
    NodeType(
        "EmptyAudio",
        "Empty Audio",
        "audio",
        {
            "duration": FLOAT(60.0, 0.0, 2**64 - 1, 0.01, tooltip="Seconds of silence."),
            "sample_rate": SAMPLE_RATE,
            "channels": INT(2, 1, 2, advanced=True),
        },
        ("AUDIO",),
        words.empty_audio,
        style="v3-new",
        module="comfy_extras.nodes_audio",
    ),
)
