"""The value that a result was made with, for one field of a form: of this workflow or of another one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comfydesk.base.errors import Problem
from comfydesk.form.build import build
from comfydesk.form.fields import Field, Form, Kind, Role
from comfydesk.form.kinds import UPLOAD_KINDS
from comfydesk.form.values import coerce
from comfydesk.workflow.parse import from_prompt

WORDED = (Kind.TEXT, Kind.MULTILINE)


def value_for(form: Form, key: str, prompt: Mapping[str, Any]) -> Any:
    """What `prompt` (API format) has for this field: the same input of the same node if it serves the same purpose
    there, else the input that does. None where it has none, or one that the field cannot hold.

    Raises Problem for what is no prompt.
    """
    field = form.get(key)
    if field is None or field.kind is Kind.LINK or field.kind in UPLOAD_KINDS:
        return None
    made = build(from_prompt(prompt), None)
    found = made.get(key)
    if found is None or not _is_for(found, field):
        alike = [item for item in _own(made) if field.role is not Role.NONE and item.role is field.role]
        place = [item.key for item in _own(form) if item.role is field.role].index(key) if alike else 0
        found = alike[min(place, len(alike) - 1)] if alike else None
    if found is None:
        return None
    try:
        return coerce(field, found.value)
    except Problem:
        return None


def _is_for(found: Field, field: Field) -> bool:
    """Whether an input with the same key is meant as the field is: roles decide, where both have one."""
    if found.kind is Kind.LINK:
        return False
    if field.role is not Role.NONE and found.role is not Role.NONE:
        return found.role is field.role
    return found.kind is field.kind or not (found.kind in WORDED or field.kind in WORDED)


def _own(form: Form) -> list[Field]:
    return [item for item in form.fields if item.kind is not Kind.LINK]
