"""Names for fields in commands and scripts: `3.seed`, `57:8.text`, `KSampler.seed`, `seed`, `prompt`."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from comfydesk.base.errors import Problem
from comfydesk.form.fields import Field, Form, Kind, LocalFile
from comfydesk.form.kinds import UPLOAD_KINDS
from comfydesk.form.values import coerce
from comfydesk.workflow import json_text

SHOWN = 8  # candidates named in an error


def resolve(form: Form, text: str) -> Field:
    """The field that a KEY means: NODE.INPUT, else TITLE.INPUT (exact, then case-blind), else a role or label.

    Raises Problem key_unknown with near names, or key_ambiguous with all that fit.
    """
    key = text.strip()
    found = _by_node(form, key)
    if found is not None:
        return found
    for fits in (
        _by_title(form, key, str),
        _by_title(form, key, str.casefold),
        _by_role(form, key),
        _by_input(form, key),
    ):
        if fits:
            return _only(fits, key)
    raise Problem("key_unknown", key=key, near=_near(form, key))


def parse_assignment(form: Form, text: str) -> tuple[str, Any]:
    """`KEY=VALUE` as (field key, value in the field's type).

    `KEY:=JSON` takes lists, numbers and null as they are; `KEY=@photo.png` is a file of this computer for an upload
    field; `@@` stands for a literal @. Raises Problem key_unknown, key_ambiguous, value_type, input_linked or usage.
    """
    if "=" not in text:
        raise Problem("usage", detail=f"“{text}” is not of the form KEY=VALUE")
    first: Problem | None = None
    place = text.find("=")
    while place >= 0:
        key, value = text[:place], text[place + 1 :]
        is_json = key.endswith(":")
        try:
            field = resolve(form, key[:-1] if is_json else key)
        except Problem as problem:
            first = first or problem  # a title may hold a "=" itself: try the next one
            place = text.find("=", place + 1)
            continue
        return field.key, _json_value(field, value) if is_json else _text_value(field, value)
    assert first is not None
    raise first


def _by_node(form: Form, key: str) -> Field | None:
    """Split at the first dot after the longest known node id: ids may hold colons, and inputs dots."""
    if key in form.by_key:
        return form.by_key[key]
    folded = [item for item in form.fields if item.key.casefold() == key.casefold()]
    return folded[0] if len(folded) == 1 else None


def _by_title(form: Form, key: str, fold: Callable[[str], str]) -> list[Field]:
    wanted = fold(key)
    return [
        item
        for item in form.fields
        for title in {form.titles.get(item.node_id, ""), form.plain_titles.get(item.node_id, "")}
        if title and wanted == fold(f"{title}.{item.input_name}")
    ]


def _by_role(form: Form, key: str) -> list[Field]:
    word = key.casefold()
    fits = [
        item
        for item in form.fields
        if item.kind is not Kind.LINK and word in (item.role.value.casefold() or None, item.label.casefold())
    ]
    return _without_linked_seeds(fits)


def _by_input(form: Form, key: str) -> list[Field]:
    word = key.casefold()
    fits = [item for item in form.fields if item.kind is not Kind.LINK and item.input_name.casefold() == word]
    return _without_linked_seeds(fits)


def _without_linked_seeds(fits: list[Field]) -> list[Field]:
    """Seeds that move together are one seed: the first stands for all."""
    kept: dict[str, Field] = {}
    for item in fits:
        kept.setdefault(item.seed_group or item.key, item)
    return list(kept.values())


def _only(fits: list[Field], key: str) -> Field:
    unique = {item.key: item for item in fits}
    if len(unique) == 1:
        return fits[0]
    names = [f"{item.key} ({item.label})" for item in unique.values()]
    more = len(names) - SHOWN
    listed = ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")
    raise Problem("key_ambiguous", key=key, candidates=listed)


def _near(form: Form, key: str) -> str:
    names = list(dict.fromkeys(_names(form.fields)))
    folded = {name.casefold(): name for name in names}
    node = key.rsplit(".", 1)[0] if "." in key else ""
    same_node = [item.key for item in form.fields if node and item.node_id == node and item.kind is not Kind.LINK]
    close = difflib.get_close_matches(key.casefold(), list(folded), n=3, cutoff=0.5)
    near = [folded[name] for name in close] or same_node[:3] or [form.by_key[item].key for item in form.essentials[:3]]
    return " or ".join(f"“{name}”" for name in near) or "another workflow"


def _names(fields: Iterable[Field]) -> Iterable[str]:
    for item in fields:
        if item.kind is not Kind.LINK:
            yield item.key
            if item.role:
                yield item.role.value
            yield item.label


def _json_value(field: Field, text: str) -> Any:
    try:
        value = json_text.read(text.encode("utf-8", "surrogatepass"), field.key).value
    except Problem as problem:
        raise Problem("usage", detail=f"{field.key}: {problem.facts.get('detail', 'this is not JSON')}") from problem
    return coerce(field, value)


def _text_value(field: Field, text: str) -> Any:
    if text.startswith("@@"):
        text = text[1:]
    elif text.startswith("@"):
        if field.kind not in UPLOAD_KINDS:
            detail = f"{field.label} takes no file; write @@ for a literal @ at the start"
            raise Problem("usage", detail=detail)
        return LocalFile(str(Path(text[1:]).expanduser()))
    if field.kind is Kind.JSON and not isinstance(field.value, str):
        return _json_value(field, text)
    return coerce(field, text)
