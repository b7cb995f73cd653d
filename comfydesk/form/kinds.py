"""From one input of a node to a bare field: its kind, range, choices and value. Roles and labels come later."""

from __future__ import annotations

import re
from typing import Any

from comfydesk.form.fields import Field, Kind, SeedMode
from comfydesk.form.limits import SEED_MAX
from comfydesk.form.match import own_spelling
from comfydesk.workflow.dynamic import names_of, typed_template
from comfydesk.workflow.graph import Link
from comfydesk.workflow.remote import listing_of
from comfydesk.workflow.specs import DYNAMIC_COMBO, MADE_TYPES, InputSpec

# Names are a stranger's text, up to a thousand letters: every pattern here must be linear.
SEED_NAME = re.compile(r"(^|[._])(noise_)?seed$", re.IGNORECASE)
TEXT_NAME = re.compile(
    r"(^|[._])(text|prompt|positive|negative|text_[gl]|clip_[gl]|t5xxl|lyrics|tags|caption|instruction)(_prompt)?\d*$",
    re.IGNORECASE,
)
FLOAT_NAME = re.compile(
    r"(^|[._])(cfg|guidance|denoise|shift|scale_by|megapixels|temperature)$|strength", re.IGNORECASE
)
MODEL_NAME = re.compile(
    r"(^|[._])(ckpt|unet|clip|vae|lora|control_net|style_model|upscale_model|gligen|model|hypernetwork|photomaker_model)"
    r"(_name|_file)?\d*$",
    re.IGNORECASE,
)
MODEL_FILE = re.compile(r"\.(safetensors|sft|ckpt|pth?|bin|gguf|onnx|engine)$", re.IGNORECASE)
LEAST_SEED_MAX = 65_535  # the smallest range of a stock node's seed

UPLOADS: tuple[tuple[str, Kind], ...] = (
    ("image_upload", Kind.IMAGE),
    ("animated_image_upload", Kind.IMAGE),
    ("video_upload", Kind.VIDEO),
    ("audio_upload", Kind.AUDIO),
    ("file_upload", Kind.FILE),
)
ENDINGS: dict[Kind, tuple[str, ...]] = {
    Kind.IMAGE: (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"),
    Kind.VIDEO: (".mp4", ".webm", ".mov", ".mkv", ".avi", ".gif", ".m4v"),
    Kind.AUDIO: (".wav", ".mp3", ".flac", ".ogg", ".opus", ".m4a", ".aac", ".mp4", ".webm"),
    Kind.FILE: (".glb", ".gltf", ".obj", ".fbx", ".stl", ".ply", ".spz", ".splat", ".ksplat", ".usdz"),
}
# What the page takes from the camera or the microphone is a file on the server like any other.
PAGE_UPLOADS = {"WEBCAM": Kind.IMAGE, "AUDIO_RECORD": Kind.AUDIO}
# Where no host was asked: the stock nodes that load a file of the person's.
UPLOAD_CLASSES: dict[tuple[str, str], Kind] = {
    ("LoadImage", "image"): Kind.IMAGE,
    ("LoadImageMask", "image"): Kind.IMAGE,
    ("LoadImageOutput", "image"): Kind.IMAGE,
    ("LoadVideo", "file"): Kind.VIDEO,
    ("LoadAudio", "audio"): Kind.AUDIO,
    ("Load3D", "model_file"): Kind.FILE,
}
UPLOAD_KINDS = frozenset(ENDINGS)


def unwrap(value: Any) -> Any:
    """A list value travels as {"__value__": […]}, because a bare list is a link to the server."""
    return value["__value__"] if isinstance(value, dict) and len(value) == 1 and "__value__" in value else value


def linked(node_id: str, name: str, link: Link, spec: InputSpec | None) -> Field:
    """An input that comes from another node."""
    required = spec.required if spec else True
    tooltip = spec.text("tooltip") if spec else ""
    return Field(f"{node_id}.{name}", node_id, name, "", Kind.LINK, link, required=required, tooltip=tooltip)


def from_spec(node_id: str, spec: InputSpec, value: Any, *, present: bool, required: bool) -> Field:
    """A field by the host's spec. `value` is the file's, or the spec's default where the file lacks the input."""
    value = unwrap(value)
    kind = kind_of(spec, value)
    choices = spec.choices or ()
    is_model = kind is Kind.COMBO and _is_model(spec.name, choices, value)
    # A node with an empty list that is not of files makes its choices itself (CustomCombo).
    known = spec.choices is not None and not spec.options.get("remote") and bool(choices or is_model)
    if kind in (Kind.COMBO, *UPLOAD_KINDS) and known:
        value = own_spelling(value, choices)
    value = _typed(kind, value)
    is_number = kind in (Kind.INT, Kind.FLOAT, Kind.SEED)
    return Field(
        f"{node_id}.{spec.name}",
        node_id,
        spec.name,
        "",
        kind,
        value,
        required=required,
        advanced=spec.flag("advanced"),
        default=_typed(kind, spec.default) if spec.has_default or spec.type == "COMBO" else None,
        min=spec.number("min") if is_number else None,
        max=_max(spec, kind) if is_number else None,
        step=spec.number("step") if is_number else None,
        round=spec.number("round") if is_number else None,
        display=_display(spec),
        choices=choices,
        choices_known=known or kind not in (Kind.COMBO, *UPLOAD_KINDS),
        label_on=spec.text("label_on"),
        label_off=spec.text("label_off"),
        tooltip=spec.text("tooltip"),
        placeholder=spec.text("placeholder"),
        seed_mode=SeedMode.RANDOM if kind is Kind.SEED else None,
        upload_kinds=ENDINGS.get(kind, ()),
        is_model=is_model,
        present=present,
        dynamic_prompts=spec.flag("dynamicPrompts"),
        multiple=is_multiple(spec),
        structural=spec.type == DYNAMIC_COMBO and kind is Kind.COMBO,
        remote=listing.route if (listing := listing_of(spec.options)) is not None else "",
    )


def growing(node_id: str, spec: InputSpec, names: list[str]) -> Field | None:
    """How many inputs a growing one has: `names` are those in the file. None where only links fit into it."""
    if typed_template(spec) is None or spec.is_hidden:
        return None
    return Field(
        f"{node_id}.{spec.name}",
        node_id,
        spec.name,
        "",
        Kind.GROW,
        names,
        required=False,
        choices=names_of(spec),
        tooltip=spec.text("tooltip"),
        structural=True,
    )


def from_value(node_id: str, class_type: str, name: str, value: Any, *, exists: bool = True) -> Field:
    """A field by the JSON value alone: no host was asked, or the host's node has no such input (`exists` False)."""
    value = unwrap(value)
    kind = kind_of_value(class_type, name, value) if exists else Kind.JSON
    return Field(
        f"{node_id}.{name}",
        node_id,
        name,
        "",
        kind,
        value,
        min=0 if kind is Kind.SEED else None,
        max=SEED_MAX if kind is Kind.SEED else None,
        choices_known=kind not in (Kind.COMBO, *UPLOAD_KINDS),
        seed_mode=SeedMode.RANDOM if kind is Kind.SEED else None,
        upload_kinds=ENDINGS.get(kind, ()),
        is_model=kind is Kind.COMBO and _is_model(name, (), value),
        exists=exists,
        guessed=True,
    )


def kind_of(spec: InputSpec, value: Any) -> Kind:
    """The kind of an input by its spec. A value that no editor of that kind could hold is shown as JSON."""
    if spec.type not in ("COMBO", DYNAMIC_COMBO) and isinstance(value, dict | list):
        return Kind.JSON
    if spec.type in PAGE_UPLOADS and isinstance(value, str | None):
        return PAGE_UPLOADS[spec.type]
    if spec.type in ("COMBO", "STRING"):
        upload = next((kind for flag, kind in UPLOADS if spec.options.get(flag)), None)
        if upload:
            return upload
    if spec.type in ("COMBO", DYNAMIC_COMBO):
        is_list = is_multiple(spec) or isinstance(value, dict | list)
        return Kind.JSON if is_list else Kind.COMBO
    if spec.type == "INT":
        return Kind.SEED if _is_seed(spec) else Kind.INT
    if spec.type == "STRING":
        return Kind.MULTILINE if spec.flag("multiline") or _is_long(value) else Kind.TEXT
    return {"FLOAT": Kind.FLOAT, "BOOLEAN": Kind.BOOLEAN, "COLOR": Kind.TEXT}.get(spec.type, Kind.JSON)


def kind_of_value(class_type: str, name: str, value: Any) -> Kind:
    """The kind by JSON type and name: good enough to edit a workflow while its host is away."""
    if isinstance(value, bool):
        return Kind.BOOLEAN
    if isinstance(value, int):
        if SEED_NAME.search(name) and 0 <= value <= SEED_MAX:
            return Kind.SEED
        return Kind.FLOAT if FLOAT_NAME.search(name) else Kind.INT
    if isinstance(value, float):
        return Kind.FLOAT
    if not isinstance(value, str):
        return Kind.JSON
    if (class_type, name) in UPLOAD_CLASSES:
        return UPLOAD_CLASSES[class_type, name]
    if TEXT_NAME.search(name) or _is_long(value):
        return Kind.MULTILINE
    if MODEL_FILE.search(value) or name in ("sampler_name", "scheduler"):
        return Kind.COMBO
    return Kind.TEXT


def _typed(kind: Kind, value: Any) -> Any:
    """A number in the kind's own type, as long as that changes nothing: files say 7 for 7.0, and specs 1.0 for 1."""
    if kind is Kind.FLOAT and isinstance(value, int) and not isinstance(value, bool) and abs(value) <= 2**53:
        return float(value)
    if kind in (Kind.INT, Kind.SEED) and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def is_multiple(spec: InputSpec) -> bool:
    """A combo that takes a list. The older spelling is a dict of the list's looks."""
    return spec.type == "COMBO" and (spec.flag("multiselect") or isinstance(spec.options.get("multi_select"), dict))


def _display(spec: InputSpec) -> str:
    if spec.type in MADE_TYPES:
        return spec.type.lower()
    return spec.text("display")


def _is_seed(spec: InputSpec) -> bool:
    if not SEED_NAME.search(spec.name):
        return False
    high = spec.number("max")
    return spec.options.get("control_after_generate") is not None or (high is not None and high >= LEAST_SEED_MAX)


def _max(spec: InputSpec, kind: Kind) -> int | float | None:
    high = spec.number("max")
    return SEED_MAX if high is None and kind is Kind.SEED else high


def _is_model(name: str, choices: tuple[Any, ...], value: Any) -> bool:
    """Choices are files on the host. An empty list is one too, by its name: a host without any model."""
    samples = (value, *choices[:3])
    if any(isinstance(item, str) and MODEL_FILE.search(item) for item in samples):
        return True
    return not choices and bool(MODEL_NAME.search(name))


def _is_long(value: Any) -> bool:
    return isinstance(value, str) and ("\n" in value or len(value) > 80)
