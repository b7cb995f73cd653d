"""What to mend before Queue: what the host would refuse, said before it is asked. Nothing is refused here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from comfydesk.base.errors import Problem
from comfydesk.form import branches, local_paths, nodes_check, outputs, prefixes
from comfydesk.form.fields import Field, Form, Issue, Kind, LocalFile
from comfydesk.form.kinds import MODEL_FILE, UPLOAD_KINDS
from comfydesk.form.labels import readable
from comfydesk.form.match import nearest, own_spelling
from comfydesk.form.values import coerce, is_finite, same
from comfydesk.workflow.dynamic import expand
from comfydesk.workflow.graph import Graph
from comfydesk.workflow.hints import NOTHING, Hints
from comfydesk.workflow.specs import AUTOGROW, DYNAMIC_COMBO, Specs

if TYPE_CHECKING:
    from comfydesk.workflow.conversion import Conversion, Note

HERE = "this host"
SHOWN = 3  # names in a sentence
MAX_SHOWN = 120  # letters of one
MAX_NOTES = 200
MAY_NAME_PATHS = frozenset({Kind.TEXT, Kind.MULTILINE, Kind.JSON, Kind.COMBO, *UPLOAD_KINDS})
# Missing nodes are said with their packs; of the others ComfyUI's page says nothing either, and nothing follows.
UNSAID = frozenset({"node_missing", "promotion_failed"})
SEVERITIES = ("error", "warning", "note")


def check(
    graph: Graph,
    form: Form,
    values: Mapping[str, Any],
    specs: Specs | None,
    address: str = "",
    *,
    hints: Hints = NOTHING,
    conversion: Conversion | None = None,
) -> list[Issue]:
    """Everything to know before a run: errors, then warnings, then notes; of each the whole workflow's first, then by
    field in the form's order.

    `specs` None: only what can be known without a host. `address` names the host in sentences, `hints` are what the
    editor's graph tells of packs and models, `conversion` how it became this one. Looks whether picked local files are
    there; does nothing else outside.
    """
    graph = form.graph or graph
    place = address or HERE
    issues = nodes_check.missing(graph, specs, hints, place, conversion.missing if conversion else {})
    if not issues and specs is not None and not _has_output(graph, specs):
        issues.append(_whole("outputs_missing"))
    used = graph.upstream(node.node_id for node in outputs.output_nodes(graph, specs))
    used -= branches.lost(graph, form, values)
    for field in form.fields:
        if field.node_id in used and field.kind is not Kind.LINK:
            issue = check_field(field, values.get(field.key, field.value), place)
            if issue:
                issues.append(_with_hint(issue, field, hints))
    if specs is not None:
        issues += _unconnected(graph, form, specs, used)
    issues += nodes_check.paid_nodes(graph, specs)
    issues += _prefix_issues(graph, form, values)
    issues += _path_issues(form, values, {issue.key for issue in issues if issue.key})
    issues += nodes_check.deprecated(graph, specs)
    issues += _notes(form, conversion.warnings if conversion else ())
    return sorted(issues, key=lambda issue: SEVERITIES.index(issue.severity))


def check_field(field: Field, value: Any, address: str = HERE) -> Issue | None:
    """What is wrong with one value, None where nothing is. For validation while somebody types."""
    if _is_broken_link(value):
        return _issue(field, "link_broken", label=field.label, node=field.node_id)
    try:
        value = coerce(field, value)
    except Problem as problem:
        suggestions = () if field.default is None else (field.default,)
        return _issue(field, problem.code, suggestions=suggestions, **problem.facts)
    if field.kind in (Kind.GROW, Kind.LORAS):
        return None
    if field.kind in UPLOAD_KINDS:
        return _upload_issue(field, value, address)
    if value is None:
        if not field.required or not field.exists:
            return None
        return _issue(field, "value_missing", suggestions=_fallback(field), label=field.label)
    if not is_finite(value):
        return _issue(field, "value_type", label=field.label, wanted="a number", value=value)
    if field.kind is Kind.COMBO or field.multiple:
        return _choice_issue(field, value, address)
    return _range_issue(field, value)


def _has_output(graph: Graph, specs: Specs) -> bool:
    found = map(specs.node, {node.class_type for node in graph.nodes.values()})
    return any(spec.output_node for spec in found if spec)


def _with_hint(issue: Issue, field: Field, hints: Hints) -> Issue:
    """Where the workflow says that a missing model can be had: `site`, `url` and `directory` in the facts."""
    hint = hints.model(issue.facts.get("value")) if issue.code == "value_choice" and field.is_model else None
    if hint is None:
        return issue
    facts = {**issue.facts, "site": hint.site, "url": hint.url, "directory": hint.directory}
    return replace(issue, facts=facts)


def _prefix_issues(graph: Graph, form: Form, values: Mapping[str, Any]) -> Iterator[Issue]:
    names = prefixes.names_of(graph)
    for field in prefixes.fields(graph, form):
        value = values.get(field.key, field.value)
        found = prefixes.trouble(value, names)
        if found is not None:
            facts = {"label": field.label, "value": _short(value), **found.facts}
            yield replace(_issue(field, found.code, **facts), severity=found.severity)


def _path_issues(form: Form, values: Mapping[str, Any], said: set[str]) -> Iterator[Issue]:
    """Values that name a place on a computer; `said`: fields about which there is more to say."""
    for field in form.fields:
        value = values.get(field.key, field.value)
        if field.kind not in MAY_NAME_PATHS or field.key in said or value in field.choices:
            continue
        path = local_paths.local_path(value)
        if path:
            yield replace(_issue(field, "path_inside", label=field.label, value=_short(path)), severity="warning")


def _notes(form: Form, notes: Sequence[Note]) -> Iterator[Issue]:
    """What the file's reading and conversion had to say, in their own words."""
    for sentence in form.warnings[:MAX_NOTES]:
        yield Issue("", "file_note", {}, "note", message=sentence)
    for note in notes[:MAX_NOTES]:
        if note.code in UNSAID:
            continue
        yield Issue("", note.code, dict(note.facts), "note", message=note.sentence)


def _unconnected(graph: Graph, form: Form, specs: Specs, used: set[str]) -> Iterator[Issue]:
    """Inputs that the host requires, that only a link can fill, and that have none."""
    for node_id in graph.order:
        node = graph.nodes[node_id]
        spec = specs.node(node.class_type)
        if spec is None or node_id not in used:
            continue
        chosen = {item.key: item.input_name for item in form.fields if item.structural and item.node_id == node_id}
        inputs = {**node.inputs, **{name: form.structure.get(key) for key, name in chosen.items()}}
        for item in expand(spec, inputs):
            is_link_only = item.required and not item.is_editable and not item.is_hidden
            brings_others = item.type in (AUTOGROW, DYNAMIC_COMBO)
            if is_link_only and not brings_others and item.name not in node.inputs and not item.has_default:
                if item.flag("socketless"):
                    continue
                facts = {"label": readable(item.name), "node": form.titles.get(node_id, node_id)}
                yield Issue(
                    f"{node_id}.{item.name}", "link_broken", facts, message=Problem("link_broken", **facts).message
                )


def _upload_issue(field: Field, value: Any, address: str) -> Issue | None:
    if isinstance(value, LocalFile):
        if Path(value.path).is_file():
            return None
        return _issue(field, "input_missing", file=value.path)
    if not value:
        is_missing = field.required and field.default != ""  # of a new painter's mask nothing is missing
        return _issue(field, "value_missing", label=field.label) if is_missing else None
    # A name with a folder or "[output]" is not listed by the host, and may well be there.
    is_listed = field.choices_known and field.choices and "/" not in value and "\\" not in value and "[" not in value
    if not is_listed or value in field.choices:
        return None
    return _not_there(field, value, _near(value, field.choices), address)


def _choice_issue(field: Field, value: Any, address: str) -> Issue | None:
    if not field.choices_known:
        return None
    for item in value if field.multiple and isinstance(value, list) else [value]:
        found = own_spelling(item, field.choices)
        is_text = isinstance(found, str)  # thousands of names are looked through at once
        if not (found in field.choices if is_text else any(same(found, choice) for choice in field.choices)):
            near = _near(item, field.choices) or _fallback(field, item)
            return _not_there(field, item, near, address)
    return None


def _near(value: Any, choices: tuple[Any, ...]) -> tuple[Any, ...]:
    try:
        return _nearest(value, choices)
    except TypeError:  # choices that are no plain values
        return tuple(nearest(value, choices))


@lru_cache(maxsize=256)
def _nearest(value: Any, choices: tuple[Any, ...]) -> tuple[Any, ...]:
    """A form is checked at every pause of typing, and a host may have thousands of names."""
    return tuple(nearest(value, choices))


def _not_there(field: Field, value: Any, near: tuple[Any, ...], address: str) -> Issue:
    facts = {"label": field.label, "value": _short(value), "address": address, "near": _listed(near)}
    return _issue(field, "value_choice", near, **facts)


def _fallback(field: Field, value: Any = None) -> tuple[Any, ...]:
    """What to offer where nothing is near: a model that is there, the default, the first choice. One click mends.

    Choices that are no files, like "pixel_space" among VAEs, take no model's place.
    """
    if field.is_model and value is not None:
        files = [choice for choice in field.choices if isinstance(choice, str) and MODEL_FILE.search(choice)]
        return tuple(nearest(value, files, 1, threshold=0.0))
    if field.default is not None and (not field.choices or field.default in field.choices):
        return (field.default,)
    return field.choices[:1]


def _range_issue(field: Field, value: Any) -> Issue | None:
    """Limits as the server checks them; it takes any step (width 1001 of step 8 runs)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    low, high = field.min, field.max
    if (low is None or value >= low) and (high is None or value <= high):
        return None
    mended = low if low is not None and value < low else high
    facts = {
        "label": field.label,
        "value": value,
        "min": "any" if low is None else low,
        "max": "any" if high is None else high,
    }
    return _issue(field, "value_range", (mended,), **facts)


def _is_broken_link(value: Any) -> bool:
    """A link to a node that is not in the file; bare lists are links to the server."""
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and type(value[1]) is int


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"


def _listed(names: tuple[Any, ...]) -> str:
    return ", ".join(_short(name) for name in names[:SHOWN]) or "nothing there fits"


def _issue(field: Field, code: str, suggestions: tuple[Any, ...] = (), **facts: Any) -> Issue:
    return Issue(field.key, code, facts, suggestions=suggestions, message=Problem(code, **facts).message)


def _whole(code: str, **facts: Any) -> Issue:
    return Issue("", code, facts, message=Problem(code, **facts).message)
