"""What the server shall write into the files of a job beside the prompt: the editor's graph with the values used.

Blocking, on a lane: a graph of a megabyte takes 50 ms.
"""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from comfydesk.base.errors import Problem
from comfydesk.jobs.model import MAX_EDITOR_GRAPH, EditorGraph, JobRequest
from comfydesk.jobs.record import Attempt
from comfydesk.server.types import AmbiguousError, Submitted

if TYPE_CHECKING:
    from comfydesk.server.client import ServerClient

TOO_LARGE = 413
HEAVY = 512 << 10  # bytes; with the prompt this may be over a proxy's usual limit of 1 MiB

log = logging.getLogger(__name__)


def send(
    client: ServerClient, request: JobRequest, attempt: Attempt, plain: set[str], *, previews: bool, front: bool
) -> Submitted:
    """POST a job with what goes into its files. Raises as `ServerClient.submit`.

    `plain`: prompt ids that go without the editor's graph. One is added where something on the way refused the size
    (S29), or may have: the picture matters more.
    """

    def post() -> Submitted:
        return client.submit(
            request.prompt,
            prompt_id=attempt.prompt_id,
            client_id=attempt.client_id,
            extra_data=extra,
            front=front,
            partial_execution_targets=list(request.targets) or None,
        )

    extra = extra_data(request, previews=previews, plain=attempt.prompt_id in plain)
    try:
        return post()
    except AmbiguousError:
        if len(json.dumps(extra)) > HEAVY:
            plain.add(attempt.prompt_id)
        raise
    except Problem as problem:
        if problem.facts.get("status") != TOO_LARGE or "extra_pnginfo" not in (extra or {}):
            raise
    log.info("%s takes no request of this size: the job goes without its workflow", client.url)
    plain.add(attempt.prompt_id)
    extra = extra_data(request, previews=previews, plain=True)
    return post()


def extra_data(request: JobRequest, *, previews: bool, plain: bool = False) -> dict[str, Any] | None:
    """`extra_data` of the POST, None where there is none; `plain`: without the editor's graph.

    It is public and baked into files (S33): nothing but the workflow goes in.
    """
    made: dict[str, Any] = {"preview_method": "auto"} if previews else {}
    editor = None if plain else request.editor
    if editor is not None and (graph := workflow(editor, request.prompt)) is not None:
        made["extra_pnginfo"] = {"workflow": graph}
    return made or None


def workflow(editor: EditorGraph, prompt: Mapping[str, Any]) -> dict[str, Any] | None:
    """The editor's graph with the prompt's values in its widgets; None where that fails: a picture matters more."""
    from comfydesk.workflow import conversion

    try:
        graph, places = _read(editor)
        written: dict[str, Any] = conversion.write_back(graph, places, prompt)
        size = len(json.dumps(written, allow_nan=False, separators=(",", ":")))
    except Exception:
        log.warning("the files of a job go without their workflow", exc_info=True)
        return None
    if size > MAX_EDITOR_GRAPH:
        log.info("the files of a job go without their workflow: %d bytes", size)
        return None
    return written


@functools.lru_cache(maxsize=2)
def _read(editor: EditorGraph) -> tuple[dict[str, Any], Any]:
    """Graph and places of a stored graph: read once for the jobs that share it."""
    from comfydesk.workflow import conversion

    graph, places = editor.read()
    return graph, conversion.places_from_json(places)
