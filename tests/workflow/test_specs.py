"""Node specs of every spelling are read, odd ones without an exception."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfydesk.workflow.dynamic import expand
from comfydesk.workflow.specs import Specs, read_input

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
VERSIONS = {"0.33.0": 887, "0.3.64": 383}


@cache
def recorded(version: str) -> dict[str, Any]:
    file = SHARED / "comfyui" / version / "object_info.json"
    if not file.is_file():
        pytest.skip("the recordings of real servers are not here")
    return json.loads(file.read_bytes())


@pytest.mark.parametrize("version", VERSIONS)
def test_every_class_of_a_real_server_is_read(version: str) -> None:
    info = recorded(version)
    specs = Specs.from_object_info(info)
    assert len(specs) == VERSIONS[version]
    for name in specs.classes():
        spec = specs.node(name)
        assert spec is not None
        listed = {part for section in info[name]["input"].values() for part in section}
        assert {item.name for item in spec.inputs} == listed
        for item in spec.inputs:
            assert isinstance(item.is_editable, bool)
            json.dumps(item.default)


def test_both_spellings_of_a_combo_are_one() -> None:
    old = read_input("sampler", [["euler", "heun"], {"tooltip": "t"}])
    new = read_input("sampler", ["COMBO", {"options": ["euler", "heun"], "multiselect": False}])
    assert old.type == new.type == "COMBO"
    assert old.choices == new.choices == ("euler", "heun")
    assert old.default == "euler"


def test_a_remote_combo_has_no_choices_yet() -> None:
    assert read_input("image", ["COMBO", {"remote": {"route": "/internal/files/output"}}]).choices is None


@pytest.mark.parametrize(
    ("raw", "editable"),
    [
        (["INT", {"min": 0}], True),
        (["FLOAT,INT", {"widgetType": "FLOAT"}], True),
        (["INT", {"forceInput": True}], False),
        (["STRING", {"hidden": True}], False),
        (["MODEL"], False),
        (["*", {}], False),
        ("UNIQUE_ID", False),
        (["COLOR", {"default": "#000000"}], True),
    ],
)
def test_only_what_a_person_may_type_is_editable(raw: Any, editable: bool) -> None:
    assert read_input("x", raw).is_editable is editable


def test_a_hidden_input_does_not_cover_one_of_the_same_name() -> None:
    info = {"A": {"input": {"required": {"prompt": ["STRING", {}]}, "hidden": {"prompt": "PROMPT"}}}}
    spec = Specs.from_object_info(info).node("A")
    assert spec is not None
    assert [(item.name, item.type) for item in spec.inputs] == [("prompt", "STRING")]


RESIZE = {
    "required": {
        "how": [
            "COMFY_DYNAMICCOMBO_V3",
            {
                "options": [
                    {"key": "size", "inputs": {"required": {"width": ["INT", {}], "height": ["INT", {}]}}},
                    {"key": "box", "inputs": {"required": {"width": ["INT", {}], "height": ["INT", {}]}}},
                    {"key": "factor", "inputs": {"required": {"by": ["FLOAT", {"default": 2.0}]}}},
                ]
            },
        ],
        "images": [
            "COMFY_AUTOGROW_V3",
            {"template": {"input": {"required": {"image": ["IMAGE", {}]}}, "prefix": "image"}},
        ],
    }
}


def test_dynamic_inputs_grow_with_what_is_chosen() -> None:
    spec = Specs.from_object_info({"A": {"input": RESIZE}}).node("A")
    assert spec is not None
    names = [(item.name, item.type) for item in expand(spec, {"how": "factor", "images.image0": 1, "images.image1": 1})]
    assert names == [
        ("how", "COMFY_DYNAMICCOMBO_V3"),
        ("how.by", "FLOAT"),
        ("images", "COMFY_AUTOGROW_V3"),
        ("images.image0", "IMAGE"),
        ("images.image1", "IMAGE"),
    ]
    assert spec.is_dynamic


def test_an_unknown_or_empty_class_is_none() -> None:
    specs = Specs.from_object_info({"A": {}, "B": "x"})
    assert specs.node("A") is specs.node("B") is specs.node("C") is None


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["INT", "COMBO", "STRING", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["input", "required", "options", "default", "min", "a", "key", "inputs"]), inner
        )
    ),
    max_leaves=15,
)


@given(ODD, ODD)
def test_odd_specs_never_raise(raw: Any, inputs: Any) -> None:
    specs = Specs.from_object_info(
        {"A": raw, "B": {"input": {"required": {"x": raw, "y": ["COMFY_DYNAMICCOMBO_V3", raw]}}}}
    )
    for name in ("A", "B"):
        spec = specs.node(name)
        for item in expand(spec, inputs if isinstance(inputs, dict) else {"y": inputs}) if spec else ():
            assert item.is_editable in (True, False)
            assert item.default is None or item.name
            assert item.number("min") is None or item.number("min") == item.number("min")
