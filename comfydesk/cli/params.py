"""`comfydesk params`: what can be set in a workflow."""

from __future__ import annotations

import json
from typing import Any

import click

from comfydesk.cli import sources, streams
from comfydesk.cli.options import host_options, login_from
from comfydesk.form.fields import Field, Kind


@click.command()
@click.argument("workflows", nargs=-1, required=True, metavar="WORKFLOW...")
@host_options
@sources.object_info_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def params(
    context: click.Context,
    workflows: tuple[str, ...],
    host: str | None,
    token_file: str | None,
    header_file: str | None,
    ca: str | None,
    pin: str | None,
    allow_plain_auth: bool,
    object_info: str | None,
    as_json: bool,
) -> None:
    """List what can be set in WORKFLOW: key, role, label, kind, default, range, choices.

    With a host that answers, ranges and choices are the host's; without one the form is made from the file alone. A
    workflow in the editor's format needs a host.
    """
    login = login_from(token_file, header_file, ca, pin, allow_plain_auth)
    known = sources.named_host(context, host, login, object_info)
    for name in workflows:
        source = sources.find(context, name)
        ready, known = sources.ready(context, source, known, login)
        if not as_json and len(workflows) > 1:
            print(streams.plain(f"{source.name}:"))
        for field in ready.form.fields:
            if field.kind is not Kind.LINK:
                line = json.dumps(as_object(field, name), default=str) if as_json else as_line(field)
                print(streams.plain(line))


def as_object(field: Field, workflow: str) -> dict[str, Any]:
    """One field as `--json` prints it."""
    data: dict[str, Any] = {
        "workflow": workflow,
        "key": field.key,
        "role": field.role.value,
        "label": field.label,
        "kind": field.kind.value,
        "value": field.value,
        "default": field.default,
        "min": field.min,
        "max": field.max,
        "step": field.step,
        "essential": field.essential,
        "advanced": field.advanced,
    }
    if field.choices_known and field.choices:
        data["choices"] = list(field.choices)
    return data


def as_line(field: Field) -> str:
    """One field for people: key, label, kind, value and what it may be."""
    parts = [f"{field.key:<24} {field.label:<22} {field.kind.value:<9} {_short(field.value)}"]
    if field.min is not None and field.max is not None and field.kind in (Kind.INT, Kind.FLOAT):
        parts.append(f"[{field.min}…{field.max}]")
    if field.choices_known and field.choices:
        shown = ", ".join(str(choice) for choice in field.choices[:6])
        parts.append(f"({shown}{', …' if len(field.choices) > 6 else ''})")
    return "  ".join(parts)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "…" + text[-1:]
