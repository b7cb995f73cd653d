"""Every input that a person can edit has a fitting editor, which shows its value and gives it back as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from comfydesk.form.build import build
from comfydesk.form.fields import Field, Kind
from comfydesk.form.kinds import UPLOAD_KINDS
from comfydesk.form.values import freeze
from comfydesk.gui.context import Context
from comfydesk.gui.form.box_editor import BoxEditor
from comfydesk.gui.form.boxes_editor import BoxesEditor
from comfydesk.gui.form.choices_editor import ChoicesEditor
from comfydesk.gui.form.color_editor import ColorEditor
from comfydesk.gui.form.colors_editor import ColorsEditor
from comfydesk.gui.form.combo_editor import ComboEditor
from comfydesk.gui.form.curve_editor import CurveEditor
from comfydesk.gui.form.editor import Editor
from comfydesk.gui.form.json_editor import JsonEditor
from comfydesk.gui.form.number_editor import NumberEditor
from comfydesk.gui.form.registry import make_editor
from comfydesk.gui.form.seed_editor import SeedEditor
from comfydesk.gui.form.switch_editor import SwitchEditor
from comfydesk.gui.form.text_editors import MultilineEditor, TextEditor
from comfydesk.workflow.dynamic import expand
from comfydesk.workflow.parse import from_prompt
from comfydesk.workflow.specs import AUTOGROW, DYNAMIC_COMBO, EDITABLE_TYPES, Specs
from tests.form.graphs import recorded

# What only the page's own canvas makes whole is edited as the text of its value.
AS_TEXT = {"COMPOSITOR"}

OPTIONS = [
    {"key": "a", "inputs": {"required": {"n": ["INT", {"default": 3}]}}},
    {"key": "b", "inputs": {"required": {"t": ["STRING", {}], "more": ["COMFY_DYNAMICCOMBO_V3", {"options": []}]}}},
]
SHAPES: list[tuple[list[Any], type[Editor]]] = [
    (["INT", {"default": 3, "min": 0, "max": 10}], NumberEditor),
    (["INT", {"default": 2**63}], NumberEditor),
    (["INT", {"default": 255, "max": 0xFFFFFF, "display": "color"}], ColorEditor),
    (["FLOAT", {"default": 0.5, "min": 0, "max": 1, "step": 0.01, "display": "slider", "round": 0.001}], NumberEditor),
    (["FLOAT", {}], NumberEditor),
    (["FLOAT,INT", {"widgetType": "FLOAT", "default": 24.0}], NumberEditor),
    (["STRING", {"default": "one line"}], TextEditor),
    (["STRING", {"multiline": True}], MultilineEditor),
    (["BOOLEAN", {"default": True, "label_on": "keep", "label_off": "drop"}], SwitchEditor),
    ([["a", "b"], {"default": "b"}], ComboEditor),
    (["COMBO", {"options": [1, 2, 3]}], ComboEditor),
    (["COMBO", {"options": ["folder/a", "folder\\b", "c"]}], ComboEditor),
    (["COMBO", {"options": ["x", "y"], "multiselect": True, "default": ["y"]}], ChoicesEditor),
    ([["x", "y"], {"multi_select": {"placeholder": "some"}, "default": ["x"]}], ChoicesEditor),
    (["COMBO", {"options": ["m"], "remote": {"route": "/models/list"}}], ComboEditor),
    (["COLOR", {"default": "#ff8800"}], ColorEditor),
    (["COLORS", {"default": ["#ff8800"]}], ColorsEditor),
    (["BOUNDING_BOX", {}], BoxEditor),
    (["CURVE", {}], CurveEditor),
    (["CURVE", {"default": {"points": [[0.0, 0.2], [1.0, 0.7]], "interpolation": "linear"}}], CurveEditor),
    (["BOUNDING_BOXES", {"default": []}], BoxesEditor),
    (["BOUNDING_BOXES", {"default": [{"x": 1, "y": 2, "width": 3, "height": 4, "metadata": {}}]}], BoxesEditor),
    (["COMPOSITOR", {"default": {}}], JsonEditor),
    (["COMFY_DYNAMICCOMBO_V3", {"options": OPTIONS}], ComboEditor),
]


def nodes_of(name: str, specs: Specs) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """A new node of a class, once for each choice of each of its dynamic combos: (inputs, structural values)."""
    spec = specs.node(name)
    assert spec is not None
    inputs = {item.name: item.default for item in spec.inputs if item.is_editable and item.default is not None}
    inputs = {key: {"__value__": value} if isinstance(value, list) else value for key, value in inputs.items()}
    waiting: list[dict[str, Any]] = [{}]
    done: set[str] = set()
    while waiting:
        chosen = waiting.pop()
        yield inputs, {f"1.{key}": value for key, value in chosen.items()}
        for item in list(expand(spec, chosen)):
            for choice in item.choices or () if item.type == DYNAMIC_COMBO else ():
                found = {**chosen, item.name: choice}
                if item.name not in chosen and str(found) not in done:
                    done.add(str(found))
                    waiting.append(found)


def looks(field: Field) -> tuple[Any, ...]:
    """Fields that differ in none of this have the same editor, with the same limits to what it can hold."""
    ranged = [(limit is None, type(limit)) for limit in (field.min, field.max, field.soft_min, field.step, field.round)]
    named = (field.choices_known, bool(field.choices), field.is_model, field.multiple, bool(field.remote))
    value = str(field.value) if field.kind not in (Kind.TEXT, Kind.MULTILINE, Kind.COMBO) else ""
    return field.kind, field.display, value, *ranged, *named


def shown(field: Field, context: Context, parent: QWidget) -> Editor:
    editor = make_editor(field, context, parent)
    if field.value is not None or field.kind not in (Kind.COMBO, Kind.JSON):
        editor.set_value(field.value)
        if not (field.value is None and field.kind in (*UPLOAD_KINDS, Kind.TEXT)):
            assert editor.value == field.value, field
            assert json.loads(json.dumps(editor.value)) == json.loads(json.dumps(field.value)), field
    assert editor.problem == ""
    assert editor.focus_widget().accessibleName() or editor.accessibleName() or field.kind in UPLOAD_KINDS, field
    return editor


@pytest.mark.parametrize(("spec", "kind"), SHAPES, ids=lambda item: item.__name__ if isinstance(item, type) else None)
def test_a_shape_of_input_has_its_editor(spec: list[Any], kind: type[Editor], context: Context, qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    specs = Specs.from_object_info({"N": {"input": {"required": {"x": spec}}, "output_node": True}})
    for inputs, values in nodes_of("N", specs):
        graph = from_prompt({"1": {"class_type": "N", "inputs": inputs}})
        form = build(graph, specs, values=values)
        assert type(shown(form.by_key["1.x"], context, parent)) is kind
        sent = freeze(graph, form, values)["1"]["inputs"]
        assert {key: sent[key] for key in inputs} == inputs
        for field in form.fields:
            shown(field, context, parent)


@pytest.mark.timeout(180)
def test_every_input_of_every_node_has_an_editor(context: Context, qtbot: QtBot) -> None:
    specs = Specs.from_object_info(recorded("0.33.0"))
    parent = QWidget()
    qtbot.addWidget(parent)
    seen: set[tuple[Any, ...]] = set()
    count = forms = 0
    for name in specs.classes():
        spec = specs.node(name)
        assert spec is not None
        for inputs, values in nodes_of(name, specs):
            graph = from_prompt({"1": {"class_type": name, "inputs": inputs}})
            form = build(graph, specs, values=values)
            sent = freeze(graph, form, values)["1"]["inputs"]
            json.dumps(sent, allow_nan=False)
            by_name = {item.input_name: item for item in form.fields}
            forms += 1
            for item in expand(spec, sent):
                if (not item.is_editable and item.type != DYNAMIC_COMBO) or item.is_hidden or item.type == AUTOGROW:
                    continue
                field = by_name[item.name]
                assert item.type in EDITABLE_TYPES or item.type == DYNAMIC_COMBO
                count += 1
                as_text = field.kind is Kind.JSON and not (field.multiple or field.display in ("bounding_box", "curve"))
                assert not as_text or item.type in AS_TEXT | {"COLORS", "BOUNDING_BOXES"}, (
                    f"{name}.{item.name}: {item.type}"
                )
                if looks(field) not in seen:
                    seen.add(looks(field))
                    editor = shown(field, context, parent)
                    assert not isinstance(editor, JsonEditor) or item.type in AS_TEXT, f"{name}.{item.name}"
                    assert not isinstance(editor, SeedEditor) or field.kind is Kind.SEED
                    editor.deleteLater()
    assert forms > 887 and count > 4_000
