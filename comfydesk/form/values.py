"""Values of fields: exact types, and the frozen prompt that carries them."""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Mapping
from typing import Any

from comfydesk.base.errors import Problem
from comfydesk.form import branches, custom_combo
from comfydesk.form.fields import Field, Form, Kind, LocalFile
from comfydesk.form.kinds import UPLOAD_KINDS
from comfydesk.form.loras import entries_of
from comfydesk.form.match import own_spelling
from comfydesk.workflow.graph import Graph

_INTEGER = re.compile(r"[+-]?\d{1,4000}")
_YES = frozenset({"true", "yes", "on", "1"})
_NO = frozenset({"false", "no", "off", "0"})


def coerce(field: Field, value: Any) -> Any:
    """`value` in the exact type of the field: an int stays an int, a 64-bit seed keeps every digit, 7 becomes 7.0 for a
    float, a combo gets the host's spelling. Text stays text. Ranges and choices are `check`'s business.

    Raises Problem value_type, or input_linked for an input that comes from another node.
    """
    if field.kind is Kind.LINK:
        if value == field.value:
            return value
        raise Problem("input_linked", label=field.label, source=field.link, node_id=field.node_id, field=field.key)
    if value is None or field.kind is Kind.JSON:
        return value
    if field.kind is Kind.GROW:
        return _names(field, value)
    if field.kind is Kind.LORAS:
        return _loras(field, value)
    if field.kind in (Kind.INT, Kind.SEED):
        return _integer(field, value)
    if field.kind is Kind.FLOAT:
        return _float(field, value)
    if field.kind is Kind.BOOLEAN:
        return _boolean(field, value)
    if field.kind in UPLOAD_KINDS:
        return _upload(field, value)
    return _choice(field, value) if field.kind is Kind.COMBO else _text(field, value)


def current(form: Form, values: Mapping[str, Any]) -> dict[str, Any]:
    """The value of every editable field: the given one, else the file's."""
    return {item.key: values.get(item.key, item.value) for item in form.fields if item.kind is not Kind.LINK}


def local_files(form: Form, values: Mapping[str, Any]) -> dict[str, LocalFile]:
    """The files of this computer that the values name, by field key. Each must become a server-side name before
    `freeze`: put the name in place of the LocalFile."""
    return {key: value for key, value in values.items() if isinstance(value, LocalFile) and form.get(key)}


def freeze(graph: Graph, form: Form, values: Mapping[str, Any]) -> dict[str, Any]:
    """The API prompt with the values in it. Only changed inputs differ from the file, except that names get the host's
    spelling and that required inputs which the file lacks get their default. Without the
    branches of empty fields.

    `values` by field key; unknown keys are left out. Raises Problem value_type; ValueError for a LocalFile.
    """
    prompt = (form.graph or graph).to_prompt()
    for field in form.fields:
        if field.kind in (Kind.LINK, Kind.GROW, Kind.LORAS):
            continue
        value = coerce(field, values[field.key]) if field.key in values else field.value
        if isinstance(value, LocalFile):
            raise ValueError(f"{field.key}: {value.path} has no name on the server yet")
        if not is_finite(value):
            raise _wrong(field, "a number that JSON can carry", value)
        inputs = prompt[field.node_id]["inputs"]
        if field.present:
            if not same(value, field.value) or _is_respelled(field, inputs[field.input_name]):
                inputs[field.input_name] = wrap(value)
                custom_combo.follow(prompt, field.node_id)
        elif value is not None and (field.required or not same(value, field.value)):
            inputs[field.input_name] = wrap(value)
    return branches.cut(prompt, form, values)


def same(a: Any, b: Any) -> bool:
    """Equal for a prompt: 7 and 7.0 are, 1 and True are not."""
    return a == b and isinstance(a, bool) == isinstance(b, bool)


def wrap(value: Any) -> Any:
    """A list as a value; a bare list is a link to the server (execution.py, validate_inputs)."""
    return {"__value__": copy.deepcopy(value)} if isinstance(value, list) else copy.deepcopy(value)


def is_finite(value: Any) -> bool:
    """False where a NaN or infinity is in it, which JSON cannot carry."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, list):
        return all(map(is_finite, value))
    return all(map(is_finite, value.values())) if isinstance(value, dict) else True


def _is_respelled(field: Field, raw: Any) -> bool:
    return field.kind is Kind.COMBO and isinstance(raw, str) and raw != field.value


def _integer(field: Field, value: Any) -> int | float:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        text = value.strip().replace("\u00a0", "").replace("\u202f", "")
        if _INTEGER.fullmatch(text):
            return int(text)
        value = _parsed(text)
    if isinstance(value, float) and math.isfinite(value):
        if value.is_integer():
            return int(value)
        if field.guessed and field.kind is Kind.INT:
            return value  # the file's whole number may well be a float on the host
    raise _wrong(field, "a whole number", value)


def _float(field: Field, value: Any) -> float:
    if isinstance(value, str):
        value = _parsed(value.strip())
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
    raise _wrong(field, "a number", value)


def _parsed(text: str) -> float | str:
    try:
        return float(text) if "_" not in text else text
    except ValueError:
        return text


def _boolean(field: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    if isinstance(value, str):
        word = value.strip().casefold()
        if word in _YES or (field.label_on and word == field.label_on.casefold()):
            return True
        if word in _NO or (field.label_off and word == field.label_off.casefold()):
            return False
    raise _wrong(field, "true or false", value)


def _upload(field: Field, value: Any) -> str | LocalFile:
    if isinstance(value, str | LocalFile):
        return value
    raise _wrong(field, "a file", value)


def _names(field: Field, value: Any) -> list[str]:
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return value
    raise _wrong(field, "a list of names", value)


def _loras(field: Field, value: Any) -> list[list[Any]]:
    entries = entries_of(value)
    if entries is None:
        raise _wrong(field, "a list of loaders, each on or off", value)
    return [list(entry) for entry in entries]


def _choice(field: Field, value: Any) -> Any:
    if isinstance(value, dict | list):
        raise _wrong(field, "one of its choices", value)
    for choice in field.choices:
        if same(choice, value):
            return choice
    if isinstance(value, str):
        if not field.choices_known:
            return value
        # Choices may be numbers or yes and no; text from a command line means the one that reads the same.
        spelled = own_spelling(value, field.choices)
        return next((choice for choice in field.choices if str(choice).casefold() == value.casefold()), spelled)
    return next((choice for choice in field.choices if str(choice) == str(value)), value)


def _text(field: Field, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise _wrong(field, "a text", value)


def _wrong(field: Field, wanted: str, value: Any) -> Problem:
    shown = str(value.path if isinstance(value, LocalFile) else value)
    shown = shown if len(shown) <= 60 else shown[:59] + "…"
    return Problem("value_type", label=field.label, wanted=wanted, value=shown, node_id=field.node_id, field=field.key)
