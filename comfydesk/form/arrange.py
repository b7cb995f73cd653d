"""A profile put to work: which fields come first, under which names, within which ranges, and in which groups."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from comfydesk.form.fields import Field, Group, Kind
from comfydesk.form.profile import Profile, Range

OWN = "own:"  # begins the id of a person's own group; node ids are numbers joined by colons


def essentials_of(profile: Profile, fields: Sequence[Field]) -> list[str] | None:
    """The chosen keys that can be edited here, in the chosen order; seeds that move together show once.

    None where nothing was chosen, or nothing of it is left in the workflow.
    """
    if profile.essentials is None:
        return None
    known = {item.key: item for item in fields if item.kind is not Kind.LINK}
    shown: dict[str, str] = {}
    for key in profile.essentials:
        if key in known:
            shown.setdefault(known[key].seed_group or key, key)
    return list(shown.values()) if shown or not profile.essentials else None


def taken_of(profile: Profile) -> set[str]:
    """The keys that a person hid or put into a group: they are no essentials, and in no node's group."""
    return {*profile.hidden, *(key for group in profile.groups for key in group.keys)}


def rename(profile: Profile, fields: Sequence[Field]) -> list[Field]:
    """The fields with the profile's own names and help, which stands before what the host says."""
    if not profile.labels and not profile.help:
        return list(fields)
    return [
        replace(item, label=profile.labels.get(item.key, item.label), tooltip=_told(profile, item))
        if item.key in profile.labels or item.key in profile.help
        else item
        for item in fields
    ]


def narrow(profile: Profile, item: Field) -> Field:
    """The field with the profile's range, inside its own and wide enough for the file's value; the slider shows all of
    it. A range that leaves nothing to choose is none."""
    chosen = profile.ranges.get(item.key)
    if chosen is None or item.kind not in (Kind.INT, Kind.FLOAT):
        return item
    low, high = _ends(item, chosen)
    if low is not None and high is not None and not low < high:
        return item
    soft_low = low if chosen.low is not None or item.soft_min is None else _at_least(item.soft_min, low)
    soft_high = high if chosen.high is not None or item.soft_max is None else _at_most(item.soft_max, high)
    has_slider = soft_low is not None and soft_high is not None and soft_low < soft_high
    return replace(
        item,
        min=low,
        max=high,
        step=_step(item, chosen, low, high),
        soft_min=soft_low if has_slider else None,
        soft_max=soft_high if has_slider else None,
    )


def own_groups(profile: Profile, fields: Sequence[Field]) -> list[Group]:
    """The person's groups with what of them is left in the workflow; also empty ones, for they can be filled."""
    hidden = set(profile.hidden)
    known = {item.key for item in fields if item.kind is not Kind.LINK}
    return [
        Group(
            f"{OWN}{number}",
            group.title,
            "",
            tuple(key for key in group.keys if key in known and key not in hidden),
            is_own=True,
        )
        for number, group in enumerate(profile.groups)
    ]


def hidden_of(profile: Profile, fields: Sequence[Field]) -> tuple[str, ...]:
    """The hidden fields that there are."""
    known = {item.key for item in fields if item.kind is not Kind.LINK}
    return tuple(key for key in profile.hidden if key in known)


def _told(profile: Profile, item: Field) -> str:
    own = profile.help.get(item.key, "")
    return f"{own}\n\n{item.tooltip}" if own and item.tooltip else own or item.tooltip


def _ends(item: Field, chosen: Range) -> tuple[float | int | None, float | int | None]:
    low, high = chosen.low, chosen.high
    if item.kind is Kind.INT:
        low = None if low is None else math.ceil(low)
        high = None if high is None else math.floor(high)
    elif item.kind is Kind.FLOAT:
        low = None if low is None else float(low)
        high = None if high is None else float(high)
    low, high = _at_least(low, item.min), _at_most(high, item.max)
    if isinstance(item.value, int | float) and not isinstance(item.value, bool) and math.isfinite(item.value):
        low = low if low is None else min(low, item.value)
        high = high if high is None else max(high, item.value)
    return low, high


def _at_least(value: float | int | None, bound: float | int | None) -> float | int | None:
    return bound if value is None else value if bound is None else max(value, bound)


def _at_most(value: float | int | None, bound: float | int | None) -> float | int | None:
    return bound if value is None else value if bound is None else min(value, bound)


def _step(item: Field, chosen: Range, low: float | int | None, high: float | int | None) -> float | int | None:
    """Never finer than whole numbers for a whole number, and no wider than the range."""
    step = chosen.step
    if step is None or (low is not None and high is not None and step > high - low):
        return item.step
    return max(1, round(step)) if item.kind is Kind.INT else float(step)
