"""The widgets that the editor makes for an input, by its type, each with the value that a new node shows.

`MAKERS` holds the input types that have a widget; every other input is only a socket. Some inputs make several widgets,
which matters because `widgets_values` counts them all: a seed and its "control after generate", an upload button.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from comfydesk.workflow.conversion.declared import Declared
from comfydesk.workflow.conversion.live import UNSET, Cell, LiveNode, Widget, own_copy
from comfydesk.workflow.conversion.page_additions import VIEWPORTS

CONTROL = "control_after_generate"
Maker = Callable[[LiveNode, Declared], Widget]


def _add(node: LiveNode, name: str, kind: str, value: Any, **facts: Any) -> Widget:
    return node.add_widget(Widget(name, kind, Cell(own_copy(value)), **facts))


def _default(spec: Declared, otherwise: Any) -> Any:
    given = spec.options.get("default")
    return otherwise if given is None else given


def add_control(node: LiveNode, target: Widget, mode: str = "randomize", name: str = CONTROL) -> None:
    """The widget that steps a value after each run."""
    _add(node, name, "combo", mode, in_prompt=False, controls=target.name)


def add_combo_filter(node: LiveNode, spec: Declared | None = None) -> None:
    _add(node, "control_filter_list", "string", "", in_prompt=False)


def _control_name(spec: Declared) -> str:
    """A spec that names its mode also names the widget by it."""
    given = spec.options.get(CONTROL)
    if isinstance(given, str):
        return given
    prefix = spec.options.get("control_prefix")
    return f"{prefix} {CONTROL}" if isinstance(prefix, str) and prefix else CONTROL


def _number_kind(spec: Declared) -> str:
    shown = spec.options.get("display")
    kinds = ("slider", "knob", "gradientslider") if spec.widget_type == "FLOAT" else ("slider", "knob")
    return str(shown) if shown in kinds else "number"


def _int(node: LiveNode, spec: Declared) -> Widget:
    widget = _add(node, spec.name, _number_kind(spec), _default(spec, 0), spec=spec)
    wanted = spec.options.get(CONTROL)
    if wanted if wanted is not None else spec.name in ("seed", "noise_seed"):
        add_control(node, widget, wanted if isinstance(wanted, str) else "randomize", _control_name(spec))
    return widget


def _float(node: LiveNode, spec: Declared) -> Widget:
    widget = _add(node, spec.name, _number_kind(spec), _default(spec, 0), spec=spec)
    if spec.options.get(CONTROL):
        add_control(node, widget, "fixed", _control_name(spec))
    return widget


def _boolean(node: LiveNode, spec: Declared) -> Widget:
    return _add(node, spec.name, "toggle", _default(spec, False), spec=spec)


def _string(node: LiveNode, spec: Declared) -> Widget:
    kind = "customtext" if spec.options.get("multiline") else "text"
    return _add(node, spec.name, kind, _default(spec, ""), spec=spec)


def _combo(node: LiveNode, spec: Declared) -> Widget:
    wanted = spec.options.get(CONTROL)
    if spec.options.get("multi_select"):
        widget = _add(node, spec.name, "custom", [], spec=spec)
        mode = "fixed"
    else:
        widget = _add(node, spec.name, "combo", _first_choice(spec), spec=spec)
        mode = "randomize"
        _add_remote(node, spec)
    if wanted:
        add_control(node, widget, wanted if isinstance(wanted, str) else mode, _control_name(spec))
        if widget.kind == "combo":
            add_combo_filter(node)
    return widget


def _first_choice(spec: Declared) -> Any:
    if spec.options.get("default"):
        return spec.options["default"]
    if spec.choices:
        return spec.choices[0]
    return "Loading..." if spec.options.get("remote") else UNSET


def _add_remote(node: LiveNode, spec: Declared) -> None:
    """A list that the page fetches itself comes with a switch, and with a button where the spec asks for one."""
    remote = spec.options.get("remote")
    if not remote:
        return
    _add(node, "Auto-refresh after generation", "toggle", False, in_prompt=False)
    if isinstance(remote, dict) and remote.get("refresh_button"):
        _add(node, "refresh", "button", "refresh")


def _bounding_box(node: LiveNode, spec: Declared) -> Widget:
    box = _default(spec, {"x": 0, "y": 0, "width": 512, "height": 512})
    box = dict(box) if isinstance(box, dict) else {}
    kind = "imagecrop" if spec.options.get("component") == "ImageCrop" else "boundingbox"
    widget = _add(node, spec.name, kind, box, spec=spec)
    for side in ("x", "y", "width", "height"):
        _add(node, side, "number", box.get(side, UNSET), in_prompt=False)
    return widget


def _image_compare(node: LiveNode, spec: Declared) -> Widget:
    return _add(node, spec.name, "imagecompare", ["", ""], spec=spec, in_file=False)


def _upload(node: LiveNode, spec: Declared) -> Widget:
    return _add(node, spec.name, "button", "image", in_prompt=False)


def _audio_upload(node: LiveNode, spec: Declared) -> Widget:
    return _add(node, spec.name, "button", "", in_prompt=False)


def _audio_player(node: LiveNode, spec: Declared) -> Widget:
    return _add(node, spec.name, "audioUI", "", in_prompt=False, in_file=False)


def _audio_recorder(node: LiveNode, spec: Declared) -> Widget:
    """The page records when a workflow is sent; without a recording it sends nothing."""
    _add(node, spec.name, "audioUI", "", spec=spec, fixed=True)
    return _add(node, spec.name, "button", "", in_prompt=False)


def _webcam(node: LiveNode, spec: Declared) -> Widget:
    return _add(node, spec.name, "WEBCAM", "", spec=spec, fixed=True)


def _viewer(node: LiveNode, spec: Declared) -> Widget:
    return _add(node, "image", "load3D", "", fixed=True)


def _viewport(node: LiveNode, spec: Declared) -> Widget:
    return _add(node, "viewport_state", "load3DAdvanced", "", fixed=True)


def _model_loader(node: LiveNode, spec: Declared) -> Widget:
    """A 3D view; beside a model's file it has buttons, whose captions the page sends as values."""
    if node.widget("model_file") is not None:
        _add(node, "upload 3d model", "button", "upload3dmodel")
        _add(node, "upload extra resources", "button", "uploadExtraResources")
        _add(node, "clear", "button", "clear")
    name = "viewport_state" if node.type in VIEWPORTS else "image"
    return _add(node, name, "load3D", "", fixed=True)


def _color(node: LiveNode, spec: Declared) -> Widget:
    existing = next((w for w in node.widgets if w.name == spec.name and w.kind == "color"), None)
    if existing is not None:
        return existing
    inner = spec.options.get("options")
    fallback = inner.get("default") if isinstance(inner, dict) else None
    return _add(node, spec.name, "color", _default(spec, fallback if fallback is not None else "#000000"), spec=spec)


def _textarea(node: LiveNode, spec: Declared) -> Widget:
    inner = spec.options.get("options")
    return _add(node, spec.name, "textarea", (inner.get("default") or "") if isinstance(inner, dict) else "", spec=spec)


def _video_edit(node: LiveNode, spec: Declared) -> Widget:
    features = spec.options.get("features")
    listed = features if isinstance(features, list) else ["trim", "crop"]
    value: dict[str, Any] = {}
    if "trim" in listed:
        value["trim"] = {"start_time": 0, "duration": 0}
    if "crop" in listed:
        value["crop"] = {"x": 0, "y": 0, "width": 0, "height": 0}
    return _add(node, spec.name, "videoedit", _default(spec, value), spec=spec)


def _compositor(node: LiveNode, spec: Declared) -> Widget:
    given = spec.options.get("default")
    return _add(node, spec.name, "compositor", given if isinstance(given, dict) else {}, spec=spec)


def _plain(kind: str, otherwise: Any) -> Maker:
    def make(node: LiveNode, spec: Declared) -> Widget:
        return _add(node, spec.name, kind, _default(spec, otherwise), spec=spec)

    return make


MAKERS: dict[str, Maker] = {
    "INT": _int,
    "FLOAT": _float,
    "BOOLEAN": _boolean,
    "STRING": _string,
    "MARKDOWN": _plain("MARKDOWN", ""),
    "COMBO": _combo,
    "COLOR": _color,
    "COLORS": _plain("colors", []),
    "TEXTAREA": _textarea,
    "BOUNDING_BOX": _bounding_box,
    "BOUNDING_BOXES": _plain("boundingboxes", []),
    "CHART": _plain("chart", {}),
    "GALLERIA": _plain("galleria", []),
    "PAINTER": _plain("painter", ""),
    "COMPOSITOR": _compositor,
    "CURVE": _plain("curve", {"points": [[0, 0], [1, 1]], "interpolation": "monotone_cubic"}),
    "RANGE": _plain("range", {"min": 0.0, "max": 1.0}),
    "VIDEO_EDIT": _video_edit,
    "IMAGECOMPARE": _image_compare,
    "IMAGEUPLOAD": _upload,
    "AUDIOUPLOAD": _audio_upload,
    "AUDIO_UI": _audio_player,
    "AUDIO_RECORD": _audio_recorder,
    "WEBCAM": _webcam,
    "LOAD_3D": _model_loader,
    "LOAD_3D_ADVANCED": _viewport,
    "PREVIEW_3D": _viewer,
}
