"""Values keep their exact type on the way into the prompt, and nothing else changes there."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfydesk.base.errors import Problem
from comfydesk.form.build import build
from comfydesk.form.fields import Field, Kind, LocalFile
from comfydesk.form.values import coerce, freeze, local_files
from comfydesk.workflow.parse import from_prompt
from comfydesk.workflow.specs import Specs
from tests.form.graphs import graph_of, sdxl_form, small_specs


def field(kind: Kind, **facts: Any) -> Field:
    return replace(Field("1.x", "1", "x", "X", kind, None), **facts)


@pytest.mark.parametrize(
    ("kind", "given_value", "wanted"),
    [
        (Kind.INT, 7, 7),
        (Kind.INT, 7.0, 7),
        (Kind.INT, "7", 7),
        (Kind.INT, " -7 ", -7),
        (Kind.INT, "7.0", 7),
        (Kind.SEED, 2**64 - 1, 2**64 - 1),
        (Kind.SEED, "18446744073709551615", 2**64 - 1),
        (Kind.SEED, str(2**53 + 1), 2**53 + 1),
        (Kind.FLOAT, 7, 7.0),
        (Kind.FLOAT, "7", 7.0),
        (Kind.FLOAT, "1e-3", 0.001),
        (Kind.BOOLEAN, "on", True),
        (Kind.BOOLEAN, "False", False),
        (Kind.BOOLEAN, 1, True),
        (Kind.TEXT, "7", "7"),
        (Kind.TEXT, 7, "7"),
        (Kind.MULTILINE, "true", "true"),
        (Kind.JSON, [1, 2], [1, 2]),
        (Kind.IMAGE, "a.png", "a.png"),
        (Kind.IMAGE, LocalFile("/x.png"), LocalFile("/x.png")),
        (Kind.INT, None, None),
    ],
)
def test_a_value_takes_the_fields_exact_type(kind: Kind, given_value: Any, wanted: Any) -> None:
    found = coerce(field(kind), given_value)
    assert found == wanted
    assert type(found) is type(wanted)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.INT, "seven"),
        (Kind.INT, 7.5),
        (Kind.INT, True),
        (Kind.INT, "1_000"),
        (Kind.INT, "9" * 5000),
        (Kind.INT, float("nan")),
        (Kind.SEED, "0x10"),
        (Kind.FLOAT, "nan"),
        (Kind.FLOAT, "1e999"),
        (Kind.FLOAT, 10**400),
        (Kind.FLOAT, False),
        (Kind.BOOLEAN, "maybe"),
        (Kind.TEXT, ["a"]),
        (Kind.COMBO, ["a"]),
        (Kind.IMAGE, 3),
    ],
)
def test_a_value_of_another_type_is_refused_with_the_label(kind: Kind, value: Any) -> None:
    with pytest.raises(Problem) as caught:
        coerce(field(kind), value)
    assert caught.value.code == "value_type"
    assert caught.value.message.startswith("X needs ")
    assert caught.value.field == "1.x"


def test_a_combo_takes_the_hosts_own_spelling_and_type() -> None:
    combo = field(Kind.COMBO, choices=("SDXL\\base.safetensors", "euler", 2, True))
    assert coerce(combo, "SDXL/base.safetensors") == "SDXL\\base.safetensors"
    assert coerce(combo, "Euler") == "euler"
    assert coerce(combo, "2") == 2
    assert coerce(combo, True) is True
    assert coerce(combo, "gone") == "gone"


def test_where_no_host_was_asked_a_whole_number_may_become_a_fraction() -> None:
    assert coerce(field(Kind.INT, guessed=True), "7.5") == 7.5
    assert coerce(field(Kind.INT, guessed=True), "7") == 7


def test_a_linked_input_cannot_be_set() -> None:
    _, form = sdxl_form()
    with pytest.raises(Problem) as caught:
        coerce(form.by_key["3.model"], "x")
    assert caught.value.code == "input_linked"
    assert "Load Checkpoint" in caught.value.message


def test_only_changed_inputs_change() -> None:
    graph, form = sdxl_form()
    frozen = freeze(graph, form, {"3.seed": 2**64 - 1, "6.text": "a wolf", "3.cfg": 7, "3.steps": 20})
    wanted = graph.to_prompt()
    wanted["3"]["inputs"]["seed"] = 2**64 - 1
    wanted["6"]["inputs"]["text"] = "a wolf"
    assert frozen == wanted
    assert json.loads(json.dumps(frozen, allow_nan=False)) == wanted


def test_a_frozen_prompt_is_nobodys_else() -> None:
    graph, form = sdxl_form()
    freeze(graph, form, {})["3"]["inputs"]["seed"] = 0
    assert graph.to_prompt()["3"]["inputs"]["seed"] != 0


def test_a_files_seven_stays_and_a_changed_float_is_a_float() -> None:
    graph = graph_of(n3=("KSampler", {"cfg": 7, "steps": 20.0}))
    form = build(graph, small_specs())
    assert form.by_key["3.cfg"].value == 7.0
    frozen = freeze(graph, form, {item.key: item.value for item in form.fields})["3"]["inputs"]
    assert (type(frozen["cfg"]), type(frozen["steps"])) == (int, float)
    changed = freeze(graph, form, {"3.cfg": 8, "3.steps": 21})["3"]["inputs"]
    assert (type(changed["cfg"]), type(changed["steps"])) == (float, int)


def test_names_are_sent_as_the_host_spells_them() -> None:
    graph = graph_of(n1=("LoraLoaderModelOnly", {"lora_name": "style/ink.safetensors", "strength_model": 1.0}))
    frozen = freeze(graph, build(graph, small_specs()), {})
    assert frozen["1"]["inputs"]["lora_name"] == "style\\ink.safetensors"


def test_required_inputs_that_the_file_lacks_get_the_hosts_default() -> None:
    prompt = sdxl_form()[0].to_prompt()
    del prompt["3"]["inputs"]["denoise"]
    graph = from_prompt(prompt)
    assert freeze(graph, build(graph, small_specs()), {})["3"]["inputs"]["denoise"] == 1.0
    assert "denoise" not in freeze(graph, build(graph, None), {})["3"]["inputs"]


def test_optional_inputs_that_the_file_lacks_are_sent_only_when_changed() -> None:
    specs = Specs.from_object_info({"A": {"input": {"optional": {"n": ["INT", {"default": 3}]}}}})
    graph = from_prompt({"1": {"class_type": "A", "inputs": {}}})
    form = build(graph, specs)
    assert freeze(graph, form, {"1.n": 3})["1"]["inputs"] == {}
    assert freeze(graph, form, {"1.n": 4})["1"]["inputs"] == {"n": 4}


def test_a_list_travels_as_a_value_not_as_a_link() -> None:
    graph = from_prompt({"1": {"class_type": "A", "inputs": {"colours": {"__value__": ["red"]}}}})
    form = build(graph, None)
    assert form.by_key["1.colours"].value == ["red"]
    assert freeze(graph, form, {})["1"]["inputs"]["colours"] == {"__value__": ["red"]}
    assert freeze(graph, form, {"1.colours": ["a", "b"]})["1"]["inputs"]["colours"] == {"__value__": ["a", "b"]}


def test_a_local_file_must_have_its_name_before_freezing() -> None:
    graph = graph_of(n1=("LoadImage", {"image": "example.png"}))
    form = build(graph, small_specs())
    values: dict[str, Any] = {"1.image": LocalFile("/tmp/fox.png")}
    assert local_files(form, values) == {"1.image": LocalFile("/tmp/fox.png")}
    with pytest.raises(ValueError, match="no name on the server"):
        freeze(graph, form, values)
    values["1.image"] = "comfydesk/0123456789abcdef.png"
    assert freeze(graph, form, values)["1"]["inputs"]["image"] == "comfydesk/0123456789abcdef.png"


def test_what_json_cannot_carry_is_refused() -> None:
    graph = graph_of(n1=("A", {"x": float("nan")}))
    with pytest.raises(Problem) as caught:
        freeze(graph, build(graph, None), {})
    assert caught.value.code == "value_type"


ANY = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.lists(st.integers(), max_size=2)
)
KEYS = [item.key for item in sdxl_form()[1].fields]


@given(st.dictionaries(st.sampled_from(KEYS), ANY, max_size=5))
def test_any_values_freeze_into_json_or_are_refused(values: dict[str, Any]) -> None:
    graph, form = sdxl_form()
    try:
        frozen = freeze(graph, form, values)
    except Problem as problem:
        assert problem.code in ("value_type", "input_linked")
        return
    json.dumps(frozen, allow_nan=False)
    changed = {
        f"{node}.{name}"
        for node in frozen
        for name, value in frozen[node]["inputs"].items()
        if value != graph.to_prompt()[node]["inputs"][name]
    }
    assert changed <= set(values)
    for key, value in values.items():
        kind = form.by_key[key].kind
        made = frozen[form.by_key[key].node_id]["inputs"][form.by_key[key].input_name]
        if kind in (Kind.INT, Kind.SEED) and value is not None:
            assert type(made) is int
        if kind in (Kind.TEXT, Kind.MULTILINE) and value is not None:
            assert type(made) is str
