"""Which fields are prompts, and the texts of one run drawn with its seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from comfydesk.form.fields import Field, Form, Kind, Role
from comfydesk.form.prompt_text.counting import count
from comfydesk.form.prompt_text.drawing import expand
from comfydesk.form.prompt_text.reading import may_vary, read
from comfydesk.form.prompt_text.wildcards import Files


def is_prompt(field: Field) -> bool:
    """Whether choices and wildcards are drawn in the field: prompts, and texts that ComfyUI's page draws in."""
    if field.kind not in (Kind.TEXT, Kind.MULTILINE):
        return False
    return field.dynamic_prompts or (field.kind is Kind.MULTILINE and field.role in (Role.PROMPT, Role.NEGATIVE))


def as_page(field: Field) -> bool:
    """Whether the page's own rules hold: no comments, and braces around one text go. A node of a text that the page
    sends as it is keeps addresses and JSON; where no host was asked, the usual node for prompts is meant."""
    return field.dynamic_prompts or field.guessed


def draw_into(prompt: Mapping[str, Any], form: Form, seed: int, files: Files) -> tuple[dict[str, Any], dict[str, str]]:
    """`prompt` with the texts of its prompts drawn, and those that came out other than written, by field key.

    Only nodes that change are copied. Raises Problem prompt_expands.
    """
    made, drawn = dict(prompt), {}
    for field, text in _texts(prompt, form):
        new = expand(text, seed, files, page=as_page(field))
        if new != text:
            node = made[field.node_id]
            made[field.node_id] = {**node, "inputs": {**node["inputs"], field.input_name: new}}
            drawn[field.key] = new
    return made, drawn


def may_differ(form: Form, values: Mapping[str, Any], files: Files | None = None) -> bool:
    """Whether runs with different seeds may send different texts. `files` None: names of wildcards count as files."""
    for field, text in texts(form, values):
        if may_vary(text) and (
            count(text, files, page=as_page(field)) > 1
            if files is not None
            else any(not isinstance(part, str) for part in read(text, as_page(field)))
        ):
            return True
    return False


def texts(form: Form, values: Mapping[str, Any]) -> Iterator[tuple[Field, str]]:
    """The prompts as they are written in a form."""
    for field in form.fields:
        value = values.get(field.key, field.value)
        if is_prompt(field) and isinstance(value, str):
            yield field, value


def _texts(prompt: Mapping[str, Any], form: Form) -> Iterator[tuple[Field, str]]:
    for field in form.fields:
        if is_prompt(field) and field.node_id in prompt:  # not of a branch that is switched off
            value = prompt[field.node_id]["inputs"].get(field.input_name)
            if isinstance(value, str):
                yield field, value
