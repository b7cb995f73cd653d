"""Presets: values that a person keeps under a name, for one workflow, or as a style for all of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from comfydesk.base.errors import Problem
from comfydesk.form.fields import Field, Form, Kind, LocalFile, Role
from comfydesk.form.values import coerce, same

MAX_NAME = 80  # letters
MAX_FRAGMENT = 10_000
MAX_VALUES = 2_000  # of one preset
MAX_PRESETS = 500  # of one workflow, or of one home
PLACE = "{prompt}"  # where the person's own words stand in a style's fragment
# What a style may set: never what belongs to one workflow or one run.
STYLE_ROLES = tuple(
    role for role in Role if role not in (Role.NONE, Role.MEDIA, Role.PROMPT, Role.NEGATIVE, Role.SEED, Role.PREFIX)
)


class PresetKind(StrEnum):
    WORKFLOW = "workflow"  # `values` by field key
    STYLE = "style"  # fragments, and `values` by role


@dataclass(frozen=True, slots=True)
class Preset:
    """`values`: by field key, or by role for a style. `prompt` and `negative`, of a style: words that are added to the
    person's own: at "{prompt}" these stand, else the fragment comes after them."""

    name: str
    kind: PresetKind = PresetKind.WORKFLOW
    values: Mapping[str, Any] = field(default_factory=dict)
    prompt: str = ""
    negative: str = ""

    @property
    def is_style(self) -> bool:
        return self.kind is PresetKind.STYLE


def wanted(form: Form, preset: Preset, values: Mapping[str, Any]) -> dict[str, Any]:
    """What the preset would put where, by field key, in the form's order; what is not in this form, or does not fit the
    field any more, is left out. `values` are the form's present ones: a style adds to its prompts."""
    if preset.is_style:
        return _styled(form, preset, values)
    found: dict[str, Any] = {}
    for item in form.fields:
        if item.key in preset.values and item.kind is not Kind.LINK:
            _take(found, item, preset.values[item.key])
    return found


def apply(form: Form, preset: Preset, values: Mapping[str, Any], only: Collection[str] | None = None) -> dict[str, Any]:
    """The values that change when the preset is applied: all of it, or `only` these fields."""
    return {
        key: value
        for key, value in wanted(form, preset, values).items()
        if (only is None or key in only) and not same(value, _now(form, values, key))
    }


def is_in(form: Form, preset: Preset, values: Mapping[str, Any]) -> bool:
    """Whether the form has everything of the preset that it can have, and that is something."""
    if preset.is_style:
        found = wanted(form, preset, values)
        return bool(found) and all(same(value, _now(form, values, key)) for key, value in found.items())
    is_something = False
    for key, value in preset.values.items():  # the first difference ends it: all presets are asked while somebody types
        item = form.get(key)
        if item is None or item.kind is Kind.LINK:
            continue
        if not same(value, _now(form, values, key)):
            taken: dict[str, Any] = {}
            _take(taken, item, value)
            if key in taken and not same(taken[key], _now(form, values, key)):
                return False
        is_something = True
    return is_something


def without_style(form: Form, preset: Preset, values: Mapping[str, Any]) -> dict[str, Any]:
    """The prompts with the style's words taken out again; its settings stay, for what was before is not known."""
    found: dict[str, Any] = {}
    for item, fragment in _places(form, preset):
        now = values.get(item.key, item.value)
        if isinstance(now, str) and (own := take_out(now, fragment)) is not None:
            found[item.key] = own
    return found


def put_in(text: str, fragment: str) -> str:
    """A prompt with a style's words; one that has them already stays as it is."""
    before, after = _sides(fragment)
    if not before + after or take_out(text, fragment) is not None:
        return text
    if not text.strip():
        return (before + after).strip(" ,\n")
    return before + text + after


def take_out(text: str, fragment: str) -> str | None:
    """The prompt without the style's words, None where it does not have them."""
    before, after = _sides(fragment)
    if not before + after:
        return None
    if text == (before + after).strip(" ,\n"):
        return ""
    if len(text) >= len(before) + len(after) and text.startswith(before) and text.endswith(after):
        return text[len(before) : len(text) - len(after)]
    return None


def of_form(form: Form, values: Mapping[str, Any], name: str, keys: Collection[str]) -> Preset:
    """A workflow's own preset of what the form says now in these fields."""
    taken = {
        item.key: values.get(item.key, item.value)
        for item in form.fields
        if item.key in keys and item.kind is not Kind.LINK
    }
    return Preset(clean_name(name), PresetKind.WORKFLOW, dict(list(taken.items())[:MAX_VALUES]))


def style_of(
    form: Form, values: Mapping[str, Any], name: str, keys: Collection[str], prompt: str, negative: str
) -> Preset:
    """A style with these fragments and the settings of these fields, by role."""
    taken = {
        role.value: values.get(item.key, item.value)
        for role in STYLE_ROLES
        if (item := field_of_role(form, role)) is not None and item.key in keys
    }
    return Preset(clean_name(name), PresetKind.STYLE, taken, prompt[:MAX_FRAGMENT], negative[:MAX_FRAGMENT])


def field_of_role(form: Form, role: Role) -> Field | None:
    """The field that a style's setting goes to: of several with that role the most important one."""
    found = [item for item in form.fields if item.role is role and item.kind is not Kind.LINK]
    return next((item for item in found if item.essential), found[0] if found else None)


def can_be_in_style(form: Form, item: Field) -> bool:
    """Whether a style can carry the value of this field to other workflows."""
    return item.role in STYLE_ROLES and field_of_role(form, item.role) is item


# Lists of presets. A name is unique in its list without regard to case.


def find(presets: Sequence[Preset], name: str) -> Preset | None:
    return next((each for each in presets if each.name.casefold() == name.casefold()), None)


def put(presets: Sequence[Preset], preset: Preset, instead_of: str = "") -> tuple[Preset, ...]:
    """The list with this preset in the place of the one named `instead_of`, or of its own name, else at the end.

    Raises Problem preset_many.
    """
    gone = {preset.name.casefold(), (instead_of or preset.name).casefold()}
    place = next((at for at, each in enumerate(presets) if each.name.casefold() in gone), len(presets))
    kept = [each for each in presets if each.name.casefold() not in gone]
    kept.insert(min(place, len(kept)), preset)
    if len(kept) > MAX_PRESETS:
        raise Problem("preset_many", limit=MAX_PRESETS)
    return tuple(kept)


def without(presets: Sequence[Preset], name: str) -> tuple[Preset, ...]:
    return tuple(each for each in presets if each.name.casefold() != name.casefold())


def with_free_name(presets: Sequence[Preset], preset: Preset) -> Preset:
    """The preset under its own name, or with a number behind it where that is taken."""
    taken = {each.name.casefold() for each in presets}
    name, number = preset.name, 2
    while name.casefold() in taken:
        name, number = f"{preset.name[: MAX_NAME - 5]} {number}", number + 1
    return replace(preset, name=name)


def clean_name(text: str) -> str:
    """A name in one line, without what cannot be seen; "" where nothing is left."""
    seen = "".join(letter for letter in text if letter.isprintable() or letter.isspace())
    return " ".join(seen.split())[:MAX_NAME].strip()


def _styled(form: Form, preset: Preset, values: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for item, fragment in _places(form, preset):
        now = values.get(item.key, item.value)
        if isinstance(now, str):
            made[item.key] = put_in(now, fragment)
    for name, value in preset.values.items():
        item_ = field_of_role(form, Role(name)) if name in STYLE_ROLES else None
        if item_ is not None:
            _take(made, item_, value)
    return {item.key: made[item.key] for item in form.fields if item.key in made}


def _places(form: Form, preset: Preset) -> list[tuple[Field, str]]:
    """The prompts that a style's words go into, each with its fragment."""
    fragments = {Role.PROMPT: preset.prompt, Role.NEGATIVE: preset.negative}
    texts = (Kind.TEXT, Kind.MULTILINE)
    return [(item, fragments[item.role]) for item in form.fields if fragments.get(item.role) and item.kind in texts]


def _sides(fragment: str) -> tuple[str, str]:
    """What comes before and after the person's words."""
    if PLACE in fragment:
        before, _, after = fragment.partition(PLACE)
        return before, after
    fragment = fragment.strip()
    return "", f", {fragment.lstrip(', ')}" if fragment.strip(" ,") else ""


def _take(found: dict[str, Any], item: Field, value: Any) -> None:
    try:
        found[item.key] = value if isinstance(value, LocalFile) else coerce(item, value)
    except Problem:
        return  # the node takes another kind of value today: the field keeps what it has


def _now(form: Form, values: Mapping[str, Any], key: str) -> Any:
    return values.get(key, form.by_key[key].value)
