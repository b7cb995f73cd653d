"""`comfydesk info`: what a file carries and what made it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from comfydesk.base.errors import MISSING, Problem
from comfydesk.cli import sources, streams

if TYPE_CHECKING:
    from comfydesk.workflow.source import Source

NOTHING = frozenset({"workflow_none", "workflow_json", "workflow_not"})


@click.command()
@click.argument("media", nargs=-1, required=True, metavar="MEDIA...")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def info(context: click.Context, media: tuple[str, ...], as_json: bool) -> int:
    """Print the prompt, seed and settings that a picture, video, sound, latent or workflow file carries. No host is
    asked; pixels are never decoded.
    """
    code = 0
    for name in media:
        facts = _facts(context, name)
        if as_json:
            print(json.dumps(facts, ensure_ascii=False, default=str))
        else:
            _print(facts, named=len(media) > 1)
        if not facts["has_workflow"]:
            code = MISSING
    return code


def _facts(context: click.Context, name: str) -> dict[str, Any]:
    """What `--json` prints. `params` by label and key; `prompt` and `workflow` as they are in the file."""
    facts: dict[str, Any] = {"file": name, "has_workflow": False, "params": {}}
    if Path(name).is_file():
        facts["bytes"] = Path(name).stat().st_size
    try:
        source = sources.find(context, name)
    except Problem as problem:
        if problem.code not in NOTHING:
            raise
        return facts | {"warnings": [problem.message]}
    facts |= {"has_workflow": True, "carrier": source.carrier, "warnings": list(source.warnings)}
    if source.parameters is not None:
        given = source.parameters
        facts["parameters"] = {"prompt": given.prompt, "negative": given.negative, "settings": dict(given.settings)}
    if source.prompt is not None:
        facts |= {"prompt": source.prompt, "params": _params(source)}
    if source.gui is not None:
        facts |= {"workflow": source.gui, "needs": _needs(source.gui)}
    return facts


def _params(source: Source) -> dict[str, Any]:
    from comfydesk.form.build import build
    from comfydesk.form.fields import Kind
    from comfydesk.workflow.parse import from_prompt

    form = build(from_prompt(source.prompt or {}, source.name), None)
    return {f"{field.label} ({field.key})": field.value for field in form.fields if field.kind is not Kind.LINK}


def _needs(graph: Any) -> dict[str, Any]:
    """What a graph of the editor tells about itself: its nodes, the packs and the models that it names."""
    from comfydesk.workflow.conversion import classes_of
    from comfydesk.workflow.hints import hints_of

    hints = hints_of(graph)
    packs = {pack.name: pack.url for pack in hints.packs.values() if not pack.is_core}
    models = [{"name": m.name, "url": m.url, "directory": m.directory} for m in hints.models.values()]
    return {"nodes": sorted(classes_of(graph)), "packs": packs, "models": models}


def _print(facts: dict[str, Any], *, named: bool) -> None:
    if named:
        _say(f"{facts['file']}:")
    if not facts["has_workflow"]:
        print("This file carries no ComfyUI workflow; the program that wrote or copied it left it out.")
        return
    for label, value in facts["params"].items():
        _say(f"{label:<40} {json.dumps(value, ensure_ascii=False, default=str)}")
    if "parameters" in facts:
        _print_parameters(facts["parameters"])
    if "needs" in facts and not facts["params"]:
        _print_needs(facts["needs"])
    for sentence in facts["warnings"]:
        streams.say(streams.plain(f"comfydesk: {sentence}"))


def _print_parameters(given: dict[str, Any]) -> None:
    """As the programs that write such texts lay them out."""
    for line in given["prompt"].splitlines():
        _say(line)
    if given["negative"]:
        for line in f"Negative prompt: {given['negative']}".splitlines():
            _say(line)
    if given["settings"]:
        _say(", ".join(f"{name}: {value}" for name, value in given["settings"].items()))


def _print_needs(needs: dict[str, Any]) -> None:
    _say(f"A workflow of ComfyUI's editor with {len(needs['nodes'])} kinds of nodes: {', '.join(needs['nodes'])}")
    for name, url in needs["packs"].items():
        _say(f"Node pack {name}: {url}")
    for model in needs["models"]:
        _say(f"Model {model['directory']}/{model['name']}: {model['url']}")
    _say("`comfydesk params --host HOST` lists what can be set in it.")


def _say(line: str) -> None:
    print(streams.plain(line))
