"""What a form shows first, chosen by a person: the workflow's author, or the one who uses it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from comfydesk.form.fields import Field, Kind

MAX_SHOWN = 500  # fields that a profile may name; it comes from a file
MAX_LABEL = 120  # letters


@dataclass(frozen=True, slots=True)
class Profile:
    """`essentials`: field keys in the order in which they are shown; none: what the graph's structure says.

    `labels`: field key → the name that it has in this form. `outputs`: ids of the nodes whose results matter;
    none: all.
    """

    essentials: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    outputs: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.essentials or self.labels or self.outputs)

    def to_json(self) -> dict[str, Any]:
        """As the sidecar keeps it."""
        return {"essentials": list(self.essentials), "labels": dict(self.labels), "outputs": list(self.outputs)}


def from_json(content: Any) -> Profile:
    """A profile as the sidecar keeps it; whatever is odd in it is left out, for people edit these files."""
    if not isinstance(content, Mapping):
        return Profile()
    labels = content.get("labels")
    return Profile(
        _texts(content.get("essentials")),
        {key: label[:MAX_LABEL] for key, label in labels.items() if isinstance(label, str) and label.strip()}
        if isinstance(labels, Mapping)
        else {},
        _texts(content.get("outputs")),
    )


def essentials_of(profile: Profile, fields: Sequence[Field]) -> list[str]:
    """The chosen keys that can be edited here, in the chosen order; seeds that move together show once."""
    known = {item.key: item for item in fields if item.kind is not Kind.LINK}
    shown: dict[str, str] = {}
    for key in profile.essentials:
        if key in known:
            shown.setdefault(known[key].seed_group or key, key)
    return list(shown.values())


def rename(profile: Profile, fields: Sequence[Field]) -> list[Field]:
    """The fields with the profile's own names."""
    if not profile.labels:
        return list(fields)
    return [replace(item, label=profile.labels.get(item.key, item.label)) for item in fields]


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(dict.fromkeys(item for item in value if isinstance(item, str)))[:MAX_SHOWN]
