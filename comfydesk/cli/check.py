"""`comfydesk check`: what a host would refuse, what costs money, what is odd; nothing is sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from comfydesk.base.errors import FAILED
from comfydesk.cli import sources, streams
from comfydesk.cli.options import host_options, login_from
from comfydesk.cli.report import lines_of, step_of, summary

if TYPE_CHECKING:
    from comfydesk.form.fields import Issue


@click.command()
@click.argument("workflow")
@host_options
@sources.object_info_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def check(
    context: click.Context,
    workflow: str,
    host: str | None,
    token_file: str | None,
    header_file: str | None,
    ca: str | None,
    pin: str | None,
    allow_plain_auth: bool,
    object_info: str | None,
    as_json: bool,
) -> int:
    """Tell what WORKFLOW lacks on a host: nodes with the packs that have them, models with the nearest names, values
    out of range; and what costs money or names places on somebody's computer. Nothing is sent or downloaded.

    Exit code 3 when something is missing or out of range.
    """
    from comfydesk.form.check import check as check_form
    from comfydesk.form.issue_groups import grouped
    from comfydesk.workflow.hints import hints_of

    login = login_from(token_file, header_file, ca, pin, allow_plain_auth)
    source = sources.find(context, workflow)
    known = sources.any_host(context, host, login, object_info)
    ready, known = sources.ready(context, source, known, login)
    issues = check_form(
        ready.made.graph,
        ready.form,
        {},
        ready.specs,
        known.name,
        hints=hints_of(source.gui),
        conversion=ready.made.conversion,
    )
    groups = grouped(issues, ready.form)
    if as_json:
        for issue in issues:
            print(json.dumps(_as_object(issue), ensure_ascii=False, default=str))
        counts = {name: sum(issue.severity == name for issue in issues) for name in ("error", "warning", "note")}
        print(
            json.dumps(
                {"type": "result", "ok": not counts["error"], "workflow": source.name, "host": known.name} | counts
            )
        )
    else:
        print(streams.plain(f"{source.name} on {known.name}: {summary(groups)}"))
        for line in lines_of(groups):
            print(streams.plain(line))
    return FAILED if any(issue.severity == "error" for issue in issues) else 0


def _as_object(issue: Issue) -> dict[str, Any]:
    """One issue as `--json` prints it."""
    return {
        "type": "issue",
        "severity": issue.severity,
        "code": issue.code,
        "key": issue.key or None,
        "message": issue.message,
        "next": step_of(issue),
        "suggestions": list(issue.suggestions),
        "facts": issue.facts,
    }
