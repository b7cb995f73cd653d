"""Which editor a kind of field gets."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from comfydesk.form import curve
from comfydesk.form.fields import Field, Kind
from comfydesk.form.prompt_text.fields import is_prompt
from comfydesk.gui.context import Context
from comfydesk.gui.form.box_editor import BoxEditor
from comfydesk.gui.form.boxes_editor import BoxesEditor, are_boxes
from comfydesk.gui.form.choices_editor import ChoicesEditor
from comfydesk.gui.form.color_editor import ColorEditor
from comfydesk.gui.form.colors_editor import ColorsEditor
from comfydesk.gui.form.combo_editor import ComboEditor
from comfydesk.gui.form.curve_editor import CurveEditor
from comfydesk.gui.form.editor import Editor
from comfydesk.gui.form.grow_editor import GrowEditor
from comfydesk.gui.form.json_editor import JsonEditor, LinkEditor
from comfydesk.gui.form.lora_list import LoraList
from comfydesk.gui.form.number_editor import NumberEditor
from comfydesk.gui.form.prompt.editor import PromptEditor
from comfydesk.gui.form.seed_editor import SeedEditor
from comfydesk.gui.form.switch_editor import SwitchEditor
from comfydesk.gui.form.text_editors import MultilineEditor, TextEditor
from comfydesk.gui.form.upload_editor import UploadEditor

EDITORS: dict[Kind, Callable[[Field, Context, QWidget | None], Editor]] = {
    Kind.INT: NumberEditor,
    Kind.FLOAT: NumberEditor,
    Kind.TEXT: TextEditor,
    Kind.MULTILINE: MultilineEditor,
    Kind.BOOLEAN: SwitchEditor,
    Kind.COMBO: ComboEditor,
    Kind.SEED: SeedEditor,
    Kind.IMAGE: UploadEditor,
    Kind.VIDEO: UploadEditor,
    Kind.AUDIO: UploadEditor,
    Kind.FILE: UploadEditor,
    Kind.JSON: JsonEditor,
    Kind.GROW: GrowEditor,
    Kind.LORAS: LoraList,
    Kind.LINK: LinkEditor,
}

# These take the whole width of the form; the others stand in two columns.
WIDE = frozenset({Kind.MULTILINE, Kind.SEED, Kind.IMAGE, Kind.VIDEO, Kind.AUDIO, Kind.FILE, Kind.JSON, Kind.LINK})


def make_editor(field: Field, context: Context, parent: QWidget | None = None) -> Editor:
    """The editor for a field. A combo whose names nobody knows is edited as text: any value goes."""
    if field.kind is Kind.COMBO and not field.choices_known and not field.choices and isinstance(field.value, str):
        return TextEditor(field, context, parent)
    if field.kind is Kind.MULTILINE and is_prompt(field):
        return PromptEditor(field, context, parent)
    made = _by_display(field)
    if made is not None:
        return made(field, context, parent)
    if field.display == "color" and field.kind in (Kind.TEXT, Kind.INT):
        return ColorEditor(field, context, parent)
    return EDITORS[field.kind](field, context, parent)


def _by_display(field: Field) -> type[Editor] | None:
    """An editor for a value of a kind of its own; None where the value is not of that kind, which JSON shows."""
    if field.kind is not Kind.JSON or not field.exists:
        return None
    value = field.value
    if field.multiple and field.choices and isinstance(value, list | str | None):
        return ChoicesEditor
    if field.display == "bounding_box" and isinstance(value, dict | None):
        return BoxEditor
    if field.display == "bounding_boxes" and are_boxes(value):
        return BoxesEditor
    if field.display == "curve" and curve.read(value) is not None:
        return CurveEditor
    if field.display == "colors" and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ColorsEditor
    return None


def is_wide(field: Field) -> bool:
    return field.kind in WIDE or (field.kind is Kind.COMBO and field.is_model)
