"""What commands read: a workflow out of any file or the library, and what the nodes of a host take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from comfydesk.base.errors import Problem
from comfydesk.cli.options import F, Login, client_for, home_of, host_text

if TYPE_CHECKING:
    from comfydesk.form.fields import Form
    from comfydesk.workflow.opening import Opened
    from comfydesk.workflow.source import Source
    from comfydesk.workflow.specs import Specs

DEFAULT_HOST = "127.0.0.1:8188"
MAX_INFO = 256 << 20  # bytes of a saved /object_info
UNREACHED = frozenset({"refused", "unreachable", "timeout", "reset", "dns", "not_comfyui"})


@dataclass(frozen=True, slots=True)
class Known:
    """What a host answered to /object_info, and what sentences call it. `info` None: no host was asked."""

    info: Mapping[str, Any] | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Ready:
    """A source with the form that a host's specs give it."""

    source: Source
    made: Opened
    form: Form
    specs: Specs | None


def object_info_option(command: F) -> F:
    """`--object-info FILE`, for work without a host."""
    return click.option(
        "--object-info",
        type=click.Path(dir_okay=False),
        metavar="FILE",
        help="Node specs from a saved /object_info instead of a host.",
    )(command)


def find(context: click.Context, name: str) -> Source:
    """Read a workflow file, a picture, video or sound that carries one, or a workflow of the library.

    Raises Problem workflow_unknown, and whatever is wrong with the file.
    """
    from comfydesk.library.library import Library
    from comfydesk.workflow import source

    return source.read(Library(home_of(context)).find(name))


def named_host(context: click.Context, host: str | None, login: Login, object_info: str | None) -> Known:
    """The specs of the host or file that the command names; nothing where it names none.

    Raises Problem host_…, refused and the like, or what is wrong with the file.
    """
    if object_info:
        return Known(_read_info(Path(object_info)), f"the host of {Path(object_info).name}")
    text = host_text(host)
    return ask_host(context, text, login) if text else Known()


def any_host(context: click.Context, host: str | None, login: Login, object_info: str | None) -> Known:
    """As `named_host`; where none is named, the default host, as for `run`."""
    known = named_host(context, host, login, object_info)
    return known if known.info is not None else ask_host(context, None, login)


def ask_host(context: click.Context, text: str | None, login: Login) -> Known:
    """Ask a host for its nodes; None: the default one. Raises Problem."""
    from comfydesk.base.settings import SettingsStore
    from comfydesk.server.hosts import HostBook

    book = HostBook(SettingsStore(home_of(context).settings_file))
    host = book.resolve(text) if text else book.default() or book.resolve(DEFAULT_HOST)
    client = client_for(host, login)
    try:
        return Known(dict(client.object_info()), host.name or host.url)
    finally:
        client.close()


def opened(context: click.Context, source: Source, known: Known, login: Login) -> tuple[Opened, Known]:
    """The graph in API format. A file that has only the editor's graph needs a host: the default one is asked then.

    Raises Problem specs_needed where there is none, and workflow_settings for another program's settings.
    """
    from comfydesk.workflow.opening import graph_of

    if source.gui is None and source.prompt is None:
        raise Problem("workflow_settings", file=source.name)
    made = graph_of(source, known.info)
    if made.needs_host:
        try:
            known = ask_host(context, None, login)
        except Problem as problem:
            if problem.code in UNREACHED:
                raise Problem("specs_needed", file=source.name, details=problem.message) from problem
            raise
        made = graph_of(source, known.info)
    return made, known


def ready(context: click.Context, source: Source, known: Known, login: Login) -> tuple[Ready, Known]:
    """A source with its form. Raises Problem as `opened` does."""
    from comfydesk.form import authors
    from comfydesk.form.build import build
    from comfydesk.workflow.specs import Specs

    made, known = opened(context, source, known, login)
    specs = Specs.from_object_info(known.info) if known.info is not None else None
    return Ready(source, made, build(made.graph, specs, *authors.choices_of(source, made)), specs), known


def _read_info(file: Path) -> Mapping[str, Any]:
    import json

    try:
        if file.stat().st_size > MAX_INFO:
            raise Problem("usage", detail=f"{file} is too large for a saved /object_info")
        data = json.loads(file.read_bytes())
    except OSError as exc:
        raise Problem("file_unreadable", file=file, detail=exc.strerror or str(exc)) from exc
    except (ValueError, RecursionError) as exc:
        raise Problem("usage", detail=f"{file} is not a saved /object_info ({exc})") from exc
    if not isinstance(data, dict) or not any(isinstance(item, dict) and "input" in item for item in data.values()):
        raise Problem("usage", detail=f"{file} is not a saved /object_info")
    return data
