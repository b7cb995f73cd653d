"""`comfydesk convert`: the API JSON of a workflow in any format."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from comfydesk.base.errors import Problem
from comfydesk.cli import sources, streams
from comfydesk.cli.options import host_options, login_from
from comfydesk.library import files

if TYPE_CHECKING:
    from comfydesk.workflow.opening import Opened

# Old promises of subgraphs that nothing depends on; half of the older files hold some.
UNSAID = frozenset({"promotion_failed"})


@click.command()
@click.argument("source")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write it there. [default: print]"
)
@host_options
@sources.object_info_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object: the prompt and the warnings.")
@click.pass_context
def convert(
    context: click.Context,
    source: str,
    output: str | None,
    host: str | None,
    token_file: str | None,
    header_file: str | None,
    ca: str | None,
    pin: str | None,
    allow_plain_auth: bool,
    object_info: str | None,
    as_json: bool,
) -> None:
    """Give the API JSON of SOURCE: a workflow as ComfyUI's editor saves it, or a picture, video, sound or latent that
    carries one.

    A host or a saved /object_info tells what the nodes take. Without either, a prompt that the file itself carries is
    given as it is. What was odd is said on standard error.
    """
    login = login_from(token_file, header_file, ca, pin, allow_plain_auth)
    found = sources.find(context, source)
    named = sources.named_host(context, host, login, object_info)
    made, known = sources.opened(context, found, named, login)
    prompt = dict(made.conversion.prompt) if made.conversion is not None else made.graph.to_prompt()
    warnings = _warnings(made)
    if made.conversion is None and found.gui is not None:
        warnings.insert(
            0, {"code": "own_prompt", "message": f"{found.name} carries its own prompt; it is given as it is."}
        )
    elif named.info is None and known.info is not None:
        streams.say(f"comfydesk: converted with the nodes of {known.name}")
    for warning in warnings:
        if warning["code"] not in UNSAID:
            streams.say(streams.plain(f"comfydesk: {warning['message']}"))
    prompt = _finite(prompt)
    if output:
        _write(Path(output), prompt)
    if as_json:
        facts: dict[str, Any] = {"type": "result", "ok": True, "file": output, "nodes": len(prompt)}
        print(json.dumps(facts | {"warnings": warnings} | ({} if output else {"prompt": prompt}), ensure_ascii=False))
    else:
        print(output or json.dumps(prompt, indent=2, ensure_ascii=False))


def _warnings(made: Opened) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = [{"code": "file_note", "message": sentence} for sentence in made.graph.warnings]
    notes = made.conversion.warnings if made.conversion is not None else ()
    return said + [{"code": note.code, "message": note.sentence, "facts": dict(note.facts)} for note in notes]


def _write(file: Path, prompt: dict[str, Any]) -> None:
    """Written whole or not at all; what is no plain file (a device, a pipe, a link) is written to and stays that."""
    data = (json.dumps(prompt, indent=2, ensure_ascii=False) + "\n").encode("utf-8", "replace")
    if file.is_symlink() or (file.exists() and not file.is_file()):
        try:
            file.write_bytes(data)
        except OSError as exc:
            raise Problem("disk_write", folder=file.parent, detail=exc.strerror or str(exc)) from exc
    elif not file.parent.is_dir():
        raise Problem("disk_write", folder=file.parent, detail="there is no such folder")
    else:
        files.write(file, data)


def _finite(value: Any) -> Any:
    """NaN and infinities become null, as ComfyUI's page writes them: JSON has no words for them."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return {key: _finite(item) for key, item in value.items()} if isinstance(value, dict) else value
