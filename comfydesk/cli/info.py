"""`comfydesk info`: what made this file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from comfydesk.base.errors import MISSING, Problem


@click.command()
@click.argument("media", nargs=-1, required=True, metavar="MEDIA...")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def info(media: tuple[str, ...], as_json: bool) -> int:
    """Print the prompt, seed and settings that a picture, video or sound carries. The pixels are never decoded."""
    code = 0
    for name in media:
        facts = _facts(Path(name))
        if as_json:
            print(json.dumps(facts, ensure_ascii=False, default=str))
        else:
            _print(facts, named=len(media) > 1)
        if not facts["has_workflow"]:
            code = MISSING
    return code


def _facts(file: Path) -> dict[str, Any]:
    from comfydesk.form.build import build
    from comfydesk.form.fields import Kind
    from comfydesk.workflow.media import metadata
    from comfydesk.workflow.parse import parse

    if not file.is_file():
        raise Problem("file_missing", file=file)
    found = metadata.read(file)
    facts: dict[str, Any] = {"file": str(file), "bytes": file.stat().st_size, "has_workflow": False, "params": {}}
    if found.parameters:
        facts["parameters"] = found.parameters
        facts["has_workflow"] = True
    if found.prompt is not None:
        facts["has_workflow"] = True
        facts["prompt"] = found.prompt
        form = build(parse(json.dumps(found.prompt).encode(), file.name), None)
        facts["params"] = {
            f"{field.label} ({field.key})": field.value for field in form.fields if field.kind is not Kind.LINK
        }
    if found.workflow is not None:
        facts["workflow"] = found.workflow
    return facts


def _print(facts: dict[str, Any], *, named: bool) -> None:
    if named:
        print(f"{facts['file']}:")
    if not facts["has_workflow"]:
        print("This file carries no ComfyUI workflow; the program that wrote or copied it left it out.")
        return
    for label, value in facts["params"].items():
        print(f"{label:<40} {json.dumps(value, ensure_ascii=False, default=str)}")
    if facts.get("parameters"):
        print(facts["parameters"])
