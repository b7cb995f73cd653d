"""What the bar over the form says about the subjects of a check."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from comfydesk.form.issue_groups import IssueGroup, Subject
from comfydesk.gui.widgets.labels import counted

# Heading, and the words of the closed bar for one and for many.
_WORDS = {
    Subject.NODES: (
        QT_TRANSLATE_NOOP("CheckBar", "Missing nodes"),
        QT_TRANSLATE_NOOP("CheckBar", "1 node missing"),
        QT_TRANSLATE_NOOP("CheckBar", "{n} nodes missing"),
    ),
    Subject.MODELS: (
        QT_TRANSLATE_NOOP("CheckBar", "Missing models"),
        QT_TRANSLATE_NOOP("CheckBar", "1 model missing"),
        QT_TRANSLATE_NOOP("CheckBar", "{n} models missing"),
    ),
    Subject.VALUES: (
        QT_TRANSLATE_NOOP("CheckBar", "Wrong values"),
        QT_TRANSLATE_NOOP("CheckBar", "1 wrong value"),
        QT_TRANSLATE_NOOP("CheckBar", "{n} wrong values"),
    ),
    Subject.PAID: (
        QT_TRANSLATE_NOOP("CheckBar", "Each run costs money"),
        QT_TRANSLATE_NOOP("CheckBar", "Costs money"),
        QT_TRANSLATE_NOOP("CheckBar", "Costs money"),
    ),
    Subject.PATHS: (
        QT_TRANSLATE_NOOP("CheckBar", "Places on a computer"),
        QT_TRANSLATE_NOOP("CheckBar", "Names a place on a computer"),
        QT_TRANSLATE_NOOP("CheckBar", "Names {n} places on a computer"),
    ),
    Subject.NAMES: (
        QT_TRANSLATE_NOOP("CheckBar", "Names of results"),
        QT_TRANSLATE_NOOP("CheckBar", "Odd file name"),
        QT_TRANSLATE_NOOP("CheckBar", "{n} odd file names"),
    ),
    Subject.DEPRECATED: (
        QT_TRANSLATE_NOOP("CheckBar", "Deprecated nodes, still running"),
        QT_TRANSLATE_NOOP("CheckBar", "1 deprecated node"),
        QT_TRANSLATE_NOOP("CheckBar", "{n} deprecated nodes"),
    ),
    Subject.NOTES: (
        QT_TRANSLATE_NOOP("CheckBar", "Notes on the file"),
        QT_TRANSLATE_NOOP("CheckBar", "1 note"),
        QT_TRANSLATE_NOOP("CheckBar", "{n} notes"),
    ),
}


def heading(group: IssueGroup) -> str:
    """Over the items of a group."""
    return _translated(_WORDS[group.subject][0])


def headline(groups: Sequence[IssueGroup]) -> str:
    """ "2 nodes missing · 3 models missing · Costs money"."""
    said = [
        counted(group.count, _translated(_WORDS[group.subject][1]), _translated(_WORDS[group.subject][2]))
        for group in groups
    ]
    return " · ".join(dict.fromkeys(said))


def shown(groups: Sequence[IssueGroup]) -> list[IssueGroup]:
    """What is worth the bar: one missing model or wrong value alone is said under its field and over Queue already."""
    listed = [group for group in groups if group.subject in _WORDS]
    alone = len(listed) == 1 and listed[0].subject in (Subject.MODELS, Subject.VALUES) and listed[0].count == 1
    return [] if alone and not listed[0].items[0].first.facts.get("url") else listed


def _translated(text: str) -> str:
    return QCoreApplication.translate("CheckBar", text)
