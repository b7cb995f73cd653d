"""What a check found, as lines for people: by subject, the same missing name once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from comfydesk.base.errors import TEMPLATES, fill
from comfydesk.form.fields import Issue
from comfydesk.form.issue_groups import IssueGroup, Item, Subject

PLACES = 3  # keys named of a missing name
NEAR = 3

_HEADS = {
    Subject.NODES: ("Missing nodes", "{n} node is missing", "{n} nodes are missing"),
    Subject.MODELS: ("Missing models", "{n} model is missing", "{n} models are missing"),
    Subject.FILES: ("Files to choose", "{n} file is to be chosen", "{n} files are to be chosen"),
    Subject.VALUES: ("Wrong values", "{n} value is wrong", "{n} values are wrong"),
    Subject.WORKFLOW: ("Workflow", "the workflow cannot run", "the workflow cannot run"),
    Subject.PAID: ("Costs money", "each run costs money", "each run costs money"),
    Subject.PATHS: ("Places on a computer", "{n} place on a computer is named", "{n} places on a computer are named"),
    Subject.NAMES: ("Names of results", "{n} odd name for results", "{n} odd names for results"),
    Subject.DEPRECATED: ("Deprecated nodes", "{n} deprecated node", "{n} deprecated nodes"),
    Subject.NOTES: ("Notes", "{n} note", "{n} notes"),
}  # fmt: skip


def summary(groups: Sequence[IssueGroup]) -> str:
    """ "2 nodes are missing, 3 models are missing, each run costs money"; "nothing is missing"."""
    said = [_HEADS[group.subject][1 if group.count == 1 else 2].format(n=group.count) for group in groups]
    is_ready = not any(group.severity == "error" for group in groups)
    return ", ".join((["nothing is missing"] if is_ready else []) + list(dict.fromkeys(said)))


def lines_of(groups: Sequence[IssueGroup]) -> Iterator[str]:
    """Everything that was found."""
    for group in groups:
        yield ""
        yield _HEADS[group.subject][0]
        for item in group.items:
            yield from (f"  {line}" for line in _item(group.subject, item))


def step_of(issue: Issue) -> str:
    """What to do about an issue, "" for a note in a file's own words."""
    template = TEMPLATES.get(issue.code)
    return fill(template.next, issue.facts) if template is not None and issue.severity != "note" else ""


def _item(subject: Subject, item: Item) -> Iterator[str]:
    issue = item.first
    facts = issue.facts
    if subject is Subject.NODES:
        yield ", ".join(facts["names"])
        yield (
            f"    {step_of(issue)}"
            if issue.code != "nodes_missing"
            else "    The workflow does not say which pack has them."
        )
    elif subject is Subject.FILES and item.name:
        yield f"{item.name}   ({_places(item)})"
        yield f"    it is not among the host's input files; choose your own: --set {issue.key}=@FILE"
    elif subject is Subject.MODELS and item.name:
        yield f"{item.name}   ({_places(item)})"
        near = ", ".join(str(choice) for choice in issue.suggestions[:NEAR])
        yield f"    nearest there: {near}" if near else "    there is none of this kind on the host"
        if facts.get("url") or facts.get("directory"):
            yield f"    {_source(issue)}"
    elif subject in (Subject.NOTES, Subject.PAID, Subject.DEPRECATED):
        yield issue.message
    else:
        yield f"{issue.key}: {issue.message}" if issue.key else issue.message
        yield f"    {step_of(issue)}"


def _places(item: Item) -> str:
    keys = [issue.key for issue in item.issues]
    more = len(keys) - PLACES
    return ", ".join(keys[:PLACES]) + (f" and {more} more" if more > 0 else "")


def _source(issue: Issue) -> str:
    """Where the workflow's author says that a model can be had, and where it belongs."""
    url, directory = issue.facts.get("url"), issue.facts.get("directory")
    into = f"into models/{directory}" if directory else ""
    return ", ".join(filter(None, (into, f"from {url}" if url else "")))
