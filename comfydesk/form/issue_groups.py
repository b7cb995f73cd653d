"""The issues of a check by subject, so that a workflow with sixty missing models stays readable."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from comfydesk.form.fields import Form, Issue
from comfydesk.form.kinds import UPLOAD_KINDS


class Subject(StrEnum):
    """What an issue is about, in the order of importance within one severity."""

    NODES = "nodes"  # the host lacks them
    MODELS = "models"  # the host lacks them
    FILES = "files"  # pictures, videos, sounds to be chosen
    VALUES = "values"  # wrong values and missing links
    WORKFLOW = "workflow"  # anything else that stops it as a whole
    PAID = "paid"
    PATHS = "paths"  # places on somebody's computer
    NAMES = "names"  # odd names for results
    DEPRECATED = "deprecated"
    NOTES = "notes"


_BY_CODE = {
    "nodes_missing": Subject.NODES,
    "nodes_of_pack": Subject.NODES,
    "nodes_newer": Subject.NODES,
    "paid_used": Subject.PAID,
    "path_inside": Subject.PATHS,
    "prefix_outside": Subject.NAMES,
    "prefix_absolute": Subject.NAMES,
    "prefix_long": Subject.NAMES,
    "prefix_tokens": Subject.NAMES,
    "nodes_deprecated": Subject.DEPRECATED,
}
_SEVERITIES = ("error", "warning", "note")
_ORDER = list(Subject)


@dataclass(frozen=True, slots=True)
class Item:
    """Issues that are one thing to a person: the same name missing in several places. Never empty."""

    issues: tuple[Issue, ...]

    @property
    def first(self) -> Issue:
        return self.issues[0]

    @property
    def name(self) -> str:
        """What is missing, "" where the issue is no missing name."""
        return str(self.first.facts.get("value", "")) if self.first.code == "value_choice" else ""


@dataclass(frozen=True, slots=True)
class IssueGroup:
    """All items of one subject and severity. `count`: how many nodes, models, … they are about."""

    subject: Subject
    severity: str
    items: tuple[Item, ...]

    @property
    def count(self) -> int:
        if self.subject in (Subject.NODES, Subject.PAID, Subject.DEPRECATED):
            return sum(len(issue.facts.get("names", ("",))) for item in self.items for issue in item.issues)
        return len(self.items)


def grouped(issues: Iterable[Issue], form: Form | None = None) -> list[IssueGroup]:
    """Errors first, then warnings, then notes; of each by subject. `form` tells models from other choices."""
    found: dict[tuple[int, int], dict[object, list[Issue]]] = {}
    for number, issue in enumerate(issues):
        subject = subject_of(issue, form)
        place = (_SEVERITIES.index(issue.severity), _ORDER.index(subject))
        same = _is_missing_name(issue, subject)
        found.setdefault(place, {}).setdefault(issue.facts.get("value") if same else number, []).append(issue)
    return [
        IssueGroup(_ORDER[subject], _SEVERITIES[severity], tuple(Item(tuple(item)) for item in items.values()))
        for (severity, subject), items in sorted(found.items(), key=lambda pair: pair[0])
    ]


def subject_of(issue: Issue, form: Form | None) -> Subject:
    """What an issue is about."""
    if issue.code in _BY_CODE:
        return _BY_CODE[issue.code]
    if issue.severity == "note":
        return Subject.NOTES
    field = form.get(issue.key) if form is not None and issue.key else None
    if field is not None and field.kind in UPLOAD_KINDS:
        return Subject.FILES
    if issue.code == "value_choice" and field is not None and field.is_model:
        return Subject.MODELS
    return Subject.VALUES if issue.key else Subject.WORKFLOW


def _is_missing_name(issue: Issue, subject: Subject) -> bool:
    return subject in (Subject.MODELS, Subject.FILES) and issue.code == "value_choice"
