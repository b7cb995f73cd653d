"""`comfydesk params`: what can be set in a workflow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from comfydesk.base.errors import Problem
from comfydesk.cli.options import Login, client_for, home_of, host_options, host_text, login_from
from comfydesk.form.build import build
from comfydesk.form.fields import Field, Kind
from comfydesk.library.library import Library
from comfydesk.workflow.parse import parse
from comfydesk.workflow.specs import Specs


@click.command()
@click.argument("workflows", nargs=-1, required=True, metavar="WORKFLOW...")
@host_options
@click.option(
    "--object-info",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Node specs from a saved /object_info instead of a host.",
)
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

    With a host that answers, ranges and choices are the host's; without one the form is made from the file alone.
    """
    home = home_of(context)
    library = Library(home)
    info: dict[str, Any] | None = None
    if object_info:
        info = _read_info(Path(object_info))
    elif text := host_text(host):
        info = _ask_host(context, text, login_from(token_file, header_file, ca, pin, allow_plain_auth))
    specs = Specs.from_object_info(info) if info else None
    for name in workflows:
        path = library.find(name)
        form = build(parse(path.read_bytes(), path.name), specs)
        if not as_json and len(workflows) > 1:
            print(f"{path.name}:")
        for field in form.fields:
            if field.kind is not Kind.LINK:
                print(json.dumps(as_object(field, name), default=str) if as_json else as_line(field))


def _read_info(file: Path) -> dict[str, Any]:
    try:
        data = json.loads(file.read_bytes())
    except OSError as exc:
        raise Problem("file_unreadable", file=file, detail=exc.strerror or str(exc)) from exc
    except ValueError as exc:
        raise Problem("workflow_json", file=file, detail=str(exc)) from exc
    if not isinstance(data, dict):
        raise Problem("usage", detail=f"{file} is not a saved /object_info")
    return data


def _ask_host(context: click.Context, text: str, login: Login) -> dict[str, Any]:
    from comfydesk.base.settings import SettingsStore
    from comfydesk.server.hosts import HostBook

    host = HostBook(SettingsStore(home_of(context).settings_file)).resolve(text)
    client = client_for(host, login)
    try:
        return dict(client.object_info())
    finally:
        client.close()


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
