"""What a person does to a form's arrangement, each step as a new profile: move, hide, rename, narrow, explain, group.

Fields that are not in the form at the moment (another host, another choice of a dynamic input) stay in the profile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

from comfydesk.form.fields import Field, Form, Kind
from comfydesk.form.profile import MAX_GROUPS, MAX_HELP, OwnGroup, Profile, Range, clean_label


class Section(StrEnum):
    """Where a form shows a field."""

    FIRST = "first"  # an essential
    GROUP = "group"  # in a group that a person made
    ADVANCED = "advanced"  # in its node's group
    HIDDEN = "hidden"
    USUAL = "usual"  # no section: where the field is when a person says nothing of it


class Spot(NamedTuple):
    """A section; of GROUP also which one, from 0."""

    section: Section
    group: int = -1


FIRST = Spot(Section.FIRST)
ADVANCED = Spot(Section.ADVANCED)
HIDDEN = Spot(Section.HIDDEN)
USUAL = Spot(Section.USUAL)


def spot_of(form: Form, key: str) -> Spot:
    """Where the form has a field."""
    if key in form.hidden:
        return HIDDEN
    if key in form.essentials:
        return FIRST
    own = [group for group in form.groups if group.is_own]
    return next((Spot(Section.GROUP, number) for number, group in enumerate(own) if key in group.keys), ADVANCED)


def editable(form: Form, keys: Iterable[str]) -> list[Field]:
    """The fields among these that a person can set."""
    found = (form.get(key) for key in keys)
    return [item for item in found if item is not None and item.kind is not Kind.LINK]


def place(profile: Profile, form: Form, keys: Sequence[str], spot: Spot, before: str = "") -> Profile:
    """Put fields somewhere, in their order, before another one there; at the end without one.

    `form` is the one that was built with this profile: what comes first by the graph's structure is written down as
    soon as a person changes it. A field that is hidden or put into a group keeps its place among the first ones for the
    time when it is taken out again.
    """
    moved = list(dict.fromkeys(keys))
    gone = set(moved)
    essentials = profile.essentials
    if spot.section in (Section.FIRST, Section.ADVANCED):
        essentials = _essentials_after(profile, form, moved, before if spot.section is Section.FIRST else None)
    groups = [replace(group, keys=tuple(key for key in group.keys if key not in gone)) for group in profile.groups]
    if spot.section is Section.GROUP and 0 <= spot.group < len(groups):
        here = groups[spot.group]
        groups[spot.group] = replace(here, keys=_inserted(here.keys, moved, before))
    hidden = tuple(key for key in profile.hidden if key not in gone)
    if spot.section is Section.HIDDEN:
        hidden = _inserted(hidden, moved, before)
    return replace(profile, essentials=essentials, groups=tuple(groups), hidden=hidden)


def step(profile: Profile, form: Form, key: str, by: int) -> Profile:
    """Move a field one place up (-1) or down (1) in its section; nothing happens at its ends, and in "Advanced"."""
    spot = spot_of(form, key)
    order = shown_in(form, spot)
    if spot.section is Section.ADVANCED or key not in order or not 0 <= order.index(key) + by < len(order):
        return profile
    others = [item for item in order if item != key]
    at = order.index(key) + by
    return place(profile, form, [key], spot, others[at] if at < len(others) else "")


def shown_in(form: Form, spot: Spot) -> list[str]:
    """The keys of the fields in a section, in their order."""
    if spot.section is Section.FIRST:
        return list(form.essentials)
    if spot.section is Section.HIDDEN:
        return list(form.hidden)
    if spot.section is Section.GROUP:
        own = [group for group in form.groups if group.is_own]
        return list(own[spot.group].keys) if 0 <= spot.group < len(own) else []
    return [key for group in form.groups if not group.is_own for key in group.keys]


def relabel(profile: Profile, key: str, text: str) -> Profile:
    """Give a field another name; no text: its usual one."""
    return replace(profile, labels=_said(profile.labels, key, clean_label(text)))


def explain(profile: Profile, key: str, text: str) -> Profile:
    """Write down what a field is for; no text: only what the host says."""
    return replace(profile, help=_said(profile.help, key, text.strip()[:MAX_HELP]))


def limit(profile: Profile, key: str, chosen: Range) -> Profile:
    """Narrow a number's range; an empty one gives back the node's."""
    ranges = {name: found for name, found in profile.ranges.items() if name != key}
    if chosen != Range():
        ranges[key] = chosen
    return replace(profile, ranges=ranges)


def add_group(profile: Profile, title: str) -> Profile:
    """A new empty group below the others, up to MAX_GROUPS; a title without a letter makes none."""
    title = clean_label(title)
    if not title or len(profile.groups) >= MAX_GROUPS:
        return profile
    return replace(profile, groups=(*profile.groups, OwnGroup(title)))


def rename_group(profile: Profile, number: int, title: str) -> Profile:
    title = clean_label(title)
    if not title or not 0 <= number < len(profile.groups):
        return profile
    groups = list(profile.groups)
    groups[number] = replace(groups[number], title=title)
    return replace(profile, groups=tuple(groups))


def remove_group(profile: Profile, number: int) -> Profile:
    """Take a group away; its fields go back to their nodes' groups."""
    left = (group for at, group in enumerate(profile.groups) if at != number)
    return replace(profile, groups=tuple(left))


def step_group(profile: Profile, number: int, by: int) -> Profile:
    """Move a group one place up (-1) or down (1)."""
    to = number + by
    if not (0 <= number < len(profile.groups) and 0 <= to < len(profile.groups)):
        return profile
    groups = list(profile.groups)
    groups.insert(to, groups.pop(number))
    return replace(profile, groups=tuple(groups))


def _essentials_after(profile: Profile, form: Form, moved: Sequence[str], before: str | None) -> tuple[str, ...]:
    """What is shown first without these fields, or (`before` is a text) with them before that one."""
    chosen = profile.essentials or ()
    if profile.essentials is None or not set(chosen).intersection(form.essentials):
        chosen = (*form.essentials, *(key for key in chosen if key not in form.by_key))
    left = tuple(key for key in chosen if key not in moved)
    if before is not None:
        left = _inserted(left, moved, before)
    # With none of this workflow left among them, they would count as chosen for another one.
    return left if any(key in form.by_key for key in left) else ()


def _inserted(keys: Sequence[str], new: Sequence[str], before: str) -> tuple[str, ...]:
    at = list(keys).index(before) if before in keys else len(keys)
    return (*keys[:at], *new, *keys[at:])


def _said(texts: Mapping[str, str], key: str, text: str) -> dict[str, str]:
    left = {name: said for name, said in texts.items() if name != key}
    return {**left, key: text} if text else left
