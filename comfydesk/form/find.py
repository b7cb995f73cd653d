"""Finding a field by what a person remembers of it: its name, its input, its node, or what is in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comfydesk.form.fields import Field, Form, Kind, LocalFile

MOST_LETTERS = 4_000  # of one value that are searched
FROM = 13  # fields: fewer are read from top to bottom


def is_worth_it(form: Form) -> bool:
    """Are there so many fields that one looks for a name?"""
    return sum(item.kind is not Kind.LINK for item in form.fields) >= FROM


def hits(form: Form, values: Mapping[str, Any], text: str) -> list[str] | None:
    """The keys of the fields that hold all words of `text`, in the order in which the form shows them, the hidden ones
    last. None where there is no word. `values`: by key, what the fields hold now."""
    words = text.casefold().split()
    if not words:
        return None
    order = [*form.essentials, *(key for group in form.groups for key in group.keys), *form.hidden]
    found = (form.get(key) for key in dict.fromkeys(order))
    return [
        item.key
        for item in found
        if item is not None and item.kind is not Kind.LINK and _fits(form, item, values, words)
    ]


def _fits(form: Form, item: Field, values: Mapping[str, Any], words: list[str]) -> bool:
    title = form.titles.get(item.node_id, "")
    own = next((group.title for group in form.groups if group.is_own and item.key in group.keys), "")
    said = f"{item.label}\n{item.input_name}\n{title}\n{own}\n{_text(values.get(item.key, item.value))}".casefold()
    return all(word in said for word in words)


def _text(value: Any) -> str:
    if isinstance(value, LocalFile):
        return value.path[-MOST_LETTERS:]
    return value[:MOST_LETTERS] if isinstance(value, str) else "" if isinstance(value, list | dict) else str(value)
